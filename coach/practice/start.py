"""One sitting from the database to the record of practice: what to practise, the model, the dialogue."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from coach.conversation import SKILLS
from coach.items import Item
from coach.model_folder import shipped_model
from coach.practice.feedback import Listener
from coach.practice.material import ModelAnswers, open_items
from coach.practice.progress import Progress, keep_progress, read_progress
from coach.practice.session import Ask, Say, Session
from coach.store import Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What a learner asks for. `learner` is their name in the store, for model answers of their own."""

    count: int = 5
    skill: str | None = None
    learner: str | None = None
    one_line: bool = False


def practise(db: Path, record: Path, wish: Wish, ask: Ask, say: Say, *, model: Path | None = None) -> Progress:
    """Holds a session on moments of the database and returns the progress, kept in `record` after every try.

    Raises CoachError, before anything is asked, when there is no database, no such learner, or when the record cannot
    be read or written.
    """
    progress = read_progress(record)
    items, models = _material(db, wish)
    keep_progress(progress, record)
    today = date.today()
    chosen = progress.schedule(items, today)[: wish.count]
    if notes := [*_lacking(items, wish), *_early(chosen, progress, today)]:
        say("\n".join(notes))
    session = Session(
        listener=_listener(model or shipped_model()),
        models=models,
        progress=progress,
        ask=ask,
        say=say,
        keep=lambda now: keep_progress(now, record),
        today=today,
        one_line=wish.one_line,
    )
    return session.hold(chosen)


def _listener(folder: Path) -> Listener:
    from coach.judging import Judge

    return Listener(Judge.of(folder))


def _material(db: Path, wish: Wish) -> tuple[tuple[Item, ...], ModelAnswers]:
    with Store(db, create=False) as store:
        learner = None if wish.learner is None else store.named(wish.learner)
        agents = [row["agent"] for row in store.agents()]
        items = open_items(store.conversations(), agents, skill=wish.skill)
        models = ModelAnswers(agents)
        if learner is not None:
            models.add_own(store.conversations(learner), learner)
    return items, models


def _lacking(items: tuple[Item, ...], wish: Wish) -> list[str]:
    """What to do for more moments, where the real ones are fewer than asked for."""
    real = [item for item in items if not item.is_written]
    if len(real) >= wish.count:
        return []
    missing = [skill for skill in SKILLS if wish.skill is None and all(item.skill != skill for item in real)]
    found = f"There {'is' if len(real) == 1 else 'are'} only {len(real)} of {wish.count} moments of your team's"
    rest = "role-plays that coach came with fill up; review more conversations for more"
    return [f"{found}{', none for ' + ' or '.join(missing) if missing else ''}: {rest}."]


def _early(chosen: tuple[Item, ...], progress: Progress, today: date) -> list[str]:
    due = progress.due()
    if all(due.get(item.id, today) > today for item in chosen):
        first = min(due[item.id] for item in chosen)
        return [f"Nothing is new or due before {first.isoformat()}; these come early, which does no harm."]
    return []
