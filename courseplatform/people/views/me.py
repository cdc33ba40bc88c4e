"""Min side: how I am called, when I hear from the place, and who has looked at what is mine."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from courseplatform import clock
from courseplatform.people.forms import PauseForm, PreferenceForm
from courseplatform.people.local_dates import day
from courseplatform.people.models import AuditEvent, NotificationPreference, User
from courseplatform.people.requests import PersonRequest

LOOKS_SHOWN = 20


def preference_of(person: User) -> NotificationPreference:
    """The person's wishes; made with the defaults when there are none yet."""
    return NotificationPreference.objects.get_or_create(person=person)[0]


@login_required
@require_http_methods(["GET", "POST"])
def me(request: PersonRequest) -> HttpResponse:
    """Show the page, and keep the preferred time."""
    preference = NotificationPreference.objects.filter(person=request.user).first()
    if request.method == "POST":
        preference = preference_of(request.user)
    form = PreferenceForm(request.POST or None, instance=preference)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. It holds from the next message."), extra_tags="good")
        return redirect("me")
    looks = AuditEvent.objects.filter(about=request.user).exclude(actor=request.user).select_related("actor")
    context = {
        "form": form,
        "pause_form": PauseForm(),
        "pause_until": _pause_of(preference, clock.today(request.user.timezone)),
        "looks": looks[:LOOKS_SHOWN],
    }
    return render(request, "people/me.html", context)


def _pause_of(preference: NotificationPreference | None, today: date) -> date | None:
    """The day a pause ends, while it lasts."""
    until = preference.pause_until if preference else None
    return until if until and until > today else None


@login_required
@require_POST
def pause(request: PersonRequest) -> HttpResponse:
    """No questions for some weeks; moves and cancellations still come."""
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose between one and eight weeks."), extra_tags="wrong")
        return redirect("me")
    until = clock.today(request.user.timezone) + form.length()
    preference_of(request.user)
    NotificationPreference.objects.filter(person=request.user).update(pause_until=until)
    messages.success(request, _("You have a break until %(day)s.") % {"day": day(until)}, extra_tags="good")
    return redirect("me")


@login_required
@require_POST
def end_pause(request: PersonRequest) -> HttpResponse:
    """Welcome back. Ending it twice changes nothing."""
    NotificationPreference.objects.filter(person=request.user).update(pause_until=None)
    messages.success(request, _("The break is over. The next message comes when it is due."), extra_tags="good")
    return redirect("me")
