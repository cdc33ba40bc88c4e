"""One cohort of three, a fourth who may join, and all that can happen to them; each step by the product's own."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from courseplatform.cohorts.calendar.local_time import to_utc
from courseplatform.cohorts.calendar.policy import from_policy
from courseplatform.cohorts.models import Cohort, Enrolment, GroupMeeting, Workshop
from courseplatform.cohorts.transitions import cohort as cohorts
from courseplatform.cohorts.transitions import enrolment as enrolments
from courseplatform.cohorts.transitions import group as groups
from courseplatform.cohorts.transitions import meeting as meetings
from courseplatform.cohorts.transitions import workshop as workshops
from courseplatform.cohorts.transitions.event import Slot
from courseplatform.outbox.models import Message, Pulse
from courseplatform.outbox.reading.answering import answer, dismiss
from courseplatform.outbox.sending.claiming import claim
from courseplatform.people.models import NotificationPreference, User
from courseplatform.people.refusals import Refusal
from lessons.models import ProgrammeVersion
from lessons.versions import digest_of, publish
from tests.factories import (
    CalendarPolicyFactory,
    CohortFactory,
    EnrolmentFactory,
    GroupFactory,
    MeetingFactory,
    MembershipFactory,
    UserFactory,
    WorkshopFactory,
)
from tests.outbox.sequences import model
from tests.outbox.sequences.model import Event, History
from tests.outbox.sequences.short_programme import STARTS_ON, WORKSHOPS, short_programme
from tests.outbox.sequences.sink import Killed, sink
from worker import ticks

HOME = "Europe/Copenhagen"
BEGINS = datetime(2026, 9, 22, 9, tzinfo=UTC)
START = datetime(2026, 9, 28, 4, tzinfo=UTC)  # 06:00 local
PEOPLE = ("a", "b", "c", "d")
FROM_THE_START = ("a", "b", "c")
ADDRESSES = [f"{name}@fjordby.example" for name in (*PEOPLE, "m")]


def local(instant):
    return instant.astimezone(ZoneInfo(HOME)).replace(tzinfo=None)


class Scene:
    """What stands before anything happens. Made once: every history ends in a rollback to it."""

    def __init__(self):
        version = publish(short_programme(), note="", by=None, now=BEGINS)
        self.cohort = CohortFactory(
            programme_version=version, starts_on=STARTS_ON, state=Cohort.State.ENROLLING, capacity_min=1
        )
        self.policy = CalendarPolicyFactory(municipality=self.cohort.municipality, school_break_weeks=[42])
        for key, at in WORKSHOPS.items():
            starts_at = to_utc(at, HOME)
            WorkshopFactory(cohort=self.cohort, key=key, starts_at=starts_at, ends_at=starts_at + timedelta(hours=6))
        boss = UserFactory(email="m@fjordby.example")
        for name in PEOPLE:
            person = UserFactory(email=f"{name}@fjordby.example", line_manager=boss if name == "a" else None)
            if name in FROM_THE_START:
                EnrolmentFactory(cohort=self.cohort, person=person, state="accepted", activated_at=None)
        at = to_utc(datetime(2026, 11, 11, 9), HOME)
        times = {"starts_at": at, "ends_at": at + timedelta(hours=3)}
        group = GroupFactory(cohort=self.cohort)
        MeetingFactory(group=group, state=GroupMeeting.State.SCHEDULED, **times)
        for enrolment in Enrolment.objects.filter(cohort=self.cohort).order_by("person__email")[:2]:
            MembershipFactory(group=group, enrolment=enrolment)


class World:
    def __init__(self, scene):
        sink.accepted.clear()
        sink.entries.clear()
        sink.dies_after = None
        self.now, self.history, self.number = BEGINS, History(), 1
        self.cohort, self.policy = scene.cohort, scene.policy
        self.workshops = {workshop.key: workshop for workshop in Workshop.objects.filter(cohort=self.cohort)}
        self.people = {person.email[0]: person for person in User.objects.filter(email__in=ADDRESSES)}
        self.zones = dict.fromkeys(self.people, HOME)
        self.muted = {name: set() for name in self.people}
        self.enrolments, self.over = dict.fromkeys(FROM_THE_START, BEGINS), set()
        self.withdrawn = set()  # who have left the cohort and still work here
        self.meeting = GroupMeeting.objects.select_related("group").get()
        stays = self.meeting.group.memberships.select_related("enrolment__person")
        self.members = {stay.enrolment.person.email[0]: stay for stay in stays}

    # --- Time --------------------------------------------------------------------------------------------------------
    def tick(self, *, after_silence=False):
        """A whole pass. What came before counts as a standstill only where it is one."""
        self.history.ticks.append(self.now)
        if not after_silence:
            Pulse.objects.update(dispatched_at=self.now)
        ticks.whole_pass(self.now)
        if self.now >= START:
            for name, accepted in self.enrolments.items():
                self.history.joined.setdefault(name, max(accepted, START))

    def later(self, minutes):
        self.now += timedelta(minutes=minutes)

    def mornings(self, days):
        """Days as they should be, but for how seldom somebody ticks: at nine, when what is for the morning has gone."""
        for _ in range(days):
            day = local(self.now).date() + timedelta(days=1)
            self.now = to_utc(datetime.combine(day, time(9)), HOME)
            self.tick()
            yield

    # --- People ------------------------------------------------------------------------------------------------------
    def enrol(self, name):
        if name not in self.enrolments and "stopped" not in self.over:
            enrolment = enrolments.invite(self.fresh_cohort(), self.people[name], by=None, now=self.now)
            enrolments.accept(enrolment, now=self.now)
            self.enrolments[name] = self.now

    def enrolment(self, name):
        return Enrolment.objects.select_related("cohort__municipality", "person").get(
            cohort=self.cohort, person=self.people[name]
        )

    def pause(self, name, days):
        until = local(self.now).date() + timedelta(days=days)
        if self.attempt(lambda: enrolments.pause(self.enrolment(name), until=until, now=self.now), name):
            self.history.pauses.setdefault(name, []).append((local(self.now).date(), until))
            self.note(model.PAUSES, name)

    def resume(self, name):
        if self.attempt(lambda: enrolments.resume(self.enrolment(name), now=self.now), name):
            yesterday = local(self.now).date() - timedelta(days=1)
            began, until = self.history.pauses[name].pop()
            self.history.pauses[name].append((began, min(until, yesterday)))

    def leave(self, name, *, work):
        if work:
            self.people[name].is_active = False
            self.people[name].save()
            self.withdrawn.discard(name)
        elif not self.attempt(lambda: enrolments.withdraw(self.enrolment(name), reason="Nyt job", now=self.now), name):
            return
        else:
            self.withdrawn |= {name} - self.over
            self.members.pop(name, None)
        self.over.add(name)
        self.note(model.LEAVES, name)

    def wish(self, name, **wishes):
        preference, _ = NotificationPreference.objects.get_or_create(person=self.people[name])
        for field, value in wishes.items():
            setattr(preference, field, value)
        preference.save()
        self.muted[name] = set(preference.muted_classes)
        self.note(model.WISHES, name)

    def live_elsewhere(self, name, zone):
        self.people[name].timezone = zone
        self.people[name].save()
        self.zones[name] = zone
        self.note(model.WISHES, name)

    def speak(self, name, language):
        self.people[name].language = language
        self.people[name].save()

    def answers(self, number, *, not_now):
        sent = Message.objects.filter(state__in=["sent", "merged"], kind__in=["prompt", "survey", "conversation"])
        if message := sent.order_by("sent_at", "pk")[number % 12 :].first():
            (dismiss if not_now else answer)(message, self.now)
            for name in self.people:  # a conversation that was held is held for both
                self.note(model.ANSWERS, name)

    # --- The cohort --------------------------------------------------------------------------------------------------
    def move(self, key, day, hour):
        workshop = self.workshops[key]
        workshop.refresh_from_db()
        starts_at = to_utc(datetime.combine(day, time(hour)), HOME)
        slot = Slot(starts_at, starts_at + timedelta(hours=5), "Rådhuset")
        calendar = from_policy(self.policy)
        if self.attempt(lambda: workshops.move(workshop, slot, calendar=calendar, now=self.now)):
            self.note(model.MOVES, key)
            self.history.moved_to.setdefault(key, []).append(day)

    def cancel(self, key):
        workshop = self.workshops[key]
        workshop.refresh_from_db()
        if self.attempt(lambda: workshops.cancel(workshop, reason="Sygdom", now=self.now)):
            self.note(model.CANCELS, key)
            self.over.add(key)

    def stop(self):
        if self.attempt(lambda: cohorts.cancel(self.fresh_cohort(), reason="Aflyst", now=self.now)):
            self.note(model.STOPS)
            self.over.add("stopped")

    def change_words(self, without):
        self.number += 1
        programme = short_programme(self.number, without)
        if not ProgrammeVersion.objects.filter(digest=digest_of(programme)).exists():
            publish(programme, note="", by=None, now=self.now)

    def apply_version(self):
        cohort = self.fresh_cohort()
        cohort.programme_version = ProgrammeVersion.objects.order_by("-published_at", "-number").first()
        cohort.save()
        self.note(model.VERSIONS)

    def fresh_cohort(self):
        return Cohort.objects.select_related("municipality").get(pk=self.cohort.pk)

    # --- Their learning group ----------------------------------------------------------------------------------------
    def meet(self, day, hour):
        """The group finds another day."""
        self.meeting = GroupMeeting.objects.select_related("group__cohort__municipality").get()
        starts_at = to_utc(datetime.combine(day, time(hour)), HOME)
        slot = Slot(starts_at, starts_at + timedelta(hours=3), "Biblioteket")
        calendar = from_policy(self.policy)
        self.attempt(lambda: meetings.move(self.meeting, slot, calendar=calendar, now=self.now))

    def call_meeting_off(self):
        if self.attempt(lambda: meetings.cancel(self.meeting, reason="Sygdom", now=self.now)):
            self.over.add("g1")

    def come_or_go(self, name):
        """Into the group, or out of it."""
        if stay := self.members.pop(name, None):
            groups.leave(stay, now=self.now)
        elif name in self.enrolments:
            self.attempt(lambda: self.members.update({name: self.join(name)}))

    def join(self, name):
        return groups.join(self.meeting.group, self.enrolment(name), by=None, now=self.now)

    # --- Senders -----------------------------------------------------------------------------------------------------
    def abandon(self):
        """A sender that takes a batch and is never heard of again."""
        if claim(self.now, batch=3):
            self.note(model.KILLS)

    def kill_after(self, mails):
        """A sender that dies when the relay has taken so many mails, before it can write the last one down."""
        sink.dies_after = mails
        try:
            ticks.send_tick(self.now)
        except Killed:
            self.note(model.KILLS)
        sink.dies_after = None

    # --- What was seen -----------------------------------------------------------------------------------------------
    def attempt(self, step, name=""):
        """False where the rules refuse, or there is nobody to do it to."""
        if name and name not in self.enrolments:
            return False
        try:
            step()
        except Refusal:
            return False
        return True

    def note(self, what, whom=""):
        self.history.events.append(Event(self.now, what, whom))

    def name_of(self, person_id):
        return next(name for name, person in self.people.items() if person.pk == person_id)

    def is_paused(self, name):
        today = local(self.now).date()
        return any(first <= today <= last for first, last in self.history.pauses.get(name, []))


def day_of_autumn(number):
    return date(2026, 9, 30) + timedelta(days=number)
