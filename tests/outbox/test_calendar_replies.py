"""Yes, perhaps and no from Outlook and others: the same answer as on the page, and only from whom it concerns."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from courseplatform.cohorts.models import Attendance, Cohort, Enrolment, Workshop
from courseplatform.cohorts.transitions.answer import answer_workshop
from courseplatform.cohorts.transitions.seat import send
from courseplatform.outbox.inbox.arrived import opened
from courseplatform.outbox.inbox.calendar_replies import read
from courseplatform.outbox.models import IncomingMail
from courseplatform.outbox.writing.composing import compose
from courseplatform.people.models import User
from tests.factories import EnrolmentFactory, MessageFactory, UserFactory, WorkshopFactory
from tests.outbox.incoming import mail

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 10, 26, 9, tzinfo=UTC)  # the workshop begins on Wednesday
MINUTE = timedelta(minutes=1)

REPLY = """\
BEGIN:VCALENDAR
PRODID:-//A calendar program//EN
VERSION:2.0
METHOD:{method}
BEGIN:VEVENT
UID:{uid}
SEQUENCE:{sequence}
DTSTAMP:{stamp:%Y%m%dT%H%M%SZ}
DTSTART:{starts:%Y%m%dT%H%M%SZ}
ORGANIZER:mailto:{organizer}
ATTENDEE;PARTSTAT={answer};CN=Leder:{scheme}:{attendee}
SUMMARY:Accepteret
COMMENT:Jeg glæder mig
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def invited():
    """Somebody who takes part, and a workshop that is two days away."""
    enrolment = EnrolmentFactory()
    return enrolment, WorkshopFactory(cohort=enrolment.cohort)


def reply(invited, answer="ACCEPTED", *, sender=None, **facts):
    enrolment, workshop = invited
    email = enrolment.person.email
    usual = {
        "method": "REPLY",
        "uid": workshop.ics_uid,
        "sequence": workshop.ics_sequence,
        "stamp": MONDAY,
        "starts": workshop.starts_at,
        "organizer": enrolment.cohort.mailbox,
        "attendee": email,
        "scheme": "mailto",
        "answer": answer,
    }
    headers = facts.pop("headers", {})
    calendar = REPLY.format(**usual | facts).replace("\n", "\r\n")
    raw = mail(enrolment.cohort.mailbox, calendar, sender=sender or email, subtype="calendar", **headers)
    return raw.replace(b"text/calendar;", b"text/calendar; method=REPLY;")


def told(raw, now=MONDAY):
    found = read(opened(raw), now)
    assert found is None or found.kind == IncomingMail.Kind.CALENDAR
    return found and found.word


def answer_of(invited):
    enrolment, workshop = invited
    kept = Attendance.objects.filter(enrolment=enrolment, workshop=workshop).first()
    return kept and (kept.response, kept.responded_at)


@pytest.mark.parametrize("answer", ["accepted", "tentative", "declined"])
def test_an_answer_is_kept_with_the_moment_it_was_given(invited, answer):
    assert told(reply(invited, answer.upper()), MONDAY + MINUTE) == answer

    assert answer_of(invited) == (answer, MONDAY)


def test_the_invitation_we_send_can_be_answered_by_any_program(invited):
    enrolment, workshop = invited
    message = MessageFactory(enrolment=enrolment, kind="event", channel="calendar", workshop=workshop)
    [sent] = [text for text, kind in compose(message, [], MONDAY).alternatives if kind.startswith("text/calendar")]
    calendar = Calendar.from_ical(sent)
    calendar["METHOD"] = "REPLY"
    calendar.walk("VEVENT")[0]["ATTENDEE"].params["PARTSTAT"] = "DECLINED"
    answer = calendar.to_ical().decode()

    assert told(mail(enrolment.cohort.mailbox, answer, sender=enrolment.person.email, subtype="calendar")) == "declined"


def test_a_colleagues_no_gives_the_seat_back(invited):
    enrolment, workshop = invited
    colleague = UserFactory()
    row = send(workshop, enrolment, colleague, by=enrolment.person, now=MONDAY)
    workshop.refresh_from_db()

    answer = reply(invited, "DECLINED", attendee=colleague.email, sender=colleague.email)
    assert told(answer) == "declined"

    row.refresh_from_db()
    assert (row.state, answer_of(invited)) == ("declined", ("none", None))


def test_the_last_word_stands_whichever_way_it_came(invited):
    enrolment, workshop = invited
    told(reply(invited, "ACCEPTED"))
    answer_workshop(workshop, enrolment, "declined", now=MONDAY + MINUTE)

    assert told(reply(invited, "TENTATIVE", stamp=MONDAY + MINUTE / 2), MONDAY + 2 * MINUTE) == "older"
    assert answer_of(invited) == ("declined", MONDAY + MINUTE)
    assert told(reply(invited, "TENTATIVE", stamp=MONDAY + 2 * MINUTE), MONDAY + 3 * MINUTE) == "tentative"
    assert answer_of(invited) == ("tentative", MONDAY + 2 * MINUTE)


def test_mails_that_overtake_each_other_leave_the_newest_answer(invited):
    told(reply(invited, "DECLINED", stamp=MONDAY + MINUTE), MONDAY + 5 * MINUTE)

    assert told(reply(invited, "ACCEPTED", stamp=MONDAY), MONDAY + 5 * MINUTE) == "older"

    assert answer_of(invited) == ("declined", MONDAY + MINUTE)


def test_a_replayed_answer_does_not_undo_a_later_one(invited):
    first = reply(invited, "ACCEPTED")
    told(first)
    told(reply(invited, "DECLINED", stamp=MONDAY + MINUTE), MONDAY + MINUTE)

    assert told(first, MONDAY + 2 * MINUTE) == "older"
    assert answer_of(invited) == ("declined", MONDAY + MINUTE)


def test_a_clock_that_is_ahead_does_not_win_for_ever(invited):
    enrolment, workshop = invited
    told(reply(invited, "ACCEPTED", stamp=MONDAY + timedelta(days=300)))

    assert answer_of(invited) == ("accepted", MONDAY)
    answer_workshop(workshop, enrolment, "declined", now=MONDAY + MINUTE)
    assert answer_of(invited) == ("declined", MONDAY + MINUTE)


def test_a_yes_to_the_old_date_is_no_yes_to_the_new_one(invited):
    old = reply(invited, "ACCEPTED")
    _, workshop = invited
    Workshop.objects.filter(pk=workshop.pk).update(ics_sequence=1, starts_at=workshop.starts_at + timedelta(hours=1))

    assert told(old) == "outdated"
    assert answer_of(invited) is None


def test_a_yes_stands_when_only_the_room_has_changed(invited):
    old = reply(invited, "ACCEPTED")
    Workshop.objects.filter(pk=invited[1].pk).update(ics_sequence=1, place="Rådhuset, sal 3")

    assert told(old) == "accepted"


def test_nobody_answers_for_another(invited):
    enrolment, _ = invited
    other = EnrolmentFactory(cohort=enrolment.cohort)

    assert told(reply(invited, sender=other.person.email)) == "forged"
    assert told(reply(invited, attendee=other.person.email)) == "forged"
    assert told(reply(invited, sender="nobody@elsewhere.example")) == "forged"
    assert told(reply(invited, sender="nobody@elsewhere.example", attendee="nobody@elsewhere.example")) == "unknown"
    assert Attendance.objects.count() == 0


def test_two_senders_are_none(invited):
    raw = reply(invited)
    person = invited[0].person.email.encode()

    assert told(b"From: " + person + b"\r\n" + raw) == "forged"
    assert told(raw.replace(b"From: " + person, b"From: " + person + b", someone@elsewhere.example")) == "forged"
    assert Attendance.objects.count() == 0


def test_an_address_counts_in_any_case(invited):
    email = invited[0].person.email

    assert (
        told(reply(invited, sender=f"Leder <{email.upper()}>", attendee=email.title(), scheme="MAILTO")) == "accepted"
    )


@pytest.mark.parametrize("state", [one for one in Enrolment.State if one not in Enrolment.TAKING_PART])
def test_who_does_not_take_part_cannot_answer(invited, state):
    Enrolment.objects.update(state=state)

    assert told(reply(invited)) == "unknown"
    assert Attendance.objects.count() == 0


def test_who_has_left_or_whose_cohort_is_off_cannot_answer(invited):
    User.objects.filter(pk=invited[0].person_id).update(is_active=False)
    assert told(reply(invited)) == "unknown"
    User.objects.update(is_active=True)
    Cohort.objects.update(state="cancelled")
    assert told(reply(invited)) == "unknown"
    assert Attendance.objects.count() == 0


def test_another_cohorts_workshop_cannot_be_answered(invited):
    elsewhere = WorkshopFactory(cohort=EnrolmentFactory().cohort, ics_uid="elsewhere@fjordby.example")

    assert told(reply((invited[0], elsewhere))) == "unknown"
    assert told(reply(invited, uid="guessed@fjordby.example")) == "unknown"
    assert Attendance.objects.count() == 0


def test_a_workshop_that_has_begun_or_is_off_takes_no_answer(invited):
    _, workshop = invited

    assert told(reply(invited), workshop.starts_at) == "too_late"
    assert told(reply(invited), workshop.starts_at + timedelta(days=30)) == "too_late"
    Workshop.objects.update(state="cancelled")
    assert told(reply(invited)) == "too_late"
    assert Attendance.objects.count() == 0


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"method": "COUNTER"}, "counter"),
        ({"answer": "DELEGATED"}, "delegated"),
        ({"answer": "NEEDS-ACTION"}, "unclear"),
        ({"answer": "x-other"}, "unclear"),
    ],
)
def test_other_words_are_noted_and_change_nothing(invited, facts, word):
    assert told(reply(invited, **facts)) == word
    assert Attendance.objects.count() == 0


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "PUBLISH", "ADD", ""])
def test_other_peoples_invitations_are_not_ours_to_read(invited, method):
    assert told(reply(invited, method=method)) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"END:VEVENT", b"END:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nEND:VEVENT"),
        (b"ATTENDEE;", b"ATTENDEE;PARTSTAT=DECLINED:mailto:other@fjordby.example\r\nATTENDEE;"),
        (b"ATTENDEE;", b"X-NOBODY;"),
        (b"DTSTAMP:20261026T090000Z", b"X-STAMP:1"),
        (b"DTSTAMP:20261026T090000Z", b"DTSTAMP;VALUE=DATE:20261026"),
        (b"VEVENT", b"VTODO"),
    ],
)
def test_an_answer_that_is_not_one_answer_to_one_event_changes_nothing(invited, old, new):
    raw = reply(invited)
    assert old in raw

    assert told(raw.replace(old, new)) == "unclear"
    assert Attendance.objects.count() == 0


RELAY = "inbound.fjordby.example"


@pytest.mark.parametrize(
    ("results", "word"),
    [
        ("spf=pass smtp.mailfrom=fjordby.example; dkim=pass; dmarc=pass header.from=fjordby.example", "accepted"),
        ("spf=fail; dkim=pass; dmarc=pass", "accepted"),  # forwarded, and still theirs
        ("spf=none; dkim=none", "accepted"),
        ("spf=pass; dmarc=fail", "forged"),
        ("dmarc=fail (p=none)", "forged"),
        ("spf=fail smtp.mailfrom=x", "forged"),
        ('dkim=fail reason="dmarc=pass"', "forged"),
        ("DMARC = FAIL", "forged"),
        ("spf=pass (a comment; dmarc=fail)", "accepted"),
        ("spf=fail (of a;(b;) dmarc=pass; dmarc=pass) smtp.mailfrom=dmarc=pass", "forged"),
    ],
)
def test_our_relays_word_on_the_sender_counts(invited, settings, results, word):
    settings.INBOX_AUTHSERV_ID = RELAY

    assert told(reply(invited, headers={"Authentication_Results": f"{RELAY}; {results}"})) == word


def test_another_relays_word_counts_for_nothing(invited, settings):
    said = {"Authentication_Results": "mx.elsewhere.example; dmarc=fail"}

    assert told(reply(invited, headers=said)) == "accepted"
    settings.INBOX_AUTHSERV_ID = RELAY
    assert told(reply(invited, "DECLINED", stamp=MONDAY + MINUTE, headers=said), MONDAY + MINUTE) == "declined"


def test_an_answer_a_program_gave_counts_too(invited):
    assert told(reply(invited, headers={"Auto_Submitted": "auto-generated"})) == "accepted"


@pytest.mark.parametrize("charset", [b"iso-8859-1", b"windows-1252", b"nonsense-8", b"idna", b"undefined"])
def test_a_wrong_charset_does_no_harm(invited, charset):
    assert told(reply(invited).replace(b'charset="utf-8"', b"charset=" + charset)) == "accepted"


def test_nothing_but_the_answer_is_kept(invited, caplog):
    told(reply(invited))

    assert "glæder" not in str(Attendance.objects.values().get())
    assert caplog.text == ""
