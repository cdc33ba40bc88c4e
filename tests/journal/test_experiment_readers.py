"""Who sees how much of somebody's question and experiments (MODEL §5, I7, I8, I17)."""

import html
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import override

from courseplatform.cohorts.models import GroupMembership
from courseplatform.journal.experiments import observations
from courseplatform.journal.experiments import transitions as experiments
from courseplatform.journal.experiments.readers import readers_of
from courseplatform.journal.models import Project
from courseplatform.people.models import AuditEvent
from tests.factories import CohortFactory, EnrolmentFactory, GroupFactory, MembershipFactory, UserFactory
from tests.journal.conftest import NOW
from tests.journal.trying import PLAN, QUESTION, ask, idea, planned, running

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=7)
SEEN = "Tre af fem spurgte, hvad systemet foreslog"


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(response):
    return html.unescape(response.content.decode())


def address(name, experiment):
    return reverse(name, args=[experiment.pk])


@pytest.fixture
def experiment(author):
    experiment = running(author)
    observations.note(experiment, uuid4(), SEEN, seen_at=NOW, now=NOW)
    experiment.refresh_from_db()
    return experiment


def sees(signed_in, person, experiment):
    """What that person finds: nothing, the title, or all of it."""
    response = signed_in(person).get(address("experiment", experiment))
    if response.status_code == 404:
        return "nothing"
    page = page_of(response)
    assert PLAN["title"] in page
    found = {text in page for text in (SEEN, PLAN["then_action"], PLAN["hypothesis"])}
    assert len(found) == 1
    return "all" if found == {True} else "title"


@pytest.mark.parametrize(
    ("level", "peer_sees", "facilitator_sees", "cohort_sees"),
    [
        ("private", "title", "title", "nothing"),
        ("group", "all", "title", "nothing"),
        ("facilitator", "all", "all", "nothing"),
        ("cohort", "all", "all", "title"),
    ],
)
def test_each_level_opens_what_it_says(
    signed_in, author, peer, experiment, level, peer_sees, facilitator_sees, cohort_sees
):
    observations.share(experiment, level, NOW)
    facilitator = author.cohort.facilitators.get()
    in_another_group = EnrolmentFactory(cohort=author.cohort)
    MembershipFactory(group=GroupFactory(cohort=author.cohort, name="En anden gruppe"), enrolment=in_another_group)

    assert sees(signed_in, peer.person, experiment) == peer_sees
    assert sees(signed_in, facilitator, experiment) == facilitator_sees
    assert sees(signed_in, in_another_group.person, experiment) == cohort_sees


def test_nobody_else_sees_anything(signed_in, author, experiment):
    observations.share(experiment, "cohort", NOW)
    author.person.line_manager = UserFactory()
    author.person.save()
    elsewhere = EnrolmentFactory(cohort=CohortFactory(name="Et andet hold")).person

    for person in (author.person.line_manager, author.cohort.owner_hr, elsewhere):
        assert sees(signed_in, person, experiment) == "nothing"


def test_what_is_taken_back_is_gone_at_the_next_request(signed_in, peer, author, experiment):
    observations.share(experiment, "group", NOW)
    assert sees(signed_in, peer.person, experiment) == "all"
    signed_in(author.person).post(address("experiment-share", experiment), {"visibility": "private"})

    assert sees(signed_in, peer.person, experiment) == "title"


def test_it_follows_the_authors_present_group(signed_in, author, group, peer, experiment):
    observations.share(experiment, "group", NOW)
    newcomer = EnrolmentFactory(cohort=author.cohort)
    MembershipFactory(group=group, enrolment=newcomer, joined_at=LATER)
    assert sees(signed_in, newcomer.person, experiment) == "title"
    GroupMembership.objects.filter(enrolment=author).update(left_at=LATER)

    assert sees(signed_in, peer.person, experiment) == "nothing"
    assert signed_in(peer.person).get(reverse("experiments-of", args=[author.pk])).status_code == 404


def test_an_idea_and_a_draft_question_are_nobody_elses(signed_in, author, peer):
    unfinished = idea(author)

    assert sees(signed_in, peer.person, unfinished) == "nothing"
    Project.objects.update(state="draft")
    assert signed_in(peer.person).get(reverse("experiments-of", args=[author.pk])).status_code == 404


def test_to_look_is_written_down_once_a_day(signed_in, author, peer, experiment):
    for _ in range(2):
        sees(signed_in, peer.person, experiment)

    [look] = AuditEvent.objects.filter(object_id=str(experiment.pk))
    assert (look.actor, look.about) == (peer.person, author.person)
    assert peer.person.display_name in page_of(signed_in(author.person).get(address("experiment", experiment)))


@pytest.mark.parametrize("name", ["experiment-stop", "experiment-see", "experiment-reflect"])
def test_even_who_may_read_it_all_writes_nothing_in_it(signed_in, peer, experiment, name):
    observations.share(experiment, "cohort", NOW)

    assert signed_in(peer.person).get(address(name, experiment)).status_code == 404


def test_earlier_wordings_stay_mine_to_read(author, peer, signed_in):
    ask(author)
    ask(author, "Hvordan kan jeg få aftenvagten med?", note="Det var ikke alle")

    assert QUESTION in page_of(signed_in(author.person).get(reverse("experiments")))
    theirs = page_of(signed_in(peer.person).get(reverse("experiments-of", args=[author.pk])))
    assert "Hvordan kan jeg få aftenvagten med?" in theirs
    assert QUESTION not in theirs
    assert "Det var ikke alle" not in theirs


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("private", "Resten er kun til dig."),
        ("group", "Din gruppe kan læse det hele."),
        ("facilitator", "Din gruppe og jeres facilitator kan læse det hele."),
        ("cohort", "Resten af holdet ser navnet, og hvor langt den er."),
    ],
)
def test_the_sentence_beside_it_says_who_reads_it_now_and_once_it_is_planned_again(author, level, said):
    experiment = planned(author)
    observations.share(experiment, level, NOW)
    with override("da"):
        assert said in readers_of(experiment)
        experiments.back_to_idea(experiment, NOW)
        assert readers_of(experiment).startswith("Kun du kan læse dette")
        assert (said in readers_of(experiment)) is (level != "private")
