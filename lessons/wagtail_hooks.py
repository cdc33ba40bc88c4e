"""What we add to the editor: versions in the menu, a button on the programme, and each page's English."""

from typing import Any

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button

from lessons import views
from lessons.models import ProgrammePage


@hooks.register("register_admin_urls")  # type: ignore[untyped-decorator]
def publishing_screens() -> list[URLPattern]:
    return [
        path("udgivelser/", views.programmes, name="lessons-programmes"),
        path("udgivelser/<int:pk>/", views.publish, name="lessons-publish"),
    ]


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def versions_in_the_menu() -> MenuItem:
    return MenuItem(_("Versions"), reverse("lessons-programmes"), icon_name="history", order=150)


@hooks.register("register_page_header_buttons")  # type: ignore[untyped-decorator]
def publish_button(page: Any, user: Any, next_url: str | None = None, view_name: str | None = None) -> Any:
    """On a programme: publish a version."""
    if isinstance(page.specific, ProgrammePage) and page.permissions_for_user(user).can_publish():
        address = reverse("lessons-publish", args=[page.pk])
        yield Button(_("Publish a version"), address, icon_name="upload", priority=5)
