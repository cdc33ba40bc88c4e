from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve


@login_required
@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture at the size a lesson shows it, for anybody signed in."""
    response = serve(request, name, document_root=str(settings.MEDIA_ROOT / "images"))
    if isinstance(response, FileResponse):
        response["Cache-Control"] = "private, max-age=604800, immutable"  # a changed picture gets a new name
    return response
