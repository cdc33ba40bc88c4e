"""The group agreement: anybody proposes, everybody says yes, and every version stays readable (MODEL I14)."""

import html
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import Enrolment, GroupMembership
from courseplatform.journal.groups import agreements
from courseplatform.people.refusals import Refusal
from tests.factories import GroupFactory
from tests.journal.at_the_table import Table

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 30, 8, tzinfo=UTC)
TEXT = "Vi spørger, før vi giver råd."


@pytest.fixture
def table():
    return Table()


def say_yes(table, agreement, *members):
    for number in members:
        agreements.say_yes(agreement, table.members[number].person, now=NOW)
    table.group.refresh_from_db()


def test_it_counts_when_the_last_of_us_has_said_yes(table):
    table.group.agreement = "Det gamle"
    table.group.save()
    proposed = agreements.propose(table.group, TEXT, by=table.members[0].person, now=NOW)

    say_yes(table, proposed, 1, 2, 3)
    assert table.group.agreement == "Det gamle"
    say_yes(table, proposed, 4)

    assert table.group.agreement == TEXT
    assert [(one.version, one.text, one.state) for one in table.group.agreements.all()] == [
        (2, TEXT, "adopted"),
        (1, "Det gamle", "adopted"),
    ]


def test_a_group_that_is_forming_becomes_active_with_its_first_agreement(table):
    table.group.state = "forming"
    table.group.save()

    say_yes(table, agreements.propose(table.group, TEXT, by=table.members[0].person, now=NOW), 1, 2, 3, 4)

    assert table.group.state == "active"


def test_who_is_on_pause_is_not_waited_for(table):
    Enrolment.objects.filter(pk=table.members[4].pk).update(state="paused")

    say_yes(table, agreements.propose(table.group, TEXT, by=table.members[0].person, now=NOW), 1, 2, 3)

    assert table.group.agreement == TEXT


def test_proposing_the_same_twice_is_one_proposal(table):
    first = agreements.propose(table.group, TEXT, by=table.members[0].person, now=NOW)

    assert agreements.propose(table.group, f" {TEXT}\r\n", by=table.members[0].person, now=NOW) == first


def test_a_yes_to_a_wording_that_has_been_replaced_is_refused(table):
    old = agreements.propose(table.group, TEXT, by=table.members[0].person, now=NOW)
    new = agreements.propose(table.group, "Noget helt andet", by=table.members[1].person, now=NOW)

    with pytest.raises(Refusal):
        say_yes(table, old, 2)
    assert agreements.waiting_for(new) == [table.members[number].person for number in (3, 0, 2, 4)]


def test_a_proposal_laid_aside_changes_nothing(table):
    proposed = agreements.propose(table.group, TEXT, by=table.members[0].person, now=NOW)
    agreements.drop(proposed, now=NOW)
    agreements.drop(proposed, now=NOW)

    table.group.refresh_from_db()
    assert (table.group.agreement, agreements.open_proposal(table.group)) == ("", None)


class TestPage:
    def post(self, client, table, who=0, *, headers=None, **what):
        client.force_login(table.members[who].person)
        posted = {"field-text" if name == "text" else name: value for name, value in what.items()}
        return client.post(reverse("agreement", kwargs={"pk": table.group.pk}), posted, headers=headers)

    def test_of_two_who_propose_at_once_the_second_reads_the_first_one_first(self, client, table):
        self.post(client, table, 0, do="propose", text=TEXT)
        page = self.post(client, table, 1, do="propose", text="Vi slutter til tiden.", instead="")

        shown = html.unescape(page.content.decode())
        assert (page.status_code, shown.count(TEXT), shown.count("Vi slutter til tiden.")) == (409, 1, 1)
        assert agreements.open_proposal(table.group).text == TEXT
        assert 'name="instead" value="1"' in shown
        self.post(client, table, 1, keep="other")
        assert agreements.open_proposal(table.group).text == TEXT
        self.post(client, table, 1, do="propose", text="Vi slutter til tiden.", instead="1")
        assert agreements.open_proposal(table.group).text == "Vi slutter til tiden."

    def test_what_waited_on_a_phone_is_proposed_once_and_never_over_another_one_unseen(self, client, table):
        late = {"do": "propose", "text": TEXT, "done": "1", "headers": {"X-Requested-With": "autosave"}}
        for _ in range(2):
            answer = self.post(client, table, 0, **late)
            assert answer.json()["entry"] == reverse("agreement", args=[table.group.pk])

        assert self.post(client, table, 1, **late | {"text": "Noget andet"}).status_code == 422
        assert self.post(client, table, 1, **late | {"writer": "en anden"}).status_code == 403
        assert [one.text for one in table.group.agreements.all()] == [TEXT]

    def test_when_the_last_one_missing_leaves_the_others_can_let_it_count(self, client, table):
        for who in range(4):
            self.post(client, table, who, do="propose", text=TEXT)
        GroupMembership.objects.filter(enrolment=table.members[4]).update(left_at=NOW)
        page = client.get(reverse("agreement", kwargs={"pk": table.group.pk})).content.decode()

        assert "Så gælder det" in page
        self.post(client, table, 3, do="yes", version=1)
        table.group.refresh_from_db()
        assert table.group.agreement == TEXT

    def test_what_cannot_be_kept_comes_back_as_it_was_typed(self, client, table):
        answer = self.post(client, table, do="propose", text="Ring til mig: 010170-1234")

        assert answer.status_code == 422
        assert "Ring til mig: 010170-1234</textarea>" in html.unescape(answer.content.decode())
        assert table.group.agreements.count() == 0

    def test_another_groups_agreement_is_nowhere(self, client, table):
        other = GroupFactory(cohort=table.group.cohort)
        client.force_login(table.members[0].person)

        assert client.get(reverse("agreement", kwargs={"pk": other.pk})).status_code == 404
        assert (
            client.post(reverse("agreement", kwargs={"pk": other.pk}), {"do": "propose", "text": TEXT}).status_code
            == 404
        )

    @pytest.mark.parametrize("version", ["", "x", "²", "99"])
    def test_a_version_that_is_none_is_nowhere(self, client, table, version):
        assert self.post(client, table, do="yes", version=version).status_code == 404
