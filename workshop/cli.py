"""`./atelier VERBE` : the one command. Every verb is a small function; imports are lazy so that a
check from the shell feels instant."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from checks.exercise import Exercise, catalogue, named
from checks.identity import NAME_LIMIT
from checks.outcome import EnvironmentProblem, Result, Status, reason, report_json
from checks.report.text import safe
from checks.typography import french, listing, octets, plural
from workshop.lab import ROOT, Lab, port_number, write_atomically

if TYPE_CHECKING:
    from classroom.grade import Graded
    from workshop.journal import Journal

OK, FAILED, USAGE, ENVIRONMENT = 0, 1, 2, 3

GROUPS = {
    "Apprendre": {
        "ouvrir": "prépare tout et ouvre les notebooks dans JupyterLab",
        "preparer": "prépare le moteur, les images, le hub et les fournitures, sans rien ouvrir",
        "etat": "montre le moteur, le hub, les images et votre progression",
        "executer": "lance une commande dans l'environnement de l'atelier",
        "scene": "joue la scène d'un exercice : ce qui arrive autour de vous",
        "espace": "dit dans quel registre vous publiez (phase 4), ou en change",
        "hub": "comptes, jetons, équipes et dépôts du hub de l'atelier",
        "fermer": "arrête ce que l'atelier a démarré, et rien d'autre",
    },
    "Vérifier": {
        "catalogue": "liste les exercices",
        "verifier": "vérifie des exercices (tous par défaut)",
        "suivre": "vérifie de nouveau dès que quelque chose change",
        "indice": "donne l'indice suivant d'un exercice",
        "solution": "montre la réponse, après une réussite ou trois essais",
        "reinitialiser": "défait ce que le cours ou un exercice a créé",
        "inspecter": "dit ce que contient une archive, et vérifie tout",
    },
    "Travailler sans réseau": {
        "emporter": "met tout le cours dans un fichier, pour une machine sans réseau",
        "installer": "installe le cours depuis ce fichier, une fois déballé",
    },
    "Rendre et corriger": {
        "rendre": "écrit vos preuves dans un fichier à rendre",
        "fiche": "fait la fiche d'appréciation du projet final, la vôtre ou celle de rendus",
        "attestation": "fait votre attestation, à partir de 80 % des points",
        "corriger": "corrige des rendus, sans moteur et sans rien exécuter",
    },
    "Écrire le cours": {
        "eprouver": "prouve qu'un exercice refuse, accepte et nomme chaque erreur",
        "site": "construit le site du cours dans site/",
        "tester": "lance la suite de tests",
    },
}
VERBS = {verb: text for verbs in GROUPS.values() for verb, text in verbs.items()}


class UsageError(Exception):
    """The command line is wrong: the message is shown, exit code 2."""


class Parser(argparse.ArgumentParser):
    """argparse that speaks French and raises instead of exiting."""

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, **options)
        self._positionals.title, self._optionals.title = "arguments", "options"
        self.add_argument("-h", "--aide", "--help", action="help", help="affiche cette aide")

    def error(self, message: str) -> NoReturn:
        """Translate the few messages that argparse can give."""
        message = re.sub(r"^argument (-\S+):", r"option \1 :", message)
        message = re.sub(r"^argument (\S+):", r"argument \1 :", message)
        for english, translated in (
            ("the following arguments are required:", "il manque :"),
            ("unrecognized arguments:", "argument inconnu :"),
            ("expected one argument", "une valeur est attendue"),
            ("ignored explicit argument", "aucune valeur n'est attendue, et non"),
            ("expected at least one argument", "au moins une valeur est attendue"),
            ("invalid int value:", "nombre entier attendu, et non"),
            ("invalid choice:", "choix inconnu :"),
            ("choose from", "choix possibles :"),
            ("not allowed with argument", "est incompatible avec"),
        ):
            message = message.replace(english, translated)
        message = message[0].upper() + message[1:]
        raise UsageError(f"{message}. Essayez `{self.prog} --aide`.")

    def format_help(self) -> str:
        """Help with the French word for « usage »."""
        return french(super().format_help().replace("usage:", "Emploi :"))


def main(argv: list[str] | None = None) -> int:
    """Run one verb and return its exit code (0 well, 1 failed, 2 usage, 3 environment)."""
    arguments = sys.argv[1:] if argv is None else argv
    signal.signal(signal.SIGTERM, _leave)
    try:
        if not arguments or arguments[0] in ("-h", "--help", "--aide", "aide", "help"):
            print(_overview())
            return OK
        verb, rest = arguments[0], arguments[1:]
        if verb not in VERBS:
            raise UsageError(
                f"Verbe inconnu : « {verb} ».{_nearest(verb, VERBS)} `./atelier "
                "--aide` les montre tous."
            )
        if verb == "tester" and rest and rest[0] not in ("-h", "--aide", "--help"):
            rest = ["--", *rest]  # what follows is pytest's
        options = _parser(verb).parse_args(rest)
        return _RUN[verb](Lab.current(), options)
    except UsageError as error:
        return _complain(str(error), USAGE)
    except EnvironmentProblem as problem:
        return _complain(str(problem), ENVIRONMENT)
    except KeyboardInterrupt:
        return _complain("Interrompu. Relancez la même commande : elle reprendra où il faut.", 130)
    except BrokenPipeError:
        # The reader went away (`| head`): not an error, and nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _leave(number: int, frame: object) -> NoReturn:
    """Told to end: what this command started is stopped on the way out."""
    sys.exit(128 + number)


def _complain(message: str, code: int) -> int:
    print(french(message), file=sys.stderr)
    return code


def _nearest(word: str, words: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(words), n=1, cutoff=0.5)
    return f" Vouliez-vous dire « {near[0]} » ?" if near else ""


def _overview() -> str:
    lines = [
        "Emploi : ./atelier VERBE [OPTIONS]",
        "",
        "L'atelier du cours « Trouver et partager des images Docker ».",
        "",
    ]
    for title, verbs in GROUPS.items():
        lines.append(f"{title} :")
        lines += [f"  {verb:<15} {text}" for verb, text in verbs.items()]
        lines.append("")
    lines.append("./atelier VERBE --aide détaille un verbe. La plupart acceptent --json.")
    return french("\n".join(lines))


def _parser(verb: str) -> Parser:
    parser = Parser(prog=f"./atelier {verb}", description=VERBS[verb].capitalize() + ".")
    add = parser.add_argument
    if verb in (
        "preparer",
        "etat",
        "catalogue",
        "verifier",
        "indice",
        "solution",
        "suivre",
        "reinitialiser",
        "inspecter",
        "eprouver",
        "rendre",
        "corriger",
        "emporter",
        "attestation",
        "fiche",
        "fermer",
    ):
        add("--json", action="store_true", help="écrit du JSON sur la sortie standard")
    if verb == "hub":
        from workshop.hub.commands import describe

        describe(parser)
    if verb == "ouvrir":
        add("--sans-navigateur", action="store_true", help="n'ouvre pas de navigateur")
        free = "port de JupyterLab (8888 s'il est libre)"
        add("--port", type=port_number, metavar="N", help=free)
    elif verb == "executer":
        add("commande", nargs=argparse.REMAINDER, metavar="-- COMMANDE…", help="la commande")
    elif verb == "espace":
        add(
            "espace", nargs="?", metavar="ESPACE",
            help="docker.io/votre-compte, hôte:port/espace… ; « atelier » revient au hub",
        )  # fmt: skip
    elif verb in ("verifier", "suivre"):
        add("ids", nargs="*", metavar="ID", help="2.1, 2.7… ; 2 ou phase-2 (tout par défaut)")
        if verb == "verifier":
            add("--junit", metavar="FICHIER", help="écrit aussi un rapport JUnit")
    elif verb == "indice" or verb == "scene":
        add("id", metavar="ID")
    elif verb == "solution":
        add("id", metavar="ID")
        add("--quand-meme", action="store_true", help="sans attendre trois essais")
    elif verb == "reinitialiser":
        add("ids", nargs="*", metavar="ID")
        add("--tout", action="store_true", help="tous les exercices")
        add(
            "--oui",
            action="store_true",
            help="ne demande rien (la question n'est posée que sur un terminal)",
        )
    elif verb == "inspecter":
        add("fichiers", nargs="+", metavar="FICHIER", help="« - » lit l'entrée standard")
        add("--sans-integrite", action="store_true", help="ne vérifie pas les empreintes")
    elif verb == "eprouver":
        add("ids", nargs="*", metavar="ID")
        add("--moteur", default="docker-20.10", metavar="NOM", help="docker-20.10 par défaut")
        add("--passes", type=int, default=2, metavar="N", help="nombre de passes (2)")
        add("--graine", type=int, metavar="N", help="graine du mélange")
    elif verb == "attestation":
        add("--vers", metavar="DOSSIER", help="où l'écrire (votre dossier de travail)")
        add("--quand-meme", action="store_true", help="même si des preuves y manquent")
        add("--nom", help="votre nom, tel qu'il y sera écrit")
    elif verb == "fiche":
        add("rendus", nargs="*", metavar="RENDU", help="des rendus (votre travail, par défaut)")
        add("--vers", metavar="DOSSIER", help="où écrire les pages HTML")
    elif verb == "rendre":
        add("--vers", metavar="FICHIER", help="où écrire le rendu")
        add("--quand-meme", action="store_true", help="même si des preuves y manquent")
        add("--nom", help="votre nom, tel que l'enseignant le lira")
    elif verb == "emporter":
        add("--vers", metavar="FICHIER", default="atelier-docker.tar", help="où l'écrire")
    elif verb == "corriger":
        add("rendus", nargs="+", metavar="RENDU")
        add("--junit", metavar="FICHIER", help="écrit aussi un rapport JUnit")
    elif verb == "site":
        add("--servir", action="store_true", help="le montre aussi sur cette machine")
        add("--port", type=port_number, default=8000, metavar="N", help="port de --servir (8000)")
        add(
            "--pdf", nargs="?", const="", metavar="FICHIER",
            help="l'imprime aussi dans un PDF, réponses en annexe (site/cours.pdf)",
        )  # fmt: skip
        add(
            "--actualiser", nargs="*", metavar="PAGE",
            help="exécute d'abord les commandes des chapitres et écrit leurs sorties",
        )  # fmt: skip
    elif verb == "tester":
        add("pytest", nargs=argparse.REMAINDER, help="arguments passés à pytest")
    return parser


def _say(line: str) -> None:
    print(french(line), file=sys.stderr, flush=True)


def _print_json(document: object) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2)
    print(text.encode(errors="backslashreplace").decode())  # half a surrogate pair: `\\ud800`


def _select(words: list[str]) -> list[str]:
    """Exercise ids named by `words` (ids or `phase-N`); all of them when empty."""
    ids: dict[str, None] = {}
    for word in words:
        if not (found := named(word)):
            raise UsageError(
                f"Exercice inconnu : « {word} ». `./atelier catalogue` liste les exercices."
            )
        ids |= dict.fromkeys(found)
    return list(ids or catalogue())


def _one(word: str) -> Exercise:
    ids = _select([word])
    if len(ids) > 1:
        raise UsageError(f"Un seul exercice à la fois : « {word} » en désigne {len(ids)}.")
    return catalogue()[ids[0]]


# --- learn ----------------------------------------------------------------------------------


def _ouvrir(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.jupyter import open_lab
    from workshop.prepare import prepare

    prepare(lab, _say)
    address = open_lab(lab, port=options.port, browser=not options.sans_navigateur, say=_say)
    _say("JupyterLab vous attend à cette adresse (`./atelier fermer` arrête tout) :")
    print(address)
    return OK


def _preparer(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.prepare import prepare

    done: list[str] = []

    def say(line: str) -> None:
        done.append(french(line))
        _say(line)

    engine = prepare(lab, say)
    if options.json:
        _print_json({"done": done, "engine": engine.to_json(), "hub": {"address": lab.hub}})
    elif not done:
        print(french("Tout était déjà prêt : rien n'a été fait."))
    else:
        print(french("L'atelier est prêt. `./atelier ouvrir` ouvre les notebooks."))
    return OK


def _etat(lab: Lab, options: argparse.Namespace) -> int:
    from workshop import engine
    from workshop.hub import registry, switches
    from workshop.journal import Journal

    found = engine.find(lab.state)
    running = registry.running(lab.state)
    images = _images(lab) if found else []
    journal = Journal(lab.private / "journal.sqlite")
    progress = journal.progress(list(catalogue().values()))
    _tell_notice(journal)
    if options.json:
        _print_json(
            {
                "engine": found.to_json() if found else None,
                "hub": {"address": running or lab.hub, "running": running is not None},
                "publishing": lab.space,
                "images": images,
                "progress": progress,
            }
        )
    else:
        if found:
            print(
                french(
                    f"Moteur      : {_KINDS[found.kind]}, version {found.version} (client "
                    f"{found.client_version or 'absent'}), magasin {found.store}\n"
                    f"              {found.address}"
                )
            )
            for note in found.notes:
                print(french(f"              {note}"))
        else:
            print(french("Moteur      : arrêté (`./atelier preparer` le démarre)"))
        address = f"{running}, page http://{running}/" if running else "arrêté"
        print(french(f"Hub         : {address}"))
        if (turned := switches.load(lab.state)) != switches.Switches():
            print(french(f"              réglages : {turned.told()}"))
        print(french(f"Publication : {lab.space} ({_registry_kind(lab)})"))
        print(french(f"Images      : {plural(len(images), 'image')}"))
        for image in images:
            print(f"              {image['name']}  {octets(image['size'])}")
        points = plural(progress["points"], "point")
        print(french(f"Progression : {points} sur {progress['max_points']}"))
    return OK if found and running else ENVIRONMENT


def _registry_kind(lab: Lab) -> str:
    host = lab.space.partition("/")[0]
    if host == lab.hub:
        return "le hub de l'atelier"
    return "Docker Hub" if host == "docker.io" else "un autre registre"


def _espace(lab: Lab, options: argparse.Namespace) -> int:
    if options.espace:
        from checks.material.phase4 import ACCOUNT

        named = re.sub(r"^https?://", "", options.espace.strip().strip("/"))
        if named == "atelier":
            named = f"{lab.hub}/{ACCOUNT}"
        if not re.fullmatch(r"[\w.:\[\]-]+(/[a-z0-9][a-z0-9._-]*)+", named):
            raise UsageError(
                f"« {options.espace} » n'est pas un espace de noms. Écrivez l'hôte, puis l'espace "
                ": `docker.io/votre-compte`, `registre.exemple.fr:5443/equipe`, ou `atelier`."
            )
        lab.publish_in(named)
    kind = _registry_kind(lab)
    print(french(f"Vous publiez dans {lab.space} ({kind}). Vos commandes l'ont dans $ESPACE."))
    if options.espace and lab.space.partition("/")[0] != lab.hub:
        print(
            french(
                "Connectez-vous-y avec un jeton avant de publier. Les vérifications y regardent "
                "avec la session de votre client, et ne voient que ce qu'elle a le droit de voir."
            )
        )
    return OK


_KINDS = {"system": "celui du système", "podman": "Podman", "embedded": "embarqué dans l'atelier"}


def _images(lab: Lab) -> list[dict[str, Any]]:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        rows = lab.connect().api.images()
    except (DockerException, RequestException):
        return []
    found = [
        {"name": tag, "size": row["Size"]}
        for row in rows
        for tag in row.get("RepoTags") or []
        if not tag.startswith("<none>")
    ]
    return sorted(found, key=lambda image: str(image["name"]))


def _executer(lab: Lab, options: argparse.Namespace) -> int:
    command = options.commande[1:] if options.commande[:1] == ["--"] else options.commande
    if not command:
        raise UsageError("Il manque la commande : `./atelier executer -- docker images`.")
    try:
        lab.workspace.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible de créer {lab.workspace} ({reason(error)})."
        ) from error
    try:
        code = subprocess.run(command, cwd=lab.workspace, env=lab.environment()).returncode
    except FileNotFoundError:
        return _complain(f"Commande introuvable : « {command[0]} ».", 127)
    except OSError as error:
        return _complain(f"« {command[0]} » n'a pas pu démarrer : {reason(error)}.", 126)
    if code and command[0] == "docker":
        from workshop import engine

        if engine.find(lab.state) is None:
            _say("Le moteur de l'atelier est arrêté : `./atelier preparer` le démarre.")
    return code


def _fermer(lab: Lab, options: argparse.Namespace) -> int:
    from workshop import engine, jupyter
    from workshop.hub import registry

    happened = {
        "JupyterLab": jupyter.stop(lab),
        "le moteur embarqué": engine.stop(lab.state),
        "le hub": registry.stop(lab.state),
    }
    stopped = [name for name, was_running in happened.items() if was_running]
    if options.json:
        _print_json({"stopped": stopped})
    else:
        print(
            french(
                "Arrêté : " + ", ".join(stopped) + ". Vos fichiers et votre progression restent."
                if stopped
                else "Rien n'était en marche."
            )
        )
    return OK


def _hub(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.hub.commands import run

    return run(lab, options)


def _scene(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.scenes import SCENES, play

    exercise = _one(options.id)
    if exercise.id not in SCENES:
        raise UsageError(f"L'exercice {exercise.id} n'a pas de scène à jouer.")
    print(french(play(lab, exercise.id)))
    return OK


# --- check ----------------------------------------------------------------------------------


def _catalogue(lab: Lab, options: argparse.Namespace) -> int:
    exercises = catalogue().values()
    if options.json:
        _print_json(
            [
                {
                    "id": e.id,
                    "title": e.title,
                    "phase": e.phase,
                    "points": e.points,
                    "needs": list(e.needs),
                    "mistakes": list(e.mistakes),
                    "hints": len(e.hints),
                }
                for e in exercises
            ]
        )
        return OK
    for e in exercises:
        needs = f"  (après {', '.join(e.needs)})" if e.needs else ""
        print(french(f"{e.id:<5} {e.title}  [{plural(e.points, 'point')}]{needs}"))
    return OK


def _verifier(lab: Lab, options: argparse.Namespace) -> int:
    from checks.runner import run
    from workshop.journal import Journal

    results = list(run(_select(options.ids), lab.evidence()))
    journal = Journal(lab.private / "journal.sqlite")
    try:
        journal.record(results, tried=any(word in catalogue() for word in options.ids))
    except EnvironmentProblem as problem:  # a verdict is worth more than its record
        _say(str(problem))
    _tell_notice(journal)
    return _report(results, options)


def _tell_notice(journal: Journal) -> None:
    if journal.notice:
        _say(journal.notice)


def _report(results: list[Result], options: argparse.Namespace) -> int:
    if options.json:
        _print_json(report_json(results))
    else:
        from checks.report import terminal

        print(terminal.render(results, color=_color()))
    if options.junit:
        from checks.report import junit

        sys.stdout.flush()  # a verdict is worth more than its report
        _write(options.junit, junit.render(results))
    return _exit_code(results)


def _exit_code(results: Iterable[Result]) -> int:
    statuses = {result.status for result in results}
    if statuses & {Status.FAILED, Status.BLOCKED, Status.ERROR}:
        return FAILED
    return ENVIRONMENT if Status.ENVIRONMENT in statuses else OK


def _color() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _write(path: str, text: str) -> None:
    from pathlib import Path

    file = Path(path)
    try:
        if file.exists() and not file.is_file():  # a pipe, a terminal
            file.write_text(text)
        else:
            write_atomically(file, text.encode())
    except OSError as error:
        raise EnvironmentProblem(f"Impossible d'écrire {path} ({reason(error)}).") from error


def _suivre(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.follow import follow

    with contextlib.suppress(KeyboardInterrupt):
        for number, results in enumerate(follow(lab, _select(options.ids))):
            if options.json:
                print(json.dumps(report_json(results), ensure_ascii=False), flush=True)
            else:
                from checks.report import terminal

                print(terminal.render(results, color=_color()), flush=True)
            if number == 0:
                _say("J'attends vos changements ; Ctrl+C pour arrêter.")
    return OK


def _indice(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.journal import Journal, next_hint

    exercise = _one(options.id)
    journal = Journal(lab.private / "journal.sqlite")
    level, text = next_hint(journal, exercise)
    _tell_notice(journal)
    if options.json:
        _print_json(
            {"exercise": exercise.id, "level": level, "of": len(exercise.hints), "hint": text}
        )
    else:
        print(french(f"Indice {level} sur {len(exercise.hints)} : {text}" if level else text))
    return OK


def _solution(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.journal import Journal

    exercise = _one(options.id)
    journal = Journal(lab.private / "journal.sqlite")
    tried, passed = journal.attempts(exercise.id), exercise.id in journal.passed()
    _tell_notice(journal)
    if tried < 3 and not passed and not options.quand_meme:
        left = 3 - tried
        return _complain(
            f"Encore {plural(left, 'essai')} avant la réponse. `./atelier indice {exercise.id}` "
            "peut suffire ; `--quand-meme` la montre sans attendre.",
            FAILED,
        )
    journal.solution_shown(exercise.id)
    text = (ROOT / "solutions" / f"{exercise.id}.sh").read_text()
    if options.json:
        _print_json({"exercise": exercise.id, "solution": text})
    else:
        print(text, end="")
    return OK


def _reinitialiser(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.reset import plan

    if not options.ids and not options.tout:
        raise UsageError("Quel exercice ? `./atelier reinitialiser 2.4`, ou `--tout`.")
    ids = _select([] if options.tout else options.ids)
    todo = plan(lab, [catalogue()[id] for id in ids])
    if not options.json:
        for line in todo.lines():
            print(french(line))
    if todo.empty:
        if options.json:
            _print_json(todo.to_json())
        return OK
    if sys.stdin.isatty() and not options.oui and not _agreed():
        print(french("Rien n'a été changé."))
        return OK
    moved = todo.carry_out()
    if options.json:
        _print_json(todo.to_json())
    elif moved:
        print(french(f"Les fichiers sont dans {moved}. Votre progression n'a pas changé."))
    return OK


def _agreed() -> bool:
    try:
        return input(french("Continuer ? [o/N] ")).strip().lower() in ("o", "oui")
    except EOFError:  # Ctrl+D
        print()
        return False


def _inspecter(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.inspect import inspect_files

    return inspect_files(
        options.fichiers,
        json=options.json,
        integrity=not options.sans_integrite,
        out=sys.stdout,
        err=sys.stderr,
    )


# --- hand in, grade -------------------------------------------------------------------------


def _rendre(lab: Lab, options: argparse.Namespace) -> int:
    from pathlib import Path

    from classroom.submit import submit, without_evidence

    _rename(lab, options.nom)
    identity = lab.identity
    default = lab.workspace / f"rendu-{identity.id}.zip"
    path = Path(options.vers) if options.vers else default
    path = path / default.name if path.is_dir() else path
    summary = submit(lab.evidence(), path, whole=not options.quand_meme)
    if summary["missing"]:
        _say(without_evidence(summary["missing"]))
    if options.json:
        _print_json(summary)
    elif summary["file"]:
        print(
            french(
                f"Rendu écrit au nom de « {safe(identity.pseudonym)} » : {path} "
                f"({octets(summary['size'])}). Il contient des preuves, pas de note : c'est la "
                "correction qui la calcule."
            )
        )
    if summary["file"]:
        return OK
    _say("Aucun rendu n'a été écrit. Recommencez ; `--quand-meme` l'écrit sans ces preuves.")
    return ENVIRONMENT


def _rename(lab: Lab, name: str | None) -> None:
    """Give the learner the name after `--nom`, if any; raises `UsageError` when it is none."""
    if name is None:
        return
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_LIMIT or not name.isprintable():
        raise UsageError(f"`--nom` attend un nom lisible, de 1 à {NAME_LIMIT} caractères.")
    lab.rename(name)


def _fiche(lab: Lab, options: argparse.Namespace) -> int:
    from pathlib import Path

    from checks.runner import run
    from classroom.grade import Graded
    from classroom.sheet import criteria, sheet, to_html, to_text

    reports: list[dict[str, Any]] = []
    submissions: list[tuple[str, Graded]] = []
    if options.rendus:
        folder = Path(options.vers or ".")
        for path in options.rendus:
            found = _graded(path)
            if isinstance(found, Graded):
                submissions.append((path, found))
            else:  # the others have their sheet all the same
                reports.append({"file": path, "problem": found})
        _say_repeated(submissions)
        made = [sheet(g.identity, g.results, g.sha256) for _, g in submissions]
    else:
        folder = Path(options.vers) if options.vers else lab.workspace
        made = [sheet(lab.identity, list(run(criteria(), lab.evidence())))]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(f"Impossible de créer {folder} ({reason(error)}).") from error
    unread = len(reports)
    written: list[str] = []
    for each in made:
        name = f"fiche-{each.identity.id}" if options.rendus else "fiche-projet"
        rank = written.count(name) + 1  # the same id twice: two sheets
        written.append(name)
        target = folder / (f"{name}-{rank}.html" if rank > 1 else f"{name}.html")
        _write(str(target), to_html(each))
        reports.append({"file": str(target), **report_json(list(each.results))})
        if not options.json:
            print(to_text(each))
            print(french(f"\nLa même fiche, à lire ou à imprimer : {target.name}"))
    if options.json:
        _print_json(reports)
    return ENVIRONMENT if unread else _exit_code(r for each in made for r in each.results)


def _graded(path: str) -> Graded | str:
    """The submission, graded; else why it cannot be, said: the others are graded all the same."""
    from pathlib import Path

    from classroom.grade import grade

    try:
        return grade(Path(path))
    except EnvironmentProblem as problem:
        _complain(str(problem), ENVIRONMENT)
        return french(str(problem))


def _attestation(lab: Lab, options: argparse.Namespace) -> int:
    from datetime import date
    from pathlib import Path

    from classroom.certificate import certify

    _rename(lab, options.nom)
    folder = Path(options.vers) if options.vers else lab.workspace
    made = certify(lab.evidence(), folder, date.today(), whole=not options.quand_meme)
    earned = made.points >= made.needed
    if options.json:
        _print_json(
            {
                "earned": earned, "points": made.points, "max_points": made.max_points,
                "needed": made.needed, "sha256": made.submission,
                "exercises": [result.exercise for result in made.passed],
            }
        )  # fmt: skip
    elif earned:
        print(
            french(
                f"Attestation écrite dans {folder} (attestation.html et attestation.pdf), au nom "
                f"de « {safe(made.identity.pseudonym)} ». Joignez-y le rendu, qui la prouve : "
                f"rendu-{made.identity.id}.zip."
            )
        )
    else:
        _say(
            f"{plural(made.points, 'point')} sur {made.max_points} : l'attestation demande "
            f"{made.needed} points. `./atelier verifier` montre ce qui reste à prouver."
        )
    return OK if earned else FAILED


def _corriger(lab: Lab, options: argparse.Namespace) -> int:
    everything: list[Result] = []
    reports: list[dict[str, Any]] = []
    submissions = []
    for path in options.rendus:
        graded = _graded(path)
        if isinstance(graded, str):
            reports.append({"file": path, "problem": graded})
            continue
        submissions.append((path, graded))
        everything += graded.results
        reports.append({"file": path, **graded.to_json()})
        if not options.json:
            from checks.report import terminal

            name = safe(graded.identity.pseudonym)
            print(french(f"{safe(path)} : {name} ({graded.identity.id})"))
            print(french(f"Empreinte du rendu : sha256:{graded.sha256}"))
            print(terminal.render(graded.results, color=_color(), hints=False))
    _say_repeated(submissions)
    if options.json:
        _print_json(reports)
    if options.junit:
        from checks.report import junit

        sys.stdout.flush()
        _write(options.junit, junit.render(everything))
    return _exit_code(everything) if len(submissions) == len(reports) else ENVIRONMENT


def _say_repeated(submissions: list[tuple[str, Graded]]) -> None:
    """Tell which submissions bear the same id."""
    from classroom.grade import repeated

    for id, files in repeated(submissions).items():
        _say(
            f"Le même identifiant, {id}, est dans {listing(files)}. Il est tiré au sort pour "
            "chaque apprenant : l'un d'eux a rendu deux fois, ou son rendu a été recopié."
        )


# --- without a network -----------------------------------------------------------------------


def _emporter(lab: Lab, options: argparse.Namespace) -> int:
    from pathlib import Path

    from publish import site
    from workshop import engine, prepare, valise

    prepare.prepare(lab, _say)
    _say("Construction du site…")
    for problem in site.build(site.SITE):  # the rest travels all the same
        _say(problem)
    programs = prepare.PROGRAMS | engine.PROGRAMS
    summary = valise.pack(lab, Path(options.vers).absolute(), programs, _say)
    if options.json:
        _print_json(summary)
    else:
        print(french(valise.described(summary)))
    return OK


def _installer(lab: Lab, options: argparse.Namespace) -> int:
    from workshop import valise
    from workshop.prepare import prepare

    valise.verify(_say)
    prepare(lab, _say)
    print(french("Le cours est installé. `./atelier ouvrir` ouvre les notebooks."))
    return OK


# --- write the course -----------------------------------------------------------------------


def _eprouver(lab: Lab, options: argparse.Namespace) -> int:
    from workshop.prove import prove

    cases = []
    for case in prove(
        _select(options.ids), options.moteur, passes=options.passes, seed=options.graine, say=_say
    ):
        cases.append(case)
        if not options.json:
            mark = "ok    " if case.ok else "ÉCHEC "
            print(f"{mark} {case.exercise:<5} {case.case}", flush=True)
            if not case.ok:
                print(french(f"       attendu : {case.expected} ; obtenu : {case.got}\n{case.log}"))
    if options.json:
        _print_json([case.to_json() for case in cases])
    wrong = sum(not case.ok for case in cases)
    _say(f"{plural(len(cases), 'cas', 'cas')}, {plural(wrong, 'échec')}.")
    return FAILED if wrong else OK


def _site(lab: Lab, options: argparse.Namespace) -> int:
    from publish import site

    return OK if site.run(lab, options, _say) else FAILED


def _run_tool(*command: str) -> int:
    """Run a Python tool of the virtual environment on the repository; returns its exit code."""
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT).returncode


def _tester(lab: Lab, options: argparse.Namespace) -> int:
    from workshop import engine, prepare
    from workshop.debian import ensure_programs

    tools = {"busybox": "busybox-static", "mmdebstrap": "mmdebstrap", "pgrep": "procps"}
    ensure_programs(prepare.PROGRAMS | engine.PROGRAMS | tools, _say)
    if options.pytest:
        chosen = options.pytest[options.pytest[0] == "--" :]  # left there by Python 3.11
        return FAILED if _run_tool("pytest", *chosen) else OK
    codes = [_run_tool("ruff", "check", "."), _run_tool("mypy")]
    # A short path: gpg's socket, below it, may have 107 characters and no more.
    with tempfile.TemporaryDirectory(prefix="essais-") as folder:
        # Two at a time, each with an engine and a hub of its own: much of the time is waiting.
        side_by_side = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
        codes.append(_run_tool("pytest", *side_by_side, "--basetemp", f"{folder}/t"))
    return FAILED if any(codes) else OK


_RUN: dict[str, Callable[[Lab, argparse.Namespace], int]] = {
    "ouvrir": _ouvrir,
    "preparer": _preparer,
    "etat": _etat,
    "executer": _executer,
    "scene": _scene,
    "espace": _espace,
    "hub": _hub,
    "fermer": _fermer,
    "catalogue": _catalogue,
    "verifier": _verifier,
    "suivre": _suivre,
    "indice": _indice,
    "solution": _solution,
    "reinitialiser": _reinitialiser,
    "inspecter": _inspecter,
    "emporter": _emporter,
    "installer": _installer,
    "rendre": _rendre,
    "attestation": _attestation,
    "fiche": _fiche,
    "corriger": _corriger,
    "eprouver": _eprouver,
    "site": _site,
    "tester": _tester,
}

if __name__ == "__main__":
    sys.exit(main())
