from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, reverse_lazy
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from courseplatform.people.views.desks import sign_in_for_a_desk

# Whoever gets somebody's mail can choose their password and read what they wrote: nobody is given a second address or
# a key at the desk, and people are looked after at one desk, which changes none.
admin.site.unregister([EmailAddress, Authenticator, UserSession])
PEOPLES_DESK = RedirectView.as_view(url=reverse_lazy("admin:index"))

urlpatterns = [
    path("", include("courseplatform.people.urls")),
    path("", include("courseplatform.cohorts.urls")),
    path("", include("courseplatform.outbox.urls")),
    path("", include("courseplatform.journal.urls")),
    path("", include("courseplatform.insights.urls")),
    path("", include("lessons.urls")),
    path("konto/", include("courseplatform.people.signing_in.urls")),
    path("support/login/", sign_in_for_a_desk, name="desk-sign-in"),
    path("support/", admin.site.urls),
    path("cms/users/", PEOPLES_DESK),
    path("cms/users/<path:rest>", PEOPLES_DESK),
    path("cms/", include(wagtailadmin_urls)),
    path("filer/", include(wagtaildocs_urls)),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("demo.urls")))

handler400 = "courseplatform.people.errors.bad_request"
handler403 = "courseplatform.people.errors.forbidden"
handler404 = "courseplatform.people.errors.not_found"
handler429 = "courseplatform.people.errors.too_many"
handler500 = "courseplatform.people.errors.broken"
