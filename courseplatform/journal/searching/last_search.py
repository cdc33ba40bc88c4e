"""What somebody searched for last, so that “back” from a hit finds the list again.

It stands in no address and no log: posted, sealed with the person's own key, and kept in their session until they
sign out. In the clear it exists while a page is made.
"""

from base64 import b64decode, b64encode

from django.contrib.sessions.backends.base import SessionBase

from courseplatform.journal.searching.matching import LONGEST
from courseplatform.people.models import User
from courseplatform.people.privacy.sealing import KeyDestroyedError, SealBrokenError, seal, unseal

NAME = PLACE = "search"


def keep(session: SessionBase, person: User, typed: str) -> None:
    """Instead of the one before. Raises KeyDestroyedError."""
    session[NAME] = b64encode(seal(person, typed[:LONGEST], PLACE)).decode()


def recall(session: SessionBase, person: User) -> str:
    """As typed; "" where there is none of this person's."""
    try:
        return unseal(person, b64decode(session.get(NAME, "")), PLACE)
    except (SealBrokenError, KeyDestroyedError):
        return ""
