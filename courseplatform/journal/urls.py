from django.urls import path

from courseplatform.journal.views import experiment_steps, experiments, insights, peer_questions, question
from courseplatform.journal.views.agreements import agreement
from courseplatform.journal.views.autosaving import write_as
from courseplatform.journal.views.erase_me import erase_me, keep_mine
from courseplatform.journal.views.groups import facilitator, group
from courseplatform.journal.views.meeting_days import (
    invite_facilitator,
    meeting_answer,
    meeting_cancel,
    meeting_day,
    meeting_move,
)
from courseplatform.journal.views.meeting_texts import meeting_text, take_text_away
from courseplatform.journal.views.meetings import begin, hold, meeting, tap
from courseplatform.journal.views.offline import manifest, offline, service_worker, write_offline
from courseplatform.journal.views.others_experiments import theirs
from courseplatform.journal.views.own_copy import own_copy
from courseplatform.journal.views.reading import delete, log, read, share
from courseplatform.journal.views.search import found, search
from courseplatform.journal.views.today import home
from courseplatform.journal.views.writing import edit, write, write_free, write_prompt

urlpatterns = [
    path("", home, name="home"),
    path("skriv/", write_free, name="write-free"),
    path("skriv/hvem/", write_as, name="write-as"),
    path("skriv/uden-net/", write_offline, name="write-offline"),
    path("skriv/<uuid:message>/", write, name="write"),
    path("skriv/<uuid:cohort>/<slug:prompt>/", write_prompt, name="write-prompt"),
    path("uden-net/", offline, name="offline"),
    path("sw.js", service_worker, name="service-worker"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("min-side/kopi/", own_copy, name="own-copy"),
    path("min-side/slet/", erase_me, name="erase-me"),
    path("min-side/slet/fortryd/", keep_mine, name="keep-mine"),
    path("logbog/", log, name="log"),
    path("logbog/<uuid:pk>/", read, name="reflection"),
    path("logbog/<uuid:pk>/ret/", edit, name="reflection-edit"),
    path("logbog/<uuid:pk>/del/", share, name="reflection-share"),
    path("logbog/<uuid:pk>/slet/", delete, name="reflection-delete"),
    path("soeg/", search, name="search"),
    path("soeg/fundet/", found, name="search-found"),
    path("proevehandling/", experiments.mine, name="experiments"),
    path("proevehandling/spoergsmaal/", question.question, name="question"),
    path("proevehandling/slut/", question.end, name="project-end"),
    path("proevehandling/ny/", experiments.new, name="experiment-new"),
    path("proevehandling/hos/<uuid:enrolment>/", theirs, name="experiments-of"),
    path("proevehandling/<uuid:pk>/", experiments.one, name="experiment"),
    path("proevehandling/<uuid:pk>/plan/<slug:step>/", experiment_steps.step, name="experiment-step"),
    path("proevehandling/<uuid:pk>/skridt/", experiments.change, name="experiment-change"),
    path("proevehandling/<uuid:pk>/stop/", experiment_steps.stop, name="experiment-stop"),
    path("proevehandling/<uuid:pk>/set/", experiment_steps.observe, name="experiment-see"),
    path("proevehandling/<uuid:pk>/set/<uuid:observation>/slet/", experiment_steps.forget, name="observation-forget"),
    path("proevehandling/<uuid:pk>/refleksion/", experiment_steps.reflect, name="experiment-reflect"),
    path("proevehandling/<uuid:pk>/del/", experiments.share, name="experiment-share"),
    path("proevehandling/<uuid:pk>/laeringspunkt/", insights.write, name="insight-write"),
    path("laeringspunkter/", insights.all_of_them, name="insights"),
    path("laeringspunkter/<uuid:pk>/", insights.mine, name="insight"),
    path("laeringspunkter/<uuid:pk>/del/", insights.share, name="insight-share"),
    path("laeringspunkter/<uuid:pk>/slet/", insights.throw_away, name="insight-throw-away"),
    path("gruppe/", group, name="group"),
    path("gruppe/spoerg/<slug:kind>/<uuid:pk>/", peer_questions.ask, name="peer-ask"),
    path("gruppe/spoerg/<slug:kind>/<uuid:pk>/luk/", peer_questions.close, name="peer-close"),
    path("gruppe/spoergsmaal/<uuid:pk>/svar/", peer_questions.answer, name="peer-answer"),
    path("gruppe/spoergsmaal/<uuid:pk>/tilbage/", peer_questions.take_back, name="peer-take-back"),
    path("gruppe/moede/<uuid:pk>/", meeting, name="meeting"),
    path("gruppe/moede/<uuid:pk>/begynd/", begin, name="meeting-begin"),
    path("gruppe/moede/<uuid:pk>/holdt/", hold, name="meeting-hold"),
    path("gruppe/moede/<uuid:pk>/tryk/", tap, name="meeting-tap"),
    path("gruppe/moede/<uuid:pk>/dag/", meeting_day, name="meeting-day"),
    path("gruppe/moede/<uuid:pk>/svar/", meeting_answer, name="meeting-answer"),
    path("gruppe/moede/<uuid:pk>/flyt/", meeting_move, name="meeting-move"),
    path("gruppe/moede/<uuid:pk>/aflys/", meeting_cancel, name="meeting-cancel"),
    path("gruppe/moede/<uuid:pk>/facilitator/", invite_facilitator, name="meeting-facilitator"),
    path("gruppe/sagt/<uuid:pk>/", meeting_text, name="meeting-text"),
    path("gruppe/sagt/<uuid:pk>/slet/", take_text_away, name="meeting-text-take-away"),
    path("gruppe/<uuid:pk>/kontrakt/", agreement, name="agreement"),
    path("facilitator/", facilitator, name="facilitator"),
]
