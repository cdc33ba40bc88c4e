from django.urls import path

from courseplatform.journal.views.groups import facilitator, group
from courseplatform.journal.views.reading import delete, log, read, share
from courseplatform.journal.views.today import home
from courseplatform.journal.views.writing import edit, write, write_free, write_prompt

urlpatterns = [
    path("", home, name="home"),
    path("skriv/", write_free, name="write-free"),
    path("skriv/<uuid:message>/", write, name="write"),
    path("skriv/<uuid:cohort>/<slug:prompt>/", write_prompt, name="write-prompt"),
    path("logbog/", log, name="log"),
    path("logbog/<uuid:pk>/", read, name="reflection"),
    path("logbog/<uuid:pk>/ret/", edit, name="reflection-edit"),
    path("logbog/<uuid:pk>/del/", share, name="reflection-share"),
    path("logbog/<uuid:pk>/slet/", delete, name="reflection-delete"),
    path("gruppe/", group, name="group"),
    path("facilitator/", facilitator, name="facilitator"),
]
