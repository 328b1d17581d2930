"""The card of a model folder: what it was made from, how right it is, where it fails, in plain words."""

from collections import Counter
from collections.abc import Mapping, Sequence

from coach.conversation import SURE
from coach.evaluation.measures import Evaluation, Figure
from coach.evaluation.robustness import Robustness
from coach.intervals import Estimate
from coach.labels import Labelled
from coach.recipe import Recipe


def model_card(evaluation: Evaluation, checks: Robustness, labelled: Sequence[Labelled], recipe: Recipe) -> str:
    """Markdown for the folder's README.md."""
    sources = ", ".join(f"{name} {count}" for name, count in Counter(one.source for one in labelled).most_common())
    weak = [name for name, figure in evaluation.tags.items() if figure.positives and figure.f1 < 0.6]
    hard = [name for name, figure in evaluation.sources.items() if figure.positives and figure.f1 < 0.7]
    errors = ", ".join(f"{skill} {error:.3f}" for skill, error in evaluation.calibration_error.items())
    flips = "\n".join(f"| {f.name} | {f.sentences} | {f.flipped} | {100 * f.share:.1f} % |" for f in checks.flips)
    why, whole = checks.explanations, evaluation.wholes
    pairs = sum(count for _, count in checks.pairs.values())
    return f"""# {recipe.name}

Marks the sentences of support agents with eleven tags, the turns of customers with a feeling, and a
conversation with the customer's type and whether it was resolved. English only.

Base: sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0). Weights: Apache-2.0, half precision.
Made by `coach train` with {recipe}.

Learnt from {len(labelled)} labelled conversations, all of which may be used commercially: {sources}.
The labels were made by a large language model that followed the labelling guide, not by people.

## Measured on {evaluation.conversations} conversations it had not seen

F1 with 95 % bootstrap intervals over conversations, {evaluation.sentences} agent sentences. Calibration and
thresholds of tags and feelings were cross-fitted: each fifth of the conversations was judged with those of the other
four. Eleven tags:
macro F1 {evaluation.macro_f1:.2f} ({evaluation.macro_f1_low:.2f}–{evaluation.macro_f1_high:.2f}); four feelings:
{evaluation.feelings_macro_f1:.2f}. Of the tags assigned, {100 * evaluation.guesses:.0f} %
are under {SURE} and shown as guesses: {100 * evaluation.guesses_right:.0f} % of these are right, of the others
{100 * evaluation.sure_right:.0f} %.

| | precision | recall | F1 | interval | positives |
|---|---|---|---|---|---|
{_rows(evaluation.skills)}
{_rows(evaluation.tags)}
{_rows({"any feeling": evaluation.feeling_present})}
{_rows(evaluation.feelings)}

By source, all tags together:

| | precision | recall | F1 | interval | positives |
|---|---|---|---|---|---|
{_rows(evaluation.sources)}

Customer type, five ways with "can't tell": accuracy {said(whole.type_accuracy)}; where it names one
({whole.type_named.count} times), {said(whole.type_named)} are right. Resolved, four ways: accuracy
{said(whole.resolved)}. The care index follows care as read and judged from 1 to 5 with a rank correlation of
{said(whole.care)}, the service index with {said(whole.service)}.

Stated probabilities against what came true, expected calibration error: {errors}. (Of a skill the probability is
that of its likeliest tag.)

The design was chosen on these conversations, so expect a little less elsewhere.

## Who says it, and how it is typed

Before it judges, an agent's commas, stops, exclamation marks and emoji are left out, words one letter off are read as
the likeliest word of a dictionary, and British spellings as American ones. This now and then turns a rare word into
another; what is stored and shown stays as it was.

Sentences whose tags change when only the writing does:

| | changed sentences | other tags | share |
|---|---|---|---|
{flips}

Of {pairs} minimal pairs (two sentences that differ little, one of which has the tag) {checks.pairs_right:.2f} are
right; of {checks.stuffing} senseless sentences stuffed with empathy's words {checks.stuffed} passed for empathy
(others of their kind were among what it learnt from). Without the words that are shown to have carried a tag its
probability falls by {why.fall:.2f} on average, without as many other words by {why.random_fall:.2f}; the first fall is
the greater for {100 * why.faithful:.0f} % of {why.count} tags, in sentences of which at most half the words carried.

## Known failures

- Weak tags (F1 under 0.60): {", ".join(weak) or "none"}.
- Weak sources (F1 under 0.70): {", ".join(hard) or "none"}. Telephone speech without punctuation is hardest.
- A sentence of more than about 110 words without a stop is judged by its beginning.
- It reads the words only: not the voice, the time between turns, or what happened outside the conversation.
- Sarcasm is often taken at its word. Rare feelings (sadness, confusion) are often missed.
- A customer type is a guess about one conversation.
"""


def said(found: Estimate) -> str:
    return f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f})"


def _rows(figures: Mapping[str, Figure]) -> str:
    return "\n".join(
        f"| {name} | {f.precision:.2f} | {f.recall:.2f} | {f.f1:.2f} | {f.low:.2f}–{f.high:.2f} | {f.positives} |"
        for name, f in figures.items()
        if f.positives
    )
