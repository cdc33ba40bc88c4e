"""What is said at the table: whose line it is, where a refused one stands, and until when one is taken."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import GroupMembership
from courseplatform.journal.models import Commitment, MeetingNote
from tests.journal.at_the_table import MINUTE, STARTS, AtThePages, Table

pytestmark = pytest.mark.django_db


@pytest.fixture
def table():
    return Table()


class TestLines(AtThePages):
    def test_who_reads_it_is_never_less_than_the_truth(self, phone, table):
        self.begin(phone, table)
        assert "Din læringsgruppe kan læse dette." in self.look(phone, table)

        phone.post(reverse("meeting-facilitator", kwargs={"pk": table.meeting.pk}), {"wanted": "yes"})
        assert "Din læringsgruppe og dens facilitator kan læse dette." in self.look(phone, table)

    def test_what_cannot_be_kept_comes_back_as_it_was_typed(self, phone, table):
        self.begin(phone, table)
        for edition in range(4):
            self.tap(phone, table, do="next", edition=edition)
        for field, said in {
            f"commitment-{table.members[0].pk}": {"do": "commit", "of": table.members[0].pk},
            f"commitment-{table.members[3].pk}": {"do": "commit", "of": table.members[3].pk},  # whose turn it is not
            "note": {"do": "note"},
        }.items():
            answer = self.tap(phone, table, text="Ring 010170-1234", **said)
            page = answer.content.decode()

            assert answer.status_code == 422
            assert page.count("Ring 010170-1234") == 1
            assert re.search(rf'<textarea[^>]* id="{field}"[^>]*>Ring 010170-1234</textarea>', page)
        assert (Commitment.objects.count(), MeetingNote.objects.count()) == (0, 0)

    def test_each_has_a_field_of_their_own_and_only_the_presenters_is_open(self, phone, table):
        self.begin(phone, table)
        for edition in range(4):
            self.tap(phone, table, do="next", edition=edition)
        forms = re.findall(r"<form[^>]*promise[^>]*>.*?<textarea[^>]*>", self.look(phone, table), re.DOTALL)

        assert len(forms) == len(table.members)
        shown = [form for form in forms if not re.match(r"<form[^>]* hidden", form)]
        assert [f'id="commitment-{table.members[0].pk}"' in form for form in shown] == [True]

    def test_a_promise_for_somebody_who_has_left_is_still_to_be_read(self, phone, table):
        self.begin(phone, table)
        GroupMembership.objects.filter(enrolment=table.members[4]).update(left_at=STARTS)
        answer = self.tap(phone, table, do="commit", of=table.members[4].pk, text="Jeg ringer i morgen.")

        assert answer.status_code == 422
        assert '<p class="entry">Jeg ringer i morgen.</p>' in answer.content.decode()

    def test_without_a_session_nothing_typed_is_lost(self, client, table):
        words = {"do": "note", "text": "Gem mig"}
        answer = client.post(reverse("meeting-tap", kwargs={"pk": table.meeting.pk}), words)

        assert answer.status_code == 401
        assert ">Gem mig</textarea>" in answer.content.decode()

    def test_what_waited_on_a_phone_is_not_sent_in_somebody_elses_name(self, phone, table):
        self.begin(phone, table)
        answer = self.tap(phone, table, do="note", text="Ikke mit", writer=table.members[1].person.pk)

        assert (answer.status_code, MeetingNote.objects.count()) == (403, 0)

    def test_what_was_said_is_kept_until_twelve_hours_after_the_end_and_then_comes_back(self, phone, table, clock):
        self.begin(phone, table)
        clock.move_to(STARTS + 170 * MINUTE)
        self.tap(phone, table, do="end", present=[str(one.pk) for one in table.members])
        other = table.members[1]
        clock.move_to(STARTS + 170 * MINUTE + timedelta(hours=11))
        self.tap(phone, table, do="commit", of=other.pk, text="Jeg ringer i morgen.")
        assert "· skrevet af Leder, Engholm" in self.look(phone, table)

        clock.move_to(STARTS + timedelta(weeks=3))
        phone.force_login(table.members[0].person)
        for said in ({"do": "commit", "of": other.pk}, {"do": "note"}):
            answer = self.tap(phone, table, text="Jeg siger undskyld.", **said)
            assert (answer.status_code, Commitment.objects.count(), MeetingNote.objects.count()) == (422, 1, 0)
            assert "Mødet sluttede for mere end tolv timer siden" in answer.content.decode()
            assert '<p class="entry">Jeg siger undskyld.</p>' in answer.content.decode()

    def test_who_wrote_their_own_line_is_named_once(self, phone, table):
        self.begin(phone, table)
        self.tap(phone, table, do="note", text="Tavsheden hjalp.")
        assert "skrevet af" not in self.look(phone, table)

    def test_another_of_the_group_sends_what_waited_in_the_name_of_who_typed_it(self, phone, table):
        self.begin(phone, table)
        self.tap(phone, table, do="note", of=table.members[1].pk, text="Tavsheden hjalp.")

        note = MeetingNote.objects.get()
        assert (note.author, note.created_by) == (table.members[1].person, table.members[0].person)
