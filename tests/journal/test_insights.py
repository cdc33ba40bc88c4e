"""Learning points: from one's own experiment alone, shared by consent, gone when it is withdrawn (MODEL I5–I8, I17)."""

import html
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from courseplatform.cohorts.models import GroupMembership
from courseplatform.journal.experiments.sealed_texts import texts_of
from courseplatform.journal.insights import sharing, writing
from courseplatform.journal.models import Insight
from courseplatform.journal.own_copy import archive_of, copy_of
from courseplatform.journal.reflections.writing import StaleError
from courseplatform.people.models import AuditEvent
from courseplatform.people.privacy.sealing import destroy_key
from courseplatform.people.refusals import Refusal
from tests.doors import SIGNED_IN, World
from tests.factories import EnrolmentFactory, MembershipFactory
from tests.journal.conftest import NOW
from tests.journal.trying import LINES, PLAN, insight, running, thought_through

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=7)
AUTOSAVE = {"headers": {"X-Requested-With": "autosave"}}
CPR = "Jeg talte med 010190-1234"
# MODEL §5, by who is in the small world; `gone` has left, and nobody is the owner's peer but `peer`.
MAY_READ = {
    "private": set(),
    "group": {"peer"},
    "facilitator": {"peer", "facilitator"},
    "cohort": {"peer", "facilitator", "other_group"},
    "organisation": SIGNED_IN - {"owner", "other_hr"},
}


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(response):
    return html.unescape(response.content.decode())


def readers_of(one, world):
    people = SIGNED_IN | {"gone"}
    return {role for role in people if Insight.objects.shared_with(getattr(world, role)).filter(pk=one.pk).exists()}


def test_each_level_opens_it_for_exactly_those_it_names():
    world = World()
    one = insight(world.enrolment)
    found = {"private": readers_of(one, world)}
    for level in sharing.LEVELS:
        sharing.share(one, level, edition=one.edition, now=NOW)
        found[str(level)] = readers_of(one, world)

    assert found == MAY_READ


def test_only_what_is_shared_with_the_municipality_outlives_the_cohort(author, peer):
    for level, is_found in [("cohort", False), ("organisation", True)]:
        author.cohort.state = "running"
        author.cohort.save()
        one = insight(author, level=level)
        author.cohort.state = "archived"
        author.cohort.save()
        assert Insight.objects.shared_with(peer.person).filter(pk=one.pk).exists() is is_found


def test_it_follows_the_authors_present_group(author, group, peer):
    one = insight(author, level="group")
    newcomer = EnrolmentFactory(cohort=author.cohort).person
    MembershipFactory(group=group, enrolment=newcomer.enrolments.get(), joined_at=NOW + timedelta(hours=1))
    assert not Insight.objects.shared_with(newcomer).exists()
    sharing.share(one, "group", edition=one.edition, now=LATER)  # agreed to anew
    assert Insight.objects.shared_with(newcomer).get() == one
    GroupMembership.objects.filter(enrolment=author).update(left_at=LATER)

    assert not Insight.objects.shared_with(peer.person).exists()


def test_it_comes_from_an_experiment_that_is_thought_through_and_only_once(author):
    with pytest.raises(Refusal, match="Tænk den igennem først"):
        writing.begin(running(author))
    experiment = thought_through(author)

    assert writing.begin(experiment) == writing.begin(experiment)
    situation = "Mandagens tavlemøde når til borgerhenvendelser"
    assert writing.suggestion(experiment) == {
        "situation": situation,
        "did": "Spørger jeg først, hvad systemet foreslog",
    }


def test_what_was_agreed_to_is_what_they_read(author):
    one = insight(author)
    seen = one.edition
    writing.keep(one, LINES | {"now": "Noget andet"}, edition=one.edition)
    with pytest.raises(StaleError):
        sharing.share(one, "organisation", edition=seen, now=NOW)
    sharing.share(one, "organisation", edition=one.edition, now=NOW)
    with pytest.raises(Refusal, match="Tag det tilbage, før du ændrer det"):
        writing.keep(one, LINES, edition=one.edition)

    one.refresh_from_db()
    assert (one.visibility, one.consent_at, texts_of(one)["now"]) == ("organisation", NOW, "Noget andet")


def test_a_double_tap_agrees_once_and_takes_back_once(author):
    one = insight(author)
    edition = one.edition
    for _ in range(2):
        sharing.share(one, "cohort", edition=edition, now=NOW)
    assert one.edition == edition + 1
    for _ in range(2):
        sharing.take_back(one, NOW)

    assert (one.visibility, one.consent_at) == ("private", None)
    assert sorted(AuditEvent.objects.values_list("action", flat=True)) == ["consent", "withdraw"]


@pytest.mark.parametrize("lines", [LINES | {"now": ""}, LINES | {"did": "a" * 301}, LINES | {"situation": CPR}])
def test_what_is_unfinished_too_long_or_like_a_cpr_number_is_kept_and_not_shared(author, lines):
    one = insight(author, lines)
    with pytest.raises(Refusal):
        sharing.share(one, "group", edition=one.edition, now=NOW)

    one.refresh_from_db()
    assert (texts_of(one), one.visibility) == (lines, "private")


def test_two_devices_lose_nothing_and_the_same_tap_keeps_it_once(author):
    one = insight(author)
    writing.keep(one, LINES, edition=0)  # the same words once more
    with pytest.raises(StaleError):
        writing.keep(one, LINES | {"now": "Fra den anden telefon"}, edition=0)

    assert texts_of(one) == LINES


def test_the_database_knows_no_sharing_without_consent(author):
    one = insight(author)
    with pytest.raises(IntegrityError), transaction.atomic():
        Insight.objects.filter(pk=one.pk).update(visibility="organisation")


def test_what_a_destroyed_key_sealed_is_not_shown(author, peer, signed_in):
    insight(author, level="group")
    destroy_key(author.person, NOW)

    assert not Insight.objects.shared_with(peer.person).exists()
    assert copy_of(author.person, NOW)["insights"][0]["text"] is None


class TestPages:
    def test_the_plan_stands_there_and_the_third_line_is_ones_own(self, signed_in, author):
        experiment = thought_through(author)
        browser, address = signed_in(author.person), reverse("insight-write", args=[experiment.pk])
        assert address in page_of(browser.get(reverse("experiment", args=[experiment.pk])))
        assert PLAN["then_action"][1:] in page_of(browser.get(address))
        assert Insight.objects.count() == 0  # looking makes nothing
        lines = {f"field-{name}": text for name, text in LINES.items()}
        kept = browser.post(address, lines | {"edition": 0}, headers={"X-Requested-With": "autosave"})
        assert kept.json() == {"kept": True, "edition": 1}
        page = page_of(browser.post(address, lines | {"edition": 1}, follow=True))

        assert LINES["now"] in page
        assert "Alle i Fjordby Kommune, der kan logge på her: også din egen leder og HR." in page
        assert Insight.objects.get().visibility == "private"

    def test_what_was_written_without_network_is_kept_once_and_for_oneself(self, signed_in, author):
        experiment, browser = thought_through(author), signed_in(author.person)
        queued = {f"field-{name}": text for name, text in LINES.items()} | {"edition": 0, "done": "1"}
        for posted in (queued, queued, queued | {"visibility": "organisation"}):
            kept = browser.post(reverse("insight-write", args=[experiment.pk]), posted, **AUTOSAVE)
            assert kept.json()["entry"] == reverse("insight", args=[Insight.objects.get().pk])

        assert (Insight.objects.get().edition, Insight.objects.get().visibility) == (1, "private")

    @pytest.mark.parametrize(
        ("choice", "stands"), [("mine", "Mit"), ("other", LINES["now"]), ("both", f"{LINES['now']}\n\nMit")]
    )
    def test_of_two_devices_texts_both_stand_there_and_one_is_chosen(self, signed_in, author, choice, stands):
        one, browser = insight(author), signed_in(author.person)
        address = reverse("insight-write", args=[one.experiment_id])
        mine = {f"field-{name}": text for name, text in (LINES | {"now": "Mit"}).items()}
        assert browser.post(address, mine | {"edition": 0, "done": "1"}, **AUTOSAVE).status_code == 409
        page = browser.post(address, mine | {"edition": 0})
        assert (page.status_code, page_of(page).count(LINES["now"]), page_of(page).count(">\nMit<")) == (409, 1, 1)

        browser.post(address, mine | {"edition": one.edition, "keep": choice})
        assert texts_of(Insight.objects.get()) == LINES | {"now": stands}

    def test_what_is_typed_while_it_is_shared_elsewhere_stays_on_the_page(self, signed_in, author):
        one = insight(author, level="group")
        posted = {f"field-{name}": text for name, text in (LINES | {"now": "Nye ord"}).items()} | {"edition": 0}
        response = signed_in(author.person).post(reverse("insight-write", args=[one.experiment_id]), posted)

        assert response.status_code == 409
        assert "Nye ord" in page_of(response)
        assert texts_of(Insight.objects.get()) == LINES

    def test_a_cpr_number_is_warned_of_and_kept_for_oneself(self, signed_in, author):
        experiment, browser = thought_through(author), signed_in(author.person)
        posted = {f"field-{name}": text for name, text in (LINES | {"did": CPR}).items()} | {"edition": 0}
        address = reverse("insight-write", args=[experiment.pk])
        assert browser.post(address, posted).status_code == 422
        assert browser.post(address, posted | {"cpr-seen": "1"}).status_code == 302
        shared = {"visibility": "organisation", "edition": Insight.objects.get().edition}
        browser.post(reverse("insight-share", args=[Insight.objects.get().pk]), shared)

        assert (texts_of(Insight.objects.get())["did"], Insight.objects.get().visibility) == (CPR, "private")

    def test_consent_reading_and_one_tap_back(self, signed_in, author, peer):
        one = insight(author)
        share = reverse("insight-share", args=[one.pk])
        agreed = signed_in(author.person).post(
            share, {"visibility": "organisation", "edition": one.edition}, follow=True
        )
        assert "også din egen leder og HR" in page_of(agreed)
        for _ in range(2):
            theirs = signed_in(peer.person).get(reverse("insights"))
            assert LINES["now"] in page_of(theirs)
        assert "no-store" in theirs["Cache-Control"]
        assert signed_in(peer.person).get(reverse("insight", args=[one.pk])).status_code == 404

        [look] = AuditEvent.objects.filter(action="read")
        assert (look.actor, look.about, look.object_id) == (peer.person, author.person, str(one.pk))
        browser = signed_in(author.person)
        assert peer.person.display_name in page_of(browser.get(reverse("insight", args=[one.pk])))
        browser.post(share, {"visibility": "private", "edition": 0})  # from whatever page it was tapped
        assert LINES["now"] not in page_of(signed_in(peer.person).get(reverse("insights")))

    def test_the_queries_do_not_grow_with_what_is_shared(self, signed_in, author, peer, django_assert_num_queries):
        for _ in range(11):
            insight(author, level="group")
        browser = signed_in(peer.person)
        browser.get(reverse("insights"))
        with django_assert_num_queries(7):
            page = page_of(browser.get(reverse("insights")))

        assert page.count(LINES["now"]) == 10
        assert "?page=2" in page

    def test_they_are_found_by_focus_area_with_how_many_there_are(
        self, signed_in, author, peer, django_assert_num_queries
    ):
        for number, area in enumerate(["automation", "data-support", "automation", ""]):
            one = insight(author, LINES | {"now": f"Lært {number}"})
            writing.keep(one, LINES | {"now": f"Lært {number}"}, edition=one.edition, focus_area=area)
            sharing.share(one, "group", edition=one.edition, now=NOW)
        insight(peer, LINES | {"now": "Mit eget"}, level="organisation")
        browser, place = signed_in(peer.person), reverse("insights")
        browser.get(place)
        with django_assert_num_queries(7):
            whole = browser.get(place)
        ways = [(way.name, way.number, way.query) for way in whole.context["choices"]]
        assert ways == [
            ("Alt", 4, ""),
            ("Automatisering", 2, "omraade=automation"),
            ("Dataunderstøttelse", 1, "omraade=data-support"),
        ]
        with django_assert_num_queries(6):  # without one's own
            some = page_of(browser.get(place, {"omraade": "automation"}))

        assert [f"Lært {number}" in some for number in range(4)] == [True, False, True, False]
        assert "Mit eget" not in some
        assert "Lige nu deler ingen noget om det med dig." in page_of(browser.get(place, {"omraade": "<x>"}))

    def test_the_focus_area_is_one_of_the_programmes_and_may_be_left_out(self, signed_in, author):
        experiment, browser = thought_through(author), signed_in(author.person)
        address = reverse("insight-write", args=[experiment.pk])
        posted = {f"field-{name}": text for name, text in LINES.items()}
        kept = []
        for edition, area in enumerate(["use-of-technology", "noget-andet", ""]):
            browser.post(address, posted | {"edition": edition, "field-focus_area": area})
            kept.append(Insight.objects.get().focus_area)

        assert kept == ["use-of-technology", "", ""]

    def test_an_empty_page_says_what_will_be_here(self, signed_in, author):
        assert "Du kan være den første" in page_of(signed_in(author.person).get(reverse("insights")))
        assert "Du kan være den første" not in page_of(signed_in(author.cohort.owner_hr).get(reverse("insights")))


def test_the_own_copy_holds_ones_own_and_nobody_elses(author, peer):
    insight(author)
    insight(peer, LINES | {"now": "Det her er en andens"}, level="organisation")

    assert copy_of(author.person, NOW)["insights"] == [
        LINES | {"written_at": NOW, "readers": "Kun mig", "focus_area": ""}
    ]
    assert b"en andens" not in archive_of(author.person, NOW)
