"""Where somebody can be reached or traced on the net: e-mail addresses, links, handles, IP addresses."""

import re
from collections.abc import Collection, Iterable, Iterator
from ipaddress import ip_address
from itertools import pairwise

from coach.redaction.finding import Finding
from coach.redaction.words import one_of

# The look-behind has a run of such characters tried once, not from each of them: linear time. Addresses that
# are run together count as one, or redacting again would find the second.
_EMAIL = re.compile(r"(?<![\w.+%-])(?:\w['’])?(?:[\w.+%-]++@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,})+")
_END = one_of("mail_ends")
_GAP, _MAYBE_GAP = r"[ \t]{1,3}", r"[ \t]{0,3}"
_VEILED = re.compile(
    rf"""(?<![\w.+-])(?:
    [\w.+-]++{_MAYBE_GAP}[(\[{{]{_MAYBE_GAP}at{_MAYBE_GAP}[)\]}}]{_MAYBE_GAP}[\w-]++
        (?:(?:\.|{_MAYBE_GAP}[(\[{{]{_MAYBE_GAP}dot{_MAYBE_GAP}[)\]}}]{_MAYBE_GAP}|{_GAP}dot{_GAP}){_END}\b)+
  | [\w.+-]++{_MAYBE_GAP}@{_MAYBE_GAP}[\w-]++(?:(?:{_GAP}dot{_GAP}|{_MAYBE_GAP}\.){_END}\b)+
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SAID = {"dot": ".", "point": ".", "underscore": "_", "dash": "-", "hyphen": "-", "minus": "-", "plus": "+", "at": "@"}
_JOINT = r"(?:dot|point|underscore|dash|hyphen|minus|plus)"
_DIGIT = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{2,5}teen|\w{3,5}ty|double|\d{1,6})"
)
_SPOKEN = re.compile(
    rf"(?<![\w.+-])[\w.+-]++{_GAP}at{_GAP}[\w-]++(?:{_GAP}dot{_GAP}[\w-]+)*?(?:{_GAP}dot{_GAP}|\.){_END}"
    rf"(?:{_GAP}dot{_GAP}{_END})?(?!\w)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:(?<=mail is )|(?<=mail's )|(?<=mail address is )|(?<=mail it's )|(?<=mail its ))[\w ,.+-]{{1,60}}$"
    rf"|(?<![\w'’])(?:(?:[\w.+-]+{_GAP}{_JOINT}|[a-z]|{_DIGIT}){_GAP})+$",
    re.IGNORECASE,
)

_URL = re.compile(
    r"(?<![\w@.])(?:https?://|www\.)[^\s<>\"'\0]{3,}+"
    r"|(?<![\w@./-])(?:[a-z][\w-]*\.)+[a-z]{2,10}/[^\s<>\"'\0]++",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"""[?&;\#](?:[\w.-]*(?:token|key|sig|sess|sid|auth|code|otp|secret|pass|user|uid|id|mail|order|account|ref|hash)
    [\w.-]*=[^&\#]{3} | [\w.-]+=(?=[^&\#]{4})(?=[^&\#]*\d) | [\w.-]+=[^&\#]{16} | \w{16})""",
    re.VERBOSE | re.IGNORECASE,
)
_OWN_PAGE = re.compile(
    r"/(?:orders?|accounts?|users?|profiles?|invoices?|track(?:ing)?|customers?|cases?|tickets?|members?|invites?)/"
    r"(?=(?:[^/?\d]*\d){3})[\w-]{4}",
    re.IGNORECASE,
)
_HELP = re.compile(r"help|support|faq|/kb/|articles?/|guide", re.IGNORECASE)
_LONG_LINK = 300

_HANDLE = re.compile(r"(?<![\w@.])@(?!\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]m)?\b)\w(?:[\w.-]*\w)?", re.ASCII | re.IGNORECASE)
_LOGIN = re.compile(
    r"\b(?:user ?-?(?:name|id)|log-?in(?: id| name)?|screen ?name|handle|gamer ?tag|skype(?: id| name)?|telegram"
    r"|insta(?:gram)?|twitter|nick(?:name)?)(?:\s*(?:is|was|:|=|-|it's|its)){0,3}\s*(?=[a-z.-]*[\d_])"
    r"(?P<name>[a-z][\w.-]*\w)",
    re.IGNORECASE,
)
_LOGIN_ANSWER = re.compile(r"(?<![\w.@-])(?=[\d_.-]*[a-z])(?=[a-z.-]*[\d_])\w[\w.-]*\w", re.IGNORECASE)

_COMPANY = re.compile(
    r"help|support|cares?$|care_|_care|service|team|official|assist|customer|^ask|app$|bank|airlines?|airways|mobile"
    r"|telecom|store|hq$|[a-z]{3}(?:uk|us|usa|india)$|tweets$|express|energy|games",
    re.IGNORECASE,
)

_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:]))", re.IGNORECASE
)
_NO_IP = re.compile(r"(?:version|firmware|build|release|update|driver|\bv|mask|subnet)[\s:.]*(?:is\s)?$", re.IGNORECASE)


def links(seen: str) -> Iterator[Finding]:
    """Links with a token or somebody's own page go; help links stay, with the numbers in them."""
    for match in _URL.finditer(seen):
        link = match[0].rstrip(".,;:!?)]}*")
        yield Finding(match.start(), match.start() + len(link), "URL" if _is_personal(link) else "", (link,))


def _is_personal(link: str) -> bool:
    parts = re.split(r"[/?#]", link)[1:]
    own = _OWN_PAGE.search(link) and not _HELP.search(link)
    return len(link) > _LONG_LINK or bool(own or _QUERY.search(link)) or any(map(_is_random, parts))


def _is_random(part: str) -> bool:
    """Long, and changing often between digits and letters."""
    changes = sum(one.isdigit() != other.isdigit() for one, other in pairwise(part) if (one + other).isalnum())
    return len(part) >= 16 and changes >= 4


def emails(seen: str) -> Iterator[Finding]:
    for match in _EMAIL.finditer(seen):
        yield Finding(*match.span(), "EMAIL", (match[0].casefold(),))


def veiled_emails(seen: str) -> Iterator[Finding]:
    """E-mail addresses written as jane (at) gmail.com or jane @ gmail dot com."""
    for match in _VEILED.finditer(seen):
        written = re.sub(r"[(\[{ \t]+(at|dot)[)\]} \t]+", lambda sign: _SAID[sign[1].lower()], match[0], flags=re.I)
        yield Finding(*match.span(), "EMAIL", (re.sub(r"\s", "", written).casefold(),))


def spoken_emails(seen: str) -> Iterator[Finding]:
    """E-mail addresses as they are said: jane dot smith at gmail dot com."""
    last = 0
    for match in _SPOKEN.finditer(seen):
        before = _BEFORE.search(seen, max(last, match.start() - 120), match.start())
        start = before.start() if before else match.start()
        last = match.end()
        yield Finding(start, last, "EMAIL", (_written(seen[start:last]),))


def _written(said: str) -> str:
    return "".join(_SAID.get(word, word) for word in said.casefold().split())


def ip_addresses(seen: str) -> Iterator[Finding]:
    for match in _IP.finditer(seen):
        is_ip = not _NO_IP.search(seen, max(0, match.start() - 20), match.start()) and _is_ip(match[0])
        if is_ip or match[0].count(".") == 3:
            yield Finding(*match.span(), "IP" if is_ip else "", (match[0].casefold(),))


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return not text.startswith(("255.", "0.")) and text != "::"


def handles(seen: str, companies: Collection[str]) -> Iterator[Finding]:
    """Handles but the company's own, which stay."""
    for match in _HANDLE.finditer(seen):
        name = match[0][1:].casefold()
        yield Finding(*match.span(), "" if name in companies else "HANDLE", (name,))


def own_handles(turns: Iterable[tuple[str, str]], agents: Collection[str]) -> set[str]:
    """The company's handles: those of the agents, those that sound like one, and those that customers turn to."""
    own = {agent.casefold().lstrip("@").partition("/")[0] for agent in agents}
    addressed: dict[bool, set[str]] = {True: set(), False: set()}
    for role, text in turns:
        names = [match[0][1:].casefold() for match in _HANDLE.finditer(text)]
        if role == "customer":
            own |= {name for name in names if _COMPANY.search(name) and sum(map(str.isdigit, name)) < 4}
        if names and text.lstrip(" .").startswith("@"):
            addressed[role == "customer"].add(names[0])
    return own | {name for name in addressed[True] - addressed[False] if sum(map(str.isdigit, name)) < 2}


def logins(seen: str, asked: bool) -> Iterator[Finding]:
    """User names with a digit or an underscore, after the word for it or as the answer to the question."""
    pattern, group = (_LOGIN_ANSWER, 0) if asked else (_LOGIN, "name")
    for match in pattern.finditer(seen):
        yield Finding(*match.span(group), "HANDLE", (match[group].casefold(),))
