"""One click in any mail program stops the kinds of message that a mail was made of (RFC 8058, DELIVERY §9)."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courseplatform.outbox.inbox.tokens import message_of_unsubscribe
from courseplatform.outbox.models import Message
from courseplatform.people.models import NotificationPreference, User

Kind = Message.Kind
WHAT_STOPS = {
    Kind.PROMPT: _("questions about your own practice"),
    Kind.REMINDER: _("reminders before workshops and group meetings"),
    Kind.SURVEY: _("invitations to answer a survey"),
    Kind.CONVERSATION: _("word that it is time for a conversation"),
    Kind.WELCOME: _("welcome mails"),
    Kind.BACK_OFF: _("mails about how often we ask"),
    Kind.REPLY: _("word that a file was not kept"),
}


def message_behind(token: str) -> Message | None:
    """The message that the address stood in; None for an address we did not make, and once the message is gone."""
    pk = message_of_unsubscribe(token)
    return Message.objects.select_related("person").filter(pk=pk).first() if pk else None


def kinds_in(message: Message) -> list[Kind]:
    """What its mail was made of, as far as it can be muted (MODEL §5)."""
    travelled = Message.objects.filter(Q(pk=message.pk) | Q(merged_into=message))
    found = set(travelled.values_list("kind", flat=True))
    return [kind for kind in WHAT_STOPS if kind in found]


def stop(message: Message) -> None:
    """Nothing of these kinds leaves any more; what is claimed already is looked at again within seconds. Repeatable."""
    _change(message.person, lambda muted: muted | {kind.value for kind in kinds_in(message)})


def go_on(message: Message) -> None:
    """As if they had never been stopped."""
    _change(message.person, lambda muted: muted - {kind.value for kind in kinds_in(message)})


def stop_kind(person: User, kind: Kind) -> None:
    """The same for one kind, by the person's own hand. Repeatable."""
    _change(person, lambda muted: muted | {kind.value})


def go_on_with_kind(person: User, kind: Kind) -> None:
    """It comes again, also what is planned already."""
    _change(person, lambda muted: muted - {kind.value})


@transaction.atomic
def _change(person: User, change: Callable[[set[str]], set[str]]) -> None:
    NotificationPreference.objects.get_or_create(person=person)
    preference = NotificationPreference.objects.select_for_update().get(person=person)
    muted = change(set(preference.muted_classes))
    if muted != set(preference.muted_classes):
        preference.muted_classes = sorted(muted)
        preference.save(update_fields=["muted_classes", "updated_at"])
