"""Questions about experiments follow each one's own days: HR reads none of them beside a name (MODEL §5)."""

from uuid import uuid4

import pytest
from django.urls import reverse

from courseplatform.outbox.models import Message
from tests.factories import MessageFactory

pytestmark = pytest.mark.django_db
ROWS = [
    ("p-action-ifthen", "sent", ""),
    ("p-action-reflect", "due", ""),
    ("p-action-ifthen", "cancelled", "replaced"),
]


def test_how_far_somebody_is_with_an_experiment_shows_in_no_row(browser, make_cohort):
    cohort = make_cohort(people=1)
    Message.objects.all().delete()
    for template, state, reason in ROWS:
        key = f"{uuid4()}:0:{template}:0"
        where = {"enrolment": cohort.enrolments.get(), "template": template, "occurrence_key": key}
        MessageFactory(**where, state=state, reason=reason)

    assert browser.get(reverse("cohort-messages", args=[cohort.pk])).context["page"].paginator.count == 0
    file = browser.get(reverse("cohort-messages-file", args=[cohort.pk]))
    assert b"".join(file.streaming_content).decode("utf-8-sig").count("\n") == 1
    page = browser.get(reverse("cohort", args=[cohort.pk]))
    assert not any("experiment" in item.sentence for item in page.context["items"])
    for message in Message.objects.all():
        assert browser.get(reverse("cohort-message", args=[cohort.pk, message.pk])).status_code == 404
