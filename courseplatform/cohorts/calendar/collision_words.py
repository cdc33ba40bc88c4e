"""What a collision is called on HR's pages."""

from django.utils.translation import gettext_lazy as _

from courseplatform.cohorts.calendar.collisions import Collision
from lessons.shape import Programme

PERIODS = {
    "autumn-break": _("It is in the autumn break."),
    "winter-break": _("It is in the winter break."),
    "christmas": _("It is between Christmas and New Year."),
    "holy-week": _("It is in Easter week."),
    "ascension-bridge": _("It is around Ascension Day."),
    "whit-monday": _("It is Whit Monday."),
    "constitution-day": _("It is Constitution Day."),
    "summer": _("It is in the summer holidays."),
}


def obstacles(collision: Collision, programme: Programme, language: str) -> list[object]:
    """One sentence for each thing that is in the way."""
    return [_sentence(why, programme, language) for why in collision.why]


def _sentence(why: str, programme: Programme, language: str) -> object:
    kind, _colon, key = why.partition(":")
    if kind == "avoid":
        return PERIODS.get(key, _("The programme keeps that period free."))
    if kind == "overlap":
        return _("It is at the same time as “%(other)s”.") % {"other": _title(key, programme, language)}
    return _("The municipality is closed then.")


def _title(key: str, programme: Programme, language: str) -> str:
    titles = {workshop.key: workshop.title for workshop in programme.workshops}
    titles |= {meeting.key: meeting.theme for meeting in programme.group_meetings}
    return titles[key].read(language)[0]
