from django.urls import URLPattern, path
from django.views.generic import RedirectView

from lessons.picture_files import picture

urlpatterns: list[URLPattern] = [
    # One way in for everybody: the editor has no sign-in of its own.
    path("cms/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("media/images/<str:name>", picture, name="picture"),
]
