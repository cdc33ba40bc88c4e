"""What the page that saves by itself is told (static/js/kept_texts.js): in JSON, to the author alone, never cached."""

from django.http import JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse

from courseplatform import clock
from courseplatform.journal.forms import PREFIX, EntryForm
from courseplatform.journal.models import Reflection
from courseplatform.journal.private_pages import reading_page
from courseplatform.journal.reflections import entries, writing
from courseplatform.journal.reflections.desk import Desk
from courseplatform.people.requests import PersonRequest


@reading_page
def write_as(request: PersonRequest) -> JsonResponse:
    """Who is signed in, and the token to post with: for what was written without network."""
    return JsonResponse({"person": str(request.user.pk), "token": get_token(request)})


def autosave(request: PersonRequest, desk: Desk, form: EntryForm) -> JsonResponse:
    """Keeps the draft and tells its edition. 409 with what stands here when it was written elsewhere since.

    `done` says that Done was pressed, maybe while there was no network: then it is saved, and `entry` is where it
    stands; or, where a person has to look first, `look`. What somebody else wrote than who is signed in is refused.
    """
    if request.POST.get("writer", str(request.user.pk)) != str(request.user.pk):
        return JsonResponse({"kept": False}, status=403)
    if desk.reflection is None and not any(form.texts().values()) and "done" not in request.POST:
        return JsonResponse({"kept": True, "edition": 0})  # typed, and taken out before it was begun
    reflection = desk.begun()
    try:
        is_saved = _save(request, desk, form) if "done" in request.POST else False
        if not is_saved:
            writing.keep_draft(reflection, form.texts(), edition=form.cleaned_data["edition"], model_key=desk.model.key)
    except writing.StaleError:
        return _what_stands_here(request, reflection, form)
    place = _place(reflection, is_saved=is_saved) if "done" in request.POST else {}
    return JsonResponse({"kept": True, "edition": reflection.edition} | place)


def _place(reflection: Reflection, *, is_saved: bool) -> dict[str, str]:
    """Where it can be read, or where to look at what is in the way."""
    name, page = ("entry", "reflection") if is_saved else ("look", "reflection-edit")
    return {name: reverse(page, args=[reflection.pk])}


def _save(request: PersonRequest, desk: Desk, form: EntryForm) -> bool:
    """False where something has to be said first. Raises StaleError."""
    texts, readers, reflection = form.texts(), form.new_readers(), desk.begun()
    level = readers or reflection.visibility
    is_unseen_cpr = writing.looks_like_cpr(texts) and "cpr-seen" not in request.POST
    if writing.problem_with(texts, level) or (level == Reflection.Visibility.PRIVATE and is_unseen_cpr):
        return False
    edition = form.cleaned_data["edition"]
    writing.save(reflection, texts, edition=edition, now=clock.now(), model_key=desk.model.key, visibility=readers)
    return True


def _what_stands_here(request: PersonRequest, reflection: Reflection, form: EntryForm) -> JsonResponse:
    """With `aside`, for a browser that is about to forget its text, that one goes into the author's history."""
    reflection.refresh_from_db(fields=writing.CHANGING)
    if "aside" in request.POST:
        writing.keep_aside(reflection, form.texts(), clock.now())
    texts = {PREFIX + key: text for key, text in entries.draft_of(reflection).items()}
    return JsonResponse({"kept": False, "edition": reflection.edition, "texts": texts}, status=409)
