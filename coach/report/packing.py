"""Transcripts that a page carries small: many in one compressed block, unpacked by page.js when one is opened."""

import base64
import zlib
from collections.abc import Iterable

from markupsafe import Markup

BETWEEN = "\x1e"
PLAIN = 60
TOGETHER = 100
"""So many transcripts stand in a page as they are; of the others so many share a block."""


def packed(parts: Iterable[str], id: str) -> Markup:
    """The parts, HTML each, as one block called `id`: raw DEFLATE of the parts with U+001E between, in base64.

    `<details data-packed="ID" data-part="N">` in the same page then shows part N, counted from 0, when it is opened.
    """
    together = BETWEEN.join(str(part).replace(BETWEEN, "\N{REPLACEMENT CHARACTER}") for part in parts)
    press = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    small = press.compress(together.encode("utf-8", "replace")) + press.flush()
    block = '<script type="application/x-deflate-raw" id="{}">{}</script>'
    return Markup(block).format(id, base64.b64encode(small).decode())
