from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courseplatform.people.privacy.looks import looks_at
from courseplatform.people.requests import PersonRequest

A_PAGE = 50


@login_required
@require_safe
def looks(request: PersonRequest) -> HttpResponse:
    """Every look at what is the person's own, day by day; nobody else's page."""
    page = Paginator(looks_at(request.user), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "people/looks.html", {"page": page})
