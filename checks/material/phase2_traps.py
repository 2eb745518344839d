"""What the learner is given for the two traps of phase 2: the forgotten secret, the parcels."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from checks.identity import Identity
from checks.material.making import CourseImage, course_image, layer, legacy_archive, oci_archive

ALIASES: dict[str, str] = {}


# --- the forgotten secret (2.13) ---------------------------------------------------------------

TRANSMITTER, RANGE = "cours/emetteur:1", "EMETTEUR_PORTEE=40"
PROGRAM, CHANNEL, EXAMPLE = "usr/bin/emetteur", "etc/emetteur/canal", "etc/emetteur/cle.exemple"


def transmitter_key(identity: Identity) -> str:
    """The secret: whose it is, and a seal."""
    return f"cle-{identity.id}-{identity.seal('cle de l emetteur')}"


def decoy_key(identity: Identity) -> str:
    """What the example file that stayed in the image says."""
    return f"cle-exemple-{identity.seal('cle exemple')}"


def key_path(identity: Identity) -> str:
    """Where the secret was copied, then deleted."""
    return f"root/.emetteur-{identity.seal('dossier de la cle')[:4]}/cle"


def transmitter_files(identity: Identity) -> dict[str, str]:
    """What the transmitter is made of, by path: what a clean image still holds."""
    program = (
        "#!/bin/sh\n"
        'echo "Émetteur, portée ${EMETTEUR_PORTEE:-inconnue} milles, canal $(cat '
        f'/{CHANNEL})"\n'
    )
    return {PROGRAM: program, CHANNEL: identity.seal("canal") + "\n"}


def transmitter(identity: Identity) -> CourseImage:
    """The radio transmitter: a layer brings its key, a later one deletes it."""
    files, key = transmitter_files(identity), key_path(identity)
    folder, _, name = key.rpartition("/")
    return course_image(
        identity,
        TRANSMITTER,
        "emetteur",
        [
            (f"COPY emetteur /{PROGRAM}", layer({PROGRAM: files[PROGRAM]}, mode=0o755)),
            (
                f"COPY reglages/{name} /{key}",
                layer({key: f"EMETTEUR_CLE={transmitter_key(identity)}\n"}),
            ),
            (
                f"RUN regler --cle /{key} > /{CHANNEL}",
                layer({CHANNEL: files[CHANNEL], EXAMPLE: f"EMETTEUR_CLE={decoy_key(identity)}\n"}),
            ),
            (f"RUN rm /{key}", layer({f"{folder}/.wh.{name}": b""})),
        ],
        cmd=["emetteur"],
        on_busybox=True,
        Env=["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", RANGE],
    )


# --- the parcels (2.14) ------------------------------------------------------------------------

PARCELS = ("intacte", "resauvegardee", "annotee", "tronquee", "alteree", "remplacee")
SOUND = PARCELS[:3]
_FLIPPED = b"profondeur"
_FORGED = "profondeur 0000"


def parcels(identity: Identity) -> dict[int, str]:
    """What happened to each parcel, by number: an order of the learner's own."""
    order = sorted(PARCELS, key=lambda kind: identity.seal("colis " + kind))
    return dict(enumerate(order, 1))


def parcel_name(number: int) -> str:
    """The file name of a parcel, in `fournitures/`."""
    return f"colis-{number}.tar"


def _parcel_image(identity: Identity, number: int, *, forged: bool = False) -> CourseImage:
    depths = identity.noise(f"colis {number}", 400)
    lines = [f"sonde {n:03d} : profondeur {1000 + depth}" for n, depth in enumerate(depths)]
    if forged:
        lines[200] = f"sonde 200 : {_FORGED}"
    return course_image(
        identity,
        f"convoi/colis-{number}:1",
        f"colis-{number}",
        [
            ("COPY sondages.txt", layer({"colis/sondages.txt": "\n".join(lines) + "\n"})),
            ("COPY sceau", layer({"colis/sceau": identity.seal(f"colis {number}") + "\n"})),
        ],
        cmd=["/colis/sondages.txt"],
    )


def departure(identity: Identity, number: int) -> tuple[bytes, str]:
    """A parcel as it left: the archive, and the digest (hexadecimal) of its image's config."""
    image = _parcel_image(identity, number)
    config = hashlib.sha256(image.config_blob).hexdigest()
    return oci_archive(image, [image.name]), config


def parcel(identity: Identity, number: int) -> bytes:
    """A parcel as it arrived."""
    kind = parcels(identity)[number]
    whole, _ = departure(identity, number)
    image = _parcel_image(identity, number)
    if kind == "resauvegardee":
        return legacy_archive(image, [image.name])
    if kind == "annotee":
        return _annotated(whole)
    if kind == "tronquee":
        return whole[: len(whole) * 3 // 5]
    if kind == "alteree":
        at = whole.index(_FLIPPED, whole.index(b"sonde 200 :"))
        return whole[:at] + bytes([whole[at] ^ 0x01]) + whole[at + 1 :]
    if kind == "remplacee":
        forged = _parcel_image(identity, number, forged=True)
        return oci_archive(forged, [forged.name])
    return whole


def _annotated(archive: bytes) -> bytes:
    """`archive` with a note added at its end, as `tar -r` does: nothing else changes."""
    end = archive.rstrip(b"\0")
    content = archive[: -(-len(end) // 512) * 512]
    note = layer({"LISEZMOI.txt": "Vu au relais de Longyear. Bonne route !\n"})
    return content + note


def altered_blob(identity: Identity) -> tuple[str, str]:
    """In the parcel with a flipped bit: the sha256 that a blob's name announces, and its own."""
    number = next(n for n, kind in parcels(identity).items() if kind == "alteree")
    announced = _parcel_image(identity, number).layers[0]
    at = announced.index(_FLIPPED, announced.index(b"sonde 200 :"))
    found = announced[:at] + bytes([announced[at] ^ 0x01]) + announced[at + 1 :]
    return hashlib.sha256(announced).hexdigest(), hashlib.sha256(found).hexdigest()


def waybill(identity: Identity) -> str:
    """`fournitures/bordereau.txt`: what left, handed over by another road."""
    lines = ["# colis  sha256 de l'archive au départ / sha256 de la configuration de son image"]
    for number in parcels(identity):
        archive, config = departure(identity, number)
        lines.append(f"colis-{number}  archive  {hashlib.sha256(archive).hexdigest()}")
        lines.append(f"colis-{number}  config   {config}")
    return "\n".join(lines) + "\n"


# --- all of it ---------------------------------------------------------------------------------


def registry_images(identity: Identity) -> list[list[CourseImage]]:
    """See `checks.material.registry_images`."""
    return [[transmitter(identity)]]


def supplies(identity: Identity, hub: str, base_layers: Sequence[bytes]) -> dict[str, bytes]:
    """See `checks.material.supplies`."""
    files = {parcel_name(n): parcel(identity, n) for n in parcels(identity)}
    return files | {"bordereau.txt": waybill(identity).encode()}
