"""Who may knock on this machine: under one of its own names, and from no other site's page.

One rule for every address that listens: the server's and the feed's ``listen:PORT``. A browser lets
any page connect anywhere, and says truly where the page is from and which name it was told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
FOREIGN = "another site's page may not ask this"
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:@/\s]+?)\.?(?::[0-9]{1,5})?")


def is_answered_to(said: Sequence[str], names: Collection[str] | None) -> bool:
    """Whether one ``Host`` was said, and it is one of these names; ``None`` answers to any.

    Ports, capitals and the dot at the end of a whole name make no difference.
    """
    found = _HOST.fullmatch(said[0].lower()) if len(said) == 1 else None
    return found is not None and (names is None or found[1] in names)


def is_foreign(origins: Sequence[str], host: str | None) -> bool:
    """Whether a page asks that did not come from ``host``; without one, no page is our own."""
    pages = [origin.lower().partition("://")[2] for origin in origins]
    return any(host is None or page != host.lower() for page in pages)
