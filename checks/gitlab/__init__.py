"""Reading a GitLab pipeline that publishes an image, without running it.

`rules` says when a job runs, `pipeline` which jobs there are and who waits for whom, `shell` and
`actions` what their scripts do; here, what all that proves. A push under a tag of the pipeline's
own (its commit, its number) carries the image from one job to another: only the others publish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NoReturn

from checks import yaml_text
from checks.exercise import Slip
from checks.gitlab import actions, pipeline
from checks.gitlab.actions import Action, Script
from checks.gitlab.pipeline import Job, Pipeline
from checks.gitlab.rules import BRANCH, MAIN, PROPOSAL, TAG, Case, Run
from checks.gitlab.shell import LITERAL, Command
from checks.outcome import Facts, Mistake

SLIPS = {
    **yaml_text.SLIPS,
    "pas-un-pipeline": Slip(
        "`{name}` se lit, mais GitLab le refuserait : {problem}.",
        "Un pipeline est fait de travaux nommés ; chacun a un script, une étape qui existe, et ne "
        "dépend que de travaux qui existent.",
    ),
    "include-non-suivi": Slip(
        "La vérification ne lit que ce fichier, et n'y trouve pas {missing}. C'est peut-être dans "
        "ce qu'il appelle d'ailleurs (`include`, `trigger`), qu'elle ne suit pas.",
        "Pour cette mission, écrivez les travaux dans le fichier lui-même.",
    ),
    "secret-en-clair": Slip(
        "Un secret est écrit en toutes lettres ({where}) : le fichier est dans Git, pour toujours.",
        "GitLab donne les identifiants du registre dans des variables, et garde les vôtres dans "
        "les réglages du projet.",
    ),
    "mot-de-passe-en-argument": Slip(
        "Le travail `{job}` donne le secret en argument (`{found}`) : il s'affiche dans la liste "
        "des processus de la machine, que d'autres travaux partagent peut-être.",
        "`docker login` sait lire le secret ailleurs que sur sa ligne de commande.",
    ),
    "sans-entree-standard": Slip(
        "Le travail `{job}` se connecte sans lire le secret sur l'entrée standard : personne "
        "n'est là pour le taper.",
        "Une option de `docker login` lit le secret sur l'entrée standard.",
    ),
    "sans-construction": Slip(
        "Aucun travail ne construit d'image. (Un script qu'il appellerait n'est pas lu.)",
        "Avant d'examiner et de publier, il faut une image : quel travail la fait ?",
    ),
    "sans-envoi": Slip(
        "Aucun travail n'envoie d'image : le pipeline construit, et c'est tout. (Un script "
        "qu'il appellerait n'est pas lu.)",
        "Une image ne quitte le travail qui l'a faite que si on l'envoie.",
    ),
    "jamais-pour-un-tag": Slip(
        "Pour un tag de version, aucun travail ne publie : {why}.",
        "Une variable de GitLab n'est définie que lorsque le pipeline vient d'un tag.",
    ),
    "publication-sans-condition": Slip(
        "Le travail `{job}` publie (`{found}`) aussi pour {case} : le moindre essai deviendrait "
        "une version.",
        "`rules` dit dans quels cas un travail existe. Sans elle, il existe toujours.",
    ),
    "autre-registre": Slip(
        "Le travail `{job}` envoie `{found}`, un nom qui n'adresse pas l'image au registre du "
        "projet, mais à {host}.",
        "GitLab donne le nom complet du dépôt d'images du projet dans une variable.",
    ),
    "sans-connexion": Slip(
        "Le travail `{job}` envoie l'image sans s'être connecté au registre.",
        "Chaque travail part d'une machine vierge : une connexion faite ailleurs n'y est plus.",
    ),
    "mauvais-registre": Slip(
        "Le travail `{job}` se connecte à Docker Hub, faute d'adresse ; l'image part ailleurs.",
        "La connexion vaut pour un seul registre : lequel ?",
    ),
    "latest-seul": Slip(
        "La version n'est publiée que sous le tag `latest` (`{found}`) : la suivante l'écrasera, "
        "et l'on ne saura plus laquelle tourne.",
        "Quelle variable contient le tag de Git ?",
    ),
    "tag-de-branche": Slip(
        "Le tag de l'image vient de `{found}` : pour une branche nommée `essai/x`, ce serait un "
        "nom refusé, et rien n'y dit la version.",
        "Une variable ne contient que le tag de Git ; une autre, le nom de la branche rendu "
        "inoffensif.",
    ),
    "tag-sans-version": Slip(
        "La version n'est publiée que sous `{found}`, qui ne dit pas le tag de Git.",
        "Quelle variable contient le tag de Git ?",
    ),
    "sans-examen": Slip(
        "Aucun travail n'examine l'image{why}.",
        "Le scanner bloquant de la mission 4.11 a ici sa place.",
    ),
    "examen-ecarte": Slip(
        "Le travail `{scan}` examine l'image, mais pas pour {case} : ses règles l'en écartent, et "
        "`{job}` publie ce que personne n'a examiné.",
        "Comparez les règles des deux travaux : l'examen doit exister chaque fois que l'on publie.",
    ),
    "examen-sans-effet": Slip(
        "L'examen n'arrête rien : {why}.",
        "Que faut-il pour qu'une faille grave fasse échouer le travail, et que cet échec retienne "
        "la suite ?",
    ),
    "examen-apres-envoi": Slip(
        "`{job}` publie sans attendre l'examen : {why}.",
        "L'ordre des `stages`, ou `needs`, dit qui attend qui.",
    ),
    "reconstruite": Slip(
        "Ce que `{job}` publie n'est pas ce qui a été examiné : l'image est reconstruite "
        "{where}, après l'examen.",
        "Une image examinée se transporte et se renomme ; elle ne se refait pas.",
    ),
    "image-pas-transmise": Slip(
        "Le travail `{job}` n'a pas l'image : {why}. Chaque travail a son propre moteur, vide au "
        "départ.",
        "Une image passe d'un travail à l'autre par le registre, sous un tag propre au pipeline, "
        "ou dans un fichier gardé comme artefact.",
    ),
    "sans-moteur": Slip(
        "Le travail `{job}` emploie `docker`, mais n'a pas de moteur : `docker:…` n'apporte que le "
        "client.",
        "Un service (`services`) tourne à côté du travail : lequel lui apporterait un moteur ?",
    ),
    "image-flottante": Slip(
        "Le travail `{job}` tourne dans `{found}`, un nom qui désignera demain autre chose : un "
        "pipeline qui passait cessera de passer, sans que rien n'ait changé chez vous.",
        "Quel tag désigne une version, pour l'image d'un travail comme pour ses services ?",
    ),
}

_ELSEWHERE = {
    "sans-construction": "le travail qui construit l'image",
    "sans-envoi": "le travail qui publie l'image",
    "sans-connexion": "la connexion au registre",
    "sans-examen": "le travail qui examine l'image",
    "examen-ecarte": "d'examen pour ce cas",
    "sans-moteur": "le service qui apporte un moteur Docker",
    "jamais-pour-un-tag": "de publication pour un tag",
    "image-pas-transmise": "par où passe l'image, d'un travail à l'autre",
}
"""What an included file may hold: mistake → what is missing here."""

_TOKEN = re.compile(
    r"\b(?:gl(?:pat|dt|rt|cbt|ptt|ft|soat)-|dckr_[op]at_|gh[pos]_|github_pat_)[\w-]{8,}"
)
_AUTH = re.compile(r""""auth"\s*:\s*"[A-Za-z0-9+/=]{8,}\"""")
"""A secret in Base64, as a client's `config.json` keeps it."""
_SECRET_NAME = re.compile(
    r"(?:password|passwd|token|secret|mot_de_passe|jeton|(?:^|_)(?:pass|mdp|pat))$", re.IGNORECASE
)
_LITERAL = re.compile(r"(?!\S*/)(?!\S*\.(?:txt|env|json|key|secret)\b)[^\s\"'$|;&},\]]{6,}")
"""A value written in full, as `checks.evidence.submitted` masks one."""
_FLOATING = re.compile(
    r"latest|stable|edge|nightly|canary|main|master|dev|debug|cli|git|"
    r"(?:dind|rootless)(?:-rootless|-alpine\d*)?|alpine|slim|lts"
)
_OWN = re.compile(
    r"\$\{CI_(?:COMMIT_(?:SHORT_)?SHA|PIPELINE_I?ID|JOB_ID|COMMIT_REF_SLUG|COMMIT_TIMESTAMP|"
    r"PIPELINE_CREATED_AT|MERGE_REQUEST_I?ID|CONCURRENT_ID)\}"
)
_PUBLIC = re.compile(r"latest|stable|prod(?:uction)?|release|current|v?\d[\w.-]*")
_HUB = re.compile(r"(?:docker\.io|index\.docker\.io|registry-1\.docker\.io|ghcr\.io|quay\.io)/")
_UNKNOWN = re.compile(r"\$\{(?!CI_)[\w?]+\}")


@dataclass
class Played:
    """One kind of pipeline: its jobs, how they run, what they do."""

    case: Case
    runs: dict[str, tuple[Job, Run]]
    scripts: dict[str, Script] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, (job, run) in self.runs.items():
            known = job.variables | pipeline.texts(dict(run.variables))
            self.scripts[name] = actions.read(job.script, known)

    def each(self, *kinds: str) -> Iterator[tuple[str, Action]]:
        """The actions of these kinds, with their jobs."""
        for name, script in self.scripts.items():
            for action in script.of(*kinds):
                yield name, action


def check(name: str, text: str) -> Facts:
    """What the pipeline proves; raises the first `Mistake` of `SLIPS` that it makes."""
    if found := _TOKEN.search(text) or _AUTH.search(text):
        line = text[: found.start()].count("\n") + 1
        raise Mistake("secret-en-clair", where=f"ligne {line}")
    try:
        told = pipeline.read(name, text)
        return _proved(told)
    except Mistake as mistake:
        short = {key: str(value)[:200] for key, value in mistake.observed.items()}
        raise Mistake(mistake.name, **short) from mistake


def _proved(told: Pipeline) -> Facts:
    try:
        return _seen(told)
    except Mistake as mistake:
        if told.elsewhere and mistake.name in _ELSEWHERE:
            missing = _ELSEWHERE[mistake.name]
            raise Mistake("include-non-suivi", missing=missing) from mistake
        raise


def _seen(told: Pipeline) -> Facts:
    whole = Played(TAG, {name: (job, Run()) for name, job in told.jobs.items()})
    _check_secrets(told, whole)
    if not any(whole.each("build")):
        raise Mistake("sans-construction")
    if not any(whole.each("push")):
        raise Mistake("sans-envoi")
    tag, main = (Played(case, told.of(case)) for case in (TAG, MAIN))
    published = _check_when(told, whole, tag)
    for job, push in published:
        _check_registry(job, push)
        _check_login(job, push, tag.scripts[job], told.jobs[job])
    _check_tags(published, main)
    for played in (tag, main):
        for job, push in _publications(played):
            _check_scan(told, whole, played, job, push)
    for job, push in published:
        _check_journey(told, tag, job, push)
    _check_engines(told, tag)
    _check_images(told)
    return {
        "travaux": sorted(told.jobs),
        "publie": sorted({ref for _, push in published for ref in push.refs}),
        "examine": sorted({job for job, _ in whole.each("scan")}),
    }


# --- secrets ---------------------------------------------------------------------------------


def _check_secrets(told: Pipeline, whole: Played) -> None:
    places = [("variables", pipeline.texts(told.document.get("variables")))]
    places += [(f"travail `{n}`", pipeline.texts(j.spec.get("variables"))) for n, j in
               told.jobs.items()]  # fmt: skip
    for where, variables in places:
        for key, values in variables.items():
            if _SECRET_NAME.search(key) and any(_is_literal(value) for value in values):
                raise Mistake("secret-en-clair", where=f"{where}, variable `{key}`")
    for name, job in told.jobs.items():
        scripts = [whole.scripts[name], actions.read(job.after_script, job.variables)]
        for script in scripts:
            for command in script.commands:
                for key, value in command.assignments:
                    if _SECRET_NAME.search(key) and _is_literal(value):
                        raise Mistake("secret-en-clair", where=f"travail `{name}`, `{key}`")
            for action in script.of("login"):
                _check_password(name, script, action)


def _is_literal(value: str) -> bool:
    return _LITERAL.fullmatch(value) is not None and value.lower() not in ("inherit",)


def _check_password(job: str, script: Script, login: Action) -> None:
    words = login.command.words
    given = actions.options(list(words), "--password", "-p", "--pass")
    if given:
        if not given[0].startswith(("$", LITERAL)) and len(given[0]) > 3:
            raise Mistake("secret-en-clair", where=f"travail `{job}`, une connexion")
        option = next(w for w in words if re.match(r"-p|--pass(?:word)?(?:=|$)", w))
        raise Mistake("mot-de-passe-en-argument", job=job, found=option.partition("=")[0])
    former = script.commands[login.place - 1] if login.place else None
    spoken: tuple[str, ...] = ()
    if login.command.before == "|" and former and former.plain[:1] in (("echo",), ("printf",)):
        spoken = tuple(w for w in former.plain[1:] if not re.match(r"-\w$|%s", w))
    for operator, word in pairwise(words):
        if operator == "<<<":
            spoken = (word,)
    if spoken and not spoken[-1].startswith(("$", LITERAL)):
        raise Mistake("secret-en-clair", where=f"travail `{job}`, une connexion")
    if not any(word in ("--password-stdin", "--pass-stdin") for word in words):
        raise Mistake("sans-entree-standard", job=job)


# --- when, where and under which name ----------------------------------------------------------


def _tag_of(reference: str) -> str:
    """The tag of a reference, `${?}` when a variable hides it."""
    if "@" in reference:
        return reference.partition("@")[2]
    last = reference.rpartition("/")[2]
    name, colon, tag = last.partition(":")
    if colon:
        return tag
    hidden = re.search(r"\$\{(?!CI_REGISTRY_IMAGE|CI_PROJECT_(?:NAME|PATH)|CI_REGISTRY\})", name)
    return "${?}" if hidden else "latest"


def _carries(reference: str) -> bool:
    """Whether a name only serves to carry an image from one job to another."""
    tag = _tag_of(reference)
    if _OWN.search(tag) or tag.startswith("sha256:"):
        return True
    return "$" not in tag and _PUBLIC.fullmatch(tag) is None


def _versioned(reference: str) -> bool:
    """Whether the tag says the version: it comes from Git's, or from what is not known here."""
    tag = _tag_of(reference)
    return "${CI_COMMIT_TAG}" in tag or _UNKNOWN.search(tag) is not None


def _publications(played: Played) -> list[tuple[str, Action]]:
    """The pushes that publish."""
    return [
        (job, push)
        for job, push in played.each("push")
        if not all(_carries(ref) for ref in push.refs)
    ]


def _check_when(told: Pipeline, whole: Played, tag: Played) -> list[tuple[str, Action]]:
    """The pushes that publish a version; some do for a tag, and none for anything."""
    for case in (BRANCH, PROPOSAL):
        for job, push in _publications(Played(case, told.of(case))):
            if not push.guarded:
                found = next(ref for ref in push.refs if not _carries(ref))
                raise Mistake("publication-sans-condition", job=job, found=found, case=case.name)
    published = _publications(tag)
    if published:
        return published
    elsewhere = _publications(whole)
    if elsewhere:
        why = f"les règles de `{elsewhere[0][0]}` l'en écartent"
        raise Mistake("jamais-pour-un-tag", why=why)
    pushes = [push for _, push in tag.each("push")]
    if not pushes:
        raise Mistake("jamais-pour-un-tag", why="le travail qui envoie l'image n'y existe pas")
    for push in pushes:
        if any(_versioned(ref) for ref in push.refs):
            return [
                (job, push) for job, push in tag.each("push") if any(map(_versioned, push.refs))
            ]
    raise Mistake("tag-sans-version", found=pushes[-1].refs[0])


def _check_registry(job: str, push: Action) -> None:
    for ref in push.refs:
        if re.match(r"\$\{CI_REGISTRY", ref) or "$" in ref.partition("/")[0]:
            continue
        if _HUB.match(ref):
            raise Mistake("autre-registre", job=job, found=ref, host=f"`{ref.partition('/')[0]}`")
        first, slash, _ = ref.partition("/")
        if not slash or not re.search(r"[.:]|^localhost$", first):
            raise Mistake("autre-registre", job=job, found=ref, host="Docker Hub")


def _check_login(job: str, push: Action, script: Script, spec: Job) -> None:
    logins = [login for login in script.of("login") if login.place < push.place]
    written = re.compile(r"config\.json|auth\.json|DOCKER_AUTH_CONFIG|docker-credential|netrc")
    earlier = " ".join(each.text for each in script.commands[: push.place])
    for option in ("--creds", "--dest-creds"):
        if actions.options(list(push.command.words), option):
            raise Mistake("mot-de-passe-en-argument", job=job, found=option)
    if not logins:
        if written.search(earlier) or "DOCKER_CONFIG" in spec.variables:
            return
        raise Mistake("sans-connexion", job=job)
    for login in logins:
        words = list(login.command.plain)
        places = actions.positional(words, actions.WITH_VALUE["login"])
        # program, `login` (or `auth login`, `registry login`), then the registry.
        if places and places[-1] != "login":
            return
    if all(re.match(r"\$\{CI_REGISTRY", ref) for ref in push.refs):
        raise Mistake("mauvais-registre", job=job)


def _check_tags(published: list[tuple[str, Action]], main: Played) -> None:
    """Among the names that a version is given, one says which it is."""
    names = [(job, ref) for job, push in published for ref in push.refs]
    if any(_versioned(ref) for _, ref in names):
        return
    of_branch = re.compile(r"\$\{(CI_COMMIT_REF_NAME|CI_COMMIT_BRANCH)\}")
    for job, ref in names:
        found = of_branch.search(_tag_of(ref))
        # Where only tags run, the name of the reference is the tag's.
        if found and (job in main.runs or found[1] == "CI_COMMIT_BRANCH"):
            raise Mistake("tag-de-branche", found=f"${found[1]}")
        if found:
            return
    found_name = next((ref for _, ref in names if _tag_of(ref) != "latest"), "")
    if not found_name:
        raise Mistake("latest-seul", found=names[0][1])
    raise Mistake("tag-sans-version", found=found_name)


# --- the scan ----------------------------------------------------------------------------------


def _check_scan(told: Pipeline, whole: Played, played: Played, job: str, push: Action) -> None:
    """What `job` publishes has been scanned by something that could have stopped it."""
    before = told.before(job, played.runs)
    script = played.scripts[job]
    builds = [each for each in script.of("build") if each.place <= push.place]
    here = [("", each) for each in script.of("scan") if each.place < push.place]
    earlier = [(n, each) for n in sorted(before) for each in played.scripts[n].of("scan")]
    if builds:
        after = [each for each in here if each[1].place > builds[-1].place]
        if not after and (here or earlier):
            where = "dans ce même travail" if len(builds) < 2 or here else f"par `{job}`"
            raise Mistake("reconstruite", job=job, where=where)
        scans = after
    else:
        scans = here + earlier
        _check_source(told, played, job, push, [n for n, _ in scans if n])
    if scans:
        _check_blocking(played, job, push, scans)
        return
    if not builds and _scanned_elsewhere(told, whole, job, push, played):
        return
    _explain_no_scan(told, whole, played, job)


def _check_source(told: Pipeline, played: Played, job: str, push: Action, scans: list[str]) -> None:
    """The image that `job` takes comes from a build that one of the scans has waited for."""
    taken = _taken(played.scripts[job], push)
    for builder in told.before(job, played.runs) if scans else ():
        script = played.scripts[builder]
        made = {ref for each in script.of("build", "tag", "push") for ref in each.refs}
        if not script.of("build") or not (made & taken) or "${?}" in taken:
            continue
        seen = [s for s in scans if s == builder or builder in told.before(s, played.runs)]
        if not seen:
            raise Mistake("reconstruite", job=job, where=f"par `{builder}`")


def _taken(script: Script, push: Action) -> set[str]:
    return {
        ref for each in script.of("pull", "run") if each.place <= push.place for ref in each.refs
    }


def _scanned_elsewhere(
    told: Pipeline, whole: Played, job: str, push: Action, played: Played
) -> bool:
    """Whether what `job` takes only exists once scanned, in the pipeline of the same commit."""
    taken = _taken(played.scripts[job], push)
    for case in (MAIN, BRANCH):
        other = Played(case, told.of(case))
        for name, carried in other.each("push"):
            if set(carried.refs) & taken:
                try:
                    _check_scan(told, whole, other, name, carried)
                except Mistake:
                    return False
                return True
    return False


def _explain_no_scan(told: Pipeline, whole: Played, played: Played, job: str) -> NoReturn:
    scans = list(whole.each("scan"))
    if not scans:
        after = [
            name for name, each in told.jobs.items()
            if actions.read(each.after_script, each.variables).of("scan")
        ]  # fmt: skip
        if after:
            why = f"dans `after_script` (travail `{after[0]}`), il ne fait échouer personne"
            raise Mistake("examen-sans-effet", why=why)
        files = any(
            actions.scanners_of(command)
            for script in whole.scripts.values()
            for command in script.commands
        )
        why = " : le scanner n'y regarde que des fichiers" if files else ""
        raise Mistake("sans-examen", why=why)
    there = [name for name, _ in scans if name in played.runs]
    if not there:
        raise Mistake("examen-ecarte", scan=scans[0][0], case=played.case.name, job=job)
    scan = there[0]
    if scan == job:
        why = "dans le script, l'examen vient après l'envoi"
    elif job in told.before(scan, played.runs):
        why = f"`{scan}` ne vient qu'après lui"
    elif told.jobs[job].needs is not None:
        why = f"ses `needs` ne nomment pas `{scan}`"
    else:
        why = f"`{scan}` est dans la même étape, ou dans une étape suivante"
    raise Mistake("examen-apres-envoi", job=job, why=why)


def _check_blocking(
    played: Played, job: str, push: Action, scans: list[tuple[str, Action]]
) -> None:
    """One of the scans that come before can stop the push."""
    reasons = []
    for name, scan in scans:
        reason = _harmless(played, name or job, scan, None if name else push)
        if not reason and name:
            reason = _not_waited(played, name, scan, job)
        if not reason:
            return
        reasons.append(reason)
    raise Mistake("examen-sans-effet", why=reasons[0])


def _not_waited(played: Played, name: str, scan: Action, job: str) -> str:
    """Why the failure of job `name` does not hold back `job`; "" when it does."""
    run = played.runs[name][1]
    passing = run.may_fail.get("exit_codes") if isinstance(run.may_fail, dict) else None
    passing = passing if isinstance(passing, list) else [passing]
    # The code that a scanner returns is nearly always 1, or what it was told to.
    code = actions.options(list(scan.command.words), "--exit-code") or ["1"]
    if run.may_fail is True or code[0] in map(str, passing):
        if played.runs[name][0].spec.get("when") == "manual" and run.when == "manual":
            return f"`{name}` est un travail manuel, que la suite n'attend pas"
        return f"`allow_failure` laisse passer l'échec de `{name}`"
    if played.runs[job][1].when in ("always", "on_failure"):
        return f"`when: {played.runs[job][1].when}` fait partir `{job}` même si `{name}` échoue"
    return ""


def _harmless(played: Played, name: str, scan: Action, push: Action | None) -> str:
    """Why the scan cannot make its job fail; "" when it can."""
    script = played.scripts[name]
    known = script.variables
    words = list(scan.command.words)
    told = [each for word in words for each in actions.expand(word, known)]

    def option(*names: str) -> str:
        given = actions.options(words, *names)
        return actions.expand(given[-1], known)[0] if given else ""

    def variable(key: str) -> str:
        return (known.get(key) or [""])[0]

    if scan.program == "trivy":
        code = option("--exit-code") or variable("TRIVY_EXIT_CODE")
        settled = option("--config", "-c") and not code
        if not settled and code in ("", "0"):
            return "trivy rend 0 quoi qu'il trouve, tant qu'on ne lui donne pas d'autre code"
        severities = option("--severity", "-s") or variable("TRIVY_SEVERITY")
        if severities and "$" not in severities and "CRITICAL" not in severities.upper():
            return f"il ne retient que `{severities}`, et laisse passer les failles critiques"
    elif scan.program == "grype":
        if not (option("--fail-on", "-f") or option("--config", "-c")
                or variable("GRYPE_FAIL_ON_SEVERITY")):  # fmt: skip
            return "grype rend 0 quoi qu'il trouve, tant qu'on ne lui donne pas de seuil"
    elif (
        scan.program == "docker" and "scout" in told and not ("--exit-code" in told or "-e" in told)
    ):
        return "`docker scout` rend 0 quoi qu'il trouve, tant qu'on ne lui demande pas d'échouer"
    return _masked(script.commands, scan.place, push)


_FAILS = re.compile(r"^(?:exit|return)\b(?!\s+0\b)|^false\b")


def _masked(commands: list[Command], place: int, push: Action | None) -> str:
    """Why the script goes on after the failure of the command at `place`; "" when it stops."""
    command = commands[place]
    following = commands[place + 1 :]
    fails_later = any(_FAILS.match(" ".join(each.plain)) for each in following)
    if command.condition:
        return "" if fails_later or push else "son code n'est qu'une condition, que rien ne suit"
    rest = [each for each in following if each.chain == command.chain]
    for each in rest:
        if each.before == "||":
            if _FAILS.match(" ".join(each.plain)) or fails_later:
                return ""
            if each.plain[:1] in (("true",), (":",), ("echo",), ("printf",), ("exit",)):
                return f"`|| {each.text}` efface son code"
            return ""
        if each.before == "&&":
            last = following[-1].chain == command.chain
            if last or (push is not None and commands[push.place].chain == command.chain):
                return ""
            return "dans une suite de `&&`, un échec n'arrête pas le script"
    errors_ignored = False
    for each in commands[:place]:
        if each.words[:1] == ("set",):
            errors_ignored = bool(re.match(r"\+\w*e", " ".join(each.words[1:])))
    return "`set +e` fait continuer le script après un échec" if errors_ignored and not (
        fails_later
    ) else ""  # fmt: skip


# --- the journey of the image, and what runs the jobs -------------------------------------------


def _check_journey(told: Pipeline, tag: Played, job: str, push: Action) -> None:
    """A job has what it pushes, or scans: it built it, or it fetched it."""
    script = tag.scripts[job]
    here = [e for e in script.of("build", "pull", "load", "run") if e.place <= push.place]
    if not here and push.needs_engine and _own_engine(told.jobs[job]):
        raise Mistake(
            "image-pas-transmise",
            job=job,
            why="il ne la construit pas, ne la télécharge pas, ne la charge pas",
        )
    for name, _ in tag.each("scan"):
        if tag.scripts[name].of("build") or name not in told.before(job, tag.runs):
            continue
        builders = [n for n in told.before(name, tag.runs) if tag.scripts[n].of("build")]
        if builders and not any(
            tag.scripts[n].of("push", "save") or "artifacts" in told.jobs[n].spec for n in builders
        ):
            why = f"`{builders[0]}` l'a construite, et l'a gardée"
            raise Mistake("image-pas-transmise", job=name, why=why)


def _own_engine(job: Job) -> bool:
    return any("dind" in service for service in job.services)


def _check_engines(told: Pipeline, tag: Played) -> None:
    for name, script in tag.scripts.items():
        job = told.jobs[name]
        if not any(action.needs_engine for action in script.actions):
            continue
        services = [each for s in job.services for each in actions.expand(s, job.variables)]
        if any("dind" in each or "$" in each for each in services):
            continue
        hosts = [value for value in script.variables.get("DOCKER_HOST", ()) if value]
        elsewhere = any(not re.match(r"tcp://(?:docker|localhost)\b", host) for host in hosts)
        # A runner that was chosen may have its engine: a shell, a socket.
        if elsewhere or job.spec.get("tags"):
            continue
        raise Mistake("sans-moteur", job=name)


def _check_images(told: Pipeline) -> None:
    for name, job in told.jobs.items():
        for written in [*job.images, *job.services]:
            for image in actions.expand(written, job.variables):
                if "@sha256:" in image or "${" in _tag_of(image):
                    continue
                if _FLOATING.fullmatch(_tag_of(image)):
                    raise Mistake("image-flottante", job=name, found=image)
