from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from courseplatform import clock
from lessons.folder import from_folder
from lessons.loading import Loaded, LoadError, to_pages
from lessons.problems import FolderError
from lessons.publishing import publish_first


class Command(BaseCommand):
    help = "Loads or updates a programme from a folder; twice changes nothing. The first load publishes its version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--overwrite", action="store_true", help="write over what authors have changed")
        parser.add_argument("--prune", action="store_true", help="delete pages the folder no longer has")

    def handle(self, *args: Any, folder: Path, overwrite: bool, prune: bool, **options: Any) -> None:
        now = clock.now()
        try:
            loaded = to_pages(from_folder(folder), now=now, overwrite=overwrite, prune=prune)
        except FolderError as error:
            raise CommandError("\n".join(str(problem) for problem in error.problems)) from error
        except LoadError as error:
            raise CommandError("\n".join([*error.sentences, _("--overwrite takes the folder's words.")])) from error
        self.tell(loaded)
        version = publish_first(loaded.page, now=now) if loaded.page else None
        if version:
            self.stdout.write(_("Published version %s.") % version.number)

    def tell(self, loaded: Loaded) -> None:
        if loaded.changed_nothing:
            self.stdout.write(_("Nothing has changed."))
        counts = {"created": len(loaded.created), "written": len(loaded.written), "pruned": len(loaded.pruned)}
        self.stdout.write(_("Pages: %(created)s new, %(written)s changed, %(pruned)s deleted.") % counts)
        for title in loaded.missing:
            self.stdout.write(_("“%s” is no longer in the folder; --prune deletes it.") % title)
