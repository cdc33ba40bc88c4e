"""A file with an answer by e-mail is not kept: one kind mail to whoever sent it says so, once for each question.

It says nothing of what the answer held, and goes to the address the question went to, never to another.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from courseplatform.cohorts.calendar.local_time import to_local
from courseplatform.outbox.models import Message

WITH_FILE, TOO_BIG = "reply-with-file", "reply-too-big"  # templates of our own
WORTH_SAYING = timedelta(days=7)


def tell(question: Message, template: str, now: datetime) -> None:
    """Put the line in the outbox; it leaves in the send window. Telling again changes nothing."""
    tzid = question.person.timezone
    line = Message(
        enrolment_id=question.enrolment_id,
        person_id=question.person_id,
        kind=Message.Kind.REPLY,
        template=template,
        template_version=question.template_version,
        occurrence_key=f"{question.pk}:0:{template}:0",
        local_at=to_local(now, tzid).replace(tzinfo=UTC),
        tzid=tzid,
        due_at=now,
        expires_at=now + WORTH_SAYING,
    )
    Message.objects.bulk_create([line], ignore_conflicts=True)


def question_of(line: Message) -> Message | None:
    """The question whose answer had the file; None once it is gone."""
    pk = UUID(line.occurrence_key.partition(":")[0])
    return Message.objects.filter(pk=pk, person=line.person_id).first()
