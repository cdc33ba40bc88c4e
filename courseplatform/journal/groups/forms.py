"""What a group fills in: a time and a place, and who is here when a meeting begins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.local_time import to_local, to_utc
from courseplatform.cohorts.models import Enrolment, GroupMeeting
from courseplatform.cohorts.setting_up.forms import ClockField, DayField, Form, LineField
from courseplatform.cohorts.transitions.event import Slot, obstacle_in_time


class TimeForm(Form):
    """When and where a meeting is, in local time."""

    day = DayField(label=_("Day"))
    starts = ClockField(label=_("From"))
    ends = ClockField(label=_("To"))
    place = LineField(label=_("Place"), max_length=200, required=False)
    link = forms.URLField(label=_("Link, if you meet online"), required=False, max_length=2000, assume_scheme="https")

    def __init__(self, *args: Any, meeting: GroupMeeting, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tzid, self.now = meeting.group.cohort.municipality.timezone, now

    @staticmethod
    def initial_of(meeting: GroupMeeting) -> dict[str, Any]:
        """The time it has now."""
        tzid, place = meeting.group.cohort.municipality.timezone, {"place": meeting.place, "link": meeting.link}
        if not (meeting.starts_at and meeting.ends_at):
            return place
        starts, ends = (to_local(at, tzid) for at in (meeting.starts_at, meeting.ends_at))
        return place | {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        if obstacle := obstacle_in_time(self.slot, self.now):
            self.add_error("day", str(obstacle))
        if not (given["place"] or given["link"]):
            self.add_error("place", str(_("Say where: a place or a link.")))
        return given

    @property
    def slot(self) -> Slot:
        """What was written, as instants. Only for a form whose fields are valid."""
        given = self.cleaned_data
        starts_at, ends_at = (to_utc(datetime.combine(given["day"], given[at]), self.tzid) for at in ("starts", "ends"))
        return Slot(starts_at, ends_at, given["place"], given["link"])


class MemberField(forms.TypedChoiceField):
    """One of the members, as an Enrolment; None for the empty choice."""

    def __init__(self, members: Sequence[Enrolment], empty: object = "", **options: Any) -> None:
        known = {str(one.pk): one for one in members}
        names = [(key, one.person.display_name) for key, one in known.items()]
        choices = names if options.get("required", True) else [("", empty), *names]
        super().__init__(choices=choices, coerce=known.__getitem__, empty_value=None, **options)


class BeginForm(Form):
    """Who is here, who presents in which turn, and who minds the process."""

    def __init__(self, members: Sequence[Enrolment], turns: int, fewest: int, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        known = {str(one.pk): one for one in members}
        self.turns = turns
        self.fields["present"] = forms.TypedMultipleChoiceField(
            label=_("Who is here?"),
            choices=[(key, one.person.display_name) for key, one in known.items()],
            coerce=known.__getitem__,
            widget=forms.CheckboxSelectMultiple,
        )
        for number in range(1, turns + 1):
            label = _("Turn %(number)d: who presents?") % {"number": number}
            self.fields[f"turn-{number}"] = MemberField(
                members, _("Nobody: a shared theme"), label=label, required=number <= fewest
            )
        minds = _("Minds the time, and that you ask before you advise.")
        self.fields["keeper"] = MemberField(members, label=_("Process keeper"), help_text=minds)
        for field in self.fields.values():
            if isinstance(field.widget, forms.Select):
                field.widget.attrs["class"] = "form-select"

    @property
    def presenters(self) -> list[Enrolment]:
        """In the order of their turns. Only for a form whose fields are valid."""
        chosen = (self.cleaned_data[f"turn-{number}"] for number in range(1, self.turns + 1))
        return [one for one in chosen if one]
