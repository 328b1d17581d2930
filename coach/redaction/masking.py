"""From conversation to redacted conversation: which finder looks when."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import chain

from coach.conversation import Conversation, Turn
from coach.redaction import addresses, codes, contacts, credentials, dates, numbers, spoken
from coach.redaction.asking import answered
from coach.redaction.finding import Finding, Page, Placeholders
from coach.redaction.names import brands, companies_in, mentions
from coach.redaction.people import People, first_name, literal, words_of
from coach.redaction.reading import Mention, Speech

_PSEUDONYM = re.compile(r"customer-[0-9a-f]{10}")
_GENERIC = frozenset(("customer", "client", "user", "caller", "consumer", "visitor", "guest", "end user"))
_NUMBERS_ASKED = frozenset(("NUMBER", "PHONE", "ACCOUNT", "SECRET", "ADDRESS"))
_REPEATED = frozenset(("NUMBER", "ACCOUNT", "SECRET", "HANDLE"))
_TOKEN = re.compile(r"(?<![\w@./-])\w[\w/-]{2,40}\w(?![\w@/-])")
_CODE_LIKE = re.compile(r"\d|[A-Z]{6}|(?:[\da-fA-F]{2}[:-]){5}")
_YEAR = re.compile(r"(?:19|20)\d\d")
# Masking can bring out more, such as a short answer; what people write comes to rest after a round or two.
_MOST_ROUNDS = 10


def redact(conversation: Conversation, *, key: bytes = b"") -> Conversation:
    """The conversation without personal data; of the agents, it keeps the names.

    The customer becomes a pseudonym, the same for the same customer and `key` (any length), so repeat contacts
    stay linked. Keep the key secret: without it a name can be guessed and compared. Agents' names stay, as their own
    report shows them; `mask_agents` takes them out of what others read.
    """
    customer = _pseudonym(conversation.customer, key)
    texts = _Masker(conversation).masked([turn.text for turn in conversation.turns])

    def redacted(turn: Turn, text: str) -> Turn:
        speaker = customer if turn.role == "customer" and turn.speaker else turn.speaker
        return replace(turn, text=text, speaker=speaker)

    turns = tuple(map(redacted, conversation.turns, texts))
    return replace(conversation, turns=turns, customer=customer)


def mask(text: str) -> str:
    """One text without the personal data that it gives away by itself."""
    return redact(Conversation("", (Turn("customer", text),))).turns[0].text


def _pseudonym(customer: str | None, key: bytes) -> str | None:
    if not customer or _PSEUDONYM.fullmatch(customer):
        return customer
    short = key if len(key) <= blake2b.MAX_KEY_SIZE else blake2b(key).digest()
    digest = blake2b(customer.encode("utf-8", "surrogatepass"), digest_size=5, key=short)
    return f"customer-{digest.hexdigest()}"


def _is_impersonal(name: str) -> bool:
    return bool(_PSEUDONYM.fullmatch(name)) or name.casefold() in _GENERIC or not any(map(str.isalpha, name))


class _Masker:
    """Masks the texts of one conversation, all of them together, until nothing more is found."""

    def __init__(self, conversation: Conversation) -> None:
        self.roles = [turn.role for turn in conversation.turns]
        self.agent_fields = set(filter(None, (*conversation.agents, conversation.agent)))
        customers = (turn.speaker for turn in conversation.turns if turn.role == "customer")
        fields = {name for name in chain([conversation.customer], customers) if name and not _is_impersonal(name)}
        self.logins = literal(name for name in fields if not words_of(name))
        self.names = set(filter(None, map(words_of, fields)))
        self.agents = set(filter(None, map(words_of, self.agent_fields)))
        self.placeholders = Placeholders(turn.text for turn in conversation.turns)
        # What an earlier round has looked at: texts with nothing in them, and the names that texts give away.
        self.clean: set[tuple[str, Collection[str], Collection[str]]] = set()
        self.mentions: dict[Speech, list[Mention]] = {}

    def masked(self, texts: Sequence[str]) -> Sequence[str]:
        for _ in range(_MOST_ROUNDS):
            after = self._round(texts)
            if after == texts:
                break
            texts = after
        return texts

    def _round(self, texts: Sequence[str]) -> Sequence[str]:
        own_handles = frozenset(contacts.own_handles(zip(self.roles, texts, strict=True), self.agent_fields))
        pages = [Page(text) for text in texts]
        for page in pages:
            page.add(contacts.links(page.seen))
        asked = answered(self.roles, [page.seen for page in pages])
        for role, page, asks in zip(self.roles, pages, asked, strict=True):
            look = page.seen, asks if role == "customer" else frozenset[str](), own_handles
            if look not in self.clean:
                self._find(page, *look[1:])
            if page.seen == look[0]:
                self.clean.add(look)
        self._find_again(pages)
        self._find_names(pages, asked)
        return [self.placeholders.replaced(page) for page in pages]

    def _find(self, page: Page, asks: Collection[str], own_handles: Collection[str]) -> None:
        """All but names. What may hold other things, as an address holds numbers, comes first."""
        asks_number = frozenset(asks) & _NUMBERS_ASKED
        page.add(contacts.emails(page.seen))
        page.add(contacts.veiled_emails(page.seen))
        page.add(contacts.spoken_emails(page.seen, "EMAIL" in asks))
        page.add(contacts.ip_addresses(page.seen))
        page.add(contacts.handles(page.seen, own_handles))
        page.add(self._logins(page.seen))
        page.add(contacts.logins(page.seen, "LOGIN" in asks))
        page.add(dates.births(page.seen, "DOB" in asks))
        page.add(credentials.secrets(page.seen, asks))
        if _CODE_LIKE.search(page.seen):
            page.add(codes.bank_numbers(page.seen))
            page.add(codes.ibans(page.seen))
            page.add(numbers.cards(page.seen))
        page.add(addresses.eastern(page.seen, "ADDRESS" in asks))
        page.add(addresses.addresses(page.seen, "ADDRESS" in asks))
        page.add(addresses.postal_codes(page.seen, "ADDRESS" in asks))
        if _CODE_LIKE.search(page.seen):
            page.add(codes.named_codes(page.seen))
            page.add(codes.codes(page.seen, asks_number))
            page.add(numbers.numbers(page.seen, asks_number))
        page.add(spoken.spoken_numbers(page.seen, asks_number))
        page.add(brands(page.seen))

    def _logins(self, seen: str) -> Iterator[Finding]:
        for match in self.logins.finditer(seen):
            yield Finding(*match.span(), "HANDLE", (match[0].casefold(),))

    def _find_again(self, pages: Sequence[Page]) -> None:
        """Codes, secrets and birthdays that were found by what stood around them, wherever else they stand."""
        births = {value for page in pages for found in page.findings if found.kind == "DOB" for value in found.values}
        for page in pages:
            page.add(dates.repeated(page.seen, births))
        known = {
            finding.values[0]: finding.kind
            for page in pages
            for finding in page.findings
            if finding.kind in _REPEATED and any(map(str.isdigit, finding.values[0]))
        }
        for page in pages if known else ():
            page.add(
                Finding(*match.span(), known[value], (value,))
                for match in _TOKEN.finditer(page.seen)
                if (value := re.sub(r"[\W_]", "", match[0]).casefold()) in known and not _YEAR.fullmatch(value)
            )

    def _mentions(self, speech: Speech) -> list[Mention]:
        if speech not in self.mentions:
            self.mentions[speech] = mentions(speech)
        return self.mentions[speech]

    def _find_names(self, pages: Sequence[Page], asked: Sequence[Collection[str]]) -> None:
        companies = frozenset(
            companies_in(page.seen for role, page in zip(self.roles, pages, strict=True) if role != "customer")
        )
        given = [
            self._mentions(Speech(page.seen, role, asks, companies))
            for role, page, asks in zip(self.roles, pages, asked, strict=True)
        ]
        for role, found in zip(self.roles, given, strict=True):
            for mention in found:
                (self.agents if mention.own and role != "customer" else self.names).add(mention.words)
        people = People(self.names, self.agents)
        for page, found in zip(pages, given, strict=True):
            page.add([people.finding(first_name(page.seen, m.start, m.end), m.end, m.words) for m in found])
            page.add([people.finding(*spot) for spot in people.mentioned(page.seen)])
