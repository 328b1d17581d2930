"""Personal data out, before anything is stored.

Names, e-mail addresses, phone numbers, postal addresses, bank, card, order, account, reference and paper numbers,
dates of birth, links with a token, handles, IP addresses, passwords and codes, written or said, become placeholders
such as [NAME_1]. The same value gets the same one within a conversation, so the talk can still be followed; a first
name and the full name are one person's where that is clear. What other systems masked before stays as it is, and
redacting twice changes nothing more.

These are patterns and lists, no model. They miss a rare name or a name that is also a word when nothing around it
says so, a name in a script without capitals when it is mentioned in passing, an address without street or postal
code, a short number that nobody named or asked for, what is told in other languages than English, and what a person
can be known by without being named. A company's own phone number goes like any other; its help links stay.
"""

from coach.redaction.agents import agent_names, mask_agents, mask_names
from coach.redaction.masking import mask, redact

__all__ = ["agent_names", "mask", "mask_agents", "mask_names", "redact"]
