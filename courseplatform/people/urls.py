from django.urls import path

from courseplatform.people.views.access import access, sign_out_everywhere, sign_out_there
from courseplatform.people.views.language import choose_language
from courseplatform.people.views.looks import looks
from courseplatform.people.views.me import end_pause, me, pause

urlpatterns = [
    path("sprog/", choose_language, name="language"),
    path("min-side/", me, name="me"),
    path("min-side/pause/", pause, name="me-pause"),
    path("min-side/pause/slut/", end_pause, name="me-end-pause"),
    path("min-side/hvem-har-kigget/", looks, name="looks"),
    path("min-side/adgang/", access, name="access"),
    path("min-side/adgang/<int:pk>/log-ud/", sign_out_there, name="me-sign-out-there"),
    path("min-side/log-ud-overalt/", sign_out_everywhere, name="me-sign-out-everywhere"),
]
