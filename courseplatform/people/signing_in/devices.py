"""“iPhone, Safari”: what a browser says of itself, in words its owner knows it by.

The lists are short because browsers tell little any more; what is not in them is left out.
"""

# The first word that is found counts: every Edge calls itself Chrome as well, and every Chrome Safari.
MACHINES = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "ChromeOS": "ChromeOS",
    "CrOS": "ChromeOS",
    "Windows": "Windows",
    "Mac": "Mac",
    "Linux": "Linux",
}
BROWSERS = {
    "Edg": "Edge",
    "Samsung": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}


def device_of(user_agent: str) -> str:
    """The machine and its browser; empty when neither is known. Given its own words, it gives them back."""
    found = (_first(words, user_agent) for words in (MACHINES, BROWSERS))
    return ", ".join(word for word in found if word)


def _first(words: dict[str, str], text: str) -> str:
    return next((name for part, name in words.items() if part in text), "")
