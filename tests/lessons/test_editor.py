import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Pillow
from wagtail.models import Page, ReferenceIndex
from wagtail.test.utils.form_data import querydict_from_html

from courseplatform.people.models import RoleAssignment
from courseplatform.people.refusals import Refusal
from lessons.authors import authors
from lessons.changes import diff
from lessons.english import English, english_of
from lessons.models import LessonPage, ModulePage, Picture, ProgrammePage, ProgrammeVersion, TrackPage, VersionImage
from lessons.pages import from_pages
from lessons.publishing import publish_first
from tests.factories import RoleFactory, UserFactory, VersionFactory
from tests.lessons.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def author(client):
    person = UserFactory(language="en")
    RoleFactory(person=person, kind=RoleAssignment.Kind.FACILITATOR)
    client.force_login(person)
    return person


@pytest.fixture
def stranger(client):
    person = UserFactory()
    client.force_login(person)
    return person


@pytest.fixture
def lesson(page):
    return LessonPage.objects.get(key="a1-1")


def form_of(client, page):
    response = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk]))
    assert response.status_code == 200
    data = querydict_from_html(response.content.decode(), form_id="page-edit-form")
    ticked = re.findall(r'type="checkbox" name="([^"]+)"[^>]*checked', response.content.decode())
    # As a browser does: the line end a text area begins with is left out, a ticked box without a value is "on".
    return {name: value.removeprefix("\n") for name, value in data.items()} | dict.fromkeys(ticked, "on")


def save(client, page, publish=False, **changes):
    data = form_of(client, page)
    for name, value in changes.items():
        data[name] = value
    if publish:
        data["action-publish"] = "1"
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)


def test_the_editor_sends_you_to_the_one_sign_in(client):
    for address in ("/cms/", "/cms/login/?next=/cms/"):
        assert client.get(address, follow=True).redirect_chain[-1][0] == "/konto/login/?next=/cms/"


def test_only_authors_may_open_the_editor(client, stranger, lesson):
    for address in ("/cms/", f"/cms/pages/{lesson.pk}/edit/", f"/cms/udgivelser/{lesson.pk}/", "/cms/udgivelser/"):
        assert client.get(address).status_code in (302, 403), address


def test_the_editor_is_given_and_taken_with_the_facilitators_role():
    role = RoleFactory(kind=RoleAssignment.Kind.FACILITATOR)
    assert role.person.has_perm("wagtailadmin.access_admin")
    role.delete()
    assert not type(role.person).objects.get(pk=role.person.pk).has_perm("wagtailadmin.access_admin")


def test_other_roles_do_not_write():
    assert not RoleFactory(kind=RoleAssignment.Kind.HR).person.has_perm("wagtailadmin.access_admin")


def test_making_the_group_twice_changes_nothing():
    before = authors()
    again = authors()
    assert before == again
    assert again.page_permissions.count() == 5


def test_pages_are_never_served_to_the_public(client, author, lesson):
    assert lesson.get_url() is None
    assert client.get(lesson.url_path).status_code == 404


def test_the_list_of_pages_does_not_warn_that_nobody_can_read_them(client, author, lesson):
    shown = client.get(f"/cms/pages/{lesson.get_parent().pk}/").content.decode()

    assert lesson.title in shown
    assert "help-warning" not in shown


def test_a_tree_takes_only_what_belongs_there():
    assert ProgrammePage.clean_subpage_models() == [TrackPage]
    assert TrackPage.clean_subpage_models() == [ModulePage]
    assert ModulePage.clean_subpage_models() == [LessonPage]
    assert LessonPage.clean_subpage_models() == []
    assert ProgrammePage.clean_parent_page_models() == [Page]


def test_a_fourth_track_cannot_be_made(page):
    assert not TrackPage.can_create_at(page)
    TrackPage.objects.first().delete()
    assert TrackPage.can_create_at(ProgrammePage.objects.get())


def test_a_second_track_of_a_kind_is_refused(client, author, page):
    track = TrackPage.objects.get(key="competence")
    response = save(client, track, publish=True, kind="action_learning")
    assert "The programme has a track of this kind already." in response.content.decode()
    assert TrackPage.objects.get(pk=track.pk).kind == "competence_development"


def test_an_author_changes_a_lesson_and_its_english_is_flagged(client, author, lesson):
    save(client, lesson, publish=True, body_da="Ny tekst.")
    lesson.refresh_from_db()
    assert lesson.body_da == "Ny tekst."
    assert english_of(lesson) is English.OUTDATED

    save(client, lesson, publish=True, english_still_fits="on")
    assert english_of(LessonPage.objects.get(pk=lesson.pk)) is English.CURRENT


def test_a_draft_leaves_the_live_page_and_the_next_version_alone(client, author, page, lesson):
    save(client, lesson, body_da="Kladde.")
    assert "Kladde." not in LessonPage.objects.get(pk=lesson.pk).body_da
    shown = client.get(reverse("lessons-publish", args=[page.pk])).content.decode()
    assert "These pages have changes nobody has published." in shown
    assert lesson.title in shown


def test_a_page_saved_unchanged_says_what_it_said(client, author, page, programme):
    for own in (page, TrackPage.objects.first(), ModulePage.objects.get(key="a2"), LessonPage.objects.get(key="a2-2")):
        response = save(client, own, publish=True)
        assert response.status_code == 302, own
    assert diff(programme, from_pages(page)) == ()
    assert from_pages(page) == programme


def test_the_focus_area_is_chosen_among_the_programmes_own(client, author, lesson):
    response = save(client, lesson, publish=True, focus_area="magic")
    assert response.status_code == 200
    assert LessonPage.objects.get(pk=lesson.pk).focus_area == "organisational-coherence"


WRONG = {
    "experiment_rounds": ("- {id: r1, start_week: 5}", "Line 1: “end_week” is missing."),
    "capacity": ("min: 16\nnominal: many", "Line 2: “nominal” is “many”; a whole number is needed."),
    "team_leader_edition": (
        "length_weeks: 16\nkeep: [b1]\nchanges: {da: [A, B], en: [A]}",
        "Line 3: The English has 1 lines, the Danish 2.",
    ),
    "praksishack": ("title: [", "is not valid YAML"),
    "focus_areas": ("just words", "Write a list, or keys and values."),
}


def test_every_wrong_part_is_refused_at_once_with_a_line_and_a_sentence(client, author, page):
    before = {part: getattr(page, part) for part in WRONG}
    response = save(client, page, publish=True, **{part: text for part, (text, _) in WRONG.items()})

    said = response.content.decode().replace("&quot;", '"')
    assert [sentence for _, sentence in WRONG.values() if sentence not in said] == []
    assert {part: getattr(ProgrammePage.objects.get(), part) for part in WRONG} == before


def test_a_part_is_edited_in_the_folders_own_words(client, author, page):
    text = form_of(client, page)["experiment_rounds"]
    assert text.startswith("- id: r1\n")

    save(client, page, publish=True, experiment_rounds=text.replace("end_week: 11", "end_week: 10"))

    assert ProgrammePage.objects.get().experiment_rounds[0]["end_week"] == 10


def test_the_preview_shows_the_draft_in_either_language(client, author, lesson):
    save(client, lesson, body_da="Kladdens ord.", body_en="The words of the draft.")
    address = reverse("wagtailadmin_pages:view_draft", args=[lesson.pk])
    assert "Kladdens ord." in client.get(address, {"mode": "da"}).content.decode()
    english = client.get(address, {"mode": "en"})
    assert "The words of the draft." in english.content.decode()
    assert "unsafe-inline" not in english.headers["Content-Security-Policy"]


def test_only_the_editor_lets_inline_scripts_run(client, author, lesson):
    editor = client.get(reverse("wagtailadmin_pages:edit", args=[lesson.pk]))
    assert "script-src 'self' 'unsafe-inline'" in editor.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in client.get("/konto/login/").headers["Content-Security-Policy"]


def test_publishing_shows_the_changes_and_publishes_just_those(client, author, page, lesson):
    publish_first(page, now=NOW)
    save(client, lesson, publish=True, title="En ny overskrift")
    address = reverse("lessons-publish", args=[page.pk])
    shown = client.get(address)
    assert "Lesson “En ny overskrift” changed" in shown.content.decode()
    assert "Publish version 1.1" in shown.content.decode()
    stale = shown.context["digest"]

    save(client, lesson, publish=True, title="Endnu en overskrift")
    assert client.post(address, {"digest": stale}).status_code == 409
    assert ProgrammeVersion.objects.count() == 1

    fresh = client.get(address).context["digest"]
    assert client.post(address, {"digest": fresh, "note": "Ny overskrift"}).status_code == 302
    assert client.post(address, {"digest": fresh}).status_code == 409
    assert [(own.number, own.note) for own in ProgrammeVersion.objects.all()][:1] == [("1.1", "Ny overskrift")]


def test_a_lesson_that_promises_too_little_is_told_before_it_is_published(client, author, page, lesson):
    address = reverse("lessons-publish", args=[page.pk])
    assert "take longer than they promise" not in client.get(address).content.decode()

    save(client, lesson, publish=True, minutes="5")
    assert "promises 5 minutes, takes" in client.get(address).content.decode()


def test_what_cannot_be_published_is_told_with_its_page(client, author, page, lesson):
    LessonPage.objects.filter(pk=lesson.pk).update(body_da="![](image:tavle)")
    shown = client.get(reverse("lessons-publish", args=[page.pk]))
    assert [problem.page.pk for problem in shown.context["problems"]] == [lesson.pk]
    assert "A picture needs words" in shown.content.decode()
    assert "digest" not in shown.context


def picture(key="tavle"):
    data = io.BytesIO()
    Pillow.new("RGB", (40, 30), "white").save(data, "PNG")
    return Picture.objects.create(title="Tavle", key=key, file=SimpleUploadedFile("tavle.png", data.getvalue()))


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def test_a_picture_in_use_cannot_be_deleted(client, page, lesson, media):
    shown = picture()
    LessonPage.objects.filter(pk=lesson.pk).update(body_da="![En tavle](image:tavle)")
    version = publish_first(page, now=NOW)
    client.force_login(UserFactory(is_superuser=True))

    shown.refresh_from_db()
    assert len(shown.file_hash) == 40
    assert [(own.version, own.file_hash) for own in VersionImage.objects.all()] == [(version, shown.file_hash)]
    assert ReferenceIndex.get_references_to(shown).count() == 1
    client.post(reverse("wagtailimages:delete", args=[shown.pk]))
    client.post(reverse("wagtail_bulk_action", args=["lessons", "picture", "delete"]) + f"?id={shown.pk}")

    assert Picture.objects.filter(pk=shown.pk).exists()


def test_a_picture_nobody_shows_can_be_deleted(client, media):
    unused = picture("ubrugt")
    client.force_login(UserFactory(is_superuser=True))
    client.post(reverse("wagtailimages:delete", args=[unused.pk]))
    assert not Picture.objects.exists()


def test_a_version_cannot_show_a_picture_the_library_lacks(page, lesson):
    LessonPage.objects.filter(pk=lesson.pk).update(body_da="![En tavle](image:tavle)")
    with pytest.raises(Refusal, match="tavle"):
        publish_first(page, now=NOW)


def test_a_picture_is_for_those_who_are_signed_in(client, media):
    address = picture().get_rendition("max-20x20").url
    assert client.get(address).status_code == 302
    client.force_login(UserFactory())
    assert client.get(address).status_code == 200
    assert client.get("/media/images/../original_images/tavle.png").status_code == 404


def test_wagtails_own_first_page_is_gone_and_the_tree_is_whole(page):
    assert [own.title for own in Page.get_first_root_node().get_children()] == [page.title]
    assert Page.find_problems() == ([], [], [], [], [])


def test_the_publishing_screen_asks_as_much_however_many_lessons(client, author, page, django_assert_num_queries):
    publish_first(page, now=NOW)
    address = reverse("lessons-publish", args=[page.pk])
    client.get(address)
    with django_assert_num_queries(32):
        client.get(address)
    LessonPage.objects.get(key="c2-1").delete()
    with django_assert_num_queries(32):
        client.get(address)


def test_the_list_of_programmes_asks_as_much_however_many_versions(client, author, page, django_assert_num_queries):
    publish_first(page, now=NOW)
    client.get(reverse("lessons-programmes"))
    with django_assert_num_queries(11):
        client.get(reverse("lessons-programmes"))
    VersionFactory(number="0.9", digest="0" * 64)
    with django_assert_num_queries(11):
        client.get(reverse("lessons-programmes"))
