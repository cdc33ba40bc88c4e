from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from lessons.folder import to_folder
from lessons.models import ProgrammePage
from lessons.pages import PagesError, from_pages


class Command(BaseCommand):
    help = "Writes a programme's live pages to a folder, byte-stable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, slug: str, folder: Path, **options: Any) -> None:
        page = ProgrammePage.objects.filter(key=slug).first()
        if page is None:
            raise CommandError(_("There is no programme “%s”.") % slug)
        try:
            to_folder(from_pages(page), folder)
        except PagesError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(_("%s cannot be written to.") % folder) from error
        self.stdout.write(_("Written to %s.") % folder)
