"""Agents' names, which redaction keeps, out of what others than they themselves will read."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from coach.conversation import Conversation
from coach.redaction.asking import answered
from coach.redaction.finding import Finding, Page, Placeholders
from coach.redaction.lexicon import is_name, usual
from coach.redaction.names import companies_in, mentions, own_names
from coach.redaction.people import People, Words, literal, words_of
from coach.redaction.reading import Speech


def agent_names(conversation: Conversation) -> frozenset[str]:
    """What the agents are called: by the fields, and by themselves in what they say."""
    fields = filter(None, (*conversation.agents, conversation.agent))
    roles = [turn.role for turn in conversation.turns]
    seen = [Page(turn.text).seen for turn in conversation.turns]
    companies = companies_in(text for role, text in zip(roles, seen, strict=True) if role != "customer")
    told = (
        mention
        for role, text, asks in zip(roles, seen, answered(roles, seen), strict=True)
        for mention in (own_names(Speech(text, role, asks, companies)) if role != "customer" else ())
    )
    return frozenset(" ".join(mention.words) for mention in told).union(fields)


def mask_agents(conversation: Conversation) -> Conversation:
    """The conversation with placeholders such as [AGENT_1] for its agents, in texts and fields."""
    texts = [turn.text for turn in conversation.turns]
    fields = [turn.speaker if turn.role != "customer" and turn.speaker else "" for turn in conversation.turns]
    masked = iter(_masked([conversation.agent or "", *texts, *fields], agent_names(conversation)))
    agent = next(masked) or None
    turns = [replace(turn, text=next(masked)) for turn in conversation.turns]
    turns = [replace(turn, speaker=field or turn.speaker) for turn, field in zip(turns, masked, strict=True)]
    return replace(conversation, turns=tuple(turns), agent=agent)


def mask_names(texts: Sequence[str], agents: Iterable[str]) -> list[str]:
    """Texts of one talk with [AGENT_1] for these agents and [NAME_1] for whom else the texts themselves name.

    For what is taken out of redacted conversations: there, a name that is left is an agent's.
    """
    found = (mention for text in texts for mention in mentions(Speech(Page(text).seen, "customer")))
    return _masked(texts, agents, (mention.words for mention in found))


def _masked(texts: Sequence[str], agents: Iterable[str], others: Iterable[Words] = ()) -> list[str]:
    agents = frozenset(agents)
    people = People(others, (words for name in agents if any(map(_is_personal, words := words_of(name)))))
    as_written = literal(name for name in agents if not name.isalpha())
    placeholders = Placeholders(texts)
    pages = [Page(text) for text in texts]
    for page in pages:
        for match in as_written.finditer(page.seen):
            value = people.key(words_of(match[0])) or match[0].casefold()
            page.add([Finding(*match.span(), "AGENT", (value,))])
        page.add([people.finding(*spot, agents_stay=False) for spot in people.mentioned(page.seen)])
    return [placeholders.replaced(page) for page in pages]


def _is_personal(word: str) -> bool:
    """Of Billing Team, no word is."""
    return is_name(word) or not usual(word)
