from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from courseplatform.journal.reflections import writing
from tests.factories import (
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MembershipFactory,
    MessageFactory,
    UserFactory,
)

NOW = datetime(2026, 10, 27, 9, tzinfo=UTC)
SECRET = "Jeg tør ikke sige til min chef, at zebraen fejler."


@pytest.fixture
def cohort():
    """One running cohort, with a facilitator."""
    cohort = CohortFactory()
    cohort.facilitators.add(UserFactory(display_name="Facilitator"))
    return cohort


@pytest.fixture
def group(cohort):
    return GroupFactory(cohort=cohort, facilitator=cohort.facilitators.get(), name="Gruppe 4")


@pytest.fixture
def author(cohort, group):
    """The enrolment of the one who writes, in the group from the start."""
    enrolment = EnrolmentFactory(cohort=cohort, person__display_name="Leder, Engholm")
    MembershipFactory(group=group, enrolment=enrolment)
    return enrolment


@pytest.fixture
def peer(cohort, group):
    """Another member of the group from the start."""
    enrolment = EnrolmentFactory(cohort=cohort, person__display_name="Leder, Byggesag")
    MembershipFactory(group=group, enrolment=enrolment)
    return enrolment


@pytest.fixture
def message(author):
    return MessageFactory(enrolment=author, state="sent", sent_at=NOW - timedelta(hours=1))


@pytest.fixture
def written(author):
    """Writes and saves a text of the author's: `written(text, level)`."""

    def write(text=SECRET, level="private", *, by=author, now=NOW, message=None):
        reflection = writing.begin(by, pk=uuid4(), message=message, prompt_key="", model_key="free", on=now.date())
        writing.save(reflection, {"text": text}, edition=reflection.edition, now=now)
        if level != "private":
            writing.share(reflection, level, now)
        return reflection

    return write


@pytest.fixture
def signed_in(client):
    """The browser of a person: `signed_in(person)`."""

    def sign_in(person):
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def reflect_on(author):
    """Writes what is made of an experiment: `reflect_on(experiment)`."""

    def write(experiment, text="Det var spørgsmålet, der virkede", *, finished=True, prompt_key=""):
        place = {"prompt_key": prompt_key, "model_key": "free", "on": NOW.date(), "experiment": experiment}
        reflection = writing.begin(author, pk=uuid4(), message=None, **place)
        if finished:
            writing.save(reflection, {"text": text}, edition=reflection.edition, now=NOW)
        return reflection

    return write
