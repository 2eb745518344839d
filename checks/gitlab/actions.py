"""What the script of a job does to images, in order: build, scan, push, sign in…

References are told as the file writes them, its own variables replaced: `$IMAGE:$TAG` becomes
`${CI_REGISTRY_IMAGE}:${CI_COMMIT_TAG}`. What a command computes is `${?}` and the variables in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from checks.gitlab.shell import Command, commands

ENGINES = ("docker", "podman", "buildah", "nerdctl")
"""Programs that build, tag and push with the words of `docker`."""
COPIERS = ("skopeo", "crane", "regctl", "oras", "gcrane")
"""Programs that move images from one registry's name to another, without an engine."""
SCANNERS = ("trivy", "grype", "snyk", "clairctl", "clair-scanner", "gtcs")
MANY = 8
LONG = 400
_NO_IMAGES = ("fs", "filesystem", "config", "conf", "repo", "repository", "convert", "plugin",
              "clean", "server", "version", "k8s", "kubernetes", "module", "registry")  # fmt: skip
"""What trivy also does."""
_VARIABLE = re.compile(r"\$\$|\$(\w+)|\$\{(\w+)[^{}]*\}|\$\{[^{}]*\}", re.ASCII)
_NESTED = re.compile(r"\$\{(\w+)[^{}]*\$\{\w+[^{}]*\}[^{}]*\}", re.ASCII)
"""`${A:-${B}}`"""
_COMMAND = re.compile(r"\$\([^()]*(?:\([^()]*\)[^()]*)*\)")
WITH_VALUE = {
    "push": ("--platform", "--creds", "--format", "-f", "--authfile", "--digestfile"),
    "pull": ("--platform", "--creds", "--authfile"),
    "login": ("-u", "--username", "-p", "--password"),
    "tag": (),
    "copy": ("--src-creds", "--dest-creds", "--authfile", "--platform", "-p", "-t", "--tag"),
}  # fmt: skip


@dataclass(frozen=True)
class Action:
    """One thing done: `kind` is `build`, `push`, `pull`, `tag`, `save`, `load`, `scan`, `login` or
    `engine` (anything else that needs one). `refs` are the names concerned, all that they may be.

    `guarded`: a condition of the script itself depends on the branch or on the tag.
    """

    kind: str
    place: int
    command: Command
    refs: tuple[str, ...] = ()
    needs_engine: bool = False
    guarded: bool = False
    program: str = ""


@dataclass
class Script:
    """What a job does: its actions, and its variables once all has been read."""

    actions: list[Action] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    variables: dict[str, list[str]] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[Action]:
        """The actions of these kinds."""
        return [action for action in self.actions if action.kind in kinds]


_TESTS = re.compile(r"(?:^|;)\s*(?:! )?(?:\[\[?|test|expr|case|grep|echo|printf)\s")
"""What compares texts: that a scanner was given a tag says nothing of when a script runs."""
_GUARDS = re.compile(
    r"CI_COMMIT_(?:TAG|BRANCH|REF_NAME|REF_SLUG|REF_PROTECTED)|CI_DEFAULT_BRANCH|CI_PIPELINE_SOURCE"
)


def read(script: str, variables: Mapping[str, Iterable[str]]) -> Script:
    """What `script` does, with the variables of the job."""
    known = {name: [str(value) for value in values] for name, values in variables.items()}
    guarding: set[str] = set()
    found = Script([], commands(script), known)
    left = False
    for place, command in enumerate(found.commands):
        guarded = left or _is_guarded(found.commands, place, known, guarding)
        if set_here := _assignments(command):
            for name, text in set_here:
                values = expand(text, known)
                if command.guards and name in known:
                    values = list(dict.fromkeys([*known[name], *values]))[:MANY]
                known[name] = values
                if guarded:
                    guarding.add(name)
            continue
        if command.plain[:1] in (("exit",), ("return",)) and guarded:
            left = True  # what follows only runs when the condition did not hold
        found.actions += _actions(command, place, known, guarded, found.actions)
    return found


def _assignments(command: Command) -> list[tuple[str, str]]:
    """What a command sets, the variable of a loop included."""
    words = command.words
    if len(words) > 2 and words[0] == "for" and words[2] == "in":
        # Each value in turn: told apart by a space, as the loop does.
        return [(words[1], "\0".join(words[3:]))]
    return list(command.assignments)


def _is_guarded(
    all_commands: list[Command], place: int, known: Mapping[str, list[str]], guarding: set[str]
) -> bool:
    command = all_commands[place]
    texts = list(command.guards)
    if command.before in ("&&", "||"):
        near = all_commands[max(0, place - 10) : place]
        texts += [each.text for each in near if each.chain == command.chain]
    for text in texts:
        told = [text, *expand(text, known)]
        if _TESTS.search(text) and any(_GUARDS.search(each) for each in told):
            return True
    return any(re.search(rf"\$\{{?{name}\b", word) for name in guarding for word in command.words)


def expand(text: str, known: Mapping[str, list[str]], depth: int = 0) -> list[str]:
    """All that `text` may be, variables of the file replaced; others are written `${NAME}`."""
    if "\0" in text:
        several = [each for part in text.split("\0") for each in expand(part, known, depth)]
        return list(dict.fromkeys(several))[:MANY]
    text = _NESTED.sub(r"${\1}", _without_commands(text)[:LONG])
    found = [""]
    position = 0
    for match in _VARIABLE.finditer(text):
        before = text[position : match.start()]
        position = match.end()
        name = match[1] or match[2]
        if match[0] == "$$":
            values = ["$"]
        elif name is None:
            values = ["${?}"]
        elif name in known and depth < 6:
            values = [each for value in known[name] for each in expand(value, _without(known, name),
                                                                      depth + 1)]  # fmt: skip
        else:
            values = [f"${{{name}}}"]
        found = [(head + before + value)[:LONG] for head in found for value in values][:MANY]
    return list(dict.fromkeys(head + text[position:] for head in found))


def _without(known: Mapping[str, list[str]], name: str) -> Mapping[str, list[str]]:
    """The variables but one, which cannot be made of itself."""
    return {key: values for key, values in known.items() if key != name}


def _without_commands(text: str) -> str:
    """`$(…)` becomes `${?}` and the variables that it reads."""

    def told(match: re.Match[str]) -> str:
        return "${?}" + "".join(f"${{{a or b}}}" for a, b, *_ in _names(match[0]))

    for _ in range(4):
        if "$(" not in text:
            break
        text = _COMMAND.sub(told, text)
    return text


def _names(text: str) -> list[tuple[str, str]]:
    return [(m[1], m[2]) for m in _VARIABLE.finditer(text) if m[1] or m[2]]


def _actions(
    command: Command,
    place: int,
    known: Mapping[str, list[str]],
    guarded: bool,
    former: list[Action],
) -> list[Action]:
    plain = command.plain
    if not plain:
        return []
    program = base(plain[0])
    words = list(plain[1:])

    def refs(*texts: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each for text in texts for each in expand(text, known)))

    def action(kind: str, names: tuple[str, ...] = (), *, engine: bool = False) -> Action:
        if kind in ("build", "push"):
            names = names or ("${?}",)
        return Action(kind, place, command, names, engine, guarded, program)

    if program in SCANNERS:
        return [action("scan", refs(*positional(words, ())[-1:]))] if _scans(program, words) else []
    if program == "docker-compose":
        return _compose(words, action)
    if program == "executor":  # Kaniko's
        names = refs(*options(words, "--destination", "-d"))
        found = [action("build", names)]
        if not any(w.startswith("--no-push") and w != "--no-push=false" for w in words):
            found.append(action("push", names))
        else:
            found.append(action("save"))
        return found
    if program in COPIERS:
        return _copied(program, words, refs, action)
    if program.startswith("buildctl") and words[:1] == ["build"]:
        return _built(words[1:], refs, action, engine=False)
    if program not in ENGINES:
        return []
    engine = program in ("docker", "nerdctl")
    while words and words[0].startswith("-"):  # options of the client itself
        del words[: 2 if words[0] in ("-c", "--context", "-H", "--host", "--config", "-l") else 1]
    if words and words[0] in ("image", "container", "builder"):
        del words[0]
    if not words:
        return []
    verb, rest = words[0], words[1:]
    if verb == "compose" and engine:
        return _compose(rest, action)
    if verb == "buildx":
        if rest[:1] == ["imagetools"]:
            names = refs(*options(rest, "-t", "--tag"))
            sources = refs(*positional(rest[2:], ("-t", "--tag", "-f", "--file"))[-1:])
            return [action("pull", sources), action("push", names)] if names else []
        if rest[:1] == ["bake"]:
            found = [action("build", ("${?}",), engine=True)]
            return [*found, action("push", ("${?}",))] if "--push" in rest else found
        if rest[:1] != ["build"] and rest[:1] != ["b"]:
            return [action("engine", engine=engine)]
        verb, rest = "build", rest[1:]
    if verb in ("build", "bud", "build-using-dockerfile"):
        return _built(rest, refs, action, engine=engine)
    if verb == "push":
        places = positional(rest, WITH_VALUE["push"])
        if "--all-tags" in rest or "-a" in rest:
            within = refs(*places[:1])
            names = tuple(
                name
                for each in former
                if each.kind in ("build", "tag")
                for name in each.refs
                if repository(name) in within
            )
            return [action("push", names, engine=engine)]
        names = refs(*places[-1:]) if program in ("podman", "buildah") else refs(*places[:1])
        return [action("push", names, engine=engine)]
    if verb == "manifest":
        places = positional(rest, ())
        kind = {"push": "push", "create": "pull"}.get(places[0] if places else "", "engine")
        named = places[2:] if kind == "pull" else places[-1:]
        return [action(kind, refs(*named))]
    if verb == "pull":
        return [action("pull", refs(*positional(rest, WITH_VALUE["pull"])[:1]), engine=engine)]
    if verb == "tag":
        return [action("tag", refs(*positional(rest, ())[1:]), engine=engine)]
    if verb == "login":
        return [action("login")]
    if verb == "load":
        return [action("load", engine=engine)]
    if verb == "save":
        return [action("save", engine=engine)]
    if verb == "scout":
        scans = any(word in ("cves", "quickview", "policy") for word in rest)
        return [action("scan", refs(*positional(rest, ())[-1:]))] if scans else []
    if verb in ("run", "create"):
        for index, word in enumerate(rest):
            if base(word) in SCANNERS and not word.startswith("-"):
                if _scans(base(word), rest[index + 1 :]):
                    return [
                        action("engine", engine=engine),
                        Action("scan", place, command, refs(rest[-1]), engine, guarded, base(word)),
                    ]
                return [action("engine", engine=engine)]
        # The image that it runs is pulled when it is not there.
        return [action("run", refs(*rest), engine=engine)]
    return [action("engine", engine=engine and verb in ("start", "exec", "cp", "commit"))]


def _built(
    words: list[str],
    refs: Callable[..., tuple[str, ...]],
    action: Callable[..., Action],
    *,
    engine: bool,
) -> list[Action]:
    """`docker build`, `buildx build`, `buildah bud`, `buildctl build`: they may push too."""
    told = " ".join(words)
    named = re.search(r"[,=\s]name=([^,\s]+)", told)
    names = refs(*([named[1]] if named else options(words, "-t", "--tag")))
    found = [action("build", names, engine=engine)]
    if re.search(r"(?:^|\s)--push(?!=false)(?:\s|=|$)|type=registry|push=true", told):
        found.append(action("push", names, engine=engine))
    elif re.search(r"dest=|(?:^|\s)(?:-o|--output)[ =]", told):
        found.append(action("save"))
    return found


def _compose(words: list[str], action: Callable[..., Action]) -> list[Action]:
    """The names are in another file."""
    kinds = [word for word in words if word in ("build", "push", "pull")]
    return [action(kind, ("${?}",), engine=True) for kind in kinds[:1]] or [
        action("engine", engine=True)
    ]


def _copied(
    program: str,
    words: list[str],
    refs: Callable[..., tuple[str, ...]],
    action: Callable[..., Action],
) -> list[Action]:
    """From one registry's name to another, or from an archive."""
    if "login" in words:
        return [action("login")]
    places = positional(words, WITH_VALUE["copy"])
    verbs = ("copy", "cp", "push", "tag", "image", "artifact")
    while places and places[0] in ("image", "artifact", "registry"):
        del places[0]
    if len(places) < 3 or places[0] not in verbs:
        return []
    source, target = places[-2:]
    if places[0] == "tag":
        target = f"{repository(source)}:{target}"
    found = []
    if program == "skopeo":
        kind = "pull" if source.startswith("docker://") else "load"
        found.append(action(kind, refs(source.removeprefix("docker://"))))
        if not target.startswith("docker://"):
            return [*found, action("save")]
    else:
        found.append(action("load" if places[0] == "push" else "pull", refs(source)))
    return [*found, action("push", refs(target.removeprefix("docker://")))]


def _scans(program: str, words: list[str]) -> bool:
    """Whether a scanner is asked to look at an image, rather than at files, or for its version."""
    if program == "trivy":
        verbs = [word for word in words if re.fullmatch(r"[a-z][a-z0-9]*", word)]
        known = [word for word in verbs if word in ("image", "i", "rootfs", "sbom", "vm")]
        if "--download-db-only" in words or "--version" in words or not words:
            return False
        return bool(known) or not any(word in _NO_IMAGES for word in verbs)
    if program == "grype":
        return bool(words) and words[0] not in ("db", "version", "completion", "--version", "help")
    if program == "snyk":
        return "container" in words and ("test" in words or "monitor" in words)
    return not any(word in ("version", "--version", "--help") for word in words)


def scanners_of(command: Command) -> list[str]:
    """The scanners that a command starts, whatever they look at."""
    plain = command.plain
    return [base(word) for word in plain[:1] if base(word) in SCANNERS]


def base(word: str) -> str:
    """`aquasec/trivy:0.66` → `trivy`."""
    return re.split(r"[:@]", word.rpartition("/")[2])[0]


def options(words: list[str], *names: str) -> list[str]:
    """The values of an option, however it is written."""
    found = []
    for index, word in enumerate(words):
        for name in names:
            if word == name:
                found += words[index + 1 : index + 2]
            elif word.startswith(name + "="):
                found.append(word[len(name) + 1 :])
            elif len(name) == 2 and word.startswith(name) and not word.startswith("--"):
                found.append(word[2:])
    return found


def positional(words: list[str], with_value: Iterable[str]) -> list[str]:
    """What is neither an option, nor its value, nor a redirection."""
    found = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif re.fullmatch(r"<<<|<<-?|[<>][<>&|]*", word):
            skip = True
        elif word.startswith("-") and word != "-":
            skip = word in with_value
        else:
            found.append(word)
    return found


def repository(reference: str) -> str:
    """A reference without its tag nor its digest."""
    name = reference.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.partition(":")[0]
