"""A small world with one owner and everybody who stands around them, and the table of who may open which door."""

from dataclasses import dataclass
from datetime import UTC, datetime

from allauth.usersessions.models import UserSession
from django.urls import reverse

from courseplatform.cohorts.models import Material, Substitution
from courseplatform.journal.models import Commitment, InquiryQuestion, MeetingRun, Reflection
from courseplatform.outbox.inbox.tokens import unsubscribe_token
from courseplatform.outbox.models import Outage
from courseplatform.outbox.reading.calendar_feed import renew, token_of
from courseplatform.people.models import RoleAssignment
from courseplatform.people.privacy import data_requests
from courseplatform.people.privacy.sealing import seal
from lessons.shape import Text
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    MessageFactory,
    MunicipalityFactory,
    RoleFactory,
    UserFactory,
    WorkshopFactory,
)
from tests.journal import trying
from tests.versions import with_other

ROLES = (
    "owner", "peer", "other_group", "other_cohort", "facilitator", "other_facilitator",
    "hr", "other_hr", "manager", "substitute", "superuser", "gone", "nobody",
)  # fmt: skip
GROUP = {"owner", "peer"}
COHORT = GROUP | {"other_group"}
PARTICIPANTS = COHORT | {"other_cohort"}
FACILITATORS = {"facilitator", "other_facilitator"}
HR_ANYWHERE = {"hr", "other_hr"}
SIGNED_IN = set(ROLES) - {"gone", "nobody"}
EVERYBODY = set(ROLES)


@dataclass(frozen=True)
class Door:
    """One address: which thing of the world stands in it, and which roles it lets in."""

    opens_for: set
    things: dict | None = None
    changes: bool = False  # answers POST only
    answers: tuple = (200, 302)


class World:
    """Cohort A of Fjordby, with the owner's things; cohort B beside it; a municipality next door."""

    def __init__(self):
        neighbour = MunicipalityFactory(name="Nabo Kommune", mail_domain="nabo.example")
        CalendarPolicyFactory()
        CalendarPolicyFactory(municipality=neighbour)
        self.manager = UserFactory(display_name="Nærmeste leder")
        self.facilitator, self.other_facilitator = UserFactory(), UserFactory()
        self.hr, self.other_hr = UserFactory(), UserFactory(municipality=neighbour)
        for person, kind in [
            (self.facilitator, RoleAssignment.Kind.FACILITATOR),
            (self.other_facilitator, RoleAssignment.Kind.FACILITATOR),
            (self.hr, RoleAssignment.Kind.HR),
            (self.other_hr, RoleAssignment.Kind.HR),
        ]:
            RoleFactory(person=person, kind=kind)
        self.superuser = UserFactory(is_superuser=True, is_staff=True)
        self._cohorts()
        self._people()
        self._things()
        self.nobody = None

    def _cohorts(self):
        self.cohort = CohortFactory(owner_hr=self.hr)
        self.cohort.facilitators.add(self.facilitator)
        self.beside = CohortFactory(owner_hr=self.hr, name="Holdet ved siden af")
        self.beside.facilitators.add(self.other_facilitator)
        self.version = self.cohort.programme_version
        self.group = GroupFactory(cohort=self.cohort, facilitator=self.facilitator)
        self.next_group = GroupFactory(cohort=self.cohort)

    def _people(self):
        self.owner = UserFactory(display_name="Ejeren", line_manager=self.manager)
        self.peer, self.other_group, self.other_cohort = UserFactory(), UserFactory(), UserFactory()
        self.gone = UserFactory(is_active=False)
        self.enrolment = self._enrol(self.owner, self.group)
        self._enrol(self.peer, self.group)
        self._enrol(self.gone, self.group)
        self._enrol(self.other_group, self.next_group)
        EnrolmentFactory(person=self.other_cohort, cohort=self.beside)

    def _enrol(self, person, group):
        enrolment = EnrolmentFactory(person=person, cohort=self.cohort)
        MembershipFactory(enrolment=enrolment, group=group)
        return enrolment

    def _things(self):
        self.message = MessageFactory(
            enrolment=self.enrolment, state="sent", sent_at=datetime(2026, 10, 27, 8, tzinfo=UTC)
        )
        self.workshop = WorkshopFactory(cohort=self.cohort)
        self.meeting = MeetingFactory(group=self.group)
        self._seats()
        self.table = self._meeting_that_is_on()
        stopped = datetime(2026, 10, 26, 8, tzinfo=UTC)
        self.outage = Outage.objects.create(
            cohort=self.cohort, began_at=stopped, ended_at=datetime(2026, 10, 27, 8, tzinfo=UTC), late=3, held_back=1
        )
        self.reflection = Reflection(
            enrolment=self.enrolment, author=self.owner, occurred_on="2026-10-27", state="saved", visibility="private"
        )
        self.reflection.sealed = seal(self.owner, '{"text": "Kun til mig selv"}', bound_to=str(self.reflection.pk))
        self.reflection.save()
        with_other("prompts", "p-a2-tuesday", text=Text(da="Hvad så?", en="And then?"))
        self.idea, self.experiment = trying.idea(self.enrolment), trying.running(self.enrolment)
        self.observation = trying.see(self.experiment)
        self.insight = trying.insight(self.enrolment, level="cohort")
        wording = InquiryQuestion.objects.get(is_current=True)
        self.wording, self.asked = wording, trying.asked(wording, self.peer)
        self.tried = trying.thought_through(self.enrolment)
        self.data_request = data_requests.ask(self.owner, "erase", datetime(2026, 10, 26, 8, tzinfo=UTC))
        self.sitting = UserSession.objects.create(user=self.owner, session_key="en-anden-telefon", ip="0.0.0.0")
        self.no_more = unsubscribe_token(self.message)
        renew(self.owner)
        self.calendar = token_of(self.owner)
        self.lesson = "a1-1"

    def _meeting_that_is_on(self):
        began = datetime(2026, 10, 27, 10, tzinfo=UTC)
        ends = datetime(2026, 10, 27, 13, tzinfo=UTC)
        table = MeetingFactory(group=self.group, key="g2", state="scheduled", starts_at=began, ends_at=ends)
        run = MeetingRun.objects.create(
            meeting=table, begun_at=began, begun_for=began, step_began_at=began, process_keeper=self.enrolment
        )
        run.turns.create(number=1, presenter=self.enrolment)
        run.turns.create(number=2)
        said = {"enrolment": self.enrolment, "author": self.owner, "written_at": datetime(2026, 9, 30, 9, tzinfo=UTC)}
        promised = self.promised = Commitment(meeting=self.meeting, **said)
        promised.sealed = seal(self.owner, "Jeg spørger nattevagten", bound_to=str(promised.pk))
        promised.save()
        return table

    def _seats(self):
        """A colleague comes in somebody's seat, and another one waits for HR."""
        self.substitute = UserFactory(display_name="En kollega")
        lender = self.cohort.enrolments.get(person=self.other_group)
        seat = {"workshop": self.workshop, "state": "stands", "held_from": datetime(2026, 10, 26, 8, tzinfo=UTC)}
        Substitution.objects.create(enrolment=lender, substitute=self.substitute, **seat)
        asked = {"name": "Ny Kollega", "email": "ny@fjordby.example"}
        asking = self.cohort.enrolments.get(person=self.peer)
        self.seat = Substitution.objects.create(enrolment=asking, workshop=self.workshop, **asked)
        added = {"link": "https://fjordby.example/plancher", "added_at": datetime(2026, 10, 26, 8, tzinfo=UTC)}
        self.material = Material.objects.create(workshop=self.workshop, title="Plancher", **added)


def address(name, door, world):
    """Where the door stands in this world."""
    things = {word: getattr(world, thing, thing) for word, thing in (door.things or {}).items()}
    return reverse(name, kwargs={word: getattr(thing, "pk", thing) for word, thing in things.items()})


DOORS = {
    # People
    "home": Door(SIGNED_IN),
    "me": Door(SIGNED_IN),
    "access": Door(SIGNED_IN),
    "looks": Door(SIGNED_IN),
    "me-pause": Door(SIGNED_IN, changes=True),
    "me-sign-out-everywhere": Door(SIGNED_IN, changes=True),
    "me-sign-out-there": Door({"owner"}, {"pk": "sitting"}, changes=True),
    "my-messages": Door(SIGNED_IN),
    "back-off": Door(SIGNED_IN),
    "me-end-pause": Door(SIGNED_IN, changes=True),
    "language": Door(EVERYBODY, changes=True),
    "hr-sees": Door(SIGNED_IN),
    # The participant's own
    "programme": Door(SIGNED_IN),
    "programme-of": Door(COHORT, {"cohort": "cohort"}),
    "programme-template": Door(FACILITATORS | HR_ANYWHERE | {"superuser"}, {"pk": "version"}),
    "lesson": Door(COHORT, {"cohort": "cohort", "lesson": "lesson"}),
    "lesson-progress": Door(COHORT, {"cohort": "cohort", "lesson": "lesson"}, changes=True),
    "workshop": Door(COHORT | {"facilitator", "hr", "substitute"}, {"pk": "workshop"}),
    "workshop-answer": Door(COHORT, {"pk": "workshop"}, changes=True),
    "workshop-calendar": Door(COHORT | {"facilitator", "hr", "substitute"}, {"pk": "workshop"}),
    "workshop-colleague": Door(COHORT, {"pk": "workshop"}),
    "workshop-colleague-back": Door(COHORT, {"pk": "workshop"}, changes=True),
    "seat-decline": Door({"substitute"}, {"pk": "workshop"}, changes=True),
    "arrive": Door(EVERYBODY),
    "arrive-with": Door(EVERYBODY, {"code": "ABC234"}),
    # The room where a workshop is held
    "arrival-code": Door({"facilitator", "hr"}, {"pk": "workshop"}),
    "attendance": Door({"facilitator", "hr"}, {"pk": "workshop"}),
    "attendance-correct": Door({"facilitator", "hr"}, {"pk": "workshop", "enrolment": "enrolment"}),
    "workshop-material": Door({"facilitator", "hr"}, {"pk": "workshop"}, changes=True),
    "workshop-material-remove": Door({"facilitator", "hr"}, {"pk": "workshop", "material": "material"}, changes=True),
    "workshop-seats": Door({"hr"}, {"pk": "workshop"}, changes=True),
    "seat-confirm": Door({"hr"}, {"pk": "workshop", "seat": "seat"}, changes=True),
    "enrolment-accept": Door({"owner"}, {"pk": "enrolment"}, changes=True),
    "enrolment-decline": Door({"owner"}, {"pk": "enrolment"}, changes=True),
    "message": Door({"owner"}, {"pk": "message"}),
    "message-answered": Door({"owner"}, {"pk": "message"}, changes=True),
    "message-dismiss": Door({"owner"}, {"pk": "message"}),
    "write": Door({"owner"}, {"message": "message"}),
    "write-prompt": Door(COHORT, {"cohort": "cohort", "prompt": "p-a2-tuesday"}),
    "write-free": Door(SIGNED_IN),
    "write-as": Door(SIGNED_IN),
    "write-offline": Door(EVERYBODY),
    "offline": Door(EVERYBODY),
    "service-worker": Door(EVERYBODY),
    "manifest": Door(EVERYBODY),
    "log": Door(SIGNED_IN),
    "search": Door(SIGNED_IN),
    "search-found": Door(SIGNED_IN),
    "reflection": Door({"owner"}, {"pk": "reflection"}),
    "reflection-edit": Door({"owner"}, {"pk": "reflection"}),
    "reflection-share": Door({"owner"}, {"pk": "reflection"}, changes=True),
    "reflection-delete": Door({"owner"}, {"pk": "reflection"}, changes=True),
    "experiments": Door(SIGNED_IN),
    "question": Door(PARTICIPANTS),
    "project-end": Door(PARTICIPANTS),
    "experiment-new": Door(PARTICIPANTS, changes=True),
    "experiments-of": Door({"owner", "peer", "facilitator"}, {"enrolment": "enrolment"}),
    "experiment": Door({"owner", "peer", "facilitator"}, {"pk": "experiment"}),
    "experiment-step": Door({"owner"}, {"pk": "idea", "step": "hvornaar"}),
    "experiment-change": Door({"owner"}, {"pk": "experiment"}, changes=True),
    "experiment-stop": Door({"owner"}, {"pk": "experiment"}),
    "experiment-see": Door({"owner"}, {"pk": "experiment"}),
    "observation-forget": Door({"owner"}, {"pk": "experiment", "observation": "observation"}, changes=True),
    "experiment-reflect": Door({"owner"}, {"pk": "experiment"}),
    "experiment-share": Door({"owner"}, {"pk": "experiment"}, changes=True, answers=(302, 409)),
    "insights": Door(SIGNED_IN),
    "insight": Door({"owner"}, {"pk": "insight"}),
    "peer-ask": Door({"peer", "facilitator"}, {"kind": "spoergsmaal", "pk": "wording"}),
    "peer-close": Door({"owner"}, {"kind": "spoergsmaal", "pk": "wording"}, changes=True),
    "peer-answer": Door({"owner"}, {"pk": "asked"}),
    "peer-take-back": Door({"peer"}, {"pk": "asked"}, changes=True),
    "insight-write": Door({"owner"}, {"pk": "tried"}),
    "insight-share": Door({"owner"}, {"pk": "insight"}, changes=True),
    "insight-throw-away": Door({"owner"}, {"pk": "insight"}, changes=True),
    "group": Door(SIGNED_IN),
    "meeting": Door(GROUP, {"pk": "table"}),
    "meeting-begin": Door(GROUP, {"pk": "table"}, changes=True),
    "meeting-hold": Door(GROUP, {"pk": "table"}, changes=True),
    "meeting-tap": Door(GROUP, {"pk": "table"}, changes=True),
    "meeting-answer": Door(GROUP, {"pk": "table"}, changes=True, answers=(302, 409)),
    "meeting-facilitator": Door(GROUP, {"pk": "table"}, changes=True),
    "meeting-day": Door(GROUP, {"pk": "meeting"}),
    "meeting-move": Door(GROUP, {"pk": "table"}),
    "meeting-cancel": Door(GROUP, {"pk": "table"}),
    "meeting-text": Door({"owner"}, {"pk": "promised"}),
    "meeting-text-take-away": Door({"owner"}, {"pk": "promised"}, changes=True),
    "agreement": Door(GROUP, {"pk": "group"}),
    "facilitator": Door(FACILITATORS),
    "unsubscribe": Door(EVERYBODY, {"token": "no_more"}),
    "mail-kind": Door(SIGNED_IN, {"kind": "survey"}, changes=True),
    "my-calendar": Door(SIGNED_IN),
    "own-copy": Door(SIGNED_IN),
    "erase-me": Door(SIGNED_IN),
    "keep-mine": Door(SIGNED_IN, changes=True),
    "calendar-feed": Door(EVERYBODY, {"token": "calendar"}),
    # HR
    "cohorts": Door(HR_ANYWHERE),
    "cohort": Door({"hr"}, {"pk": "cohort"}),
    "cohort-lines": Door({"hr"}, {"pk": "cohort"}),
    "cohort-messages": Door({"hr"}, {"pk": "cohort"}),
    "cohort-messages-file": Door({"hr"}, {"pk": "cohort"}),
    "cohort-version": Door({"hr"}, {"pk": "cohort"}),
    "cohort-message": Door({"hr"}, {"pk": "cohort", "message": "message"}),
    "cohort-message-html": Door({"hr"}, {"pk": "cohort", "message": "message"}),
    "outage-seen": Door({"hr"}, {"pk": "cohort", "outage": "outage"}, changes=True),
    "cohort-person": Door({"hr"}, {"pk": "cohort", "enrolment": "enrolment"}),
    "enrolment-answer": Door({"hr"}, {"pk": "cohort", "enrolment": "enrolment"}, changes=True),
    "cohort-preview": Door({"hr"}, {"pk": "cohort"}),
    "cohort-open": Door({"hr"}, {"pk": "cohort"}),
    "cohort-step": Door({"hr"}, {"pk": "cohort", "step": "complete"}),
    "workshop-hr": Door({"hr"}, {"pk": "workshop"}),
    "workshop-move": Door({"hr"}, {"pk": "workshop"}),
    "workshop-cancel": Door({"hr"}, {"pk": "workshop"}),
    "workshop-hold": Door({"hr"}, {"pk": "workshop"}, changes=True),
    "cohort-new": Door(HR_ANYWHERE),
    "cohort-basics": Door({"hr"}, {"pk": "cohort"}),
    "cohort-dates": Door({"hr"}, {"pk": "cohort"}),
    "cohort-people": Door({"hr"}, {"pk": "cohort"}),
    "cohort-people-add": Door({"hr"}, {"pk": "cohort"}, changes=True),
    "cohort-import": Door({"hr"}, {"pk": "cohort"}, changes=True),
    "cohort-people-remove": Door({"hr"}, {"pk": "cohort", "enrolment": "enrolment"}, changes=True),
    "cohort-groups": Door({"hr"}, {"pk": "cohort"}),
    "cohort-groups-propose": Door({"hr"}, {"pk": "cohort"}, changes=True),
    "data-requests": Door(HR_ANYWHERE),
    "data-request": Door({"hr"}, {"pk": "data_request"}),
    # The machine room
    "delivery": Door({"superuser"}),
    "delivery-again": Door({"superuser"}, changes=True),
    "delivery-give-up": Door({"superuser"}, changes=True),
    "healthz": Door(EVERYBODY),
    "readyz": Door(EVERYBODY, answers=(200, 503)),
    "metrics": Door(EVERYBODY),  # on the machine itself, as the tests are
    # Demo only
    "demo-mail": Door(EVERYBODY),
    "demo-mail-one": Door(set(), {"name": "no-such-mail"}),
    "demo-mail-html": Door(set(), {"name": "no-such-mail"}),
    # Pictures of published lessons
    "picture": Door(set(), {"name": "no-such-picture.png"}),
}
# What libraries bring: sign-in belongs to everybody, the desks to those who work there.
OURS_AT_A_DESK = "support/levering/"
LIBRARIES = ("konto/", "support/", "cms/", "filer/")
