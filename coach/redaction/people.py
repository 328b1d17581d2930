"""Who is who in a conversation: which names are one person's, and where they are mentioned."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from coach.redaction.finding import Finding
from coach.redaction.lexicon import (
    ALSO_WORDS,
    ELSEWHERE,
    NEVER,
    PARTICLES,
    WITH_SURNAME,
    is_given,
    is_word,
    never,
    usual,
)
from coach.redaction.names import SENTENCE_START
from coach.redaction.reading import SPACE, WORD

Words = tuple[str, ...]
_ENDS = re.compile(
    r"\s*(?:[,.!?:;)\n…]|$)|['’]s(?!\w)"
    r"| (?:said|says|told|promised|advised|assured|helped|called|asked|sent|here)(?!\w)"
)
_BEFORE_TIMES = re.compile(
    r"\b(?:in|on|by|until|till|next|last|this|since|from|of|to|every|before|after) $", re.IGNORECASE
)
_CALL = re.compile(
    r"(?:,|\b(?:thanks|thank you|thx|cheers|ok|okay|hi|hey|hello|dear|bye|sure|sorry|else|problem|welcome|that)) $",
    re.I,
)
_GREETED = re.compile(r"\b(?:hi|hey|hello|dear) $", re.IGNORECASE)
_ADDRESSED = re.compile(
    r" (?:how (?:may|can|are)|let me|thank(?:s| you)|i(?:['’]m|['’]ve| am| have| can| see)|i'll)(?!\w)", re.IGNORECASE
)
_AUXILIARY = frozenset(("will", "may", "can"))
_CALL_END = re.compile(r",[ ]|[ ][-–—][ ]")
_CALLED_END = re.compile(r"[ ]?[,.!?]|[ ]?$|\n")
_PARTICLE = r"(?:van|von|der|den|de|del|da|dos|al|el|bin|te|ap|la)"
_INITIALS = re.compile(rf"(?<![\w.])(?:(?:[A-Z]\. ?){{1,3}}(?:{_PARTICLE} ){{0,3}}|[B-HJ-Z] (?:[A-Z] )?)$")
_FIRST = re.compile(rf"(?<![\w'’-])([^\W\d_a-z][\w'’-]{{1,20}}) (?:{_PARTICLE} ){{0,3}}$")
_COUNTED = re.compile(r" \d")


class People:
    """The people of a conversation, by the words of their names in small letters.

    A part of a name is linked to the one person who has it; a part that two have is nobody's of them when it is
    mentioned alone. What agents are called is theirs, whoever else is called so.
    """

    def __init__(self, names: Iterable[Words], agents: Iterable[Words]) -> None:
        self.keys: dict[Words, str] = {}
        self.agents: set[str] = set()
        self._owners: dict[str, set[str]] = defaultdict(set)
        self._longer: dict[str, list[Words]] = defaultdict(list)
        for words in _by_length(agents):
            self.agents.add(self._add(words))
        for words in _by_length(names):
            self._add(words)

    def _add(self, words: Words) -> str:
        parts = [word for word in words if len(word) > 1 and word not in PARTICLES] or list(words)
        owners = set.intersection(*(self._owners[part] for part in parts))
        key = owners.pop() if len(owners) == 1 else " ".join(words)
        self.keys.setdefault(words, key)
        if len(words) > 1:
            self._longer[words[0]].append(words)
        for part in parts:
            self._owners[part].add(key)
            if part not in NEVER:
                self.keys.setdefault((part,), key)
        return key

    def finding(self, start: int, end: int, words: Words, *, agents_stay: bool = True) -> Finding:
        """A mention as a finding; one of an agent says by its kind whether it stays."""
        key = self.keys[_small(words)]
        kind = "NAME" if key not in self.agents else "" if agents_stay else "AGENT"
        return Finding(start, end, kind, (key,))

    def key(self, words: Words) -> str:
        """What stands for the person with this name, empty where nobody has it."""
        return self.keys.get(_small(words), "")

    def mentioned(self, seen: str) -> Iterator[tuple[int, int, Words]]:
        """Every place where a full name, or a part that is no plain word there, stands."""
        end = 0
        for match in WORD.finditer(seen) if self.keys else ():
            low = match[0].casefold()
            if match.start() < end or ((low,) not in self.keys and low not in self._longer):
                continue
            full = next(filter(None, (self._at(seen, match, words) for words in self._longer.get(low, ()))), None)
            if full or ((low,) in self.keys and (_is_name_here(seen, match) or self._goes_on(seen, match))):
                start, end, words = full or (*match.span(), (low,))
                yield first_name(seen, start, end), end, words

    def _goes_on(self, seen: str, match: re.Match[str]) -> bool:
        """Whether another part of the same name follows, both with a capital."""
        after = WORD.match(seen, match.end() + 1) if match[0][0].isupper() else None
        return bool(after and after[0][0].isupper() and self.key((after[0],)))

    def _at(self, seen: str, match: re.Match[str], words: Words) -> tuple[int, int, Words] | None:
        end = match.end()
        for word in words[1:]:
            space = SPACE.match(seen, end)
            following = WORD.match(seen, space.end()) if space else None
            if not following or following[0].casefold() != word:
                return None
            end = following.end()
        return match.start(), end, words


def words_of(name: str) -> Words:
    """The words of a name in small letters; none where it is rather a login, a number or an e-mail address."""
    return () if re.search(r"[\d_@/]", name) else _small(WORD.findall(name))


def literal(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern for these names as they are written, in any case; without names it matches nothing."""
    longest_first = sorted(set(names), key=lambda name: (-len(name), name))
    forms = "|".join(map(re.escape, longest_first)) or "(?!)"
    return re.compile(rf"(?<!\w)(?:{forms})(?!\w)", re.IGNORECASE)


def _by_length(names: Iterable[Words]) -> list[Words]:
    return sorted(filter(None, set(map(_small, names))), key=lambda words: (-len(words), words))


def _small(words: Iterable[str]) -> Words:
    return tuple(word.casefold() for word in words)


def first_name(seen: str, start: int, end: int) -> int:
    """Where a name begins with the initials, particles or the first name that stand before its known part."""
    if initials := _INITIALS.search(seen, max(0, start - 30), start):
        return initials.start()
    first = _FIRST.search(seen, max(0, start - 30), start)
    if not first or not seen[start].isupper():
        return start
    word = first[1].casefold()
    is_first_name = is_given(word) or word in ALSO_WORDS or word in WITH_SURNAME
    opens = usual(word) and SENTENCE_START.search(seen, max(0, first.start() - 5), first.start())
    return first.start() if is_first_name and not never(word) and (not opens or _ENDS.match(seen, end)) else start


def _is_name_here(seen: str, match: re.Match[str]) -> bool:
    """Whether a part of a name is one here: Will needs its capital, and at the start of a sentence a comma too."""
    word, low = match[0], match[0].casefold()
    if word[0].islower():
        return (not usual(low) and (len(low) > 2 or not is_word(low))) or _is_called(seen, match)
    if not usual(low):
        return True
    if SENTENCE_START.search(seen, max(0, match.start() - 5), match.start()):
        return bool(_ENDS.match(seen, match.end()))
    if low in ELSEWHERE and _BEFORE_TIMES.search(seen, max(0, match.start() - 10), match.start()):
        return False
    return not _COUNTED.match(seen, match.end())


def _is_called(seen: str, match: re.Match[str]) -> bool:
    """Whether somebody is spoken to: thanks will; i fixed it, will; will, are you there."""
    start, end = match.span()
    if _GREETED.search(seen, max(0, start - 8), start):
        return True
    if SENTENCE_START.search(seen, max(0, start - 5), start):
        return bool(
            _CALL_END.match(seen, end) or (match[0].casefold() not in _AUXILIARY and _ADDRESSED.match(seen, end))
        )
    return bool(_CALL.search(seen, max(0, start - 14), start) and _CALLED_END.match(seen, end))
