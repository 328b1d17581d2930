"""Writes conversations.jsonl: the 80 conversations of written.txt and 80 made from the frames and lists of frames.toml.

Both use one markup: {n:Ana Ruiz} is personal data, {$:£20} a look-alike that stays, and what stands before the colon
says what it is (PERSONAL, KEPT; {=anything:…} is a look-alike of any other sort). In frames, <slot> is filled from the
lists. Run: python tests/redaction/generate.py
"""

import json
import random
import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LISTS: dict[str, Any] = tomllib.loads((HERE / "frames.toml").read_text(encoding="utf-8"))
PERSONAL = {
    **{"n": "name", "e": "email", "p": "phone", "c": "card", "b": "bank", "a": "address", "#": "number"},
    **{"d": "dob", "u": "url", "h": "handle", "i": "ip", "s": "secret"},
}
KEPT = {
    **{"$": "price", "q": "quantity", "t": "time", "dt": "date", "yr": "year", "pr": "product", "v": "version"},
    **{"pl": "place", "co": "company", "er": "error code", "ln": "public link", "ph": "placeholder"},
    **{"@": "agent name", "ch": "company handle", "w": "word that is also a name"},
}
MARK = re.compile(r"\{([a-z#$@]{1,2}|=[a-z ]+):([^{}]+)\}")
CHANNELS = ["chat", "chat", "phone", "chat", "email", "chat", "twitter", "chat"]
SHARES = {
    **{"card": 8, "url": 12, "bank": 5, "ip": 5, "secret": 5, "dob": 7, "handle": 4},
    **{"email": 4, "phone": 4, "address": 4, "number": 4},
}
WORDS: dict[str, list[str]] = LISTS["words"]
DIGITS, TEENS, TENS, MONTHS, ORDINALS, NATO = WORDS.values()
AFTER_Z = "\u0371"  # names with letters beyond Latin are not in phone transcripts
Marked = tuple[str, str]  # role, marked text


def parse(text: str) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
    """The plain text of a marked turn, its personal pieces and the look-alikes that stay, with offsets."""
    plain, last = "", 0
    personal: list[dict[str, Any]] = []
    kept: list[dict[str, Any]] = []
    for mark in MARK.finditer(text):
        plain += text[last : mark.start()]
        code, value = mark.groups()
        place = {"start": len(plain), "end": len(plain) + len(value)}
        if code in PERSONAL:
            personal.append(place | {"kind": PERSONAL[code]})
        else:
            kept.append(place | {"what": code[1:] if code[0] == "=" else KEPT[code]})
        plain, last = plain + value, mark.end()
    return plain + text[last:], personal, kept


def conversation(ident: str, channel: str, agent: str, customer: str | None, turns: list[Marked]) -> dict[str, Any]:
    """One line of the test set."""
    line: dict[str, Any] = {"id": ident, "channel": channel, "agent": agent, "customer": customer}
    line |= {"turns": [], "personal": [], "kept": []}
    for n, (role, marked) in enumerate(turns):
        text, personal, kept = parse(marked)
        line["turns"].append({"role": role, "text": text})
        line["personal"] += [{"turn": n} | piece for piece in personal]
        line["kept"] += [{"turn": n} | piece for piece in kept]
    return line


def written() -> list[dict[str, Any]]:
    """The conversations of written.txt."""
    lines = []
    for block in re.split(r"^== ", (HERE / "written.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, *said = block.strip().split("\n")
        ident, channel, agent, customer = (part.strip() for part in head.split("|"))
        turns = [({"A": "agent", "C": "customer"}[text[0]], text[3:].replace("\\n", "\n")) for text in said]
        lines.append(conversation(ident, channel, agent, None if customer == "-" else customer, turns))
    return lines


def outside(text: str, change: Callable[[str], str]) -> str:
    """A marked text with everything but its marked pieces changed."""
    return "".join(part if part.startswith("{") else change(part) for part in re.split(r"(\{[^{}]+\})", text))


def inside(text: str, change: Callable[[str, str], str]) -> str:
    """A marked text with its marked pieces changed, by what they are and what they say."""
    return MARK.sub(lambda mark: f"{{{mark[1]}:{change(mark[1], mark[2])}}}", text)


def plain_letters(name: str) -> str:
    """A name as in an address or a handle: lower case, a to z only."""
    for letter, in_ascii in {"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "ı": "i", "æ": "ae", "ð": "d"}.items():
        name = name.lower().replace(letter, in_ascii)
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", name))


def luhn(digits: str) -> bool:
    """Whether a card number's check digit is right."""
    total = sum(int(d) if i % 2 == 0 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(reversed(digits)))
    return total % 10 == 0


def iban_rest(iban: str) -> int:
    """The remainder of an IBAN by 97: 1 where its check digits are right."""
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97


def one_by_one(text: str) -> str:
    """A number or code as it is said: 'double four seven oh three', letters one by one."""
    said = []
    for run in re.finditer(r"([0-9])\1{0,2}|[a-z]", text.lower()):
        char = run[0][0]
        word = "oh" if char == "0" else DIGITS[int(char)] if char.isdigit() else char
        said.append(["", "double ", "triple "][len(run[0]) - 1] + word)
    return " ".join(said)


def in_words(number: int) -> str:
    """House numbers and years the way they are said: 'nineteen eighty two'."""
    if number < 20:
        return [*DIGITS, *TEENS][number]
    tens, ones = divmod(number % 100, 10)
    if number < 100:
        return TENS[tens - 2] + (f" {DIGITS[ones]}" if ones else "")
    if 2000 <= number < 2010:
        return "two thousand" + (f" and {DIGITS[ones]}" if ones else "")
    tail = "hundred" if not number % 100 else in_words(number % 100) if tens else f"oh {DIGITS[ones]}"
    return f"{in_words(number // 100)} {tail}"


@dataclass(frozen=True)
class Person:
    """An invented person: what they are called and where their numbers and addresses come from."""

    land: str
    first: str
    last: str
    full: str


def people() -> list[Person]:
    """Everybody in the lists."""
    everybody = []
    for land, names in LISTS["names"].items():
        for name in names:
            left, right = name.split("|")
            if name[0] == "=":  # family name first
                everybody.append(Person(land, right, left[1:].replace(right, "").strip() or left[1:], left[1:]))
            else:
                everybody.append(Person(land, left, right, f"{left} {right}"))
    return everybody


class Maker:
    """Fills the frames of one conversation; aloud, as they are said on the phone."""

    def __init__(self, rng: random.Random, cast: list[Person], agent: str, aloud: bool) -> None:
        self.rng, self.agent, self.aloud = rng, agent, aloud
        self.customer, self.third, self.other = cast
        self.company = rng.choice(LISTS["kept"]["co"])
        self.login = (
            self.handle_stem(self.customer) + rng.choice(["_", ".", "", "x"]) + rng.choice(["88", "1979", "tv"])
        )
        self.filled: dict[tuple[str, bool], str] = {}
        self.doctors = [rng.random() < 0.2, rng.random() < 0.2]

    def fill(self, frame: str) -> str:
        """A frame with its slots filled."""
        return re.sub(r"<([a-z$]+)(2?)>", lambda found: self.same_slot(found[1], bool(found[2])), frame)

    def same_slot(self, name: str, second: bool) -> str:
        """What stands for a slot: the same each time where it belongs to somebody."""
        if name in LISTS["kept"] or name == "url":
            return self.slot(name, second)
        if (name, second) not in self.filled:
            self.filled[name, second] = self.slot(name, second)
        return self.filled[name, second]

    def slot(self, name: str, second: bool) -> str:
        """What stands for one slot; second is for another of the same kind, of somebody else where that matters."""
        who = self.other if second else self.customer
        title = "Dr" if self.doctors[second] else "Ms" if who.first in LISTS["women"] else "Mr"
        fixed = {
            "agent": self.agent,
            "title": title,
            "login": self.login,
            "co": self.random_kept("co") if second else self.company,
        }
        fixed["cohandle"] = re.sub(r"[^A-Za-z]", "", self.company) + "Help"
        names = {
            **{"first": who.first, "last": who.last, "full": who.full, "third": self.third.first},
            **{"thirdfull": self.third.full, "other": self.other.first, "otherlast": self.other.last},
        }
        if name in fixed:
            return fixed[name]
        if name in names:
            return f"{{n:{names[name]}}}"
        if name in LISTS["kept"]:
            return self.random_kept(name)
        if name in LISTS["numbers"] or name == "id":
            return f"{{#:{self.number(name)}}}"
        if name in ("bank", "spelled"):  # marked already
            return self.bank() if name == "bank" else self.spelled()
        value = getattr(self, name)(*([who] if name in ("email", "handle") else []))
        return f"{{{next(code for code, kind in PERSONAL.items() if kind == name)}:{value}}}"

    def random_kept(self, code: str) -> str:
        """A look-alike."""
        aloud = LISTS["kept_aloud"].get(code) if self.aloud else None
        return str(self.rng.choice(aloud or LISTS["kept"][code]))

    def shaped(self, shape: str, letters: bool = False, digit: str = "9") -> str:
        """A shape with digits for its 9 (or another sign) and, if wanted, letters for its A."""
        text = re.sub(digit, lambda _: self.rng.choice("123456789"), shape)
        return re.sub("A", lambda _: self.rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ"), text) if letters else text

    def said(self, text: str) -> str:
        """A number or code, one by one on the phone."""
        return one_by_one(text) if self.aloud else text

    def sign_words(self, text: str) -> str:
        """An address or handle, with its signs and digits as words on the phone."""
        if not self.aloud:
            return text
        for sign, word in {"@": "at", ".": "dot", "_": "underscore", "#": "hash", "+": "plus"}.items():
            text = text.replace(sign, f" {word} ")
        return re.sub(" +", " ", re.sub(r"\d+", lambda m: f" {one_by_one(m[0])} ", text)).strip()

    def handle_stem(self, who: Person) -> str:
        """The first name as it stands in a handle."""
        return plain_letters(who.first) or "panda"

    def email(self, who: Person) -> str:
        """An e-mail address at a domain for examples."""
        first, last = self.handle_stem(who), plain_letters(who.last) or "box"
        year = self.rng.randint(60, 99)
        local = self.rng.choice([f"{first}.{last}", f"{first[0]}{last}", f"{first}_{year}", f"{last}{first[:2]}"])
        local += self.rng.choice(["", "", "", "+shop"])
        places = ["example.com", "mail.example", "example.org", "post.example", "example.co.uk", "inbox.test"]
        text = self.sign_words(f"{local}@{self.rng.choice(places)}")
        return self.rng.choice([text, text, text, text.upper()])

    def phone(self) -> str:
        """A phone number of the customer's country."""
        return self.said(self.shaped(self.rng.choice(LISTS["phones"][self.customer.land]), digit="x"))

    def card(self) -> str:
        """A test card number, in groups or not."""
        number = self.rng.choice(LISTS["cards"])
        assert luhn(number), number
        if self.aloud:
            return " ".join(DIGITS[int(digit)] for digit in number)
        cuts = (0, 4, 8, 12, 16) if len(number) == 16 else (0, 4, 10, 16)
        gap = self.rng.choice(["", " ", " ", "-", "."])
        return gap.join(number[a:b] for a, b in pairwise(cuts))

    def iban(self) -> str:
        """An IBAN of an invented bank with the right check digits."""
        shape = LISTS["ibans"][self.customer.land]
        body = self.shaped(shape[2:], letters=True)
        iban = f"{shape[:2]}{98 - iban_rest(f'{shape[:2]}00{body}'):02}{body}"
        assert iban_rest(iban) == 1, iban
        return re.sub("(.{4})(?=.)", r"\1 ", iban) if self.rng.random() < 0.6 else iban

    def bank(self) -> str:
        """Bank details as people of the country give them, marked."""
        land, account = self.customer.land, self.said(self.shaped("99999999"))
        if land in LISTS["ibans"] and not self.aloud and (land != "UK" or self.rng.random() < 0.4):
            return f"{{b:{self.iban()}}}"
        if land == "US":
            body = self.rng.choice(["0110", "0260", "1210", "0910"]) + self.shaped("9999")
            check = -sum(int(d) * weight for d, weight in zip(body, (3, 7, 1, 3, 7, 1, 3, 7), strict=True)) % 10
            return f"routing {{b:{self.said(f'{body}{check}')}}}, account {{b:{account}}}"
        if land == "IN":
            return f"IFSC {{b:{self.said(self.shaped('TEST0999999'))}}}, a/c {{b:{account}}}"
        if land in ("NG", "GH"):
            return f"{{b:{self.said(self.shaped('0009999999'))}}} at {{co:Unity Bank}}"
        if land == "AU":
            return f"BSB {{b:{self.said('999-' + self.shaped('999'))}}} acct {{b:{account}}}"
        gap = self.rng.choice(["-", "", " "])
        code = gap.join(["99", self.shaped("99"), self.shaped("99")])
        return f"sort code {{b:{self.said(code)}}}, account {{b:{account}}}"

    def address(self) -> str:
        """A postal address; people whose country has none in the lists live in the UK, the US or Australia."""
        land = self.customer.land
        land = land if land in LISTS["addresses"] else self.rng.choice(["UK", "US", "AU", "UK"])
        text = self.shaped(self.rng.choice(LISTS["addresses"][land]))
        if not self.aloud:
            return text
        text = re.sub(r"\b[A-Z]{2}(?=\d)|(?<=\d)[A-Z]{2}\b", lambda m: f" {' '.join(m[0])} ", text)
        text = re.sub(r"\d+", lambda m: f" {in_words(int(m[0])) if len(m[0]) < 4 else one_by_one(m[0])} ", text)
        return re.sub(r"[ ,./#()-]+", " ", text).strip()

    def dob(self) -> str:
        """A date of birth in one of many forms."""
        year, month, day = self.rng.randint(1938, 2009), self.rng.randint(1, 12), self.rng.randint(1, 28)
        name = MONTHS[month - 1]
        if self.aloud:
            nth = ORDINALS[day - 1] if day <= 20 else f"twenty {ORDINALS[day - 21]}"
            return self.rng.choice([f"the {nth} of {name}", f"{name} {nth}"]) + f" {in_words(year)}"
        forms = [f"{day:02}/{month:02}/{year}", f"{day}.{month}.{year % 100:02}", f"{name} {day}, {year}"]
        forms += [f"{day} {name[:3]} {year}", f"{year}-{month:02}-{day:02}", f"{day:02}-{month:02}-{year}"]
        return self.rng.choice([*forms, f"{day:02}{month:02}{year % 100:02}"])

    def url(self) -> str:
        """A link with a token or a person in it."""
        text = self.rng.choice(LISTS["urls"])
        letters = "ABCDEFGHabcdefghkmnpqrstuvwxyz23456789"
        token = "".join(self.rng.choices(letters, k=self.rng.randint(12, 28)))
        domain = self.rng.choice(["example.com", "shop.example", "example.net"])
        values = {"dom": domain, "tok": token, "mail": f"{self.login}%40example.com", "login": self.login}
        return re.sub("<([a-z0-9]+)>", lambda m: values.get(m[1]) or self.shaped("999999"), text)

    def handle(self, who: Person) -> str:
        """A person's user name."""
        first, last, number = self.handle_stem(who), plain_letters(who.last) or "lee", self.rng.randint(70, 99)
        forms = [f"@{first}_{last}", f"{first}{number}", f"@the_real_{first}", f"{last}.{first[0]}", f"{first}xo"]
        return self.sign_words(
            self.rng.choice([*forms, f"{first}#{self.shaped('9999')}", f"@{first[0]}_{last}{number}"])
        )

    def ip(self) -> str:
        """An IP address of the ranges for documentation."""
        start = str(self.rng.choice(LISTS["ips"]))
        if self.aloud:
            return f"one ninety eight dot fifty one dot one hundred dot {in_words(self.rng.randint(2, 99))}"
        return start + (f"{self.rng.randint(4097, 65535):x}" if ":" in start else str(self.rng.randint(2, 254)))

    def secret(self) -> str:
        """A password, PIN or code."""
        return self.said(self.shaped(self.rng.choice(["9999", "999999"] if self.aloud else LISTS["secrets"])))

    def spelled(self) -> str:
        """The family name letter by letter, marked; the first letter sometimes with a word."""
        letters = plain_letters(self.customer.last)
        if not letters:
            return f"{{n:{self.customer.last}}}"
        if self.rng.random() < 0.5:
            return f"{{n:{letters[0]} for {NATO[ord(letters[0]) - ord('a')]} {' '.join(letters[1:])}}}"
        return f"{{n:{(' ' if self.aloud else '-').join(letters.upper())}}}"

    def number(self, sort: str) -> str:
        """An order, tracking, policy, passport number and the like."""
        shapes = LISTS["ids"].get(self.customer.land, ["0009999A"]) if sort == "id" else LISTS["numbers"][sort]
        return self.said(self.shaped(self.rng.choice(shapes), letters=True))


def styled(text: str, style: str, role: str, rng: random.Random) -> str:
    """A marked turn in lower case with typos, with names in capitals, or as a transcript has it."""
    if style == "transcript":
        text = inside(text.lower(), lambda _, value: re.sub("[.,?!;]", "", value))
        return re.sub(r"\s+", " ", outside(text, lambda part: re.sub(r"[.,?!;:]|\B-\B", "", part))).strip()
    if role == "customer" and style == "capitals":
        return inside(text, lambda code, value: value.upper() if code == "n" else value)
    if role == "customer" and style == "lower case":
        text = inside(
            text, lambda code, value: value.lower() if PERSONAL.get(code) in (None, "name", "address") else value
        )
        for word, typo in LISTS["typos"].items():
            if rng.random() < 0.5:
                text = outside(text, lambda part, word=word, typo=typo: re.sub(rf"\b{word}\b", typo, part))  # type: ignore[misc]
        return outside(text, str.lower)
    return text


def in_a_shell(text: str, channel: str, role: str, first: bool, rng: random.Random) -> str:
    """A frame as it stands in an e-mail or a tweet."""
    shells = LISTS["frames"]["mails" if channel == "email" else "tweets"]
    if role == "agent":
        shells = LISTS["frames"]["replies"] if channel == "email" else ["{h:@<login>} <ask> ^{@:<agent>}"]
    elif channel == "email" and not first and rng.random() < 0.6:
        shells = ["<ask>" if text.endswith(("<first>", "<full>", "<phone>")) else "<ask>\n\n<first>"]
    return str(rng.choice(shells)).replace("<ask>", text)


def generated(seed: int = 20240517) -> list[dict[str, Any]]:
    """The 80 conversations made from the frames."""
    rng = random.Random(seed)
    frames, everybody = LISTS["frames"], people()
    rng.shuffle(everybody)
    piles: dict[str, list[Any]] = {}

    def draw(pile: str, things: list[Any]) -> Any:
        """The next of a pile: all are used before one comes again."""
        if not piles.get(pile):
            piles[pile] = rng.sample(things, len(things))
        return piles[pile].pop()

    lines = []
    for n in range(80):
        channel = CHANNELS[n % len(CHANNELS)]
        style = (
            "transcript" if channel == "phone" else "" if channel != "chat" else ["", "lower case", "capitals"][n % 3]
        )
        crowd = [person for person in everybody if channel != "phone" or max(person.full) < AFTER_Z]
        customer = crowd[2 * n % len(crowd)]
        third, other = rng.sample([person for person in crowd if person is not customer], 2)
        agent = rng.choice([name for name in LISTS["agents"] if name not in (customer.first, third.first, other.first)])
        maker = Maker(rng, [customer, third, other], agent, channel == "phone")
        mailed = channel in ("email", "twitter")  # the customer writes first, and says why
        openings = [pair for pair in frames["opening"] if not mailed or "{" in pair[1] or "calling" in pair[1]]
        steps = [draw("reasons" if mailed else "openings", openings)]
        for _ in range(rng.randint(2, 3)):
            kind = draw("kinds", [kind for kind, share in SHARES.items() for _ in range(share)])
            kind = "number" if kind == "url" and channel == "phone" else kind  # nobody reads out a link
            steps.append(draw(kind, frames["asked"][kind]))
        steps.insert(rng.randint(2, len(steps)), draw("talk", frames["talk"]))
        steps.append(draw("closing", frames["closing"]))
        said = [(role, text) for step in steps for role, text in zip(("agent", "customer"), step, strict=True)]
        turns = []
        for i, (role, text) in enumerate(said[mailed:]):
            frame = in_a_shell(text, channel, role, i == 0, rng) if mailed else text
            turns.append((role, styled(maker.fill(frame), style, role, rng)))
        surname = "" if n % 3 else rng.choice([" Foster", " Ng", " Romero", " Blake"])
        name = customer.full if n % 2 else None
        lines.append(conversation(f"g{n + 1:02}", channel, agent + surname, name, turns))
    return lines


def main() -> None:
    """Write conversations.jsonl."""
    lines = [json.dumps(line, ensure_ascii=False) + "\n" for line in written() + generated()]
    (HERE / "conversations.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
