"""Text of a file as text: nothing in it is read as markup.

It cannot load anything, or hide where it leads: a bare address may become a link, to what it says.
"""

from __future__ import annotations

_ESCAPED = str.maketrans({letter: f"\\{letter}" for letter in "\\`*_{}[]()<>#$|~:!&+-"})


def plain(text: str) -> str:
    """The text with a backslash before whatever Markdown would read."""
    return text.translate(_ESCAPED)


def schema_text(text: str) -> str:
    """A text of the library's own schema, which marks code with two backticks."""
    return text.replace("``", "`")
