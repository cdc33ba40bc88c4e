from django.urls import path

from courseplatform.insights.views.attendance import attendance, attendance_correct
from courseplatform.insights.views.cohort import cohort
from courseplatform.insights.views.cohorts import cohorts
from courseplatform.insights.views.data_requests import all_requests, one_request
from courseplatform.insights.views.lines import cohort_lines
from courseplatform.insights.views.messages import (
    cohort_message,
    cohort_message_html,
    cohort_messages,
    cohort_messages_file,
)
from courseplatform.insights.views.outages import outage_seen
from courseplatform.insights.views.person import cohort_person, hr_sees
from courseplatform.insights.views.seats import seat_confirm, workshop_seats
from courseplatform.insights.views.setup import cohort_open, cohort_preview, enrolment_answer
from courseplatform.insights.views.steps import cohort_step
from courseplatform.insights.views.version import cohort_version
from courseplatform.insights.views.workshop import workshop_cancel, workshop_hold, workshop_hr, workshop_move

urlpatterns = [
    path("hold/", cohorts, name="cohorts"),
    path("hold/anmodninger/", all_requests, name="data-requests"),
    path("hold/anmodninger/<uuid:pk>/", one_request, name="data-request"),
    path("hold/<uuid:pk>/", cohort, name="cohort"),
    path("hold/<uuid:pk>/forloeb/", cohort_lines, name="cohort-lines"),
    path("hold/<uuid:pk>/version/", cohort_version, name="cohort-version"),
    path("hold/<uuid:pk>/beskeder/", cohort_messages, name="cohort-messages"),
    path("hold/<uuid:pk>/beskeder/fil/", cohort_messages_file, name="cohort-messages-file"),
    path("hold/<uuid:pk>/beskeder/<uuid:message>/", cohort_message, name="cohort-message"),
    path("hold/<uuid:pk>/beskeder/<uuid:message>/mail/", cohort_message_html, name="cohort-message-html"),
    path("hold/<uuid:pk>/leder/<uuid:enrolment>/", cohort_person, name="cohort-person"),
    path("hold/<uuid:pk>/leder/<uuid:enrolment>/svar/", enrolment_answer, name="enrolment-answer"),
    path("hold/<uuid:pk>/stilstand/<int:outage>/", outage_seen, name="outage-seen"),
    path("hold/<uuid:pk>/opret/beskeder/", cohort_preview, name="cohort-preview"),
    path("hold/<uuid:pk>/opret/aabn/", cohort_open, name="cohort-open"),
    path("hold/<uuid:pk>/skridt/<slug:step>/", cohort_step, name="cohort-step"),
    path("hold/workshop/<uuid:pk>/", workshop_hr, name="workshop-hr"),
    path("hold/workshop/<uuid:pk>/flyt/", workshop_move, name="workshop-move"),
    path("hold/workshop/<uuid:pk>/aflys/", workshop_cancel, name="workshop-cancel"),
    path("hold/workshop/<uuid:pk>/holdt/", workshop_hold, name="workshop-hold"),
    path("hold/workshop/<uuid:pk>/pladser/", workshop_seats, name="workshop-seats"),
    path("hold/workshop/<uuid:pk>/kollega/<uuid:seat>/", seat_confirm, name="seat-confirm"),
    path("workshop/<uuid:pk>/fremmoede/", attendance, name="attendance"),
    path("workshop/<uuid:pk>/fremmoede/<uuid:enrolment>/", attendance_correct, name="attendance-correct"),
    path("min-side/hr/", hr_sees, name="hr-sees"),
]
