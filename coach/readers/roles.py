"""Who is the agent, where the file does not say: a mapping that the user fills in once."""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path

from coach.conversation import ROLES, Role
from coach.errors import ConfigError
from coach.readers import read
from coach.readers.fields import Hints
from coach.readers.stream import Pathish

HEAD = f"""# Write one of {", ".join(ROLES)} behind each speaker, then give this file with --roles.
# Leave blank who is neither: what they say is kept as the system's, and never judged. Take out whose role is to be seen
# from the talk, as in e-mails and captions: there the only one beside agents is the customer.

[speakers]
"""


class _Asked(dict[str, Role]):
    """Answers every question for a role and remembers whose it was."""

    def __missing__(self, speaker: str) -> Role:
        self[speaker] = "customer"
        return "customer"


def unknown_speakers(paths: Iterable[Pathish]) -> list[str]:
    """The labels of the speakers whose role the files do not tell, in order of appearance."""
    asked = _Asked()
    for _ in read(paths, hints=Hints(roles=asked)):
        pass
    return list(asked)


def as_toml(speakers: Iterable[str]) -> str:
    """The file to fill in."""
    return HEAD + "".join(f'{_quoted(speaker)} = ""\n' for speaker in speakers)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_roles(path: Path) -> dict[str, Role]:
    """What was filled in; who was left blank is the system's.

    Raises ConfigError for a file that is none or has nothing filled in, or a role that is not ours.
    """
    try:
        speakers = tomllib.loads(path.read_text("utf-8-sig"))["speakers"]
        roles = dict(speakers)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}); make it with 'coach roles FILE > roles.toml'") from error
    except (KeyError, TypeError, ValueError):
        raise ConfigError(f"{path}: has no [speakers]; make it with 'coach roles FILE > roles.toml'") from None
    for speaker, role in roles.items():
        if role not in ("", *ROLES):
            raise ConfigError(f"{path}: {speaker!r} has no role, but {role!r}; write one of {', '.join(ROLES)}")
    if roles and not any(roles.values()):
        raise ConfigError(f"{path}: nobody has a role yet; write agent and customer behind the speakers that are")
    return {speaker: role or "system" for speaker, role in roles.items()}
