"""HR meets a newer version of the programme: sees what it changes, and only then says yes (MODEL I1)."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import GroupMeeting, LessonProgress, Workshop
from courseplatform.cohorts.read_texts import as_read
from courseplatform.cohorts.transitions.lesson import finish
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.planner import replan
from lessons.shape import Text
from tests.demo_programme import programme
from tests.factories import GroupFactory, MeetingFactory, WorkshopFactory
from tests.insights.conftest import TUESDAY
from tests.versions import published_without, with_one_more, with_other, with_other_lesson

pytestmark = pytest.mark.django_db
ASKED = "p-a2-tuesday"
OTHER_WORDS = Text(da="Hvad gjorde du i stedet?", en="What did you do instead?")


@pytest.fixture
def cohort(make_cohort):
    return make_cohort(people=2)


def page_of(browser, cohort, **query):
    return browser.get(reverse("cohort-version", args=[cohort.pk]), query)


def say_yes(browser, cohort, **changes):
    context = page_of(browser, cohort).context
    given = {"til": context["chosen"].number, "newest": context["newest"].digest, "confirmed": "1"}
    given |= {"seen": cohort.programme_version.digest} | changes
    return browser.post(reverse("cohort-version", args=[cohort.pk]), given)


def waiting(cohort):
    return Message.objects.filter(enrolment__cohort=cohort, state="due")


def test_the_cohorts_page_tells_of_a_newer_version_until_it_is_followed(browser, cohort):
    where = reverse("cohort", args=[cohort.pk])
    assert b"Version 1.1" not in browser.get(where).content

    with_other("prompts", ASKED, text=OTHER_WORDS)
    assert b"Version 1.1 of the programme was published" in browser.get(where).content

    say_yes(browser, cohort)
    assert b"Version 1.1" not in browser.get(where).content


def test_it_shows_days_questions_and_texts_as_a_participant_meets_them_and_saves_nothing(browser, cohort):
    with_other("prompts", ASKED, text=OTHER_WORDS)

    page = page_of(browser, cohort)

    [(title, [entry])] = page.context["themes"]
    assert (title, entry.change.key, entry.step_words) == ("Questions and messages", ASKED, "changed")
    assert [line.after for line in entry.lines] == ["What did you do instead?"]
    cohort.refresh_from_db()
    assert cohort.programme_version.number == "1.0"


def test_it_says_how_many_have_read_a_lesson_that_it_changes(browser, cohort):
    whole = programme()
    for enrolment, lesson in zip(cohort.enrolments.all(), ("a1-1", "a1-2"), strict=True):
        LessonProgress.objects.filter(enrolment=enrolment).delete()
        finish(enrolment, lesson, now=TUESDAY, read_as=as_read(whole, whole.lesson(lesson)))
    with_other_lesson("a1-1", body=Text(da="Noget andet.", en="Something else."))

    [row] = page_of(browser, cohort).context["read_before"]
    assert (row["title"][0], row["number"]) == (whole.lesson("a1-1").title.en, 1)


def test_a_workshop_in_another_week_is_told_by_its_day(browser, cohort):
    with_other("workshops", "w3", week=16)

    [(_title, [entry])] = page_of(browser, cohort).context["themes"]

    [line] = entry.lines
    assert line.before.replace("\xa0", " ") == "Wednesday 9 December at 08:30–14:30"
    assert line.after.replace("\xa0", " ") == "Wednesday 23 December at 08:30–14:30"


def test_a_message_that_falls_away_stands_there_before_anything_is_saved(browser, cohort):
    published_without("prompts", "p-w3-prepare")
    WorkshopFactory(
        cohort=cohort,
        key="w3",
        starts_at=datetime(2026, 12, 9, 7, 30, tzinfo=UTC),
        ends_at=datetime(2026, 12, 9, 14, 30, tzinfo=UTC),
    )

    rows = page_of(browser, cohort).context["changes"]

    gone = next(row["change"] for row in rows if row["change"].template == "p-w3-prepare")
    assert (gone.before.total(), gone.after.total()) == (2, 0)


def test_after_the_yes_what_waits_follows_the_new_version_and_what_was_sent_keeps_its_words(browser, cohort):
    replan(cohort, TUESDAY)
    old = cohort.programme_version.digest
    sent = Message.objects.filter(state="sent").values_list("template_version", flat=True)
    assert waiting(cohort).exists()
    with_other("prompts", ASKED, text=OTHER_WORDS)

    assert say_yes(browser, cohort).status_code == 302

    cohort.refresh_from_db()
    new = cohort.programme_version.digest
    assert new != old
    not_due = waiting(cohort).filter(due_at__gt=TUESDAY).exclude(kind="event")
    assert set(not_due.values_list("template_version", flat=True)) == {new}
    assert set(sent) == {old}


def test_a_page_that_is_no_longer_true_is_refused(browser, cohort):
    first = cohort.programme_version
    with_other("prompts", ASKED, text=OTHER_WORDS)
    assert say_yes(browser, cohort).status_code == 302

    assert say_yes(browser, cohort, seen=first.digest, til="1.0").status_code == 409
    assert say_yes(browser, cohort, newest=first.digest, seen=cohort.programme_version.digest).status_code == 409


def test_a_group_meeting_that_is_in_the_way_is_cancelled_with_a_reason_first(browser, cohort):
    meeting = GroupMeeting.objects.get()
    hours = {"starts_at": TUESDAY + timedelta(days=9), "ends_at": TUESDAY + timedelta(days=9, hours=3)}
    GroupMeeting.objects.update(state="scheduled", **hours)
    published_without("group_meetings", meeting.key)

    assert say_yes(browser, cohort).status_code == 409
    where, cancel = reverse("cohort-version", args=[cohort.pk]), {"til": "1.1", "cancel": str(meeting.pk)}
    [row] = browser.post(where, cancel | {"reason": " "}).context["in_the_way"]
    assert row["form"].errors
    browser.post(where, cancel | {"reason": "Det er ikke med længere"})
    assert say_yes(browser, cohort).status_code == 302

    meeting.refresh_from_db()
    assert (meeting.state, meeting.state_reason) == ("cancelled", "Det er ikke med længere")


def test_a_meeting_of_another_cohort_is_not_cancelled_from_here(browser, cohort):
    stranger = MeetingFactory(group=GroupFactory(), state="scheduled")
    with_other("prompts", ASKED, text=OTHER_WORDS)

    answer = browser.post(
        reverse("cohort-version", args=[cohort.pk]),
        {"til": "1.1", "cancel": str(stranger.pk), "reason": "Fordi"},
    )

    stranger.refresh_from_db()
    assert (answer.status_code, stranger.state) == (404, "scheduled")


def test_a_new_workshop_is_told_to_nobody_until_hr_has_said_when_and_where(browser, cohort):
    for key in ("w1", "w3", "w4", "w5"):
        WorkshopFactory(cohort=cohort, key=key, state="held")
    with_one_more("workshops", "w2", key="w9", week=12)
    say_yes(browser, cohort)
    workshop = Workshop.objects.get(key="w9")
    assert not Message.objects.filter(workshop=workshop).exists()

    form = {"day": "2026-11-26", "starts": "08:30", "ends": "14:30", "place": "Rådhuset", "link": "", "seen": 0}
    assert browser.get(reverse("workshop-hr", args=[workshop.pk])).status_code == 200
    assert b"Plan it, and tell 2" in browser.post(reverse("workshop-move", args=[workshop.pk]), form).content
    browser.post(reverse("workshop-move", args=[workshop.pk]), form | {"confirmed": "1"})

    workshop.refresh_from_db()
    assert (workshop.state, workshop.ics_sequence) == ("scheduled", 0)
    assert Message.objects.filter(workshop=workshop, kind="event", state="due").count() == 2


@pytest.mark.parametrize("name", ["cohort", "cohort-messages", "cohort-version", "cohort-dates", "cohort-preview"])
def test_every_page_of_the_cohort_stands_after_a_held_workshop_has_left_the_programme(browser, cohort, name):
    Workshop.objects.update(state="held")
    published_without("workshops", "w2")
    say_yes(browser, cohort)

    assert browser.get(reverse(name, args=[cohort.pk])).status_code == 200
    assert browser.get(reverse("workshop-hr", args=[Workshop.objects.get(key="w2").pk])).status_code == 200
