import pytest
from wagtail.models import Page, Revision

from lessons.folder import from_folder
from lessons.loading import LoadError, to_pages
from lessons.models import LessonPage, LessonPrompt, ModulePage, ProgrammePage, ProgrammeVersion, TrackPage
from lessons.pages import drafts_below, from_pages
from lessons.versions import digest_of
from tests.lessons.conftest import NOW

pytestmark = pytest.mark.django_db

LESSON = "lessons/a1-1-digitalisering-i-ledelsesrummet.da.md"
OLD, NEW = "rarely moves data alone", "never moves data alone"
TWIN = "lessons/a1-1-digitalisering-i-ledelsesrummet.en.md"


def rows():
    return [model.objects.count() for model in (Page, Revision, LessonPrompt, ProgrammeVersion)]


def lesson(key="a1-1"):
    return LessonPage.objects.get(key=key)


def drafted(page, **changes):
    """An author's change, saved and not published."""
    for name, value in changes.items():
        setattr(page, name, value)
    page.save_revision()
    return page


def test_the_pages_say_what_the_folder_says(page, programme):
    assert from_pages(page) == programme
    assert digest_of(from_pages(page)) == digest_of(programme)
    assert [ProgrammePage.objects.count(), TrackPage.objects.count()] == [1, 3]
    assert [ModulePage.objects.count(), LessonPage.objects.count()] == [14, 17]


def test_reading_the_pages_takes_twelve_queries_however_many_lessons(page, django_assert_num_queries):
    with django_assert_num_queries(12):
        from_pages(page)


def test_the_second_load_makes_no_revision_and_no_row(page, programme, django_assert_num_queries):
    before = rows()
    with django_assert_num_queries(8):
        loaded = to_pages(programme, now=NOW)
    assert loaded.changed_nothing
    assert rows() == before


def test_every_loaded_page_is_live_with_a_revision_of_just_that(page):
    for own in page.get_descendants(inclusive=True).specific():
        assert own.live
        assert not own.has_unpublished_changes
        assert own.live_revision == own.latest_revision
        assert own.get_latest_revision_as_object().data() == own.data()


def test_a_changed_lesson_gets_one_revision_and_the_rest_none(page, programme, folder, edit):
    edit(TWIN, OLD, NEW)
    before, key = rows(), page.pk

    loaded = to_pages(from_folder(folder), now=NOW)

    assert loaded.written == ["Digitalisering hører til i ledelsesrummet"]
    assert loaded.created == []
    assert rows() == [before[0], before[1] + 1, before[2], before[3]]
    assert NEW in lesson().body_en
    assert loaded.page.pk == key


def test_a_prompt_keeps_its_row_when_its_words_change(page, folder, edit):
    before = LessonPrompt.objects.get(key="p-a1-decisions")
    edit("programme.yaml", "Which decision has quietly moved", "Which decision has silently moved")

    to_pages(from_folder(folder), now=NOW)

    after = LessonPrompt.objects.get(key="p-a1-decisions")
    assert after.pk == before.pk
    assert after.text_en.startswith("Which decision has silently moved")


def test_an_authors_draft_is_left_alone_while_the_folder_is_as_it_was(page, programme):
    drafted(lesson(), body_da="Forfatterens ord.")

    assert to_pages(programme, now=NOW).changed_nothing
    assert lesson().get_latest_revision_as_object().body_da == "Forfatterens ord."


def test_a_published_change_of_an_author_is_left_alone_too(page, programme):
    drafted(lesson(), body_da="Forfatterens ord.").latest_revision.publish()

    assert to_pages(programme, now=NOW).changed_nothing
    assert lesson().body_da == "Forfatterens ord."


def test_a_load_stops_where_author_and_folder_have_both_changed(page, folder, edit):
    drafted(lesson(), body_da="Forfatterens ord.")
    edit(TWIN, OLD, NEW)
    edit("programme.yaml", "length_weeks: 40", "length_weeks: 41")
    before = rows()

    with pytest.raises(LoadError) as caught:
        to_pages(from_folder(folder), now=NOW)

    assert len(caught.value.sentences) == 1
    assert "a1-1" in caught.value.sentences[0]
    assert rows() == before
    assert ProgrammePage.objects.get().length_weeks == 40


def test_overwrite_takes_the_folders_words(page, folder, edit):
    drafted(lesson(), body_da="Forfatterens ord.")
    edit(TWIN, OLD, NEW)

    to_pages(from_folder(folder), now=NOW, overwrite=True)

    assert NEW in lesson().body_en
    assert lesson().body_da != "Forfatterens ord."
    assert not lesson().has_unpublished_changes


def test_a_lesson_gone_from_the_folder_is_told_and_only_pruned_when_asked(page, programme):
    without = without_lesson(programme, "a1-2")

    assert to_pages(without, now=NOW).missing == ["Mod til at sige: Det ved jeg ikke endnu"]
    assert LessonPage.objects.filter(key="a1-2").exists()

    assert to_pages(without, now=NOW, prune=True).pruned == ["Mod til at sige: Det ved jeg ikke endnu"]
    assert from_pages(page) == without


def without_lesson(programme, key):
    tracks = [
        track.model_copy(
            update={
                "modules": tuple(
                    module.model_copy(update={"lessons": tuple(own for own in module.lessons if own.key != key)})
                    for module in track.modules
                )
            }
        )
        for track in programme.tracks
    ]
    return programme.model_copy(update={"tracks": tuple(tracks)})


def test_lessons_change_places_when_the_folder_says_so(page, programme, folder, edit):
    edit("programme.yaml", "lessons: [a1-1, a1-2]", "lessons: [a1-2, a1-1]")
    for name, order in (("a1-1-digitalisering-i-ledelsesrummet", 1), ("a1-2-mod-til-at-spoerge", 2)):
        for language in ("da", "en"):
            edit(f"lessons/{name}.{language}.md", f"order: {order}", f"order: {3 - order}")
    changed = from_folder(folder)

    to_pages(changed, now=NOW)

    assert [own.key for own in from_pages(page).module("a1").lessons] == ["a1-2", "a1-1"]
    assert from_pages(page) == changed
    assert Page.find_problems() == ([], [], [], [], [])


def test_pages_with_unpublished_changes_are_named(page):
    drafted(lesson(), body_da="Forfatterens ord.")
    assert [draft.key for draft in drafts_below(page)] == ["a1-1"]
