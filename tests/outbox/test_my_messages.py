"""“What you are sent and when”: the reader's own messages, the same days as the planner's, and nobody else's."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import override

from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.planning.preview import preview
from courseplatform.outbox.reading.my_messages import coming
from courseplatform.outbox.reading.reasons import SENTENCES, TO_THEMSELVES, sentence_to_you
from courseplatform.people.models import NotificationPreference
from tests.factories import CohortFactory, EnrolmentFactory, MessageFactory, UserFactory, WorkshopFactory
from tests.outbox.test_preview import AUGUST, anne, cohort  # noqa: F401
from worker.ticks import whole_pass

pytestmark = pytest.mark.django_db
ADDRESS = "/min-side/beskeder/"
SEPTEMBER = datetime(2026, 9, 21, 12, tzinfo=UTC)  # a Monday


def page(client, person, at=SEPTEMBER, *, number=1, **query):
    with time_machine.travel(at, tick=False):
        client.force_login(person)
        return " ".join(client.get(ADDRESS, {"page": number, **query}).content.decode().split())


def weekly(person, digest_day=1):
    return NotificationPreference.objects.create(person=person, digest="weekly", digest_day=digest_day)


# --- What comes ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_weekly", [False, True])
@pytest.mark.parametrize("has_rows", [False, True])
def test_the_days_are_those_of_the_preview(cohort, anne, is_weekly, has_rows):  # noqa: F811
    if is_weekly:
        weekly(anne.person)
    if has_rows:
        plan(SEPTEMBER)
    promised = {
        one.due_at
        for one in preview(cohort, SEPTEMBER, email=anne.person.email)
        if one.state in ("planned", "due") and one.channel == "email"
    }
    goes = [mail.at for mail in coming(anne.person, SEPTEMBER, most=None) if not any(line.why for line in mail.lines)]
    assert goes == sorted(promised)


def test_a_mail_is_named_as_it_will_be(client, cohort, anne):  # noqa: F811
    text = page(client, anne.person)
    assert "fredag den 25. september" in text
    assert "Onsdag den 30. september: Din læringsgruppe mødes" in text


def test_a_weekly_mail_is_one_day_with_all_it_holds(client, cohort, anne):  # noqa: F811
    weekly(anne.person)
    (mail,) = [one for one in coming(anne.person, AUGUST) if one.at.date() == date(2026, 9, 1)]
    assert [line.is_follow_up for line in mail.lines] == [False, False, True]


def test_a_follow_up_is_said_to_depend_on_an_answer(client, cohort, anne):  # noqa: F811
    assert "Kun hvis du ikke har svaret inden da." in page(client, anne.person)


def test_a_line_manager_sees_their_own_and_none_of_the_participants(client, cohort, anne):  # noqa: F811
    chief = anne.person.line_manager
    (first, *others) = coming(chief, AUGUST)
    assert first.at.date() == date(2026, 9, 1)
    assert {line.subject for mail in (first, *others) for line in mail.lines} == {
        f"En samtale med {anne.person.display_name}"
    }


def test_who_is_on_no_cohort_is_sent_nothing(client):
    text = page(client, UserFactory())
    assert "Der er ikke planlagt noget til dig lige nu." in text
    assert "Du har ikke fået en mail fra os endnu." in text


# --- What came, and what did not -------------------------------------------------------------------------------------
def test_what_arrived_together_stands_together_and_leads_to_its_pages(client):
    lead = MessageFactory(state="sent", sent_at=datetime(2026, 9, 15, 6, 31, tzinfo=UTC), template="p-w1-after")
    other = MessageFactory(
        enrolment=lead.enrolment,
        state="merged",
        merged_into=lead,
        sent_at=lead.sent_at,
        kind="conversation",
        template="p-sponsor-mid",
    )
    text = page(client, lead.person)
    assert text.count("tirsdag den 15. september") == 1
    assert all(f'href="{reverse("message", args=[one.pk])}"' in text for one in (lead, other))


def test_what_is_past_stands_newest_first_twenty_on_a_page(client):
    enrolment = EnrolmentFactory()
    for day in range(1, 31):
        MessageFactory(enrolment=enrolment, state="sent", sent_at=datetime(2026, 8, day, 8, tzinfo=UTC))
    first, second = page(client, enrolment.person), page(client, enrolment.person, number=2)
    for text, days in ((first, range(30, 10, -1)), (second, range(10, 0, -1))):
        places = [text.index(f" den {day}. august") for day in days]
        assert places == sorted(places)
    assert "den 10. august" not in first
    assert "den 11. august" not in second


@pytest.mark.parametrize(
    ("state", "reason"),
    [("suppressed", "cap"), ("suppressed", "paused"), ("failed", "soft"), ("suppressed", "given_up")],
)
@pytest.mark.parametrize("days", [-1, 1])
def test_what_did_not_come_or_will_not_says_why_to_the_reader(client, state, reason, days):
    message = MessageFactory(state=state, reason=reason, due_at=SEPTEMBER + timedelta(days=days))
    text = page(client, message.person)
    told = text.index(sentence_to_you(reason))
    assert (told < text.index("Indtil nu")) == (days > 0)


def test_a_mail_that_came_back_says_so(client):
    message = MessageFactory(state="bounced", sent_at=SEPTEMBER - timedelta(days=1))
    assert sentence_to_you("undeliverable") in page(client, message.person)


def test_what_came_back_together_stands_together(client):
    came_back = {"state": "bounced", "reason": "undeliverable", "sent_at": datetime(2026, 9, 15, 6, 31, tzinfo=UTC)}
    lead = MessageFactory(template="p-w1-after", **came_back)
    MessageFactory(enrolment=lead.enrolment, template="p-a1-courage", merged_into=lead, **came_back)
    text = page(client, lead.person)
    assert text.count("tirsdag den 15. september") == 1
    assert text.count(sentence_to_you("undeliverable")) == 2


@pytest.mark.parametrize("reason", ["answered", "replaced"])
def test_what_is_done_already_is_not_a_loss(client, reason):
    message = MessageFactory(state="suppressed", reason=reason, due_at=SEPTEMBER - timedelta(days=1))
    text = page(client, message.person)
    assert sentence_to_you(reason) not in text
    assert "Du har ikke fået en mail fra os endnu." in text


def test_all_that_is_planned_is_one_click_away(client, cohort, anne):  # noqa: F811
    text = page(client, anne.person)
    assert 'href="?alle=ja"' in text
    everything = page(client, anne.person, alle="ja")
    assert 'href="?alle=ja"' not in everything
    assert everything.count('<span class="d">') == len(coming(anne.person, SEPTEMBER, most=None)) > 20


def test_nobody_sees_the_messages_of_another(client):
    enrolment = EnrolmentFactory(person=UserFactory(line_manager=UserFactory(), display_name="Plejehjemsleder"))
    sent = MessageFactory(enrolment=enrolment, state="sent", sent_at=SEPTEMBER - timedelta(days=3))
    held = MessageFactory(enrolment=enrolment, state="suppressed", reason="cap", due_at=SEPTEMBER)
    peer = EnrolmentFactory(cohort=enrolment.cohort).person
    for stranger in (peer, enrolment.person.line_manager, enrolment.cohort.owner_hr):
        text = page(client, stranger)
        assert str(sent.pk) not in text
        assert sentence_to_you(held.reason) not in text
    assert str(sent.pk) in page(client, enrolment.person)


def test_looking_saves_nothing(client, cohort, anne):  # noqa: F811
    page(client, anne.person)
    assert Message.objects.count() == 0
    assert not NotificationPreference.objects.exists()


def test_signing_in_comes_first(client):
    assert client.get(ADDRESS).url == f"{reverse('account_login')}?next={ADDRESS}"


@pytest.mark.parametrize("size", [1, 6])
def test_the_page_asks_the_database_seventeen_times(client, size, django_assert_num_queries, cohort, anne):  # noqa: F811
    for _ in range(size):
        EnrolmentFactory(cohort=cohort, person=UserFactory(line_manager=anne.person))
        another = EnrolmentFactory(person=anne.person, cohort=CohortFactory(name=f"Hold {_}"))
        WorkshopFactory(cohort=another.cohort)
        lead = MessageFactory(enrolment=anne, state="sent", sent_at=SEPTEMBER)
        MessageFactory(enrolment=anne, state="merged", merged_into=lead, sent_at=SEPTEMBER)
        MessageFactory(enrolment=anne, state="suppressed", reason="cap")
    page(client, anne.person)  # the version is read once and kept
    with time_machine.travel(SEPTEMBER, tick=False), django_assert_num_queries(17):
        client.get(ADDRESS)


# --- The promise -----------------------------------------------------------------------------------------------------
def test_weeks_of_passes_send_a_weekly_person_what_the_page_said(cohort, anne, mailoutbox):  # noqa: F811
    """What the preview says of weekly mail is what arrives: one mail a Tuesday, to the minute."""
    weekly(anne.person)
    start = datetime(2026, 8, 31, 4, tzinfo=UTC)
    promised = {
        one.occurrence_key: one.due_at
        for one in preview(cohort, start, email=anne.person.email)
        if one.state == "planned" and one.channel == "email" and one.due_at < datetime(2026, 10, 7, tzinfo=UTC)
    }
    told = [mail.at for mail in coming(anne.person, start)]
    for day in (date(2026, 8, 31) + timedelta(days=n) for n in range(37)):  # then open questions are talked about
        if day.weekday() < 5:
            whole_pass(datetime(day.year, day.month, day.day, 6, 31, tzinfo=UTC))
    rows = Message.objects.filter(person=anne.person, channel="email", state__in=["sent", "merged"])
    assert {one.occurrence_key: one.due_at for one in rows} == promised
    mails = [mail for mail in mailoutbox if mail.to == [anne.person.email] and "calendar" not in str(mail.alternatives)]
    assert sorted({at.weekday() for at in told}) == [1]
    assert [mail.extra_headers["Date"][:16] for mail in mails] == [f"{at:%a, %d %b %Y}" for at in told]
    together = [mail for mail in mails if "Her er din uge: " in mail.body]
    assert len(together) == sum(1 for at in told if list(promised.values()).count(at) > 1) > 1


def test_giving_up_the_weekly_mail_moves_what_waits(cohort, anne):  # noqa: F811
    wishes = weekly(anne.person, digest_day=3)
    now = datetime(2026, 8, 7, 12, tzinfo=UTC)
    plan(now)
    survey = Message.objects.get(template="p-pre-survey")
    assert f"{survey.local_at:%a %d %b}" == "Thu 13 Aug"
    wishes.digest = "off"
    wishes.save()
    plan(now)
    survey.refresh_from_db()
    assert f"{survey.local_at:%a %d %b}" == "Mon 10 Aug"


# --- Reasons ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("word", SENTENCES)
def test_no_reason_calls_its_reader_this_person(word):
    said = {}
    for language, wrong in (("da", "person"), ("en", "this person")):
        with override(language):
            said[language] = sentence_to_you(word)
        if word != "welcome":  # such a message is sent, inside the welcome
            assert wrong not in said[language].lower()
    assert said["da"] != said["en"]
    assert set(TO_THEMSELVES) <= set(SENTENCES)
