"""What can happen to a cohort, and what is compared with `model` after each look at the clock and at the end."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.db import transaction
from django.db.models import Q
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from courseplatform.cohorts.models import GroupMeeting, Workshop
from courseplatform.outbox.models import Message
from courseplatform.outbox.planning.entries import about
from courseplatform.outbox.writing.event_templates import CANCELS, REQUESTS
from tests.outbox.sequences import model
from tests.outbox.sequences.sink import sink
from tests.outbox.sequences.world import HOME, World, day_of_autumn

COUNTED = ("conversation", "reminder", "survey", "prompt", "welcome")
FINAL = ("sent", "bounced", "failed", "suppressed", "cancelled", "merged", "held")
FIVE_MINUTES = timedelta(minutes=5)
people = st.sampled_from("abc")
rarely = st.integers(0, 5).map(lambda number: number == 0)


class Sequences(RuleBasedStateMachine):
    """Each leaves the scene as it found it."""

    def __init__(self, scene):
        super().__init__()
        self.inside = transaction.atomic()
        self.inside.__enter__()
        self.world = World(scene)
        self.seen, self.keys = set(), set()
        self.mails = {name: [] for name in self.world.people}

    def teardown(self):
        try:
            self.finish()
        finally:
            transaction.set_rollback(True)
            self.inside.__exit__(None, None, None)

    # --- What can happen ---------------------------------------------------------------------------------------------
    @rule(days=st.integers(1, 3))
    def days_go_by(self, days):
        for _ in self.world.mornings(days):
            self.look()
            self.calendars_are_right()
            self.who_has_left_has_nothing_to_come()

    @rule(days=st.integers(2, 5))
    def more_days_go_by(self, days):
        self.days_go_by(days)

    @rule()
    def a_week_goes_by(self):
        self.days_go_by(7)

    @rule(minutes=st.integers(1, 600))
    def some_time_goes_by(self, minutes):
        self.world.later(minutes)
        self.tick()

    @rule(hours=st.sampled_from([5, 26, 60, 150, 480]))
    def all_stands_still(self, hours):
        self.world.later(hours * 60)
        self.world.tick(after_silence=True)
        self.look()

    @rule()
    def somebody_joins(self):
        self.world.enrol("d")

    @rule(name=people, days=st.integers(0, 30))
    def somebody_pauses(self, name, days):
        self.world.pause(name, days)

    @rule(name=people)
    def somebody_resumes(self, name):
        self.world.resume(name)

    @rule(name=people, work=st.booleans(), really=rarely)
    def somebody_leaves(self, name, work, really):
        if really:
            self.world.leave(name, work=work)

    @rule(name=people, zone=st.sampled_from(["America/Nuuk", "Asia/Tokyo", HOME]))
    def somebody_lives_elsewhere(self, name, zone):
        self.world.live_elsewhere(name, zone)

    @rule(name=people, language=st.sampled_from(["da", "en"]))
    def somebody_speaks(self, name, language):
        self.world.speak(name, language)

    @rule(name=people, digest=st.sampled_from(["weekly", "off"]), day=st.integers(0, 4))
    def somebody_wants_one_mail_a_week(self, name, digest, day):
        self.world.wish(name, digest=digest, digest_day=day)

    @rule(name=people, hour=st.integers(5, 22))
    def somebody_wants_another_hour(self, name, hour):
        self.world.wish(name, preferred_time=datetime(2026, 1, 1, hour, tzinfo=UTC).time())

    @rule(name=people, muted=st.sampled_from([[], ["prompt"], ["survey"]]))
    def somebody_mutes(self, name, muted):
        self.world.wish(name, muted_classes=muted)

    @rule(number=st.integers(0, 11), not_now=st.booleans())
    def somebody_answers(self, number, not_now):
        self.world.answers(number, not_now=not_now)

    @rule(key=st.sampled_from(["w1", "w2"]), day=st.integers(0, 50), hour=st.integers(8, 15))
    def a_workshop_moves(self, key, day, hour):
        self.world.move(key, day_of_autumn(day), hour)

    @rule(key=st.sampled_from(["w1", "w2"]), really=rarely)
    def a_workshop_is_cancelled(self, key, really):
        if really:
            self.world.cancel(key)

    @rule(day=st.integers(0, 50), hour=st.integers(8, 15))
    def the_group_finds_another_day(self, day, hour):
        self.world.meet(day_of_autumn(day), hour)

    @rule(really=rarely)
    def the_meeting_is_cancelled(self, really):
        if really:
            self.world.call_meeting_off()

    @rule(name=people)
    def somebody_joins_the_group_or_leaves_it(self, name):
        self.world.come_or_go(name)

    @rule(name=people, days=st.integers(1, 3))
    def somebody_changes_groups_and_all_hear_of_it(self, name, days):
        self.world.come_or_go(name)
        self.days_go_by(days)

    @rule(really=rarely)
    def the_cohort_is_cancelled(self, really):
        if really:
            self.world.stop()

    @rule(without=st.sampled_from(["", "question-3", "survey-2"]))
    def words_change(self, without):
        self.world.change_words(without)

    @rule()
    def a_version_is_applied(self):
        self.world.apply_version()

    @rule()
    def a_sender_never_comes_back(self):
        self.world.abandon()

    @rule(mails=st.integers(1, 3))
    def a_sender_is_killed(self, mails):
        self.world.kill_after(mails)
        self.look()

    def tick(self):
        self.world.tick()
        self.look()

    # --- What must hold after each look at the clock -----------------------------------------------------------------
    def look(self):
        for message in self.just_sent():
            self.is_once(message)
            self.is_allowed(message)
            self.is_decent(message)
        assert self.overdue() == []
        self.no_mail_goes_twice_unless_its_sender_was_killed()
        self.each_entry_outdoes_the_one_before()
        for name, mails in self.mails.items():
            assert model.are_few(mails), f"{name}: {[str(at) for at, _zone in mails]}"

    def just_sent(self):
        sent = Message.objects.filter(state__in=["sent", "merged"], sent_at__isnull=False).exclude(pk__in=self.seen)
        found = list(sent.select_related("workshop", "meeting", "enrolment").order_by("sent_at", "pk"))
        self.seen |= {message.pk for message in found}
        return found

    def is_once(self, message):
        key = (message.enrolment_id, message.template, message.occurrence_key, message.channel)
        assert key not in self.keys
        self.keys.add(key)

    def is_allowed(self, message):
        """MODEL I12, against what has happened, not against what is stored."""
        world, name = self.world, self.world.name_of(message.person_id)
        participant = world.name_of(message.enrolment.person_id)
        if message.template == "cancellation":
            return
        assert "stopped" not in world.over, "after the cohort was cancelled"
        if message.template in CANCELS and name in world.withdrawn:
            return
        assert not {name, participant} & world.over, f"{message} after {participant} left"
        event = message.workshop or message.meeting
        assert not (event and event.key in world.over and message.template in REQUESTS), f"{message} of what is off"
        if message.meeting and message.template in REQUESTS:
            assert name in world.members, f"{message} to {name}, who is not in the group"
        if message.kind == "event":
            return
        assert not (world.is_paused(participant) and name == participant), f"{message} in a pause"
        assert message.kind not in world.muted[name], f"{message} was muted"

    def is_decent(self, message):
        name = self.world.name_of(message.person_id)
        zone = HOME if message.kind == "event" else self.world.zones[name]
        assert model.is_decent(message.sent_at, zone, urgent=message.kind == "event"), f"{message} at {message.sent_at}"
        if message.kind == "prompt":
            if not message.is_follow_up and message.reason != "welcome":
                self.world.history.asked.setdefault(name, []).append(message.sent_at.date())
            assert not model.in_break(message.sent_at, zone), f"{message} in the autumn break"
        if message.state == "sent" and message.kind in COUNTED and message.channel == "email":
            self.mails[name].append((message.sent_at, zone))

    def overdue(self):
        late = Message.objects.filter(expires_at__lt=self.world.now - FIVE_MINUTES).exclude(state__in=FINAL)
        return [f"{message} {message.state} until {message.expires_at}" for message in late]

    def no_mail_goes_twice_unless_its_sender_was_killed(self):
        twice = {mail: count for mail, count in Counter(sink.accepted).items() if count > 1}
        flagged = {message.message_id for message in Message.objects.filter(maybe_sent=True)} if twice else set()
        kills = sum(event.what == model.KILLS for event in self.world.history.events)
        assert {message_id for _to, message_id in twice} <= flagged
        assert sum(twice.values()) - len(twice) <= kills

    def each_entry_outdoes_the_one_before(self):
        """MODEL I13, where it is read: in the calendar that got them."""
        for whose, entries in sink.entries.items():
            for (method, sequence), (then, later) in pairwise(entries):
                assert later > sequence or (then == method and later == sequence), f"{whose}: {entries}"

    def calendars_are_right(self):
        """Once all is said: who is in the group has its meeting to come, and nobody else."""
        meeting = GroupMeeting.objects.get()
        if meeting.state != "scheduled" or meeting.starts_at <= self.world.now or "stopped" in self.world.over:
            return
        mails = Message.objects.filter(meeting=meeting)
        unsaid = mails.filter(Q(state__in=["due", "claimed", "held", "suppressed"]) | Q(maybe_sent=True))
        for name in set(self.world.enrolments) - self.world.over:
            person = self.world.people[name]
            if not unsaid.filter(person=person).exists():
                entries = sink.entries.get((person.email, meeting.ics_uid)) or [("CANCEL", 0)]
                has_it = entries[-1][0] == "REQUEST"
                assert has_it == (name in self.world.members), f"{name}: {entries}"

    def who_has_left_has_nothing_to_come(self):
        """Once all is said, in the calendar of whoever still works here: every entry they ever got is out of it."""
        world = self.world
        if "stopped" in world.over:
            return
        for event in (*Workshop.objects.filter(cohort=world.cohort), GroupMeeting.objects.get()):
            mails = Message.objects.filter(**about(event))
            unsaid = mails.filter(Q(state__in=["due", "claimed", "held", "suppressed"]) | Q(maybe_sent=True))
            for name in world.withdrawn if event.state == "scheduled" and event.starts_at > world.now else ():
                person = world.people[name]
                entries = sink.entries.get((person.email, event.ics_uid)) or [("CANCEL", 0)]
                assert unsaid.filter(person=person).exists() or entries[-1][0] == "CANCEL", f"{name}: {entries}"

    # --- What must have come of it all -------------------------------------------------------------------------------
    def finish(self):
        world = self.world
        for hours in (1, 24 * 20, 24 * 130):
            world.later(hours * 60)
            self.tick()
        assert list(Message.objects.exclude(state__in=FINAL)) == []
        ends = {name: world.history.joined.get(name) for name in world.enrolments}
        for name, joined in ends.items():
            if joined and not world.history.happened(model.LEAVES, name) and "stopped" not in world.over:
                self.compare(name)
                self.no_backlog(name)

    def compare(self, name):
        """Every message the rules ask for has one final state, and one that the history explains."""
        rows = Message.objects.filter(enrolment=self.world.enrolment(name), is_follow_up=False)
        found = {self.told(row.occurrence_key): (row.state, row.reason) for row in rows}
        for template, key, asked in model.occasions():
            if template.endswith(".sponsor") and name != "a":
                continue
            allowed = model.outcomes(self.world.history, name, template, asked, self.world.now)
            assert self.came_of(found, key, allowed), f"{name} {key} on {asked}: {found.get(key)}, not in {allowed}"

    def told(self, key):
        """The occurrence key with a workshop's own name in it."""
        for name, workshop in self.world.workshops.items():
            key = key.replace(str(workshop.pk), name)
        return key

    def came_of(self, found, key, allowed):
        return found.get(key) in allowed or (key not in found and self.may_have_no_row(key))

    def may_have_no_row(self, key):
        """What changed before it came near never had a row."""
        history, (name, _generation, _template, _again) = self.world.history, key.split(":")
        return history.happened(model.VERSIONS, "") or history.happened(model.MOVES, name) or name in self.world.over

    def no_backlog(self, name):
        """MODEL P8: of the questions that fell in a pause one is asked afterwards, at most."""
        asked = {key: day for template, key, day in model.occasions() if template.startswith("question")}
        rows = Message.objects.filter(enrolment=self.world.enrolment(name), state__in=["sent", "merged"])
        sent = [(self.told(row.occurrence_key), row.sent_at) for row in rows.exclude(sent_at=None)]
        if self.world.history.happened(model.MOVES, "w1", "w2") or self.world.history.happened(model.WISHES, name):
            return
        for first, last in self.world.history.pauses.get(name, []):
            after = [key for key, at in sent if key in asked and first <= asked[key] <= last < at.date()]
            assert len(after) <= 1, f"{name} after the pause until {last}: {after}"
