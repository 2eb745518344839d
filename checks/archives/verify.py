"""What makes an archive unfit: each rule is one named problem.

The rules are those that `docker load` does not apply: a layer that the engine already has is not
even read (moby `image/tarexport/load.go`), and the containerd store answers "Loaded image" before
it unpacks (moby#48293).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from checks.archives.images import DIGEST, ImageEntry, Listed, get, listing
from checks.archives.problems import MOST, Problem, error, shown, warning

if TYPE_CHECKING:
    from checks.archives.archive import Archive

_NAMED = re.compile(
    r"blobs/sha256/(?P<blob>[0-9a-f]{64})|(?P<file>[0-9a-f]{64})\.(?:json|tar)", re.S
)
_TAG = re.compile(
    r"(?:[A-Za-z0-9.\-\[\]:]+/)?[a-z0-9]+(?:(?:[._]|__|-+|/)[a-z0-9]+)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)
"""distribution/reference `reference.go`: domain, path, tag, digest."""
_EXPECTED = re.compile(
    r"\.|blobs(?:/sha256(?:/[0-9a-f]{64})?)?|oci-layout|index\.json|manifest\.json|repositories|"
    r"[0-9a-f]{64}(?:\.json|\.tar|/(?:layer\.tar|json|VERSION))?"
)
_WORDS = {
    "empty": "ce fichier est vide",
    "gzip-of-nothing": "il n'y a rien sous la compression",
    "zeros": "il ne contient que des zéros",
    "zip": "c'est une archive ZIP",
    "7z": "c'est une archive 7z",
    "rar": "c'est une archive RAR",
    "lz4": "il est compressé par lz4, qu'aucun moteur ne lit",
    "lzip": "il est compressé par lzip, qu'aucun moteur ne lit",
    "compress": "il est compressé par compress, qu'aucun moteur ne lit",
    "html": "c'est une page web, sans doute un message d'erreur enregistré à la place du fichier",
    "json": "c'est un document JSON",
    "base64": "c'est du texte en Base64 : décodez-le d'abord",
    "text": "c'est du texte",
    "binary": "ses octets ne sont ceux d'aucun format connu",
    "tar-of-tars": "c'est un tar qui contient d'autres archives : `docker load` n'y cherche pas",
    "nested-directory": "tout y est rangé dans un sous-dossier, où `docker load` ne cherche pas",
    "no-manifest": "il a les couches d'une image, mais pas `manifest.json` qui les relie",
    "plain-tar": "c'est un tar ordinaire",
}


def damage(reason: str | None) -> Problem | None:
    """The problem of the outer compression, if any."""
    return {
        "damaged": error(
            "compression-abimee", "La compression est abîmée : la suite ne peut pas être lue."
        ),
        "truncated": error(
            "compression-tronquee", "Le fichier compressé s'interrompt avant sa fin."
        ),
        "bomb": error(
            "bombe", "Le fichier se décompresse démesurément : la lecture a été arrêtée."
        ),
        "window": error(
            "compression-gourmande", "Le fichier demande trop de mémoire pour être décompressé."
        ),
        "trailing": warning(
            "octets-superflus", "Des octets étrangers suivent la fin du fichier compressé."
        ),
    }.get(reason or "")


def too_wrapped(count: int) -> Problem:
    """More compressions one inside the other than anybody needs."""
    return error("trop-de-compressions", f"Le fichier est compressé plus de {count} fois de suite.")


def hollow(size: int) -> Problem:
    """A file of holes: reading terabytes of zeros proves nothing."""
    return error(
        "fichier-a-trous",
        f"Le fichier annonce {size // 10**9} Go, mais presque rien n'en est écrit sur le disque : "
        "il n'a pas été vérifié.",
    )


# -- without hashing -----------------------------------------------------------------------------


def structure(archive: Archive) -> Iterator[Problem]:
    """What the layout itself gets wrong."""
    if archive.kind == "part":
        yield error(
            "partie-seule",
            "Ce fichier n'est qu'une partie d'un fichier découpé : donnez toutes les parties, "
            "dans une même commande.",
        )
    elif archive.kind == "unknown":
        if archive.detail != "truncated":  # else the reader said why it stopped
            words = _WORDS.get(archive.detail, "son format n'est pas reconnu")
            yield error("pas-une-archive", f"Ce n'est pas une archive d'images : {words}.")
    elif archive.kind == "encrypted":
        yield warning(
            "contenu-chiffre", "Le contenu est chiffré : sans la phrase, il n'a pas été vérifié."
        )
    elif archive.kind in ("docker-save", "oci"):
        if len(archive.compression) > 1:
            yield warning(
                "compression-multiple",
                f"L'archive est compressée {len(archive.compression)} fois : `docker load` n'en "
                "défait qu'une.",
            )
        yield from _layout(archive)


def _layout(archive: Archive) -> Iterator[Problem]:
    yield from archive.manifest.problems
    yield from archive.index.problems
    images = archive.images  # reads the configs
    yield from archive.documents.problems.values()
    if not images and not any(
        p.severity == "error" for p in (*archive.manifest.problems, *archive.index.problems)
    ):
        yield error("sans-image", "L'archive n'annonce aucune image.")
    yield from _members(archive)
    yield from _names(archive)
    if "oci-layout" in archive.members:
        version = get(archive.document("oci-layout"), "imageLayoutVersion")
        if version != "1.0.0":  # image-layout.md, "oci-layout file"
            yield error("oci-layout-invalide", "`oci-layout` n'annonce pas la version 1.0.0.")
        if "index.json" not in archive.members:
            yield error("index-absent", "`oci-layout` est là, mais pas `index.json` qui va avec.")
        elif "manifest.json" in archive.members:
            yield from _disagreement(archive)
    yield from _repositories(archive)
    for image in images:
        yield from _image_structure(image)


def _members(archive: Archive) -> Iterator[Problem]:
    strangers: list[str] = []
    special = broken = 0
    used = {name for i in archive.images for name in (i.config_member, *i.layer_members)}
    for name, member in archive.members.items():
        if member.type in ("char", "block", "fifo", "other"):
            special += 1
            if special > MOST:
                continue
            yield error(
                "membre-special",
                f"`{shown(name)}` est un fichier spécial : une archive d'images n'en contient pas.",
            )
        elif member.type in ("symlink", "hardlink") and archive.resolve(name) is None:
            broken += 1
            if broken > MOST:
                continue
            yield error(
                "lien-brise",
                f"Le lien `{shown(name)}` mène à `{shown(member.linkname)}`, qui n'est pas un "
                "fichier de l'archive.",
            )
        elif not _EXPECTED.fullmatch(name) and name not in used:
            strangers.append(name)
    if strangers:
        yield warning(
            "membre-inattendu",
            f"L'archive contient aussi `{shown(strangers[0])}`"
            + (f" et {len(strangers) - 1} autres" if len(strangers) > 1 else "")
            + ", étranger au format.",
        )


def _names(archive: Archive) -> Iterator[Problem]:
    tags = Counter(tag for image in archive.manifest.images for tag in image.tags)
    for tag, count in tags.items():
        if count > 1:
            yield error(
                "nom-en-double", f"Le nom « {shown(tag)} » est donné {count} fois dans l'archive."
            )
        if not _TAG.fullmatch(tag):
            yield error("nom-invalide", f"« {shown(tag)} » n'est pas un nom d'image.")


def _disagreement(archive: Archive) -> Iterator[Problem]:
    """Graphdriver engines read `manifest.json`, containerd `index.json`: one image, or two?"""
    if any(p.severity == "error" for p in archive.index.problems + archive.manifest.problems):
        return
    named: dict[str, list[Listed]] = {}
    for name, variants in archive.index.named.items():
        named.setdefault(familiar(name), []).extend(variants)
    everything = [(v.config, v.layers) for v in archive.index.images]
    for image in archive.manifest.images:
        key = (image.config, image.layers)
        for tag in image.tags:
            variants = named.get(familiar(tag), [])
            if key not in [(v.config, v.layers) for v in variants]:
                yield error(
                    "deux-images",
                    f"`manifest.json` et `index.json` ne désignent pas la même image sous le nom "
                    f"« {shown(tag)} » : deux moteurs en chargeraient deux différentes.",
                )
        if not image.tags and key not in everything:
            # moby 25.0.0 to 25.0.2 left untagged images out of index.json (moby#47182).
            yield warning(
                "image-hors-index",
                "Une image sans nom manque dans `index.json` : le magasin containerd ne la "
                "chargera pas.",
            )
    tags = {familiar(tag) for image in archive.manifest.images for tag in image.tags}
    for name in named:
        if name and name not in tags:
            yield error(
                "deux-images",
                f"« {shown(name)} » n'est annoncé que par `index.json` : deux moteurs ne "
                "chargeraient pas les mêmes images.",
            )


def familiar(name: str) -> str:
    """A name without what Docker implies: `docker.io/library/nginx:1` is `nginx:1`."""
    name = name.removeprefix("docker.io/").removeprefix("library/")
    last = name.rpartition("/")[2]
    return name if ":" in last or "@" in last or not name else f"{name}:latest"


def _repositories(archive: Archive) -> Iterator[Problem]:
    if "repositories" not in archive.members or not archive.manifest.images:
        return
    document = archive.document("repositories")
    if not isinstance(document, dict):
        yield warning("repositories-illisible", "`repositories` est illisible.")
        return
    listed = {
        familiar(f"{name}:{tag}")
        for name, tags in document.items()
        if isinstance(tags, dict)
        for tag in tags
    }
    tags = {familiar(tag) for image in archive.manifest.images for tag in image.tags}
    if listed != {tag for tag in tags if "@" not in tag}:
        yield warning(
            "repositories-different",
            "`repositories`, que lisent les très vieux moteurs, n'annonce pas les mêmes noms que "
            "`manifest.json`.",
        )


def _image_structure(image: ImageEntry) -> Iterator[Problem]:
    name = label(image)
    for member in image.missing[:3]:
        yield error(
            "blob-absent",
            f"{name} a besoin de `{shown(member)}`, qui n'est pas dans l'archive.",
        )
    if image.config_member in image.missing:
        return
    ids = image.diff_ids
    # Go leaves out the empty `diff_ids` of an image without a layer.
    found = get(image.config, "rootfs", "diff_ids")
    if "rootfs" not in image.config or not (found is None or isinstance(found, list)):
        yield error(
            "config-illisible", f"{name} n'a pas de configuration lisible : pas de « diff_ids »."
        )
        return
    if bad := [one for one in ids if not DIGEST.fullmatch(one)]:
        yield error("digest-invalide", f"{name} : « {shown(bad[0])} » n'est pas un digest sha256.")
    if len(image.layer_members) != len(ids):
        yield error(
            "couches-manquantes" if len(image.layer_members) < len(ids) else "couches-en-trop",
            f"{name} annonce {len(ids)} couche{'s' * (len(ids) > 1)} dans sa configuration, et "
            f"{len(image.layer_members)} dans l'archive.",
        )
    filled = sum(not line.get("empty_layer") for line in image.history)
    if filled > len(ids):
        # moby `daemon/images/image_history.go`: "too many non-empty layers in History section".
        yield error(
            "historique-incoherent",
            f"{name} : l'historique décrit {filled} couches, la configuration en a {len(ids)}.",
        )
    elif listing(image.config, "history") and filled < len(ids):
        yield warning(
            "historique-incomplet",
            f"{name} : l'historique ne décrit que {filled} couches sur {len(ids)}.",
        )


def label(image: ImageEntry) -> str:
    """« L'image `nginx:1` »."""
    return f"L'image `{shown(image.tags[0])}`" if image.tags else "L'image sans nom"


# -- with hashing --------------------------------------------------------------------------------


def contents(archive: Archive) -> Iterator[Problem]:
    """What only the bytes tell: each blob against its name, each layer against the config."""
    if archive.kind not in ("docker-save", "oci"):
        return
    named = {name: match for name in archive.members if (match := _NAMED.fullmatch(name))}
    layers = {name for image in archive.images for name in image.layer_members}
    configs = {image.config_member for image in archive.images}
    archive.hash_all([*named, *layers, *configs])
    blamed: set[str] = set()
    for image in archive.images:
        yield from _config(archive, image, blamed)
        yield from _layers(image, blamed)
    told = 0
    for name, match in named.items():
        member = archive.members[name]
        if name in blamed or member.type != "file" or archive.resolve(name) is None:
            continue
        found = archive.digests(name)
        # Podman names a layer file by its diff_id, and may store it compressed.
        if (match["blob"] or match["file"]) not in (
            found.sha256,
            found.content_sha256 if match["file"] else "",
        ):
            told += 1
            if told > MOST:
                return
            yield error(
                "blob-altere", f"Le contenu de `{name}` n'a pas le digest que son nom annonce."
            )


def _config(archive: Archive, image: ImageEntry, blamed: set[str]) -> Iterator[Problem]:
    match = _NAMED.fullmatch(image.config_member)
    if match is None or archive.resolve(image.config_member) is None:
        return
    if f"sha256:{match['blob'] or match['file']}" != image.config_digest:
        blamed.add(image.config_member)
        yield error(
            "config-alteree",
            f"La configuration de {_of(image)} n'a pas le digest que son nom annonce : elle a été "
            "modifiée.",
        )


def _layers(image: ImageEntry, blamed: set[str]) -> Iterator[Problem]:
    wrong = []
    for number, layer in enumerate(image.layers, 1):
        if not layer.diff_id:
            continue
        reason = layer.digests.damage
        if reason not in (None, "trailing"):
            blamed.add(layer.member)
            bomb = reason in ("bomb", "window")
            yield error(
                "bombe" if bomb else "couche-abimee",
                f"La couche {number} de {_of(image)} "
                + ("se décompresse démesurément." if bomb else "ne se décompresse pas."),
            )
        elif layer.computed_diff_id != layer.diff_id:
            wrong.append((number, layer))
        elif not layer.digests.is_tar and layer.size:
            yield error("couche-illisible", f"La couche {number} de {_of(image)} n'est pas un tar.")
    if len(wrong) > 1 and image.present:
        found = Counter(layer.computed_diff_id for _, layer in wrong)
        if found == Counter(layer.diff_id for _, layer in wrong):
            yield error(
                "couches-permutees", f"Les couches de {_of(image)} ne sont pas dans le bon ordre."
            )
            return
    for number, layer in wrong:
        blamed.add(layer.member)
        yield error(
            "couche-alteree",
            f"La couche {number} de {_of(image)} n'a pas le contenu que sa configuration annonce.",
        )


def _of(image: ImageEntry) -> str:
    return label(image).replace("L'image", "l'image", 1)
