"""The customer's type: two scales, four types, the clues in the customer's own words, or "can't tell".

Judged from the customer's turns of one conversation only. The scales are Merrill and Reid's assertiveness
(1 asks … 5 tells) and responsiveness (1 task … 5 feelings and talk); the cues below are their observable
signs in text, and the weights on them are learned (`coach.training`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coach.conversation import TYPES, Clue, Conversation, CustomerType, Feeling
from coach.heads import Array, Linear, mean_or_zero
from coach.model_folder import FEELING_LABELS

MINIMUM_WORDS = 15
MINIMUM_CONFIDENCE = 0.45
MOST_CLUES = 5
TYPE_LABELS: tuple[str, ...] = (*TYPES, "unclear")


@dataclass(frozen=True, slots=True)
class Cue:
    """A pattern of talk and the line that explains it to a reader."""

    name: str
    pattern: re.Pattern[str]
    reason: str


def _cue(name: str, pattern: str, reason: str, *, flags: re.RegexFlag = re.IGNORECASE) -> Cue:
    return Cue(name, re.compile(pattern, flags), reason)


DAYS = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
KIN = r"mum|mom|mother|dad|father|son|daughter|wife|husband|kids?|child(?:ren)?|family|baby|partner|sister|brother|nan|gran\w*"
CUES: tuple[Cue, ...] = (
    _cue("tells", r"\bi (?:want|need|expect|demand|require|insist)\b|\b(?:just|simply) (?:do|fix|cancel|send|give|tell|get|refund)\b|(?:^|[.!?]\s+)(?:send|give|fix|cancel|refund|tell|get|stop|make|change|book|put|call|check|confirm)\b|\bi(?:'|’)?m not (?:going to|asking)\b", "tells rather than asks"),
    _cue("presses", r"\b(?:right now|immediately|asap|at once|urgent(?:ly)?|this (?:minute|instant)|straight ?away|by (?:today|tomorrow|noon|tonight)|quick(?:ly)?|hurry)\b", "presses for speed"),
    _cue("conditions", r"\b(?:or (?:i|else|i(?:'|’)ll)|otherwise|unless|if (?:not|you (?:don(?:'|’)t|can(?:'|’)t))|last chance|switch(?:ing)? to|cancel(?:ling)? my|unacceptable|not acceptable|ridiculous)\b", "sets conditions"),
    _cue("hedges", r"\b(?:i was wondering|i wonder|would it be possible|maybe|perhaps|i think|i guess|sort of|kind of|if possible|not (?:really )?sure|i believe|might be|could (?:you|i)|would you|may i|hoping)\b", "asks and hedges rather than tells"),
    _cue("how_why", r"\b(?:how (?:does|do|is|come|exactly|can|would)|why|what (?:causes|caused|happens|happened|exactly|is the (?:process|difference|reason)|does)|explain|understand (?:how|why|what)|the reason|difference between|compare|clarify)\b", "asks how and why"),
    _cue("figures", r"(?<![\w\[])[£$€]?\d+(?:[.,:/]\d+)*\s?(?:%|gb|mb|mbps|ms|am|pm|eur|usd|hours?|days?|weeks?|minutes?)?\b", "gives figures"),
    _cue("order", rf"\b(?:first(?:ly)?|second(?:ly)?|then|after that|afterwards|on (?:{DAYS})|since (?:{DAYS}|yesterday|last)|yesterday|last (?:week|month|year|{DAYS})|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)[a-z]* \d+|\d+(?:st|nd|rd|th))\b", "gives dates or steps in order"),
    _cue("feelings", r"\b(?:feel(?:s|ing)?|felt|upset|worried|worry\w*|scared|afraid|sad|disappoint\w*|hurt\w*|hate|love|stress\w*|frustrat\w*|angry|devastat\w*|cry(?:ing)?|tears|anxious|heartbr\w+|ashamed|embarrass\w*|awful|terrible|glad|happy|relie\w+|nervous|panic\w*)\b", "speaks of how it feels"),
    _cue("people", rf"\b(?:my (?:\w+ )?(?:{KIN}|friend)|birthday|wedding|funeral|hospital|anniversary|surgery|pregnan\w+|passed away)\b", "speaks of people and personal effect"),
    _cue("humour", r"\b(?:lol|lmao|rofl|ha(?:ha)+|hehe\w*|jok(?:e|es|ing)|kidding|hilarious|funny)\b|[\U0001F600-\U0001F64F\U0001F900-\U0001F9FF\U0001F300-\U0001F5FF]|[:;]-?[)DPp](?!\w)", "jokes or uses emoji"),
    _cue("exclaims", r"!{1,}", "exclaims"),
    _cue("shouts", r"\b[A-Z]{4,}\b", "writes in capitals", flags=re.NOFLAG),
    _cue("chats", r"\b(?:by the way|btw|anyway|funny thing|you know what|guess what|long story|oh (?:man|boy|my|dear|well)|wow|dude|mate|omg|imagine|honestly|well well|yay|awesome|congrat\w*|classic)\b", "chats and tells stories"),
    _cue("courtesy", r"\b(?:thank(?:s| you)|please|appreciate|kind(?:ly)?|sorry|lovely|grateful)\b", "is courteous"),
    _cue("repeats", r"\b(?:again|still|already|(?:second|third|fourth|\d+(?:nd|rd|th)) time|as i said|i (?:already )?told|keeps?)\b", "has said it before"),
)  # fmt: skip
CLUE_CUES = frozenset(cue.name for cue in CUES) - {"courtesy", "repeats"}
STATISTICS = (
    "log_words",
    "words_per_turn",
    "turns",
    "questions",
    "first_turn_share",
    "words_per_sentence",
    "i_rate",
    "you_rate",
)


def features(
    conversation: Conversation, feelings: Sequence[Feeling | None], embeddings: Sequence[Array | None]
) -> Array:
    """What the heads read: cue rates, statistics of the customer's talk, feelings, mean embedding: (features,)."""
    turns = [(i, turn.text) for i, turn in enumerate(conversation.turns) if turn.role == "customer"]
    words = max(1, conversation.words("customer"))
    cues = [sum(1 for _, text in turns for _ in cue.pattern.finditer(text)) / (words + 20) * 100 for cue in CUES]
    shown = [feeling for feeling in feelings if feeling is not None]
    felt = [[feeling.probabilities[label] for label in FEELING_LABELS] for feeling in shown] or [[0.0] * 5]
    vectors = [v for (i, _) in turns if (v := embeddings[i]) is not None]
    width = next((len(v) for v in embeddings if v is not None), 0)
    parts = [np.sqrt(cues), _statistics([text for _, text in turns]), np.mean(felt, axis=0), np.max(felt, axis=0)]
    return np.concatenate([*parts, mean_or_zero(vectors, width)]).astype(np.float32)


def _statistics(texts: list[str]) -> list[float]:
    joined = " ".join(texts).lower()
    words = joined.split()
    count = max(1, len(words))
    sentences = max(1, len(re.findall(r"[.!?\n]+|\s/\s", joined)))
    return [
        float(np.log1p(len(words))),
        float(np.log1p(count / max(1, len(texts)))),
        float(np.log1p(len(texts))),
        joined.count("?") / max(1, len(texts)),
        len(texts[0].split()) / count if texts else 0.0,
        float(np.log1p(count / sentences)),
        sum(w in ("i", "i'm", "i've", "my", "me") for w in words) / count,
        sum(w in ("you", "your", "you're", "u", "ur") for w in words) / count,
    ]


def judge_type(
    conversation: Conversation,
    feelings: Sequence[Feeling | None],
    embeddings: Sequence[Array | None],
    heads: Mapping[str, Linear],
) -> CustomerType:
    """The type of the conversation's customer. The four probabilities leave the rest to "can't tell"."""
    found = features(conversation, feelings, embeddings)
    chances = heads["type"].probabilities(found)
    best = int(np.argmax(chances))
    enough = conversation.words("customer") >= MINIMUM_WORDS
    label = TYPE_LABELS[best] if enough and best < len(TYPES) and chances[best] >= MINIMUM_CONFIDENCE else None
    return CustomerType(
        label=label,
        probabilities={name: float(chance) for name, chance in zip(TYPES, chances, strict=False)},
        assertiveness=_scale(heads["assertiveness"], found),
        responsiveness=_scale(heads["responsiveness"], found),
        clues=tuple(_clues(conversation, heads["type"].pull(found, best))) if label else (),
    )


def _scale(head: Linear, found: Array) -> float:
    return float(np.clip(head(found)[0], 1.0, 5.0))


def _clues(conversation: Conversation, pull: Array) -> Iterator[Clue]:
    """Words of the cues that pull most towards the label, the strongest cue first, a turn once per cue."""
    ranked = sorted(range(len(CUES)), key=lambda index: -pull[index])
    strongest = [CUES[i] for i in ranked if pull[i] > 0 and CUES[i].name in CLUE_CUES]
    clues = (
        Clue(number, match.start() + _lead(match), match.end(), cue.reason)
        for cue in strongest
        for number, turn in enumerate(conversation.turns)
        if turn.role == "customer" and (match := cue.pattern.search(turn.text))
    )
    for clue, _ in zip(clues, range(MOST_CLUES), strict=False):
        yield clue


def _lead(match: re.Match[str]) -> int:
    """Characters of sentence end that a pattern took along before its words."""
    return len(match.group()) - len(match.group().lstrip(".!? \n")) if match.group().strip("!") else 0
