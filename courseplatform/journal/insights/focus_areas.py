"""What a learning point is closest to: a focus area of its author's programme, for others to find it by."""

from django.db.models import Count
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courseplatform.journal.insights.visibility import InsightQuerySet
from courseplatform.journal.models import Insight
from courseplatform.journal.reflections.choosing import Choice
from lessons.shape import Programme
from lessons.versions import programme

IN_ADDRESS = "omraade"
VERSION = "enrolment__cohort__programme_version__digest"


def areas_of(whole: Programme) -> dict[str, str]:
    """Key → title in the reader's language, in the programme's order."""
    return {area.key: area.title.read(get_language() or "da")[0] for area in whole.focus_areas}


def area_of(insight: Insight) -> str:
    """Its title; "" where none was chosen, or its programme has it no more."""
    return areas_of(programme(insight.enrolment.cohort.programme_version.digest)).get(insight.focus_area, "")


def ways_to_look(shown: InsightQuerySet) -> list[Choice]:
    """All of them first, then each focus area that shows something, with how many. One query."""
    rows = list(shown.order_by().values_list("focus_area", VERSION).annotate(number=Count("pk")))
    numbers: dict[str, int] = {}
    for key, _version, number in rows:
        numbers[key] = numbers.get(key, 0) + number
    names = {key: name for _key, version, _number in rows for key, name in areas_of(programme(version)).items()}
    found = [Choice(f"{IN_ADDRESS}={key}", numbers[key], name) for key, name in names.items() if key in numbers]
    return [Choice("", sum(numbers.values()), _("Everything")), *found]
