"""Numbers with letters in them, and short ones after the word for them: orders, references, papers, IBANs."""

import re
from collections.abc import Collection, Iterator
from itertools import chain

from coach.redaction.finding import Finding
from coach.redaction.lexicon import is_word
from coach.redaction.numbers import UNIT, is_amount
from coach.redaction.words import one_of

_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?:[ -]?[A-Z\d]){11,34}", re.IGNORECASE)
# ISO 13616: the length of each country's IBAN.
_LENGTHS = dict(
    re.findall(
        r"([A-Z]{2})(\d\d)",
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23"
        "GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21MC27MD24ME22MK19MR27MT31MU30NL18"
        "NO15PK24PL28PS29PT25QA29RO24RS22SA24SE24SI19SK24SM27TN24TR26UA29VA22VG24XK20",
    )
)
_BANK = re.compile(
    r"""(?i:\bsort[ ]?-?code\w*)[\s:#-]{0,3}(?:is\s)?(?P<sort>\d\d[ -]?\d\d[ -]?\d\d)(?!\d)
    | (?i:\b(?:swift|bic)(?:[ /](?:swift|bic|code))*)[\s:]{0,3}(?:is\s)?(?P<bic>[A-Z]{6}[A-Z\d]{2}(?:[A-Z\d]{3})?)(?!\w)
    | (?<!\w)(?P<ifsc>[A-Z]{4}0[A-Z\d]{6})(?!\w)
    | (?<![\w.-])(?P<upi>[\w.-]{3,40}@(?:upi|ok(?:axis|hdfcbank|icici|sbi)|ybl|ibl|axl|paytm|apl))(?![\w.])""",
    re.VERBOSE,
)

_NOUN = rf"(?:{one_of('numbered')}|number)"
_STRONG = re.compile(r"order|ticket|case|invoice|booking|reservation|ref|claim|policy|acc|ext|po|conf|pnr|rec", re.I)
_MARK = r"(?:\.(?=[ ])|[ -]?(?:numbers?|num|no\.?|nr\.?|nbr|id|code|ref(?:erence)?|key)(?!\w)|[ ]?\#)"
_CUED = re.compile(
    rf"""(?<![\w-])(?<!(?:part|item|room|gate)[ ])(?<!model[ ])(?<!flight[ ])(?P<noun>{_NOUN})(?P<mark>{_MARK}*)
    (?P<link>(?:[ ](?:i|you|we|they)(?:'ve|[ ]have)?[ ]\w+(?:[ ]me)?(?=[ ](?:is|was)))?
      (?:[ ]?(?:is|was|are|it's|its|for|being)(?!\w)|\s?[:=]|[ ][–-])*)
    [\s(]{{0,3}}\#?(?P<value>[A-Z\d]+(?:(?:[-/_]|\.(?=\d))[A-Z\d]+)*+)(?!['’]\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_HASH = re.compile(r"(?<![\w&])#(?P<value>\d{4,}(?!\w)|(?=(?:[A-Z-]{0,9}\d){5})[A-Z\d]+(?:-[A-Z\d]+)*+)", re.IGNORECASE)
_LISTED = re.compile(r",? (?:and |& )?(?P<value>(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{5,9})(?!\w)")
_LAST_FOUR = re.compile(
    r"\b(?:end(?:ing|s|ed)(?:\s(?:in|with))?|last\s(?:four|4)(?:\s(?:digits|numbers|of\s\w+(?:\s\w+)?))*(?:\s(?:are|is))?)"
    r"[\s:]{1,3}(?P<value>\d{3,4})(?![\w%]|[.,:/-]\d|\s?(?:years?|pm|am)\b)",
    re.IGNORECASE,
)
_GROUP = r"(?:[A-Z]{1,5}|[A-Z]{0,4}\d[A-Z\d]{0,6})(?:[ -](?:[A-Z]{1,3}|[A-Z\d]{1,4}|\d{1,7})){1,6}(?!\w|['’.:,/]\d)"
_GROUPED = re.compile(
    rf"(?i:(?<![\w-])(?:{_NOUN}|plate|vehicle|car|ni)(?:{_MARK})*"
    r"(?:[ ]?(?:is|was|it's|its)(?!\w)|\s?[:=])*)[\s:]{1,3}"
    rf"(?P<value>{_GROUP})"
)
_GROUPED_ANSWER = re.compile(rf"(?<![\w£$€-])(?P<value>{_GROUP})")
_ANSWER = re.compile(
    r"(?<![\w£$€¥₹₦₱#.:/()+-])(?<!\d )(?<!\) )(?<!\d,)"
    r"(?:\d{3,4}(?![-/]\d)|(?=[a-z/-]*\d)(?=[\d/-]*[a-z])[a-z\d]+(?:[-/][a-z\d]+)*|\d{2,6}(?:[-/]\d{2,6})+)"
    r"(?![\w%]|[-.,:/]\w)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?<![\w@.,:'’-])[A-Z\d]++(?:[-/][A-Z\d]++)*+(?![\w@])", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_MEASURE = re.compile(
    r"""\d+(?:st|nd|rd|th|am|pm|[kmgt]i?b|[kmg]?bps|[kmg]?hz|k?wh?|mah|[mck]?m|m?l|[km]?g|lbs?|oz|ft|in|x|p|v|k|fps|mp
    |px|h|hrs?|hours?|mins?|s|secs?|d|days?|weeks?|yrs?|years?|months?|rs|usd|eur|gbp|inr|miles?|units?|points?|p\d+fps)
    | \d+x\d+(?:x\d+)?\w{0,4} | fy\d{2,4} | 0x[\da-f]+ | kb\d{6,7} | v\d{1,3} | \d{1,2}[a-z]{3,9} | [nr]\d{2,6}
    | (?:rs|usd|eur|gbp|inr|kes|ksh|ngn
    |php|aed|rm|rp)\d+ | \d{4}-\d\d-\d\dt\d\d""",
    re.VERBOSE | re.IGNORECASE,
)
_MODEL_PART = re.compile(r"[a-z]+|\d{1,4}|[a-z]{3,4}\d|\d{4,5}[a-z]{1,3}", re.IGNORECASE)
_MAC = re.compile(r"(?<![\w:-])(?:[\da-f]{2}[:-]){5}[\da-f]{2}(?![\w:-])", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}-[a-z]{3,9}(?:-\d{2,4})?", re.IGNORECASE)
_DATE_LIKE = re.compile(r"\d{1,2}[-/]\d{1,2}(?:[-/](?:\d\d)?\d\d)?|\d{4}[-/]\d\d[-/]\d\d|24[-/]7")
_ISSUED = re.compile(rf"{one_of('issued')}-?\d{{3,}}[\w/-]*", re.IGNORECASE)
_PAPERS = re.compile(r"[A-Z]{5}\d{4}[A-Z]")
_NOT_SOMEBODYS = re.compile(
    r"\b(?:model|type|version|build|firmware|error|code|flight|size|part|product|sku)\W{0,3}$", re.IGNORECASE
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_MORE = re.compile(r"[ .,:/-]?\d|\s?[ap]\.?m\b")
_NO_ANSWER = re.compile(
    r"\b(?:than|under|over|about|around|costs?|paid|max\w*|least|most|below|above|up to|only|for|since|in|http|from"
    r"|jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*)\s$",
    re.IGNORECASE,
)


def bank_numbers(seen: str) -> Iterator[Finding]:
    """Sort codes, BICs, IFSC codes and UPI addresses."""
    for match in _BANK.finditer(seen):
        yield _finding(match, match.lastgroup or 0, "ACCOUNT")


def ibans(seen: str) -> Iterator[Finding]:
    """IBANs whose length and check digits are right."""
    for match in _IBAN.finditer(seen):
        length = int(_LENGTHS.get(match[0][:2].upper(), "0"))
        end = _end_of(match[0], length)
        letters = re.sub(r"[ -]", "", match[0][:end]).upper()
        if length and len(letters) == length and _mod97(letters):
            yield Finding(match.start(), match.start() + end, "IBAN", (letters.casefold(),))


def _end_of(text: str, length: int) -> int:
    """Where the first `length` letters and digits end."""
    places = [place for place, char in enumerate(text, 1) if char.isalnum()]
    return places[length - 1] if 0 < length <= len(places) else 0


def _mod97(letters: str) -> bool:
    """The check of ISO 7064: letters as numbers from 10, the first four characters last."""
    return int("".join(str(int(char, 36)) for char in letters[4:] + letters[:4])) % 97 == 1


def named_codes(seen: str) -> Iterator[Finding]:
    """What stands after the word for it: order 4471, booking X7K2PQ, card ending in 1234."""
    matches = [match for match in _CUED.finditer(seen) if _is_named(seen, match)]
    matches += [match for match in _GROUPED.finditer(seen) if _has_digits(match)]
    for match in matches:
        following = _LISTED.match(seen, match.end("value"))
        matches += [following] if following else []
    for match in chain(matches, _LAST_FOUR.finditer(seen), _HASH.finditer(seen)):
        yield _finding(match, "value", "NUMBER")


def _is_named(seen: str, match: re.Match[str]) -> bool:
    value, noun, marked = match["value"], match["noun"], bool(match["mark"])
    digits = sum(map(str.isdigit, value))
    if value.isdigit():
        named = marked or ((match["link"] or (len(value) == 4 and _STRONG.match(noun))) and not _YEAR.fullmatch(value))
        return 3 <= digits <= 4 and bool(named) and not _goes_on(seen, match.end())
    if not digits:
        return (
            bool(_STRONG.match(noun))
            and len(value) == 6
            and value.isupper()
            and (noun.casefold() == "pnr" or not is_word(value))
        )
    if _MEASURE.fullmatch(value) or not any(map(str.isalpha, value)):
        return False
    return len(value) >= 4 if marked else digits >= 3 or (value.isupper() and len(value) >= 5)


def codes(seen: str, asked: Collection[str]) -> Iterator[Finding]:
    """Letters and digits that can only be somebody's, and where a number was asked for, any."""
    wanted = {"NUMBER", "ACCOUNT"} & set(asked)
    for match in _TOKEN.finditer(seen) if _DIGIT.search(seen) else ():
        if not (any(map(str.isdigit, match[0])) and any(map(str.isalpha, match[0]))):
            continue
        if _is_code(seen, match):
            yield _finding(match, 0, "NUMBER")
        elif _is_model(match[0]) and not (wanted and "-" in match[0] and not _DATE.fullmatch(match[0])):
            yield Finding(*match.span())
    for match in _MAC.finditer(seen):
        yield _finding(match, 0, "NUMBER")
    for match in _GROUPED_ANSWER.finditer(seen) if wanted else ():
        if _has_digits(match) and any(map(str.isalpha, match["value"])):
            yield _finding(match, "value", "NUMBER")
    kind = "ADDRESS" if "ADDRESS" in asked and not wanted else "NUMBER"
    for match in _ANSWER.finditer(seen) if asked else ():
        amount = is_amount(seen, *match.span()) or _NO_ANSWER.search(seen, max(0, match.start() - 15), match.start())
        is_short = len(match[0]) < 4 and not match[0].isdigit()
        if not (
            amount
            or is_short
            or _MEASURE.fullmatch(match[0])
            or _DATE_LIKE.fullmatch(match[0])
            or _goes_on(seen, match.end())
        ):
            yield _finding(match, 0, kind)


def _has_digits(match: re.Match[str]) -> bool:
    return sum(map(str.isdigit, match["value"])) > 1


def _goes_on(seen: str, end: int) -> bool:
    """Whether more digits or a unit follow."""
    return bool(_MORE.match(seen, end) or UNIT.match(seen, end))


def _is_code(seen: str, match: re.Match[str]) -> bool:
    token = match[0]
    digits = re.findall(r"\d+", token)
    if _ISSUED.fullmatch(token) or _PAPERS.fullmatch(token):
        return True
    if _is_model(token):
        return False
    is_long = len(token) >= 10 and len(digits) >= 3
    many = max(map(len, digits)) >= 5 or sum(map(len, digits)) >= 6 or is_long
    return many and not _NOT_SOMEBODYS.search(seen, max(0, match.start() - 20), match.start())


def _is_model(token: str) -> bool:
    """Whether it is a measure, a date or made of parts as the names of models are: i7-12700K, DDR5-6000."""
    if _MEASURE.fullmatch(token) or _DATE.fullmatch(token) or re.match(r"i[3579]-", token, re.IGNORECASE):
        return True
    parts = re.split(r"[-/]", token)
    short = max(map(len, re.findall(r"\d+", token)), default=0) < 5
    return short and all(_MEASURE.fullmatch(part) or _MODEL_PART.fullmatch(part) for part in parts)


def _finding(match: re.Match[str], group: str | int, kind: str) -> Finding:
    return Finding(*match.span(group), kind, (re.sub(r"[\W_]", "", match[group]).casefold(),))
