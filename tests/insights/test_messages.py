"""Beskeder for HR: every message with when, to whom and why, and nothing that tells what the person did."""

import csv
import io
import re
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from courseplatform.insights.ledger.reading import OPEN_REASONS, SHELVES, shown
from courseplatform.insights.ledger.search import Search
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import plan
from courseplatform.outbox.planning.preview import preview
from courseplatform.outbox.reading.reasons import SENTENCES
from courseplatform.people.models import AuditEvent
from tests.factories import EnrolmentFactory, MessageFactory, UserFactory
from tests.insights.conftest import TUESDAY

pytestmark = pytest.mark.django_db
BEFORE, AFTER = TUESDAY - timedelta(days=2), TUESDAY + timedelta(days=2)
SAID = "sent, or held back for the person's own sake"
# What may have become of a question. HR reads the same of all of them.
FATES = [
    ("sent", "", {"sent_at": BEFORE + timedelta(minutes=3)}),
    ("sent", "", {"sent_at": BEFORE, "answered_at": BEFORE}),
    ("merged", "", {"sent_at": BEFORE}),
    ("due", "", {"cancel_asked": False}),
    ("claimed", "", {"claim": 7, "claim_pos": 1}),
    ("suppressed", "answered", {"answered_at": BEFORE}),
    ("suppressed", "answered", {"dismissed_at": BEFORE}),
    ("suppressed", "muted", {}),
    ("suppressed", "paused", {}),
    ("suppressed", "quiet", {}),
    ("suppressed", "cap", {}),
    ("suppressed", "a word of tomorrow", {}),
    ("cancelled", "a word of tomorrow", {}),
]


@pytest.fixture
def cohort(make_cohort):
    cohort = make_cohort(people=1)
    Message.objects.all().delete()
    return cohort


def rows_of(browser, cohort, **query):
    return browser.get(reverse("cohort-messages", args=[cohort.pk]), query).context["rows"]


def number_of(browser, cohort, **query):
    page = browser.get(reverse("cohort-messages", args=[cohort.pk]), query).context["page"]
    return page.paginator.count


def file_of(browser, cohort, **query):
    response = browser.get(reverse("cohort-messages-file", args=[cohort.pk]), query)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def every_fate(enrolment, at, kind="prompt"):
    return [
        MessageFactory(enrolment=enrolment, state=state, reason=reason, due_at=at, kind=kind, **more)
        for state, reason, more in FATES
    ]


# --- What HR is not told ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["prompt", "survey", "conversation", "reminder", "welcome"])
@pytest.mark.parametrize(("at", "said"), [(BEFORE, SAID), (AFTER, "planned")])
def test_a_row_is_the_same_whatever_the_person_did(browser, cohort, kind, at, said):
    every_fate(cohort.enrolments.get(), at, kind)

    found = {(row.at, row.kind, row.subject, row.state, row.why) for row in rows_of(browser, cohort)}

    assert len(found) == 1
    assert {(row[3], row[4]) for row in found} == {(said, "")}


@pytest.mark.parametrize("at", [BEFORE, AFTER])
def test_no_filter_tells_them_apart(cohort, at):
    every_fate(cohort.enrolments.get(), at)
    reasons = {reason for _, reason, _ in FATES}
    queries = product(["", *(shelf.key for shelf in SHELVES)], ["", "kommer", "gaaet"], reasons)

    for shelf, time, reason in queries:
        asked = QueryDict(mutable=True)
        asked.update({"hylde": shelf, "tid": time, "grund": reason})
        found = Search.read(asked).among(shown(cohort, TUESDAY), TUESDAY)
        assert found.count() in (0, len(FATES))


@pytest.mark.parametrize("at", [BEFORE, AFTER])
def test_the_file_says_no_more_than_the_page(browser, cohort, at):
    every_fate(cohort.enrolments.get(), at)

    found = file_of(browser, cohort)

    assert len(found) == len(FATES)
    assert len({tuple(row.values()) for row in found}) == 1


def test_the_mail_opens_alike_whatever_the_person_did(browser, cohort):
    messages = every_fate(cohort.enrolments.get(), BEFORE)

    def page(message):
        text = browser.get(reverse("cohort-message", args=[cohort.pk, message.pk])).content.decode()
        return re.sub(r'value="\w{64}"', "", text.replace(str(message.pk), "")), browser.get(
            reverse("cohort-message-html", args=[cohort.pk, message.pk])
        ).content.decode()

    assert len({page(message) for message in messages}) == 1


def test_a_later_day_after_a_pause_is_nobodys_to_see(browser, cohort):
    paused = EnrolmentFactory(cohort=cohort)
    for enrolment, at in ((cohort.enrolments.exclude(pk=paused.pk).get(), BEFORE), (paused, AFTER)):
        MessageFactory(enrolment=enrolment, due_at=at, occurrence_key="a2:0:p-a2-tuesday:0", state="due")

    assert {(row.at, row.state) for row in rows_of(browser, cohort)} == {(BEFORE, SAID)}
    assert (number_of(browser, cohort, tid="kommer"), number_of(browser, cohort, tid="gaaet")) == (0, 2)
    assert {row["Day"] for row in file_of(browser, cohort)} == {f"{BEFORE:%Y-%m-%d}"}


@pytest.mark.parametrize("fields", [{"is_follow_up": True}, {"kind": "back_off"}, {"kind": "reply"}])
def test_follow_ups_and_a_word_about_the_questions_do_not_exist_for_hr(browser, cohort, fields):
    hidden = MessageFactory(enrolment=cohort.enrolments.get(), state="sent", sent_at=TUESDAY, **fields)
    numbers = browser.get(reverse("cohort-messages", args=[cohort.pk])).context["numbers"]

    assert rows_of(browser, cohort) == file_of(browser, cohort) == []
    assert (sum(number for _, number in numbers.shelves), numbers.kinds) == (0, ())
    assert rows_of(browser, cohort, art="back_off") == []
    for name in ("cohort-message", "cohort-message-html"):
        assert browser.get(reverse(name, args=[cohort.pk, hidden.pk])).status_code == 404


def test_the_cohorts_page_counts_who_gets_a_question_with_those_who_turned_it_off(browser, make_cohort):
    cohort = make_cohort(people=3)
    Message.objects.all().delete()
    for enrolment, (state, reason) in zip(
        cohort.enrolments.all(), [("due", ""), ("suppressed", "muted"), ("suppressed", "answered")], strict=True
    ):
        MessageFactory(enrolment=enrolment, state=state, reason=reason, due_at=AFTER)

    page = browser.get(reverse("cohort", args=[cohort.pk]))

    (item,) = [item for item in page.context["items"] if "get the question" in item.sentence]
    assert item.sentence.startswith("3 get")
    assert len(browser.get(item.url).context["rows"]) == 3


@pytest.mark.parametrize("reason", sorted(OPEN_REASONS & set(SENTENCES)))
def test_a_reason_of_rules_dates_and_addresses_is_told_in_words(browser, cohort, reason):
    MessageFactory(enrolment=cohort.enrolments.get(), state="suppressed", reason=reason)

    (row,) = rows_of(browser, cohort, grund=reason, hylde="holdt-tilbage")

    assert (row.state, row.why) == ("held back", str(SENTENCES[reason]))


def test_calendar_mail_says_what_happened_and_when(browser, cohort):
    enrolment, workshop = cohort.enrolments.get(), cohort.workshops.get()
    common = {"enrolment": enrolment, "workshop": workshop, "kind": "event", "template": "invitation"}
    MessageFactory(**common, state="sent", sent_at=BEFORE + timedelta(minutes=9), due_at=BEFORE)
    MessageFactory(**common, state="due", due_at=TUESDAY - timedelta(minutes=1))

    assert [(row.state, row.at) for row in rows_of(browser, cohort)] == [
        ("planned", TUESDAY - timedelta(minutes=1)),
        ("sent", BEFORE + timedelta(minutes=9)),
    ]


def test_a_standstill_is_said_and_not_hidden_behind_sent(browser, cohort):
    MessageFactory(enrolment=cohort.enrolments.get(), due_at=TUESDAY - timedelta(minutes=4))
    assert not browser.get(reverse("cohort-messages", args=[cohort.pk])).context["is_behind"]

    MessageFactory(enrolment=cohort.enrolments.get(), due_at=TUESDAY - timedelta(minutes=6))
    assert (
        "Mail is leaving late right now." in browser.get(reverse("cohort-messages", args=[cohort.pk])).content.decode()
    )


# --- What HR finds ---------------------------------------------------------------------------------------------------
def test_each_filter_opens_as_many_rows_as_it_says(browser, make_cohort):
    cohort = make_cohort(people=4)
    states = ["due", "claimed", "suppressed", "cancelled", "held", "failed", "bounced", "merged"]
    for number, (state, kind) in enumerate(product(states, ["prompt", "event"])):
        reason = "too_late" if state == "suppressed" else "event_cancelled" if state == "cancelled" else ""
        at = AFTER if number % 3 else BEFORE
        MessageFactory(
            enrolment=cohort.enrolments.first(), state=state, kind=kind, reason=reason, due_at=at, sent_at=None,
            workshop=cohort.workshops.get() if kind == "event" else None,
        )  # fmt: skip

    page = browser.get(reverse("cohort-messages", args=[cohort.pk]))
    numbers = page.context["numbers"]

    assert sum(number for _, number in numbers.shelves) == page.context["page"].paginator.count == 20
    for shelf, number in numbers.shelves:
        assert number_of(browser, cohort, hylde=shelf.key) == number == len(file_of(browser, cohort, hylde=shelf.key))
    for kind, number in numbers.kinds:
        assert number_of(browser, cohort, art=kind) == number
    assert numbers.reasons == (("event_cancelled", 2), ("too_late", 2))
    assert number_of(browser, cohort, tid="kommer") + number_of(browser, cohort, tid="gaaet") == 20
    assert browser.get(reverse("cohort", args=[cohort.pk])).context["shelves"] == numbers.shelves


def test_a_person_is_found_by_name_and_by_address(browser, cohort):
    found = EnrolmentFactory(cohort=cohort, person__display_name="Plejehjemsleder", person__email="pl@fjordby.example")
    MessageFactory(enrolment=found)
    MessageFactory(enrolment=cohort.enrolments.exclude(pk=found.pk).get())

    for words in ("pleje", "PL@fjordby", "hjem pl@"):
        assert [row.name for row in rows_of(browser, cohort, q=words)] == ["Plejehjemsleder"]
    assert (
        "Nothing fits this search."
        in browser.get(reverse("cohort-messages", args=[cohort.pk]), {"q": "nobody"}).content.decode()
    )


def test_only_a_cohorts_own_people_are_searched(cohort):
    message = MessageFactory(enrolment=cohort.enrolments.get())
    elsewhere = [UserFactory(display_name=message.person.display_name) for _ in range(3)]
    with CaptureQueriesContext(connection) as queries:
        found = Search(q=message.person.display_name).among(shown(cohort, TUESDAY), TUESDAY).get()

    assert found == message
    assert not any(one.pk.hex in query["sql"].replace("-", "") for one in elsewhere for query in queries)


def test_the_next_one_comes_first_among_what_is_coming(browser, cohort):
    for days in (3, 1, 2):
        MessageFactory(enrolment=cohort.enrolments.get(), due_at=TUESDAY + timedelta(days=days))

    def days(**query):
        return [(row.at - TUESDAY).days for row in rows_of(browser, cohort, **query)]

    assert (days(tid="kommer"), days()) == ([1, 2, 3], [3, 2, 1])


def test_page_file_and_preview_count_the_same(browser, make_cohort):
    cohort = make_cohort(people=3)
    Message.objects.all().delete()
    plan(TUESDAY)

    def has_a_row(one):
        is_near = one.due_at <= TUESDAY + timedelta(days=7)
        is_shown = one.template not in ("p-action-ifthen", "p-action-reflect")  # they follow each one's own days
        return is_shown and is_near and (one.state == "due" or one.reason in ("stale", "expired"))

    promised = [one for one in preview(cohort, TUESDAY) if has_a_row(one) and not one.occurrence_key.endswith(":1")]

    assert number_of(browser, cohort) == len(file_of(browser, cohort)) == len(promised) > 20


# --- The mail --------------------------------------------------------------------------------------------------------
def test_a_mail_is_shown_as_its_reader_gets_it_without_its_links(browser, cohort, settings):
    message = MessageFactory(enrolment=cohort.enrolments.get(), state="sent", sent_at=TUESDAY)
    page = browser.get(reverse("cohort-message", args=[cohort.pk, message.pk]))
    laid_out = browser.get(reverse("cohort-message-html", args=[cohort.pk, message.pk]))
    html, mail = laid_out.content.decode(), page.context["mail"]

    assert mail.subject.startswith("Et spørgsmål til dig: ")
    assert "Skriv dit svar" in mail.text
    assert "Skriv dit svar" in html
    for part in (mail.text, html):
        assert settings.SITE_URL not in part
        assert str(message.pk) not in part
    assert "href=" not in html
    assert "It is no copy of what went out: we keep none." in page.content.decode()
    assert "sandbox" in laid_out.headers["Content-Security-Policy"]
    assert "default-src 'none'" in laid_out.headers["Content-Security-Policy"]


def test_a_mail_whose_words_are_gone_says_so(browser, cohort):
    message = MessageFactory(enrolment=cohort.enrolments.get(), template="p-gone", due_at=AFTER)

    page = browser.get(reverse("cohort-message", args=[cohort.pk, message.pk]))

    assert "This mail can no longer be written" in page.content.decode()
    assert browser.get(reverse("cohort-message-html", args=[cohort.pk, message.pk])).status_code == 404


def test_opening_a_mail_is_written_down_once_a_day_in_the_persons_language(browser, cohort):
    message = MessageFactory(enrolment=cohort.enrolments.get())
    for _ in range(2):
        browser.get(reverse("cohort-message", args=[cohort.pk, message.pk]))

    event = AuditEvent.objects.get(action="read_message")
    assert (event.about, event.purpose) == (message.person, "Så en mail, som forløbet sender dig, som HR på holdet.")


def test_a_mail_of_another_cohort_is_not_found(browser, cohort, make_cohort):
    other = MessageFactory(enrolment__cohort__name="Et andet hold")

    assert browser.get(reverse("cohort-message", args=[cohort.pk, other.pk])).status_code == 404


# --- The file --------------------------------------------------------------------------------------------------------
def test_the_file_is_text_and_no_formula(browser, cohort):
    person = cohort.enrolments.get().person
    for number, name in enumerate(["=1+1", "+45", "-2", "@sum", "\tx", "Anne"]):
        MessageFactory(
            enrolment=EnrolmentFactory(cohort=cohort, person=UserFactory(display_name=name)),
            due_at=AFTER + timedelta(days=number),
        )

    found = file_of(browser, cohort, tid="kommer")

    assert [row["Name"] for row in found] == ["'=1+1", "'+45", "'-2", "'@sum", "'\tx", "Anne"]
    assert found[0]["Time"] == "09:12"
    assert person.display_name not in {row["Name"] for row in found}


def test_each_person_in_the_file_can_see_that_it_was_saved(browser, cohort):
    enrolment, left_out = cohort.enrolments.get(), EnrolmentFactory(cohort=cohort)
    MessageFactory(enrolment=enrolment, due_at=AFTER)
    MessageFactory(enrolment=left_out, due_at=BEFORE)

    file_of(browser, cohort, tid="kommer")

    (event,) = AuditEvent.objects.filter(action="export")
    assert (event.about, event.object_id) == (enrolment.person, str(cohort.pk))
    assert event.purpose == "Gemte listen over, hvornår du får mails, som HR på holdet."


@pytest.mark.parametrize("people", [3, 30])
def test_the_file_asks_the_database_seven_times(browser, make_cohort, people, django_assert_num_queries):
    cohort = make_cohort(people=people)

    with django_assert_num_queries(7):
        assert len(file_of(browser, cohort)) == people
