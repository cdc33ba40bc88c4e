"""Lektion: read, say so, go on. Looking changes nothing."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, LessonProgress
from courseplatform.journal.models import Reflection
from courseplatform.journal.reflections import writing
from lessons.shape import Text
from lessons.versions import programme as programme_of
from tests.factories import CohortFactory, EnrolmentFactory, WorkshopFactory
from tests.versions import with_other_lesson

TUESDAY = datetime(2026, 10, 27, 8, 12, tzinfo=UTC)
QUERIES = 8

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tuesday(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: TUESDAY)


@pytest.fixture
def enrolment():
    enrolment = EnrolmentFactory()
    programme_of(enrolment.cohort.programme_version.digest)  # read once per process
    WorkshopFactory(cohort=enrolment.cohort)
    return enrolment


@pytest.fixture
def browser(client, enrolment):
    client.force_login(enrolment.person)
    return client


def address(enrolment, lesson, name="lesson"):
    return reverse(name, args=[enrolment.cohort_id, lesson])


def states(enrolment):
    return dict(LessonProgress.objects.filter(enrolment=enrolment).values_list("lesson_key", "state"))


def say(browser, enrolment, lesson, step):
    return browser.post(address(enrolment, lesson, "lesson-progress"), {"step": step})


def test_an_open_lesson_is_read_with_its_question_and_who_can_read_the_answer(browser, enrolment):
    html = browser.get(address(enrolment, "a2-1")).content.decode()

    assert "Digital forestillingsevne er evnen til at se for sig" in html
    assert "Beskriv en tirsdag om tre år." in html
    assert reverse("write-prompt", args=[enrolment.cohort_id, "p-a2-tuesday"]) in html
    assert "Kun du kan læse dette." in html
    assert "onsdag den 28.\u00a0oktober kl.\u00a008.30–14.30" in html  # the workshop it is used at


SECRET = "Min nattevagt er bange for den nye skærm"


def answer(enrolment, prompt="p-a2-tuesday", *, done=False):
    about = {"message": None, "prompt_key": prompt, "model_key": "free"}
    entry = writing.begin(enrolment, pk=uuid4(), on=TUESDAY.date(), **about)
    if done:
        writing.save(entry, {"text": SECRET}, edition=entry.edition, now=TUESDAY)
    else:
        writing.keep_draft(entry, {"text": SECRET}, edition=entry.edition)
    return entry


def fields_of(html):
    form = html.partition('id="writing"')[2].partition("</form>")[0]
    return dict(re.findall(r'name="([^"]+)"[^>]*?value="([^"]*)"', form))


def test_a_question_is_answered_where_it_stands(browser, enrolment):
    html = browser.get(address(enrolment, "a2-1")).content.decode()
    to = reverse("write-prompt", args=[enrolment.cohort_id, "p-a2-tuesday"])

    assert f'action="{to}" id="writing" data-address="{to}"' in html
    assert html.count("button-primary") == 1
    saved = browser.post(to, {**fields_of(html), "field-text": SECRET})

    entry = Reflection.objects.get()
    assert saved.url == reverse("reflection", args=[entry.pk])
    assert (entry.prompt_key, entry.visibility, entry.state) == ("p-a2-tuesday", "private", "saved")


def test_an_answer_is_pointed_to_and_never_shown(browser, enrolment):
    entry = answer(enrolment)
    begun = browser.get(address(enrolment, "a2-1")).content.decode()
    assert reverse("reflection-edit", args=[entry.pk]) in begun
    assert "Du er begyndt på dit svar" in begun

    writing.save(entry, {"text": SECRET}, edition=entry.edition, now=TUESDAY)
    done = browser.get(address(enrolment, "a2-1")).content.decode()
    assert reverse("reflection", args=[entry.pk]) in done
    assert "Du skrev det 27.\u00a0oktober." in done

    for html in (begun, done):
        assert SECRET not in html
        assert 'id="writing"' not in html


def test_another_persons_answer_is_none_of_it(browser, enrolment):
    answer(EnrolmentFactory(cohort=enrolment.cohort), done=True)

    assert 'id="writing"' in browser.get(address(enrolment, "a2-1")).content.decode()


def test_a_page_has_one_field_and_it_is_for_the_first_question_without_an_answer(browser, enrolment):
    def asked():
        html = browser.get(address(enrolment, "b2-1")).content.decode()
        return html.count('id="writing"'), html.partition('data-address="')[2].partition('"')[0]

    keys = programme_of(enrolment.cohort.programme_version.digest).lesson("b2-1").prompts
    first, second = (reverse("write-prompt", args=[enrolment.cohort_id, key]) for key in keys)
    assert asked() == (1, first)

    answer(enrolment, keys[0])
    assert asked() == (1, second)

    answer(enrolment, keys[1])
    assert asked() == (0, "")


def test_looking_changes_nothing(browser, enrolment):
    browser.get(address(enrolment, "a2-1"))
    browser.head(address(enrolment, "a2-1"))

    assert states(enrolment) == {}
    assert browser.get(address(enrolment, "a2-1", "lesson-progress")).status_code == 405


def test_a_locked_lesson_says_when_it_opens_and_shows_none_of_itself(browser, enrolment):
    response = browser.get(address(enrolment, "a3-1"))
    html = response.content.decode()

    assert response.status_code == 200
    assert "mandag den 23.\u00a0november" in html
    lesson = programme_of(enrolment.cohort.programme_version.digest).lesson("a3-1")
    assert lesson.title.da in html
    assert lesson.body.da[:40] not in html
    assert lesson.aims.da[0] not in html


def test_a_locked_lesson_cannot_be_read_by_posting(browser, enrolment):
    for step in ("begin", "done"):
        assert say(browser, enrolment, "a3-1", step).status_code == 404
    assert states(enrolment) == {}


def test_a_module_that_has_closed_is_still_readable_and_can_still_be_finished(browser, enrolment):
    assert "Mod til at sige" in browser.get(address(enrolment, "a1-2")).content.decode()

    say(browser, enrolment, "a1-2", "done")

    assert states(enrolment) == {"a1-2": "done"}


def test_read_begun_and_opened_again(browser, enrolment):
    assert say(browser, enrolment, "a2-1", "begin").status_code == 204
    assert states(enrolment) == {"a2-1": "in_progress"}

    response = say(browser, enrolment, "a2-1", "done")
    assert response.url == address(enrolment, "a2-1")
    assert states(enrolment) == {"a2-1": "done"}
    assert LessonProgress.objects.get().completed_at == TUESDAY
    assert "Du læste den 27.\u00a0oktober" in browser.get(address(enrolment, "a2-1")).content.decode()

    say(browser, enrolment, "a2-1", "reopen")
    assert states(enrolment) == {"a2-1": "in_progress"}
    assert LessonProgress.objects.get().completed_at is None


@pytest.mark.parametrize("step", ["begin", "done", "reopen"])
def test_pressed_twice_does_no_harm(browser, enrolment, step):
    say(browser, enrolment, "a2-1", "done")
    first = (say(browser, enrolment, "a2-1", step).status_code, states(enrolment))
    again = (say(browser, enrolment, "a2-1", step).status_code, states(enrolment))

    assert first == again
    assert first[0] in (204, 302)


def test_beginning_does_not_undo_having_read(browser, enrolment):
    say(browser, enrolment, "a2-1", "done")
    say(browser, enrolment, "a2-1", "begin")

    assert states(enrolment) == {"a2-1": "done"}


def leave(browser, enrolment, lesson, paragraph):
    data = {"step": "begin", "paragraph": paragraph}
    return browser.post(address(enrolment, lesson, "lesson-progress"), data).status_code


def test_reading_goes_on_where_it_was_left(browser, enrolment, monkeypatch):
    assert leave(browser, enrolment, "a2-1", "3") == 204
    page = browser.get(address(enrolment, "a2-1")).content.decode()
    before, mark, after = page.partition('id="her">Her slap du i dag')

    assert 'href="#her"' in before
    assert mark
    assert 'id="p2"' in before
    assert 'id="p3"' in after

    monkeypatch.setattr(clock, "now", lambda: TUESDAY + timedelta(days=1))
    assert "Her slap du i går" in browser.get(address(enrolment, "a2-1")).content.decode()
    monkeypatch.setattr(clock, "now", lambda: TUESDAY + timedelta(days=6))
    assert "Her slap du 27.\u00a0oktober" in browser.get(address(enrolment, "a2-1")).content.decode()


@pytest.mark.parametrize("paragraph", ["", "0", "-1", "1000", "3.0", "٣", "tredje"])
def test_a_place_that_is_no_number_only_says_that_somebody_has_begun(browser, enrolment, paragraph):
    assert leave(browser, enrolment, "a2-1", paragraph) == 204
    assert LessonProgress.objects.values_list("state", "paragraph").get() == ("in_progress", None)


def test_what_is_read_keeps_no_place(browser, enrolment):
    leave(browser, enrolment, "a2-1", "3")
    say(browser, enrolment, "a2-1", "done")
    assert leave(browser, enrolment, "a2-1", "2") == 204

    assert LessonProgress.objects.values_list("state", "paragraph", "left_at").get() == ("done", None, None)
    assert "Her slap du" not in browser.get(address(enrolment, "a2-1")).content.decode()


def test_whoever_read_it_before_a_version_changed_it_is_told_until_they_have_read_it_anew(browser, enrolment):
    told = "Lektionen er ændret, siden du læste den (27.\u00a0oktober)."
    say(browser, enrolment, "a2-1", "done")
    Cohort.objects.update(programme_version=with_other_lesson("a2-2", body=Text(da="Noget andet.")))
    assert told not in browser.get(address(enrolment, "a2-1")).content.decode()

    Cohort.objects.update(programme_version=with_other_lesson("a2-1", "1.2", body=Text(da="Noget andet.")))
    assert told in browser.get(address(enrolment, "a2-1")).content.decode()
    say(browser, enrolment, "a2-1", "done")
    assert told not in browser.get(address(enrolment, "a2-1")).content.decode()


def test_the_three_minutes_stand_alone_and_lead_to_the_whole(browser, enrolment):
    whole = browser.get(address(enrolment, "a2-1")).content.decode()
    short = browser.get(address(enrolment, "a2-1") + "?kort").content.decode()

    assert 'href="?kort"' in whole
    assert "Gør det nu: Tænk på én opgave" not in whole
    assert "Gør det nu: Tænk på én opgave" in short
    assert "Digital forestillingsevne er evnen til at se for sig" not in short
    assert "Læs det hele" in short


def test_a_lesson_without_them_offers_none(browser, enrolment):
    whole = browser.get(address(enrolment, "a2-2")).content.decode()
    asked = browser.get(address(enrolment, "a2-2") + "?kort").content.decode()

    assert "?kort" not in whole
    assert 'id="p1"' in asked


def test_the_next_lesson_of_the_module_is_offered(browser, enrolment):
    assert address(enrolment, "a2-2") in browser.get(address(enrolment, "a2-1")).content.decode()


@pytest.mark.parametrize("name", ["lesson", "lesson-progress"])
def test_an_unknown_lesson_and_another_cohort_are_not_there(browser, enrolment, name):
    other = EnrolmentFactory(cohort=CohortFactory(name="Andet hold"))
    for place in (address(enrolment, "findes-ikke", name), address(other, "a2-1", name)):
        response = browser.post(place, {"step": "done"}) if name == "lesson-progress" else browser.get(place)
        assert response.status_code == 404
    assert states(other) == {}


def test_english_readers_read_english(browser, enrolment):
    enrolment.person.language = "en"
    enrolment.person.save()
    html = browser.get(address(enrolment, "a2-1")).content.decode()

    assert "<title>What is digital imagination?" in html
    assert "I have read it" in html


@pytest.mark.parametrize("lesson", ["a2-1", "b1-1"])
def test_the_queries_are_few_and_flat(browser, enrolment, lesson, django_assert_num_queries):
    for key in ("a1-1", "a1-2", "b1-1"):
        LessonProgress.objects.create(enrolment=enrolment, lesson_key=key)
    for _ in range(4):
        EnrolmentFactory(cohort=enrolment.cohort)

    with django_assert_num_queries(QUERIES):
        browser.get(address(enrolment, lesson))
