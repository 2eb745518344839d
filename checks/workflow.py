"""Reading a GitHub Actions workflow that publishes an image, without running it.

Syntax: docs.github.com/actions/reference/workflows-and-actions/workflow-syntax. In YAML 1.1, which
PyYAML reads, the key `on` is the boolean true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

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
_SCANS = re.compile(r"\b(trivy|grype|docker\s+scout|snyk)\b")
_SCAN_ACTIONS = ("aquasecurity/trivy-action", "anchore/scan-action", "docker/scout-action")

SLIPS = {
    "yaml-illisible": Slip(
        "`{name}` n'est pas du YAML valide ({problem}).",
        "En YAML, la structure est faite d'espaces, jamais de tabulations.",
    ),
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


def check(name: str, text: str) -> Facts:
    """What the workflow proves; raises the first `Mistake` of `SLIPS` that it makes."""
    document = _read(name, text)
    triggers = _triggers(name, document)
    jobs = document.get("jobs")
    steps = [step for job in _values(jobs) for step in _list(job.get("steps"))]
    steps = [step for step in steps if isinstance(step, dict)]
    if not steps:
        raise Mistake("pas-un-workflow", name=name, missing="au moins un travail avec ses étapes")
    _check_triggers(triggers)
    _check_permissions(document, jobs)
    _check_secrets(text, document, steps)
    actions = [_check_version(step) for step in steps]
    pushes = _check_push(steps)
    logins = [i for i, action in enumerate(actions) if action == LOGIN]
    logins += [i for i, s in enumerate(steps) if "docker login" in str(s.get("run", ""))]
    if not logins or min(logins) > min(pushes):
        raise Mistake("sans-connexion")
    _check_scan(steps, actions, min(pushes))
    _check_tags(steps, pushes)
    return {
        "déclencheurs": sorted(triggers),
        "étapes": len(steps),
        "actions": sorted({str(s["uses"]) for s in steps if s.get("uses")}),
    }


def _read(name: str, text: str) -> dict[str, Any]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        lines = text.splitlines()
        # What is never closed is noticed after the last line.
        line = min(mark.line, len(lines) - 1) if mark else -1
        where = f"ligne {line + 1}" if line >= 0 else "on ne sait où"
        tab = line >= 0 and "\t" in lines[line]
        raise Mistake(
            "yaml-illisible", name=name, problem=where + (", une tabulation" if tab else "")
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Mistake("yaml-illisible", name=name, problem="caractère interdit") from error
    if not isinstance(document, dict):
        raise Mistake("pas-un-workflow", name=name, missing="des clés `on` et `jobs`")
    return document


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
    push = triggers.get("push", triggers.get("release", False))
    released = "release" in triggers or (isinstance(push, dict) and push.get("tags"))
    if not released:
        raise Mistake("sans-tag-de-version")
    if "pull_request" not in triggers:
        raise Mistake("sans-proposition")


def _check_permissions(document: dict[Any, Any], jobs: Any) -> None:
    granted = [document["permissions"]] if "permissions" in document else []
    told = [job["permissions"] for job in _values(jobs) if "permissions" in job]
    if not granted and len(told) < len(_values(jobs)):
        raise Mistake("permissions-absentes")
    # Signing and provenance need these two; a registry of GitHub's own needs the third.
    fine = ("id-token", "attestations", "packages", "security-events")
    for each in told or granted:
        if isinstance(each, str) and each != "read-all":
            raise Mistake("permissions-trop-larges", found=f"`{each}`")
        if isinstance(each, dict):
            for key, value in each.items():
                if value == "write" and key not in fine:
                    raise Mistake("permissions-trop-larges", found=f"`{key}: write`")


def _check_secrets(text: str, document: dict[Any, Any], steps: list[dict[str, Any]]) -> None:
    if found := _SECRET.search(text):
        line = text[: found.start()].count("\n") + 1
        raise Mistake("secret-en-clair", where=f"ligne {line}")
    for key, value in _pairs({"env": document.get("env"), "steps": steps}):
        secret = re.search(r"pass(word)?|token|secret|_pat\b|^pat$", key, re.IGNORECASE)
        if secret and isinstance(value, str) and value and not _EXPRESSION.match(value):
            raise Mistake("secret-en-clair", where=f"champ `{key}`")
    for step in steps:
        run = str(step.get("run", ""))
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


def _check_push(steps: list[dict[str, Any]]) -> list[int]:
    """The positions of the steps that push; none of them may do so for a proposal."""
    pushes = []
    for index, step in enumerate(steps):
        with_ = step.get("with") if isinstance(step.get("with"), dict) else {}
        assert isinstance(with_, dict)
        uses, run = str(step.get("uses", "")), str(step.get("run", ""))
        push = with_.get("push", False)
        outputs = str(with_.get("outputs", ""))
        pushing = uses.startswith(BUILD) and (
            push not in (False, "false") or "push=true" in outputs
        )
        if not pushing and not re.search(r"docker\s+(image\s+)?push|--push\b", run):
            continue
        pushes.append(index)
        guard = f"{step.get('if', '')} {push if uses.startswith(BUILD) else ''}"
        if not re.search(r"pull_request|event_name|refs/tags|ref_type", guard):
            where = f"`{step.get('name') or step.get('uses') or 'docker push'}`"
            raise Mistake("envoi-sur-proposition", where=where)
    if not pushes:
        raise Mistake("sans-envoi")
    return pushes


def _check_scan(steps: list[dict[str, Any]], actions: list[str], push: int) -> None:
    scans = [
        index
        for index, step in enumerate(steps)
        if actions[index] in _SCAN_ACTIONS or _SCANS.search(str(step.get("run", "")))
    ]
    if not scans:
        raise Mistake("sans-examen")
    if min(scans) > push:
        raise Mistake("examen-apres-envoi")
    step = steps[min(scans)]
    if step.get("continue-on-error") in (True, "true"):
        raise Mistake("examen-sans-effet", why="`continue-on-error` laisse passer son échec")
    with_ = step.get("with") if isinstance(step.get("with"), dict) else {}
    assert isinstance(with_, dict)
    run = str(step.get("run", ""))
    if "trivy" in run and not re.search(r"--exit-code[ =][1-9]", run):
        raise Mistake("examen-sans-effet", why="trivy rend 0 quoi qu'il trouve")
    if actions[min(scans)] == _SCAN_ACTIONS[0] and str(with_.get("exit-code", "0")) == "0":
        raise Mistake("examen-sans-effet", why="sans `exit-code`, trivy rend 0 quoi qu'il trouve")


def _check_tags(steps: list[dict[str, Any]], pushes: list[int]) -> None:
    metadata = [s for s in steps if str(s.get("uses", "")).startswith(METADATA)]
    for index in pushes:
        with_ = steps[index].get("with")
        tags = str(with_.get("tags", "")) if isinstance(with_, dict) else ""
        if not metadata and (found := re.search(r"github\.(ref_name|ref|head_ref)\b", tags)):
            raise Mistake("tag-de-branche", found=found[0])
    if not metadata:
        raise Mistake("sans-semver", found="`docker/metadata-action` n'y est pas")
    with_ = metadata[0].get("with")
    tags = str(with_.get("tags", "")) if isinstance(with_, dict) else ""
    if "type=semver" not in tags:
        raise Mistake("sans-semver", found="aucun tag de type semver n'est demandé")
    if "{{version}}" not in tags.replace(" ", ""):
        raise Mistake("sans-semver", found="la version complète n'est pas demandée")
