"""A session of practice as a dialogue. It asks and says through what it is given, and prints nothing itself."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from coach.conversation import Conversation, Turn
from coach.errors import CoachError
from coach.items import Item
from coach.practice import wording
from coach.practice.feedback import Feedback, Listens
from coach.practice.material import ModelAnswers
from coach.practice.progress import Progress, Sitting

MOST_WORDS, MOST_CHARACTERS, LONGEST_WORD = 2_000, 20_000, 500
FEW_WORDS = 5
COMMAND = re.compile(r"/\w+")
ENOUGH = 30  # words from which looks_english decides
EMPTY = "Nothing written. Write a word or two, or press Enter once more to see model answers."
LONG = f"That is longer than anyone would read (over {MOST_WORDS:,} words). Write it shorter; this try was not counted."
STUCK = "There is something in it without a space for hundreds of characters. Leave that out; this try was not counted."
WORDLESS = "I can judge words only, and there are none here. Write what you would say; this try was not counted."
FOREIGN = (
    "I understand English only, and this may be in another language, so this try was not counted. Write it in English;"
    " if it is English, send it once more as it is."
)
SECOND = "Try once more, or press Enter to see model answers."
Ask = Callable[[], str | None]
Say = Callable[[str], None]


@dataclass
class Session:
    """Practises items one after another. `ask` gives a line of the learner's, None at the end of input.

    `keep` is called with the progress after every try; when it raises CoachError, that is said once and the practice
    goes on.
    """

    listener: Listens
    models: ModelAnswers
    progress: Progress
    ask: Ask
    say: Say
    keep: Callable[[Progress], None]
    today: date
    one_line: bool = False
    is_over: bool = field(default=False, init=False)
    is_skipped: bool = field(default=False, init=False)
    cannot_keep: bool = field(default=False, init=False)

    def hold(self, items: Sequence[Item]) -> Progress:
        """Goes through the items until they, the input or the learner's wish to go on end."""
        self.say(wording.wrapped(wording.WELCOME_LINE if self.one_line else wording.WELCOME))
        for place, item in enumerate(items, 1):
            self.say(wording.moment(item, place, len(items)))
            self.listener.prepare(item)
            self._practise(item)
            if self.is_over:
                break
        return self.progress

    def _practise(self, item: Item) -> None:
        self.is_skipped = False
        before = self.progress
        first = self._try(item, may_be_empty=False)
        if first is None:
            if not (self.is_over or self.is_skipped):
                self._kept(before.with_sitting(Sitting(item.id, self.today, (), item.is_transfer)))
                self._show_models(item, None)
            return
        sitting = Sitting(item.id, self.today, (first.verdicts,), item.is_transfer)
        self._kept(before.with_sitting(sitting))
        self.say(wording.feedback(first))
        if first.still_open and not self.is_over:
            if hints := wording.checks(item, first.still_open):
                self.say(hints)
            self.say(f"\n{SECOND}")
            second = self._try(item, may_be_empty=True)
            if second:
                tries = (first.verdicts, {skill: second.verdicts.get(skill, True) for skill in first.verdicts})
                self._kept(before.with_sitting(Sitting(item.id, self.today, tries, item.is_transfer)))
                self.say(wording.feedback(second, again=True))
        self._show_models(item, first.feeling)

    def _show_models(self, item: Item, feeling: str | None) -> None:
        if not (self.is_over or self.is_skipped):
            self.say(f"\n{wording.models(self.models.of(item, feeling))}")
            if item.explanation:
                self.say(wording.wrapped(item.explanation))

    def _try(self, item: Item, *, may_be_empty: bool) -> Feedback | None:
        """What was heard in the learner's answer; None when there is none. Asks again where it cannot be judged."""
        refused = None
        while True:
            answer = self._answer()
            if answer is None or (not answer and may_be_empty):
                return None
            if not answer:
                self.say(EMPTY)
                may_be_empty = True
                continue
            reason = None if answer == refused else problem(answer)
            if reason is None:
                return self.listener.hear(item, answer)
            refused = answer if reason == FOREIGN else None
            self.say(wording.wrapped(reason))

    def _answer(self) -> str | None:
        """What the learner writes, lines up to an empty one; None when they go on or stop, or the input ends."""
        lines: list[str] = []
        while True:
            line = self.ask()
            if line is None:
                self.is_over = True
                break
            if (command := line.strip().lower()) in ("/skip", "/stop"):
                self.is_skipped, self.is_over = True, command == "/stop"
                return None
            if COMMAND.fullmatch(command) and not lines:
                self.say(wording.wrapped(f"There is no {command}; /skip goes on, /stop ends."))
                continue
            if not line.strip():
                break
            lines.append(line)
            if self.one_line:
                break
        return "\n".join(lines).strip() if lines or not self.is_over else None

    def _kept(self, progress: Progress) -> None:
        self.progress = progress
        try:
            self.keep(progress)
        except CoachError as error:
            if not self.cannot_keep:
                self.say(wording.wrapped(f"Your progress is not kept: {error}"))
            self.cannot_keep = True


def problem(answer: str) -> str | None:
    """Why an answer cannot be judged; None when it can."""
    from coach.language import looks_english

    words = answer.split()
    if len(words) > MOST_WORDS or len(answer) > MOST_CHARACTERS:
        return LONG
    if max(map(len, words), default=0) > LONGEST_WORD:  # minutes to take apart
        return STUCK
    letters = [one for one in answer if one.isalpha()]
    if not letters:
        return WORDLESS
    if all(one > "\u024f" for one in letters):
        return FOREIGN
    repeated = answer if len(words) >= ENOUGH else " ".join([answer] * (ENOUGH // max(1, len(words)) + 1))
    is_english = len(words) < FEW_WORDS or looks_english(Conversation("", (Turn("agent", repeated),)))
    return None if is_english else FOREIGN
