"""What was measured, as tables and lines for the terminal: rows in, words out, nothing printed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from coach.evaluation.comparison import Difference
from coach.evaluation.examination import Examination
from coach.evaluation.measures import Evaluation, Figure, Mistake
from coach.evaluation.robustness import Robustness
from coach.evaluation.transfer import Ranking
from coach.evaluation.wholes import EARLY_TURNS, Agreement, Wholes
from coach.intervals import Estimate

BAR = 20


@dataclass(frozen=True, slots=True)
class Table:
    headers: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def examination_tables(found: Examination) -> Iterator[Table | str]:
    """All that was asked for."""
    if found.rankings:
        yield ranking_table(found.rankings)
    if found.correlations:
        yield correlation_table(found.correlations)
    if found.evaluation:
        yield from evaluation_tables(found.evaluation)
    if found.differences:
        yield comparison_table(found.differences)
        yield "One in twenty such intervals leaves out zero by chance."
    for name, one in found.openings.items():
        yield from agreement_tables(name, one)
    if found.robustness:
        yield from robustness_tables(found.robustness)
    yield from mistake_lines(found.mistakes)


def evaluation_tables(evaluation: Evaluation) -> Iterator[Table | str]:
    """Every figure of an evaluation, in the order of reading."""
    yield f"{evaluation.conversations} conversations, {evaluation.sentences} agent sentences; F1 with 95 % intervals"
    found = {**evaluation.skills, **evaluation.tags, "any feeling": evaluation.feeling_present, **evaluation.feelings}
    yield _detections("", found)
    by_source = {
        f"{source}{skill}": figure
        for source, figures in evaluation.source_skills.items()
        for skill, figure in {"": evaluation.sources[source], **{f" {s}": f for s, f in figures.items()}}.items()
    }
    yield _detections("source", by_source)
    yield (
        f"Eleven tags, macro F1 {evaluation.macro_f1:.3f}"
        f" ({evaluation.macro_f1_low:.3f}–{evaluation.macro_f1_high:.3f});"
        f" four feelings, macro F1 {evaluation.feelings_macro_f1:.3f}"
    )
    errors = ", ".join(f"{skill} {error:.3f}" for skill, error in evaluation.calibration_error.items())
    yield f"Calibration error: {errors}"
    yield (
        f"Of the tags assigned {100 * evaluation.guesses:.0f} % are shown as guesses, of which"
        f" {100 * evaluation.guesses_right:.0f} % are right; of the others {100 * evaluation.sure_right:.0f} %"
    )
    for skill, bins in evaluation.reliability.items():
        rows = tuple((b.count, f"{b.stated:.2f}", f"{b.true:.2f}", _bar(b.true, b.stated)) for b in bins)
        yield Table((f"{skill}:", "stated", "true", f"0 {'stated | true #':^{BAR - 4}} 1"), rows)
    yield from _whole_lines(evaluation.wholes)


def _whole_lines(found: Wholes) -> Iterator[Table | str]:
    yield Table(
        ("conversations", "figure", "interval", "of"),
        tuple(
            (name, f"{one.value:.2f}", f"{one.low:.2f}–{one.high:.2f}", one.count)
            for name, one in {
                "type, five ways: accuracy": found.type_accuracy,
                "type, five ways: macro F1": found.type_macro_f1,
                "type, the surer half: accuracy": found.type_surer_half,
                "type, where one is named: accuracy": found.type_named,
                f"type after {EARLY_TURNS} customer turns is that of the whole": found.early,
                "assertiveness: Spearman": found.assertiveness,
                "responsiveness: Spearman": found.responsiveness,
                **{f"{name}: labels inside the interval": one for name, one in found.covered.items()},
                "resolved, four ways: accuracy": found.resolved,
                "care index: Spearman": found.care,
                "service index: Spearman": found.service,
            }.items()
        ),
    )
    yield Table(
        ("type, answering the surest", "right", "interval", ""),
        tuple(
            (f"{100 * float(part):.0f} %", f"{one.value:.2f}", f"{one.low:.2f}–{one.high:.2f}", _bar(one.value))
            for part, one in found.selective.items()
        ),
    )


def agreement_tables(name: str, found: Agreement) -> Iterator[Table | str]:
    """Openings against those judged by reading, with every disagreement."""
    yield Table(
        (f"openings, {name}", "kappa", "interval", "of"),
        tuple(
            (label, f"{one.value:.2f}", f"{one.low:.2f}–{one.high:.2f}", one.count)
            for label, one in {
                "called for or not": found.called,
                "not called for, met, not in time": found.status,
                **{f"  {skill}": one for skill, one in found.by_skill.items()},
                "met or not, where called for": found.met,
            }.items()
        ),
    )
    again, right = found.repeats_found, found.repeats_right
    yield (
        f"The customer had to say it again: found {again.value:.2f} of {again.count},"
        f" right {right.value:.2f} of {right.count}"
    )
    yield Table(("apart", "stretch", "skill", "judged", "coach"), found.apart)


def _detections(name: str, figures: Mapping[str, Figure]) -> Table:
    return Table(
        (name, "precision", "recall", "F1", "interval", "avg precision", "positives"),
        tuple((label, *(_cells(f) if f.positives else ("",) * 5), f.positives) for label, f in figures.items()),
    )


def _cells(f: Figure) -> tuple[str, ...]:
    shares = (f"{value:.2f}" for value in (f.precision, f.recall, f.f1))
    return *shares, f"{f.low:.2f}–{f.high:.2f}", f"{f.average_precision or 0:.2f}"


def correlation_table(found: Mapping[str, Mapping[str, Estimate]]) -> Table:
    """Customers' ratings against what coach says of the same conversations."""
    return Table(
        ("rated", "judged", "Spearman", "interval", "conversations"),
        tuple(
            (rating, name, f"{one.value:+.2f}", f"{one.low:+.2f} – {one.high:+.2f}", one.count)
            for rating, by_name in found.items()
            for name, one in by_name.items()
        ),
    )


def _bar(true: float, stated: float | None = None) -> str:
    """A line from 0 to 1 with # up to the true share and, where one is stated, | at that."""
    line = ["#" if (place + 0.5) / BAR <= true else "·" for place in range(BAR)]
    if stated is not None:
        line[min(BAR - 1, int(stated * BAR))] = "|"
    return "".join(line)


def robustness_tables(found: Robustness) -> Iterator[Table | str]:
    yield "Robustness: sentences whose tags change when only the writing does"
    yield Table(
        ("", "changed sentences", "flipped", "share", "most in"),
        tuple((f.name, f.sentences, f.flipped, f"{100 * f.share:.1f} %", ", ".join(f.most)) for f in found.flips),
    )
    pairs = ", ".join(f"{tag} {right}/{count}" for tag, (right, count) in found.pairs.items())
    yield f"Minimal pairs right: {found.pairs_right:.2f} ({pairs})"
    yield f"Senseless sentences taken for empathy: {found.stuffed} of {found.stuffing}"
    why = found.explanations
    yield (
        f"Explanations: without the words that carried it a tag's probability falls by {why.fall:.2f}, without as many"
        f" others by {why.random_fall:.2f}; by more in {100 * why.faithful:.0f} % of {why.count}"
    )


def comparison_table(differences: Iterable[Difference]) -> Table:
    return Table(
        ("F1", "this", "other", "gain", "interval of the gain", ""),
        tuple(
            (
                d.name,
                f"{d.f1:.3f}",
                f"{d.other_f1:.3f}",
                f"{d.f1 - d.other_f1:+.3f}",
                f"{d.low:+.3f} … {d.high:+.3f}",
                "" if not d.is_clear else "better" if d.low > 0 else "worse",
            )
            for d in differences
        ),
    )


def ranking_table(rankings: Iterable[Ranking]) -> Table:
    return Table(
        ("set", "label", "ROC AUC", "interval", "positives", "turns"),
        tuple((r.set, r.label, f"{r.auc:.3f}", f"{r.low:.3f}–{r.high:.3f}", r.positives, r.turns) for r in rankings),
    )


def mistake_lines(mistakes: Iterable[Mistake]) -> Iterator[str]:
    """A mistake in four lines: where, what was said before, the sentence, and the tags in question."""
    for m in mistakes:
        tags = [f"missed {tag} ({chance:.2f})" for tag, chance in m.missed.items()]
        tags += [f"wrongly {tag} ({chance:.2f})" for tag, chance in m.extra.items()]
        yield f"{m.source} {m.conversation} turn {m.turn}"
        yield f"  before: {_one_line(m.before)}"
        yield f"  said:   {_one_line(m.text)}"
        yield f"  {'; '.join(tags)}"


def _one_line(text: str) -> str:
    """Words that cannot move the terminal's cursor."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
