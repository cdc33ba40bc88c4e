"""The promise behind the preview: what it says before the start is what arrives, to the minute, while people answer."""

from datetime import UTC, date, datetime, timedelta

import pytest

from courseplatform.cohorts.models import Cohort, Enrolment
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.preview import preview
from courseplatform.outbox.reading.answering import answer
from tests.factories import EnrolmentFactory, UserFactory
from tests.outbox.test_preview import AUGUST, anne, cohort  # noqa: F401
from worker.ticks import whole_pass

pytestmark = pytest.mark.django_db
ARRIVED = ("sent", "merged")


def by_key(messages):
    return {(one.person, one.template, one.occurrence_key): one for one in messages if one.channel == "email"}


def answer_what_was_asked_twice(now):
    """Late enough that every follow-up is asked too, and before the quiet that comes over who never answers (P7)."""
    for message in Message.objects.filter(kind="prompt", is_follow_up=True, state__in=ARRIVED, answered_at=None):
        answer(message, now)


def test_eight_weeks_of_passes_send_what_the_preview_said_in_august(cohort, anne, mailoutbox):  # noqa: F811
    for _ in range(2):
        EnrolmentFactory(cohort=cohort, person=UserFactory(line_manager=anne.person.line_manager))
    Cohort.objects.update(state=Cohort.State.ENROLLING, capacity_min=3)
    Enrolment.objects.update(state=Enrolment.State.ACCEPTED, activated_at=None)
    promised = by_key(preview(cohort, AUGUST))
    for day in (date(2026, 8, 7) + timedelta(days=n) for n in range(59)):
        if day.weekday() < 5:
            now = datetime(day.year, day.month, day.day, 6, 31, tzinfo=UTC)
            whole_pass(now)
            answer_what_was_asked_twice(now)
    end = datetime(2026, 10, 5, tzinfo=UTC)
    kept = by_key(preview(cohort, end))
    wanted = {key: one.due_at for key, one in promised.items() if one.state == "planned" and one.due_at < end}
    assert len(wanted) == 46
    assert {key: kept[key].due_at for key in wanted if kept[key].state in ARRIVED} == wanted
