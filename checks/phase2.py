"""Phase 2: `docker save` and `docker load`. One function per exercise, in the notebook's order."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NoReturn

from checks import openpgp
from checks.answers import ANSWER, answer, field, misplaced, number, without_unit, words
from checks.archives import Archive, ImageEntry, open_archive
from checks.archives.source import BytesSource
from checks.evidence import FILE_LIMIT, Evidence, Image
from checks.exercise import Makes, Slip, exercise
from checks.identity import Identity
from checks.images import (
    ARCHIVE,
    CONTENT,
    FILE,
    GZIP,
    STATES,
    describe,
    expect,
    holds,
    is_course_image,
    nature,
    not_of_nothing,
    refuse_copy,
    required,
    sound,
)
from checks.material import making
from checks.material import phase2 as material
from checks.outcome import Facts, Mistake
from checks.references import normalise, rehosted
from checks.typography import listing, octets, plural


def _names(images: Iterable[ImageEntry]) -> list[str]:
    return [normalise(tag) for image in images for tag in image.tags]


def _quoted(names: Iterable[str]) -> str:
    return listing([f"`{name}`" for name in names])


EXTRA = {
    "image-en-trop": Slip(
        "`{name}` contient aussi {found} : une seule image était demandée.",
        "Qu'avez-vous donné à `docker save` : un nom, ou plusieurs ?",
    ),
}


def _alone(evidence: Evidence, archive: Archive, expected: making.CourseImage) -> None:
    """Raise `image-en-trop`, `copie` or `autre-image` unless `archive` holds only `expected`."""
    others = [image for image in archive.images if not holds(image, expected)]
    if others and len(others) < len(archive.images):
        raise Mistake("image-en-trop", name=archive.name, found=describe(others[0]))
    for image in others:
        expect(evidence, archive.name, image, expected)


# --- 2.1 ------------------------------------------------------------------------------------


@exercise(
    "2.1",
    "Sauvegarder une image précise",
    points=2,
    hints=[
        "Listez ce que contient l'archive : combien d'images, sous quels noms ?",
        "Un nom d'image sans tag ne désigne pas la même chose pour `docker save` que pour "
        "`docker run` : il désigne tout le dépôt local.",
        "Téléchargez d'abord la version demandée, puis donnez à `docker save` la référence "
        "complète (adresse du hub, chemin, tag) et, par son option de sortie, le nom du fichier.",
    ],
    mistakes={
        **ARCHIVE,
        **CONTENT,
        "plusieurs-noms": Slip(
            "`{name}` contient plusieurs noms d'images ({found}) ; un seul était demandé. Ou bien "
            "`docker save` en a reçu plusieurs, ou bien le nom était sans tag, et il a emporté tous "
            "les tags locaux du dépôt.",
            "Qu'avez-vous écrit après le nom du dépôt ?",
        ),
        "sans-nom": Slip(
            "L'image de `{name}` n'a pas de nom (`RepoTags` est vide) : elle a été sauvegardée par "
            "son identifiant. Après un `docker load`, elle s'appellerait `<none>`.",
            "Avez-vous désigné l'image par son identifiant ou par son nom ?",
        ),
        "mauvais-nom": Slip(
            "L'image de `{name}` s'appelle `{found}` ; le nom attendu est `{expected}`.",
            "Comparez, caractère par caractère, le nom trouvé et le nom attendu.",
        ),
    },
    makes=Makes(
        files=["outil-1.2.tar"],
        images=["{hub}/cours/outil:1.0", "{hub}/cours/outil:1.2", "{hub}/cours/outil:latest"],
    ),
)
def saved_image(evidence: Evidence) -> Facts:
    """`outil-1.2.tar` est une archive d'images complète, qui contient la seule image
    `cours/outil:1.2` du hub, sous son seul nom complet, adresse du hub comprise."""
    name, expected = "outil-1.2.tar", material.outil(evidence.identity, "1.2")
    archive = sound(required(evidence, name))
    names = _names(archive.images)
    reference = f"{evidence.hub}/{expected.name}"
    if len(names) > 1 or len(archive.images) > 1:
        raise Mistake("plusieurs-noms", name=name, found=_quoted(names))
    image = archive.images[0]
    expect(evidence, name, image, expected)
    if not names:
        raise Mistake("sans-nom", name=name)
    if rehosted(names[0], evidence.hub_addresses) != reference:
        raise Mistake("mauvais-nom", name=name, found=names[0], expected=reference)
    return {
        "image": reference,
        "couches": len(image.diff_ids),
        "digest de configuration": image.config_digest,
        "taille": octets(archive.size),
    }


# --- 2.2 ------------------------------------------------------------------------------------

LAYOUTS = {
    "legacy": ("ancienne", "ancien", "legacy"),
    "oci-layout": ("oci", "ocilayout", "ociimagelayout"),
}
"""What a person calls each layout, letters only."""


@exercise(
    "2.2",
    "Anatomie d'une archive",
    points=3,
    hints=[
        "Listez le contenu de chaque archive, puis lisez les petits fichiers JSON qu'elle contient "
        "sans l'extraire.",
        "Un petit fichier JSON, présent dans les deux archives, relie trois choses : une "
        "configuration, des noms et des couches. Le digest d'un fichier est le sha256 de ses "
        "octets.",
        "Dans chaque archive, `manifest.json` nomme le fichier de configuration (`Config`), les "
        "noms (`RepoTags`) et la liste ordonnée des couches (`Layers`) ; la commande par défaut "
        "est dans la configuration, sous `config.Cmd`.",
    ],
    mistakes={
        **ANSWER,
        "disposition-confondue": Slip(
            "Archive {which} : « {found} » n'est pas la bonne disposition. On y trouve {evidence}.",
            "L'une des deux archives a un fichier `oci-layout`, l'autre un dossier par couche.",
        ),
        "etiquettes-fausses": Slip(
            "Archive {which} : les noms donnés ({found}) ne sont pas ceux de `RepoTags`.",
            "Le champ attendu est une liste de références complètes, tag compris.",
        ),
        "digest-d-un-autre-fichier": Slip(
            "Archive {which} : le digest donné est celui de `{found}`, pas celui de la "
            "configuration de l'image.",
            "Plusieurs fichiers JSON se ressemblent. Lequel `manifest.json` appelle-t-il `Config` ?",
        ),
        "config-fausse": Slip(
            "Archive {which} : `{found}` n'est le digest d'aucun fichier de l'archive. Il faut le "
            "sha256 complet (64 chiffres hexadécimaux) du fichier de configuration.",
        ),
        "fichiers-comptes-comme-couches": Slip(
            "Archive {which} : {found} est le nombre {of}, pas le nombre de couches.",
            "Toutes les lignes de l'historique et tous les fichiers de l'archive ne sont pas des "
            "couches.",
        ),
        "couches-fausses": Slip(
            "Archive {which} : {found} n'est pas le nombre de couches.",
            "Le champ `Layers` de `manifest.json` et le champ `rootfs.diff_ids` de la "
            "configuration ont la même longueur.",
        ),
        "commande-fausse": Slip(
            "Archive {which} : la commande par défaut n'est pas {found}. Donnez-la comme une "
            "liste, telle que la configuration l'écrit.",
        ),
        "mauvais-fichier-cle": Slip(
            "`{found}` n'est pas le fichier qui relie noms, configuration et couches : {why}.",
            "Un seul fichier de ce genre est présent dans les deux archives.",
        ),
    },
    makes=Makes(files=["reponses/2.2.json"]),
)
def anatomy(evidence: Evidence) -> Facts:
    """Pour les archives `fournitures/mystere-a.tar` et `mystere-b.tar`, votre réponse donne la
    disposition (`ancienne` ou `oci`), les noms, le digest de configuration, le nombre de couches
    et la commande par défaut ; elle nomme enfin le fichier qui relie tout cela."""
    given = answer(evidence, "2.2")
    facts: Facts = {}
    for which, write in (("a", making.legacy_archive), ("b", making.oci_archive)):
        image = material.mystery(evidence.identity, which)
        archive = open_archive(BytesSource(write(image, [image.name])), name=f"mystere-{which}.tar")
        _check_anatomy(given, which, archive)
        facts[f"archive {which}"] = f"{image.name}, {plural(len(image.layers), 'couche')}"
    key = str(field(given, "fichier_cle")).strip().rpartition("/")[2]
    if key != "manifest.json":
        why = {
            "repositories": "il ne dit rien de la configuration, et les moteurs récents ne "
            "l'écrivent plus",
            "index.json": "l'ancienne disposition ne le connaît pas",
            "oci-layout": "il ne donne que la version du format",
        }.get(key, "il n'est pas présent dans les deux archives avec ce rôle")
        raise Mistake("mauvais-fichier-cle", found=key, why=why)
    return facts


def _check_anatomy(given: dict[str, object], which: str, archive: Archive) -> None:
    image = archive.images[0]
    layout = str(field(given, f"{which}.disposition")).strip().lower()
    if re.sub(r"[^a-z]", "", layout) not in LAYOUTS[archive.detail]:
        clue = (
            "`oci-layout`, `index.json` et un dossier `blobs/sha256/`"
            if archive.detail == "oci-layout"
            else "un dossier par couche (`layer.tar`, `json`, `VERSION`), sans `oci-layout`"
        )
        raise Mistake("disposition-confondue", which=which, found=layout, evidence=clue)
    tags = field(given, f"{which}.etiquettes")
    tags = [str(tag).strip() for tag in (tags if isinstance(tags, list) else [tags])]
    if [normalise(tag) for tag in tags] != _names([image]):
        raise Mistake("etiquettes-fausses", which=which, found=_quoted(tags))
    digest = str(field(given, f"{which}.config")).strip().lower().removeprefix("sha256:")
    digest = digest.removeprefix("blobs/sha256/").removesuffix(".json")  # the file that bears it
    if f"sha256:{digest}" != image.config_digest:
        for member in archive.members.values():
            if member.type == "file" and _sha256(archive.read(member.name)) == digest:
                raise Mistake("digest-d-un-autre-fichier", which=which, found=member.name)
        raise Mistake("config-fausse", which=which, found=digest)
    said = field(given, f"{which}.couches")
    layers = number(without_unit(said, "couche"))
    if layers != len(image.diff_ids):
        files = [m for m in archive.members.values() if m.type == "file"]
        blobs = [m for m in files if m.name.startswith("blobs/")]
        for count, of in (
            (len(image.history), "de lignes de l'historique"),
            (len(blobs), "de fichiers du dossier `blobs/`"),
            (len(files), "de fichiers de l'archive"),
        ):
            if layers == count:
                raise Mistake("fichiers-comptes-comme-couches", which=which, found=said, of=of)
        raise Mistake("couches-fausses", which=which, found=said)
    command = field(given, f"{which}.commande")
    if words(command) != image.config["config"]["Cmd"]:
        raise Mistake("commande-fausse", which=which, found=command)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- 2.3 ------------------------------------------------------------------------------------

NAMED = {
    **EXTRA,
    "sans-nom": Slip(
        "L'image de `{name}` n'a pas de nom (`RepoTags` est vide) : elle a été sauvegardée par son "
        "identifiant. Après un `docker load`, elle s'appellerait `<none>`.",
        "Avez-vous désigné l'image par son identifiant ou par son nom ?",
    ),
    "mauvais-nom": Slip(
        "L'image de `{name}` s'appelle {found} ; le nom attendu est `{expected}`.",
        "Comparez, caractère par caractère, le nom trouvé et le nom attendu.",
    ),
}


def _expect_named(
    evidence: Evidence, name: str, archive: Archive, expected: making.CourseImage
) -> str:
    """The name of the only image of `archive`, `expected`, with the hub's address or without."""
    _alone(evidence, archive, expected)
    names = _names(archive.images)
    if not names:
        raise Mistake("sans-nom", name=name)
    reference = f"{evidence.hub}/{expected.name}"
    hosted = [rehosted(each, evidence.hub_addresses) for each in names]
    for known in (reference, expected.name):
        if known in hosted:
            return known
    raise Mistake("mauvais-nom", name=name, found=_quoted(names), expected=reference)


@exercise(
    "2.3",
    "Une archive vraiment compressée",
    points=2,
    hints=[
        "Le nom d'un fichier ne dit rien de son contenu : demandez à `file` ce qu'il en est.",
        "`docker save` sait écrire dans un tube ; gzip sait lire le flux qu'on lui donne.",
        "Faites passer la sortie de `docker save` dans gzip, et redirigez la sortie de gzip dans le "
        "fichier demandé ; ou sauvegardez d'abord, puis laissez gzip remplacer le fichier.",
    ],
    mistakes={
        **ARCHIVE,
        **CONTENT,
        "renommee-sans-compresser": Slip(
            "`{name}` n'est pas compressé : ses premiers octets sont ceux d'un tar. Renommer un "
            "fichier ne le compresse pas.",
        ),
        "mauvais-format": Slip(
            "`{name}` annonce gzip, mais contient {found}.",
            "L'extension `.gz` est une promesse : quel programme la tient ?",
        ),
        "compression-double": Slip(
            "`{name}` est compressé {count} fois de suite ({chain}) : `docker load` n'enlève qu'une "
            "enveloppe.",
            "Combien de fois gzip a-t-il vu passer ces octets ?",
        ),
        **GZIP,
        **NAMED,
    },
    makes=Makes(files=["atlas.tar.gz", "atlas.tar"], images=["{hub}/cours/atlas:1"]),
)
def compressed_archive(evidence: Evidence) -> Facts:
    """`atlas.tar.gz` contient l'image `cours/atlas:1` du hub, sous ce nom, réellement compressée
    par gzip, et `docker load` l'accepte telle quelle."""
    name = "atlas.tar.gz"
    archive = not_of_nothing(required(evidence, name))
    if not archive.compression:
        if archive.kind in ("docker-save", "oci"):
            raise Mistake("renommee-sans-compresser", name=name)
        if archive.kind == "rootfs" or archive.detail == "tar-of-tars":
            sound(archive)
        raise Mistake("mauvais-format", name=name, found=nature(archive))
    if len(archive.compression) > 1:
        chain = ", puis ".join(archive.compression)
        raise Mistake("compression-double", name=name, count=len(archive.compression), chain=chain)
    if archive.compression != ("gzip",):
        raise Mistake("mauvais-format", name=name, found=f"des données {archive.compression[0]}")
    sound(archive)
    _expect_named(evidence, name, archive, material.atlas(evidence.identity))
    return {
        "compression": "gzip",
        "avant": octets(archive.content_size),
        "après": octets(archive.size),
        "gain": f"{_gain(archive)} %",
    }


def _gain(archive: Archive) -> int:
    """What compression saved, in whole percents of the content."""
    return round(100 * (1 - archive.size / archive.content_size))


# --- 2.4 ------------------------------------------------------------------------------------


@exercise(
    "2.4",
    "Perdue en route : une image sans nom",
    points=2,
    hints=[
        "Une image peut perdre son nom ; elle ne perd ni ses couches, ni sa configuration.",
        "Les labels d'une image disent souvent ce qu'elle est, et dans quelle version.",
        "Chargez l'épave, cherchez l'image sans nom, lisez ses labels `title` et `version`, "
        "donnez-lui ce nom et ce tag, puis sauvegardez-la par son nom.",
    ],
    mistakes={
        **ARCHIVE,
        **CONTENT,
        "encore-sans-nom": Slip(
            "L'image de `{name}` n'a toujours pas de nom : sauvegardée par son identifiant, elle "
            "repart comme elle est venue.",
            "Une fois l'image nommée, par quoi la désignez-vous à `docker save` ?",
        ),
        "mauvaise-etiquette": Slip(
            "`{name}` nomme l'image {found} ; ses labels disent un autre nom.",
            "Relisez les labels : `org.opencontainers.image.title` donne le chemin, "
            "`org.opencontainers.image.version` le tag.",
        ),
        "nom-en-trop": Slip(
            "`{name}` porte le bon nom, et d'autres avec lui ({found}) : un seul suffit.",
            "Qu'avez-vous donné à `docker save` : un nom, ou plusieurs ?",
        ),
        "image-reconstruite": Slip(
            "`{name}` contient une image construite par-dessus l'épave ({found} au lieu de "
            "{expected}) : donner un nom n'ajoute pas de couche.",
            "Quelle commande ajoute un nom à une image sans rien y changer ?",
        ),
        "importee": Slip(
            "`{name}` contient une image fabriquée par `docker import` : l'archive entière y est "
            "devenue une simple couche de fichiers, la configuration est perdue.",
            "`fournitures/epave.tar` a été écrit par `docker save` : quelle commande est sa "
            "réciproque ?",
        ),
    },
    makes=Makes(files=["balise.tar"], images=["equipage/balise:2.*"]),
)
def lost_name(evidence: Evidence) -> Facts:
    """`balise.tar` contient l'image de `fournitures/epave.tar`, inchangée, sous le nom et le tag
    que ses labels lui donnent."""
    name, expected = "balise.tar", material.balise(evidence.identity)
    archive = sound(required(evidence, name))
    image = archive.images[0]
    if any("import" in str(line.get("comment", "")).lower() for line in image.history):
        raise Mistake("importee", name=name)
    own = expected.own_diff_ids
    if tuple(image.diff_ids[: len(own)]) == own and len(image.diff_ids) > len(own):
        raise Mistake(
            "image-reconstruite",
            name=name,
            found=plural(len(image.diff_ids), "couche"),
            expected=plural(len(own), "couche"),
        )
    expect(evidence, name, image, expected)
    names = _names(archive.images)
    if not names:
        raise Mistake("encore-sans-nom", name=name)
    if expected.name in names and len(names) > 1:
        others = [other for other in names if other != expected.name]
        raise Mistake("nom-en-trop", name=name, found=_quoted(others))
    if names != [expected.name]:
        raise Mistake("mauvaise-etiquette", name=name, found=_quoted(names))
    return {"image": expected.name, "digest de configuration": image.config_digest}


# --- 2.5 ------------------------------------------------------------------------------------

VIGIE = "vigie.txt"
"""What the altered image said when the scene was set: only that image knows its seal."""


@exercise(
    "2.5",
    "Supprimer puis restaurer",
    points=3,
    hints=[
        "Listez les images et tous les conteneurs, même arrêtés : que reste-t-il de l'image "
        "altérée ?",
        "Un conteneur, même arrêté, retient l'image dont il est né. Forcer la suppression efface, "
        "selon le moteur, l'image ou seulement son nom ; le conteneur, lui, reste.",
        "Dans l'ordre : enlevez le conteneur `vigie`, supprimez l'image altérée, puis chargez "
        "l'archive fournie. Ne la retéléchargez pas : le hub n'a que la version altérée.",
    ],
    mistakes={
        "scene-absente": Slip(
            "Rien ne montre que l'image altérée ait tourné ici : `{name}` {problem}. Sans elle, il "
            "n'y a rien à supprimer.",
            "Au-dessus de la mission, une cellule met la scène en place : exécutez-la d'abord.",
        ),
        "image-absente": Slip(
            "Aucune image locale ne s'appelle `{reference}`.",
            "Après la suppression, il reste à restaurer : d'où l'image peut-elle revenir ?",
        ),
        "image-alteree": Slip(
            "`{reference}` est encore (ou de nouveau) l'image altérée, celle du hub.",
            "La bonne image n'existe que dans une archive : le hub vous rendra toujours l'autre.",
        ),
        "importee-au-lieu-de-chargee": Slip(
            "`{reference}` a été fabriquée par `docker import` ({count}, sans commande par "
            "défaut) : elle ne peut pas démarrer.",
            "L'archive fournie contient `manifest.json` : ce n'est pas un système de fichiers.",
        ),
        "copie": CONTENT["copie"],
        "autre-image": Slip(
            "`{reference}` désigne une image qui n'est ni la bonne, ni l'altérée ({count}).",
            "Vérifiez ce que vous avez renommé : un nom se donne à n'importe quelle image.",
        ),
        "conteneur-oublie": Slip(
            "L'image est restaurée, mais le conteneur `vigie` est toujours là ({status}) : il est né "
            "de l'image altérée et la retient.",
            "`docker ps` seul ne montre que les conteneurs en marche.",
        ),
        "ancienne-image-conservee": Slip(
            "L'image est restaurée, mais l'image altérée est toujours présente ({found}) : charger "
            "une archive par-dessus un nom déplace le nom, sans effacer l'ancienne image.",
            "Listez aussi les images sans nom.",
        ),
    },
    makes=Makes(files=[VIGIE], images=["{hub}/cours/boussole:3"], containers=["vigie"]),
)
def removed_then_restored(evidence: Evidence) -> Facts:
    """`cours/boussole:3` désigne la bonne image, celle de `fournitures/boussole-3.tar` ; l'image
    altérée et le conteneur `vigie` ont disparu du moteur."""
    good = material.boussole(evidence.identity, altered=False)
    bad = material.boussole(evidence.identity, altered=True)
    reference = f"{evidence.hub}/{good.name}"
    image = evidence.image(reference)
    said = evidence.file(VIGIE)
    if said is None:
        raise Mistake("scene-absente", name=VIGIE, problem="n'existe pas")
    if material.altered_seal(evidence.identity).encode() not in said:
        raise Mistake("scene-absente", name=VIGIE, problem="ne porte pas le sceau de votre image")
    if image is None:
        raise Mistake("image-absente", reference=reference)
    if is_course_image(image.diff_ids, image.config, bad):
        raise Mistake("image-alteree", reference=reference)
    if not is_course_image(image.diff_ids, image.config, good):
        count = plural(len(image.diff_ids), "couche")
        if "import" in image.comment.lower():
            raise Mistake("importee-au-lieu-de-chargee", reference=reference, count=count)
        refuse_copy(evidence, reference, image.config.get("Labels") or {})
        raise Mistake("autre-image", reference=reference, count=count)
    for container in evidence.containers():
        if container.name == "vigie":
            status = STATES.get(container.status, container.status)
            raise Mistake("conteneur-oublie", status=status)
    for other in evidence.images():
        if is_course_image(other.diff_ids, other.config, bad):
            found = _quoted(other.tags) if other.tags else "sans nom"
            raise Mistake("ancienne-image-conservee", found=found)
    return {"image": reference, "couches": len(image.diff_ids)}


# --- 2.15 -----------------------------------------------------------------------------------

KEPT = "feux:avant"
RECEIVED, PARCEL = "l'image corrigée", "fournitures/feu-corrige.tar"


@exercise(
    "2.15",
    "Le tag déjà pris",
    points=2,
    hints=[
        "Comparez le nom que porte l'image, dans l'archive, avec ceux de votre machine : l'un "
        "d'eux est déjà pris.",
        "Un nom ne désigne qu'une image, et `docker load` donne aux images chargées les noms de "
        "l'archive, qu'ils soient pris ou non. Une image peut en revanche avoir plusieurs noms.",
        "Lisez d'abord, dans le `manifest.json` de l'archive, le nom qu'elle va prendre ; donnez à "
        f"l'image qui le porte son second nom, `{KEPT}` ; chargez seulement ensuite.",
    ],
    mistakes={
        "image-absente": Slip(
            "Aucun des feux du navire (`{hub}/cours/feux`) n'est sur votre machine.",
            "Au-dessus de la mission, une cellule met la scène en place : exécutez-la d'abord.",
        ),
        "pas-encore-chargee": Slip(
            "L'archive n'a pas été chargée : le nom qu'elle donne {state}.{rest}",
            "Quelle commande relit ce que `docker save` a écrit ?",
        ),
        "mauvaise-image-gardee": Slip(
            f"`{{name}}` désigne le feu `{{found}}`, que `{PARCEL}` ne touche pas : ce n'est pas ce "
            "nom-là qu'elle porte.",
            "Une archive se lit sans être chargée : le champ `RepoTags` de son `manifest.json`, ou "
            "`atelier inspecter`, dit quels noms elle prendra.",
        ),
        "nom-perdu": Slip(
            "L'archive est chargée, et `{reference}` désigne bien l'image corrigée ; mais "
            "l'ancienne, qui s'appelait ainsi, n'a plus de nom. Elle est encore là, sous son "
            "identifiant : `{id}`.",
            "Parmi toutes les images (option `-a`), l'ancienne s'affiche `<none>`. Un nom se donne "
            "aussi à une image que l'on désigne par son identifiant.",
        ),
        "ancienne-perdue": Slip(
            "L'archive est chargée, et `{reference}` désigne bien l'image corrigée ; mais "
            "l'ancienne, qui s'appelait ainsi, n'est plus sur votre machine. Selon le moteur, une "
            "image à qui l'on prend son dernier nom reste là, sans nom, ou disparaît.",
            "Le hub a toujours l'ancienne. Mais la télécharger reprendra le nom à l'image corrigée : "
            "dans quel ordre faut-il donc s'y prendre ?",
        ),
        "autre-nom": Slip(
            "Les deux images sont là ; mais l'ancienne s'appelle {found}, et le nom attendu est "
            "`{expected}`.",
            "Comparez, caractère par caractère, le nom trouvé et le nom attendu.",
        ),
        "meme-image": Slip(
            "`{name}` et `{reference}` désignent la même image, la corrigée : le second nom a été "
            "collé après le chargement, quand le premier avait déjà changé d'image.",
            "Quand faut-il donner un second nom à l'ancienne : avant, ou après le chargement ?",
        ),
        "noms-echanges": Slip(
            "Les deux images sont là, mais leurs noms sont échangés : `{name}` désigne la corrigée, "
            "`{reference}` l'ancienne.",
            "Laquelle l'archive nomme-t-elle ? C'est elle qui doit garder ce nom.",
        ),
        "nom-repris": Slip(
            "L'image corrigée est bien sur votre machine ({where}), mais elle a perdu le nom que "
            "l'archive lui donnait : `{reference}` {state}.",
            "Télécharger prend les noms, tout comme charger : quelle commande est passée la "
            "dernière ?",
        ),
        "importee-au-lieu-de-chargee": Slip(
            "{what} a été fabriquée par `docker import` : l'archive entière y est devenue une couche "
            "de fichiers, et cette image ne peut pas démarrer.",
            "L'archive fournie contient `manifest.json` : ce n'est pas un système de fichiers.",
        ),
        "copie": CONTENT["copie"],
        "autre-image": Slip(
            "`{name}` désigne une image qui n'est ni l'ancienne, ni la corrigée ({count}).",
            "Une image se reconnaît à ses couches et à sa configuration, pas au nom qu'on lui donne.",
        ),
    },
    makes=Makes(images=["{hub}/cours/feux:*", KEPT]),
)
def taken_tag(evidence: Evidence) -> Facts:
    """L'image de `fournitures/feu-corrige.tar` est chargée, sous le nom que l'archive lui donne ;
    celle qui portait ce nom sur votre machine est toujours là, sous le nom `feux:avant`."""
    side = material.corrected_side(evidence.identity)
    reference = f"{evidence.hub}/cours/feux:{side}"
    local = {}
    for each in material.LIGHTS:
        name = f"{evidence.hub}/cours/feux:{each}"
        if image := evidence.image(name):
            refuse_copy(evidence, name, image.config.get("Labels") or {})
            local[each] = image
    # The same name, written on the hub's side, keeps it just as well.
    kept_name, kept = KEPT, evidence.image(KEPT)
    if kept is None and (image := evidence.image(f"{evidence.hub}/cours/{KEPT}")):
        kept_name, kept = f"{evidence.hub}/cours/{KEPT}", image
    everything = evidence.images()
    _refuse_import(evidence, reference, [*local.values(), *everything])
    tagged, kept_as = _light(evidence, local.get(side)), _light(evidence, kept)
    if not (local or kept or any(_light(evidence, image) for image in everything)):
        raise Mistake("image-absente", hub=evidence.hub)
    if kept and kept_as not in (side, RECEIVED):
        refuse_copy(evidence, kept_name, kept.config.get("Labels") or {})
        if kept_as:
            raise Mistake("mauvaise-image-gardee", name=kept_name, found=kept_as)
    for name, image, is_light in (
        (reference, local.get(side), tagged in (side, RECEIVED)),
        (kept_name, kept, bool(kept_as)),
    ):
        if image and not is_light:
            count = plural(len(image.diff_ids), "couche")
            raise Mistake("autre-image", name=name, count=count)
    if tagged != RECEIVED:
        _explain_not_received(evidence, reference, tagged == side, kept_name, kept_as, everything)
    if kept_as == RECEIVED:
        raise Mistake("meme-image", name=kept_name, reference=reference)
    if kept is None:
        _explain_not_kept(evidence, reference, side, everything)
    return {
        "image corrigée": f"{reference}, dernière couche {local[side].diff_ids[-1]}",
        "ancienne image": f"{kept_name}, dernière couche {kept.diff_ids[-1]}",
    }


@lru_cache(maxsize=8)
def _lights(identity: Identity) -> dict[str, making.CourseImage]:
    """What may be met in 2.15: the hub's lights by side, and `RECEIVED`."""
    found = {side: material.light(identity, side) for side in material.LIGHTS}
    side = material.corrected_side(identity)
    return {**found, RECEIVED: material.light(identity, side, corrected=True)}


def _light(evidence: Evidence, image: Image | None) -> str:
    """Which light `image` is: the side of one that the hub has, `RECEIVED`, or nothing."""
    if image is not None:
        for name, expected in _lights(evidence.identity).items():
            if is_course_image(image.diff_ids, image.config, expected):
                return name
    return ""


def _refuse_import(evidence: Evidence, reference: str, images: Iterable[Image]) -> None:
    """Raise `importee-au-lieu-de-chargee` when one of `images` is the parcel made into a layer."""
    parcel = evidence.archive(PARCEL)
    imported = ("sha256:" + parcel.content_sha256,) if parcel else ()
    for image in images:
        again = reference in map(normalise, image.tags) and "import" in image.comment.lower()
        if image.diff_ids and (image.diff_ids == imported or (again and len(image.diff_ids) == 1)):
            what = f"L'image {_quoted(image.tags)}" if image.tags else "Une image sans nom"
            raise Mistake("importee-au-lieu-de-chargee", what=what)


def _explain_not_received(
    evidence: Evidence,
    reference: str,
    former: bool,
    kept_name: str,
    kept_as: str,
    everything: Iterable[Image],
) -> NoReturn:
    """Why the name of the archive is not the corrected image's."""
    if former and kept_as == RECEIVED:
        raise Mistake("noms-echanges", name=kept_name, reference=reference)
    for image in everything:
        if _light(evidence, image) == RECEIVED:
            names = [tag for tag in image.tags if "@" not in tag]
            where = f"sous le nom {_quoted(names)}" if names else "sans nom"
            state = (
                "désigne de nouveau l'ancienne, comme après un `docker pull`"
                if former
                else "ne désigne plus rien"
            )
            raise Mistake("nom-repris", where=where, reference=reference, state=state)
    state = "désigne l'image du hub" if former else "ne désigne aucune image de votre machine"
    rest = f" L'ancienne, elle, est bien gardée sous le nom `{kept_name}`." if kept_as else ""
    raise Mistake("pas-encore-chargee", state=state, rest=rest)


def _explain_not_kept(
    evidence: Evidence, reference: str, side: str, everything: Iterable[Image]
) -> NoReturn:
    """What became of the image whose name was taken."""
    for image in everything:
        if _light(evidence, image) == side:
            if names := [tag for tag in image.tags if "@" not in tag]:
                raise Mistake("autre-nom", found=_quoted(names), expected=KEPT)
            id = image.id.removeprefix("sha256:")[:12]
            raise Mistake("nom-perdu", reference=reference, id=id)
    raise Mistake("ancienne-perdue", reference=reference)


# --- 2.6 ------------------------------------------------------------------------------------


@exercise(
    "2.6",
    "Un lot pour un site sans réseau",
    points=3,
    hints=[
        "Quelles images, et sous quels noms, l'archive contient-elle vraiment ?",
        "Une seule commande peut sauvegarder plusieurs images : leurs couches communes ne sont "
        "écrites qu'une fois.",
        "Donnez à un seul `docker save` les quatre références complètes, l'une après l'autre, et "
        "compressez ce qu'il écrit.",
    ],
    mistakes={
        **ARCHIVE,
        **CONTENT,
        **GZIP,
        "lot-non-compresse": Slip(
            "`{name}` n'est pas compressé par gzip ({found}).",
            "L'extension `.gz` est une promesse.",
        ),
        "archives-bout-a-bout": Slip(
            "`{name}` contient plusieurs archives mises bout à bout : `docker load` s'arrête à la "
            "fin de la première ({found}) et ignore le reste sans rien dire.",
            "Concaténer des archives tar ne les fusionne pas.",
        ),
        "meme-image-partout": Slip(
            "Dans `{name}`, {found} désignent la même image : plusieurs noms, un seul contenu.",
            "Comparez les couches de chaque image, et non les noms.",
        ),
        "noms-echanges": Slip(
            "Dans `{name}`, `{reference}` désigne l'image `{found}` : des noms ont été échangés.",
            "Le label `org.opencontainers.image.title` dit ce qu'est chaque image.",
        ),
        "image-manquante": Slip(
            "`{name}` ne contient pas {found}.",
            "Comptez : le lot compte quatre images.",
        ),
        "sans-nom": Slip(
            "`{name}` contient bien {found}, mais sans nom : une image sauvegardée par son "
            "identifiant arrive chez le destinataire sous le nom `<none>`.",
            "Par quoi avez-vous désigné les images : leur identifiant, ou leur nom ?",
        ),
        "noms-en-trop": Slip(
            "`{name}` contient aussi {found}, que personne n'a commandé.",
            "Un dépôt nommé sans tag emporte tous ses tags locaux.",
        ),
    },
    makes=Makes(
        files=["lot-v1.tar.gz", "lot-v1.tar"],
        images=[f"{{hub}}/cours/{part}:1.0" for part in material.LOT],
    ),
)
def offline_bundle(evidence: Evidence) -> Facts:
    """`lot-v1.tar.gz`, un seul fichier compressé par gzip, contient exactement les quatre images
    `cours/base:1.0`, `cours/front:1.0`, `cours/back:1.0` et `cours/db:1.0` du hub."""
    name = "lot-v1.tar.gz"
    archive = not_of_nothing(required(evidence, name))
    if archive.kind in ("docker-save", "oci") and archive.compression != ("gzip",):
        chain = ", puis ".join(archive.compression) or "un tar en clair"
        raise Mistake("lot-non-compresse", name=name, found=chain)
    for problem in archive.structure_problems:
        if problem.code == "donnees-apres-la-fin" and problem.severity == "error":
            raise Mistake("archives-bout-a-bout", name=name, found=_quoted(_names(archive.images)))
    sound(archive)
    expected = {
        f"{evidence.hub}/{image.name}": image
        for image in (material.lot(evidence.identity, part) for part in material.LOT)
    }
    found = {
        rehosted(normalise(tag), evidence.hub_addresses): image
        for image in archive.images
        for tag in image.tags
    }
    for image in archive.images:
        names = [reference for reference in expected if found.get(reference) is image]
        if len(names) > 1:
            raise Mistake("meme-image-partout", name=name, found=_quoted(names))
    for reference, image in found.items():
        if reference not in expected:
            continue
        title = _title(image)
        if title in material.LOT and title != _title_of(expected[reference]):
            raise Mistake("noms-echanges", name=name, reference=reference, found=title)
        expect(evidence, name, image, expected[reference])
    if missing := [reference for reference in expected if reference not in found]:
        unnamed = [image for image in archive.images if not image.tags]
        there = [one for one in missing if any(holds(image, expected[one]) for image in unnamed)]
        if there:
            raise Mistake("sans-nom", name=name, found=_quoted(there))
        raise Mistake("image-manquante", name=name, found=_quoted(missing))
    extra = [f"`{reference}`" for reference in found if reference not in expected]
    extra += ["une image sans nom" for image in archive.images if image.present and not image.tags]
    if extra:
        raise Mistake("noms-en-trop", name=name, found=listing(extra))
    layers = {diff_id for image in archive.images for diff_id in image.diff_ids}
    total = sum(len(image.diff_ids) for image in archive.images)
    return {
        "images": len(found),
        "couches": f"{len(layers)} écrites pour {total} employées",
        "taille": octets(archive.size),
    }


def _title(image: ImageEntry) -> str:
    labels = (image.config.get("config") or {}).get("Labels") or {}
    return str(labels.get("org.opencontainers.image.title", ""))


def _title_of(image: making.CourseImage) -> str:
    return str(image.config["Labels"]["org.opencontainers.image.title"])


# --- 2.7 ------------------------------------------------------------------------------------

SUMS = {
    "format-inattendu": Slip(
        "`{name}` n'a pas la forme attendue par `sha256sum -c` : une ligne par fichier, l'empreinte "
        "(64 chiffres hexadécimaux), deux espaces, le nom. Première ligne lue : `{line}`",
        "Comparez avec ce que `sha256sum` affiche quand on lui donne un nom de fichier.",
    ),
    "chemin-absolu": Slip(
        "`{name}` nomme `{found}` par un chemin absolu : chez le destinataire, ce chemin n'existera "
        "pas.",
        "Depuis quel dossier la somme doit-elle être calculée pour que le nom reste court ?",
    ),
    "autre-algorithme": Slip(
        "`{name}` contient une empreinte de {count} chiffres hexadécimaux : c'est celle d'un autre "
        "algorithme ({found}). SHA-256 en donne 64.",
    ),
    "ligne-en-echec": Slip(
        "Chez le destinataire, la vérification de `{name}` échouera : `{found}` {why}.",
        "Exécutez vous-même la vérification : chaque ligne doit être annoncée bonne.",
    ),
}


@exercise(
    "2.7",
    "Une somme de contrôle qui contrôle",
    points=2,
    needs=["2.3"],
    hints=[
        "Vérifiez votre fichier comme le fera le destinataire : que dit `sha256sum -c` ?",
        "Une somme de contrôle porte sur les octets du fichier livré, et le nomme.",
        "Placez-vous dans le dossier de l'archive, donnez à `sha256sum` le nom court du fichier "
        "livré, et redirigez ce qu'il affiche.",
    ],
    mistakes={
        **FILE,
        **SUMS,
        "nom-tiret": Slip(
            "`{name}` ne nomme aucun fichier : à la place du nom, il y a « - ». La somme a été "
            "calculée sur un flux ; `sha256sum -c` attendrait alors une saisie au clavier.",
            "Qu'est-ce que `sha256sum` peut bien écrire comme nom, quand il lit un tube ?",
        ),
        "autre-fichier": Slip(
            "`{name}` ne parle pas de `{expected}`, mais de {found}.",
            "Quel fichier allez-vous livrer ?",
        ),
        "empreinte-du-tar": Slip(
            "L'empreinte est celle de l'archive décompressée, alors que vous livrez `{expected}`.",
            "À quel moment la somme a-t-elle été calculée : avant, ou après la compression ?",
        ),
        "empreinte-de-l-image": Slip(
            "L'empreinte donnée se trouve dans l'archive ({found}) : c'est celle d'un morceau de "
            "l'image, pas celle du fichier `{expected}`.",
            "Un digest d'image et une somme de fichier sont deux sha256 d'octets différents.",
        ),
        "empreinte-perimee": Slip(
            "L'empreinte notée pour `{expected}` n'est pas celle du fichier présent : l'un des deux "
            "a changé depuis.",
            "Avez-vous refait l'archive après avoir calculé la somme ?",
        ),
    },
    makes=Makes(files=["SHA256SUMS"]),
)
def checksum(evidence: Evidence) -> Facts:
    """`SHA256SUMS`, à côté de `atlas.tar.gz`, permet au destinataire de vérifier ce fichier par
    `sha256sum -c`."""
    name, expected = "SHA256SUMS", "atlas.tar.gz"
    sums = _sums(evidence, name)
    if set(sums) == {"-"}:
        raise Mistake("nom-tiret", name=name)
    if expected not in sums:
        raise Mistake("autre-fichier", name=name, expected=expected, found=_quoted(sums))
    archive = required(evidence, expected)
    if archive.sha256 in sums[expected]:
        _every_line_holds(evidence, name, sums)
        return {"fichier": expected, "sha256": archive.sha256}
    given = sums[expected][-1]
    if given == archive.content_sha256:
        raise Mistake("empreinte-du-tar", expected=expected)
    for image in archive.images:
        places = {image.config_digest: "la configuration de l'image"}
        places |= {diff_id: "une couche décompressée" for diff_id in image.diff_ids}
        if f"sha256:{given}" in places:
            raise Mistake(
                "empreinte-de-l-image", found=places[f"sha256:{given}"], expected=expected
            )
    for member in archive.members:
        if given in member:
            raise Mistake("empreinte-de-l-image", found=f"`{member}`", expected=expected)
    raise Mistake("empreinte-perimee", expected=expected)


_SUM = re.compile(r"\s*\\?(?P<digest>[0-9a-fA-F]+) [ *]?(?P<file>.+)")
_TAGGED_SUM = re.compile(r"\s*(?P<kind>[A-Z0-9-]+) ?\((?P<file>.+)\) ?= (?P<digest>[0-9a-fA-F]+)")
"""The lines of `sha256sum --tag` and of OpenSSL 1, which `sha256sum -c` reads too."""
_ALGORITHMS = {32: "MD5", 40: "SHA-1", 56: "SHA-224", 96: "SHA-384", 128: "SHA-512"}


def _sums(evidence: Evidence, name: str) -> dict[str, list[str]]:
    """A `sha256sum` file: file name → digest of each of its lines, for `-c` tries them all
    (coreutils manual, « sha2 utilities »)."""
    data = evidence.file(name)
    if data is None:
        raise Mistake("fichier-absent", name=name)
    text = data.decode(errors="replace")
    if not text.strip():
        raise Mistake("fichier-vide", name=name)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise Mistake("format-inattendu", name=name, line=text.splitlines()[0][:90])
    sums: dict[str, list[str]] = {}
    for line in lines:
        match = _SUM.fullmatch(line) or _TAGGED_SUM.fullmatch(line)
        if not match:
            raise Mistake("format-inattendu", name=name, line=line[:90])
        digest, file = match["digest"], match["file"]
        if len(digest) in _ALGORITHMS:
            found = _ALGORITHMS[len(digest)]
            raise Mistake("autre-algorithme", name=name, count=len(digest), found=found)
        if len(digest) != 64 or match.groupdict().get("kind") not in (None, "SHA256"):
            raise Mistake("format-inattendu", name=name, line=line[:90])
        if file.startswith("/"):
            raise Mistake("chemin-absolu", name=name, found=file)
        sums.setdefault(file.removeprefix("./"), []).append(digest.lower())
    return sums


def _every_line_holds(evidence: Evidence, name: str, sums: dict[str, list[str]]) -> None:
    """Recompute every line of the checksum file `name`, from its own folder, as `-c` would."""
    folder, _, own = name.rpartition("/")
    for file, digests in sums.items():
        if file == own:
            why = (
                "est ce fichier de sommes lui-même : quand sa propre empreinte a été calculée, il "
                "n'était pas encore écrit"
            )
            raise Mistake("ligne-en-echec", name=own, found=file, why=why)
        if ".." in file.split("/"):
            why = "est cherché hors de ce dossier, que vous livrez seul"
            raise Mistake("ligne-en-echec", name=own, found=file, why=why)
        listed = evidence.archive(f"{folder}/{file}" if folder else file)
        if listed is None:
            why = "n'est pas à côté de lui"
            raise Mistake("ligne-en-echec", name=own, found=file, why=why)
        if len(set(digests)) > 1:
            why = "y est noté plusieurs fois, avec des empreintes différentes"
            raise Mistake("ligne-en-echec", name=own, found=file, why=why)
        if listed.sha256 != digests[0]:
            why = "a changé depuis, ou n'a jamais eu cette empreinte"
            raise Mistake("ligne-en-echec", name=own, found=file, why=why)


# --- 2.8 ------------------------------------------------------------------------------------

PART_LIMIT = 64 * 1024


@exercise(
    "2.8",
    "Découper et réassembler",
    points=3,
    hints=[
        "Regardez la taille, le nombre et l'ordre alphabétique des parties.",
        "Mises bout à bout dans l'ordre de leurs noms, les parties doivent redonner l'original, "
        "octet pour octet.",
        "`split` coupe par taille avec l'option `-b` et prend, en dernier argument, le début du nom "
        "des parties ; `cat` les réassemble ; `sha256sum` accepte plusieurs fichiers.",
    ],
    mistakes={
        "aucune-partie": Slip(
            "Aucun fichier ne s'appelle `cargaison.tar.partie-…`.",
            "Le début du nom des parties se choisit au moment de découper.",
        ),
        "une-seule-partie": Slip(
            "Il n'y a qu'une partie, de {size} : rien n'a été découpé.",
            "Comparez la taille de l'original avec celle que vous avez demandée pour une partie.",
        ),
        "tout-parmi-les-parties": Slip(
            "`{name}` n'est pas une partie : c'est l'original entier, sous un nom que le motif "
            "`cargaison.tar.partie-*` ramasse avec les parties.",
            "Comment s'appelle, dans l'énoncé, le fichier réassemblé ?",
        ),
        "partie-trop-grande": Slip(
            "`{name}` pèse {size} ; la limite est de 64 Kio, soit 65 536 octets.",
            "Pour `split`, K, KB et M n'ont pas le même sens.",
        ),
        "parties-compressees": Slip(
            "Les parties ont été compressées après coup (`{name}` commence par les octets de "
            "gzip) : mises bout à bout, elles ne redonnent pas l'original.",
            "Si l'on veut compresser, est-ce avant ou après avoir découpé ?",
        ),
        "parties-en-desordre": Slip(
            "Les parties sont toutes là, mais leurs noms ne les rangent pas dans l'ordre : "
            "l'alphabet place `{first}` avant `{second}`.",
            "Le destinataire écrira `partie-*` : dans quel ordre le shell les donnera-t-il ?",
        ),
        "partie-manquante": Slip(
            "Il manque des octets : les {count} parties en totalisent {found}, l'original {expected}.",
            "Vérifiez que les noms se suivent, sans trou.",
        ),
        "parties-differentes": Slip(
            "Mises bout à bout, les parties ne redonnent pas `fournitures/cargaison.tar`.",
            "Avez-vous bien découpé le fichier fourni, et non une nouvelle sauvegarde ?",
        ),
        "copie": CONTENT["copie"],
        "sommes-absentes": Slip(
            "Les parties sont bonnes, mais `cargaison.sha256` n'existe pas : le destinataire ne "
            "saura pas laquelle redemander si l'une est abîmée.",
        ),
        "sommes-du-tout": Slip(
            "`cargaison.sha256` ne contient que la somme du tout : une partie abîmée obligerait à "
            "tout transférer de nouveau.",
            "Une somme par partie permet de n'en redemander qu'une.",
        ),
        "sommes-incompletes": Slip(
            "`cargaison.sha256` ne dit rien de {found}.",
            "Le motif employé pour découper sert aussi à nommer toutes les parties d'un coup.",
        ),
        "somme-fausse": Slip(
            "La somme notée pour `{name}` n'est pas celle de cette partie.",
            "Avez-vous découpé de nouveau après avoir calculé les sommes ?",
        ),
        "fichier-vide": FILE["fichier-vide"],
        **SUMS,
        "reassemblage-absent": Slip(
            "`cargaison-recue.tar` n'existe pas : reste à réassembler les parties.",
        ),
        "reassemblage-different": Slip(
            "`cargaison-recue.tar` n'est pas identique à l'original{why}.",
            "Le fichier réassemblé se fait avec les parties, et rien d'autre.",
        ),
    },
    makes=Makes(files=["cargaison.tar.partie-*", "cargaison.sha256", "cargaison-recue.tar"]),
)
def split_and_joined(evidence: Evidence) -> Facts:
    """`fournitures/cargaison.tar` est découpé en parties `cargaison.tar.partie-*` d'au plus
    64 Kio, dont `cargaison.sha256` donne les sommes ; réassemblées, elles ont donné
    `cargaison-recue.tar`, identique à l'original."""
    original = material.cargo(evidence.identity)
    parts = {name: evidence.file(name) or b"" for name in evidence.names("cargaison.tar.partie-*")}
    if not parts:
        raise Mistake("aucune-partie")
    if len(parts) == 1:
        raise Mistake("une-seule-partie", size=octets(len(*parts.values())))
    for name, data in parts.items():
        if data == original:
            raise Mistake("tout-parmi-les-parties", name=name)
        if len(data) > PART_LIMIT:
            raise Mistake("partie-trop-grande", name=name, size=octets(len(data)))
    if b"".join(parts.values()) != original:
        _explain_parts(evidence, parts, original)
    _check_part_sums(evidence, parts)
    received = evidence.archive("cargaison-recue.tar")
    if received is None:
        raise Mistake("reassemblage-absent")
    if received.sha256 != _sha256(original):
        same = any(image.tags == ("equipage/cargaison:1",) for image in received.images)
        why = " : c'est une nouvelle sauvegarde de la même image" if same else ""
        raise Mistake("reassemblage-different", why=why)
    return {"parties": len(parts), "sha256": _sha256(original)}


def _explain_parts(evidence: Evidence, parts: dict[str, bytes], original: bytes) -> None:
    for name, data in parts.items():
        if data.startswith(b"\x1f\x8b"):
            raise Mistake("parties-compressees", name=name)
    names = list(parts)
    in_order = sorted(names, key=lambda name: original.find(parts[name][:512]))
    if b"".join(parts[name] for name in in_order) == original:
        first = next(a for a, b in zip(names, in_order, strict=True) if a != b)
        raise Mistake("parties-en-desordre", first=first, second=in_order[names.index(first)])
    joined = open_archive(BytesSource(b"".join(parts.values())), name="les parties réunies")
    for image in joined.images:
        refuse_copy(evidence, joined.name, (image.config.get("config") or {}).get("Labels") or {})
    size = sum(map(len, parts.values()))
    if size < len(original):
        raise Mistake(
            "partie-manquante",
            count=len(parts),
            found=octets(size),
            expected=octets(len(original)),
        )
    raise Mistake("parties-differentes")


def _check_part_sums(evidence: Evidence, parts: dict[str, bytes]) -> None:
    if evidence.file("cargaison.sha256") is None:
        raise Mistake("sommes-absentes")
    sums = _sums(evidence, "cargaison.sha256")
    if not parts.keys() & sums.keys():
        raise Mistake("sommes-du-tout")
    if missing := [name for name in parts if name not in sums]:
        raise Mistake("sommes-incompletes", found=_quoted(missing))
    for name, data in parts.items():
        if _sha256(data) not in sums[name]:
            raise Mistake("somme-fausse", name=name)
    _every_line_holds(evidence, "cargaison.sha256", sums)


# --- 2.9 ------------------------------------------------------------------------------------


@exercise(
    "2.9",
    "Chiffrer l'archive",
    points=3,
    hints=[
        "Que dit `file` de ce que vous avez produit, et que contient le dossier `coffre/` ?",
        "Un chiffrement symétrique emploie la même phrase pour fermer et pour ouvrir. Compresser, "
        "encoder ou signer n'est pas chiffrer.",
        "`gpg` sait chiffrer par une phrase (option `--symmetric`) lue dans un fichier, sans poser "
        "de question : modes `--batch` et `--pinentry-mode loopback`. Le résultat seul reste dans "
        "`coffre/`.",
    ],
    mistakes={
        **FILE,
        "non-chiffre": Slip(
            "`{name}` est lisible par tous : c'est {nature}. Son nom seul annonce un chiffrement.",
        ),
        "chiffre-tronque": Slip(
            "`{name}` commence comme un message OpenPGP, mais s'interrompt avant sa fin.",
            "L'écriture du fichier est-elle allée jusqu'au bout ?",
        ),
        "message-demesure": Slip(
            "`{name}` pèse {size} : c'est bien plus que l'archive demandée, une fois chiffrée.",
            "Que contient le fichier que vous avez chiffré ? Combien d'images ?",
        ),
        "autre-outil": Slip(
            "`{name}` a été chiffré par un autre outil ({nature}) : le destinataire attend un "
            "message OpenPGP.",
        ),
        "signe-seulement": Slip(
            "`{name}` est signé, pas chiffré : chacun peut lire ce qu'il contient.",
            "Signer prouve qui a écrit ; chiffrer cache ce qui est écrit.",
        ),
        "cle-publique": Slip(
            "`{name}` est chiffré pour une clé publique ; l'équipage n'a que la phrase.",
            "Il existe deux sortes de chiffrement : laquelle n'a besoin que d'une phrase ?",
        ),
        "algorithme-faible": Slip(
            "`{name}` est chiffré par {found} ; la consigne demande AES256.",
            "L'algorithme se choisit par une option de `gpg`.",
        ),
        "phrase-differente": Slip(
            "`{name}` ne s'ouvre pas avec la phrase de `fournitures/phrase.txt`.",
            "Une espace ou un guillemet de trop change la phrase : laissez `gpg` lire le fichier.",
        ),
        "contenu-inattendu": Slip(
            "`{name}` s'ouvre bien, mais ne contient pas une archive d'images complète : {why}",
            "Chiffrez l'archive que `docker save` a écrite.",
        ),
        **CONTENT,
        **NAMED,
        "clair-a-cote": Slip(
            "Le dossier `coffre/` contient aussi {found}, que chacun peut lire : seul le message "
            "chiffré doit y rester.",
            "Que faut-il laisser dans un coffre, une fois le message chiffré ?",
        ),
    },
    makes=Makes(files=["coffre/*", "journal.tar"], images=["{hub}/cours/journal:1"]),
)
def encrypted_archive(evidence: Evidence) -> Facts:
    """`coffre/journal.tar.gpg` est l'archive de `cours/journal:1`, sous ce nom, chiffrée en AES256
    par la phrase de `fournitures/phrase.txt` ; rien d'autre n'est lisible dans `coffre/`."""
    name = "coffre/journal.tar.gpg"
    archive = required(evidence, name)
    if archive.kind == "encrypted" and archive.detail != "openpgp":
        raise Mistake("autre-outil", name=name, nature=nature(archive))
    if archive.kind == "encrypted" and archive.size > FILE_LIMIT:  # it would be read in part
        raise Mistake("message-demesure", name=name, size=octets(archive.size))
    try:
        message = openpgp.parse(evidence.file(name) or b"")
    except openpgp.NotOpenPGP as error:
        if archive.detail == "openpgp":
            raise Mistake("chiffre-tronque", name=name) from error
        readable = "une archive d'images" if archive.images else nature(archive)
        raise Mistake("non-chiffre", name=name, nature=readable) from error
    if message.public_key:
        raise Mistake("cle-publique", name=name)
    if message.clear:
        raise Mistake("signe-seulement", name=name)
    if message.cipher != "AES256":
        raise Mistake("algorithme-faible", name=name, found=message.cipher)
    try:
        plain = message.decrypt(material.passphrase(evidence.identity).encode())
    except openpgp.WrongPassphrase as error:
        raise Mistake("phrase-differente", name=name) from error
    opened = open_archive(BytesSource(plain), name=name)
    try:
        sound(opened)
    except Mistake as mistake:
        slip = ARCHIVE[mistake.name].message.format(**mistake.observed)
        raise Mistake("contenu-inattendu", name=name, why=slip) from mistake
    contents = _expect_named(evidence, name, opened, material.journal(evidence.identity))
    for other in evidence.names("coffre/**/*"):
        beside = evidence.archive(other)
        if beside is not None and beside.kind != "encrypted":
            raise Mistake("clair-a-cote", found=f"`{other}`")
    return {"chiffrement": message.cipher, "contenu": contents}


# --- 2.10 -----------------------------------------------------------------------------------

FORMATS = {"gzip": "gz", "bzip2": "bz2", "xz": "xz", "zstd": "zst"}
FOLDER = "comparaison"


@exercise(
    "2.10",
    "Comparer les compressions",
    points=3,
    hints=[
        "Comparez chaque fichier avec l'original : même contenu une fois décompressé, et quel "
        "format au premier octet ?",
        "Pour comparer des compressions, il faut partir des mêmes octets : une seule sauvegarde, "
        "quatre fichiers de noms distincts.",
        "Sauvegardez une fois dans `comparaison/atlas.tar`, compressez ce fichier par chacun des "
        "quatre programmes en gardant l'original, mesurez les tailles en octets, puis répondez.",
    ],
    mistakes={
        **ARCHIVE,
        **CONTENT,
        **ANSWER,
        "format-manquant": Slip(
            "`{name}` n'existe pas : la comparaison porte sur gzip, bzip2, xz et zstd.",
            "Deux programmes qui écrivent dans le même fichier ne laissent qu'un résultat.",
        ),
        "format-inattendu": Slip(
            "`{name}` devrait être compressé par {expected} ; on y trouve {found}.",
            "Renommer un fichier ne change pas sa compression.",
        ),
        "originaux-differents": Slip(
            "Décompressé, `{name}` n'est pas `comparaison/atlas.tar`, octet pour octet : vous "
            "comparez des compressions d'originaux différents.",
            "Deux sauvegardes de la même image peuvent différer de quelques octets.",
        ),
        "mesures-absentes": Slip("`{name}` n'existe pas encore."),
        "mesures-illisibles": Slip(
            "`{name}` doit commencer par la ligne `methode,octets`, puis donner une ligne par "
            "méthode (`gzip,12345`) : {problem}.",
            "Relisez l'énoncé : il donne la première ligne à la lettre près, et les noms des "
            "quatre méthodes.",
        ),
        "mesures-inventees": Slip(
            "`{name}` annonce {found} octets pour {method} ; le fichier en compte {expected}.",
            "Une taille arrondie (« 50K ») n'est pas une mesure en octets.",
        ),
        "pas-un-nombre": Slip(
            "Le champ `gain_gzip` attend un nombre ; « {found} » n'en est pas un.",
            "Un pourcentage s'écrit ici 42 ou 42.5.",
        ),
        "methode-inconnue": Slip(
            "« {found} » n'est pas l'une des quatre méthodes comparées : gzip, bzip2, xz, zstd.",
        ),
        "conclusion-fausse": Slip(
            "Votre conclusion ne suit pas vos mesures : {why}.",
            "Relisez vos propres chiffres : c'est le plus petit fichier qui gagne, et le gain se "
            "calcule par rapport à l'original.",
        ),
    },
    makes=Makes(files=[f"{FOLDER}/*", "reponses/2.10.json"], images=["{hub}/cours/atlas:1"]),
)
def compared_compressions(evidence: Evidence) -> Facts:
    """Dans `comparaison/`, `atlas.tar` et ses quatre versions compressées (`.gz`, `.bz2`, `.xz`,
    `.zst`) viennent d'une même sauvegarde de `cours/atlas:1` ; `mesures.csv` donne leurs tailles
    en octets ; votre réponse en tire la méthode la plus efficace et le gain de gzip."""
    original = sound(required(evidence, f"{FOLDER}/atlas.tar"))
    for image in original.images:
        expect(evidence, original.name, image, material.atlas(evidence.identity))
    sizes: dict[str, int] = {}
    for method, extension in FORMATS.items():
        name = f"{FOLDER}/atlas.tar.{extension}"
        archive = evidence.archive(name)
        if archive is None:
            raise Mistake("format-manquant", name=name)
        if archive.compression != (method,):
            found = ", puis ".join(archive.compression) or "un fichier non compressé"
            raise Mistake("format-inattendu", name=name, expected=method, found=found)
        if archive.content_sha256 != original.content_sha256:
            raise Mistake("originaux-differents", name=name)
        sizes[method] = archive.size
    _check_measures(evidence, sizes)
    given = answer(evidence, "2.10")
    best = min(sizes, key=lambda method: sizes[method])
    smallest = _method(str(field(given, "plus_petit")))
    if smallest != best:
        raise Mistake("conclusion-fausse", why=f"{smallest} n'a pas donné le plus petit fichier")
    gain = 100 * (1 - sizes["gzip"] / original.size)
    said = number(field(given, "gain_gzip"))
    if said is None:
        raise Mistake("pas-un-nombre", found=given["gain_gzip"])
    if abs(said - gain) > 1.5:
        said_so = f"{said:g}".replace(".", ",")
        share = " ; le gain s'écrit en pourcentage (la moitié s'écrit 50)" if 0 < said < 1 else ""
        raise Mistake(
            "conclusion-fausse",
            why=f"gzip n'économise pas {said_so} % de l'original, à un point près{share}",
        )
    return {method: octets(size) for method, size in {"tar": original.size, **sizes}.items()}


def _method(text: str) -> str:
    """« gzip », « .gz » or « atlas.tar.gz » → `gzip`; raises `methode-inconnue`."""
    word = text.strip().lower().rpartition(".")[2]
    for method, extension in FORMATS.items():
        if word in (method, extension):
            return method
    raise Mistake("methode-inconnue", found=text)


def _check_measures(evidence: Evidence, sizes: dict[str, int]) -> None:
    name = f"{FOLDER}/mesures.csv"
    data = evidence.file(name)
    if data is None:
        raise Mistake("mesures-absentes", name=name)
    text = data.decode("utf-8-sig", errors="replace")
    try:
        rows = [row for row in csv.reader(text.splitlines()) if row]
    except csv.Error as error:
        problem = "une ligne est démesurée"
        raise Mistake("mesures-illisibles", name=name, problem=problem) from error
    header = [cell.strip().lower().replace("é", "e") for cell in rows[0]] if rows else []
    if header != ["methode", "octets"]:
        raise Mistake("mesures-illisibles", name=name, problem="l'en-tête diffère")
    named = {extension: method for method, extension in FORMATS.items()}
    measured: dict[str, str] = {}
    for row in rows[1:]:
        if len(row) == 2:
            method = row[0].strip().lower()
            measured[named.get(method, method)] = without_unit(row[1].strip(), "octet|o")
    for method, size in sizes.items():
        found = measured.get(method)
        if found is None:
            raise Mistake("mesures-illisibles", name=name, problem=f"`{method}` n'y est pas")
        if found != str(size):
            raise Mistake("mesures-inventees", name=name, method=method, found=found, expected=size)


# --- 2.11 -----------------------------------------------------------------------------------


@exercise(
    "2.11",
    "Archiver avec traçabilité",
    points=3,
    hints=[
        "Ouvrez chacun des fichiers de `archivage/` comme le fera, dans dix ans, celui qui devra "
        "les comprendre.",
        "L'identité durable d'une image est le digest de sa configuration ; l'identifiant qu'un "
        "moteur affiche dépend de la façon dont il range ses images.",
        "Quatre fichiers : l'archive compressée et datée (`outil-1.2_AAAAMMJJ.tar.gz`), "
        "l'inspection de l'image en JSON pur, le digest lu dans le `manifest.json` de l'archive, "
        "et les sommes des trois premiers.",
    ],
    mistakes={
        **ARCHIVE,
        **CONTENT,
        **GZIP,
        **SUMS,
        **EXTRA,
        "autre-extension": Slip(
            "`{found}` est sans doute votre archive, mais son nom ne finit pas par `.tar.gz`.",
            "Deux points, et deux informations : la sorte d'archive, puis sa compression.",
        ),
        "non-compressee": Slip(
            "`{name}` n'est pas compressé par gzip ({found}).",
            "Le nom d'un fichier ne dit rien de son contenu : que dit `file` de celui-ci ?",
        ),
        "date-mal-ecrite": Slip(
            "La date de `{found}` n'est pas écrite AAAAMMJJ (l'année, le mois, le jour, sans "
            "séparateur) : l'ordre alphabétique ne serait plus celui du temps.",
            "La commande `date` laisse choisir l'ordre et la forme de ce qu'elle écrit.",
        ),
        "sans-date": Slip(
            "Le nom {found} ne porte pas de date : il est attendu sous la forme "
            "`outil-1.2_AAAAMMJJ.tar.gz`.",
            "La commande `date` sait écrire une date sans séparateur.",
        ),
        "texte-et-json": Slip(
            "`{name}` n'est pas du JSON pur ({problem}) : aucun programme ne pourra le relire.",
            "Du texte ajouté avant ou après un document JSON le rend illisible.",
        ),
        "inspection-de-conteneur": Slip(
            "`{name}` décrit un conteneur (on y lit `State`), pas une image : `docker inspect` "
            "choisit le conteneur quand un nom désigne les deux.",
            "`docker image` a sa propre sous-commande d'inspection.",
        ),
        "inspection-partielle": Slip(
            "`{name}` est bien du JSON, mais pas l'inspection d'une image : {problem}.",
            "Sans option de mise en forme, que donne l'inspection d'une image ?",
        ),
        "inspection-autre-image": Slip(
            "`{name}` décrit une autre image que celle de l'archive : leurs couches diffèrent.",
            "Quelle référence avez-vous inspectée ? Avec quel tag ?",
        ),
        "config-confondue": Slip(
            "`archivage/config.txt` contient {found}, et non le digest de la configuration.",
            "Le seul endroit sûr où lire ce digest est l'archive elle-même.",
        ),
        "config-tronquee": Slip(
            "`archivage/config.txt` contient un digest abrégé ({count} chiffres hexadécimaux au lieu "
            "de 64) : abrégé, un digest ne prouve plus rien.",
            "Les identifiants affichés à l'écran sont souvent raccourcis.",
        ),
        "config-entouree": Slip(
            "`archivage/config.txt` contient le bon digest, mais pas lui seul : un programme qui "
            "lirait ce fichier ne s'y retrouverait pas.",
            "Le fichier ne doit contenir que `sha256:` et 64 chiffres hexadécimaux.",
        ),
        "config-fausse": Slip(
            "`archivage/config.txt` ne contient pas le digest de la configuration de l'image "
            "archivée (`sha256:` et 64 chiffres hexadécimaux).",
        ),
        "sommes-incompletes": Slip(
            "`archivage/SHA256SUMS` ne dit rien de {found}.",
            "Archive, inspection et digest : trois fichiers, trois lignes.",
        ),
        "sommes-du-dossier-parent": Slip(
            "`archivage/SHA256SUMS` nomme `{found}` : calculées depuis le dossier parent, les "
            "sommes ne se vérifient plus dès que `archivage/` est livré seul.",
            "Dans quel dossier vous trouviez-vous en calculant les sommes ?",
        ),
        "somme-fausse": Slip(
            "La somme notée pour `{name}` n'est pas celle du fichier présent.",
            "Les sommes se calculent en dernier.",
        ),
    },
    makes=Makes(files=["archivage/*"], images=["{hub}/cours/outil:1.2"], containers=["outil"]),
)
def traceable_archive(evidence: Evidence) -> Facts:
    """`archivage/` contient l'archive compressée et datée de `cours/outil:1.2`
    (`outil-1.2_AAAAMMJJ.tar.gz`), l'inspection de cette image (`outil-1.2.inspect.json`), le
    digest de sa configuration (`config.txt`), et les sommes des trois (`SHA256SUMS`)."""
    archives = evidence.names("archivage/*.tar.gz")
    dated = [name for name in archives if _date(name)]
    if archives and not dated:
        if re.search(r"\d{4}", archives[-1].removeprefix("archivage/outil-1.2")):
            raise Mistake("date-mal-ecrite", found=archives[-1])
        raise Mistake("sans-date", found=f"`{archives[-1]}`")
    if not archives and (
        others := [
            each for each in evidence.names("archivage/outil-1.2*") if each.endswith(_ENDINGS)
        ]
    ):
        raise Mistake("autre-extension", found=others[-1])
    name = dated[-1] if dated else "archivage/outil-1.2_AAAAMMJJ.tar.gz"
    archive = not_of_nothing(required(evidence, name))
    if archive.kind in ("docker-save", "oci") and archive.compression != ("gzip",):
        chain = ", puis ".join(archive.compression) or "un tar en clair"
        raise Mistake("non-compressee", name=name, found=chain)
    _alone(evidence, sound(archive), material.outil(evidence.identity, "1.2"))
    image = archive.images[0]
    inspected = _check_inspection(evidence, "archivage/outil-1.2.inspect.json", image)
    _check_config_file(evidence, archive, inspected)
    sums = _sums(evidence, "archivage/SHA256SUMS")
    delivered = [name, "archivage/outil-1.2.inspect.json", "archivage/config.txt"]
    short = {path: path.removeprefix("archivage/") for path in delivered}
    if missing := [short[path] for path in delivered if short[path] not in sums]:
        if outside := [file for file in sums if file.startswith("archivage/")]:
            raise Mistake("sommes-du-dossier-parent", found=outside[0])
        raise Mistake("sommes-incompletes", found=_quoted(missing))
    for path in delivered:
        file = required(evidence, path)
        if file.sha256 not in sums[short[path]]:
            raise Mistake("somme-fausse", name=path)
    _every_line_holds(evidence, "archivage/SHA256SUMS", sums)
    return {"archive": name, "digest de configuration": image.config_digest}


def _check_config_file(evidence: Evidence, archive: Archive, inspected: dict[str, object]) -> None:
    """`config.txt` holds the config digest of the archived image and nothing else."""
    image = archive.images[0]
    text = _text(evidence, "archivage/config.txt").lower()
    given = text.removeprefix("sha256:")
    given = given.removeprefix("blobs/sha256/").removesuffix(".json")  # the file that bears it
    expected = image.config_digest.removeprefix("sha256:")
    if given == expected:
        return
    if expected in text:
        raise Mistake("config-entouree")
    if re.fullmatch(r"[0-9a-f]{6,63}", given):
        raise Mistake("config-tronquee", count=len(given))
    repo_digests = inspected.get("RepoDigests")
    if isinstance(repo_digests, list) and any(
        str(each).rpartition("@")[2] == text.rpartition("@")[2].rstrip("]") for each in repo_digests
    ):
        raise Mistake("config-confondue", found="le digest du manifeste, celui du hub")
    if f"sha256:{given}" == inspected.get("Id"):
        raise Mistake("config-confondue", found="l'identifiant affiché par ce moteur")
    if f"sha256:{given}" in image.diff_ids:
        raise Mistake("config-confondue", found="le digest d'une couche")
    if len(given) == 64 and any(given in member for member in archive.members):
        raise Mistake("config-confondue", found="le digest d'un autre fichier de l'archive")
    raise Mistake("config-fausse")


_ENDINGS = (".tgz", ".tar", ".gz", ".bz2", ".xz", ".zst")


def _date(name: str) -> datetime | None:
    """The day that the name bears; the time may follow it, names sort as well."""
    match = re.search(r"outil-1\.2_(\d{8})", name)
    try:
        return datetime.strptime(match[1], "%Y%m%d") if match else None
    except ValueError:
        return None


def _text(evidence: Evidence, name: str) -> str:
    data = evidence.file(name)
    if data is None:
        raise Mistake("fichier-absent", name=name)
    text = data.decode("utf-8-sig", errors="replace").strip()
    if not text:
        raise Mistake("fichier-vide", name=name)
    return text


def _check_inspection(evidence: Evidence, name: str, image: ImageEntry) -> dict[str, object]:
    text = _text(evidence, name)
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = misplaced(error)
        raise Mistake("texte-et-json", name=name, problem=problem) from error
    rows = document if isinstance(document, list) else [document]
    if not rows or not isinstance(rows[0], dict):
        problem = "aucune image n'y est décrite"
        raise Mistake("inspection-partielle", name=name, problem=problem)
    if len(rows) > 1:
        problem = f"{len(rows)} descriptions s'y suivent"
        raise Mistake("inspection-partielle", name=name, problem=problem)
    row = rows[0]
    if "State" in row:
        raise Mistake("inspection-de-conteneur", name=name)
    if not isinstance(row.get("RootFS"), dict):
        problem = "`RootFS`, où sont énumérées les couches, n'y est pas"
        raise Mistake("inspection-partielle", name=name, problem=problem)
    layers = row["RootFS"].get("Layers")
    if layers != list(image.diff_ids):
        raise Mistake("inspection-autre-image", name=name)
    return row


# --- 2.12 -----------------------------------------------------------------------------------


@exercise(
    "2.12",
    "Une seule plateforme",
    points=2,
    hints=[
        "Lisez, dans l'archive, l'architecture que la configuration de l'image annonce.",
        "Un même tag peut désigner plusieurs variantes ; le moteur prend la sienne si vous ne "
        "dites rien. Renommer une image ne change pas le processeur pour lequel elle est faite.",
        "`docker pull` accepte une option qui choisit la plateforme ; depuis Docker 28, "
        "`docker save` l'accepte aussi. Sur un moteur plus ancien, ne gardez localement que la "
        "bonne variante avant de sauvegarder.",
    ],
    mistakes={
        **ARCHIVE,
        **CONTENT,
        "variante-amd64": Slip(
            "`{name}` contient la variante {found}, celle d'un autre processeur que la sonde "
            "(arm64){named}.",
            "Sans précision, le moteur choisit la plateforme de la machine où il tourne.",
        ),
        "toutes-les-plateformes": Slip(
            "`{name}` contient {found} : une seule plateforme était demandée.",
            "Que contient votre moteur pour ce tag, avant la sauvegarde ?",
        ),
    },
    makes=Makes(files=["sonde-arm64.tar"], images=["{hub}/cours/sonde:1"]),
)
def one_platform(evidence: Evidence) -> Facts:
    """`sonde-arm64.tar` contient l'image `cours/sonde:1` du hub dans sa seule variante
    `linux/arm64`."""
    name = "sonde-arm64.tar"
    archive = sound(required(evidence, name))
    variants = [image for image in archive.images if image.present]
    platforms = sorted({f"{image.os}/{image.architecture}" for image in variants})
    if len(platforms) > 1:
        raise Mistake("toutes-les-plateformes", name=name, found=_quoted(platforms))
    amd64 = material.sonde(evidence.identity, "amd64")
    for image in variants:
        if tuple(image.diff_ids) == amd64.own_diff_ids:
            lies = [tag for tag in _names([image]) if "arm64" in tag]
            named = f" ; le nom `{lies[0]}` n'y change rien" if lies else ""
            raise Mistake("variante-amd64", name=name, found=platforms[0], named=named)
        expect(evidence, name, image, material.sonde(evidence.identity, "arm64"))
    return {"plateforme": platforms[0], "taille": octets(archive.size)}
