"""What adding a session does to what the library holds under its id."""

from __future__ import annotations

from typing import Literal

from dryline.domain.errors import IdTaken
from dryline.store.encoding import read_table
from dryline.store.identity import Kinship, kinship
from dryline.store.salvage import Salvage
from dryline.store.session import StoredSession
from dryline.store.verified import rebuild_remedy

Outcome = Literal["added", "updated", "replaced", "repaired", "kept", "unchanged"]
"""``added`` a new session; ``updated`` it to a later version of the same session; ``replaced``
another one, when told to; ``repaired`` damaged files; ``kept`` what goes further already; or left
all ``unchanged``."""


def outcome_over(held: Salvage, session: StoredSession) -> Outcome:
    """What putting ``session`` in the place of what is held would do, without being told to.

    Raises:
        IdTaken: another session is held, or one too damaged to be compared.
    """
    covered = {*held.sources.values()} <= {*session.sources.values()}
    done: Outcome = "repaired" if held.damages else "updated"
    crossings = read_table(held.read("crossings.parquet"))
    if crossings is None:
        if covered:
            return done
        raise IdTaken(
            f"{session.id} is damaged in the library and cannot be compared with this",
            remedy=rebuild_remedy(session.id),
        )
    if held.sources and covered and not held.lost_originals:
        return done
    match kinship(crossings, session.crossings):
        case Kinship.LATER:
            return done
        case Kinship.EARLIER:
            return "kept"
        case Kinship.OTHER:
            raise IdTaken(
                f"the library holds another session as {session.id}",
                remedy="Give this one another id with --as, or say --replace.",
            )
