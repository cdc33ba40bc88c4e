"""Levering: what an operator sees, and what they may do about a message that did not get through."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from courseplatform.outbox.models import Claim, IncomingMail, Message, Pulse, Relay
from courseplatform.outbox.operating.deciding import AT_ONCE, give_up, masked, try_again
from courseplatform.outbox.operating.delivery_state import in_need
from courseplatform.outbox.sending.batches import send_due
from courseplatform.people.models import AuditEvent, User
from tests.factories import EnrolmentFactory, MessageFactory, RoleFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 10, 27, 9, tzinfo=UTC)  # a Tuesday
PAGE, AGAIN, GIVE_UP = "/support/levering/", "/support/levering/igen/", "/support/levering/opgiv/"


@pytest.fixture
def operator():
    return UserFactory(is_staff=True, is_superuser=True, display_name="Systemadministrator")


@pytest.fixture
def desk(client, operator):
    client.force_login(operator)
    with time_machine.travel(NOW, tick=False):
        yield client


def needy(**fields):
    usual = {"state": "held", "reason": "refused", "tries": 2, "crashes": 1, "due_at": NOW - timedelta(hours=3)}
    return MessageFactory(**usual | fields)


def words(response):
    return " ".join(response.content.decode().split())


# --- Who -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("fields", [{"is_staff": True}, {"is_superuser": True}, {}])
def test_only_who_may_change_messages_at_the_desk_finds_the_page(client, fields):
    message = needy()
    person = UserFactory(**fields)
    RoleFactory(person=person)
    client.force_login(person)

    assert client.get(PAGE).status_code == 404
    for address in (AGAIN, GIVE_UP):
        assert client.post(address, {"message": message.pk}).status_code == 404
    message.refresh_from_db()
    assert message.state == "held"


# --- What it shows ---------------------------------------------------------------------------------------------------
def test_the_state_of_the_delivery_stands_on_one_page(desk):
    Pulse.objects.create(
        planned_at=NOW - timedelta(seconds=40), dispatched_at=NOW - timedelta(minutes=7),
        stopped_at=NOW - timedelta(hours=1), stopped_because="restored",
    )  # fmt: skip
    MessageFactory(priority=0, due_at=NOW - timedelta(minutes=6))
    Relay.objects.create(name="smtp.example:25", failures=3, open_until=NOW + timedelta(minutes=5))
    Relay.objects.create(name="well.example:25")
    Claim.objects.create(worker="host:4711", made_at=NOW, lease_until=NOW + timedelta(minutes=2))
    for number in range(2):
        IncomingMail.objects.create(fingerprint=str(number), kind="bounce", outcome="unknown token", received_at=NOW)
    IncomingMail.objects.create(fingerprint="old", kind="other", outcome="long ago", received_at=NOW - timedelta(8))

    text = words(desk.get(PAGE))

    assert "Der er ikke sendt noget siden tirsdag den 27." in text
    assert '<td>Planlægning</td><td class="num">40 sekunder</td>' in text
    assert '<td>Afsendelse</td><td class="num">7 minutter</td>' in text
    assert '<td>Oprydning</td><td class="num">aldrig</td>' in text
    assert "For sent" in text
    assert "svigtede 3 gange i træk, får ro til 10.05" in text
    assert "host:4711" in text
    assert "unknown token" in text
    assert "long ago" not in text


def test_a_message_is_shown_by_number_and_half_an_address_and_says_why(desk):
    message = needy(reply_code=550, reply_enhanced="5.7.1", maybe_sent=True)

    text = words(desk.get(PAGE))

    assert str(message.pk) in text
    assert "l…@fjordby.example" in text
    assert "Mailserveren afviste mailen." in text
    assert "(550 5.7.1)" in text
    assert "Den er måske allerede sendt." in text
    for secret in (message.person.email, message.person.display_name, message.enrolment.cohort.name):
        assert secret not in text


def test_an_empty_desk_says_so(desk):
    text = words(desk.get(PAGE))

    for sentence in (
        "Der er ikke planlagt nogen beskeder.",
        "Intet venter på en beslutning",
        "Der er ikke kommet noget ind.",
    ):
        assert sentence in text


@pytest.mark.parametrize("messages", [1, 30])
def test_the_page_asks_the_database_seventeen_times(desk, messages, django_assert_num_queries):
    for _ in range(messages):
        needy()
    desk.get(PAGE)  # that this session has been seen is written down now and then

    with django_assert_num_queries(17):
        desk.get(PAGE)


# --- Trying again ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["held", "failed"])
def test_a_message_tried_again_is_due_now_as_if_never_tried_and_keeps_its_message_id(desk, state):
    message = needy(state=state, reply_code=550, generation=2)
    known_as = message.message_id

    assert desk.post(AGAIN, {"message": message.pk}).url == PAGE

    message.refresh_from_db()
    assert (message.state, message.reason, message.due_at) == ("due", "", NOW)
    assert (message.tries, message.crashes, message.reply_code) == (0, 0, None)
    assert message.message_id == known_as


def test_it_then_goes_out(desk, mailoutbox):
    message = needy(kind="welcome", template="welcome")
    desk.post(AGAIN, {"message": message.pk})

    send_due(NOW)

    assert [mail.to for mail in mailoutbox] == [[message.person.email]]


def test_what_may_have_gone_out_is_asked_about_first(desk):
    message = needy(maybe_sent=True, reason="crashes")

    warning = desk.post(AGAIN, {"message": message.pk})
    message.refresh_from_db()
    assert (warning.status_code, message.state) == (200, "held")
    assert "kan den komme to gange" in words(warning)

    desk.post(AGAIN, {"message": message.pk, "even_twice": "yes"})
    message.refresh_from_db()
    assert (message.state, message.maybe_sent) == ("due", True)


def test_a_whole_pile_is_tried_again_but_for_the_doubtful_and_the_late(desk):
    clear = [needy() for _ in range(3)]
    left = [needy(maybe_sent=True), needy(expires_at=NOW), needy(reason="crashes"), needy(state="failed")]

    pile = {"state": "held", "reason": "refused"}
    asked = words(desk.post(AGAIN, pile))
    assert not Message.objects.filter(state="due").exists()
    assert "<strong>3 beskeder</strong>" in asked
    assert "2 mere får lov at ligge" in asked
    page = desk.post(AGAIN, pile | {"number": "3"}, follow=True)

    assert {one.pk for one in Message.objects.filter(state="due")} == {one.pk for one in clear}
    assert in_need().count() == len(left)
    assert "3 beskeder bliver prøvet igen." in words(page)


@pytest.mark.parametrize("lost", [{"undeliverable_since": NOW}, {"email": ""}])
def test_what_could_not_be_delivered_stays_here_until_the_address_is_corrected(desk, operator, mailoutbox, lost):
    message = needy(state="failed", reason="undeliverable")
    address = message.person.email
    User.objects.filter(pk=message.person_id).update(**lost)
    for pressed in ({"state": "failed", "reason": "undeliverable"}, {"message": message.pk, "even_twice": "yes"}):
        assert "en adresse, der ikke tager imod mail, skal rettes først" in words(
            desk.post(AGAIN, pressed, follow=True)
        )
    assert in_need().get() == message

    User.objects.filter(pk=message.person_id).update(undeliverable_since=None, email=address)
    assert try_again(in_need(), operator, NOW) == 1
    send_due(NOW)
    assert [mail.to for mail in mailoutbox] == [[address]]


def test_a_second_click_changes_nothing(operator):
    message = needy()
    every = Message.objects.filter(pk=message.pk)

    assert (try_again(every, operator, NOW), try_again(every, operator, NOW), give_up(every, operator, NOW)) == (
        1,
        0,
        0,
    )
    assert AuditEvent.objects.count() == 1


@pytest.mark.parametrize("state", ["due", "claimed", "sent", "bounced", "suppressed", "cancelled", "merged"])
def test_a_message_in_any_other_state_is_left_alone(desk, state):
    message = MessageFactory(state=state)

    for address in (AGAIN, GIVE_UP):
        desk.post(address, {"message": message.pk, "even_twice": "yes"})
        desk.post(address, {"state": state, "reason": ""})

    message.refresh_from_db()
    assert message.state == state


@pytest.mark.parametrize("nonsense", ["", "x", "\x00"])
def test_nonsense_is_not_found(desk, nonsense):
    assert desk.post(AGAIN, {"message": nonsense}).status_code == 404


# --- Giving up -------------------------------------------------------------------------------------------------------
def test_a_whole_pile_is_given_up_only_after_the_page_has_said_what_it_is(desk):
    somebody = EnrolmentFactory()
    for kind in ("prompt", "prompt", "reminder"):
        needy(enrolment=somebody, kind=kind)
    needy(enrolment=EnrolmentFactory(cohort=somebody.cohort))
    needy(reason="crashes")
    pile = {"state": "held", "reason": "refused"}

    asked = words(desk.post(GIVE_UP, pile))

    assert in_need().count() == 5
    for said in ("<strong>4 beskeder</strong>", "De er til 2 personer.", "<li>Spørgsmål: 3</li>", "påmindelse: 1</li>"):
        assert said.casefold() in asked.casefold()
    desk.post(GIVE_UP, pile | {"number": "4"})
    assert in_need().values_list("reason", flat=True).get() == "crashes"


def test_a_pile_that_has_grown_since_is_asked_about_again(desk):
    needy()
    pile = {"state": "held", "reason": "refused"}
    desk.post(GIVE_UP, pile)
    needy()

    asked = words(desk.post(GIVE_UP, pile | {"number": "1"}))

    assert "<strong>2 beskeder</strong>" in asked
    assert in_need().count() == 2


def test_giving_up_is_final_and_says_why(desk):
    message = needy(maybe_sent=True, expires_at=NOW)

    desk.post(GIVE_UP, {"message": message.pk})

    message.refresh_from_db()
    assert (message.state, message.reason) == ("suppressed", "given_up")


def test_both_are_written_down_for_the_person_in_their_language(desk, operator):
    message = needy(enrolment=EnrolmentFactory(person__language="en"))
    desk.post(AGAIN, {"message": message.pk})
    Message.objects.update(state="failed")
    desk.post(GIVE_UP, {"message": message.pk})

    events = AuditEvent.objects.order_by("pk").values_list("action", "actor", "about", "object_id", "purpose")
    who = (operator.pk, message.person_id, str(message.pk))
    assert list(events) == [
        ("retry_message", *who, "Had a message to you tried again that had not got through."),
        ("give_up_message", *who, "Gave up a message to you that could not be delivered."),
    ]


def test_a_thousand_are_decided_with_a_handful_of_statements(operator, django_assert_num_queries):
    for number in range(30):
        needy(occurrence_key=f"{number}:0:x:0")

    with django_assert_num_queries(5):  # a savepoint around three
        assert give_up(Message.objects.all(), operator, NOW) == 30
    assert AT_ONCE == 1000


@pytest.mark.parametrize(
    ("address", "shown"), [("anne@fjordby.example", "a…@fjordby.example"), ("", "…"), ("å@x.example", "å…@x.example")]
)
def test_half_an_address_tells_whose_mail_server_it_is(address, shown):
    assert masked(address) == shown
