"""Reading the shell of a CI job without running it: commands, what leads to each, what guards it.

Not a shell: quotes, substitutions, lists, conditions, loops and here-documents are told apart well
enough to know in which order commands come, and whether the failure of one stops the script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, pairwise

LIMIT = 64 * 1024
"""Characters of a script that are read."""
MANY = 1000
"""Commands that are read, and a few conditions around each."""
LITERAL = "\ue000"
"""Stands for a dollar sign that the shell leaves alone."""
_OPERATORS = ("&&", "||", ";;", "|&", ";", "|", "&", "\n", "(", ")")
_OPENING = ("if", "while", "until")
_PREFIXES = ("sudo", "time", "exec", "command", "env", "nice", "nohup", "!", "{", "then", "do",
             "else")  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)


@dataclass(frozen=True)
class Command:
    """One simple command. `before` is the operator that leads to it (`&&`, `||`, `|`, else "").

    `guards` are the conditions that it runs under, as text; `chain` numbers the list of commands
    joined by `&&`, `||` and pipes that it belongs to; `condition` says that it is itself one.
    """

    words: tuple[str, ...]
    before: str = ""
    guards: tuple[str, ...] = ()
    chain: int = 0
    condition: bool = False

    @property
    def text(self) -> str:
        """The command on one line."""
        return " ".join(self.words)

    @property
    def plain(self) -> tuple[str, ...]:
        """The words from the program on: no assignment, `sudo`, `timeout 60`… before it."""
        words = list(self.words)
        while words:
            if words[0] in _PREFIXES or _ASSIGNMENT.match(words[0]):
                del words[0]
            elif words[0] == "timeout":
                del words[0]
                while words and (words[0].startswith("-") or re.match(r"\d", words[0])):
                    del words[0]
            else:
                break
        return tuple(words)

    @property
    def assignments(self) -> tuple[tuple[str, str], ...]:
        """What the command sets for those that follow: `A=b`, `export A=b`."""
        words = [word for word in self.words if word not in ("then", "do", "else", "{")]
        if words and words[0] in ("export", "local", "readonly", "declare", "typeset"):
            words = [word for word in words[1:] if not word.startswith("-")]
        pairs = [word.partition("=") for word in words if _ASSIGNMENT.match(word)]
        return tuple((a, c) for a, _, c in pairs) if len(pairs) == len(words) else ()


def commands(script: str) -> list[Command]:
    """The commands of `script`, in order."""
    found: list[Command] = []
    stack: list[_Block] = []
    chain, before = 0, ""
    for operator, words in islice(_simple(script[:LIMIT]), MANY):
        if operator in ("&&", "||", "|", "|&"):
            before = "|" if operator == "|&" else operator
        else:
            before, chain = "", chain + 1
        words = _enter(words, stack)
        if not words:
            continue
        guards = tuple(b.condition for b in stack[-10:] if b.body and b.condition)
        inside = bool(stack) and not stack[-1].body
        command = Command(tuple(words), before, guards, chain, inside)
        if inside:
            stack[-1].tested.append(command.text)
        found.append(command)
        if nested := _nested(command):
            found += [
                Command(each.words, each.before, guards + each.guards, chain, each.condition)
                for each in commands(nested)
            ]
    return found


@dataclass
class _Block:
    """An `if`, a loop or a `case`, while it is open."""

    tested: list[str] = field(default_factory=list)
    body: bool = False

    @property
    def condition(self) -> str:
        return " ; ".join(self.tested)[:1000]


def _enter(words: list[str], stack: list[_Block]) -> list[str]:
    """Open and close the blocks that the first words stand for; returns what remains to be run."""
    while words:
        word = words[0]
        if word in _OPENING:
            stack.append(_Block())
        elif word == "elif" and stack:
            stack[-1].body = False
        elif word in ("then", "do", "else") and stack:
            stack[-1].body = True
        elif word in ("fi", "done", "esac") and stack:
            stack.pop()
        elif word == "case":
            stack.append(_Block([" ".join(words)], body=True))
            return []
        elif word == "for":
            stack.append(_Block())
            # The command stays, for the variable that it sets; what it goes through tests nothing.
            stack[-1].body = True
            return words
        else:
            break
        words = words[1:]
    return words


def _nested(command: Command) -> str:
    """The script given to a shell as an argument (`sh -c '…'`)."""
    words = command.plain
    if words and re.fullmatch(r"(?:\S*/)?(?:ba|da|a|k|z)?sh", words[0]):
        for option, text in pairwise(words[1:]):
            if re.fullmatch(r"-\w*c", option):
                return text.replace(LITERAL, "$")
    return ""


def _simple(script: str) -> Iterator[tuple[str, list[str]]]:
    """Each simple command with the operator that comes before it."""
    operator = "\n"
    words: list[str] = []
    for text, quoted in _tokens(script):
        if not quoted and text in _OPERATORS:
            if words:
                yield operator, words
                operator, words = text, []
            elif operator not in ("&&", "||", "|", "|&"):  # these go on over a line's end
                operator = text
        else:
            words.append(text)
    if words:
        yield operator, words


def _tokens(script: str) -> Iterator[tuple[str, bool]]:
    """Words, whether any part of them was quoted, and operators."""
    position, word, started, quoted = 0, "", False, False
    documents: list[str] = []
    wants_document = False
    while position < len(script):
        character = script[position]
        pair = script[position : position + 2]
        if pair == "\\\n":
            position += 2
        elif character == "\\":
            escaped = script[position + 1 : position + 2]
            word += LITERAL if escaped == "$" else escaped
            started, position = True, position + 2
        elif character == "'":
            end = script.find("'", position + 1)
            end = len(script) if end < 0 else end
            word += script[position + 1 : end].replace("$", LITERAL)
            started = quoted = True
            position = end + 1
        elif character == '"':
            text, position = _double(script, position + 1)
            word += text
            started = quoted = True
        elif pair in ("$(", "${") or character == "`":
            text, position = _substitution(script, position)
            word += text
            started = True
        elif character == "#" and not started:
            end = script.find("\n", position)
            position = len(script) if end < 0 else end
        elif character in " \t\r\n;|&()<>":
            if started:
                if wants_document:
                    documents.append(word)
                    wants_document = False
                if not (character in "<>" and word.isdigit() and not quoted):  # `2>`
                    yield word, quoted
                word, started, quoted = "", False, False
            if character in "<>":
                match = re.match(r"<<<|<<-?|[<>][<>&|]*", script[position:])
                assert match is not None
                yield match[0], False
                wants_document = match[0] in ("<<", "<<-")
                position += match.end()
            elif character in " \t\r":
                position += 1
            else:
                operator = pair if pair in _OPERATORS else character
                yield operator, False
                position += len(operator)
                if operator == "\n" and documents:
                    position = _after_documents(script, position, documents)
                    documents = []
        else:
            word += character
            started = True
            position += 1
    if started:
        yield word, quoted


def _double(script: str, position: int) -> tuple[str, int]:
    """What follows a double quote, and the position after the one that closes it."""
    text = ""
    while position < len(script) and script[position] != '"':
        character = script[position]
        if character == "\\" and script[position + 1 : position + 2] in ("$", '"', "\\", "`", "\n"):
            escaped = script[position + 1]
            text += LITERAL if escaped == "$" else "" if escaped == "\n" else escaped
            position += 2
        elif script[position : position + 2] in ("$(", "${") or character == "`":
            inner, position = _substitution(script, position)
            text += inner
        else:
            text += character
            position += 1
    return text, position + 1


def _substitution(script: str, position: int) -> tuple[str, int]:
    """`$(…)`, `${…}` or `` `…` `` as typed, and the position after it."""
    if script[position] == "`":
        end = script.find("`", position + 1)
        end = len(script) if end < 0 else end
        return f"$({script[position + 1 : end]})", end + 1
    opening = script[position + 1]
    closing = ")" if opening == "(" else "}"
    depth, end = 0, position + 1
    while end < len(script):
        if script[end] == "\\":
            end += 1
        elif script[end] == opening:
            depth += 1
        elif script[end] == closing:
            depth -= 1
            if not depth:
                break
        end += 1
    return script[position : end + 1], end + 1


def _after_documents(script: str, position: int, delimiters: list[str]) -> int:
    """The position after the here-documents that end with `delimiters`."""
    for delimiter in delimiters:
        while position < len(script):
            end = script.find("\n", position)
            end = len(script) if end < 0 else end
            line = script[position:end]
            position = end + 1
            if line.strip("\t ") == delimiter:
                break
    return position
