"""Reading every byte of a library, and saying what is not as it was written."""

from __future__ import annotations

from pathlib import Path

from dryline.store.manifest import MANIFEST, DamagedRecordError, id_of, read_manifest
from dryline.store.recovery import recover_manifest, reread, strays
from dryline.store.salvage import salvage_by_content
from dryline.store.verified import Damage, VerifiedReader


def damages_of(library: Path, reader: VerifiedReader) -> tuple[Damage, ...]:
    """Every file that is not as it was written; empty for a sound library."""
    found = []
    try:
        manifest = reread(library, read_manifest(library))
    except DamagedRecordError:
        found.append(Damage(None, str(library / MANIFEST), "is missing or damaged"))
        manifest = recover_manifest(library)
    for record in manifest.sessions.values():
        found.extend(reader.damages(library, record))
    for folder in manifest.unreadable:
        found.extend(salvage_by_content(library, folder).damages)
    for folder in strays(library, manifest):
        found.append(Damage(id_of(folder), str(library / folder), "is not in the manifest"))
    return tuple(found)
