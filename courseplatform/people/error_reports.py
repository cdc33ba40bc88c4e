"""Error reports say where it broke and never what somebody wrote (MODEL I6)."""

from collections.abc import ItemsView
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class WithoutPrivateText(SafeExceptionReporterFilter):
    """No posted values and no local variables, on any page and whatever DEBUG says."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request else {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: TracebackType | None
    ) -> ItemsView[str, Any]:
        return dict[str, Any]().items()
