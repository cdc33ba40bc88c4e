import logging
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from courseplatform import clock
from courseplatform.cohorts.models import Cohort, Enrolment
from demo.cohort import set_up, starts_on
from demo.history import live_through
from demo.town import PROGRAMME, settle
from lessons.models import ProgrammeVersion


class Command(BaseCommand):
    help = "Builds Fjordby, with a cohort about its ninth week. Twice changes nothing; refuses beside real enrolments."

    def handle(self, *args: Any, **options: Any) -> None:
        if Enrolment.objects.exclude(cohort__is_demo=True).exists():
            raise CommandError("There are real enrolments here. The demo only moves into a database of its own.")
        if Cohort.objects.filter(is_demo=True).exists():
            self.stdout.write("Fjordby is already here. Nothing has changed.")
            return
        logging.getLogger("worker.ticks").setLevel(logging.WARNING)
        call_command("load_programme", str(PROGRAMME), stdout=self.stdout)
        self.build()

    @transaction.atomic
    def build(self) -> None:
        """All of it or nothing: a demo stopped half way leaves no trace."""
        now = clock.now()
        version = ProgrammeVersion.objects.latest("published_at")
        demo = set_up(settle(), version, starts_on(now))
        live_through(demo, now)
        self.stdout.write(f"{demo.cohort} has begun on {demo.cohort.starts_on}.")
