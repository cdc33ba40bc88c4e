"""Few, memorable people and cohorts. Nothing here surprises: what a test relies on, it says itself."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import factory
from factory.django import DjangoModelFactory

from courseplatform.cohorts.models import (
    CalendarPolicy,
    Cohort,
    Enrolment,
    GroupMeeting,
    GroupMembership,
    LearningGroup,
    Workshop,
)
from courseplatform.outbox.models import Message
from courseplatform.people.models import Municipality, OrgUnit, RoleAssignment, User
from lessons.models import ProgrammeVersion

DEMO_FOLDER = Path(__file__).resolve().parent.parent / "demo" / "programme"
PASSWORD = "en lang og venlig sætning"


class MunicipalityFactory(DjangoModelFactory):
    class Meta:
        model = Municipality
        django_get_or_create = ["name"]

    name = "Fjordby Kommune"
    mail_domain = "fjordby.example"


class CalendarPolicyFactory(DjangoModelFactory):
    class Meta:
        model = CalendarPolicy
        django_get_or_create = ["municipality"]

    municipality = factory.SubFactory(MunicipalityFactory)
    school_break_weeks = [7, 42, 27, 28, 29, 30, 31, 32]


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = OrgUnit
        django_get_or_create = ["municipality", "name"]

    municipality = factory.SubFactory(MunicipalityFactory)
    name = "Sundhed og Omsorg"
    kind = OrgUnit.Kind.ADMINISTRATION
    valid_from = date(2020, 1, 1)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"leder{n}@fjordby.example")
    display_name = factory.Sequence(lambda n: f"Leder {n}")
    municipality = factory.SubFactory(MunicipalityFactory)
    password = factory.django.Password(PASSWORD)


class RoleFactory(DjangoModelFactory):
    class Meta:
        model = RoleAssignment
        django_get_or_create = ["person", "municipality", "kind"]

    person = factory.SubFactory(UserFactory)
    municipality = factory.SelfAttribute("person.municipality")
    kind = RoleAssignment.Kind.HR


class VersionFactory(DjangoModelFactory):
    """The demo programme, published."""

    class Meta:
        model = ProgrammeVersion
        django_get_or_create = ["programme_key", "digest"]

    programme_key = "digital-ledelse-i-praksis"
    number = "1.0"
    published_at = datetime(2026, 6, 1, tzinfo=UTC)
    schema_version = 1

    @factory.lazy_attribute
    def snapshot(self) -> dict:
        from tests.demo_programme import snapshot

        return json.loads(snapshot())

    @factory.lazy_attribute
    def digest(self) -> str:
        from tests.demo_programme import digest

        return digest()


class CohortFactory(DjangoModelFactory):
    class Meta:
        model = Cohort
        skip_postgeneration_save = True

    municipality = factory.SubFactory(MunicipalityFactory)
    programme_version = factory.SubFactory(VersionFactory)
    name = "Digital ledelse i praksis, efterår 2026"
    starts_on = date(2026, 8, 31)
    owner_hr = factory.SubFactory(UserFactory, display_name="HR-konsulent")
    capacity_min = 16
    capacity_max = 32
    state = Cohort.State.RUNNING

    @factory.post_generation
    def owner_is_hr(self, create, _extracted):
        """Who made it runs it as HR of its municipality."""
        if create:
            RoleFactory(person=self.owner_hr, municipality=self.municipality, kind="hr")


class EnrolmentFactory(DjangoModelFactory):
    class Meta:
        model = Enrolment

    cohort = factory.SubFactory(CohortFactory)
    person = factory.SubFactory(UserFactory)
    state = Enrolment.State.ACTIVE
    activated_at = datetime(2026, 7, 1, 8, tzinfo=UTC)


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = LearningGroup

    cohort = factory.SubFactory(CohortFactory)
    name = factory.Sequence(lambda n: f"Gruppe {n + 1}")
    state = LearningGroup.State.ACTIVE


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = GroupMembership

    group = factory.SubFactory(GroupFactory)
    enrolment = factory.SubFactory(EnrolmentFactory)
    joined_at = datetime(2026, 8, 31, 6, tzinfo=UTC)


class WorkshopFactory(DjangoModelFactory):
    class Meta:
        model = Workshop

    cohort = factory.SubFactory(CohortFactory)
    key = "w2"
    starts_at = datetime(2026, 10, 28, 7, 30, tzinfo=UTC)
    ends_at = datetime(2026, 10, 28, 13, 30, tzinfo=UTC)
    place = "Rådhuset, sal 2"
    state = Workshop.State.SCHEDULED
    ics_uid = factory.Sequence(lambda n: f"workshop-{n}@fjordby.example")


class MeetingFactory(DjangoModelFactory):
    class Meta:
        model = GroupMeeting

    group = factory.SubFactory(GroupFactory)
    key = "g1"
    ics_uid = factory.Sequence(lambda n: f"meeting-{n}@fjordby.example")


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = Message

    enrolment = factory.SubFactory(EnrolmentFactory)
    person = factory.SelfAttribute("enrolment.person")
    kind = Message.Kind.PROMPT
    template = "p-a2-tuesday"
    template_version = factory.SelfAttribute("enrolment.cohort.programme_version.digest")
    occurrence_key = factory.Sequence(lambda n: f"a2:{n}:p-a2-tuesday:0")
    local_at = datetime(2026, 10, 27, 8, 30, tzinfo=UTC)
    tzid = "Europe/Copenhagen"
    due_at = datetime(2026, 10, 27, 7, 30, tzinfo=UTC)
    expires_at = datetime(2026, 11, 10, 7, 30, tzinfo=UTC)
