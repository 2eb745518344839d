"""Who the learner is for the course: a pseudonym, and a random id that makes answers personal."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

NAME_LIMIT = 100
"""Characters of a pseudonym in a submission."""


@dataclass(frozen=True)
class Identity:
    """A learner. `id` is 8 lower-case hexadecimal digits, drawn at random once.

    Raises `ValueError` when `id` has another form.
    """

    pseudonym: str
    id: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{8}", self.id):
            raise ValueError(f"identifiant invalide : {self.id!r}")

    @classmethod
    def new(cls, pseudonym: str) -> Identity:
        """A fresh identity for `pseudonym`."""
        return cls(pseudonym, secrets.token_hex(4))

    def seal(self, purpose: str) -> str:
        """A personal value for `purpose`: 12 hexadecimal digits, the same at every call."""
        return hmac.new(self.id.encode(), purpose.encode(), hashlib.sha256).hexdigest()[:12]

    def noise(self, purpose: str, size: int) -> bytes:
        """`size` incompressible bytes, personal and always the same (SHAKE-256)."""
        return hashlib.shake_256(f"{self.id}/{purpose}".encode()).digest(size)
