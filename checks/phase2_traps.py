"""Phase 2, its two traps: a secret that stays in a layer, archives that loading does not judge."""

from __future__ import annotations

import re
from typing import Any

from checks.answers import ANSWER, answer, field
from checks.archives import Archive, ArchiveError, ImageEntry, Layer
from checks.archives.files import Files
from checks.evidence import Evidence
from checks.exercise import Makes, Slip, exercise
from checks.images import ARCHIVE, CONTENT, refuse_copy, required, sound
from checks.material import phase2_traps as material
from checks.material.making import LEARNER_LABEL
from checks.outcome import EnvironmentProblem, Facts, Mistake
from checks.references import normalise
from checks.typography import listing, octets, plural

TYPED = {
    **ANSWER,
    "mauvais-type": Slip(
        "Le champ `{field}` attend {expected} ; vous y avez mis autre chose : `{found}`.",
        "L'énoncé montre la forme de chaque champ.",
    ),
}
SMALL_LAYER = 256 * 1024
"""Bytes of a stored layer that is read: a bigger one stays out of a submission."""


def _word(given: dict[str, Any], name: str) -> str:
    value = field(given, name)
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Mistake("mauvais-type", field=name, expected="un texte", found=str(value)[:60])
    return str(value).strip()


# --- 2.13 -----------------------------------------------------------------------------------

CLEAN, CLEAN_NAME = "emetteur-propre.tar", "emetteur:2"
TITLE = "org.opencontainers.image.title"


@exercise(
    "2.13",
    "Le secret oublié",
    points=4,
    hints=[
        "L'historique de l'image dit ce que chaque étape a copié et effacé ; l'archive garde la "
        "couche de chaque étape.",
        "Une couche ne change plus une fois écrite. Effacer un fichier dans une couche suivante n'y "
        "pose qu'une marque (`.wh.`…) : les octets restent dans la couche d'avant.",
        "Pour lire : sauvegardez l'image, et listez chaque couche comme une archive tar. Pour "
        "réparer : repartez de la même base, et ne reprenez de l'image fautive (ou d'un conteneur "
        "né d'elle) que les fichiers utiles ; un Dockerfile à deux étapes fait cela, à condition de "
        "redire la commande, la variable et les labels.",
    ],
    mistakes={
        **TYPED,
        "leurre": Slip(
            "« {found} » est la clé d'exemple, restée visible dans l'image "
            f"(`/{material.EXAMPLE}`) : elle n'ouvre rien. La vraie clé a été effacée, et ne se "
            "voit plus depuis un conteneur.",
            "Un conteneur ne montre que l'empilement des couches. Où sont les couches elles-mêmes ?",
        ),
        "cle-fausse": Slip(
            "« {found} » n'est pas la clé de `cours/emetteur:1`. Celle-ci commence par `cle-`, puis "
            "votre identifiant.",
        ),
        "cle-d-un-autre": Slip(
            "« {found} » est la clé d'une autre personne (identifiant {other}, le vôtre est {mine}) : "
            "votre image en cache une autre.",
            "L'identifiant de votre image est dans son label `fr.atelier.apprenant`.",
        ),
        "marque-d-effacement": Slip(
            "`{found}` n'est pas le fichier de la clé, mais la marque vide que la suppression a "
            "posée dans une couche suivante. Le champ `chemin` attend le fichier qu'elle cache.",
            "Que désigne un nom qui commence par `.wh.` ?",
        ),
        "chemin-faux": Slip(
            "La clé est la bonne, mais `{found}` n'est pas le chemin du fichier qui la contenait.",
            "Le chemin attendu est celui du fichier dans l'image, depuis la racine.",
        ),
        **ARCHIVE,
        "copie": CONTENT["copie"],
        "plusieurs-images": Slip(
            "`{name}` contient {count} : une seule est à livrer, la propre.",
            "L'image fautive n'est-elle pas partie avec l'autre ?",
        ),
        "mauvais-nom": Slip(
            "L'image de `{name}` s'appelle {found} ; le nom attendu est `{expected}`.",
            "Par quoi avez-vous désigné l'image au moment de la sauvegarder ?",
        ),
        "image-inchangee": Slip(
            "`{name}` contient l'image d'origine, telle quelle : la clé est toujours dans sa couche "
            "{layer}.",
            "Renommer une image ne change pas ses couches.",
        ),
        "efface-par-dessus": Slip(
            "L'image de `{name}` est celle d'origine, avec {count} de plus. Une couche "
            "ajoutée peut cacher un fichier, jamais l'enlever des couches d'en dessous : la clé est "
            "toujours dans la couche {layer}.",
            "Tant que l'image repose sur la couche fautive, elle la transporte.",
        ),
        "secret-dans-une-couche": Slip(
            "La couche {layer} de l'image de `{name}` contient encore la clé (dans `{path}`).",
            "Cherchez la clé dans chaque couche, et non dans un conteneur.",
        ),
        "secret-dans-la-configuration": Slip(
            "La configuration de l'image de `{name}` contient la clé ({where}) : quiconque a l'image "
            "peut la lire, sans même la démarrer.",
            "Une variable et un argument de construction laissent une trace écrite : lisez "
            "l'inspection et l'historique de l'image.",
        ),
        "secret-dans-l-archive": Slip(
            "Aucune couche de l'image n'a plus la clé, mais le fichier `{path}` de `{name}`, dont "
            "l'image ne se sert pas, la contient toujours : qui reçoit l'archive la reçoit.",
            "Une image ne se répare pas en retouchant son archive : que laisse-t-on derrière soi ?",
        ),
        "metadonnees-perdues": Slip(
            "L'image de `{name}` n'a plus {missing} de `cours/emetteur:1`{why}.",
            "Comparez l'inspection des deux images, champ par champ.",
        ),
        "base-perdue": Slip(
            "L'image de `{name}` ({found}) ne repose pas sur la même base que `cours/emetteur:1` : "
            "{why}.",
            "Comparez les premières couches (`RootFS.Layers`) des deux images.",
        ),
        "couche-demesuree": Slip(
            "La couche {layer} de l'image de `{name}` pèse {size} ; le programme n'a que quelques "
            "centaines d'octets. Elle recopie sans doute tout un système par-dessus la base.",
            "Quels fichiers le programme demande-t-il vraiment ?",
        ),
        "fichier-perdu": Slip(
            "Dans l'image de `{name}`, `/{path}` {problem} : l'émetteur ne fonctionnerait plus "
            "comme avant.",
            "Un conteneur de chaque image, et la même commande : que répondent-ils ?",
        ),
    },
    makes=Makes(
        files=[CLEAN, "emetteur-1.tar", "reponses/2.13.json"],
        images=[f"{{hub}}/{material.TRANSMITTER}", CLEAN_NAME],
    ),
)  # fmt: skip
def forgotten_secret(evidence: Evidence) -> Facts:
    """Votre réponse donne la clé effacée de `cours/emetteur:1` et le chemin de son fichier ;
    `emetteur-propre.tar` contient la seule image `emetteur:2`, posée sur la même base, qui fait la
    même chose et où la clé n'est plus nulle part."""
    _check_finding(evidence, answer(evidence, "2.13"))
    archive = sound(required(evidence, CLEAN))
    if len(archive.images) > 1:
        count = plural(len(archive.images), "image")
        raise Mistake("plusieurs-images", name=CLEAN, count=count)
    image = archive.images[0]
    refuse_copy(evidence, CLEAN, (image.config.get("config") or {}).get("Labels") or {})
    _check_clean(evidence, archive, image)
    names = [normalise(tag) for tag in image.tags]
    if names != [CLEAN_NAME]:
        found = listing([f"`{name}`" for name in names]) if names else "`<none>`, faute de nom"
        raise Mistake("mauvais-nom", name=CLEAN, found=found, expected=CLEAN_NAME)
    return {
        "clé trouvée": "oui, dans une couche que la dernière ne montre plus",
        "image propre": f"{CLEAN_NAME}, {plural(len(image.diff_ids), 'couche')}, aucune trace",
    }


def _check_finding(evidence: Evidence, given: dict[str, Any]) -> None:
    identity = evidence.identity
    said = _word(given, "cle")
    found = said.rpartition("=")[2].strip().strip("\"'").lower()
    if found != material.transmitter_key(identity):
        if found == material.decoy_key(identity):
            raise Mistake("leurre", found=found)
        other = re.fullmatch(r"cle-([0-9a-f]{8})-[0-9a-f]{12}", found)
        if other and other[1] != identity.id:
            raise Mistake("cle-d-un-autre", found=found, other=other[1], mine=identity.id)
        raise Mistake("cle-fausse", found=said[:60])
    path = _word(given, "chemin")
    plain = path.removeprefix(".").strip("/")
    if "/.wh." in f"/{plain}":
        raise Mistake("marque-d-effacement", found=path[:80])
    if plain != material.key_path(identity):
        raise Mistake("chemin-faux", found=path[:80])


def _check_clean(evidence: Evidence, archive: Archive, image: ImageEntry) -> None:
    origin = material.transmitter(evidence.identity)
    own, ids = origin.own_diff_ids, image.diff_ids
    fault = own[1]
    if fault in ids:
        start = ids.index(fault) - 1
        layer = start + 2
        if ids[start : start + len(own)] == own:
            more = len(ids) - start - len(own)
            if more:
                count = plural(more, "couche")
                raise Mistake("efface-par-dessus", name=CLEAN, count=count, layer=layer)
            raise Mistake("image-inchangee", name=CLEAN, layer=layer)
        path = material.key_path(evidence.identity)
        raise Mistake("secret-dans-une-couche", name=CLEAN, layer=layer, path=path)
    _check_configuration(evidence, image)
    _check_layers(evidence, archive, image)


def _check_configuration(evidence: Evidence, image: ImageEntry) -> None:
    key = material.transmitter_key(evidence.identity)
    config = image.config.get("config") or {}
    if key.encode() in image.config_bytes:
        where = "ses labels ou un autre champ"
        if key in str(config.get("Env")):
            where = "une variable d'environnement"
        elif any(key in str(step) for step in image.history):
            where = "son historique"
        raise Mistake("secret-dans-la-configuration", name=CLEAN, where=where)
    origin = material.transmitter(evidence.identity).config
    labels = config.get("Labels") or {}
    lost = []
    if _command(config) not in (origin["Cmd"], [f"/{material.PROGRAM}"]):
        lost.append("la commande par défaut")
    if material.RANGE not in (config.get("Env") or []):
        lost.append(f"la variable `{material.RANGE.partition('=')[0]}` (ou sa valeur)")
    lost += [
        f"le label `{name}`"
        for name in (LEARNER_LABEL, TITLE)
        if labels.get(name) != origin["Labels"][name]
    ]
    if lost:
        imported = any("import" in str(step.get("comment", "")).lower() for step in image.history)
        why = " : elle a été fabriquée par `docker import`, qui n'en sait rien" if imported else ""
        raise Mistake("metadonnees-perdues", name=CLEAN, missing=listing(lost, "ni"), why=why)


def _command(config: dict[str, Any]) -> list[str]:
    """What a container of this config runs, without the shell that may be around it."""
    command = [*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())]
    return command[2:] if command[:2] == ["/bin/sh", "-c"] else command


def _check_layers(evidence: Evidence, archive: Archive, image: ImageEntry) -> None:
    published = evidence.registry(f"{evidence.hub}/{material.TRANSMITTER}")
    own = material.transmitter(evidence.identity).own_diff_ids
    if published is None or published.diff_ids[-len(own) :] != own:
        raise EnvironmentProblem(
            f"`{material.TRANSMITTER}` n'est plus sur le hub telle que le cours l'a publiée. Lancez "
            "`./atelier preparer`, puis recommencez : rien n'est perdu."
        )
    base = published.diff_ids[: -len(own)]
    if image.diff_ids[: len(base)] != base:
        why = (
            "elle n'a qu'une couche, où le système et le programme sont fondus ensemble"
            if len(image.diff_ids) == 1
            else "ses premières couches sont autres"
        )
        found = plural(len(image.diff_ids), "couche")
        raise Mistake("base-perdue", name=CLEAN, found=found, why=why)
    key = material.transmitter_key(evidence.identity).encode()
    for rank, layer in enumerate(image.layers[len(base) :], len(base) + 1):
        if layer.size > SMALL_LAYER:
            size = octets(layer.size)
            raise Mistake("couche-demesuree", name=CLEAN, layer=rank, size=size)
        if key in b"".join(archive.layer_chunks(layer.member)):
            path = _holder(archive, layer, key)
            raise Mistake("secret-dans-une-couche", name=CLEAN, layer=rank, path=path)
    _check_leftovers(archive, image, key)
    files = Files(archive, image.layers[len(base) :])
    for path, content in material.transmitter_files(evidence.identity).items():
        file = files.get(path)
        if file is None or file.content[1].type != "file":
            raise Mistake("fichier-perdu", name=CLEAN, path=path, problem="manque")
        if _read(files, path) != content.encode():
            raise Mistake("fichier-perdu", name=CLEAN, path=path, problem="n'est plus le même")
        if path == material.PROGRAM and not file.content[1].mode & 0o111:
            problem = "n'est plus exécutable"
            raise Mistake("fichier-perdu", name=CLEAN, path=path, problem=problem)


def _check_leftovers(archive: Archive, image: ImageEntry, key: bytes) -> None:
    """What no image of the archive uses still travels with it."""
    for name, member in archive.members.items():
        if member.type != "file" or member.size > SMALL_LAYER or name in image.layer_members:
            continue
        if key in b"".join(archive.layer_chunks(name)):
            raise Mistake("secret-dans-l-archive", name=CLEAN, path=name)


def _holder(archive: Archive, layer: Layer, text: bytes) -> str:
    files = Files(archive, (layer,))
    for path in files:
        if text in _read(files, path):
            return path
    return "un nom de fichier"


def _read(files: Files, path: str) -> bytes:
    try:
        return files.read(path)
    except ArchiveError:  # a folder, a link
        return b""


# --- 2.14 -----------------------------------------------------------------------------------

VERDICTS = ("charger", "refuser")


@exercise(
    "2.14",
    "L'archive abîmée",
    points=4,
    hints=[
        "Chaque colis a deux lignes dans le bordereau : l'une parle du fichier, l'autre de l'image "
        "qu'il contient. Elles ne répondent pas à la même question.",
        "L'identité d'une image est le digest de sa configuration, qui fixe celui de chaque couche. "
        "Un contenu est bon quand son sha256 est celui que le document au-dessus de lui annonce, du "
        "bordereau jusqu'à la dernière couche.",
        "Pour chaque colis : l'archive se lit-elle jusqu'au bout ? La configuration que nomme "
        "`manifest.json` a-t-elle l'empreinte du bordereau ? Chaque fichier de `blobs/sha256` "
        "a-t-il l'empreinte que son nom annonce ? Un nom de fichier inattendu, lui, n'enlève rien à "
        "l'image.",
    ],
    mistakes={
        **TYPED,
        "verdict-inconnu": Slip(
            "Colis {number} : « {found} » n'est pas un verdict ; les mots attendus sont `charger` "
            "et `refuser`.",
        ),
        "cause-inconnue": Slip(
            "Colis {number} : « {found} » n'est pas l'un des mots proposés ({choices}).",
            "Le tableau de l'énoncé donne les six mots possibles.",
        ),
        "resauvegarde-prise-pour-une-faute": Slip(
            "Colis {number} : le sha256 du fichier n'est pas celui du départ, c'est vrai. Mais "
            "l'image est exactement celle du bordereau : un moteur l'a chargée en route, puis "
            "sauvegardée à nouveau, et deux sauvegardes d'une même image n'ont pas toujours les "
            "mêmes octets.",
            "Que dit l'autre ligne du bordereau ?",
        ),
        "avertissement-pris-pour-une-faute": Slip(
            "Colis {number} : l'archive contient un fichier de trop, rien de plus. L'image est celle "
            "du bordereau, et tout ce qu'elle annonce est là, intact.",
            "Le fichier en trop fait-il partie de l'image ?",
        ),
        "intacte-refusee": Slip(
            "Colis {number} : le fichier a, octet pour octet, le sha256 du départ. Rien ne permet "
            "de le refuser.",
            "Calculez l'empreinte du fichier, et comparez.",
        ),
        "troncature-non-vue": Slip(
            "Colis {number} : la fin du fichier manque, et `manifest.json` avec elle.",
            "tar se plaint-il en le listant ?",
        ),
        "alteration-non-vue": Slip(
            "Colis {number} : la configuration est celle du bordereau, mais une couche n'a pas le "
            "contenu que cette configuration annonce.",
            "Recalculez l'empreinte de chaque fichier de `blobs/sha256`, et comparez-la à son nom.",
        ),
        "load-cru": Slip(
            "Colis {number} : `docker load` l'accepte, et tout y concorde, mais l'image n'est pas "
            "celle du bordereau. Qui change une couche peut aussi récrire la configuration et le "
            "manifeste qui l'annoncent : l'archive n'a alors plus rien d'abîmé. `docker load` "
            "vérifie, au mieux, qu'une archive s'accorde avec elle-même.",
            "À quoi d'extérieur à l'archive pouvez-vous comparer l'image ?",
        ),
        "cause-fausse": Slip(
            "Colis {number} : le verdict est le bon, mais « {found} » n'est pas ce qui lui est "
            "arrivé.",
            "Le fichier, puis la configuration, puis les couches : quelle est la première empreinte "
            "qui ne concorde plus ?",
        ),
        "trompeur-faux": Slip(
            "Champ `trompeur` : le colis {found} {why}.",
            "Essayez de charger les colis que vous refusez : lequel passe ?",
        ),
        "empreinte-annoncee": Slip(
            "Champ `empreinte` : vous donnez celle que le nom du fichier annonce. On demande celle "
            "qu'il a réellement.",
            "Extrayez ce fichier, et calculez.",
        ),
        "empreinte-fausse": Slip(
            "Champ `empreinte` : `{found}` n'est pas le sha256 du fichier altéré.",
            "Donnez les 64 chiffres hexadécimaux que `sha256sum` calcule sur le fichier extrait tel quel.",
        ),
    },
    makes=Makes(
        files=["reponses/2.14.json"],
        images=[f"convoi/colis-{n}:1" for n in range(1, len(material.PARCELS) + 1)],
    ),
)
def damaged_parcels(evidence: Evidence) -> Facts:
    """Pour chacun des six colis de `fournitures/`, votre réponse dit s'il faut le charger ou le
    refuser, et ce qui lui est arrivé ; elle désigne le refusé que `docker load` accepte, et donne
    la véritable empreinte du fichier altéré."""
    given = answer(evidence, "2.14")
    truth = material.parcels(evidence.identity)
    said = {n: (_verdict(given, n), _cause(given, n)) for n in truth}
    for number, kind in truth.items():
        _check_verdict(number, kind, said[number][0])
    for number, kind in truth.items():
        if said[number][1] != kind:
            raise Mistake("cause-fausse", number=number, found=said[number][1])
    _check_trap(_word(given, "trompeur"), truth)
    _check_digest(evidence, _word(given, "empreinte"))
    return {
        f"colis {n}": f"{'charger' if kind in material.SOUND else 'refuser'} ({kind})"
        for n, kind in truth.items()
    }


def _plain(word: str) -> str:
    return word.lower().translate(str.maketrans("éèêà", "eeea"))


def _verdict(given: dict[str, Any], number: int) -> str:
    word = _plain(_word(given, f"colis_{number}.verdict"))
    if word not in VERDICTS:
        raise Mistake("verdict-inconnu", number=number, found=word[:60])
    return word


def _cause(given: dict[str, Any], number: int) -> str:
    word = _plain(_word(given, f"colis_{number}.cause")).replace("-", "")
    if word not in material.PARCELS:
        choices = listing([f"`{kind}`" for kind in material.PARCELS], "ou")
        raise Mistake("cause-inconnue", number=number, found=word[:60], choices=choices)
    return word


_OVERLOOKED = {
    "intacte": "intacte-refusee",
    "resauvegardee": "resauvegarde-prise-pour-une-faute",
    "annotee": "avertissement-pris-pour-une-faute",
    "tronquee": "troncature-non-vue",
    "alteree": "alteration-non-vue",
    "remplacee": "load-cru",
}


def _check_verdict(number: int, kind: str, said: str) -> None:
    if (said == "charger") != (kind in material.SOUND):
        raise Mistake(_OVERLOOKED[kind], number=number)


def _check_trap(said: str, truth: dict[int, str]) -> None:
    found = re.search(r"\d{1,9}", said)
    kind = truth.get(int(found[0])) if found else None
    if kind == "remplacee":
        return
    why = {
        None: "n'existe pas",
        "tronquee": "est coupé, et aucun moteur ne le charge",
        "alteree": "ne donne aucune image qui démarre : l'empreinte d'une couche est fausse",
    }.get(kind, "est bon à charger")
    raise Mistake("trompeur-faux", found=found[0] if found else f"« {said[:40]} »", why=why)


def _check_digest(evidence: Evidence, said: str) -> None:
    announced, found = material.altered_blob(evidence.identity)
    digest = said.lower().partition(" ")[0].removeprefix("sha256:")
    if digest == announced:
        raise Mistake("empreinte-annoncee")
    if digest != found:
        raise Mistake("empreinte-fausse", found=digest[:70])
