"""Names in the order a Dane looks for them: æ, ø, å after z. No database of ours promises that."""

AFTER_Z = str.maketrans({"æ": "{a", "ä": "{a", "ø": "{b", "ö": "{b", "å": "{c"})


def danish(name: str) -> str:
    """A key to sort by."""
    return name.casefold().translate(AFTER_Z)
