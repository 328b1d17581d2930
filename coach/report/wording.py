"""What skills, statuses, parts, types and slips are called on every page."""

SKILL_WORDS = {
    "empathy": "Empathy",
    "listening": "Active listening",
    "instruction": "Instruction-giving",
}
STATUS_WORDS = {"met": "met at once", "recovered": "met later", "missed": "missed"}
SKILL_ROWS = {
    "empathy": "Empathy: a feeling or a hardship",
    "listening": "Active listening: a problem, a wish, a story",
    "instruction": "Instruction-giving: a question or a fault",
}
INDEX_OF = {"empathy": "care", "listening": "care", "instruction": "service"}
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
