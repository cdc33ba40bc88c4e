"""The support desk: who somebody is and how they sign in. Nothing that anybody has written is within reach here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courseplatform import clock
from courseplatform.people.look_only import LookOnly
from courseplatform.people.models import AuditEvent, Municipality, OrgUnit, RoleAssignment, User
from courseplatform.people.privacy.audit import record, record_each_daily
from courseplatform.people.refusals import Refusal

admin.site.site_header = admin.site.site_title = _("Support desk")
admin.site.index_title = _("What needs looking up?")

OPENED = _("Opened your name, address and place at the support desk.")


class NewPersonForm(forms.ModelForm[User]):
    """Without a password: the person chooses one by the link in a mail, so nobody else ever knows it."""

    class Meta:
        model = User
        fields = ["email", "display_name", "municipality"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).casefold()

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return super().save(commit)


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """Addresses, places and who is still here. Deleting follows the retention rules, never this desk."""

    list_display = ["display_name", "email", "org_unit", "municipality", "is_active", "undeliverable_since"]
    list_filter = ["is_active", "is_staff", "municipality", ("undeliverable_since", admin.EmptyFieldListFilter)]
    list_select_related = ["org_unit", "municipality"]
    search_fields = ["display_name", "email"]
    autocomplete_fields = ["org_unit", "line_manager"]
    fieldsets = [
        (None, {"fields": ["email", "display_name", "job_title", "level", "language"]}),
        (_("In the organisation"), {"fields": ["municipality", "org_unit", "line_manager"]}),
        (_("Access"), {"fields": ["is_active", "is_staff", "undeliverable_since", "last_login"]}),
    ]
    # Whoever gets somebody's mail can choose a password and read what they wrote: no address changes hands here.
    readonly_fields = ["email", "last_login"]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whom it is about can see that it was opened (MODEL I17)."""
        response = super().change_view(request, object_id, *args, **kwargs)
        if response.status_code == 200 and (person := self.get_object(request, object_id)):
            reader: User = request.user  # type: ignore[assignment]
            record_each_daily(reader, "read_person", User, {person.pk: person.pk}, OPENED, clock.now())
        return response

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: object) -> type:
        return super().get_form(request, obj, change, **kwargs) if obj else NewPersonForm

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        return self.readonly_fields if obj else []

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        return self.fieldsets if obj else [(None, {"fields": NewPersonForm.Meta.fields})]

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(Municipality)
class MunicipalityAdmin(admin.ModelAdmin[Municipality]):
    list_display = ["name", "mail_domain", "default_language"]
    search_fields = ["name"]

    def has_delete_permission(self, request: HttpRequest, obj: Municipality | None = None) -> bool:
        return False


@admin.register(OrgUnit)
class OrgUnitAdmin(admin.ModelAdmin[OrgUnit]):
    list_display = ["name", "kind", "municipality", "parent", "valid_to"]
    list_filter = ["municipality", "kind"]
    list_select_related = ["municipality", "parent"]
    search_fields = ["name"]
    autocomplete_fields = ["parent", "manager"]


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(admin.ModelAdmin[RoleAssignment]):
    list_display = ["person", "kind", "municipality", "created_at"]
    list_filter = ["kind", "municipality"]
    list_select_related = ["person", "municipality"]
    search_fields = ["person__display_name", "person__email"]
    autocomplete_fields = ["person"]

    def save_model(self, request: HttpRequest, obj: RoleAssignment, form: forms.ModelForm[Any], change: bool) -> None:
        """Nobody gives themselves a role, and whoever gets one can see who gave it."""
        if obj.person == request.user:
            raise Refusal(_("You cannot give yourself a role. Ask another administrator."))
        super().save_model(request, obj, form, change)
        actor: User = request.user  # type: ignore[assignment]
        record(actor, "role", obj, about=obj.person, purpose=gettext("Gave you a role"), now=clock.now())


@admin.register(AuditEvent)
class AuditEventAdmin(LookOnly):
    """Who looked at whose; which text it was is left out."""

    list_display = ["at", "actor", "action", "object_type", "about"]
    list_filter = ["action", "object_type"]
    list_select_related = ["actor", "about"]
    search_fields = ["actor__display_name", "about__display_name"]
    fields = ["at", "actor", "action", "object_type", "about", "purpose"]
