"""The support desk: find a cohort or an enrolment and see where it stands. Steps are taken on HR's pages."""

from django.contrib import admin

from courseplatform.cohorts.models import CalendarPolicy, Cohort, Enrolment, Workshop
from courseplatform.people.look_only import LookOnly


@admin.register(Cohort)
class CohortAdmin(LookOnly):
    list_display = ["name", "municipality", "starts_on", "state", "owner_hr"]
    list_filter = ["state", "municipality"]
    list_select_related = ["municipality", "owner_hr"]
    search_fields = ["name"]


@admin.register(Enrolment)
class EnrolmentAdmin(LookOnly):
    list_display = ["person", "cohort", "state", "activated_at", "ended_at"]
    list_filter = ["state"]
    list_select_related = ["person", "cohort"]
    search_fields = ["person__display_name", "person__email", "cohort__name"]


@admin.register(Workshop)
class WorkshopAdmin(LookOnly):
    list_display = ["key", "cohort", "starts_at", "state", "ics_sequence"]
    list_filter = ["state"]
    list_select_related = ["cohort"]
    search_fields = ["cohort__name"]


@admin.register(CalendarPolicy)
class CalendarPolicyAdmin(admin.ModelAdmin[CalendarPolicy]):
    list_display = ["municipality", "default_send_time"]
    list_select_related = ["municipality"]
