"""What was shared with fewer than before is never read by more in a database from a backup (MODEL I7, I18)."""

from datetime import timedelta
from itertools import product

import pytest

from courseplatform.journal.experiments import observations
from courseplatform.journal.experiments.sealed_texts import sealed
from courseplatform.journal.groups import peer_questions
from courseplatform.journal.insights import sharing
from courseplatform.journal.models import Experiment, Insight, PeerQuestion, Project, Reflection
from courseplatform.journal.reflections import writing
from courseplatform.journal.reflections.entries import sealed_fields
from courseplatform.people.models import Tombstone
from courseplatform.people.privacy import tombstones
from tests.journal.conftest import NOW
from tests.journal.trying import LINES, asked

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LEVELS = ["private", "group", "facilitator", "cohort", "organisation"]
TEXT = {"text": "Det var spørgsmålet, der virkede"}


@pytest.fixture(autouse=True)
def ledger(settings, tmp_path):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"


@pytest.fixture
def sharable(author):
    """Makes one of a kind that is shared as widely as that kind can be."""
    project = Project.objects.create(enrolment=author, sealed=b"")
    days = {"starts_on": NOW.date(), "due_on": NOW.date() + DAY}

    def make(model):
        shared = {"visibility": WIDEST[model], SHARED_AT[model]: NOW}
        if model is Reflection:
            own = {"author": author.person, "occurred_on": NOW.date(), "state": "saved"}
        else:
            own = {"project": project, "state": "running", **days} if model is Experiment else {}
        row = model(enrolment=author, **shared, **own)
        row.sealed = sealed_fields(row, TEXT) if model is Reflection else sealed(row, LINES)
        row.save(force_insert=True)
        return row

    return make


def share_reflection(row, level):
    writing.share(row, level, NOW)


def save_reflection(row, level):
    """As the writing page does: text and readers at once."""
    writing.save(row, TEXT, edition=row.edition, now=NOW, visibility=level)


def share_experiment(row, level):
    observations.share(row, level, NOW)


def share_insight(row, level):
    if level == "private":
        sharing.take_back(row, NOW)
    else:
        sharing.share(row, level, edition=row.edition, now=NOW)


WIDEST = {Reflection: "cohort", Experiment: "cohort", Insight: "organisation"}
SHARED_AT = {Reflection: "shared_at", Experiment: "shared_at", Insight: "consent_at"}
WAYS = [
    (Reflection, share_reflection),
    (Reflection, save_reflection),
    (Experiment, share_experiment),
    (Insight, share_insight),
]


def restored():
    """As it was before anything of this, and nothing here says that it ever was otherwise. The next tick."""
    tombstones.keep_in_step(NOW)
    Tombstone.objects.all().delete()
    for model, level in WIDEST.items():
        model.objects.update(visibility=level, **{SHARED_AT[model]: NOW})
    return tombstones.keep_in_step(NOW + DAY)


@pytest.mark.parametrize(("model", "share"), WAYS)
def test_after_a_restore_it_is_as_open_as_at_its_narrowest_since_the_backup(sharable, model, share):
    """Also where it was opened again afterwards: what the backup has is not what its author said last."""
    levels = LEVELS[: LEVELS.index(WIDEST[model]) + 1]
    since = [*product(levels, repeat=1), *product(levels, repeat=2)]
    rows = {said: sharable(model) for said in since}
    for said, row in rows.items():
        for level in said:
            share(row, level)

    restored()

    found = {said: model.objects.get(pk=row.pk).visibility for said, row in rows.items()}
    assert found == {said: min(said, key=LEVELS.index) for said in since}


@pytest.mark.parametrize(("model", "share"), WAYS)
def test_whoever_came_later_reads_it_no_sooner_for_the_restore(sharable, model, share):
    narrowed, private = sharable(model), sharable(model)
    share(narrowed, "group")
    share(private, "private")

    restored()

    at = SHARED_AT[model]
    assert model.objects.values_list(at, flat=True).get(pk=narrowed.pk) == NOW
    assert model.objects.values_list(at, flat=True).get(pk=private.pk) is None


def test_what_was_narrowed_before_the_backup_and_opened_again_stays_open(sharable):
    """The backup knows of both, so nothing is missing in it."""
    row = sharable(Insight)
    for level in ("group", "organisation"):
        share_insight(row, level)
    tombstones.keep_in_step(NOW)

    assert tombstones.keep_in_step(NOW + DAY) == 0
    assert Insight.objects.get().visibility == "organisation"


def test_sharing_with_more_and_saving_once_more_leave_no_word(sharable):
    entry = sharable(Reflection)
    Reflection.objects.update(visibility="group")
    entry.refresh_from_db()
    for level in ("group", "facilitator", ""):
        save_reflection(entry, level)
        tombstones.keep_in_step(NOW)

    assert not Tombstone.objects.exists()


def test_a_narrowing_that_does_not_come_about_leaves_no_word(sharable):
    entry = sharable(Reflection)
    save_reflection(Reflection.objects.get(), "")  # on another device
    with pytest.raises(writing.StaleError):
        share_reflection(entry, "group")

    assert not Tombstone.objects.exists()


def test_a_question_and_an_answer_that_were_taken_back_are_gone_again(author, peer, written):
    question, other = (asked(written("Delt", "group"), peer.person) for _ in range(2))
    for one in (question, other):
        peer_questions.answer(one, "Nok en, der bliver stående", by=author.person, now=NOW)
    before = PeerQuestion.objects.values("withdrawn_at", "sealed_answer", "answered_at").get(pk=question.pk)
    peer_questions.withdraw(question, NOW)
    peer_questions.take_answer_back(other, NOW)
    tombstones.keep_in_step(NOW)
    Tombstone.objects.all().delete()
    PeerQuestion.objects.update(**before)

    assert tombstones.keep_in_step(NOW + DAY) == 2

    assert not PeerQuestion.objects.to(author.person).filter(pk=question.pk).exists()
    assert PeerQuestion.objects.values_list("sealed_answer", "answered_at").get(pk=other.pk) == (None, None)
    assert peer_questions.answer_to(PeerQuestion.objects.get(pk=question.pk), author.person)
