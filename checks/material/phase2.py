"""What the learner is given for phase 2."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from checks.identity import Identity
from checks.material.making import CourseImage, course_image, layer, legacy_archive, oci_archive


def outil(identity: Identity, version: str) -> CourseImage:
    """The tool of the expedition; every version is another image."""
    script = (
        "#!/bin/sh\n"
        f'echo "Outil de bord, version {version}"\n'
        f'echo "Sceau : {identity.seal("outil " + version)}"\n'
    )
    return course_image(
        identity,
        f"cours/outil:{version}",
        "outil",
        [
            (f"COPY outil {version}", layer({"usr/bin/outil": script}, mode=0o755)),
            ("COPY sceau", layer({"etc/outil/sceau": identity.seal("outil " + version) + "\n"})),
        ],
        cmd=["outil"],
        on_busybox=True,
    )


def _sample(identity: Identity, purpose: str, rows: int) -> str:
    """Oceanographic measures: text that compresses as text does."""
    noise = identity.noise(purpose, rows * 4)
    lines = ["station;latitude;longitude;profondeur_m;temperature_c"]
    for row in range(rows):
        a, b, c, d = noise[row * 4 : row * 4 + 4]
        lines.append(
            f"balise-{row:05d};{60 + a / 64:.4f};{-20 + b / 32:.4f};{c * 12};{d / 16 - 2:.2f}"
        )
    return "\n".join(lines) + "\n"


def atlas(identity: Identity) -> CourseImage:
    """A data image: tables of measures, no program."""
    return course_image(
        identity,
        "cours/atlas:1",
        "atlas",
        [
            ("COPY mesures.csv", layer({"donnees/mesures.csv": _sample(identity, "atlas", 4500)})),
            ("COPY sceau", layer({"donnees/sceau": identity.seal("atlas") + "\n"})),
        ],
        cmd=["/donnees/mesures.csv"],
    )


def journal(identity: Identity) -> CourseImage:
    """The log-book, which must not be read by strangers."""
    text = f"Journal de bord. Sceau : {identity.seal('journal')}\n" + _sample(
        identity, "journal", 300
    )
    return course_image(
        identity,
        "cours/journal:1",
        "journal",
        [("COPY journal.txt", layer({"journal/journal.txt": text}))],
        cmd=["/journal/journal.txt"],
    )


LOT = ("base", "front", "back", "db")


def lot(identity: Identity, part: str) -> CourseImage:
    """One image of the four that make the station's application; they share `base`'s layer."""
    layers = [("COPY commun", layer({"opt/station/commun": identity.seal("commun") + "\n"}))]
    if part != "base":
        seal = identity.seal(f"lot {part}")
        layers.append((f"COPY {part}", layer({f"opt/station/{part}": seal + "\n"})))
    return course_image(
        identity,
        f"cours/{part}:1.0",
        part,
        layers,
        cmd=["cat", f"/opt/station/{'commun' if part == 'base' else part}"],
        on_busybox=True,
    )


ARCHITECTURES = ("amd64", "arm64")


def sonde(identity: Identity, architecture: str) -> CourseImage:
    """One variant of a multi-platform image."""
    text = f"{architecture} {identity.seal('sonde ' + architecture)}\n"
    return course_image(
        identity,
        "cours/sonde:1",
        "sonde",
        [(f"COPY sonde ({architecture})", layer({"sonde/plateforme": text}))],
        cmd=["/sonde/plateforme"],
        architecture=architecture,
    )


def balise(identity: Identity) -> CourseImage:
    """The image that lost its name on the way."""
    number = 1 + int(identity.seal("balise")[:2], 16) % 9
    return course_image(
        identity,
        f"equipage/balise:2.{number}",
        "equipage/balise",
        [("COPY balise", layer({"balise/sceau": identity.seal("balise") + "\n"}))],
        cmd=["/balise/sceau"],
    )


def boussole(identity: Identity, *, altered: bool) -> CourseImage:
    """The compass: the hub only has the altered image, an archive holds the good one."""
    seal = altered_seal(identity) if altered else identity.seal("boussole")
    heading = "sud" if altered else "nord"
    script = f'#!/bin/sh\necho "Cap au {heading}, sceau {seal}"\n'
    return course_image(
        identity,
        "cours/boussole:3",
        "boussole",
        [("COPY boussole", layer({"usr/bin/boussole": script}, mode=0o755))],
        cmd=["boussole"],
        on_busybox=True,
    )


def altered_seal(identity: Identity) -> str:
    """What only the altered compass says."""
    return identity.seal("boussole alteree")


LIGHTS = {
    "babord": "Feu de bâbord, rouge",
    "tribord": "Feu de tribord, vert",
    "poupe": "Feu de poupe, blanc",
}
"""The ship's lights, by tag of `cours/feux`, and what each says of itself."""


def light(identity: Identity, side: str, *, corrected: bool = False) -> CourseImage:
    """One light of the ship: as the hub has it, or as Brest has rebuilt it under the same name."""
    purpose = f"feux {side}{' corrige' if corrected else ''}"
    edition = "réglage corrigé à Brest" if corrected else "réglage de série"
    script = f'#!/bin/sh\necho "{LIGHTS[side]}, {edition}, sceau {identity.seal(purpose)}"\n'
    return course_image(
        identity,
        f"cours/feux:{side}",
        "feux",
        [(f"COPY feu-{side}", layer({"usr/bin/feu": script}, mode=0o755))],
        cmd=["feu"],
        on_busybox=True,
    )


def corrected_side(identity: Identity) -> str:
    """Which light the parcel from Brest corrects; only the archive says it."""
    return list(LIGHTS)[int(identity.seal("feux")[:4], 16) % len(LIGHTS)]


def registry_images(identity: Identity) -> list[list[CourseImage]]:
    """See `checks.material.registry_images`."""
    images = [[outil(identity, version)] for version in ("1.0", "1.2", "1.3")]
    images += [[atlas(identity)], [journal(identity)], [boussole(identity, altered=True)]]
    images += [[lot(identity, part)] for part in LOT]
    images += [[light(identity, side)] for side in LIGHTS]
    images.append([sonde(identity, architecture) for architecture in ARCHITECTURES])
    return images


ALIASES = {"cours/outil:latest": "cours/outil:1.3"}


def mystery(identity: Identity, which: str) -> CourseImage:
    """The image inside `mystere-a.tar` or `mystere-b.tar`: its facts vary with the learner."""
    seed = int(identity.seal(f"mystere {which}")[:4], 16)
    count = 3 + seed % 3 if which == "a" else 2 + seed % 4
    layers = [
        (f"COPY partie-{n}", layer({f"mystere/partie-{n}": identity.seal(f"{which}{n}") + "\n"}))
        for n in range(count)
    ]
    return course_image(
        identity,
        f"enigme/{which}-{identity.seal('enigme ' + which)[:4]}:{seed % 7}.{seed % 5}",
        f"enigme-{which}",
        layers,
        cmd=["/mystere/partie-0", f"--cle={identity.seal('cle ' + which)[:6]}"],
    )


def passphrase(identity: Identity) -> str:
    """The passphrase of exercise 2.9, as written in `fournitures/phrase.txt`."""
    return "nord-" + identity.seal("phrase")


@lru_cache(maxsize=8)
def cargo(identity: Identity) -> bytes:
    """`cargaison.tar`: an archive whose every byte is known, to be cut and put together again."""
    image = course_image(
        identity,
        "equipage/cargaison:1",
        "cargaison",
        [("COPY releves", layer({"cargaison/releves.bin": identity.noise("cargaison", 200_000)}))],
        cmd=["/cargaison/releves.bin"],
    )
    return oci_archive(image, [image.name])


def supplies(identity: Identity, hub: str, base_layers: Sequence[bytes]) -> dict[str, bytes]:
    """See `checks.material.supplies`."""
    mystery_a, mystery_b = mystery(identity, "a"), mystery(identity, "b")
    compass = boussole(identity, altered=False).built(base_layers)
    corrected = light(identity, corrected_side(identity), corrected=True).built(base_layers)
    return {
        "mystere-a.tar": legacy_archive(mystery_a, [mystery_a.name]),
        "mystere-b.tar": oci_archive(mystery_b, [mystery_b.name]),
        "epave.tar": oci_archive(balise(identity), []),
        "boussole-3.tar": oci_archive(compass, [f"{hub}/{compass.name}"]),
        "feu-corrige.tar": oci_archive(corrected, [f"{hub}/{corrected.name}"]),
        "cargaison.tar": cargo(identity),
        "phrase.txt": (passphrase(identity) + "\n").encode(),
    }
