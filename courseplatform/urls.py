from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

urlpatterns = [
    path("", include("courseplatform.people.urls")),
    path("", include("courseplatform.cohorts.urls")),
    path("", include("courseplatform.outbox.urls")),
    path("", include("courseplatform.journal.urls")),
    path("", include("courseplatform.insights.urls")),
    path("", include("lessons.urls")),
    path("konto/", include("courseplatform.people.account_urls")),
    # One door to sign in by, and it counts wrong passwords.
    path("support/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("support/", admin.site.urls),
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
