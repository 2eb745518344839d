"""Reading a Dockerfile: stages, instructions, and what makes it fit to be published.

Grammar: docs.docker.com/reference/dockerfile (continuation lines, comments, parser directives,
here-documents). Nothing is expanded nor run.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

from checks import shell
from checks.exercise import Slip
from checks.outcome import Mistake
from checks.typography import listing

_WORDS = (
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL "
    "STOPSIGNAL USER VOLUME WORKDIR"
)
KEYWORDS = frozenset(_WORDS.split())
_HEREDOC = re.compile(r"<<-?\s*([\"']?)([A-Za-z_][A-Za-z0-9_]*)\1")
_INSTALLS = re.compile(
    r"\b(pip3?|uv|poetry|pipenv|npm|pnpm|yarn|apk|apt|apt-get|dnf|yum|go mod|cargo|bundle|composer"
    r"|mvn|gradle)\b"
    r"|(?:^|[;&|(\[]\s*\"?|\b(?:sh|bash|ash|exec|time)\s+(?:-\w+\s+)*)(?:\w+=\S*\s+)*"
    r"[\"']?(?:\.?/)?(?:[\w.-]+/)*install(?:er)?\.sh\b"
)
_FLOATING = frozenset(
    ["latest", "edge", "rolling", "nightly", "stable", "testing", "unstable", "sid", "devel", "dev",
     "main", "master", "lts", "current", "mainline"]
)  # fmt: skip
"""Tags whose name says that they move."""
_VARIABLE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}|\$(\w+)")
_OLDEST = {
    "alpine": (3, 21),
    "debian": (12,),
    "golang": (1, 26),
    "node": (22,),
    "python": (3, 10),
    "ubuntu": (22, 4),
}
"""The oldest maintained tags of common bases, in November 2026."""
_OLD_NAMES = {"focal", "bionic", "xenial", "buster", "stretch", "bullseye", "jessie"}
OCI_LABELS = ("title", "version", "source", "licenses")
PREFIX = "org.opencontainers.image."


@dataclass(frozen=True)
class Instruction:
    """One instruction: `keyword` in capitals, `flags` (`--from=x`), the rest of the line."""

    keyword: str
    flags: tuple[str, ...]
    text: str
    line: int

    def flag(self, name: str) -> str | None:
        """The value of `--name=value`."""
        for flag in self.flags:
            key, _, value = flag.partition("=")
            if key == f"--{name}":
                return value
        return None

    @property
    def words(self) -> list[str]:
        """The arguments, quotes removed; the JSON form is accepted."""
        try:
            return shlex.split(self.text.strip("[]").replace('",', '" '))
        except ValueError:
            return self.text.split()


@dataclass(frozen=True)
class Stage:
    """What follows one `FROM`: its base, its name (`AS name`), its instructions."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, *keywords: str) -> list[Instruction]:
        """Its instructions of these kinds, in order."""
        return [each for each in self.instructions if each.keyword in keywords]


RECIPE = {
    "dockerfile-illisible": Slip(
        "`{name}` ne se lit pas comme un Dockerfile : {problem}.",
        "Un Dockerfile commence par `FROM` (ou `ARG`), une instruction par ligne logique.",
    ),
    "base-flottante": Slip(
        "`{name}` part de `{base}`, sans version précise : demain, la même ligne désignera une "
        "autre image.",
        "Quel tag, ou quel digest, désignera encore la même base dans six mois ?",
    ),
    "base-perimee": Slip(
        "`{name}` part de `{base}`, qui n'est plus maintenue : l'image reste téléchargeable, mais "
        "ne reçoit plus de corrections.",
        "Cherchez, sur la page de l'image officielle, les tags encore reconstruits.",
    ),
    "code-avant-dependances": Slip(
        "`{name}` copie tout le dossier (ligne {copy}) avant d'installer les dépendances (ligne "
        "{run}) : changer une seule ligne du code refera toute l'installation.",
        "Le cache d'une construction s'arrête à la première instruction dont une entrée a changé.",
    ),
    "labels-absents": Slip(
        "`{name}` ne donne pas de valeur à {missing}{instead}.",
        "La spécification d'image OCI réserve des noms de labels qui commencent tous par "
        "`org.opencontainers.image.`.",
    ),
    "sans-utilisateur": Slip(
        "`{name}` ne choisit pas d'utilisateur pour son étape finale : le programme tournera en "
        "root.",
        "Une instruction du Dockerfile décide sous quel utilisateur le conteneur démarre.",
    ),
    "utilisateur-root": Slip(
        "`{name}` choisit root (ligne {line}) : c'est la dernière instruction `USER` qui compte.",
        "Quel est le dernier utilisateur choisi ?",
    ),
    "port-non-declare": Slip(
        "`{name}` ne déclare aucun port dans son étape finale : qui reçoit l'image ne sait pas où "
        "l'application écoute.",
        "Une instruction documente le port sans l'ouvrir.",
    ),
}


def parse(text: str) -> list[Stage]:
    """The stages of a Dockerfile. Raises `ValueError` (French) when it is not one."""
    stages: list[Stage] = []
    defaults: dict[str, str] = {}
    for instruction in _instructions(text):
        if instruction.keyword == "ARG" and not stages:
            defaults |= _assigned(instruction)
        if instruction.keyword == "FROM":
            words = filled(instruction.text, defaults).split()
            named = len(words) >= 3 and words[1].upper() == "AS"
            if not words:
                raise ValueError(f"`FROM` sans image, ligne {instruction.line}")
            stages.append(Stage(words[0], words[2].lower() if named else ""))
        elif stages:
            stages[-1].instructions.append(instruction)
        elif instruction.keyword != "ARG":
            raise ValueError(f"`{instruction.keyword}` avant tout `FROM`, ligne {instruction.line}")
    if not stages:
        raise ValueError("aucune instruction `FROM`")
    return stages


def _assigned(instruction: Instruction) -> dict[str, str]:
    """What `ARG` or `ENV` gives a value to."""
    pairs = [word.partition("=") for word in instruction.words if "=" in word]
    return {key: value for key, _, value in pairs}


def filled(text: str, known: dict[str, str]) -> str:
    """`text` with the values of the variables that are known, or their defaults (`${x:-y}`)."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        return known.get(name) or (found[2] if found[2] else found[0])

    return _VARIABLE.sub(value, text)


def _instructions(text: str) -> list[Instruction]:
    lines = text.splitlines()
    found, index = [], 0
    while index < len(lines):
        start, logical = index, ""
        while index < len(lines):
            line = lines[index].strip()
            index += 1
            if line.startswith("#") or (not line and logical):
                continue
            logical += line
            if not line.endswith("\\"):
                break
            logical = logical[:-1] + " "
        for _, end in _HEREDOC.findall(logical):
            while index < len(lines) and lines[index].strip() != end:
                index += 1
            index += 1
        if not logical.strip():
            continue
        keyword, _, rest = logical.strip().partition(" ")
        if keyword.upper() not in KEYWORDS:
            raise ValueError(f"`{keyword[:40]}` n'est pas une instruction, ligne {start + 1}")
        words = rest.split()
        flags = []
        while words and words[0].startswith("--"):
            flags.append(words.pop(0))
        body = rest.strip()
        for flag in flags:
            body = body.removeprefix(flag).lstrip()
        found.append(Instruction(keyword.upper(), tuple(flags), body, start + 1))
    return found


def read(name: str, data: bytes) -> list[Stage]:
    """The stages of the file `name`; raises `dockerfile-illisible`."""
    text = data.decode("utf-8", errors="replace")
    if excess := shell.excess(text):
        raise Mistake("dockerfile-illisible", name=name, problem=f"il {excess}")
    try:
        return parse(text)
    except ValueError as error:
        raise Mistake("dockerfile-illisible", name=name, problem=error) from error


def publishable(name: str, stages: list[Stage], *, port: bool = True) -> None:
    """Raise the first mistake of `RECIPE` that the Dockerfile makes."""
    names = {stage.name for stage in stages if stage.name}
    for stage in stages:
        if stage.base.lower() not in names:
            _check_base(name, stage.base)
    for stage in stages:
        _check_order(name, stage)
    final = _with_parents(stages)
    _check_labels(name, final)
    users = [each for each in final if each.keyword == "USER"]
    if not users:
        raise Mistake("sans-utilisateur", name=name)
    known: dict[str, str] = {}
    for each in final:
        known |= _assigned(each) if each.keyword in ("ARG", "ENV") else {}
    if filled(users[-1].text, known).strip("\"'").partition(":")[0].strip() in ("root", "0"):
        raise Mistake("utilisateur-root", name=name, line=users[-1].line)
    if port and not any(each.keyword == "EXPOSE" for each in final):
        raise Mistake("port-non-declare", name=name)


def _with_parents(stages: list[Stage]) -> list[Instruction]:
    """What shapes the final image: its stage, and the stages that it is `FROM`."""
    found: list[Instruction] = []
    by_name = {stage.name: stage for stage in stages if stage.name}
    stage: Stage | None = stages[-1]
    seen: set[int] = set()
    while stage is not None and id(stage) not in seen:
        seen.add(id(stage))
        found = stage.instructions + found
        stage = by_name.get(stage.base.lower())
    return found


def _check_base(name: str, base: str) -> None:
    path, colon, tag = base.rpartition(":")
    if "/" in tag:  # the port of a registry
        path, colon, tag = base, "", ""
    if base == "scratch" or "@sha256:" in base or "$" in (tag or base.rpartition("/")[2]):
        return
    if not colon or tag.partition("-")[0] in _FLOATING:
        raise Mistake("base-flottante", name=name, base=base)
    oldest = _OLDEST.get(path.rpartition("/")[2])
    version = tuple(int(part) for part in re.findall(r"\d+", tag.partition("-")[0])[:2])
    if tag.partition("-")[0] in _OLD_NAMES or (
        oldest and version and version < oldest[: len(version)]
    ):
        raise Mistake("base-perimee", name=name, base=base)


def _check_order(name: str, stage: Stage) -> None:
    """Everything is copied only after what installs."""
    whole: Instruction | None = None
    for each in stage.instructions:
        sources = each.words[:-1]
        if each.keyword in ("COPY", "ADD") and each.flag("from") is None:
            if any(source.rstrip("/") in (".", "", "*", "./*") for source in sources):
                whole = whole or each
        elif each.keyword == "RUN" and whole and _INSTALLS.search(each.text):
            raise Mistake("code-avant-dependances", name=name, copy=whole.line, run=each.line)


def labels(instructions: list[Instruction]) -> dict[str, str]:
    """The labels that the instructions set, values unquoted."""
    found: dict[str, str] = {}
    for each in instructions:
        if each.keyword == "LABEL":
            for word in each.words:
                key, _, value = word.partition("=")
                found[key] = value
    return found


def _check_labels(name: str, final: list[Instruction]) -> None:
    declared = labels(final)
    missing = [key for key in OCI_LABELS if not declared.get(PREFIX + key, "").strip()]
    if missing:
        own = [key for key in declared if not key.startswith(PREFIX)]
        if any(each.keyword == "MAINTAINER" for each in final):
            own.append("MAINTAINER")
        verb = "ne fait" if len(own) == 1 else "ne font"
        instead = (
            f" ; {listing([f'`{key}`' for key in own])} {verb} pas partie des noms convenus"
            if own
            else ""
        )
        quoted = listing([f"`{PREFIX}{key}`" for key in missing])
        raise Mistake("labels-absents", name=name, missing=quoted, instead=instead)
