"""The library: Parquet per session, a manifest replaced atomically, DuckDB in memory over it."""

from __future__ import annotations

from dryline.store.library import Added, Library, LibraryId
from dryline.store.location import default_path
from dryline.store.rebuilding import Reparse
from dryline.store.session import StoredSession
from dryline.store.slug import id_for, slugify
from dryline.store.verified import Damage

__all__ = [
    "Added",
    "Damage",
    "Library",
    "LibraryId",
    "Reparse",
    "StoredSession",
    "default_path",
    "id_for",
    "slugify",
]
