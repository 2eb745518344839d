"""When a GitLab job runs: `rules`, `only`, `except`, played for a few kinds of pipeline.

Syntax: docs.gitlab.com/ci/jobs/job_rules and /ci/yaml/deprecated_keywords. What cannot be known
from the file (a variable of the project's settings, a path that changed) is neither true nor false.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?P<op>&&|\|\||==|!=|=~|!~|\(|\))|\$(?P<name>\w+)|\$\{(?P<braced>\w+)\}|"""
    r""""(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<null>null\b)|"""
    r"""/(?P<regex>(?:\\.|[^/\\])+)/(?P<flags>[a-z]*))""",
    re.ASCII,
)
LONG = 2000
"""Characters of an expression beyond which it is not read."""


class Some(str):
    """A text that is there, and that is not known: the name of a tag, a commit…"""


@dataclass(frozen=True)
class Case:
    """One kind of pipeline: its predefined variables (None: not set), the kinds of its reference.

    `lean` is what is supposed of a condition that cannot be known.
    """

    name: str
    variables: Mapping[str, str | None]
    kinds: tuple[str, ...]
    lean: bool

    @property
    def reference(self) -> str:
        """The name of the branch or of the tag."""
        return self.variables.get("CI_COMMIT_REF_NAME") or ""


def _case(name: str, kinds: tuple[str, ...], lean: bool, **known: str | None) -> Case:
    told = {
        "CI_COMMIT_BRANCH": None,
        "CI_COMMIT_TAG": None,
        "CI_DEFAULT_BRANCH": "main",
        "CI_PIPELINE_SOURCE": "push",
        "CI_OPEN_MERGE_REQUESTS": None,
        "CI": "true",
        "GITLAB_CI": "true",
    }
    return Case(name, told | known, kinds, lean)


TAG = _case(
    "un tag", ("tags", "pushes"), True,
    CI_COMMIT_TAG=Some("v1.4.2"), CI_COMMIT_REF_NAME=Some("v1.4.2"),
    CI_COMMIT_REF_PROTECTED=Some("true"),
)  # fmt: skip
MAIN = _case(
    "la branche par défaut", ("branches", "pushes"), False,
    CI_COMMIT_BRANCH="main", CI_COMMIT_REF_NAME="main", CI_COMMIT_REF_SLUG="main",
    CI_COMMIT_REF_PROTECTED="true",
)  # fmt: skip
BRANCH = _case(
    "n'importe quelle branche", ("branches", "pushes"), False,
    CI_COMMIT_BRANCH="essai/x", CI_COMMIT_REF_NAME="essai/x", CI_COMMIT_REF_SLUG="essai-x",
    CI_COMMIT_REF_PROTECTED="false",
)  # fmt: skip
PROPOSAL = _case(
    "une demande de fusion", ("merge_requests",), False,
    CI_PIPELINE_SOURCE="merge_request_event", CI_COMMIT_REF_NAME="essai/x",
    CI_COMMIT_REF_SLUG="essai-x", CI_COMMIT_REF_PROTECTED="false",
    CI_MERGE_REQUEST_ID=Some("7"), CI_MERGE_REQUEST_IID=Some("7"),
    CI_MERGE_REQUEST_SOURCE_BRANCH_NAME="essai/x", CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
    CI_MERGE_REQUEST_EVENT_TYPE=Some("detached"),
)  # fmt: skip
_KINDS = (
    "api", "branches", "chat", "external", "external_pull_requests", "merge_requests",
    "pipelines", "pushes", "schedules", "tags", "triggers", "web",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """How a job runs: `when` it does, whether it `may_fail`, the variables of its rule."""

    when: str = "on_success"
    may_fail: Any = None
    variables: Mapping[str, Any] = field(default_factory=dict)


def applies(job: Mapping[str, Any], case: Case, variables: Mapping[str, str | None]) -> Run | None:
    """How the job runs in a pipeline of this kind; None when it does not.

    `variables` are those of the file. A job of a proposal needs a rule that says so.
    """
    known = {**variables, **case.variables}
    when, may_fail = str(job.get("when") or "on_success"), job.get("allow_failure")
    if when == "manual" and may_fail is None and "rules" not in job:
        may_fail = True  # a button that nobody waits for
    if isinstance(job.get("rules"), list):
        return _first_rule(job["rules"], case, known, when, may_fail)
    only, excluded = job.get("only"), job.get("except")
    if only is None:
        only = ["branches", "tags"]
    if not _selected(only, case, known, every=True):
        return None
    if excluded is not None and _selected(excluded, case, known, every=False):
        return None
    return None if when == "never" else Run(when, may_fail)


def _first_rule(
    rules: list[Any], case: Case, known: Mapping[str, str | None], when: str, may_fail: Any
) -> Run | None:
    for rule in rules:
        if not isinstance(rule, dict):
            continue
        then = str(rule.get("when") or when)
        holds = True if "if" not in rule else evaluate(rule["if"], known)
        if holds is None:
            holds = case.lean != (then == "never")
        elif holds and ("changes" in rule or "exists" in rule):
            holds = then != "never"  # at times it does
        if holds:
            if then == "never":
                return None
            told = rule.get("variables")
            return Run(
                then, rule.get("allow_failure", may_fail), told if isinstance(told, dict) else {}
            )
    return None


def _selected(spec: Any, case: Case, known: Mapping[str, str | None], *, every: bool) -> bool:
    """Whether `only` or `except` selects this kind of pipeline: all its clauses, or any of them."""
    clauses = spec if isinstance(spec, dict) else {"refs": spec}
    answers: list[bool] = []
    references = clauses.get("refs")
    if references is None and every:
        references = ["branches", "tags"]
    if references is not None:
        answers.append(any(_is_reference(str(each), case) for each in _several(references)))
    if clauses.get("variables") is not None:
        told = [evaluate(each, known) for each in _several(clauses["variables"])]
        unknown = case.lean if every else not case.lean
        answers.append(any(unknown if each is None else each for each in told))
    # `changes`, `kubernetes`: at times they select it.
    return all(answers) if every else any(answers)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_reference(word: str, case: Case) -> bool:
    word = word.partition("@")[0]
    if word in _KINDS:
        return word in case.kinds
    regex = re.fullmatch(r"/(.+)/([a-z]*)", word, re.DOTALL)
    if regex and "merge_requests" not in case.kinds:
        return _matches(regex[1], regex[2], case.variables["CI_COMMIT_REF_NAME"]) is not False
    return word == case.reference and "merge_requests" not in case.kinds


Value = str | None | re.Match[str]


def evaluate(expression: Any, known: Mapping[str, str | None]) -> bool | None:
    """Whether the `if` of a rule holds; None when that cannot be known from the file."""
    if not isinstance(expression, str) or len(expression) > LONG:
        return None
    tokens: list[re.Match[str]] = []
    position, text = 0, expression.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        tokens.append(match)
        position = match.end()
    reader = _Reader(tokens, known)
    try:
        value = reader.either()
    except (IndexError, RecursionError):
        return None
    return value if reader.done else None


class _Reader:
    """A recursive descent over the tokens of one expression."""

    def __init__(self, tokens: list[re.Match[str]], known: Mapping[str, str | None]) -> None:
        self.tokens = tokens
        self.known = known

    @property
    def done(self) -> bool:
        """Whether everything was read."""
        return not self.tokens

    def either(self) -> bool | None:
        """`a || b`."""
        value = self.both()
        while self._next("||"):
            other = self.both()
            value = True if True in (value, other) else None if None in (value, other) else False
        return value

    def both(self) -> bool | None:
        """`a && b`."""
        value = self.one()
        while self._next("&&"):
            other = self.one()
            value = False if False in (value, other) else None if None in (value, other) else True
        return value

    def one(self) -> bool | None:
        """`( … )`, `$A`, `$A == "b"`, `$A =~ /b/`."""
        if self._next("("):
            value = self.either()
            if not self._next(")"):
                raise IndexError
            return value
        left = self.tokens.pop(0)
        for operator in ("==", "!=", "=~", "!~"):
            if self._next(operator):
                answer = self._compare(left, operator[1] == "~", self.tokens.pop(0))
                return answer if operator[0] == "=" or answer is None else not answer
        there, text = self._value(left)
        return bool(text) if there else None

    def _next(self, operator: str) -> bool:
        if self.tokens and self.tokens[0]["op"] == operator:
            del self.tokens[0]
            return True
        return False

    def _value(self, token: re.Match[str]) -> tuple[bool, str | None]:
        """Whether it is known, and what it is."""
        if name := token["name"] or token["braced"]:
            if name in self.known:
                return True, self.known[name]
            # GitLab sets its own; what is not of the file may be in the project's settings.
            if name.startswith("CI_MERGE_REQUEST_"):
                return True, None
            return name.startswith("CI_"), Some("?")
        if token["op"]:
            raise IndexError
        return True, None if token["null"] else (token["double"] or token["single"] or "")

    def _compare(self, left: re.Match[str], pattern: bool, right: re.Match[str]) -> bool | None:
        known, value = self._value(left)
        if not known:
            return None
        if not pattern:
            there, other = self._value(right)
            if not there:
                return None
            if value and other and (isinstance(value, Some) or isinstance(other, Some)):
                return None
            return value == other
        regex, flags = right["regex"], right["flags"]
        if regex is None:
            there, text = self._value(right)
            written = re.fullmatch(r"/(.+)/([a-z]*)", text or "", re.DOTALL) if there else None
            if written is None:
                return None
            regex, flags = written[1], written[2]
        return _matches(regex, flags or "", value)


def _matches(regex: str, flags: str, value: str | None) -> bool | None:
    """Whether the text matches; of a tag that is not known, one supposes that it is a good one."""
    if value is None:
        return False
    if isinstance(value, Some):
        return None
    if len(regex) > 200:
        return None
    try:
        return re.search(regex, value, re.IGNORECASE if "i" in flags else 0) is not None
    except (re.error, RecursionError, OverflowError):
        return None
