"""Ways to damage an archive, each with the code of the problem that must be found.

A fault returns the damaged bytes, or None where it makes no sense (an OCI descriptor in an archive
that has none).
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.archives.box import Box, Item, checksummed, gz, tar_of

FORMATS = (
    "docker-20.10-save",
    "docker-26.1g-save",
    "docker-26.1c-save",
    "buildx-26.1c-save-mixte",
    "buildx-26.1c-oci",
    "podman-save",
    "skopeo-oci-archive",
)


class Fault(NamedTuple):
    """`code` is the expected problem; `label` is French, for the documentation."""

    name: str
    label: str
    code: str
    apply: Callable[[bytes], bytes | None]


FAULTS: list[Fault] = []


def fault(code: str, label: str) -> Callable[[Callable[[bytes], bytes | None]], Any]:
    """Register a function that damages the bytes of an archive."""

    def register(apply: Callable[[bytes], bytes | None]) -> Callable[[bytes], bytes | None]:
        FAULTS.append(Fault(apply.__name__, label, code, apply))
        return apply

    return register


def boxed(code: str, label: str) -> Callable[[Callable[[Box], bool | None]], Any]:
    """The same for a function that changes a `Box`; it returns False where it makes no sense."""

    def register(change: Callable[[Box], bool | None]) -> Callable[[Box], bool | None]:
        def apply(data: bytes) -> bytes | None:
            box = Box(data)
            return None if change(box) is False else box.bytes()

        FAULTS.append(Fault(change.__name__, label, code, apply))
        return change

    return register


# -- the tar --------------------------------------------------------------------------------


@fault("archive-tronquee", "coupée au milieu")
def cut_in_the_middle(data: bytes) -> bytes:
    return data[: len(data.rstrip(b"\0")) * 2 // 3]


@fault("archive-tronquee", "coupée juste avant `manifest.json` ou `index.json`")
def cut_between_members(data: bytes) -> bytes:
    box = Box(data)
    last = "manifest.json" if "manifest.json" in box else "index.json"
    box.items = [item for item in box.items if item.name not in (last, "oci-layout")]
    whole = tar_of(box.items)
    return whole.rstrip(b"\0")[: -(len(whole.rstrip(b"\0")) % 512) or None]


@fault("entete-invalide", "un octet changé dans un en-tête")
def broken_header(data: bytes) -> bytes:
    box = Box(data)
    at = data.find(box.items[-1].name.encode())
    while at % 512:
        at = data.find(box.items[-1].name.encode(), at + 1)
    return data[: at + 124] + b"7" + data[at + 125 :]


@fault("donnees-apres-la-fin", "une seconde archive collée derrière (`cat a.tar b.tar`)")
def second_archive(data: bytes) -> bytes:
    return data + data


@fault("entete-invalide", "une taille négative")
def negative_size(data: bytes) -> bytes:
    header = bytearray(tar_of([Item("negatif")])[:512])
    header[124:136] = b"\xff" * 12
    return checksummed(header) + data


@fault("entete-invalide", "deux tailles pour une même entrée (pax et ustar)")
def two_sizes(data: bytes) -> bytes:
    pax = bytearray(tar_of([Item("pax", b"12 size=512\n")])[:1024])
    pax[156:157] = b"x"
    body = tar_of([Item("double", b"a" * 100)])[:1024]
    return checksummed(pax[:512]) + bytes(pax[512:]) + body + data


@fault("entete-trop-grand", "un en-tête étendu de 2 Mio")
def huge_extended_header(data: bytes) -> bytes:
    header = bytearray(tar_of([Item("grand", bytes(2 << 20))])[: 512 + (2 << 20)])
    header[156:157] = b"L"
    return checksummed(header[:512]) + bytes(header[512:]) + data


@fault("fichier-creux", "une entrée creuse (sparse)")
def sparse_member(data: bytes) -> bytes:
    header = bytearray(tar_of([Item("creux")])[:512])
    header[156:157] = b"S"
    return checksummed(header) + data


@boxed("nom-evade", "une entrée `../../evade`")
def escaping_name(box: Box) -> None:
    box.items.append(Item("../../evade", b"dehors"))


@boxed("nom-evade", "une entrée `/etc/passwd`")
def absolute_name(box: Box) -> None:
    box.items.append(Item("/etc/passwd", b"dehors"))


@boxed("membre-en-double", "`manifest.json` ou `index.json` deux fois")
def duplicate_member(box: Box) -> None:
    name = "manifest.json" if "manifest.json" in box else "index.json"
    box.items.append(Item(name, b"[]" if name == "manifest.json" else b"{}"))


@boxed("lien-brise", "un lien symbolique vers nulle part")
def dangling_link(box: Box) -> None:
    box.items.append(
        Item("f" * 64 + "/layer.tar", type=tarfile.SYMTYPE, extra={"linkname": "../absent.tar"})
    )


@boxed("membre-special", "un périphérique parmi les entrées")
def device(box: Box) -> None:
    box.items.append(Item("dev-null", type=tarfile.CHRTYPE, extra={"devmajor": 1, "devminor": 3}))


# -- the layers --------------------------------------------------------------------------------


@boxed("couche-alteree couche-abimee", "un bit inversé dans une couche")
def flipped_bit(box: Box) -> None:
    item = box[box.layers[1]]
    middle = len(item.data) // 2
    item.data = item.data[:middle] + bytes([item.data[middle] ^ 4]) + item.data[middle + 1 :]


@boxed("couche-alteree couche-abimee", "une couche vidée")
def emptied_layer(box: Box) -> None:
    box[box.layers[1]].data = b""


@boxed("blob-absent", "une couche absente")
def absent_layer(box: Box) -> None:
    box.remove(box.layers[1])


@boxed("couche-alteree", "une couche remplacée par une autre, bien formée")
def other_layer(box: Box) -> None:
    name = box.layers[1]
    data = tar_of([Item("intrus", b"je ne suis pas celle que vous croyez")])
    box[name].data = gz(data) if box[name].data[:2] == b"\x1f\x8b" else data


@boxed("couches-permutees", "deux couches permutées")
def swapped_layers(box: Box) -> None:
    def swap(layers: list[Any]) -> None:
        layers[0], layers[1] = layers[1], layers[0]

    if "index.json" in box:
        box.edit(box.manifest, lambda manifest: swap(manifest["layers"]))
    if "manifest.json" in box:
        box.edit("manifest.json", lambda entries: swap(entries[0]["Layers"]))


@boxed("couches-manquantes", "une couche de moins dans le manifeste")
def fewer_layers(box: Box) -> None:
    if "index.json" in box:
        box.edit(box.manifest, lambda manifest: manifest["layers"].pop())
    if "manifest.json" in box:
        box.edit("manifest.json", lambda entries: entries[0]["Layers"].pop())


@boxed("couches-en-trop", "une couche de plus dans le manifeste")
def more_layers(box: Box) -> None:
    if "index.json" in box:
        box.edit(box.manifest, lambda m: m["layers"].append(m["layers"][0]))
    if "manifest.json" in box:
        box.edit("manifest.json", lambda e: e[0]["Layers"].append(e[0]["Layers"][0]))


# -- the config --------------------------------------------------------------------------------


@boxed("config-alteree", "une configuration modifiée, son nom gardé")
def edited_config(box: Box) -> None:
    item = box[box.config]
    item.data = item.data.replace(b'"amd64"', b'"arm64"')


@boxed("blob-absent", "une configuration absente")
def absent_config(box: Box) -> None:
    box.remove(box.config)


@boxed("json-illisible", "une configuration qui n'est plus du JSON")
def broken_config(box: Box) -> None:
    item = box[box.config]
    item.data = item.data[:-1]


@boxed("couche-alteree", "un diff_id changé, tous les digests refaits")
def forged_diff_id(box: Box) -> None:
    def forge(config: Any) -> None:
        config["rootfs"]["diff_ids"][1] = "sha256:" + "0" * 64

    box.edit(box.config, forge)


@boxed("historique-incoherent", "un historique de plus de couches que l'image")
def too_much_history(box: Box) -> None:
    box.edit(box.config, lambda config: config["history"].append({"created_by": "RUN rien"}))


@boxed("digest-invalide", "un diff_id qui n'est pas un digest")
def bad_diff_id(box: Box) -> None:
    def forge(config: Any) -> None:
        config["rootfs"]["diff_ids"][0] = "sha256:../../../etc/passwd"

    box.edit(box.config, forge)


# -- the manifests --------------------------------------------------------------------------------


def _first_manifest(box: Box) -> str:
    return "manifest.json" if "manifest.json" in box else "index.json"


@boxed("json-illisible", "un manifeste qui n'est plus du JSON")
def broken_manifest(box: Box) -> None:
    item = box[_first_manifest(box)]
    item.data = item.data.rstrip()[:-1]


@boxed("cle-json-en-double", "une clé JSON écrite deux fois")
def duplicate_key(box: Box) -> None:
    item = box[_first_manifest(box)]
    key = b'"RepoTags":' if item.name == "manifest.json" else b'"manifests":'
    other = b'"RepoTags":["autre:1"],' if item.name == "manifest.json" else b'"manifests":[],'
    item.data = item.data.replace(key, other + key, 1)


@boxed("cle-json-en-double", "la même clé dans une autre casse (`REPOTAGS`)")
def case_variant_key(box: Box) -> None:
    item = box[_first_manifest(box)]
    key = b'"RepoTags":' if item.name == "manifest.json" else b'"manifests":'
    other = b'"REPOTAGS":["autre:1"],' if item.name == "manifest.json" else b'"MANIFESTS":[],'
    item.data = item.data.replace(key, other + key, 1)


@boxed("sans-image", "un manifeste sans image")
def no_image(box: Box) -> None:
    if "manifest.json" in box:
        box["manifest.json"].data = b"[]"
    if "index.json" in box:
        box["index.json"].data = b'{"schemaVersion":2,"manifests":[]}'


@boxed("nom-invalide", "un nom d'image en majuscules")
def bad_name(box: Box) -> bool | None:
    if "manifest.json" not in box:
        return False
    box.edit("manifest.json", lambda entries: entries[0].update(RepoTags=["Essai:1"]))
    return None


@boxed("manifeste-illisible", "un manifeste d'une autre forme")
def wrong_shape(box: Box) -> None:
    if "manifest.json" in box:
        box["manifest.json"].data = b'[{"Config": 7, "Layers": "toutes"}]'
    else:
        box["index.json"].data = b'{"schemaVersion":2,"manifests":"tous"}'


@boxed("deux-images", "`manifest.json` et `index.json` en désaccord")
def two_images(box: Box) -> bool | None:
    if "index.json" not in box or "manifest.json" not in box:
        return False
    old = box["manifest.json"].data
    box.edit(box.config, lambda config: config["config"].update(Cmd=["/autre"]))
    # The edit followed everywhere; graphdriver engines are sent back to the first config.
    entry = json.loads(old)[0]["Config"]
    config = dict(box.json(box.config))
    config["config"]["Cmd"] = ["/efface"]
    data = json.dumps(config).encode()
    import hashlib

    name = f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"
    box.items.append(Item(name, data))
    box["manifest.json"].data = old.replace(entry.encode(), name.encode())
    return None


@boxed("taille-differente", "une taille fausse dans un descripteur")
def wrong_size(box: Box) -> bool | None:
    if "index.json" not in box:
        return False
    box.edit("index.json", lambda index: index["manifests"][0].update(size=7))
    return None


@boxed("manifeste-ambigu", "un manifeste qui est aussi un index (CVE-2021-41190)")
def ambiguous_manifest(box: Box) -> bool | None:
    if "index.json" not in box:
        return False
    box.edit(box.manifest, lambda manifest: manifest.update(manifests=[]))
    return None


@boxed("digest-invalide", "un digest qui sort du dossier (CVE-2024-3727)")
def traversal_digest(box: Box) -> bool | None:
    if "index.json" not in box:
        return False
    box.edit(
        "index.json", lambda index: index["manifests"][0].update(digest="sha256:../../etc/passwd")
    )
    return None


@boxed("oci-layout-invalide", "une autre version dans `oci-layout`")
def other_layout(box: Box) -> bool | None:
    if "oci-layout" not in box:
        return False
    box["oci-layout"].data = b'{"imageLayoutVersion": "9.9.9"}'
    return None


@boxed("blob-altere", "un blob orphelin dont le nom ment")
def lying_orphan(box: Box) -> None:
    folder = "blobs/sha256/" if "index.json" in box else ""
    box.items.append(Item(f"{folder}{'e' * 64}{'' if folder else '.json'}", b"{}"))


# -- the compression around ---


@fault("compression-tronquee", "compressée par gzip, puis coupée")
def truncated_gzip(data: bytes) -> bytes:
    packed = gz(data)
    return packed[: len(packed) * 2 // 3]


@fault("compression-abimee", "compressée par gzip, un octet changé")
def damaged_gzip(data: bytes) -> bytes:
    packed = bytearray(gz(data))
    packed[-5] ^= 1  # in the checksum: all of the content comes out
    return bytes(packed)
