import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.readers.markup import words


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain  words ", "plain  words"),
        ("<p>Hello&nbsp;there,</p><p>it is <b>broken</b>.</p>", "Hello there,\nit is broken."),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>first</li><li>second</li></ul>", "first\nsecond"),
        ("5 &lt; 6 &amp; 7", "5 < 6 & 7"),
        ("<style>p {}</style><script>alert(1)</script><!-- no -->seen", "seen"),
        ("https://example.com/?a=1&b=2", "https://example.com/?a=1&b=2"),
        ("<b>a</b><![foo bar", "a"),
        ("AT&T, R&D", "AT&T, R&D"),
        ("<p>AT&T &copy; R&D</p>", "AT&T © R&D"),
        ("a < b", "a < b"),
    ],
)
def test_what_a_reader_of_the_message_sees(markup: str, text: str) -> None:
    assert words(markup) == text


@given(st.text(alphabet="<>!&;[]-/p brscriptl='\"#x0", max_size=60))
def test_any_markup_gives_words(markup: str) -> None:
    assert isinstance(words(markup), str)
