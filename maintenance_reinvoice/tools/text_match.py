"""Numbers and plates in what garages write: whatever the case and the dashes."""

import re
import unicodedata
from functools import lru_cache

# what people put between the characters of a number, at most two of them
SEPARATORS = r"[\s\-_/.·]{0,2}"
# anything shorter is found everywhere
SHORTEST_CODE = 3
# soft hyphens, zero-width blanks, control characters
INVISIBLE = ("Cf", "Cc")


@lru_cache(maxsize=4096)
def squeeze(text):
    """Letters and digits of ``text`` alone, in lower case."""
    return "".join(char for char in (text or "").lower() if char.isalnum())


def mentions(text, code):
    """Whether ``text`` names ``code``: a number or a plate, in any case, with other
    separators or none, but never as a part of a longer word or number.

    :param str text: what somebody wrote, may be empty
    :param str code: the number looked for; too short a one is never found
    """
    characters = squeeze(code)
    if len(characters) < SHORTEST_CODE or characters not in squeeze(text):
        return False
    pattern = SEPARATORS.join(re.escape(char) for char in characters)
    return bool(re.search(rf"(?<![^\W_]){pattern}(?![^\W_])", text.lower()))


def join_texts(texts):
    """Several texts as one, in which no number goes on from one into the next.

    :param texts: of which some may be empty
    """
    return ",\n".join(filter(None, texts))


def squeeze_reference(reference):
    """A document number without blanks and case, as two bills are compared; what looks
    the same (ligatures, wide letters) is the same."""
    text = unicodedata.normalize("NFKC", reference or "").casefold()
    return "".join(
        char
        for char in unicodedata.normalize("NFKC", text)
        if not char.isspace() and unicodedata.category(char) not in INVISIBLE
    )
