"""Searching in what one has written oneself, and in one's lessons."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from courseplatform import clock
from courseplatform.journal.private_pages import reading_page, writing_page
from courseplatform.journal.searching import last_search
from courseplatform.journal.searching.finding import MOST, find
from courseplatform.journal.searching.matching import LONGEST
from courseplatform.people.privacy.sealing import KeyDestroyedError
from courseplatform.people.requests import PersonRequest


@writing_page
def search(request: PersonRequest) -> HttpResponse:
    """The empty box; a posted search is kept sealed, and shown on a page of its own that “back” can find again."""
    typed = request.POST.get("words", "")
    if not typed.strip():
        return _page(request, "")
    try:
        last_search.keep(request.session, request.user, typed)
    except KeyDestroyedError:  # nothing can be sealed for them, and lessons can be searched all the same
        return _page(request, typed)
    return redirect("search-found")


@reading_page
def found(request: PersonRequest) -> HttpResponse:
    """What the last search finds at this moment."""
    typed = last_search.recall(request.session, request.user)
    return _page(request, typed) if typed else redirect("search")


def _page(request: PersonRequest, typed: str) -> HttpResponse:
    context = {"typed": typed[:LONGEST], "longest": LONGEST, "most": MOST}
    if typed:
        context["found"] = find(request.user, typed, clock.now())
    return render(request, "journal/search.html", context)
