from django.urls import URLPattern, path

from courseplatform.cohorts.views import (
    check_in,
    enrolment,
    hr_cohort,
    hr_dates,
    hr_groups,
    hr_people,
    material,
    programme,
    programme_template,
    seat,
    workshop,
)

hr_urlpatterns = [
    path("hold/nyt/", hr_cohort.cohort_new, name="cohort-new"),
    path("hold/<uuid:pk>/opret/", hr_cohort.cohort_basics, name="cohort-basics"),
    path("hold/<uuid:pk>/opret/datoer/", hr_dates.cohort_dates, name="cohort-dates"),
    path("hold/<uuid:pk>/opret/ledere/", hr_people.cohort_people, name="cohort-people"),
    path("hold/<uuid:pk>/opret/ledere/flere/", hr_people.cohort_people_add, name="cohort-people-add"),
    path("hold/<uuid:pk>/opret/ledere/liste/", hr_people.cohort_import, name="cohort-import"),
    path(
        "hold/<uuid:pk>/opret/ledere/<uuid:enrolment>/fjern/",
        hr_people.cohort_people_remove,
        name="cohort-people-remove",
    ),
    path("hold/<uuid:pk>/opret/grupper/", hr_groups.cohort_groups, name="cohort-groups"),
    path("hold/<uuid:pk>/opret/grupper/forslag/", hr_groups.cohort_groups_propose, name="cohort-groups-propose"),
]

urlpatterns: list[URLPattern] = [
    *hr_urlpatterns,
    path("tilmelding/<uuid:pk>/ja/", enrolment.enrolment_accept, name="enrolment-accept"),
    path("tilmelding/<uuid:pk>/nej/", enrolment.enrolment_decline, name="enrolment-decline"),
]

participant_urlpatterns = [
    path("forloeb/", programme.my_programme, name="programme"),
    path("forloeb/skabelon/<uuid:pk>/", programme_template.programme_template, name="programme-template"),
    path("forloeb/<uuid:cohort>/", programme.programme_page, name="programme-of"),
    path("forloeb/<uuid:cohort>/<slug:lesson>/", programme.lesson_page, name="lesson"),
    path("forloeb/<uuid:cohort>/<slug:lesson>/laest/", programme.lesson_progress, name="lesson-progress"),
    path("workshop/<uuid:pk>/", workshop.workshop_page, name="workshop"),
    path("workshop/<uuid:pk>/svar/", workshop.workshop_answer, name="workshop-answer"),
    path("workshop/<uuid:pk>/kollega/", seat.workshop_colleague, name="workshop-colleague"),
    path("workshop/<uuid:pk>/kollega/tilbage/", seat.workshop_colleague_back, name="workshop-colleague-back"),
    path("workshop/<uuid:pk>/plads/nej/", seat.seat_decline, name="seat-decline"),
    path("workshop/<uuid:pk>/koden/", check_in.arrival_code, name="arrival-code"),
    path("workshop/<uuid:pk>/materiale/", material.workshop_material, name="workshop-material"),
    path(
        "workshop/<uuid:pk>/materiale/<int:material>/fjern/",
        material.workshop_material_remove,
        name="workshop-material-remove",
    ),
    path("her/", check_in.arrive, name="arrive"),
    path("her/<str:code>/", check_in.arrive_with, name="arrive-with"),
]
urlpatterns += participant_urlpatterns
