"""A mail from a skeleton is the mail that the libraries write, to the byte; and machines can read it (DELIVERY M1)."""

import email
import os
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import policy
from uuid import UUID

import icalendar
import pytest

from courseplatform.cohorts.models import Enrolment, GroupMeeting, Workshop
from courseplatform.outbox.inbox.tokens import reply_address
from courseplatform.outbox.models import Message
from courseplatform.outbox.writing import skeletons
from courseplatform.outbox.writing.composing import compose, in_bytes
from courseplatform.outbox.writing.skeletons import fold, written
from courseplatform.people.models import NotificationPreference, User
from tests.factories import CohortFactory, EnrolmentFactory, MeetingFactory, MessageFactory, WorkshopFactory

pytestmark = pytest.mark.django_db

TUESDAY = datetime(2026, 10, 27, 7, 30, tzinfo=UTC)
IN_FULL = os.environ.get("COURSEPLATFORM_FAULTS") == "full"
WORLDS = 100 if IN_FULL else 5
NAMES = [
    "Bjørn Ærø-Åkjær", "Anne Lund", "Å", "Mette-Marie B. Å. Sørensen-Ødegård af Vesterbjerg og Omegn Forvaltning",
    "Ole O'Hara", 'Karen "Kalle" Holm', "Lund, Mette; leder", "Sju\u0308rd Ñandú", "名前 漢字", "<b>Fed</b> & Co",
    "To\r\nlinjer", "Tab\tHer", "a\u2028b", "x" * 120, "😀 Glad", " mellemrum ", "C:\\sti^n", "=?utf-8?q?x?=", "ß" * 40,
]  # fmt: skip
ADDRESSES = [
    "leder{n}@fjordby.example", "mette.lund+kursus{n}@fjordby.example", f"{'lang' * 14}{{n}}@fjordby.example",
    "leder{n}@høje-taastrup.example", "Leder{n}@Fjordby.example", "leder_{n}@a-b.c-d.example",
]  # fmt: skip
TITLES = ["Digital ledelse", "Hold Ø, “efterår”", 'Et "navn"; med, alt\\muligt', "Ж" * 60, "A & B <c>", "x" * 118]
TEMPLATES = [
    ("prompt", "p-a2-tuesday"), ("prompt", "p-w1-after"), ("reminder", "p-w2-prepare"), ("survey", "p-pre-survey"),
    ("conversation", "p-sponsor-mid"), ("conversation", "p-sponsor-mid.sponsor"), ("event", "invitation"),
    ("event", "cancellation"), ("event", "invitation"), ("event", "group_left"),
    ("event", "cohort_left"),
]  # fmt: skip


def any_person(dice, digest):
    person = User(
        email=dice.choice(ADDRESSES).format(n=dice.randrange(10**6)),
        display_name=dice.choice(NAMES) if dice.random() < 0.5 else f"Leder {dice.randrange(10**6)}",
        language=dice.choice(["da", "en"]),
    )
    person.notification_preference = NotificationPreference(digest=digest)
    return person


@dataclass
class World:
    """One cohort's events, and the few kinds of mail that its people get."""

    workshop: Workshop
    meeting: GroupMeeting
    tzid: str
    digest: str
    kinds: list

    def message(self, dice, person, kind, template, is_follow_up):
        participant = any_person(dice, self.digest) if template.endswith(".sponsor") else person
        return Message(
            pk=UUID(int=dice.getrandbits(128)),
            enrolment=Enrolment(cohort=self.workshop.cohort, person=participant),
            person=person,
            kind=kind,
            template=template,
            template_version=self.workshop.cohort.programme_version.digest,
            is_follow_up=is_follow_up and kind != "event",
            channel="calendar" if kind == "event" else "email",
            tzid=self.tzid,
            workshop=self.workshop if kind == "reminder" or (kind == "event" and not is_follow_up) else None,
            meeting=self.meeting if kind in ("event", "reminder") and is_follow_up else None,
            generation=len(self.kinds[0]) % 2,
        )

    def mail(self, dice):
        person = any_person(dice, self.digest)
        lead, *others = [self.message(dice, person, *what) for what in dice.choice(self.kinds)]
        return lead, others


def any_kind(dice):
    """What travels in one mail."""
    kind, template = dice.choice(TEMPLATES)
    together = dice.choice([0, 0, 0, 1, 2, 3]) if kind != "event" else 0
    others = [dice.choice(TEMPLATES[:6]) for _ in range(together)]
    return [(*one, dice.random() < 0.3) for one in [(kind, template), *others]]


def worlds(dice):
    meeting = MeetingFactory(starts_at=TUESDAY + timedelta(days=9), ends_at=TUESDAY + timedelta(days=9, hours=2))
    for _ in range(WORLDS):
        cohort = CohortFactory.build(
            name=dice.choice(TITLES),
            municipality=meeting.group.cohort.municipality,
            programme_version=meeting.group.cohort.programme_version,
            owner_hr=meeting.group.cohort.owner_hr,
        )
        place = dice.choice([*TITLES, "Rådhuset, sal 2", ""])
        workshop = WorkshopFactory.build(cohort=cohort, place=place, ics_sequence=dice.randrange(3))
        zone, digest = dice.choice(["Europe/Copenhagen", "America/Nuuk"]), dice.choice(["off", "weekly"])
        yield World(workshop, meeting, zone, digest, [any_kind(dice) for _ in range(4)])


def test_ten_thousand_mails_are_what_the_libraries_write():
    seed = random.randrange(2**32)
    dice, fast = random.Random(seed), 0
    for world in worlds(dice):
        for number in range(100):
            lead, others = world.mail(dice)
            now = TUESDAY + timedelta(seconds=dice.randrange(10**7))
            mail, by_libraries = outcome(written, lead, others, now), outcome(slowly, lead, others, now)
            assert mail == by_libraries, f"seed {seed}: {lead.person.display_name!r} {lead.template}"
            fast += skeletons._values(lead, others, now) is not None
            if isinstance(mail, bytes) and (IN_FULL or number % 10 == 0):
                machines_can_read(mail, lead)

    assert fast > WORLDS * 10
    assert None not in skeletons._known.values()


def slowly(lead, others, now):
    return in_bytes(compose(lead, others, now))


def outcome(write, *what):
    """The bytes, or what kind of mail it is that nobody can write."""
    try:
        mail = write(*what)
        return mail if isinstance(mail, bytes) else mail.content
    except (ValueError, KeyError) as error:
        return type(error)


def machines_can_read(content, lead):
    mail = email.message_from_bytes(content, policy=policy.default)
    assert [part.defects for part in mail.walk() if part.defects] == []
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert mail["Message-ID"] == lead.message_id
    assert ("List-Unsubscribe" in mail) == ("List-Unsubscribe-Post" in mail) == (lead.kind != "event")
    if lead.kind == "event":
        two_calendars_agree(mail, lead)


def two_calendars_agree(mail, lead):
    alternative, file = mail.iter_parts()
    raw = file.get_payload(decode=True)
    assert list(alternative.iter_parts())[2].get_payload(decode=True) == raw
    [event] = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert event.errors == []
    lines = strictly_read(raw)
    about = lead.workshop or lead.meeting
    assert str(event["UID"]) == lines["UID"][1] == about.ics_uid
    assert str(event["SEQUENCE"]) == lines["SEQUENCE"][1] == str(about.ics_sequence)
    assert event["ATTENDEE"] == lines["ATTENDEE"][1] == f"mailto:{lead.person.email}"
    assert event["DTSTAMP"].dt.strftime("%Y%m%dT%H%M%SZ") == lines["DTSTAMP"][1]
    assert event["ATTENDEE"].params["CN"] == without_carets(lines["ATTENDEE"][0]["CN"].strip('"'))


def without_carets(value):
    """RFC 6868."""
    return re.sub(r"\^(['n^])", lambda found: {"'": '"', "n": "\n", "^": "^"}[found[1]], value)


LINE = re.compile(
    r"""([A-Z-]+)((?:;[A-Z-]+=(?:"[^"\x00-\x08\x0a-\x1f]*"|[^";:,\x00-\x08\x0a-\x1f]*))*):([^\x00-\x08\x0a-\x1f]*)"""
)


def strictly_read(raw):
    """RFC 5545's grammar of a line and nothing of anybody's leniency: name, parameters, value of the event's lines."""
    assert raw.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    [line.decode() for line in raw.split(b"\r\n")]  # folded between letters, never inside one
    lines = {}
    for line in raw.decode().replace("\r\n ", "").split("\r\n")[:-1]:
        found = LINE.fullmatch(line)
        assert found, line
        name, parameters, value = found.groups()
        pairs = re.findall(r'([A-Z-]+)=("[^"]*"|[^";]*)', parameters)
        lines[name] = dict(pairs), value
    return lines


@pytest.mark.parametrize("line", ["x" * n for n in (1, 74, 75, 76, 148, 149, 150, 400)] + ["ø" * 80, "a\\,b^n" * 20])
def test_a_line_is_folded_as_the_library_folds_it(line):
    assert fold(line.encode()) == icalendar.parser.Contentline(line).to_ical() + b"\r\n"


def test_the_third_person_costs_the_libraries_nothing(monkeypatch):
    enrolment = EnrolmentFactory()
    workshop = WorkshopFactory(cohort=enrolment.cohort)
    event = {"kind": "event", "template": "invitation", "channel": "calendar", "workshop": workshop}
    first, second, third = (MessageFactory(enrolment__cohort=enrolment.cohort, **event) for _ in range(3))
    written(first, [], TUESDAY)
    written(second, [], TUESDAY)
    expected = slowly(third, [], TUESDAY)
    monkeypatch.setattr(skeletons, "compose", None)

    assert written(third, [], TUESDAY).content == expected


def test_each_has_an_address_of_their_own_to_answer_to(settings):
    settings.ANSWERS_BY_MAIL = True
    first, second, third = MessageFactory.create_batch(3, enrolment=EnrolmentFactory())
    for message in (first, second, third):
        mail = written(message, [], TUESDAY)
        assert mail.content == in_bytes(compose(message, [], TUESDAY))
        assert email.message_from_bytes(mail.content, policy=policy.default)["Reply-To"] == reply_address(message)
    assert isinstance(skeletons._known[skeletons._key((third,))], skeletons.Skeleton)


def test_what_has_changed_is_in_the_next_mail():
    message = MessageFactory()
    before = [written(message, [], TUESDAY).content for _ in range(3)][2]
    message.enrolment.cohort.name = "Et nyt navn"

    assert b"From: Et nyt navn <" in written(message, [], TUESDAY).content
    assert before.count(b"Et nyt navn") == 0


def test_a_kind_that_a_skeleton_gets_wrong_is_left_to_the_libraries(settings):
    """As if the wording one day said something that no gap was cut for."""
    settings.TEMPLATES = with_letter(settings.TEMPLATES, "Klokken er {% now 'U.u' %}")
    message = MessageFactory()

    mails = [written(message, [], TUESDAY).content for _ in range(4)]

    assert len({mail.split(b"Klokken er ")[1][:17] for mail in mails}) == 4


def with_letter(templates, text):
    loaders = [
        ("django.template.loaders.locmem.Loader", {"emails/letter.txt": text}),
        "django.template.loaders.filesystem.Loader",
        "django.template.loaders.app_directories.Loader",
    ]
    return [{**templates[0], "APP_DIRS": False, "OPTIONS": {**templates[0]["OPTIONS"], "loaders": loaders}}]


def test_a_specimen_is_never_in_a_mail():
    for person in (MessageFactory().person, UserWithOddName()):
        message = MessageFactory(enrolment__person=person)
        for _ in range(3):
            assert b"nowhere.example" not in written(message, [], TUESDAY).content
            assert b"Nobody" not in written(message, [], TUESDAY).content


def UserWithOddName():
    return EnrolmentFactory(person__display_name="O'Hara; <leder>").person
