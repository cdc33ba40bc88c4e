"""Eight weeks with little of everything: what a sequence can live through in a few ticks. 28 September 2026 is week 0.

Over the autumn break (week 42), and over the end of summer time (25 October).
"""

from datetime import date, datetime, time
from functools import cache

from lessons.shape import Programme, Prompt, Weekday
from tests.demo_programme import programme as demo_programme

STARTS_ON = date(2026, 9, 28)
WEEKS = 8
WORKSHOPS = {"w1": datetime(2026, 10, 7, 8, 30), "w2": datetime(2026, 11, 4, 8, 30)}
MODULES = {"a1": 0, "a2": 3}  # open weeks
# key: class, anchor, days, unit, to whom, follow-up after so many working days
RULES = {
    "question-1": ("prompt", "module_open:a1", 2, "days", "participant", 3),
    "conversation-1": ("conversation", "programme_start", 3, "days", "participant+sponsor", 5),
    "ready-1": ("reminder", "workshop:w1", -3, "workdays", "participant", None),
    "question-2": ("prompt", "workshop:w1", 2, "workdays", "participant", None),
    "survey-1": ("survey", "workshop:w1", 2, "workdays", "participant", 4),
    "question-3": ("prompt", "module_open:a2", 1, "days", "participant", None),
    "question-4": ("prompt", "module_open:a2", 2, "days", "participant", None),
    "question-all": ("prompt", "module_open:*", 9, "days", "participant", None),
    "ready-2": ("reminder", "workshop:w2", -3, "workdays", "participant", None),
    "question-5": ("prompt", "workshop:w2", 1, "workdays", "participant", 3),
    "conversation-2": ("conversation", "workshop:w2", 4, "workdays", "participant+sponsor", None),
    "survey-2": ("survey", "programme_end", 4, "days", "participant", None),
}
OPENS = {"conversation": "sponsor:before", "survey": "survey:pre-study"}
CATCHES_UP = ("question-2",)


@cache
def short_programme(number: int = 1, without: str = "") -> Programme:
    """Version 1.<number>; its words differ from the others', and one rule may be left out."""
    whole = demo_programme()
    modules = {module.key: module for module in whole.modules if module.key in MODULES}
    kept = [
        modules[key].model_copy(update={"open_week": week, "close_week": week + 4}) for key, week in MODULES.items()
    ]
    weeks = {"w1": 1, "w2": 5}
    return whole.model_copy(
        update={
            "number": f"1.{number}",
            "length_weeks": WEEKS,
            "tracks": (whole.tracks[0].model_copy(update={"modules": tuple(kept)}),),
            "workshops": tuple(_workshop(whole.workshop(key), week) for key, week in weeks.items()),
            "group_meetings": (),
            "experiment_rounds": (),
            "prompts": tuple(_prompt(key, number) for key in RULES if key != without),
        }
    )


def _workshop(workshop, week):
    return workshop.model_copy(update={"week": week, "weekday": Weekday.WED, "start": time(8, 30), "end": time(15)})


def _prompt(key: str, number: int) -> Prompt:
    message_class, anchor, offset, unit, audience, again = RULES[key]
    return Prompt.model_validate(
        {
            "key": key,
            "message_class": message_class,
            "anchor": anchor,
            "offset": {unit: offset},
            "audience": audience,
            "text": {"da": f"Hvad tænker du nu? ({key}, {number})", "en": f"What do you think now? ({key}, {number})"},
            "opens": OPENS.get(message_class, ""),
            "remind_after_workdays": again,
            "late": "catch_up" if key in CATCHES_UP else "skip",
        }
    )
