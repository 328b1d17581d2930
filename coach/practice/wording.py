"""How practice talks: what was heard, what is open, how far one has come. About answers, never about persons."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from coach.conversation import SKILLS, Rate
from coach.items import Item
from coach.practice.feedback import Feedback, Heard, Open
from coach.practice.material import ModelAnswer
from coach.practice.progress import Progress

WIDTH = 88
HEARD: Mapping[str, str] = {
    "acknowledge": "you named how it is for them",
    "apologise": "you said sorry",
    "reassure": "you took some of the worry away",
    "appreciate": "you had a kind word meant for them",
    "restate": "you gave back what they told you",
    "check": "you asked whether you understood them right",
    "probe": "you asked to understand more",
    "instruct": "you told them what to do",
    "explain": "you explained how it works or why it is so",
    "expect": "you said what happens next",
    "verify": "you checked that it worked or is settled",
}
ELSEWHERE = "you gave something back, but no word of it is this customer's"
FEELINGS: Mapping[str, str] = {
    "anger": "The frustration",
    "worry": "The worry",
    "sadness": "The disappointment",
    "confusion": "The confusion",
}
OPEN: Mapping[str, str] = {
    "empathy": "How it is for them",
    "listening": "What they told you",
    "instruction": "What to do, or what happens next,",
}
WAYS: Mapping[str, str] = {
    "empathy": "Say what you hear in it, or what it means for them.",
    "listening": "Give it back in your own words, or ask what you need to understand.",
    "instruction": "Tell them the step, the reason, or what comes next and when.",
}
WHOSE: Mapping[str, str] = {
    "own": "One of your own answers",
    "team": "From your team",
    "role-play": "From the role-play",
    "phrasebook": "From the phrasebook",
}
TRIES = ("new", "second try", "practised before", "held back")
NEW_SHOW_BEST = "New moments show best what carries over: there nobody had seen a model answer."
CARRIES_OVER = (
    "Held back are moments that wait until a week after their skill was first practised: against the new ones of the"
    " beginning they show what carries over, where the two ranges lie apart."
)
WELCOME = (
    "Write what you would answer; an empty line ends it. /skip goes on, /stop ends. Nothing you write is kept, only"
    " which openings were met. I judge words with a model that errs at times: trust your own ear too."
)
WELCOME_LINE = WELCOME.replace("an empty line ends it", "Enter ends it")


def plain(text: str) -> str:
    """Text that cannot steer the terminal: control characters and marks of direction become spaces."""
    return "".join(one if one.isprintable() or one in "\n\u200d" else " " for one in text)


def wrapped(text: str, *, first: str = "", indent: str = "") -> str:
    """Lines of at most WIDTH characters; line breaks stay. `first` stands before the first in place of `indent`."""
    lines = plain(text).splitlines() or [""]
    starts = [first or indent, *[indent] * (len(lines) - 1)]
    return "\n".join(
        textwrap.fill(one, WIDTH, initial_indent=start, subsequent_indent=indent)
        for one, start in zip(lines, starts, strict=True)
    )


def moment(item: Item, place: int, count: int) -> str:
    """What was said, and the task."""
    written = f"role-play: {item.title}" if item.is_written else None
    what = " · ".join(filter(None, (written, item.skill, item.channel)))
    said = "\n".join(wrapped(f"{one.role.capitalize()}: {one.text}", indent="  ") for one in item.situation)
    text = f"\n{wrapped(item.text, indent='  ')}" if item.text else ""
    return f"\n{place} of {count}{' · ' + plain(what) if what else ''}\n\n{said}{text}\n\n{wrapped(item.task)}"


def feedback(found: Feedback, *, again: bool = False) -> str:
    """What was seen, with its words, then what is open."""
    lines = [*_heard(found.heard), *_open(found)]
    if not found.heard:
        lines.insert(0, "I did not hear empathy, listening or instruction in these words yet.")
    if not found.still_open:
        lines.append("Nothing I listen for is open any more." if again else "Nothing I listen for is left open.")
    return "\n".join(map(wrapped, lines))


def _heard(heard: Sequence[Heard]) -> Iterator[str]:
    """One sentence a tag, with its words; a guess is said to be one."""
    for tag in dict.fromkeys(one.tag for one in heard):
        own = [one for one in heard if one.tag == tag]
        quotes = ", ".join(f"“{one.quote}”" for one in own[:2])
        is_sure = any(one.is_sure for one in own)
        what = HEARD[tag] if any(one.is_theirs for one in own) else ELSEWHERE
        said = what if is_sure else f"perhaps {what}"
        yield f"{said[0].upper()}{said[1:]} ({quotes})."


def _open(found: Feedback) -> Iterator[str]:
    for one in found.still_open:
        wait = "You ask them to wait; when you are back: " if one.skill == "instruction" and found.is_put_off else ""
        what = FEELINGS.get(one.feeling or "", OPEN[one.skill])
        what = what[0].lower() + what[1:] if wait else what
        yield f"{wait}{what} (“{one.quote}”) is still open. {WAYS[one.skill]}"


def checks(item: Item, openings: Sequence[Open]) -> str:
    """The item's own list to go through, where its skill is still open."""
    wanted = item.checks if any(one.skill == item.skill for one in openings) else ()
    return "\n".join(wrapped(one, first="- ", indent="  ") for one in wanted)


def models(found: Sequence[ModelAnswer]) -> str:
    """Model answers, each marked with whose it is."""
    return "\n".join(f"{WHOSE[one.whose]}:\n{wrapped(one.text, indent='  ')}" for one in found)


def progress_text(progress: Progress, minimum: int) -> str:
    """Every skill's openings, met of called for with a 95 % interval; under `minimum` too few to say."""
    if not progress.sittings:
        return "Nothing practised yet."
    lines = [f"Practised: {_counted(len(progress.sittings), 'moment')}. Openings that an answer met:"]
    for skill in SKILLS:
        rates = (progress.first(skill), progress.second(skill), progress.again(skill), progress.transfer(skill))
        rows = dict(zip(TRIES, rates, strict=True))
        said = [f"{name} {_rate(rate, minimum)}" for name, rate in rows.items() if rate.called_for]
        if said:
            lines.append(f"  {skill}: {'; '.join(said)}")
    held = any(one.is_transfer for one in progress.sittings)
    return "\n".join([*lines, CARRIES_OVER if held else NEW_SHOW_BEST])


def _rate(rate: Rate, minimum: int) -> str:
    counts = f"{rate.met:.0f} of {rate.called_for}"
    if rate.called_for < minimum:
        return f"{counts} (too few to say)"
    return f"{counts} ({100 * rate.low:.0f}–{100 * rate.high:.0f} %)"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
