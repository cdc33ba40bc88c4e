"""What HR fills in. Dates may be written 2026-08-31 or 31.8.2026 (MODEL §10)."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.models import Cohort, Workshop
from courseplatform.cohorts.setting_up.new_cohort import obstacle_to_start_on
from courseplatform.cohorts.transitions.event import Slot, obstacle_in_time
from courseplatform.people.models import Municipality, User
from courseplatform.people.written_text import has_cpr_like_number, tidy
from lessons.models import ProgrammeVersion

DATE_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
TIME_FORMATS = ["%H:%M", "%H.%M"]
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # beyond them a year is a slip of the finger


class Form(forms.Form):
    """A form whose fields wear the design system's classes."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxSelectMultiple | forms.FileInput):
                kind = "form-select" if isinstance(field.widget, forms.Select) else "form-input"
                field.widget.attrs.setdefault("class", kind)


class LineField(forms.CharField):
    """One line that others will read: tidied before its length is looked at, and without CPR numbers (MODEL §10)."""

    def to_python(self, value: Any) -> str:
        return " ".join(tidy(super().to_python(value) or "").split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if has_cpr_like_number(value):
            raise forms.ValidationError(_("This looks like a CPR number. Take it out."))


class DayField(forms.DateField):
    """A date, with the browser's own calendar where there is one."""

    default_error_messages = {"invalid": _("Write the date like 31.8.2026.")}
    default_validators = [
        MinValueValidator(FIRST_DAY, _("Choose a day between the years 2000 and 2099.")),
        MaxValueValidator(LAST_DAY, _("Choose a day between the years 2000 and 2099.")),
    ]

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(input_formats=DATE_FORMATS, widget=widget, **options)


class ClockField(forms.TimeField):
    default_error_messages = {"invalid": _("Write the time like 8.30.")}

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        super().__init__(input_formats=TIME_FORMATS, widget=widget, **options)


class VersionField(forms.ModelChoiceField[ProgrammeVersion]):
    """A published version by its programme's title and number."""

    def label_from_instance(self, version: Any) -> str:
        return f"{version.programme_key.replace('-', ' ').capitalize()} · {version.number}"


class CohortForm(Form):
    """The first step: what, when, who leads it and for how many. Needs the municipality and its local date."""

    version = VersionField(ProgrammeVersion.objects.none(), label=_("Programme"), empty_label=None)
    name = LineField(label=_("Name"), min_length=3, max_length=120)
    starts_on = DayField(label=_("First day"), help_text=_("A Monday."))
    facilitators = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("Facilitators"), widget=forms.CheckboxSelectMultiple
    )
    capacity_min = forms.IntegerField(
        label=_("Fewest participants"),
        min_value=1,
        max_value=2000,
    )
    capacity_max = forms.IntegerField(label=_("Most participants"), min_value=1, max_value=2000)
    backfill_reason = LineField(
        label=_("Why the cohort is entered afterwards"),
        max_length=300,
        required=False,
        help_text=_("Only when the first day has passed."),
    )

    def __init__(self, *args: Any, municipality: Municipality, today: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = today
        self.fields["version"].queryset = ProgrammeVersion.objects.all()  # type: ignore[attr-defined]
        facilitators = User.objects.filter(
            role_assignments__kind="facilitator", role_assignments__municipality=municipality, is_active=True
        )
        self.fields["facilitators"].queryset = facilitators.order_by("display_name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("starts_on"):
            obstacle = obstacle_to_start_on(given["starts_on"], self.today, given.get("backfill_reason", ""))
            if obstacle:
                self.add_error("starts_on", str(obstacle))
        if (given.get("capacity_min") or 0) > (given.get("capacity_max") or 0):
            self.add_error("capacity_max", _("Room for at least as many as the fewest."))
        return given


class SlotForm(Form):
    """When and where one workshop is, in local time."""

    day = DayField(label=_("Date"))
    starts = ClockField(label=_("From"))
    ends = ClockField(label=_("To"))
    place = LineField(label=_("Place"), max_length=200, required=False)
    link = forms.URLField(label=_("Link, if it is online"), required=False, max_length=2000, assume_scheme="https")

    def __init__(self, *args: Any, workshop: Workshop, now: datetime, **options: Any) -> None:
        self.workshop, self.now = workshop, now
        self.tzid = workshop.cohort.municipality.timezone
        super().__init__(*args, initial=self._present(), **options)

    def _present(self) -> dict[str, Any]:
        present: dict[str, Any] = {"place": self.workshop.place, "link": self.workshop.link}
        if self.workshop.starts_at and self.workshop.ends_at:
            starts, ends = (to_local(at, self.tzid) for at in (self.workshop.starts_at, self.workshop.ends_at))
            present |= {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}
        return present

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors:
            may_be_past = bool(self.workshop.cohort.backfill_reason)
            if obstacle := obstacle_in_time(self.slot, self.now, may_be_past=may_be_past):
                self.add_error("day", str(obstacle))
        return given

    @property
    def slot(self) -> Slot:
        """What was written, as instants. Only for a form whose fields are valid."""
        given = self.cleaned_data
        starts_at, ends_at = (to_utc(datetime.combine(given["day"], given[at]), self.tzid) for at in ("starts", "ends"))
        return Slot(starts_at, ends_at, given["place"].strip(), given["link"])


class PlaceForm(Form):
    """One place for every workshop that has none of its own."""

    place_for_all = LineField(label=_("The same place for all without one"), max_length=200, required=False)


class MoveForm(SlotForm):
    """A new time or place for a workshop people have in their calendars; it needs somewhere to be."""

    seen = forms.IntegerField(widget=forms.HiddenInput)

    def _present(self) -> dict[str, Any]:
        return super()._present() | {"seen": self.workshop.ics_sequence}

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.errors and not (given.get("place", "").strip() or given.get("link")):
            self.add_error("place", _("Say where: a place or a link."))
        return given


class ImportForm(Form):
    """A list of people, pasted or as a file."""

    text = forms.CharField(
        label=_("Paste the list here"), required=False, widget=forms.Textarea(attrs={"rows": 8}), strip=False
    )
    file = forms.FileField(label=_("Or choose a file (CSV)"), required=False, max_length=200)
    domains = forms.CharField(
        label=_("Other domains that are right"),
        required=False,
        max_length=500,
        help_text=_("For example a self-governing institution. Separate them with a space."),
    )
    LARGEST_FILE = 2_000_000  # bytes; 2,000 rows take about a tenth of it

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("text", "").strip() and not given.get("file"):
            self.add_error("text", _("Paste a list or choose a file."))
        if given.get("file") and given["file"].size > self.LARGEST_FILE:
            self.add_error("file", _("The file is too large. It may be 2 MB."))
        return given

    @property
    def allowed_domains(self) -> list[str]:
        return str(self.cleaned_data["domains"]).replace(",", " ").split()


class ReasonForm(Form):
    """Why something ends before its time."""

    reason = LineField(label=_("Why"), max_length=300, help_text=_("The people concerned can read it."))


def initial_of(cohort: Cohort) -> dict[str, Any]:
    """A cohort's first step as it stands."""
    names = ("name", "starts_on", "capacity_min", "capacity_max", "backfill_reason")
    values = {name: getattr(cohort, name) for name in names}
    return values | {"version": cohort.programme_version_id, "facilitators": list(cohort.facilitators.all())}
