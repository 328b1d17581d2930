"""What is found in a text, and the text as it is then seen: what was found is blanked out for those who look next."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

_KINDS = "NAME|AGENT|EMAIL|PHONE|CARD|IBAN|ACCOUNT|NUMBER|ADDRESS|DOB|URL|HANDLE|IP|SECRET"
_OURS = rf"\[(?:(?:{_KINDS})_\d{{1,9}}|CUSTOMER)\]"
# As other systems mask: [num], [NAME 1], <name>, {{email}}, *****1234.
_FOREIGN = (
    r"\[(?!(?:at|dot)\])[^\W\d][A-Za-z_ ]{1,30}\d{0,2}\]|<[A-Za-z_]{2,30}>|\{\{?[A-Za-z_.]{2,40}\}\}?"
    r"|\*{2,}(?:[ -]?[*\d]{2,8})*+"
)
_PLACEHOLDER = re.compile(rf"{_OURS}|{_FOREIGN}")
_NUMBERED = re.compile(rf"\[({_KINDS})_(\d{{1,6}})\]")
_NUMERIC = frozenset(("PHONE", "CARD", "IBAN", "ACCOUNT", "NUMBER", "SECRET"))
BLANK = "\0"


@dataclass(frozen=True, slots=True)
class Finding:
    """A part of a text and what it is; any of `values` tells which, `kind` is empty for what must stay."""

    start: int
    end: int
    kind: str = ""
    values: tuple[str, ...] = ()


class Page:
    """One turn's text, and all that was found in it. `seen` is as long as the text."""

    def __init__(self, text: str) -> None:
        self.text = self.seen = text
        self.findings: list[Finding] = []
        self.add(Finding(*match.span()) for match in _PLACEHOLDER.finditer(text))

    def add(self, findings: Iterable[Finding]) -> None:
        """Takes what was found, the first and then the longest where two overlap, and blanks it out."""
        pieces: list[str] = []
        at = 0
        for finding in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
            if finding.start < at:
                continue
            pieces += (self.seen[at : finding.start], BLANK * (finding.end - finding.start))
            at = finding.end
            if finding.kind:
                self.findings.append(finding)
        if pieces:
            self.seen = "".join((*pieces, self.seen[at:]))


class Placeholders:
    """Gives out the placeholders of one conversation, numbered from the highest its texts already have."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.given: dict[tuple[str, str], str] = {}
        self.last: Counter[str] = Counter()
        for text in texts:
            for kind, number in _NUMBERED.findall(text):
                self.last[kind] = max(self.last[kind], int(number))

    def replaced(self, page: Page) -> str:
        """The page's text with a placeholder for each finding."""
        pieces: list[str] = []
        at = 0
        for finding in sorted(page.findings, key=lambda finding: finding.start):
            pieces += (page.text[at : finding.start], self._placeholder(finding))
            at = finding.end
        return "".join((*pieces, page.text[at:]))

    def _placeholder(self, finding: Finding) -> str:
        """The one given to any of the finding's values before; the same digits are one number, of whatever kind."""
        family = "digits" if finding.kind in _NUMERIC else finding.kind
        keys = [(family, value) for value in finding.values]
        known = next((self.given[key] for key in keys if key in self.given), None)
        if known is None:
            self.last[finding.kind] += 1
            known = f"[{finding.kind}_{self.last[finding.kind]}]"
        for key in keys:
            self.given.setdefault(key, known)
        return known


def lowered(text: str) -> str:
    """In small letters, and still as long: a few capitals have small forms of two characters."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
