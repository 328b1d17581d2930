"""Agents' names out of what others than they themselves will read."""

import re
from collections.abc import Callable, Sequence

PLACEHOLDER = "[AGENT]"


def agent_mask(agents: Sequence[str]) -> Callable[[str], str]:
    """A function that replaces the names, and their parts, in a text.

    Case does not matter, except in a name of two letters such as Jo.
    """
    names = {part for agent in agents for part in (agent, *agent.split()) if len(part) > 1}
    if not names:
        return lambda text: text
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    forms = (re.escape(name) if len(name) > 2 else f"(?-i:{re.escape(name)})" for name in longest_first)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(PLACEHOLDER, text)
