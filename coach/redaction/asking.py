"""What a turn asks for, so that the bare answer can be told for what it is."""

import re
from collections.abc import Sequence

from coach.conversation import Role

_YOUR = r"(?:your|the|ur|their|his|her|its|customer'?s?|holder'?s?|caller'?s?|passenger'?s?|a)"
_ASKS = {
    "NAME": rf"""\b{_YOUR}\s(?:[\w'&/,-]+\s){{0,5}}?(?:names?|surname)\b(?!\s(?:is|was|has|of)\b)
        | \bwho(?:m|se)?\b[^.!?\n]{{0,40}}\b(?:speak|talk|chat|am\si|i\shave|i'm|is\sthis|are\syou|calling
            |on\sthe\sline)
        | \b(?:full|first|last|family|second|maiden|contact|beneficiary|passenger|cardholder)[ ]names?\b | \bsurname\b
        | \bname,?\splease | \b(?:which|what)\sname\b | \b(?:and|under)\s(?:your|what)\sname | \bname\s(?:on|for|and)\b
        | \bhow\b[^.?\n]{{0,20}}\bspel
        | \bcontact\sperson\b | \baccount\sholder\b | \bwhat(?:'s|\sis|\sshould)\b[^.?\n]{{0,30}}\b(?:called|call\syou)
        | \bprovide\s(?:me\s)?(?:\w+\s){{0,3}}names?\b""",
    "DOB": r"\b(?:date\s?of\s?birth|birth\s?-?da(?:te|y)|d\.?o\.?b)\b|\bborn\b | \bbirth\syear\b",
    "ADDRESS": r"""(?<!e-mail\s)(?<!email\s)(?<!mail\s)(?<!ip\s)(?<!mac\s)\b(?:address|post\s?code|zip|postal\scode
        | pin\s?code | (?:house|flat|door|building|unit)\s(?:number|name)
        | where\b[^.?!]{0,40}\b(?:live|send|sent|deliver\w*|ship\w*|post\w*|go|going|collect|based|located)
        | street)\b""",
    "SECRET": r"""\b(?:pin|password|pass\s?code|pass\s?phrase|otp|cvv2?|cvc2?
        | security\s(?:code|answer|question|word|phrase)
        | memorable\s(?:word|information)|one[- ]time|verification\scode|code\s(?:we|i|you|that|sent)
        | (?:sent|texted|mailed)\s(?:you\s|u\s)?(?:a|the|your)\s(?:[\w-]+\s){0,2}code
        | (?:what|which)(?:'s|\sis)\sthe\scode|secret\s\w+|maiden\sname|first\s(?:pet|school|car)
        | digits\son\sthe\sback)\b""",
    "WORD": r"""\b(?:what|which|tell|give|enter|confirm|provide|type|your)\b[^.?!]{0,30}\b(?:memorable\sword|password
        | pass\s?code | pass\s?phrase | secret\sword | security\s(?:answer|word|question|phrase))
        | \bmother'?s\smaiden\b | \bmaiden\sname\b
        | \b(?:first|favou?rite|childhood)\s(?:pet|school|car|teacher|street|friend|book|film|movie|team|colou?r|job)\b
        | \bcity\s(?:were\syou|you\swere)\sborn\b""",
    "PHONE": r"""\b(?:phone|mobile|cell(?:phone)?|telephone|contact\snumber|call\s?back\snumber|number\s(?:to|you)
        |reach\syou)""",
    "ACCOUNT": r"\b(?:account|acct|bank|routing|sort\scode|iban)\b",
    "NUMBER": r"""\b(?<!model\s)(?<!version\s)(?<!part\s)(?:numbers?
        | no\.|reference|ref|id|digits?|serial|imei|code|passport|licen[cs]e|ssn|policy|ticket
        | booking|order|tracking|plate|pnr)\b""",
    "LOGIN": r"""\b(?:user\s?-?(?:name|id)|log-?in(?:\sname|\sid)?|handle|screen\s?name|gamer\s?tag|psn\sid
        | account\sname | (?:which|whose|what)\s(?:account|profile|channel|page)|profile\sname|(?:in-?game|ign)\b)""",
    "EMAIL": r"\be-?mail\b",
}
# Such a turn, "right" or "and yours?", leaves the question before it open.
_FEW_WORDS = 3
_SHORT = 12
_PATIENT = frozenset(("DOB", "SECRET", "PHONE", "ACCOUNT"))
_DIGIT = re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|oh)\b", re.I)
_TELLS = re.compile(r"\b(?:your|the|a)\s(?:[\w-]+\s){0,3}(?:pin|code|pass\s?code|password)\b", re.I)
_SAME_AGAIN = re.compile(r"(?:ok\w*|thanks|right|great)?\W*and (?:for|of|what about|how about) (?:\w+ ?){1,4}\?", re.I)
_QUESTION = re.compile(
    r"""\?|\b(?:may|can|could|please|pls|plz|what|whats|which|who|whom|need|give|provide|confirm|tell|share|enter|type
    |send|verify|kindly|dm|state|have|take|grab|get|got|spell|and|let|help\sme\swith)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.?!\n]+(?:[.?!\n]+|$)")
_KINDS = tuple((kind, re.compile(pattern, re.VERBOSE | re.IGNORECASE)) for kind, pattern in _ASKS.items())


def answered(roles: Sequence[Role], texts: Sequence[str]) -> list[frozenset[str]]:
    """For each turn, what the other side asked for since it last gave the word."""
    asks: dict[bool, frozenset[str]] = {True: frozenset(), False: frozenset()}
    last = None
    before = ""
    found = []
    for role, text in zip(roles, texts, strict=True):
        is_customer = role == "customer"
        found.append(asks[not is_customer])
        if role != "system":
            words = len(text.split())
            goes_on = last == is_customer or words <= _FEW_WORDS or bool(_SAME_AGAIN.match(text))
            unanswered = words <= _SHORT and not _DIGIT.search(before)
            still = asks[is_customer] if goes_on else asks[is_customer] & _PATIENT if unanswered else frozenset[str]()
            asks[is_customer] = asked(text) or still
            if last != is_customer:
                before = ""
            before += text
            last = is_customer
    return found


def asked(text: str) -> frozenset[str]:
    """The kinds that the text's questions ask for; where these name none, those that the text names."""
    if not _QUESTION.search(text):
        return frozenset(("SECRET",)) if _TELLS.search(text) else frozenset()
    questions = " ".join(filter(_QUESTION.search, _SENTENCE.findall(text)))
    return _kinds_in(questions) or _kinds_in(text)


def _kinds_in(text: str) -> frozenset[str]:
    return frozenset(kind for kind, pattern in _KINDS if pattern.search(text))
