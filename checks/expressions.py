"""GitHub Actions expressions, worked out for a given event, as far as that can be known.

Syntax: docs.github.com/actions/reference/workflows-and-actions/expressions. A value is a string, a
boolean, or `None` for what only the run would tell (an unknown context, a function of ours not).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Value = str | bool | None
LENGTH = 1000
"""Characters of the longest expression that is worked out."""
_TOKEN = re.compile(
    r"\s*(?:('(?:[^']|'')*')|(&&|\|\||==|!=|<=|>=|[!<>(),])|([A-Za-z_][\w.*-]*|\d+(?:\.\d+)?))"
)
_FUNCTIONS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
_STATUS = {"success": True, "always": True, "failure": False, "cancelled": False}

PROPOSAL = {
    "github.event_name": "pull_request",
    "github.ref": "refs/pull/7/merge",
    "github.ref_name": "7/merge",
    "github.ref_type": "branch",
    "github.head_ref": "essai",
    "github.base_ref": "main",
    "github.event.pull_request": "7",
    "github.event.pull_request.number": "7",
    "github.event.number": "7",
}
VERSION = {
    "github.event_name": "push",
    "github.ref": "refs/tags/v1.2.3",
    "github.ref_name": "v1.2.3",
    "github.ref_type": "tag",
    "github.head_ref": "",
    "github.base_ref": "",
    "github.event.pull_request": "",
    "github.event.pull_request.number": "",
    "github.event.number": "",
}
RELEASE = {**VERSION, "github.event_name": "release"}
BRANCH = {
    **VERSION,
    "github.ref": "refs/heads/main",
    "github.ref_name": "main",
    "github.ref_type": "branch",
}


class _Unreadable(Exception):
    pass


def holds(written: object, event: Mapping[str, str]) -> bool | None:
    """Whether a condition (`if:`, `push:`, with or without `${{ }}`) holds when `event` happens;
    None when that cannot be told."""
    if isinstance(written, bool):
        return written
    text = str(written).strip()
    whole = re.fullmatch(r"\$\{\{(.*)\}\}", text, re.DOTALL)
    if whole and "${{" not in whole[1]:
        text = whole[1]
    elif "${{" in text:
        return None
    return _truth(value(text, event))


def value(text: str, event: Mapping[str, str]) -> Value:
    """The value of an expression, without its `${{ }}`."""
    try:
        tokens = _tokens(text)
        found = _Reader(tokens, event).either()
    except (_Unreadable, IndexError, RecursionError):
        return None
    return None if tokens else found


def _tokens(text: str) -> list[str]:
    """The tokens of `text`, the first one last."""
    if len(text) > LENGTH:
        raise _Unreadable
    found, place, end = [], 0, len(text.rstrip())
    while place < end:
        token = _TOKEN.match(text, place)
        if token is None:
            raise _Unreadable
        found.append(token[0].strip())
        place = token.end()
    return found[::-1]


def _truth(found: Value) -> bool | None:
    return None if found is None else found not in (False, "", "0")


class _Reader:
    """A recursive descent: each method takes what it reads off the tokens."""

    def __init__(self, tokens: list[str], event: Mapping[str, str]) -> None:
        self._tokens = tokens
        self._event = event

    def either(self) -> Value:
        found = self._both()
        while self._take("||"):
            other, known = self._both(), _truth(found)
            if known is None:
                found = True if _truth(other) else None
            elif not known:
                found = other
        return found

    def _both(self) -> Value:
        found = self._compared()
        while self._take("&&"):
            other, known = self._compared(), _truth(found)
            if known is None:
                found = False if _truth(other) is False else None
            elif known:
                found = other
        return found

    def _compared(self) -> Value:
        found = self._single()
        for sign in ("==", "!="):
            if self._take(sign):
                other = self._single()
                if found is None or other is None:
                    return None
                same = _told(found) == _told(other)
                return same if sign == "==" else not same
        for sign in ("<", ">", "<=", ">="):
            if self._take(sign):
                self._single()
                return None
        return found

    def _single(self) -> Value:
        if self._take("!"):
            known = _truth(self._single())
            return None if known is None else not known
        if self._take("("):
            found = self.either()
            if not self._take(")"):
                raise _Unreadable
            return found
        token = self._tokens.pop()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self._take("("):
            return self._called(token.lower())
        words: dict[str, bool] = {"true": True, "false": False}
        if token in words:
            return words[token]
        return token if token[0].isdigit() else self._event.get(token.lower())

    def _called(self, name: str) -> Value:
        given: list[Value] = []
        while not self._take(")"):
            if given and not self._take(","):
                raise _Unreadable
            given.append(self.either())
        if name in _STATUS:
            return _STATUS[name]
        if name in _FUNCTIONS and len(given) == 2 and None not in given:
            return _FUNCTIONS[name](_told(given[0]), _told(given[1]))
        return None

    def _take(self, token: str) -> bool:
        if self._tokens and self._tokens[-1] == token:
            self._tokens.pop()
            return True
        return False


def _told(found: Value) -> str:
    """As text, in lower case: GitHub compares strings without regard to it."""
    return str(found).lower() if isinstance(found, bool) else str(found or "").lower()
