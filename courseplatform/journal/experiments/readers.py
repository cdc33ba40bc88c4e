"""Who can read an experiment, in a sentence that never says less than the truth (`visibility` decides)."""

from django.utils.translation import gettext as _

from courseplatform.journal.models import Experiment


def readers_of(experiment: Experiment) -> str:
    """Now; and of an idea, also from the moment it is planned."""
    if experiment.state != Experiment.State.IDEA:
        return _once_planned(experiment)
    if experiment.is_shared:  # it was planned before, and its author's choice still counts
        now = _("Only you can read this while it is an idea. Once it is planned again, this counts:")
        return f"{now} {_once_planned(experiment)}"
    return _(
        "Only you can read this. Once it is planned, your group and its facilitator see its name and how far it is."
    )


def _once_planned(experiment: Experiment) -> str:
    return {
        "private": _("Your group and its facilitator see the name and how far it is. The rest is for you alone."),
        "group": _("Your group reads all of it. Its facilitator sees the name and how far it is."),
        "facilitator": _("Your group and its facilitator read all of it."),
        "cohort": _(
            "Your group and its facilitator read all of it. The rest of the cohort sees the name and how far it is."
        ),
    }[experiment.visibility]
