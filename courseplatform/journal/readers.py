"""Who can read an entry, as one sentence that never says less than the truth."""

from django.utils.translation import gettext as _

from courseplatform.journal.models import Reflection

Visibility = Reflection.Visibility


def readers_of(reflection: Reflection | None) -> str:
    """The sentence that stands beside the field; an entry not begun yet is private."""
    level = reflection.visibility if reflection else Visibility.PRIVATE
    sentences = {
        Visibility.PRIVATE: _("Only you can read this."),
        Visibility.GROUP: _("Your learning group can read this."),
        Visibility.FACILITATOR: _("Your learning group and its facilitator can read this."),
        Visibility.COHORT: _("Everybody on the cohort and your group's facilitator can read this."),
    }
    return sentences[Visibility(level)]
