"""`./atelier hub …`: accounts, access tokens, organisations, teams, repositories, switches."""

from __future__ import annotations

import argparse
import csv
import getpass
import json
import secrets
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from checks.outcome import EnvironmentProblem, reason
from checks.typography import french, octets, plural, printable
from workshop.lab import Lab, port_number

LEVELS = ("read", "write", "admin", "aucun")
SCOPES = ("read", "read-write", "read-write-delete")
TOKEN_DAYS = range(1, 3651)
"""Days that an access token may live."""


def describe(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `./atelier hub` to its parser."""
    things = parser.add_subparsers(
        dest="thing", metavar="QUOI", required=True, parser_class=type(parser)
    )

    def thing(name: str, text: str) -> Callable[..., argparse.ArgumentParser]:
        actions = things.add_parser(name, help=text).add_subparsers(
            dest="action", metavar="ACTION", required=True, parser_class=type(parser)
        )

        def action(word: str, text: str, *arguments: str) -> argparse.ArgumentParser:
            made = actions.add_parser(word, help=text)
            for argument in arguments:
                made.add_argument(argument, metavar=argument.upper())
            return made

        return action

    def json_too(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="écrit du JSON sur la sortie standard"
        )

    action = thing("compte", "les comptes")
    action("creer", "crée un compte ; le mot de passe se lit sur l'entrée", "compte")
    action("mot-de-passe", "change le mot de passe, lu sur l'entrée", "compte")
    json_too(action("lister", "liste les comptes"))
    action = thing("jeton", "les jetons d'accès")
    made = action("creer", "crée un jeton, et l'écrit une seule fois", "compte", "nom")
    made.add_argument("--portee", choices=SCOPES, required=True, help="ce qu'il permet")
    made.add_argument("--jours", type=int, help="sa durée, en jours (sans fin par défaut)")
    made.add_argument("--brut", action="store_true", help="n'écrit que le jeton")
    action("revoquer", "révoque un jeton", "compte", "nom")
    json_too(action("lister", "liste les jetons d'un compte", "compte"))
    action = thing("organisation", "les organisations")
    made = action("creer", "crée une organisation", "organisation")
    made.add_argument("--proprietaire", required=True, metavar="COMPTE")
    action = thing("equipe", "les équipes d'une organisation")
    action("creer", "crée une équipe", "organisation", "equipe")
    action("ajouter", "y fait entrer un compte", "organisation", "equipe", "compte")
    action("retirer", "en fait sortir un compte", "organisation", "equipe", "compte")
    made = action("droit", "lui donne un droit sur un dépôt", "organisation", "equipe", "depot")
    made.add_argument("niveau", choices=LEVELS)
    action = thing("depot", "les dépôts")
    made = action("creer", "crée un dépôt vide, public sauf si l'on dit le contraire", "depot")
    made.add_argument("--prive", action="store_true")
    made = action("visibilite", "rend un dépôt public ou privé", "depot")
    made.add_argument("visibilite", choices=("public", "prive"))
    action("decrire", "écrit la description d'un dépôt", "depot", "texte")
    json_too(action("lister", "liste les dépôts"))
    json_too(things.add_parser("journal", help="ce que le hub a vu"))
    made = things.add_parser("sauvegarder", help="écrit tout le hub dans un fichier")
    made.add_argument("fichier", metavar="FICHIER")
    made = things.add_parser("restaurer", help="remet le hub comme il était dans ce fichier")
    made.add_argument("fichier", metavar="FICHIER")
    made.add_argument("--remplacer", action="store_true", help="même si le hub n'est pas vide")
    made = things.add_parser(
        "regler",
        help="limite de téléchargement, réseau lent, envoi coupé ; sans option, retire tout",
    )
    for option, text in (
        ("--limite", "téléchargements en six heures, sans connexion"),
        ("--lent", "octets par seconde et par requête"),
        ("--couper", "octets après lesquels un envoi est coupé"),
    ):
        made.add_argument(option, type=int, metavar="N", help=text)
    made = things.add_parser("ouvrir-au-reseau", help="ouvre le hub à toute la salle, avec TLS")
    made.add_argument("--adresse", help="l'adresse de cette machine dans la salle")
    made.add_argument("--port", type=port_number, default=5443)
    made.add_argument(
        "--classe", metavar="FICHIER", help="la liste de la classe ; écrit les accès créés"
    )
    things.add_parser("fermer-au-reseau", help="referme le hub au réseau")


def run(lab: Lab, options: argparse.Namespace) -> int:
    """Do what was asked; returns the exit code. Raises `EnvironmentProblem`."""
    from workshop.hub import container
    from workshop.hub.store import Refused, Store, open_store, trouble

    words = {k: v for k, v in vars(options).items() if k not in ("fichier", "classe")}
    if any("\udc80" <= c <= "\udcff" for word in words.values() for c in str(word)):
        _tell("Un des mots de cette commande n'est pas du texte en UTF-8. Rien n'a été changé.")
        return 1
    if container.holds(lab.state):
        return container.execute(lab.state, options)
    name = options.thing.replace("-", "_") + (
        f"_{options.action.replace('-', '_')}" if getattr(options, "action", None) else ""
    )
    store: Store = open_store(lab.state)
    try:
        _ACTIONS[name](lab, store, options)
    except Refused as error:
        _tell(str(error))
        return 1
    except sqlite3.Error as error:
        raise trouble(lab.state / "hub" / "hub.db", error) from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise EnvironmentProblem(
            f"Impossible d'écrire dans {lab.state / 'hub'} ({reason(error)}). Libérez de la "
            "place ou rendez ce dossier inscriptible."
        ) from error
    finally:
        store.close()
    return 0


def _tell(text: str) -> None:
    print(french(printable(text)), file=sys.stderr)


def _listed(options: argparse.Namespace, rows: Any, lines: Iterable[str]) -> None:
    """Write what was asked for: `rows` as JSON, or `lines`."""
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for line in lines:
        print(printable(line))


def _password() -> str:
    """The password, asked twice on a terminal, else read from the first line of the input."""
    from workshop.hub.store import Refused

    if not sys.stdin.isatty():
        try:
            return sys.stdin.readline().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise Refused("Le mot de passe lu n'est pas du texte en UTF-8.") from error
    first = getpass.getpass("Mot de passe : ")
    if getpass.getpass("Encore une fois : ") != first:
        raise Refused("Les deux mots de passe diffèrent : rien n'a été changé.")
    return first


def _compte_creer(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    store.create_account(options.compte, _password())
    _tell(f"Le compte « {options.compte} » est créé sur {lab.hub}.")


def _compte_mot_de_passe(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    store.change_password(options.compte, _password())
    _tell(f"Le mot de passe de « {options.compte} » est changé. Ses jetons restent valables.")


def _compte_lister(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    accounts = store.accounts()
    _listed(options, accounts, accounts)


def _jeton_creer(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    from workshop.hub.store import Refused

    if options.jours is not None and options.jours not in TOKEN_DAYS:
        raise Refused(f"Un jeton vit de {TOKEN_DAYS[0]} à {TOKEN_DAYS[-1]} jours.")
    _, secret = store.create_token(options.compte, options.nom, options.portee, days=options.jours)
    if not options.brut:
        _tell("Ce jeton ne sera plus jamais montré :")
    print(secret)


def _jeton_revoquer(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    from workshop.hub.store import Refused

    found = [
        token["id"]
        for token in store.tokens(options.compte)
        if not token["revoked"] and options.nom in (token["name"], token["id"])
    ]
    if not found:
        raise Refused(f"« {options.compte} » n'a pas de jeton actif « {options.nom} ».")
    for id in found:
        store.revoke_token(options.compte, id)
    _tell(f"Le jeton « {options.nom} » est révoqué : il n'ouvre plus rien.")


def _jeton_lister(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    tokens = store.tokens(options.compte)
    _listed(options, tokens, map(_token_line, tokens))


def _token_line(token: dict[str, Any]) -> str:
    state = "révoqué" if token["revoked"] else _until(token["expires"])
    return french(f"{token['id']}  {token['name']}  {token['scope']}  {state}")


def _until(expires: float | None) -> str:
    if expires is None:
        return "sans fin"
    day = time.strftime("%d/%m/%Y", time.localtime(expires))
    return f"expiré le {day}" if expires < time.time() else f"jusqu'au {day}"


def _organisation_creer(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    store.create_organisation(options.organisation, options.proprietaire)
    _tell(f"L'organisation « {options.organisation} » est créée.")


def _equipe_creer(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    store.create_team(options.organisation, options.equipe)
    _tell(f"L'équipe « {options.equipe} » est créée dans « {options.organisation} ».")


def _equipe_ajouter(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    store.set_member(options.organisation, options.equipe, options.compte, member=True)
    _tell(f"« {options.compte} » est dans l'équipe « {options.equipe} ».")


def _equipe_retirer(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    store.set_member(options.organisation, options.equipe, options.compte, member=False)
    _tell(f"« {options.compte} » n'est plus dans l'équipe « {options.equipe} ».")


def _equipe_droit(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    from workshop.hub.store import LEVEL_NAMES

    level = None if options.niveau == "aucun" else options.niveau
    store.grant(options.organisation, options.equipe, options.depot, level)
    told = LEVEL_NAMES.get(options.niveau, "aucun")
    _tell(f"Droit de l'équipe « {options.equipe} » sur `{options.depot}` : {told}.")


def _depot_creer(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    store.create_repository(options.depot, private=options.prive)
    _tell(f"Le dépôt `{options.depot}` est créé, {'privé' if options.prive else 'public'}.")


def _depot_visibilite(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    private = options.visibilite == "prive"
    store.set_private(options.depot, private)
    _tell(f"Le dépôt `{options.depot}` est {'privé' if private else 'public'}.")


def _depot_decrire(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    store.describe(options.depot, options.texte)
    _tell(f"La description de `{options.depot}` est changée.")


def _depot_lister(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    rows = store.state(None)["repositories"]
    _listed(options, rows, (_repository_line(*row) for row in rows.items()))


def _repository_line(name: str, told: dict[str, Any]) -> str:
    from workshop.hub.store import summary

    line = f"{name}  {'privé' if told['private'] else 'public'}  {summary(told['description'])}"
    return french(line).rstrip()


def _journal(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    events = store.events(None)
    _listed(options, events, map(_event_line, events))


def _event_line(event: dict[str, Any]) -> str:
    at = time.strftime("%d/%m %H:%M:%S", time.localtime(event["at"]))
    what = event["repository"] + (f":{event['tag']}" if event["tag"] else "")
    return f"{at}  {event['account'] or '-':<16} {event['action']:<20} {what}".rstrip()


def _sauvegarder(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    from workshop.hub import backup

    held = backup.save(lab.state, Path(options.fichier))
    _tell(
        f"`{options.fichier}` contient le hub : {_contents(held)}, en {octets(held.size)}. Ce "
        "fichier garde aussi les dépôts privés et les empreintes des mots de passe : ne le "
        "donnez à personne."
    )


def _restaurer(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    from workshop.hub import backup, registry

    was_running = registry.running(lab.state) is not None
    try:
        held = backup.restore(lab.state, Path(options.fichier), replace=options.remplacer)
    finally:
        if was_running:
            registry.ensure(lab.state, _tell)
    _tell(
        f"Le hub est comme dans `{options.fichier}` : {_contents(held)}. Lancez `./atelier "
        "preparer` pour y remettre vos propres images du cours."
    )


def _contents(held: Any) -> str:
    accounts, repositories = plural(held.accounts, "compte"), plural(held.repositories, "dépôt")
    return f"{accounts}, {repositories}"


def _regler(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    from workshop.hub.store import Refused
    from workshop.hub.switches import Switches, load, save

    limit, slow, cut = options.limite, options.lent, options.couper
    if (limit or 0) < 0 or (slow is not None and slow < 1) or (cut or 0) < 0:
        raise Refused("Ces réglages sont des nombres positifs. Rien n'a été changé.")
    given = {"pull_limit": limit, "slow": slow, "interrupt": cut}
    turned = {name: value for name, value in given.items() if value is not None}
    now = replace(load(lab.state), **turned) if turned else Switches()
    save(lab.state, now)
    more = " Sans option, `./atelier hub regler` les retire tous." if turned else ""
    _tell(f"Réglages du hub : {now.told()}.{more}")


def _ouvrir_au_reseau(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    from workshop.hub.network import open_to_network

    csv.writer(sys.stdout, delimiter=";", lineterminator="\n").writerows(
        _class(store, options.classe)
    )
    sys.stdout.flush()
    opened = open_to_network(lab.state, _tell, host=options.adresse, port=options.port)
    _tell(opened.exposes())
    _tell("Ce que chacun tape, sous Linux, pour lui faire confiance :")
    for line in opened.steps():
        print(f"    {line}", file=sys.stderr)  # the output is the class's accesses, and only that


def _class(store: Any, path: str | None) -> list[tuple[str, str, str]]:
    """Make the accounts of a class list that are missing: (account, password, name as written).

    All of them, or none: names are checked first. Raises `EnvironmentProblem`.
    """
    from workshop.hub import classlist
    from workshop.hub.store import Refused, check_name

    if path is None:
        return []
    people, twice = classlist.read(Path(path))
    known = set(store.accounts())
    fresh = [person for person in people if person.account not in known]
    wrong = []
    for person in fresh:
        try:
            if not person.account:
                raise Refused("Il n'y a pas de quoi en faire un nom de compte.")
            check_name(person.account)
            store.check_free(person.account)
        except Refused as error:
            wrong.append(f"Ligne {person.line}, « {person.written} ». {error}")
    if wrong:
        more = f" Et {plural(len(wrong) - 3, 'autre')}." if len(wrong) > 3 else ""
        raise EnvironmentProblem(" ".join(wrong[:3]) + more + " Aucun compte n'est créé.")
    for line in twice:
        _tell(line)
    made = []
    for person in fresh:
        password = secrets.token_urlsafe(9)
        while person.account in password.lower():  # « al » may come by chance
            password = secrets.token_urlsafe(9)
        store.create_account(person.account, password)
        made.append((person.account, password, person.written))
    old = len(people) - len(fresh)
    if old:
        _tell(f"{plural(old, 'compte existait', 'comptes existaient')} déjà, sans changement.")
    return made


def _fermer_au_reseau(lab: Lab, store: Any, options: argparse.Namespace) -> None:
    from workshop.hub.network import close_to_network

    was_open = close_to_network(lab.state, _tell)
    _tell("Le hub est refermé au réseau." if was_open else "Le hub n'était pas ouvert au réseau.")


_ACTIONS: dict[str, Callable[[Lab, Any, argparse.Namespace], None]] = {
    "compte_creer": _compte_creer,
    "compte_mot_de_passe": _compte_mot_de_passe,
    "compte_lister": _compte_lister,
    "jeton_creer": _jeton_creer,
    "jeton_revoquer": _jeton_revoquer,
    "jeton_lister": _jeton_lister,
    "organisation_creer": _organisation_creer,
    "equipe_creer": _equipe_creer,
    "equipe_ajouter": _equipe_ajouter,
    "equipe_retirer": _equipe_retirer,
    "equipe_droit": _equipe_droit,
    "depot_creer": _depot_creer,
    "depot_visibilite": _depot_visibilite,
    "depot_decrire": _depot_decrire,
    "depot_lister": _depot_lister,
    "journal": _journal,
    "sauvegarder": _sauvegarder,
    "restaurer": _restaurer,
    "regler": _regler,
    "ouvrir_au_reseau": _ouvrir_au_reseau,
    "fermer_au_reseau": _fermer_au_reseau,
}
