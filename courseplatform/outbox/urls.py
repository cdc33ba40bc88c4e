from django.urls import path

from courseplatform.outbox.operating import figures, health, operating_views
from courseplatform.outbox.reading import back_off_views, calendar_views, switch_views, views

urlpatterns = [
    path("besked/<uuid:pk>/", views.message, name="message"),
    path("besked/<uuid:pk>/svar/", views.answered, name="message-answered"),
    path("besked/<uuid:pk>/ikke-nu/", views.not_now, name="message-dismiss"),
    path("nej-tak/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("min-side/mails/<slug:kind>/", switch_views.mail_kind, name="mail-kind"),
    path("min-side/spoergsmaal/", back_off_views.back_off, name="back-off"),
    path("min-side/beskeder/", views.my_messages, name="my-messages"),
    path("min-side/kalender/", calendar_views.my_calendar, name="my-calendar"),
    path("kalender/<str:token>.ics", calendar_views.calendar_feed, name="calendar-feed"),
    path("workshop/<uuid:pk>/kalender.ics", views.workshop_calendar, name="workshop-calendar"),
    path("support/levering/", operating_views.delivery, name="delivery"),
    path("support/levering/igen/", operating_views.again, name="delivery-again"),
    path("support/levering/opgiv/", operating_views.no_more, name="delivery-give-up"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", figures.metrics, name="metrics"),
]
