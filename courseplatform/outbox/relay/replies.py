"""What a relay's answer means for the message: the table of DELIVERY §9, and nothing else."""

import re
import smtplib
from dataclasses import dataclass

HANGS_UP, TOO_BIG = 421, 552
POLICY_WORDS = re.compile(r"policy|spam|blocked|denied|reputation|blacklist|not allowed|prohibited", re.IGNORECASE)
ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
OUR_OWN_ADDRESS = ("5.1.7", "5.1.8")  # it is the sender's that is wrong: no recipient pays for that
TOO_BIG_FOR_THEM = "5.3.4"


class Undelivered(Exception):
    """Something other than acceptance. `code` and `enhanced` are the relay's own words, where it said any."""

    def __init__(self, code: int = 0, enhanced: str = "") -> None:
        super().__init__(f"{code} {enhanced}".strip())
        self.code, self.enhanced = code or None, enhanced


class RelayTrouble(Undelivered):
    """The relay, not the message: give the batch back untouched."""


class Postponed(Undelivered):
    """This message, for now: try again later."""


class BadAddress(Undelivered):
    """Nobody is at that address; no use in trying again."""


class Refused(Undelivered):
    """The relay will not take this from us: a person must look."""


class InDoubt(Undelivered):
    """The relay may have taken it; the connection was gone before it could say so."""


@dataclass(frozen=True)
class Reply:
    """What acceptance looked like."""

    code: int = 250


def meaning_of(error: Exception, *, dot_is_out: bool) -> Undelivered:
    """What has happened to the message. `dot_is_out`: its end has been sent, and no answer to it has come."""
    if dot_is_out:
        return InDoubt()
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return _of_reply(code, _words(text))
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _at_mail(error.smtp_code, _enhanced(_words(error.smtp_error)))
    if isinstance(error, smtplib.SMTPDataError):
        return _of_reply(error.smtp_code, _words(error.smtp_error), at_data=True)
    # An address our own encoder will not write. A certificate nobody vouches for is a ValueError too, and no address.
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return BadAddress()
    return RelayTrouble(_real(getattr(error, "smtp_code", 0)))


def _at_mail(code: int, enhanced: str) -> Undelivered:
    """A no to the sender is the relay's trouble with us; only the size, which is told here too, is the message's."""
    is_size = code == TOO_BIG or enhanced == TOO_BIG_FOR_THEM
    return Refused(code, enhanced) if is_size else RelayTrouble(_real(code), enhanced)


def _of_reply(code: int, text: str, *, at_data: bool = False) -> Undelivered:
    enhanced = _enhanced(text)
    if code == HANGS_UP or not _real(code):
        return RelayTrouble(_real(code), enhanced)
    if code < 500 or enhanced == "5.2.2":
        return Postponed(code, enhanced)
    if enhanced == "5.2.1" or (enhanced.startswith("5.1.") and enhanced not in OUR_OWN_ADDRESS):
        return BadAddress(code, enhanced)
    says_unknown = not at_data and not enhanced and code in (550, 551, 553) and not POLICY_WORDS.search(text)
    return BadAddress(code, enhanced) if says_unknown else Refused(code, enhanced)


def _real(code: int) -> int:
    """The code where it is one that says no; 0 for what only looks like an answer."""
    return code if 400 <= code < 600 else 0


def _enhanced(text: str) -> str:
    found = ENHANCED.search(text)
    return found[1] if found else ""


def _words(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
