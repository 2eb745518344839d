"""Reading a GitHub Actions workflow that publishes an image, without running it.

Syntax: docs.github.com/actions/reference/workflows-and-actions/workflow-syntax. In YAML 1.1, which
PyYAML reads, the key `on` is the boolean true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks import expressions, yaml_text
from checks.exercise import Slip
from checks.outcome import Facts, Mistake

MINIMUM = {
    "actions/checkout": 5,
    "docker/login-action": 4,
    "docker/setup-buildx-action": 4,
    "docker/setup-qemu-action": 4,
    "docker/build-push-action": 7,
    "docker/metadata-action": 6,
}
"""The first major versions that run on Node 24: Node 20 left the runners in September 2026."""
LOGIN, BUILD, METADATA = (
    "docker/login-action",
    "docker/build-push-action",
    "docker/metadata-action",
)
_SECRET = re.compile(r"dckr_(?:pat|oat)_|ghp_|github_pat_")
_EXPRESSION = re.compile(r"^\s*\$\{\{.*\}\}\s*$", re.DOTALL)
_SCANS = re.compile(
    r"\btrivy\b\S*[^|;&\n]*?\s(?:image|i|fs|filesystem|rootfs|repo|repository|sbom|vm)\s"
    r"|\bgrype\b\S*\s+(?!db\b|version\b|(?:-h|--help|--version)\b)[-\w\"'$]"
    r"|\bdocker\s+scout\s+cves\b|\bsnyk\b\S*\s+(?:container\s+)?test\b"
)
_GETS = re.compile(r"\b(install|add|curl|wget)\b")
"""What fetches a scanner names it, and scans nothing."""
_PIPED = re.compile(r"(?<!\|)\|(?!\|)")
_SCAN_ACTIONS = ("aquasecurity/trivy-action", "anchore/scan-action", "docker/scout-action")
_FORGIVEN = re.compile(r"\|\|(?!\s*(?:exit|return|false|\{))")
_LITERAL_FIELDS = ("secret-envs", "secret-files")
"""Fields of the build action that name secrets, and hold none."""

SLIPS = {
    **yaml_text.SLIPS,
    "pas-un-workflow": Slip(
        "`{name}` se lit, mais il y manque {missing} : GitHub ne l'exécuterait pas.",
        "Un workflow a des déclencheurs et des travaux, et chaque travail a des étapes.",
    ),
    "sans-tag-de-version": Slip(
        "Le workflow ne part pas quand un tag de version est poussé (`on.push.tags`) : aucune "
        "version ne serait publiée.",
        "Quel événement de Git annonce une version ?",
    ),
    "sans-proposition": Slip(
        "Le workflow ne part pas sur les propositions de modification (`pull_request`) : on ne "
        "découvrirait une construction cassée qu'au moment de publier.",
        "Quand veut-on savoir que l'image ne se construit plus ?",
    ),
    "permissions-absentes": Slip(
        "Aucune clé `permissions` : le jeton du workflow reçoit les droits par défaut du dépôt.",
        "De quoi ce workflow a-t-il besoin dans le dépôt Git : lire, ou écrire ?",
    ),
    "permissions-trop-larges": Slip(
        "`permissions` accorde {found}, alors que lire le contenu suffit.",
        "Le registre n'est pas GitHub : publier une image n'écrit rien dans le dépôt Git.",
    ),
    "secret-en-clair": Slip(
        "Un secret est écrit en toutes lettres ({where}) : le fichier est dans Git, pour toujours.",
        "GitHub garde les secrets à part ; le fichier n'en cite que le nom.",
    ),
    "secret-introuvable": Slip(
        "Le champ `{where}` prend sa valeur dans `{found}`, que le fichier ne définit nulle part : "
        "il serait vide.",
        "Dans quel contexte GitHub range-t-il les secrets du dépôt ?",
    ),
    "action-perimee": Slip(
        "`{found}` est une version retirée ou trop ancienne ; il faut au moins `v{minimum}`, ou un "
        "commit complet.",
        "Cherchez la version majeure courante de cette action.",
    ),
    "action-flottante": Slip(
        "`{found}` ne désigne ni une version, ni un commit complet : son contenu peut changer "
        "demain.",
        "Que peut-on écrire après l'arobase d'une action ?",
    ),
    "sans-connexion": Slip(
        "Aucune étape de connexion au registre avant l'envoi.",
        "L'envoi a besoin d'un compte : quelle action s'en charge, et à quel moment ?",
    ),
    "sans-envoi": Slip(
        "Aucune étape n'envoie d'image : le workflow construit, et c'est tout.",
        "L'action de construction sait aussi envoyer.",
    ),
    "envoi-sur-proposition": Slip(
        "L'étape {where} envoie l'image même pour une simple proposition (`pull_request`) : le "
        "travail d'un inconnu serait publié sous votre nom.",
        "Une expression GitHub sait distinguer les événements.",
    ),
    "envoi-hors-version": Slip(
        "L'étape {where} a lieu aussi quand une branche est poussée : seules les versions devaient "
        "être publiées.",
        "Pour quels événements le workflow part-il, et lesquels doivent aller jusqu'à l'envoi ?",
    ),
    "tag-de-branche": Slip(
        "Les tags de l'image viennent de `{found}` : `main` donnerait un tag `main`, `v1.2.3` un "
        "seul tag, et une branche nommée `essai/x` un tag refusé.",
        "Une action calcule les tags d'une image à partir de ceux de Git.",
    ),
    "sans-semver": Slip(
        "Les tags ne sont pas calculés comme des versions : {found}.",
        "L'action de métadonnées connaît un type de tag fait pour `1.2.3`.",
    ),
    "sans-examen": Slip(
        "Aucune étape n'examine l'image avant l'envoi.",
        "Le scanner bloquant de la mission précédente a ici sa place.",
    ),
    "examen-apres-envoi": Slip(
        "L'examen vient après l'envoi : quand il échoue, l'image est déjà publiée.",
        "Dans quel ordre ces deux étapes doivent-elles se suivre ?",
    ),
    "examen-sans-effet": Slip(
        "L'examen n'arrête rien : {why}.",
        "Quelle option, ou quel champ, fait échouer l'étape quand elle trouve quelque chose ?",
    ),
}


@dataclass(frozen=True)
class _Step:
    """A step of a workflow; `job` is the name of its job, `action` of what it uses ("" for none),
    `guards` the conditions under which it runs."""

    job: str
    told: dict[str, Any]
    action: str
    guards: tuple[Any, ...]

    @property
    def run(self) -> str:
        """Its script."""
        return str(self.told.get("run", "")).replace("\\\n", " ")

    @property
    def fields(self) -> dict[str, Any]:
        """What it gives to its action."""
        with_ = self.told.get("with")
        return with_ if isinstance(with_, dict) else {}

    @property
    def name(self) -> str:
        """What to call it, in a message."""
        return f"`{self.told.get('name') or self.told.get('uses') or 'docker push'}`"

    def happens(self, event: dict[str, str], *more: object) -> bool | None:
        """Whether it runs when `event` happens, under the conditions `more` too; None: unknown."""
        answers = [expressions.holds(guard, event) for guard in (*self.guards, *more)]
        return False if False in answers else (None if None in answers else True)

    def ever(self, events: list[dict[str, str]], *more: object) -> bool:
        """Whether it may run when one of `events` happens."""
        return any(self.happens(event, *more) is not False for event in events)


def check(name: str, text: str) -> Facts:
    """What the workflow proves; raises the first `Mistake` of `SLIPS` that it makes."""
    document = _read(name, text)
    triggers = _triggers(name, document)
    written = document.get("jobs")
    jobs: dict[str, dict[str, Any]] = {
        str(job): told
        for job, told in (written.items() if isinstance(written, dict) else ())
        if isinstance(told, dict)
    }
    listed = [
        (job, step)
        for job, told in jobs.items()
        for step in _list(told.get("steps"))
        if isinstance(step, dict)
    ]
    if not listed:
        raise Mistake("pas-un-workflow", name=name, missing="au moins un travail avec ses étapes")
    _check_triggers(triggers)
    _check_permissions(document, jobs)
    _check_secrets(text, document, jobs)
    steps = []
    for job, step in listed:
        # A job waits for others, and is skipped with them.
        chain = [jobs[each] for each in (job, *_awaited(jobs, job)) if each in jobs]
        guards = tuple(each["if"] for each in (*chain, step) if "if" in each)
        steps.append(_Step(job, step, _check_version(step), guards))
    versions = [expressions.VERSION] if "push" in triggers else []
    versions += [expressions.RELEASE] if "release" in triggers else []
    pushes = _check_push(steps, triggers, versions)
    for push in pushes:
        before = [each for each in steps[: push + 1] if each.job == steps[push].job]
        if not any(_logs_in(each) and each.ever(versions) for each in before):
            raise Mistake("sans-connexion")
    _check_scan(document, jobs, steps, pushes, versions)
    _check_tags(steps, pushes)
    return {
        "déclencheurs": sorted(triggers),
        "étapes": len(steps),
        "actions": sorted({str(s.told["uses"]) for s in steps if s.told.get("uses")}),
    }


def _logs_in(step: _Step) -> bool:
    return step.action == LOGIN or "docker login" in step.run


def _read(name: str, text: str) -> dict[str, Any]:
    found = yaml_text.documents(name, text)
    if len(found) != 1 or not isinstance(found[0], dict):
        raise Mistake("pas-un-workflow", name=name, missing="des clés `on` et `jobs`")
    return found[0]


def _values(value: Any) -> list[dict[str, Any]]:
    return [v for v in value.values() if isinstance(v, dict)] if isinstance(value, dict) else []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _triggers(name: str, document: dict[Any, Any]) -> dict[str, Any]:
    found = document.get("on", document.get(True))
    if isinstance(found, str):
        return {found: None}
    if isinstance(found, list):
        return {str(event): None for event in found}
    if isinstance(found, dict):
        return {str(event): value for event, value in found.items()}
    raise Mistake("pas-un-workflow", name=name, missing="la clé `on`")


def _check_triggers(triggers: dict[str, Any]) -> None:
    push = triggers.get("push", False)
    # Without a filter, every push counts, tags too; a filter on branches alone leaves tags out.
    tagged = push is None or (isinstance(push, dict) and _follows(push, "tags", "branches"))
    if not tagged and "release" not in triggers:
        raise Mistake("sans-tag-de-version")
    if "pull_request" not in triggers:
        raise Mistake("sans-proposition")


def _follows(push: dict[Any, Any], these: str, others: str) -> bool:
    """Whether `on.push` counts pushes of `these` (`tags`, `branches`): asked for, or not excluded
    by a filter on the others alone."""
    if these in push:
        return bool(push[these])
    return f"{these}-ignore" in push or not {others, f"{others}-ignore"} & set(push)


def _check_permissions(document: dict[Any, Any], jobs: Any) -> None:
    if any("permissions" not in {**document, **job} for job in _values(jobs)):
        raise Mistake("permissions-absentes")
    granted = [{**document, **job}["permissions"] for job in _values(jobs)]
    # Signing and provenance need these two; a registry of GitHub's own needs the third.
    fine = ("id-token", "attestations", "packages", "security-events")
    for each in granted:
        if isinstance(each, str) and each != "read-all":
            raise Mistake("permissions-trop-larges", found=f"`{each}`")
        if isinstance(each, dict):
            for key, value in each.items():
                if value == "write" and key not in fine:
                    raise Mistake("permissions-trop-larges", found=f"`{key}: write`")


def _check_secrets(text: str, document: dict[Any, Any], jobs: Any) -> None:
    if found := _SECRET.search(text):
        line = text[: found.start()].count("\n") + 1
        raise Mistake("secret-en-clair", where=f"ligne {line}")
    # What a job may do, or hands to another workflow, is no secret, whatever the words.
    kept = [
        {key: value for key, value in job.items() if key not in ("permissions", "secrets")}
        for job in _values(jobs)
    ]
    for key, value in _pairs({"env": document.get("env"), "jobs": kept}):
        secret = re.search(r"pass(word)?|token|secret|_pat\b|^pat$", key, re.IGNORECASE)
        if not secret or not isinstance(value, str) or key in _LITERAL_FIELDS:
            continue
        lines = [line.partition("=")[2] for line in value.splitlines() if line.strip()]
        for said in lines if key == "secrets" else [value]:
            if said and not _EXPRESSION.match(said):
                raise Mistake("secret-en-clair", where=f"champ `{key}`")
            named = re.search(r"\benv\.([A-Za-z_]\w*)", said)
            if named and not re.search(rf"(?<![\w.]){named[1]}(?:[\"']?\s*:|=)", text):
                raise Mistake("secret-introuvable", where=key, found=named[0])
    for run in (str(step.get("run", "")) for job in kept for step in _list(job.get("steps"))
                if isinstance(step, dict)):  # fmt: skip
        if re.search(r"docker login[^\n]*\s(-p|--password)[ =]", run) or re.search(
            r"(echo|printf)\s+(?!['\"]?%)['\"]?[^$'\"\s][^\n|]*\|\s*docker login", run
        ):
            raise Mistake("secret-en-clair", where="une commande `docker login`")


def _pairs(value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if depth > 12:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key), inner
            yield from _pairs(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _pairs(inner, depth + 1)


def _check_version(step: dict[str, Any]) -> str:
    """The action's name, once its version is known to be fit; "" when the step runs a script."""
    uses = step.get("uses")
    if not isinstance(uses, str):
        return ""
    name, _, version = uses.partition("@")
    if uses.startswith(("./", "docker://")) or re.fullmatch(r"[0-9a-f]{40}", version):
        return name
    number = re.fullmatch(r"v?(\d+)(\.\d+)*", version)
    if number is None:
        raise Mistake("action-flottante", found=uses)
    minimum = MINIMUM.get(name, 0)
    if int(number[1]) < minimum:
        raise Mistake("action-perimee", found=uses, minimum=minimum)
    return name


def _check_push(
    steps: list[_Step], triggers: dict[str, Any], versions: list[dict[str, str]]
) -> list[int]:
    """The positions of the steps that push a version; none may do so for anything else."""
    pushes = []
    push = triggers.get("push", False)
    branches = push is None or (isinstance(push, dict) and _follows(push, "branches", "tags"))
    for index, step in enumerate(steps):
        push = step.fields.get("push", False)
        outputs = str(step.fields.get("outputs", ""))
        more: tuple[object, ...] = ()
        if step.action == BUILD:
            if "push=true" in outputs or "type=registry" in outputs:
                push = True
            more = (push,)
        elif not re.search(r"docker\s+(image\s+)?push|--push\b", step.run):
            continue
        written = " ".join(map(str, (*step.guards, *more)))
        proposed = step.happens(expressions.PROPOSAL, *more)
        told = re.search(r"pull_request|event_name|refs/tags|ref_type", written)
        if proposed or (proposed is None and not told):
            raise Mistake("envoi-sur-proposition", where=step.name)
        if branches and step.happens(expressions.BRANCH, *more):
            raise Mistake("envoi-hors-version", where=step.name)
        if step.ever(versions, *more):
            pushes.append(index)
    if not pushes:
        raise Mistake("sans-envoi")
    return pushes


def _check_scan(
    document: dict[Any, Any],
    jobs: dict[str, dict[str, Any]],
    steps: list[_Step],
    pushes: list[int],
    versions: list[dict[str, str]],
) -> None:
    """A scan that stops everything comes before each push."""
    scans = {
        index: why
        for index, step in enumerate(steps)
        if (why := _scan(document, jobs[step.job], step, versions)) is not None
    }
    if not scans:
        raise Mistake("sans-examen")
    for push in pushes:
        awaited = _awaited(jobs, steps[push].job)
        reasons = []
        for index, why in scans.items():
            if steps[index].job == steps[push].job:
                reasons += [why] if index < push else []
            elif steps[index].job in awaited:
                reasons.append(why)
            else:
                reasons.append("l'envoi est dans un autre travail, qui ne l'attend pas (`needs`)")
        if not reasons:
            raise Mistake("examen-apres-envoi")
        if "" not in reasons:
            raise Mistake("examen-sans-effet", why=reasons[0])
        if re.search(
            r"always\(\)|!\s*cancelled\(\)|failure\(\)", " ".join(map(str, steps[push].guards))
        ):
            raise Mistake("examen-sans-effet", why="l'envoi a lieu même après un échec")


def _awaited(jobs: dict[str, dict[str, Any]], job: str) -> set[str]:
    """The jobs that must have succeeded before this one begins."""
    found: set[str] = set()
    left = [job]
    while left:
        needs = jobs.get(left.pop(), {}).get("needs")
        for each in [needs] if isinstance(needs, str) else map(str, _list(needs)):
            if each not in found:
                found.add(each)
                left.append(each)
    return found


def _scan(
    document: dict[Any, Any], job: dict[str, Any], step: _Step, versions: list[dict[str, str]]
) -> str | None:
    """Why the scan that this step makes stops nothing ("" when it does); None: it scans nothing."""
    commands = [
        command
        for line in step.run.splitlines()
        for command in re.split(r"&&|;", line)
        if _SCANS.search(command + " ") and not _GETS.search(command)
    ]
    if not commands and step.action not in _SCAN_ACTIONS:
        return None
    for each in (step.told, job):
        if expressions.holds(each.get("continue-on-error", False), expressions.VERSION):
            return "`continue-on-error` laisse passer son échec"
    if not step.ever(versions):
        return "il n'a pas lieu quand une version est publiée"
    environment = {
        str(key): value
        for each in (document, job, step.told)
        if isinstance(each.get("env"), dict)
        for key, value in each["env"].items()
    }
    asked = str(environment.get("TRIVY_EXIT_CODE", "0")) != "0"
    if not commands:
        return _scan_action(step, asked)
    safe = step.told.get("shell") == "bash" or "pipefail" in step.run
    reasons = [_scan_command(command, asked, safe) for command in commands]
    return "" if "" in reasons else reasons[0]


def _scan_action(step: _Step, asked: bool) -> str:
    """What an action stops; `asked`: trivy's code has been chosen by a variable."""
    trivy, grype, _ = _SCAN_ACTIONS
    if step.action == trivy:
        silent = not asked and str(step.fields.get("exit-code", "0")) == "0"
        return "sans `exit-code`, trivy rend 0 quoi qu'il trouve" if silent else ""
    if step.action == grype:
        stops = expressions.holds(step.fields.get("fail-build", True), expressions.VERSION)
        return "`fail-build` le lui interdit" if stops is False else ""
    stops = expressions.holds(step.fields.get("exit-code", False), expressions.VERSION)
    return "" if stops else "sans `exit-code`, l'action réussit quoi qu'elle trouve"


def _scan_command(command: str, asked: bool, safe: bool) -> str:
    """What a command stops; `safe`: a failure goes through pipes."""
    if _FORGIVEN.search(command):
        return "`||` efface son code"
    if _PIPED.search(command) and not safe:
        return "son code se perd dans le tube"
    silences = {
        "trivy": asked or re.search(r"--exit-code[ =]+[\"']?[1-9]", command),
        "grype": re.search(r"(--fail-on|\s-f)[ =]", command),
        "scout": re.search(r"(--exit-code|\s-e)\b", command),
    }
    for tool, stops in silences.items():
        if tool in command:
            return "" if stops else f"sans option, {tool} rend 0 quoi qu'il trouve"
    return ""


def _check_tags(steps: list[_Step], pushes: list[int]) -> None:
    metadata = [step for step in steps if step.action == METADATA]
    names = "|".join(re.escape(str(each.told["id"])) for each in metadata if each.told.get("id"))
    computed = re.compile(
        rf"\b(?:steps\.(?:{names or '(?!)'})|needs\.[\w-]+)\.outputs\.|\bDOCKER_METADATA_OUTPUT_"
    )
    for index in pushes:
        step = steps[index]
        tags = str(step.fields.get("tags", "")) if step.action == BUILD else step.run
        # What a script pushes may have been named by a step before.
        told = [tags] if step.action == BUILD else [str(each.told) for each in steps[: index + 1]]
        if found := re.search(r"github\.(ref_name|ref|head_ref)\b", tags):
            raise Mistake("tag-de-branche", found=found[0])
        if metadata and not any(map(computed.search, told)):
            raise Mistake("sans-semver", found=f"{step.name} n'emploie pas ceux qui le sont")
    if not metadata:
        raise Mistake("sans-semver", found="`docker/metadata-action` n'y est pas")
    tags = str(metadata[0].fields.get("tags", ""))
    if "type=semver" not in tags:
        raise Mistake("sans-semver", found="aucun tag de type semver n'est demandé")
    if "{{version}}" not in tags.replace(" ", ""):
        raise Mistake("sans-semver", found="la version complète n'est pas demandée")
