"""Who may do what: tokens with roles, compared in constant time, never written anywhere."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from dryline.domain.errors import BadOption, UnreadableFile

VARIABLE = "DRYLINE_TOKENS"
SHORTEST, LONGEST = 16, 200
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=")
_HOW = 'Write viewer = ["…"], strategist = ["…"], admin = ["…"], feed = ["…"].'


class Role(StrEnum):
    """What a token may do; ``feed`` may send to the feed and nothing else."""

    VIEWER = "viewer"
    STRATEGIST = "strategist"
    ADMIN = "admin"
    FEED = "feed"

    def may(self, needed: Role) -> bool:
        """Whether this role is enough where ``needed`` is asked for."""
        return needed in _GRANTS[self]


_GRANTS = {
    Role.VIEWER: (Role.VIEWER,),
    Role.STRATEGIST: (Role.VIEWER, Role.STRATEGIST),
    Role.ADMIN: tuple(Role),
    Role.FEED: (Role.FEED,),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a role, and a name for counting that gives nothing away."""

    role: Role
    name: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Every token and its role; none at all where everybody is admin."""

    roles: tuple[tuple[bytes, Role], ...] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.roles)

    def role(self, token: bytes) -> Role | None:
        """The token's role; every token is compared, whichever it is."""
        found: Role | None = None
        for known, role in self.roles:
            if hmac.compare_digest(known, token):
                found = role
        return found

    def caller(self, token: bytes) -> Caller | None:
        """Who bears this token."""
        role = self.role(token)
        if role is None:
            return None
        return Caller(role, f"{role} {hashlib.sha256(token).hexdigest()[:12]}")


def tokens_from(file: Path | None, environment: Mapping[str, str] = os.environ) -> Tokens:
    """The tokens of a TOML file, or of the environment where no file is named.

    Raises:
        UnreadableFile: the file is not there or no TOML.
        BadOption: an unknown role, a token that is short, twice there, or no text.
    """
    if file is None:
        text = environment.get(VARIABLE, "")
        return _tokens(text, VARIABLE) if text.strip() else Tokens()
    try:
        return _tokens(file.read_text(), str(file))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise UnreadableFile(f"cannot read the tokens: {why}", file=str(file)) from error


def new_tokens() -> str:
    """Fresh tokens, one for each role, as the file that ``tokens_from`` reads."""
    return "".join(f'{role} = ["{secrets.token_urlsafe(24)}"]\n' for role in Role)


def is_private(file: Path) -> bool:
    """Whether nobody but its owner can read the file."""
    return not file.stat().st_mode & 0o077


def _tokens(text: str, where: str) -> Tokens:
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadOption(f"{where}: the tokens are no TOML", remedy=_HOW) from error
    roles: list[tuple[bytes, Role]] = []
    for name, tokens in said.items():
        if name not in set(Role) or not isinstance(tokens, list):
            raise BadOption(f"{where}: {name[:40]!r} is no role with tokens", remedy=_HOW)
        roles += [(_token(token, where), Role(name)) for token in tokens]
    if len({token for token, _ in roles}) < len(roles):
        raise BadOption(f"{where}: one token is there twice", remedy="Give each its own.")
    if not roles:
        raise BadOption(f"{where}: there is no token in it", remedy=_HOW)
    return Tokens(tuple(roles))


def _token(token: object, where: str) -> bytes:
    sound = isinstance(token, str) and SHORTEST <= len(token) <= LONGEST and set(token) <= _LETTERS
    if not sound or not isinstance(token, str):
        raise BadOption(
            f"{where}: a token has {SHORTEST} to {LONGEST} letters and digits",
            remedy="Make them with: dryline live --new-tokens",
        )
    return token.encode()


def names_no_token(tokens: Tokens, texts: Sequence[bytes]) -> bool:
    """Whether none of these texts is one of the tokens."""
    return all(tokens.role(text) is None for text in texts)
