"""Where somebody can be reached or traced on the net: e-mail addresses, links, handles, IP addresses."""

import re
from collections.abc import Collection, Iterable, Iterator
from ipaddress import ip_address
from itertools import pairwise

from coach.redaction.finding import Finding
from coach.redaction.lexicon import is_listed, is_name, is_word, never, usual
from coach.redaction.words import one_of

# The look-behind has a run of such characters tried once, not from each of them: linear time. Addresses that
# are run together count as one, or redacting again would find the second.
_EMAIL = re.compile(r"(?<![\w.+%-])(?:\w['’])?(?:[\w.+%-]++@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,})+")
_PROVIDERS = r"(?:g(?:oogle)?mail|hotmail|yahoo|outlook|icloud|aol|proton(?:mail)?|live|gmx|rediffmail|ymail|msn|zoho)"
_END = one_of("mail_ends")
_GAP, _MAYBE_GAP = r"[ \t]{1,3}", r"[ \t]{0,3}"
_VEILED = re.compile(
    rf"""(?<![\w.+-])(?:
    [\w.+-]++{_MAYBE_GAP}[(\[{{]{_MAYBE_GAP}at{_MAYBE_GAP}[)\]}}]{_MAYBE_GAP}[\w-]++
        (?:(?:\.|{_MAYBE_GAP}[(\[{{]{_MAYBE_GAP}dot{_MAYBE_GAP}[)\]}}]{_MAYBE_GAP}|{_GAP}dot{_GAP}){_END}\b)+
  | [\w.+-]++{_MAYBE_GAP}@{_MAYBE_GAP}[\w-]++(?:(?:{_GAP}dot{_GAP}|{_MAYBE_GAP}[.,]{_MAYBE_GAP}){_END}\b)+
  | [\w.+-]++{_MAYBE_GAP}@{_MAYBE_GAP}{_PROVIDERS}(?:[ ](?:com|co[ ]uk|net|de))?(?![\w.-])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SAID = {"dot": ".", "point": ".", "underscore": "_", "dash": "-", "hyphen": "-", "minus": "-", "plus": "+", "at": "@"}
_JOINT = r"(?:dot|point|underscore|dash|hyphen|minus|plus)"
_DIGIT = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{2,5}teen|\w{3,5}ty|double|\d{1,6})"
)
_SPOKEN = re.compile(
    rf"(?<![\w.+-])[\w.+-]++{_GAP}at{_GAP}"
    rf"(?:{_PROVIDERS}(?!{_GAP}dot|[\w.-])"
    rf"|(?:(?:g|hot|yahoo|rocket)[ ]mail|[\w-]{{2,}}+(?:{_GAP}(?:dash|hyphen){_GAP}[\w-]+)*?)"
    rf"(?:{_GAP}dot{_GAP}[\w-]+)*?(?:{_GAP}dot{_GAP}|\.){_END}"
    rf"(?:{_GAP}dot{_GAP}{_END})?)(?!\w)",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:(?<=mail is )|(?<=mail's )|(?<=mail address is )|(?<=mail it's )|(?<=mail its ))[\w ,.+-]{{1,60}}$"
    rf"|(?<![\w'’])(?:(?:[\w.+-]+{_GAP}{_JOINT}|[a-z]|{_DIGIT}){_GAP})+$",
    re.IGNORECASE,
)

_MAIL_IS = re.compile(r"mail\b[^.!?\n\0@]{0,60}$", re.IGNORECASE)
_NO_LOCAL = (
    r"(?:is|its|it['’]?s|to|that['’]?s|as|and|or|me|my|use|yes|yeah|sure|ok|mail|e-?mail|address|under|be|um|uh|erm?)"
)
_WORDS_BEFORE = re.compile(rf"(?<![\w.+'’-])(?:(?!{_NO_LOCAL}{_GAP})[\w.+-]+{_GAP}){{1,5}}$", re.IGNORECASE)

_URL = re.compile(
    r"(?<![\w@.])(?:[a-z][a-z\d+-]{1,20}://|www\.)[^\s<>\"'\0]{3,}+"
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
_PROFILE = re.compile(
    r"(?:^|[/.])(?:facebook|fb|instagram|twitter|x|tiktok|t|wa|linkedin|github|reddit|youtube|paypal)\.(?:com|me)/"
    r"(?:in/|u/|user/|@|people/)?(?!(?:help|support|legal|pages|groups|watch|share|status|settings|login)(?:/|$))[\w.@+-]{4,}/?$",
    re.IGNORECASE,
)
_HELP = re.compile(r"help|support|faq|/kb/|articles?/|guide", re.IGNORECASE)
_WITH_USER = re.compile(r"[\w+-]+://[^/@]+:[^/@]*@")
_LONG_LINK = 300

_HANDLE = re.compile(r"(?<![\w@.])@(?!\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]m)?\b)\w(?:[\w.-]*\w)?", re.ASCII | re.IGNORECASE)
_LOGIN = re.compile(
    r"""\b(?:(?:user[ ]?-?(?:name|id)|log-?in(?:[ ](?:id|name))?|screen[ ]?name|handle|gamer[ ]?tag|skype|telegram
    |discord    |insta(?:gram)?|snap(?:chat)?|twitter|tiktok|tik[ ]tok|facebook|linkedin|nick(?:name)?|psn|xbox|steam
    |account[ ]name|profile|user|goes[ ]by|fb|ig|wechat|viber|twitch|reddit|roblox|ign)
    (?:[ ](?:id|name|handle|user|account|tag|profile))?
    (?P<link>(?:\s?(?:\bis|\bwas|\bas|[:=-]|'s|\bit's|\bits)(?!\w))*)
    | (?:signed|logged|registered|log|sign)[ ]?(?:in|on|up)?[ ](?P<as>as)
    )
    \s{1,3}["“'‘]?(?P<name>@?[a-z\d](?:[\w.:-]*\w)?(?:\#\d{4})?)(?![\w@])""",
    re.VERBOSE | re.IGNORECASE,
)
_LOGIN_ANSWER = re.compile(
    r"(?<![\w.@-])(?!\d+(?:st|nd|rd|th|[ap]m|h\d*)\b)(?=[\d_.-]*[a-z])"
    r"(?=[a-z-]*[\d_]|[a-z]+\.[a-z\d]+(?:[ ,;!?]|\.?\s|\.?$))\w[\w.-]*\w(?:#\d{4})?",
    re.IGNORECASE,
)
_LOGIN_ONLY = re.compile(r"(?:(?:it'?s|sure|yes|ok|its)[ ,]+){0,2}(?P<name>[a-z\d][\w.-]{2,30})[.!]?\s*", re.IGNORECASE)
_LOGIN_TOLD = re.compile(
    r"\b(?:mine is|mine'?s|account is|has|had|uses?|it'?s)[ ](?P<name>[a-z][\w.-]{2,29}\w)(?=[,.;!? ]|$)", re.IGNORECASE
)
_SAID_HANDLE = re.compile(
    rf"(?<![\w@])(?:at[ ](?:the[ ])?)?[a-z]\w*(?:[ ](?:underscore|under[ ]score|dot|dash|hyphen)[ ]\w+)*?"
    rf"[ ]under[ ]?score[ ](?:(?:{_JOINT}[ ])?(?:{_DIGIT}|[a-z]\w*(?=[ ]{_JOINT}))[ ])*+(?:{_JOINT}[ ])?\w+"
    rf"(?:[ ]{_DIGIT}(?!\w))*+",
    re.IGNORECASE,
)
_WITH_PASSWORD = re.compile(r"[ ,;/]{1,3}(?:and )?(?:pass|pw)", re.IGNORECASE)
_LOGIN_SHAPE = re.compile(r"\d|_|[a-z][A-Z]|\w[.:-]\w|#")
_ON_SITE = re.compile(
    r"(?:\b(?:i'?m|i am|me|as|is|and)|,) (?P<name>[a-z][\w.]{3,30}) on (?:instagram|insta|tiktok|twitter|x|snapchat"
    r"|telegram|discord|twitch|youtube|facebook|linkedin|reddit)\b",
    re.IGNORECASE,
)
_TAGGED = re.compile(
    r"(?<![\w@./-])[a-z\d]+(?:_[a-z\d]+)+_?(?![\w@/-]|\.\w)|(?<![\w/])(?:/?u/[\w-]{3,20}|[a-z][\w.]{1,30}#\d{4}(?!\d))",
    re.IGNORECASE,
)

_COMPANY = re.compile(
    r"(?i:help|support|cares?$|care_|_care|service|team|official|assist|customer|^@ask|app$|bank|airlines?|airways|mobile"
    r"|telecom|store$|hq$|_(?:uk|us|usa|india)$|tweets$|express|energy|games)|[a-z](?:UK|USA?|India)$"
)
_TURNED_TO = re.compile(r"\s*\.?(?:@\w[\w.-]*\w\s+)+")
_POINTED_AT = re.compile(
    r"\b(?:follow|contact|message|tweet|tag|ask|dm|via|visit|at|from|with|check)(?: us)?(?: at| on)? @(\w+)", re.I
)

_IP = re.compile(
    r"(?<![\w.:])(?:(?P<v4>\d{1,3}(?:\.\d{1,3}){3})(?!\w|\.\d)(?::\d{2,5}(?!\d)|/\d\d?(?!\d))?"
    r"|(?P<v6>(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?![\w:])(?:%\w{1,10}|/\d{1,3}(?!\d))?)",
    re.IGNORECASE,
)
_SAID_DIGIT = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w{3,6}teen|\w{3,5}ty)"
_IP_DIGIT = rf"(?:{_SAID_DIGIT}(?:[ -](?:hundred|and|{_SAID_DIGIT})){{0,4}}|\d{{1,3}})"
_SAID_IP = re.compile(rf"(?<!\w){_IP_DIGIT}(?:[ ](?:dot|point)[ ]{_IP_DIGIT}){{3}}(?!\w)", re.IGNORECASE)
_NO_IP = re.compile(r"(?:version|firmware|build|release|update|driver|\bv|mask|subnet)[\s:.]*(?:is\s)?$", re.IGNORECASE)


def links(seen: str) -> Iterator[Finding]:
    """Links with a token or somebody's own page go; help links stay, with the numbers in them."""
    for match in _URL.finditer(seen):
        link = match[0].rstrip(".,;:!?)]}*")
        yield Finding(match.start(), match.start() + len(link), "URL" if _is_personal(link) else "", (link,))


def _is_personal(link: str) -> bool:
    parts = re.split(r"[/?#]", link)[1:]
    own = (_OWN_PAGE.search(link) and not _HELP.search(link)) or _WITH_USER.match(link)
    return (
        len(link) > _LONG_LINK
        or bool(own or _QUERY.search(link) or _PROFILE.search(link))
        or any(map(_is_random, parts))
    )


def _is_random(part: str) -> bool:
    """Long, and changing often between digits, capitals and small letters."""
    pairs = [(one, other) for one, other in pairwise(part) if (one + other).isalnum()]
    changes = sum(one.isdigit() != other.isdigit() for one, other in pairs)
    cases = sum(one.isupper() != other.isupper() for one, other in pairs)
    return len(part) >= 16 and (changes >= 4 or (changes > 0 and changes + cases > len(part) // 3))


def emails(seen: str) -> Iterator[Finding]:
    for match in _EMAIL.finditer(seen):
        yield Finding(*match.span(), "EMAIL", (match[0].casefold(),))


def veiled_emails(seen: str) -> Iterator[Finding]:
    """E-mail addresses written as jane (at) gmail.com or jane @ gmail dot com."""
    for match in _VEILED.finditer(seen):
        written = re.sub(r"[(\[{ \t]+(at|dot)[)\]} \t]+", lambda sign: _SAID[sign[1].lower()], match[0], flags=re.I)
        yield Finding(*match.span(), "EMAIL", (re.sub(r"\s", "", written).casefold(),))


def spoken_emails(seen: str, asked: bool) -> Iterator[Finding]:
    """E-mail addresses as they are said: jane dot smith at gmail dot com; where asked for, of several words."""
    last = 0
    for match in _SPOKEN.finditer(seen) if " at " in seen.lower() else ():
        before = _BEFORE.search(seen, max(last, match.start() - 120), match.start())
        if not before and (asked or _MAIL_IS.search(seen, max(last, match.start() - 120), match.start())):
            before = _WORDS_BEFORE.search(seen, max(last, match.start() - 60), match.start())
        start = before.start() if before else match.start()
        last = match.end()
        yield Finding(start, last, "EMAIL", (_written(seen[start:last]),))


def _written(said: str) -> str:
    return "".join(_SAID.get(word, word) for word in said.casefold().split())


def ip_addresses(seen: str) -> Iterator[Finding]:
    """Of versions 4 and 6, with port or mask, written or said; no version numbers and no masks."""
    for match in _IP.finditer(seen):
        address = match["v4"] or match["v6"]
        is_ip = not _NO_IP.search(seen, max(0, match.start() - 20), match.start()) and _is_ip(address)
        if is_ip or match["v4"]:
            yield Finding(*match.span(), "IP" if is_ip else "", (address.casefold(),))
    for match in _SAID_IP.finditer(seen) if " dot " in seen or " point " in seen else ():
        yield Finding(*match.span(), "IP", (match[0].casefold(),))


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
    """The company's handles: those of the agents, those that sound like one, and those that are turned to."""
    own = {agent.casefold().lstrip("@").partition("/")[0] for agent in agents}
    customers: set[str] = set()
    is_first = True
    for role, text in turns:
        names = [match[0] for match in _HANDLE.finditer(text)]
        opening = _TURNED_TO.match(text)
        leading = {name[1:].casefold() for name in names if opening and text.find(name) < opening.end()}
        if role == "customer":
            own |= {name[1:].casefold() for name in names if _COMPANY.search(name) and sum(map(str.isdigit, name)) < 4}
            own |= {name[1:].casefold() for name in names if _is_of_words(name[1:])}
            own |= {name for name in leading if is_first and sum(map(str.isdigit, name)) < 2}
            is_first = False
        else:
            own |= {name.casefold() for name in _POINTED_AT.findall(text) if sum(map(str.isdigit, name)) < 2}
            customers |= leading
    return own - customers


def _is_of_words(name: str) -> bool:
    """BritTrains, ConsumerWatch: of words with capitals that are no names."""
    parts = re.findall(r"[A-Z][a-z]+", name)
    return len(parts) > 1 and "".join(parts) == name and all(is_word(part) and not is_listed(part) for part in parts)


def logins(seen: str, asked: bool) -> Iterator[Finding]:
    """User names after the word for them, or as the answer to the question; a plain word only where it is linked."""
    spans = [match.span("name") for match in _LOGIN.finditer(seen) if _is_login(match)]
    spans += [match.span() for match in _TAGGED.finditer(seen) if "_" not in match[0] or _is_joined_name(match[0])]
    spans += [match.span("name") for match in _ON_SITE.finditer(seen) if not is_word(match["name"])]
    if asked:
        only = _LOGIN_ONLY.fullmatch(seen)
        spans += [only.span("name")] if only and not never(only["name"]) else []
        spans += [match.span() for match in _LOGIN_ANSWER.finditer(seen) if not match[0].isupper()]
        spans += [match.span("name") for match in _LOGIN_TOLD.finditer(seen) if not is_word(match["name"])]
    if "under" in seen.lower():
        spans += [match.span() for match in _SAID_HANDLE.finditer(seen)]
    for start, end in spans:
        yield Finding(start, end, "HANDLE", (seen[start:end].casefold().lstrip("@"),))


def _is_login(match: re.Match[str]) -> bool:
    name = match["name"]
    if match["as"] and len(name) > 4 and not is_word(name):
        return True
    if _LOGIN_SHAPE.search(name):
        return not name.replace(":", "").replace(".", "").isdigit()
    paired = _WITH_PASSWORD.match(match.string, match.end())
    return bool((match["link"] or paired) and not is_word(name) and len(name) > 3)


def _is_joined_name(token: str) -> bool:
    """Whether it is a user name such as jdoe_77 or eva_stone, and no error_code."""
    parts = [part for part in re.split(r"[_\d]+", token) if part]
    if token.isupper():
        return False
    if any(map(str.isdigit, token)):
        return (bool(parts) and token.islower() and not all(map(is_word, parts))) or any(
            is_name(p) and not usual(p) for p in parts
        )
    return any(is_name(part) and not usual(part) for part in parts)
