"""How deep JSON is nested, told before a parser must find out: the time that ours takes grows with the square of it."""

import re

DEEPEST = 1_000
"""As deep as Python's own parser goes."""

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


class Nesting:
    """Takes a text in parts."""

    def __init__(self) -> None:
        self.depth = 0
        self.in_text = False
        self.rest = ""

    def is_too_deep(self, part: str) -> bool:
        """Whether the text goes too deep somewhere in its next part."""
        part = self.rest + part
        bare = part.rstrip("\\")
        self.rest = "\\" * ((len(part) - len(bare)) % 2)  # begins an escape that ends in the next part
        pieces = _ESCAPED.sub("", part.removesuffix(self.rest)).split('"')
        outside = "".join(pieces[self.in_text :: 2])
        self.in_text = self.in_text != (len(pieces) % 2 == 0)
        deepest = self.depth
        for bracket in _BRACKET.findall(outside):
            self.depth += 1 if bracket in "[{" else -1
            deepest = max(deepest, self.depth)
        return deepest > DEEPEST
