"""Error reports say where it broke and never what somebody wrote (MODEL I6)."""

import re
from collections.abc import ItemsView
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class WithoutPrivateText(SafeExceptionReporterFilter):
    """No posted values, no local variables and no passwords in addresses, on any page and whatever DEBUG says."""

    hidden_settings = re.compile(SafeExceptionReporterFilter.hidden_settings.pattern + "|_URL|LOCATION", re.IGNORECASE)

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request else {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: TracebackType | None
    ) -> ItemsView[str, Any]:
        return dict[str, Any]().items()
