"""The main job: read, mask, judge, score and keep every conversation that is new or has changed."""

import hashlib
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from coach.conversation import Conversation, Reviewed
from coach.errors import ConfigError, InputError
from coach.model_folder import fingerprint
from coach.progress import Watch
from coach.readers import Found, Hints, read
from coach.redaction import mask, redact
from coach.rubric import Rubric
from coach.scoring import credits_of
from coach.store import Store

VERSION = 3
MANY_TURNS = 1000
NOT_ENGLISH = ("does not look English", "coach judges English only; leave it out")


@dataclass
class Summary:
    """What a review came to. `problems` holds what was skipped and why, in the order it was met.

    `notes` counts conversations, by file and remark, that went through but deserve one.
    """

    judged: int = 0
    unchanged: int = 0
    problems: list[InputError] = field(default_factory=list)
    notes: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to review: the model folder, the rubric, whether to mask personal data, whether to stop at a problem."""

    model: Path
    rubric: Rubric
    mask: bool = True
    strict: bool = False
    hints: Hints = field(default_factory=Hints)

    @property
    def analysis(self) -> str:
        """Names all that decides a judgement: this code's version, model, rubric, masking."""
        masked = "masked" if self.mask else "unmasked"
        return f"{VERSION}-{fingerprint(self.model)}-{self.rubric.fingerprint}-{masked}"


def review(paths: Sequence[str], store: Store, plan: Plan, watch: Watch | None = None) -> Summary:
    """Reviews files and folders into the store. Each conversation is kept as soon as it is judged.

    The files are read twice, first to count and compare, so that nothing is held and a run with nothing new
    never loads the model. Raises the first InputError when the plan is strict.
    """
    if "-" in paths:
        raise ConfigError("standard input can be read only once and a review reads twice; save it to a file first")
    summary, watch = Summary(), watch or Watch()
    new = sum(1 for _ in _new(paths, store, plan, summary))
    watch.start(new)
    named = lru_cache(maxsize=1)(mask) if plan.mask else str  # a file may be named after the customer
    if new:
        for found, reviewed in _judged(_new(paths, store, plan, Summary()), plan, summary):
            key = _key(found, plan)
            if reviewed is None:
                store.refuse(*key, what=NOT_ENGLISH[0], fix=NOT_ENGLISH[1])
            else:
                store.save(reviewed, content=key[1], analysis=key[2], source=named(found.path))
                summary.judged += 1
            watch.step()
    return summary


def judged(paths: Sequence[str], plan: Plan, summary: Summary) -> Iterator[Reviewed]:
    """Reviews files and folders without keeping anything; what is skipped goes to the summary."""
    for _, reviewed in _judged(_readable(paths, plan, summary), plan, summary):
        if reviewed is not None:
            summary.judged += 1
            yield reviewed


def _readable(paths: Sequence[str], plan: Plan, summary: Summary) -> Iterator[Found]:
    for found in read(paths, hints=plan.hints):
        if isinstance(found, InputError):
            _list(found, plan, summary)
        else:
            summary.notes.update((found.path, note) for note in _notes(found.conversation))
            yield found


def _notes(conversation: Conversation) -> Iterator[str]:
    if conversation.started is None:
        yield "no times: response times and trends are left out"
    if len(conversation.turns) > MANY_TURNS:
        yield f"more than {MANY_TURNS:,} turns: check that it is one conversation, not many under one id"


def _new(paths: Sequence[str], store: Store, plan: Plan, summary: Summary) -> Iterator[Found]:
    """What is not in the store yet; counts the rest, and lists what cannot be read."""
    for found in _readable(paths, plan, summary):
        key = _key(found, plan)
        if store.holds(*key):
            summary.unchanged += 1
        elif refused := store.refusal(*key):
            _list(_problem(found, *refused), plan, summary)
        else:
            yield found


def _judged(new: Iterator[Found], plan: Plan, summary: Summary) -> Iterator[tuple[Found, Reviewed | None]]:
    """Each conversation as reviewed, in order; None for one that cannot be judged."""
    from coach.judging import Judge
    from coach.language import looks_english

    waiting: deque[tuple[Found, bool]] = deque()

    def english() -> Iterator[Conversation]:
        for found in new:
            judgeable = looks_english(found.conversation)
            waiting.append((found, judgeable))
            if judgeable:
                yield redact(found.conversation) if plan.mask else found.conversation

    def refused() -> Iterator[tuple[Found, None]]:
        while waiting and not waiting[0][1]:
            found, _ = waiting.popleft()
            _list(_problem(found, *NOT_ENGLISH), plan, summary)
            yield found, None

    for conversation, judgements in Judge.of(plan.model).judge(english()):
        yield from refused()
        found, _ = waiting.popleft()
        yield found, Reviewed(conversation, judgements, credits_of(conversation, judgements, plan.rubric))
    yield from refused()


def _key(found: Found, plan: Plan) -> tuple[str, str, str]:
    return found.conversation.id, digest(found.conversation), plan.analysis


def _list(problem: InputError, plan: Plan, summary: Summary) -> None:
    if plan.strict:
        raise problem
    summary.problems.append(problem)


def _problem(found: Found, what: str, fix: str) -> InputError:
    return InputError(f"conversation {found.conversation.id!r} {what}", fix=fix, path=found.path, line=found.line)


def digest(conversation: Conversation) -> str:
    """Changes when anything that was read changes: 32 hex digits."""
    return hashlib.sha256(repr(conversation).encode("utf-8", "surrogatepass")).hexdigest()[:32]
