"""Whether practice hears what a review hears: `python benchmarks/practice.py LABELLED.jsonl [TURNS]`.

Replays labelled agent turns as a learner's answers to what was said before them, and compares the skills that each
shows, and what became of the openings before it, with a review of the whole conversation, with the verdicts that an
evaluation measures (on the labelled sentences), and with the labels. Prints the time an answer takes, too.
"""

import sys
import time
from pathlib import Path

import numpy as np

from coach.classifier import assigned_tags
from coach.conversation import SKILL_OF, SKILLS, TAGS
from coach.items import Item, Said
from coach.judging import Judge
from coach.labels import Labelled, read_labelled, utterances
from coach.model_folder import shipped_model
from coach.practice import Listener


def turns(path: Path, wanted: int) -> list[tuple[Labelled, int]]:
    """Agent turns that answer a customer's, spread evenly over the file."""
    found = [
        (one, number)
        for one in read_labelled(path)
        for number, turn in enumerate(one.conversation.turns)
        if number and turn.role == "agent" and one.conversation.turns[number - 1].role == "customer"
    ]
    return [found[place] for place in np.linspace(0, len(found) - 1, min(wanted, len(found)), dtype=int)]


def as_item(one: Labelled, number: int) -> Item:
    said = tuple(Said(turn.role, turn.text) for turn in one.conversation.turns[:number])
    return Item("", "answer", None, None, one.conversation.channel, 2, "", said, "")


def evaluated(judge: Judge, one: Labelled, number: int) -> frozenset[str]:
    """The skills an evaluation finds in the turn: on its labelled sentences, in the whole conversation."""
    classifier = judge.tagger.classifier
    judged = [i for i, turn in enumerate(one.conversation.turns) if turn.role in ("agent", "customer")]
    scores = classifier.score([utterances(one)])[0][judged.index(number)]
    return frozenset(SKILL_OF[tag] for row in scores.tags for tag in assigned_tags(row, classifier.thresholds))


def share(name: str, pairs: list[tuple[bool, bool]]) -> None:
    same = sum(a == b for a, b in pairs)
    print(f"{name}: {same} of {len(pairs)} ({100 * same / max(1, len(pairs)):.1f} %)")


def main(path: Path, wanted: int = 200) -> None:
    judge = Judge.of(shipped_model())
    listener = Listener(judge)
    reviewed, measured, labelled, openings, times = [], [], [], [], []
    for one, number in turns(path, wanted):
        answer = one.conversation.turns[number].text
        item = as_item(one, number)
        listener.prepare(item)
        began = time.perf_counter()
        found = listener.hear(item, answer)
        times.append(time.perf_counter() - began)
        ((_, review),) = judge.judge([one.conversation])
        in_review = {SKILL_OF[tag.name] for tag in review.tags if tag.turn == number}
        in_evaluation = evaluated(judge, one, number)
        in_labels = {SKILL_OF[tag] for _, _, tags in one.sentences[number] for tag in tags}
        for skill in SKILLS:
            reviewed.append((skill in found.shown, skill in in_review))
            measured.append((skill in found.shown, skill in in_evaluation))
            labelled.append((skill in found.shown, skill in in_labels))
        before = {o.skill: o for o in review.openings if o.turn == number - 1}
        openings += [
            (is_met, before[skill].response_turn == number and before[skill].status == "met")
            for skill, is_met in found.verdicts.items()
            if skill in before
        ]
    print(f"{len(times)} answers, {len(SKILLS)} skills each, {len(TAGS)} tags; the same verdict")
    share("as a review of the whole conversation", reviewed)
    share("as an evaluation on the labelled sentences", measured)
    share("as the labels", labelled)
    share("on the openings before the answer, as a review", openings)
    print(f"seconds an answer: median {np.median(times):.2f}, 95th percentile {np.percentile(times, 95):.2f}")
    print(f"longest {max(times):.2f}")


main(Path(sys.argv[1]), *map(int, sys.argv[2:3]))
