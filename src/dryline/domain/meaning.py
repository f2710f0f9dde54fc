"""What a field means, said where the field is declared."""

from __future__ import annotations

import msgspec


def means(text: str, unit: str | None = None) -> msgspec.Meta:
    """What a field means, in one line, and its unit; it stands in the field's annotation."""
    return msgspec.Meta(
        description=text, extra_json_schema=None if unit is None else {"x-unit": unit}
    )
