import json
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.db import transaction
from pydantic import ValidationError

from courseplatform.people.refusals import Refusal
from lessons import versions
from lessons.changes import Step, Theme, diff
from lessons.models import LessonPage, ProgrammeVersion
from lessons.publishing import publish_as_shown, publish_first, upcoming
from lessons.shape import Text
from tests.factories import UserFactory, VersionFactory
from tests.lessons.conftest import NOW

FROZEN = Path(__file__).with_name("frozen_v1.json")


@pytest.fixture(autouse=True)
def nothing_remembered():
    versions.programme.cache_clear()
    yield
    versions.programme.cache_clear()


def replaced(programme, kind, key, **changes):
    items = [item.model_copy(update=changes) if item.key == key else item for item in getattr(programme, kind)]
    return programme.model_copy(update={kind: tuple(items)})


def test_a_digest_follows_the_content_and_nothing_else(programme):
    same = type(programme).model_validate_json(programme.model_dump_json())
    other = replaced(programme, "workshops", "w2", week=9)
    assert versions.digest_of(same) == versions.digest_of(programme)
    assert versions.digest_of(other) != versions.digest_of(programme)


@pytest.mark.django_db
def test_a_version_is_read_with_one_query_and_then_with_none(programme, django_assert_num_queries):
    version = VersionFactory()
    with django_assert_num_queries(1):
        assert versions.programme(version.digest) == programme
    with django_assert_num_queries(0):
        versions.programme(version.digest)


@pytest.mark.django_db
def test_a_list_of_versions_leaves_the_snapshots_behind(django_assert_num_queries):
    VersionFactory()
    with django_assert_num_queries(1):
        version = ProgrammeVersion.objects.get()
    assert version.get_deferred_fields() == {"snapshot"}


@pytest.mark.django_db
def test_a_published_version_cannot_be_changed():
    version = VersionFactory()
    with pytest.raises(Refusal):
        version.save()
    with pytest.raises(Refusal):
        ProgrammeVersion.objects.update(number="9.9")
    with pytest.raises(Refusal):
        ProgrammeVersion.objects.filter(pk=version.pk).update(note="x")


def test_a_value_cannot_be_assigned_to(programme):
    with pytest.raises(ValidationError):
        programme.number = "2.0"
    with pytest.raises(ValidationError):
        programme.lesson("a1-1").title.da = "x"


@pytest.mark.django_db
def test_a_snapshot_with_a_renamed_key_fails_by_its_path(programme):
    snapshot = programme.model_dump(mode="json")
    lesson = snapshot["tracks"][0]["modules"][0]["lessons"][1]
    lesson["text"] = lesson.pop("body")

    with pytest.raises(ValidationError) as caught:
        versions.from_snapshot(snapshot)

    paths = {error["loc"] for error in caught.value.errors()}
    assert paths == {("tracks", 0, "modules", 0, "lessons", 1, name) for name in ("body", "text")}


def test_the_frozen_first_file_still_reads():
    """Never write this file anew: it stands for every version published under schema 1."""
    programme = versions.from_snapshot(json.loads(FROZEN.read_text(encoding="utf-8")))
    assert (programme.key, programme.number, len(programme.lessons)) == ("digital-ledelse-i-praksis", "1.0", 17)
    assert programme.prompt("p-a2-tuesday").text.en.startswith("Describe a Tuesday three years from now.")


@pytest.mark.django_db
def test_a_stored_version_that_cannot_be_read_stops_the_deploy(programme):
    broken = programme.model_dump(mode="json") | {"length_weeks": "many"}
    VersionFactory(number="0.9", digest="0" * 64, snapshot=broken)

    found = run_checks(tags=["database"], databases=["default"])

    assert [(error.id, "0.9" in error.msg, "length_weeks" in error.msg) for error in found] == [
        ("lessons.E001", True, True)
    ]


@pytest.mark.django_db
def test_stored_versions_that_can_be_read_stop_nothing():
    VersionFactory()
    assert run_checks(tags=["database"], databases=["default"]) == []


@pytest.mark.django_db
def test_nothing_an_author_does_reaches_a_published_version(page):
    version = publish_first(page, now=NOW)
    before = ProgrammeVersion.objects.values_list("snapshot", flat=True).get(pk=version.pk)
    lesson, other = LessonPage.objects.get(key="a1-1"), LessonPage.objects.get(key="b1-1")

    lesson.body_da = "Helt nyt."
    lesson.save_revision().publish()
    LessonPage.objects.get(key="a1-2").unpublish()
    other.move(LessonPage.objects.get(key="c1-1").get_parent(), pos="last-child")
    LessonPage.objects.get(key="c2-1").delete()

    assert ProgrammeVersion.objects.values_list("snapshot", flat=True).get(pk=version.pk) == before
    assert "Helt nyt." not in versions.programme(version.digest).lesson("a1-1").body.da


@pytest.mark.django_db
def test_publishing_gives_the_next_number(page):
    first = publish_first(page, now=NOW)
    author = UserFactory()
    change_lesson("a1-1", title="En ny overskrift")
    programme = upcoming(page)

    second = publish_as_shown(page, versions.digest_of(programme), note="Ny overskrift", by=author, now=NOW)

    assert [first.number, second.number] == ["1.0", "1.1"]
    assert versions.programme(second.digest).number == "1.1"
    assert (second.created_by, second.note) == (author, "Ny overskrift")


def change_lesson(key, **changes):
    lesson = LessonPage.objects.get(key=key)
    for name, value in changes.items():
        setattr(lesson, name, value)
    lesson.save_revision().publish()


@pytest.mark.django_db
def test_content_changed_since_it_was_shown_is_not_published(page):
    publish_first(page, now=NOW)
    change_lesson("a1-1", title="Den første overskrift")
    shown = versions.digest_of(upcoming(page))
    change_lesson("a1-1", title="Den anden overskrift")

    with pytest.raises(Refusal), transaction.atomic():
        publish_as_shown(page, shown, note="", by=UserFactory(), now=NOW)

    assert ProgrammeVersion.objects.count() == 1


@pytest.mark.django_db
def test_the_same_content_is_not_published_twice(page):
    publish_first(page, now=NOW)
    with pytest.raises(Refusal), transaction.atomic():
        publish_as_shown(page, versions.digest_of(upcoming(page)), note="", by=UserFactory(), now=NOW)
    assert publish_first(page, now=NOW) is None


def test_nothing_differs_from_itself(programme):
    assert diff(programme, programme) == ()
    assert diff(programme, programme.model_copy(update={"number": "2.0"})) == ()


def test_a_diff_tells_dates_prompts_and_texts_apart(programme):
    changed = replaced(programme, "workshops", "w2", week=9)
    changed = replaced(changed, "prompts", "p-a2-team", late="catch_up")
    exercise = changed.exercise("ex-premortem")
    changed = replaced(changed, "exercises", "ex-premortem", title=Text(da="Uheldet baglæns", en=exercise.title.en))

    told = [(change.theme, change.step, change.kind, change.key) for change in diff(programme, changed)]

    assert told == [
        (Theme.DATES, Step.CHANGED, "workshops", "w2"),
        (Theme.PROMPTS, Step.CHANGED, "prompts", "p-a2-team"),
        (Theme.TEXTS, Step.CHANGED, "exercises", "ex-premortem"),
    ]
    details = [
        [(detail.name, detail.before, detail.after) for detail in change.details] for change in diff(programme, changed)
    ]
    assert details == [
        [("week", "8", "9")],
        [("for somebody who joins later", "skip", "catch_up")],
        [("title (da)", "Omvendt uheld", "Uheldet baglæns")],
    ]


def test_a_diff_tells_what_came_and_what_went(programme):
    fewer = programme.model_copy(update={"prompts": programme.prompts[1:]})
    assert [str(change) for change in diff(programme, fewer)] == [f"Prompt “{programme.prompts[0].text.da}” removed"]
    assert [change.step for change in diff(fewer, programme)] == [Step.ADDED]


def test_a_lesson_in_another_module_is_told_as_that(programme):
    competence, *others = programme.tracks
    first, second, *rest = competence.modules
    moved = competence.model_copy(
        update={
            "modules": (
                first.model_copy(update={"lessons": first.lessons[:1]}),
                second.model_copy(update={"lessons": (*second.lessons, first.lessons[1])}),
                *rest,
            )
        }
    )
    changes = diff(programme, programme.model_copy(update={"tracks": (moved, *others)}))
    assert [(change.key, [(d.name, d.before, d.after) for d in change.details]) for change in changes] == [
        ("a1-2", [("module", "a1", "a2"), ("place in the order", "2", "3")])
    ]
