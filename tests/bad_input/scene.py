"""The world of tests/doors.py with a draft cohort beside it, and every form in it, rightly filled."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.urls import reverse

from courseplatform.cohorts.setting_up.new_cohort import create_cohort, make_group
from courseplatform.journal.groups.meeting_texts import edition_of
from tests.doors import DOORS, World
from tests.factories import EnrolmentFactory, MeetingFactory, UserFactory, VersionFactory

ENTRY = "7d1f0d7c-9f0d-4f43-9d3e-3a8d1f4d5c11"
TEXT = {"edition": "0", "shown": "private", "visibility": "group", "field-text": "En linje.", "entry": ENTRY}
LINES = {"field-situation": "Et møde.", "field-did": "Jeg spurgte.", "field-now": "Jeg spørger først."}
LIST = "e-mail;navn\nny@fjordby.example;Ny leder\n"


class Scene(World):
    """Cohort A is running; `draft` is the next one, with one person invited and one empty group.

    Of the group's meetings, one is `due` and nobody has begun it yet, and one lies `ahead`.
    """

    def __init__(self):
        super().__init__()
        self.version = VersionFactory()
        self.draft = create_cohort(
            self.version,
            name="Forår 2027",
            starts_on=date(2027, 3, 1),
            municipality=self.hr.municipality,
            owner_hr=self.hr,
            facilitators=[self.facilitator],
            capacity=(4, 32),
            by=self.hr,
            now=datetime(2026, 10, 1, tzinfo=UTC),
        )
        self.colleague = UserFactory(display_name="Kollega")
        self.invited = EnrolmentFactory(cohort=self.draft, state="invited", activated_at=None)
        self.draft_group = make_group(self.draft, "Gruppe 1", by=self.hr)
        self.neighbour = self.cohort.enrolments.get(person=self.peer)
        self.third = self._enrol(UserFactory(), self.group)
        began, ends = datetime(2026, 10, 27, 8, 30, tzinfo=UTC), datetime(2026, 10, 27, 11, 30, tzinfo=UTC)
        self.due = MeetingFactory(group=self.group, key="g3", state="scheduled", starts_at=began, ends_at=ends)
        at = {"starts_at": began + timedelta(weeks=4), "ends_at": ends + timedelta(weeks=4)}
        self.ahead = MeetingFactory(group=self.group, key="g4", state="scheduled", **at)

    def address(self, door, **instead):
        """Where a door of tests/doors.py stands; `instead` of the world's own things."""
        own = {word: getattr(self, thing, thing) for word, thing in (DOORS[door].things or {}).items()}
        return reverse(door, kwargs={word: getattr(thing, "pk", thing) for word, thing in (own | instead).items()})

    def basics(self):
        """The first step of a cohort."""
        return {
            "version": str(self.version.pk),
            "name": "Et nyt hold",
            "starts_on": "2027-03-01",
            "facilitators": str(self.facilitator.pk),
            "capacity_min": "4",
            "capacity_max": "32",
            "backfill_reason": "",
        }

    def dates(self):
        """The dates' page of the draft as it stands, places open."""
        fields = {"place_for_all": "Sal 2", "proposal": "w1"}
        for workshop in self.draft.workshops.all():
            slot = {"day": f"{workshop.starts_at:%Y-%m-%d}", "starts": "09:00", "ends": "15:00"}
            fields |= {f"{workshop.key}-{name}": value for name, value in (slot | {"place": "", "link": ""}).items()}
        return fields

    def seats(self):
        """The groups' page of the draft with its one person and its facilitator placed."""
        return {
            f"place-{self.invited.pk}": str(self.draft_group.pk),
            f"facilitator-{self.draft_group.pk}": str(self.facilitator.pk),
        }

    def present(self):
        """The first page of the meeting that is due."""
        here = [str(enrolment.pk) for enrolment in (self.enrolment, self.neighbour, self.third)]
        return {"present": here, "keeper": here[2], "turn-1": here[0], "turn-2": here[1]}


SLOT = {"day": "2026-11-04", "starts": "09:00", "ends": "15:00", "place": "Sal 3", "link": "", "seen": "0"}


@dataclass(frozen=True)
class Filled:
    """A form with good values, who sends it, and where to."""

    role: str
    door: str
    address: str
    fields: dict

    @property
    def tried(self):
        """The fields worth trying: five workshops' fields are five times the same."""
        return [name for name in self.fields if not name.startswith(("w2-", "w3-", "w4-", "w5-"))]


def forms(scene):
    """Every address that takes a POST, once in the name of everybody whose form it is."""
    draft = {"pk": scene.draft}
    for role, door, instead, fields in [
        ("owner", "me", {}, {"preferred_time": "09:00"}),
        ("owner", "me-pause", {}, {"weeks": "2"}),
        ("owner", "me-end-pause", {}, {}),
        ("owner", "me-sign-out-everywhere", {}, {}),
        ("owner", "me-sign-out-there", {}, {}),
        ("owner", "language", {}, {"language": "en", "next": "/min-side/"}),
        ("owner", "lesson-progress", {}, {"step": "read"}),
        ("owner", "workshop-answer", {}, {"response": "accepted"}),
        ("owner", "workshop-colleague", {}, {"name": "Nok En Kollega", "email": "nok@fjordby.example"}),
        ("peer", "workshop-colleague-back", {}, {}),
        ("substitute", "seat-decline", {}, {}),
        ("owner", "enrolment-accept", {}, {}),
        ("owner", "enrolment-decline", {}, {}),
        ("owner", "message-answered", {}, {}),
        ("owner", "message-dismiss", {}, {}),
        ("owner", "write", {}, {**TEXT, "model": "free"}),
        ("owner", "write-prompt", {}, {**TEXT, "switch": "free"}),
        ("owner", "write-free", {}, {**TEXT, "cpr-seen": "1"}),
        ("owner", "reflection-edit", {}, TEXT),
        ("owner", "reflection-share", {}, {"visibility": "group"}),
        ("owner", "reflection-delete", {}, {}),
        ("owner", "search", {}, {"words": "aftenvagten"}),
        ("owner", "meeting-text", {}, {"field-text": "Jeg spørger to", "edition": edition_of(scene.promised)}),
        ("owner", "meeting-text-take-away", {}, {}),
        ("owner", "keep-mine", {}, {}),
        ("hr", "data-requests", {}, {"email": scene.gone.email}),
        ("hr", "data-request", {}, {"do": "refuse", "ground": "Arkivlovens § 8"}),
        ("owner", "mail-kind", {}, {"to": "off"}),
        ("owner", "experiment-new", {}, {"entry": ENTRY}),
        ("owner", "experiment-change", {}, {"to": "done"}),
        ("owner", "experiment-change", {"pk": scene.idea}, {"to": "discard"}),
        ("owner", "experiment-share", {}, {"visibility": "group"}),
        ("owner", "observation-forget", {}, {}),
        ("owner", "insight-write", {}, {**LINES, "edition": "0"}),
        ("owner", "insight-share", {}, {"visibility": "organisation", "edition": str(scene.insight.edition)}),
        ("owner", "insight-throw-away", {}, {}),
        ("peer", "peer-ask", {}, {"field-text": "Hvad nu?", "kind": "question", "entry": ENTRY}),
        ("peer", "peer-take-back", {}, {}),
        ("owner", "peer-answer", {}, {"field-text": "Det ved jeg i morgen."}),
        ("owner", "peer-close", {}, {"open": "1"}),
        ("owner", "meeting-begin", {"pk": scene.due}, scene.present()),
        ("owner", "meeting-hold", {"pk": scene.due}, {"present": str(scene.enrolment.pk)}),
        ("owner", "meeting-tap", {}, {"do": "next", "edition": "0", "ago": "5"}),
        ("owner", "meeting-tap", {}, {"do": "presenter", "edition": "0", "turn": "1", "of": str(scene.enrolment.pk)}),
        (
            "owner",
            "meeting-tap",
            {},
            {"do": "commit", "of": str(scene.enrolment.pk), "text": "En ting.", "entry": ENTRY},
        ),
        ("owner", "meeting-answer", {"pk": scene.ahead}, {"response": "tentative", "seen": "0"}),
        ("owner", "meeting-facilitator", {}, {"wanted": "yes"}),
        ("owner", "meeting-cancel", {"pk": scene.due}, {"reason": "To er syge"}),
        ("facilitator", "workshop-material", {}, {"title": "Slides", "link": "https://fjordby.example/slides"}),
        ("facilitator", "workshop-material-remove", {}, {}),
        ("facilitator", "me", {}, {"preferred_time": "09:00"}),
        ("facilitator", "me-pause", {}, {"weeks": "2"}),
        ("facilitator", "language", {}, {"language": "en", "next": "/facilitator/"}),
        ("hr", "me", {}, {"preferred_time": "09:00"}),
        ("hr", "cohort-new", {}, scene.basics()),
        ("hr", "cohort-basics", draft, scene.basics()),
        ("hr", "cohort-dates", draft, scene.dates()),
        ("hr", "cohort-people-add", draft, {"person": str(scene.colleague.pk)}),
        ("hr", "cohort-import", draft, {"text": LIST, "domains": "", "confirmed": "1"}),
        ("hr", "cohort-people-remove", draft | {"enrolment": scene.invited}, {}),
        ("hr", "cohort-groups", draft, scene.seats()),
        ("hr", "cohort-groups-propose", draft, {}),
        ("hr", "cohort-groups-propose", draft, {"beside": "1"}),
        ("hr", "cohort-open", draft, {}),
        ("hr", "enrolment-answer", {}, {"answer": "withdraw", "reason": "Nyt arbejde"}),
        ("hr", "cohort-step", {"step": "cancel"}, {"reason": "For få tilmeldte"}),
        ("hr", "workshop-move", {}, {**SLOT, "confirmed": "1"}),
        ("hr", "workshop-cancel", {}, {"reason": "Sygdom"}),
        ("hr", "workshop-hold", {}, {}),
        ("hr", "workshop-seats", {}, {"seats": "12"}),
        ("hr", "seat-confirm", {}, {"answer": "yes"}),
        ("hr", "outage-seen", {}, {}),
        ("superuser", "delivery-again", {}, {"state": "failed", "reason": "refused", "even_twice": "yes"}),
        ("superuser", "delivery-give-up", {}, {"message": str(scene.message.pk)}),
    ]:
        yield Filled(role, door, scene.address(door, **instead), fields)
