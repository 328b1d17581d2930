"""What skills, parts, types and slips are called on pages."""

from collections.abc import Mapping

from coach.conversation import Moment
from coach.report.skill_row import SkillRow

SKILL_WORDS = {
    "empathy": "Empathy",
    "listening": "Active listening",
    "instruction": "Instruction-giving",
}
DOING = {
    "empathy": "answering feelings",
    "listening": "showing that you heard",
    "instruction": "clear guidance",
}
CALLED = {
    "empathy": "a customer showed a feeling or told of a hardship",
    "listening": "a customer told you a problem, a wish or what happened",
    "instruction": "a customer asked something, or needed something put right",
}
SKILL_ROWS = {
    "empathy": "Empathy: a feeling or a hardship",
    "listening": "Active listening: a problem, a wish, a story",
    "instruction": "Instruction-giving: a question or a fault",
}
CALLS = {
    "empathy": "a hardship is told",
    "listening": "a problem or a wish is told",
    "instruction": "something is asked, or does not work,",
}
INDEX_OF = {"empathy": "care", "listening": "care", "instruction": "service"}
ABOVE = {
    "care": "the person was looked after more surely than the matter",
    "service": "the matter was looked after more surely than the person",
}
"""What it means when an index stands clearly above the other."""
PARTS: Mapping[str, tuple[str, str]] = {
    "warmth": ("care", "Care: something said for this customer (acknowledged, reassured or appreciated)"),
    "understanding": ("care", "Care: showed or checked what was understood"),
    "verification": ("service", "Service: asked whether it worked or was clear"),
    "expectation": ("service", "Service: told what happens next, where the matter stayed open"),
    "resolution": ("service", "Service: settled (partly counts half)"),
    "timeliness": ("service", "Service: first answer within the channel’s target"),
    "ending": ("both", "Both: the customer’s last words (no feeling left counts half, thanks the other half)"),
}
"""By part of the indices that is no opening: the index it counts for, and what it is."""
RUBRIC_WORDS = SKILL_ROWS | {
    "warmth": "Something said for this customer",
    "understanding": "Showed or checked what was understood",
    "verification": "Asked whether it worked or was clear",
    "expectation": "Told what happens next, where the matter stayed open",
    "resolution": "Settled",
    "timeliness": "First answer within the channel’s target",
    "ending": "The customer’s last words",
}
TYPE_WORDS = {
    "controller": "controller: wants the result, fast",
    "thinker": "thinker: wants to understand how and why",
    "feeler": "feeler: wants to be heard and reassured",
    "entertainer": "entertainer: enjoys the talk",
    None: "can't tell: too little said, or too mixed",
}
SLIP_WORDS = {
    "unanswered question": "Question not answered",
    "customer repeats": "Customer had to say it again",
    "unchecked instruction": "Steps given, not checked",
    "promise without a time": "Promise without a time",
    "empty empathy": "Feeling acknowledged, then nothing done",
}
MISSING = {
    "empathy": "no sentence of the answer acknowledges, apologises, reassures or appreciates",
    "listening": "no sentence of the answer gives it back, checks it or asks into it",
    "instruction": "no sentence of the answer gives a step, a reason or a time, or checks that it worked",
}


def became_words(row: SkillRow) -> str:
    """ "you met 13 of these at once, 7 only later, and 2 went by": only what there is."""
    parts = [f"you met {row.met if row.met else 'none'} of these at once"]
    parts += [f"{row.recovered} only later"] if row.recovered else []
    parts += [f"{row.missed} went by"] if row.missed else []
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"


def missed_words(moment: Moment, later: int | None = None) -> str:
    """What was called for, how sure that is, and what the answer has not; `later` is the turn in which it came."""
    called = f"{moment.feeling} is shown" if moment.feeling and moment.skill == "empathy" else CALLS[moment.skill]
    came = "" if later is None else f"; that came in turn {later + 1}"
    return (
        f"{called[0].upper()}{called[1:]} here ({100 * moment.called:.0f} % sure), and {MISSING[moment.skill]}{came}."
    )
