"""Questions that several checks ask of an archive of images, with the mistakes they name."""

from __future__ import annotations

from checks.archives import Archive, ImageEntry
from checks.evidence import Evidence
from checks.exercise import Slip
from checks.material.making import LEARNER_LABEL, CourseImage
from checks.outcome import Mistake
from checks.typography import inline, octets, plural

NATURES = {
    "zip": "une archive ZIP",
    "7z": "une archive 7z",
    "lz4": "un fichier compressé par lz4",
    "base64": "du texte en Base64",
    "html": "une page HTML",
    "json": "un document JSON",
    "text": "du texte",
    "openpgp": "un message chiffré par OpenPGP",
    "openssl": "un fichier chiffré par openssl",
    "age": "un fichier chiffré par age",
    "plain-tar": "une archive tar ordinaire",
    "export": "un système de fichiers de conteneur",
    "tar-of-tars": "une archive tar qui contient d'autres archives tar",
    "nested-directory": "une archive tar où tout est rangé dans un sous-dossier",
}

STATES = {
    "created": "créé, jamais démarré",
    "running": "en marche",
    "paused": "en pause",
    "restarting": "en cours de redémarrage",
    "exited": "arrêté",
    "dead": "mort",
}
"""A container's state, as the engine names it, in French."""

FILE = {
    "fichier-absent": Slip(
        "`{name}` n'existe pas encore dans votre dossier de travail.",
        "Listez les fichiers de votre dossier de travail : le nom attendu est écrit dans "
        "l'énoncé, à la lettre près. Si la commande qui devait l'écrire a échoué, son message dit "
        "pourquoi.",
    ),
    "fichier-vide": Slip(
        "`{name}` existe, mais ne contient rien (0 octet) : la commande qui devait l'écrire a "
        "échoué, et la redirection avait déjà créé le fichier.",
        "Relisez le message d'erreur de la commande qui a produit ce fichier : une redirection "
        "crée le fichier avant même que la commande ne démarre.",
    ),
}

ARCHIVE = {
    **FILE,
    "archive-de-conteneur": Slip(
        "`{name}` vient de `docker export` : on y trouve le système de fichiers d'un conteneur "
        "({count} entrées, `{sample}`…), pas une image avec ses couches et ses métadonnées.",
        "Deux commandes écrivent une archive tar : l'une part d'un conteneur, l'autre d'une "
        "image. Laquelle avez-vous employée ?",
    ),
    "archive-dans-archive": Slip(
        "`{name}` est une archive tar qui en contient une autre (`{inner}`) : `docker load` ne "
        "cherche pas à l'intérieur.",
        "Listez le contenu de votre archive : `manifest.json` doit apparaître tout de suite, pas "
        "dans une seconde archive.",
    ),
    "pas-une-archive": Slip(
        "`{name}` n'est pas une archive d'images : son contenu est {nature}.",
        "Regardez les premiers octets du fichier, ou demandez à `file` ce qu'il en pense.",
    ),
    "archive-abimee": Slip(
        "`{name}` est une archive d'images, mais elle est abîmée : {problem}",
        "La taille du fichier correspond-elle à ce que la source a produit ? L'écriture est-elle "
        "allée jusqu'au bout ?",
    ),
}

GZIP = {
    "gzip-de-rien": Slip(
        "`{name}` est un gzip valide… de rien du tout ({size}) : la commande placée avant le tube "
        "a échoué, et le tube a caché son échec.",
        "Exécutez seule la commande qui précède le tube, et lisez ce qu'elle répond.",
    ),
}

CONTENT = {
    "copie": Slip(
        "`{name}` contient l'image préparée pour une autre personne (identifiant {other}, le "
        "vôtre est {mine}). Chaque apprenant a ses propres images : refaites la mission avec les "
        "vôtres.",
        "Le label `fr.atelier.apprenant` d'une image du cours dit pour qui elle a été faite.",
    ),
    "autre-image": Slip(
        "`{name}` contient {found}, et non {expected}. Une image se reconnaît à ses couches et à "
        "sa configuration, pas au nom qu'on lui donne.",
        "Comparez les couches de l'image archivée avec celles de l'image demandée.",
    ),
}


def required(evidence: Evidence, name: str) -> Archive:
    """The file `name`, there and not empty; raises `fichier-absent` or `fichier-vide`."""
    archive = evidence.archive(name)
    if archive is None:
        raise Mistake("fichier-absent", name=name)
    if archive.size == 0:
        raise Mistake("fichier-vide", name=name)
    return archive


def not_of_nothing(archive: Archive) -> Archive:
    """`archive` unless it is the compression of zero bytes; raises `gzip-de-rien`."""
    if archive.detail == "gzip-of-nothing" or (archive.compression and archive.content_size == 0):
        raise Mistake("gzip-de-rien", name=archive.name, size=octets(archive.size))
    return archive


def sound(archive: Archive) -> Archive:
    """`archive` when it is a whole `docker save` archive; raises the mistakes of `ARCHIVE`."""
    name = archive.name
    if archive.kind == "rootfs":
        samples = [m for m in archive.members if not m.startswith(".dockerenv")]
        raise Mistake(
            "archive-de-conteneur", name=name, count=len(archive.members), sample=samples[0]
        )
    if archive.detail == "tar-of-tars":
        inner = [m.name for m in archive.members.values() if m.type == "file" and ".tar" in m.name]
        raise Mistake("archive-dans-archive", name=name, inner=(inner or list(archive.members))[0])
    if archive.kind not in ("docker-save", "oci"):
        damaged = [p for p in archive.structure_problems if p.severity == "error"]
        if archive.detail == "truncated" and damaged:
            raise Mistake("archive-abimee", name=name, problem=inline(damaged[0].message))
        raise Mistake("pas-une-archive", name=name, nature=nature(archive))
    for problem in archive.problems:
        if problem.severity == "error":
            raise Mistake("archive-abimee", name=name, problem=inline(problem.message))
    return archive


def nature(archive: Archive) -> str:
    """What a file that is no image archive is, in French."""
    return NATURES.get(archive.detail, "d'un format que le cours ne reconnaît pas")


def holds(image: ImageEntry, expected: CourseImage) -> bool:
    """Whether `image` is `expected`: the course's layers above a base, and the same command."""
    return is_course_image(tuple(image.diff_ids), image.config.get("config") or {}, expected)


def is_course_image(
    diff_ids: tuple[str, ...], config: dict[str, object], expected: CourseImage
) -> bool:
    """Whether layers and config (`Cmd`, `Labels`) are those of `expected`, on any base."""
    own = expected.own_diff_ids
    above_base = len(diff_ids) - len(own)
    return (
        diff_ids[-len(own) :] == own
        and (above_base > 0) == expected.on_busybox
        and config.get("Cmd") == expected.config["Cmd"]
        and config.get("Labels") == expected.config["Labels"]
    )


def expect(evidence: Evidence, name: str, image: ImageEntry, expected: CourseImage) -> None:
    """Raise `copie` or `autre-image` unless `image`, found in file `name`, is `expected`."""
    if holds(image, expected):
        return
    labels = (image.config.get("config") or {}).get("Labels") or {}
    refuse_copy(evidence, name, labels)
    raise Mistake("autre-image", name=name, found=describe(image), expected=wanted(expected))


def refuse_copy(evidence: Evidence, name: str, labels: dict[str, str]) -> None:
    """Raise `copie` when the labels say that the image was made for somebody else."""
    other = labels.get(LEARNER_LABEL)
    if other not in (None, evidence.identity.id):
        raise Mistake("copie", name=name, other=other, mine=evidence.identity.id)


def describe(image: ImageEntry) -> str:
    """« l'image `outil` version 1.3 (3 couches) », from its labels, else from its layers."""
    labels = (image.config.get("config") or {}).get("Labels") or {}
    layers = plural(len(image.diff_ids), "couche")
    title = labels.get("org.opencontainers.image.title")
    if not title:
        return f"une image sans les labels du cours ({layers})"
    version = labels.get("org.opencontainers.image.version", "inconnue")
    return f"l'image `{title}` en version {version} ({layers})"


def wanted(expected: CourseImage) -> str:
    """« l'image `outil` en version 1.2 », as the course made it."""
    labels = expected.config["Labels"]
    return (
        f"l'image `{labels['org.opencontainers.image.title']}` en version "
        f"{labels['org.opencontainers.image.version']} telle que le cours l'a préparée"
    )
