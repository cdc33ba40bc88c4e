"""HR's pages: who may open them, what they hold, and how often they ask the database."""

import pytest
from django.urls import reverse

from courseplatform.cohorts.models import Attendance, LessonProgress
from courseplatform.people.models import AuditEvent
from tests.factories import EnrolmentFactory, UserFactory
from tests.insights.conftest import TUESDAY
from tests.journal.trying import PLAN, QUESTION, running

pytestmark = pytest.mark.django_db


def pages_of(cohort):
    enrolment, workshop = cohort.enrolments.first(), cohort.workshops.first()
    return [
        reverse("cohort", args=[cohort.pk]),
        reverse("cohort-messages", args=[cohort.pk]),
        reverse("cohort-person", args=[cohort.pk, enrolment.pk]),
        reverse("cohort-preview", args=[cohort.pk]),
        reverse("cohort-open", args=[cohort.pk]),
        reverse("cohort-step", args=[cohort.pk, "complete"]),
        reverse("cohort-step", args=[cohort.pk, "cancel"]),
        reverse("cohort-basics", args=[cohort.pk]),
        reverse("cohort-dates", args=[cohort.pk]),
        reverse("cohort-people", args=[cohort.pk]),
        reverse("cohort-groups", args=[cohort.pk]),
        reverse("workshop-hr", args=[workshop.pk]),
        reverse("workshop-move", args=[workshop.pk]),
        reverse("workshop-cancel", args=[workshop.pk]),
    ]


@pytest.mark.parametrize("state", ["draft", "running", "cancelled"])
def test_every_page_opens_for_hr(browser, make_cohort, state):
    cohort = make_cohort(state=state)

    for page in [reverse("cohorts"), reverse("cohort-new"), *pages_of(cohort)]:
        assert browser.get(page).status_code == 200, page


def test_every_page_is_404_for_a_participant_a_facilitator_and_hr_of_another_municipality(client, make_cohort):
    cohort = make_cohort()
    facilitator = UserFactory()
    cohort.facilitators.add(facilitator)
    stranger = UserFactory(municipality__name="Bjergby Kommune")
    stranger.role_assignments.create(municipality=stranger.municipality, kind="hr")

    for person in (cohort.enrolments.first().person, facilitator, stranger):
        client.force_login(person)
        for page in pages_of(cohort):
            assert client.get(page).status_code == 404, page
            assert client.post(page).status_code in (404, 405), page


@pytest.mark.parametrize("people", [3, 30])
@pytest.mark.parametrize(
    ("page", "queries"),
    [("cohorts", 14), ("cohort", 22), ("cohort-messages", 9), ("cohort-people", 5), ("cohort-groups", 8)],
)
def test_a_page_asks_the_database_as_often_for_three_people_as_for_thirty(
    browser, make_cohort, django_assert_num_queries, page, queries, people
):
    cohort = make_cohort(people=people)
    address = reverse(page, args=[] if page == "cohorts" else [cohort.pk])

    with django_assert_num_queries(queries):
        browser.get(address)


def test_many_cohorts_stand_five_to_a_page(browser, make_cohort, django_assert_num_queries):
    for _ in range(12):
        make_cohort(people=1)
    browser.get(reverse("cohorts"))

    with django_assert_num_queries(50):
        first = browser.get(reverse("cohorts"))
    last = browser.get(reverse("cohorts"), {"page": 3})

    assert [len(page.context["cards"]) for page in (first, last)] == [5, 2]
    assert "Page 3 of 3" in last.content.decode()


def test_the_cohort_shows_lessons_read_of_those_that_are_open_and_answers(browser, make_cohort):
    cohort = make_cohort(people=1)

    text = " ".join(browser.get(reverse("cohort", args=[cohort.pk])).content.decode().split())

    assert "1 of 8" in text  # a1 (2), a2 (2), b1, b2, b3 and c1 have opened in week 9
    assert "Workshop 2: 1 have said yes." in text


def test_hr_and_the_person_see_exactly_the_same(browser, client, make_cohort):
    cohort = make_cohort(people=1)
    enrolment = cohort.enrolments.get()
    LessonProgress.objects.create(enrolment=enrolment, lesson_key="b1-1")
    enrolment.person.language = "en"
    enrolment.person.save()

    by_hr = browser.get(reverse("cohort-person", args=[cohort.pk, enrolment.pk])).context
    client.force_login(enrolment.person)
    [by_themselves] = client.get(reverse("hr-sees")).context["cohorts"]

    for name in ("status", "lessons", "workshops"):
        assert by_hr[name] == by_themselves[name]


def test_the_person_reads_why_their_attendance_was_corrected_and_nobody_elses(client, make_cohort):
    mine, other = make_cohort(people=2).enrolments.order_by("person__email")
    for enrolment, reason in ((mine, "Var med fra kl. 10."), (other, "En andens grund.")):
        attendance = Attendance.objects.get(enrolment=enrolment)
        attendance.notes.create(before="absent", outcome="part", reason=reason, noted_at=TUESDAY)
    client.force_login(mine.person)
    page = client.get(reverse("hr-sees")).content.decode()

    assert "Var med fra kl. 10." in page
    assert "En andens grund." not in page


def test_opening_somebodys_status_is_written_down_once_a_day_and_they_can_see_it(browser, hr, make_cohort):
    enrolment = make_cohort().enrolments.first()

    for _ in range(2):
        browser.get(reverse("cohort-person", args=[enrolment.cohort_id, enrolment.pk]))

    [event] = AuditEvent.objects.filter(about=enrolment.person)
    assert (event.actor, event.object_id) == (hr, str(enrolment.pk))


def test_whom_the_list_shows_can_see_that_hr_opened_it(browser, hr, make_cohort):
    cohort = make_cohort(people=3)
    shown, narrow, left = (one.person for one in cohort.enrolments.order_by("person__email"))
    narrow.line_manager, shown.language = hr, "en"
    narrow.save()
    shown.save()
    cohort.enrolments.filter(person=left).update(state="withdrawn")
    for _ in range(2):
        browser.get(reverse("cohort", args=[cohort.pk]))

    assert [(event.actor, event.about, event.purpose) for event in AuditEvent.objects.all()] == [
        (hr, shown, "Saw your lessons and attendance as HR on the cohort.")
    ]


def test_hr_who_is_also_the_line_manager_sees_neither_lessons_nor_answers(browser, hr, make_cohort):
    cohort = make_cohort(people=1)
    person = cohort.enrolments.get().person
    person.line_manager = hr
    person.save()

    page = browser.get(reverse("cohort", args=[cohort.pk]))
    [row] = page.context["page"].object_list
    filtered = browser.get(reverse("cohort", args=[cohort.pk]), {"workshop": "w2", "svar": "accepted"})
    status = browser.get(reverse("cohort-person", args=[cohort.pk, row.enrolment])).context["status"]

    assert (row.is_narrow, row.lessons, row.workshops) == (True, (), ())
    assert filtered.context["page"].object_list == []
    assert (status.lessons, status.workshops) == ((), ())


def test_a_small_unit_stays_out_of_the_figures(browser, make_cohort):
    cohort = make_cohort(people=6)
    EnrolmentFactory(cohort=cohort, person__org_unit=None)

    page = browser.get(reverse("cohort", args=[cohort.pk]))

    assert page.context["reading"].groups == ()
    assert page.context["reading"].total.of == 7


def test_somebody_who_cannot_get_mail_is_named_with_one_thing_to_do(browser, make_cohort):
    cohort = make_cohort(people=2)
    person = cohort.enrolments.first().person
    person.undeliverable_since = "2026-10-20T08:00Z"
    person.save()

    items = browser.get(reverse("cohort", args=[cohort.pk])).context["items"]

    assert items[0].sentence == f"1 manager cannot get e-mail: {person.display_name}."


def test_search_and_order_narrow_the_list(browser, make_cohort):
    cohort = make_cohort(people=2)
    EnrolmentFactory(cohort=cohort, person__display_name="Økonomichef")
    EnrolmentFactory(cohort=cohort, person__display_name="Ældrechef")
    EnrolmentFactory(cohort=cohort, person__display_name="Åskolens leder")

    def names(**query):
        return [row.name for row in browser.get(reverse("cohort", args=[cohort.pk]), query).context["page"]]

    assert names(q="chef") == ["Ældrechef", "Økonomichef"]
    assert names()[-3:] == ["Ældrechef", "Økonomichef", "Åskolens leder"]
    assert names(vis="stoppet") == []


@pytest.mark.parametrize(("people", "shown"), [(4, None), (5, (1, 5))])
def test_experiments_are_a_number_of_at_least_five_people_and_not_a_word(browser, make_cohort, people, shown):
    cohort = make_cohort(people=people)
    running(cohort.enrolments.first())

    page = browser.get(reverse("cohort", args=[cohort.pk]))

    total = page.context["trying"].total
    assert (total and (total.did, total.of)) == shown
    assert not any(word in page.content.decode() for word in [*PLAN.values(), QUESTION])


def test_an_answer_is_counted_by_people_who_are_to_come_only(browser, make_cohort):
    cohort = make_cohort(people=2)
    gone = EnrolmentFactory(cohort=cohort, state="withdrawn")
    Attendance.objects.create(enrolment=gone, workshop=cohort.workshops.get(), response="declined")

    text = browser.get(reverse("cohort", args=[cohort.pk])).content.decode()

    assert "cannot come" not in text
