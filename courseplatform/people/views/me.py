"""Min side: who I am here, when I hear from the place, and who has looked at what is mine."""

from datetime import date, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from courseplatform import clock
from courseplatform.people.forms import PauseForm, PreferenceForm
from courseplatform.people.local_dates import day
from courseplatform.people.models import NotificationPreference, RoleAssignment, User
from courseplatform.people.privacy.looks import lookers
from courseplatform.people.requests import PersonRequest

LOOKERS_SHOWN = 5
A_DAY = timedelta(days=1)


def preference_of(person: User) -> NotificationPreference:
    """The person's wishes; made with the defaults when there are none yet."""
    return NotificationPreference.objects.get_or_create(person=person)[0]


@login_required
@require_http_methods(["GET", "POST"])
def me(request: PersonRequest) -> HttpResponse:
    """Show the page, and keep the preferred time."""
    preference = NotificationPreference.objects.filter(person=request.user).first()
    form = PreferenceForm(request.POST or None, instance=preference)
    if request.method == "POST" and form.is_valid():
        form.save_for(preference_of(request.user))
        messages.success(request, _("Saved. It holds from the next message."))
        return redirect("me")
    context = {
        "form": form,
        "pause_form": PauseForm(),
        "pause_until": _pause_of(preference, clock.today(request.user.timezone)),
        "roles": _roles_of(request.user),
        "lookers": lookers(request.user, most=LOOKERS_SHOWN),
    }
    return render(request, "people/me.html", context)


def _roles_of(person: User) -> str:
    """“participant and facilitator”, in the words people use."""
    words = [_("participant")] if person.takes_part else []
    words += [str(kind.label) for kind in RoleAssignment.Kind if person.has_role(kind)]
    return get_text_list(words, _("and"))


def _pause_of(preference: NotificationPreference | None, today: date) -> date | None:
    """The last day of a pause, while it lasts."""
    until = preference.pause_until if preference else None
    return until if until and until >= today else None


@login_required
@require_POST
def pause(request: PersonRequest) -> HttpResponse:
    """No questions for some weeks; moves and cancellations still come."""
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose between one and eight weeks."))
        return redirect("me")
    today = clock.today(request.user.timezone)
    began, until = _began(preference_of(request.user), today), today + form.length()
    NotificationPreference.objects.filter(person=request.user).update(pause_from=began, pause_until=until)
    messages.success(request, _("You have a break up to and including %(day)s.") % {"day": day(until)})
    return redirect("me")


def _began(preference: NotificationPreference, today: date) -> date:
    """Today, or the first day of the pause that this one goes on from."""
    until = preference.pause_until
    goes_on = until is not None and until >= today - A_DAY
    return (preference.pause_from if goes_on else None) or today


@login_required
@require_POST
def end_pause(request: PersonRequest) -> HttpResponse:
    """Welcome back. Ending it twice changes nothing."""
    today = clock.today(request.user.timezone)
    running = NotificationPreference.objects.filter(person=request.user, pause_until__gte=today)
    running.filter(pause_from__lt=today).update(pause_until=today - A_DAY)
    running.update(pause_from=None, pause_until=None)  # of today, or begun before its first day was kept
    messages.success(request, _("The break is over. The next message comes when it is due."))
    return redirect("me")
