"""The final project, phase 5: five criteria, one exercise each, graded as a whole.

An application is published for a customer who has no internet: built, examined, published, packed,
signed, restored over there, and its identity proven. All criteria hold together at the end.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime
from typing import Any

from checks import openpgp, phase2
from checks.answers import answer_file
from checks.archives import ArchiveError, ImageEntry
from checks.archives.files import Files
from checks.evidence import Evidence, HubEvent, Image
from checks.exercise import Makes, Slip, exercise
from checks.images import ARCHIVE, refuse_copy, required, sound
from checks.material import phase4 as supplied
from checks.material import project as material
from checks.outcome import Facts, Mistake
from checks.phase4 import BEFORE, SMALL_LAYER, argv, hub_account, runs, session
from checks.references import canonical
from checks.typography import inline, listing, octets, plural

PHASE = 5
TITLE, VERSION = "houle", material.SOUND
TAGS = (VERSION, "2.0", "2", "latest")
CRATE = "livraison"
ARCHIVE_NAME, REPORT, SUMS = "houle-2.0.1.tar.gz", "rapport-trivy.json", "SHA256SUMS"
SIGNATURE, KEY = "SHA256SUMS.asc", "expediteur.asc"
SITE = "station/houle:2.0.1"
MODULES = "opt/houle/modules.txt"
ACCEPTANCE, RECEPTION = "recette", "reception.txt"
OCI = "org.opencontainers.image."


def _quoted(names: list[str]) -> str:
    return listing([f"`{name}`" for name in names])


def _labels(image: Image) -> dict[str, str]:
    return image.config.get("Labels") or {}


def _repository(evidence: Evidence) -> str:
    """Where the learner publishes, on the workshop's hub: in the account of 4.3, else in the one
    where `houle` is."""
    if evidence.file(answer_file("4.3")) is not None:
        with suppress(Mistake):  # an answer that cannot be read is 4.3's business
            return f"{evidence.hub}/{hub_account(evidence)}/{TITLE}"
    known = sorted(evidence.hub_state().repositories)
    found = [name for name in known if name.endswith(f"/{TITLE}")]
    return f"{evidence.hub}/{found[0] if found else f'COMPTE/{TITLE}'}"


def _built(evidence: Evidence) -> list[Image]:
    """The images called `houle` by their title: local, or else in the crate, where the only one is
    between the day it leaves the machine and the day it is restored."""
    archive = None
    found = [
        image
        for image in evidence.images()
        if _labels(image).get(OCI + "title") == TITLE and any("@" not in tag for tag in image.tags)
    ]
    if not found:
        archive = evidence.archive(f"{CRATE}/{ARCHIVE_NAME}")
    entries = archive.images if archive else ()
    return found or [
        Image("", entry.tags, entry.diff_ids, entry.config.get("config") or {}) for entry in entries
    ]


def _report(evidence: Evidence) -> dict[str, Any]:
    """The scanner's report of the crate; raises `rapport-absent`."""
    name = f"{CRATE}/{REPORT}"
    data = evidence.file(name)
    if data is None:
        raise Mistake("rapport-absent", name=name, why="n'existe pas")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("Metadata"), dict):
        why = "n'est pas un rapport de trivy au format JSON"
        raise Mistake("rapport-absent", name=name, why=why)
    return found


def _examined(report: dict[str, Any]) -> tuple[str, ...]:
    """The layers that the report is about."""
    found = report["Metadata"].get("DiffIDs")
    return tuple(map(str, found)) if isinstance(found, list) else ()


# --- 5.1 ------------------------------------------------------------------------------------


@exercise(
    "5.1",
    "Construire et examiner",
    points=4,
    hints=[
        "Comparez ce que dit l'inspection de votre image avec la liste de l'énoncé, ligne par "
        "ligne.",
        "Un Dockerfile hérite de tout ce que sa base déclare, jusqu'à ce qu'il le redise. Et un "
        "rapport ne vaut que pour les couches qu'il a lues.",
        "Corrigez la bibliothèque signalée, écrivez le Dockerfile (base, fichiers nommés un à un, "
        "labels, utilisateur ordinaire, commande), construisez une fois, essayez, puis faites "
        "examiner cette image-là, rapport JSON compris.",
    ],
    mistakes={
        "pas-construite": Slip(
            "Aucune image de votre machine ne se dit `houle`, par son label de titre.",
            "Ce sont les labels de l'image qui disent ce qu'elle est, pas son nom.",
        ),
        "autre-version": Slip(
            "Votre image `houle` se dit en version {found} ; c'est la 2.0.1, corrigée, qui doit "
            "être livrée.",
            "Qu'a trouvé l'examen de la 2.0.0 ? Et où votre image dit-elle son numéro de version ?",
        ),
        "copie": Slip(
            "`{name}` descend d'une image préparée pour une autre personne (identifiant {other}, "
            "le vôtre est {mine}).",
            "Une image hérite aussi des labels de sa base.",
        ),
        "recette-incomplete": Slip(
            "L'image `houle` 2.0.1 n'est pas prête à être livrée : {what}.",
            "Tout cela se lit dans la configuration de l'image.",
        ),
        "rapport-absent": Slip(
            "`{name}` {why} : le client ne saura pas ce qui a été examiné.",
            "Le scanner sait écrire son rapport en JSON, et choisir le fichier où il l'écrit.",
        ),
        "rapport-d-une-autre-image": Slip(
            "`{name}` décrit {found}, et non l'image que vous avez construite : aucune image "
            "`houle` 2.0.1 de votre machine n'a exactement ces couches.",
            "L'image a-t-elle été reconstruite depuis son examen ?",
        ),
        "faille-corrigeable": Slip(
            "`{name}` signale {found} : une faille HIGH ou CRITICAL que l'on sait corriger "
            "interdit la livraison.",
            "Quelle version du paquet le rapport propose-t-il ?",
        ),
    },
    makes=Makes(
        files=["houle/*", f"{CRATE}/{REPORT}"], images=["houle:*", "{hub}/cours/vigie:1.4.1"]
    ),
)
def built_and_examined(evidence: Evidence) -> Facts:
    """L'image `houle` 2.0.1, construite sur `cours/vigie:1.4.1` du hub, porte ses trois labels OCI
    (titre, version, révision), tourne sous un utilisateur ordinaire et lance `houle.sh` ;
    `livraison/rapport-trivy.json` est le rapport d'examen de cette image-là."""
    built = _built(evidence)
    if not built:
        raise Mistake("pas-construite")
    products = [i for i in built if _labels(i).get(OCI + "version") == VERSION]
    if not products:
        found = _labels(built[0]).get(OCI + "version") or "inconnue"
        raise Mistake("autre-version", found=found)
    for image in products:
        _check_config(evidence, image)
    report = _report(evidence)
    examined = _examined(report)
    if examined not in [image.diff_ids for image in products]:
        found = f"`{report.get('ArtifactName') or 'une image sans nom'}`"
        raise Mistake("rapport-d-une-autre-image", name=f"{CRATE}/{REPORT}", found=found)
    flaws = _flaws(report)
    fixable = {
        str(flaw.get("VulnerabilityID"))
        for flaw in flaws
        if flaw.get("FixedVersion") and flaw.get("Severity") in ("HIGH", "CRITICAL")
    }
    if fixable:
        found = _quoted(sorted(fixable)[:5])
        raise Mistake("faille-corrigeable", name=f"{CRATE}/{REPORT}", found=found)
    waiting = sum(not flaw.get("FixedVersion") for flaw in flaws)
    return {"couches examinées": len(examined), "failles sans correctif": waiting}


def _flaws(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The vulnerabilities of a report, of all its targets."""
    found: list[dict[str, Any]] = []
    for result in report.get("Results") or ():
        told = result.get("Vulnerabilities") if isinstance(result, dict) else None
        found += [each for each in told or () if isinstance(each, dict)]
    return found


def _check_config(evidence: Evidence, image: Image) -> None:
    labels = _labels(image)
    refuse_copy(evidence, f"{TITLE} {VERSION}", labels)
    revision = labels.get(OCI + "revision", "").strip()
    user = str(image.config.get("User") or "root").partition(":")[0]
    command = " ".join(argv(image.config))
    base = supplied.vigie(evidence.identity, supplied.FORMER).own_diff_ids
    based = any(image.diff_ids[at : at + len(base)] == base for at in range(len(image.diff_ids)))
    what = ""
    if not based:
        what = "ses couches ne reposent pas sur celles de `cours/vigie:1.4.1`"
    elif not revision:
        what = "il lui manque le label de révision"
    elif revision != material.revision(evidence.identity):
        what = f"son label de révision dit « {revision[:40]} », pas ce que contient `REVISION`"
    elif user in ("root", "0"):
        what = "elle tourne en root"
    elif "houle.sh" not in command:
        what = f"elle lance `{command or 'rien'}`, que sa base lui a laissé, au lieu de `houle.sh`"
    if what:
        raise Mistake("recette-incomplete", what=what)


# --- 5.2 ------------------------------------------------------------------------------------


@exercise(
    "5.2",
    "Publier ce qui a été examiné",
    points=4,
    needs=["5.1"],
    hints=[
        "Interrogez le registre, pas votre machine : quels tags, quels digests, et qui peut les "
        "lire sans compte ?",
        "L'envoi vient après l'examen, d'une image qui n'a pas changé entre les deux ; une "
        "session ouverte pour publier se referme.",
        "Créez le dépôt privé, collez à l'image examinée l'adresse de votre compte et les quatre "
        "tags, connectez-vous par l'entrée standard, envoyez, déconnectez-vous.",
    ],
    mistakes={
        "pas-publiee": Slip(
            "`{reference}` n'est pas au registre : {seen}.",
            "Qu'a répondu la dernière commande d'envoi, et vers quelle adresse ?",
        ),
        "version-fautive-publiee": Slip(
            "`{repository}` {seen} le tag `{tag}` : cette version a une faille critique que l'on "
            "sait corriger, et n'importe qui de la maison {could} la livrer.",
            "L'examen doit empêcher l'envoi, pas le commenter.",
        ),
        "tag-manquant": Slip(
            "`{repository}` a {found} ; il manque {missing}.",
            "La version exacte, la mineure, la majeure, et le tag que Docker suppose quand on n'en "
            "écrit pas.",
        ),
        "jamais-examinee": Slip(
            "`{reference}` n'est pas l'image que décrit `livraison/rapport-trivy.json` : {why}.",
            "Combien de fois avez-vous construit ? Qu'avez-vous étiqueté, exactement ?",
        ),
        "examen-apres-envoi": Slip(
            "Le rapport date de {report}, et le hub a reçu l'image à {push} : l'examen n'a plus "
            "rien empêché.",
            "Dans quel ordre l'examen sert-il à quelque chose ? Ce qui est parti est parti : seule "
            "une nouvelle construction peut encore être examinée avant son envoi.",
        ),
        "depot-public": Slip(
            "`{repository}` est public : nous l'avons lu sans connexion.",
            "La visibilité est un réglage du dépôt.",
        ),
        "encore-connecte": Slip(
            "Votre client Docker est encore connecté à `{host}` (compte {account}).",
            "Que doit-il rester sur la machine, une fois la publication finie ?",
        ),
    },
    makes=Makes(images=["*/houle:*"]),
)
def published(evidence: Evidence) -> Facts:
    """Le dépôt privé `houle` de votre compte a quatre tags (`2.0.1`, `2.0`, `2`, `latest`) pour un
    seul digest, celui de l'image examinée ; la 2.0.0 n'y a jamais été envoyée, et vous n'êtes plus
    connecté."""
    repository = _repository(evidence)
    tags = evidence.tags(repository)
    events = evidence.hub_events("push", "delete", "repository-deleted")
    pushes = _standing([e for e in events if e.repository == repository.partition("/")[2]])
    if material.FAULTY in (*tags, *(e.tag for e in pushes)):
        here = material.FAULTY in tags
        said = {"seen": "a" if here else "a reçu", "could": "peut" if here else "a pu"}
        raise Mistake("version-fautive-publiee", repository=repository, tag=material.FAULTY, **said)
    reference = f"{repository}:{VERSION}"
    first = evidence.registry(reference)
    if first is None:
        here = evidence.image(reference) is not None
        seen = "elle n'existe que sur votre machine" if here else "personne ne l'y a envoyée"
        if VERSION in tags:
            seen = "ce tag y désigne autre chose qu'une image"
        elif tags:
            seen = f"ce dépôt a pour tags {_quoted(tags)}"
        raise Mistake("pas-publiee", reference=reference, seen=seen)
    if missing := [tag for tag in TAGS if tag not in tags]:
        raise Mistake(
            "tag-manquant", repository=repository, found=_quoted(tags), missing=_quoted(missing)
        )
    report = _report(evidence)
    for tag in TAGS:
        found = evidence.registry(f"{repository}:{tag}")
        why = ""
        if found is None or found.diff_ids != _examined(report):
            why = "leurs couches diffèrent"
        elif found.digest != first.digest:
            why = f"son digest n'est pas celui du tag `{VERSION}`, c'est une autre construction"
        if why:
            raise Mistake("jamais-examinee", reference=f"{repository}:{tag}", why=why)
    _check_order([e.at for e in pushes if e.digest == first.digest], report)
    if "pull" in evidence.access(repository, None):
        raise Mistake("depot-public", repository=repository)
    for host in evidence.hub_addresses:
        if account := session(evidence, host):
            raise Mistake("encore-connecte", host=host, account=account)
    return {"quatre tags, un digest": first.digest, "dépôt privé": repository}


def _standing(events: list[HubEvent]) -> list[HubEvent]:
    """The pushes that no deletion, of the image or of its repository, has undone since."""
    undone = [e for e in events if e.action in ("delete", "repository-deleted")]
    return [
        push
        for push in events
        if push.action == "push"
        and not any(e.id > push.id and e.digest in ("", push.digest) for e in undone)
    ]


def _check_order(pushes: list[float], report: dict[str, Any]) -> None:
    """The report is older than the first push of the image, when both are dated."""
    try:
        told = datetime.fromisoformat(str(report.get("CreatedAt")))
    except ValueError:
        return
    if pushes and told.timestamp() > min(pushes):
        sent = datetime.fromtimestamp(min(pushes), told.tzinfo)
        raise Mistake("examen-apres-envoi", report=f"{told:%H:%M:%S}", push=f"{sent:%H:%M:%S}")


# --- 5.3 ------------------------------------------------------------------------------------


@exercise(
    "5.3",
    "Préparer la caisse",
    points=4,
    needs=["5.2"],
    hints=[
        "Ouvrez votre archive comme le client l'ouvrira : quels noms, quelles images, quels "
        "fichiers dans quelles couches ?",
        "Là-bas, personne ne peut joindre votre registre : un nom qui commence par son adresse "
        "n'y sert à rien. Et une couche livrée l'est tout entière, fichiers effacés compris.",
        "Donnez à l'image publiée le nom que le client emploiera, sauvegardez ce nom seul, "
        "compressez, et contrôlez l'archive avec `./atelier inspecter` avant de fermer la caisse.",
    ],
    mistakes={
        "caisse-inutilisable": Slip(
            "Le client ne pourrait rien faire de `{name}` : {why}",
            "Que dit `./atelier inspecter` de ce fichier ?",
        ),
        "pas-la-publiee": Slip(
            "`{name}` ne contient pas l'image publiée : sa configuration est {found}, celle du "
            "registre {expected}.",
            "De quelle image partiez-vous pour faire l'archive ?",
        ),
        "nom-inutilisable": Slip(
            "L'image de `{name}` s'appellera {found} chez le client ; l'énoncé demande "
            "`station/houle:2.0.1`, et rien d'autre.",
            "Les noms d'une archive sont ceux que l'on a donnés à la commande de sauvegarde.",
        ),
        "secret-embarque": Slip(
            "La couche {layer} de l'image livrée contient le jeton du satellite (`{path}`) : le "
            "client peut le lire, et quiconque intercepterait la caisse aussi.",
            "Quelle instruction a copié ce fichier ? Que faut-il lui interdire de voir ?",
        ),
        "faille-toujours-la": Slip(
            "L'image se dit 2.0.1, mais {seen} : le numéro a changé, et rien n'y montre que la "
            "bibliothèque aussi.",
            "Que demandait le rapport d'examen de la 2.0.0 ?",
        ),
    },
    makes=Makes(files=[f"{CRATE}/{ARCHIVE_NAME}", f"{CRATE}/*.tar"], images=[SITE]),
)
def packed(evidence: Evidence) -> Facts:
    """`livraison/houle-2.0.1.tar.gz` contient l'image publiée, sous le seul nom
    `station/houle:2.0.1` que le client emploiera ; la bibliothèque y est corrigée, et aucune
    couche n'emporte le secret du projet."""
    name = f"{CRATE}/{ARCHIVE_NAME}"
    image = _delivered(evidence)
    reference = f"{_repository(evidence)}:{VERSION}"
    there = evidence.registry(reference)
    if there is None or (image.config_digest, image.diff_ids) != (
        there.config_digest,
        there.diff_ids,
    ):
        expected = there.config_digest[7:19] if there else "absente"
        raise Mistake(
            "pas-la-publiee", name=name, found=image.config_digest[7:19], expected=expected
        )
    if [canonical(tag) for tag in image.tags] != [canonical(SITE)]:
        raise Mistake("nom-inutilisable", name=name, found=_quoted(list(image.tags)))
    _check_layers(evidence, image)
    archive = required(evidence, name)
    return {"archive": octets(archive.size), "configuration": image.config_digest, "nom": SITE}


def _delivered(evidence: Evidence) -> ImageEntry:
    """The image of the crate; raises `caisse-inutilisable`."""
    name = f"{CRATE}/{ARCHIVE_NAME}"
    try:
        archive = sound(required(evidence, name))
    except Mistake as mistake:
        slip = ARCHIVE[mistake.name].message.format(**mistake.observed)
        raise Mistake("caisse-inutilisable", name=name, why=inline(slip)) from mistake
    if archive.compression != ("gzip",):
        raise Mistake("caisse-inutilisable", name=name, why="son contenu n'est pas du gzip.")
    if len(archive.images) != 1:
        count = plural(len(archive.images), "image")
        raise Mistake("caisse-inutilisable", name=name, why=f"elle contient {count}, pas une.")
    return archive.images[0]


def _check_layers(evidence: Evidence, image: ImageEntry) -> None:
    archive = required(evidence, f"{CRATE}/{ARCHIVE_NAME}")
    hidden = material.secret(evidence.identity).encode()
    for rank, layer in enumerate(image.layers, 1):
        if layer.size > SMALL_LAYER:  # the base's
            continue
        try:
            written = Files(archive, (layer,))
            contents = {p: written.read(p) for p in written if _is_file(written, p)}
        except ArchiveError:  # it leans on another layer
            continue
        for path, content in contents.items():
            if hidden in content:
                raise Mistake("secret-embarque", path=path, layer=rank)
    small = tuple(layer for layer in image.layers if layer.size <= SMALL_LAYER)
    seen = f"`{MODULES}` n'y est pas"
    with suppress(ArchiveError):
        files = Files(archive, small)
        if _is_file(files, MODULES):
            library = re.search(rb"(?m)^libglace[ \t]+(\S+)", files.read(MODULES))
            found = library[1].decode(errors="replace") if library else ""
            if found == material.SOUND_LIBRARY:
                return
            seen = f"`{MODULES}` y annonce libglace {found[:20]}"
            seen = seen if found else f"`{MODULES}` n'y dit rien de libglace"
    raise Mistake("faille-toujours-la", seen=seen)


def _is_file(files: Files, path: str) -> bool:
    found = files.get(path)
    return found is not None and found.content[1].type == "file"


# --- 5.4 ------------------------------------------------------------------------------------


@exercise(
    "5.4",
    "Signer la caisse",
    points=4,
    needs=["5.3"],
    hints=[
        "Placez-vous dans la caisse, et faites les deux contrôles que fera le client : les "
        "sommes, puis la signature des sommes.",
        "Une somme prouve qu'un fichier n'a pas changé ; une signature prouve qui a écrit la "
        "somme. La clé qui signe reste chez vous, celle qui vérifie voyage.",
        "Dans `livraison/`, calculez les sommes de l'archive et du rapport, signez ce fichier par "
        "une signature détachée et lisible (`--armor`), puis exportez votre clé publique.",
    ],
    mistakes={
        "piece-manquante": Slip(
            "Il manque `{name}` dans la caisse.",
            "Cinq fichiers : l'archive, le rapport, les sommes, leur signature, la clé publique.",
        ),
        "sommes-fausses": Slip(
            "Le client ne pourra pas contrôler sa caisse. {why}",
            "Faites le contrôle vous-même, depuis la caisse, comme le client.",
        ),
        "pas-une-signature": Slip(
            "`{name}` n'est pas une signature OpenPGP détachée : {why}.",
            "`gpg` sait signer de trois façons ; l'une écrit la signature seule, à part.",
        ),
        "signature-fausse": Slip(
            "`{name}` n'est pas la signature de `SHA256SUMS` par la clé de `expediteur.asc` : les "
            "sommes ont changé depuis, ou une autre clé a signé.",
            "Dans quel ordre les cinq fichiers ont-ils été écrits ?",
        ),
        "cle-privee-livree": Slip(
            "`{name}` contient une clé privée : qui ouvre la caisse peut désormais signer à votre "
            "place. Il faut la révoquer et en faire une autre.",
            "Quelle moitié de la clé sert à vérifier ?",
        ),
    },
    makes=Makes(files=[f"{CRATE}/{name}" for name in (SUMS, SIGNATURE, KEY)]),
)
def signed(evidence: Evidence) -> Facts:
    """Dans `livraison/`, `SHA256SUMS` couvre l'archive et le rapport ; `SHA256SUMS.asc` en est la
    signature détachée, que vérifie la clé publique `expediteur.asc` ; aucune clé privée n'y est."""
    pieces = {}
    for name in (SUMS, SIGNATURE, KEY):
        data = evidence.file(f"{CRATE}/{name}")
        if not data:
            raise Mistake("piece-manquante", name=f"{CRATE}/{name}")
        pieces[name] = data
    for name in evidence.names(f"{CRATE}/**/*")[:PIECES]:
        if name.endswith((".tar", ".gz", ".tgz", REPORT)):  # big, and read elsewhere
            continue
        content = evidence.file(name) or b""
        if openpgp.holds_secret_key(content) or PRIVATE.search(content):
            raise Mistake("cle-privee-livree", name=name)
    _check_sums(evidence)
    if pieces[SIGNATURE].lstrip().startswith(b"-----BEGIN PGP SIGNED MESSAGE"):
        why = "les sommes y sont recopiées, avec la signature à leur suite"
        raise Mistake("pas-une-signature", name=f"{CRATE}/{SIGNATURE}", why=why)
    try:
        fingerprint = openpgp.verify(pieces[SIGNATURE], pieces[KEY], pieces[SUMS])
    except openpgp.NotOpenPGP as error:
        why = "ni elle, ni la clé qui l'accompagne, ne se lisent comme on l'attend"
        raise Mistake("pas-une-signature", name=f"{CRATE}/{SIGNATURE}", why=why) from error
    except openpgp.BadSignature as error:
        raise Mistake("signature-fausse", name=f"{CRATE}/{SIGNATURE}") from error
    return {"signée par la clé": fingerprint}


def _check_sums(evidence: Evidence) -> None:
    """The client's `sha256sum -c`, from the crate, says yes to every line; both files are named."""
    path = f"{CRATE}/{SUMS}"
    try:
        sums = phase2._sums(evidence, path)
        for name in (ARCHIVE_NAME, REPORT):
            if name not in dict(sums):
                elsewhere = [other for other in dict(sums) if other.endswith(f"/{name}")]
                why = f"nomme `{elsewhere[0]}`" if elsewhere else f"ne dit rien de `{name}`"
                raise Mistake("sommes-fausses", why=f"`{path}` {why}.")
        phase2._every_line_holds(evidence, path, sums)
    except Mistake as mistake:
        told = {**ARCHIVE, **phase2.SUMS}.get(mistake.name)
        if told is None:
            raise
        why = inline(told.message.format(**mistake.observed))
        raise Mistake("sommes-fausses", why=why) from mistake


PRIVATE = re.compile(rb"PRIVATE KEY(?: BLOCK)?-----|\(\d*:?(?:protected-|shadowed-)?private-key")
"""A private key in PEM or armor, or in the key ring of gpg-agent."""
PIECES = 40
"""Files of the crate that are looked at; five are asked for."""


# --- 5.5 ------------------------------------------------------------------------------------


@exercise(
    "5.5",
    "Restaurer là-bas, et prouver",
    points=4,
    needs=["5.3"],
    hints=[
        "Comparez la liste de vos images avec celle qu'aurait le client après avoir ouvert la "
        "caisse.",
        "Le digest du manifeste appartient au registre, et ne voyage pas dans une archive ; celui "
        "de la configuration, si : c'est lui que les deux côtés peuvent comparer.",
        "Retirez de votre machine tous les noms de l'image, chargez l'archive de la caisse, "
        "lancez `essai.sh` dans un conteneur `recette` sans réseau, puis écrivez dans "
        "`reception.txt` le digest lu dans le `manifest.json` de l'archive.",
    ],
    mistakes={
        "pas-restauree": Slip(
            "Votre machine n'a pas l'image de la caisse sous le nom `{name}`.",
            "Quelle commande rend une image à partir de son archive ?",
        ),
        "nom-d-origine": Slip(
            "Votre machine a encore {found} : chez le client, ces noms n'existeraient pas, et rien "
            "ne montre que l'image vient de la caisse.",
            "Retirez tous les noms avant de charger.",
        ),
        "recette-absente": Slip(
            "{why} : l'essai n'a pas eu lieu sur l'image restaurée.",
            "Un conteneur garde l'image dont il est né et la commande qu'il a lancée, tant qu'on "
            "ne le supprime pas.",
        ),
        "recette-echouee": Slip(
            "Le conteneur `recette` s'est arrêté avec le code {code} : l'image restaurée ne "
            "réussit pas son essai.",
            "Ses messages disent pourquoi.",
        ),
        "digest-de-manifeste": Slip(
            "`reception.txt` contient le digest du manifeste : le client, qui n'a pas accès au "
            "registre, ne peut pas le retrouver dans la caisse.",
            "Quelle empreinte est la même au registre, dans l'archive et sur le moteur du client ?",
        ),
        "digest-faux": Slip(
            "`reception.txt` {why}.",
            "Le fichier contient `sha256:` et 64 chiffres hexadécimaux, rien d'autre.",
        ),
    },
    makes=Makes(files=[RECEPTION], containers=[ACCEPTANCE]),
)
def restored(evidence: Evidence) -> Facts:
    """Comme chez le client : l'image n'est plus sur votre machine que sous le nom
    `station/houle:2.0.1`, restaurée depuis la caisse ; le conteneur `recette` y a réussi
    `essai.sh` ; `reception.txt` donne le digest de configuration, le même au registre et ici."""
    crate = _delivered(evidence)
    image = evidence.image(SITE)
    if image is None or image.diff_ids != crate.diff_ids:
        raise Mistake("pas-restauree", name=SITE)
    own = [other for other in evidence.images() if other.diff_ids == image.diff_ids]
    names = [tag for i in own for tag in i.tags if canonical(tag) != canonical(SITE)]
    if names:
        raise Mistake("nom-d-origine", found=_quoted(names))
    _check_acceptance(evidence, image)
    data = evidence.file(RECEPTION)
    if data is None:
        raise Mistake("digest-faux", why="n'existe pas")
    text = data.decode(errors="replace").strip().lower()
    there = evidence.registry(f"{_repository(evidence)}:{VERSION}")
    if there and text == there.digest:
        raise Mistake("digest-de-manifeste")
    if text != crate.config_digest:
        raise Mistake("digest-faux", why=f"ne contient pas ce digest, mais « {text[:80]} »")
    return {"identité prouvée": crate.config_digest, "restaurée sous": SITE}


def _check_acceptance(evidence: Evidence, image: Image) -> None:
    found = [each for each in evidence.containers() if each.name == ACCEPTANCE]
    why = ""
    if not found:
        why = f"Aucun conteneur ne s'appelle `{ACCEPTANCE}`"
    elif found[0].image_id != image.id:
        why = f"Le conteneur `{ACCEPTANCE}` est né d'une autre image"
    elif _program(line := [*found[0].entrypoint, *found[0].command]) != "essai.sh":
        why = f"Le conteneur `{ACCEPTANCE}` a lancé `{' '.join(line)[:80]}`, et non `essai.sh`"
    if why:
        raise Mistake("recette-absente", why=why)
    if found[0].status != "exited" or found[0].exit_code:
        raise Mistake("recette-echouee", code=found[0].exit_code)


def _program(line: list[str]) -> str:
    """The name of the first program that a command line runs, shells and `cd` put aside."""
    for word, _ in runs(line):
        name = word.rpartition("/")[2]
        if name not in (*BEFORE, "cd", "set") and not re.match(r"[-;&|]|\w+=", word):
            return name
    return ""
