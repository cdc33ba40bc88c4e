from django.urls import path

from demo import views

urlpatterns = [
    path("mail/", views.mails, name="demo-mail"),
    path("mail/<str:name>/", views.mail, name="demo-mail-one"),
    path("mail/<str:name>/html", views.mail_html, name="demo-mail-html"),
]
