"""One order for what has none by itself: prompts by when they are due, exercises by the lesson they stand in.

So a value is the same whether it was read from a folder or from pages, and reads from the start to the end.
"""

from lessons.shape import Exercise, Programme, Prompt

WEEK = 7


def in_reading_order(programme: Programme) -> Programme:
    """The same programme, its prompts and exercises in the order a participant meets them."""
    days = _nominal_days(programme)
    prompts = sorted(programme.prompts, key=lambda prompt: (_day_of(prompt, days), prompt.key))
    places = {key: place for place, key in enumerate(key for lesson in programme.lessons for key in lesson.exercises)}
    exercises: list[Exercise] = sorted(
        programme.exercises, key=lambda exercise: (places.get(exercise.key, len(places)), exercise.key)
    )
    return programme.model_copy(update={"prompts": tuple(prompts), "exercises": tuple(exercises)})


def _day_of(prompt: Prompt, days: dict[str, int]) -> float:
    if prompt.offset.workdays is not None:
        return days[prompt.anchor] + prompt.offset.workdays * WEEK / 5
    return days[prompt.anchor] + (prompt.offset.days or 0)


def _nominal_days(programme: Programme) -> dict[str, int]:
    """Days from the start for every anchor; where there are several occurrences, the first."""
    days = {"programme_start": 0, "programme_end": programme.length_weeks * WEEK - 3}
    days |= {f"module_open:{module.key}": module.open_week * WEEK for module in programme.modules}
    days |= {f"workshop:{day.key}": day.week * WEEK + day.weekday.offset for day in programme.workshops}
    for meeting in reversed(programme.group_meetings):
        days[f"group_meeting:{meeting.key}"] = days["group_meeting:*"] = meeting.week * WEEK + 2
    for round_ in reversed(programme.experiment_rounds):
        days[f"experiment_start:{round_.key}"] = days["experiment_start:*"] = round_.start_week * WEEK
        days[f"experiment_due:{round_.key}"] = days["experiment_due:*"] = round_.end_week * WEEK + 4
    return days
