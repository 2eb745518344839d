"""What the learner is given for phase 1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from checks.identity import Identity
from checks.material.making import (
    CREATED,
    LEARNER_LABEL,
    PATH,
    CourseImage,
    course_image,
    layer,
    legacy_archive,
)

ALIASES: dict[str, str] = {}


def _number(identity: Identity, purpose: str) -> int:
    return int(identity.seal(purpose)[:8], 16)


# --- references (1.1) -------------------------------------------------------------------------

NONE = "aucun"
"""What a learner writes for a part that a reference does not have, even once completed."""


def references(identity: Identity) -> dict[str, tuple[str, dict[str, str]]]:
    """Letter → (a reference, its parts once completed as the engine does)."""
    number = _number(identity, "references")
    port, tag = 5000 + number % 900, f"{1 + number % 3}.{number % 7}"
    sha = "sha256:" + identity.noise("reference", 32).hex()

    def parts(
        host: str, path: str, tag: str = NONE, *, port: str = NONE, digest: str = NONE
    ) -> dict[str, str]:
        return {"hote": host, "port": port, "chemin": path, "tag": tag, "digest": digest}

    return {
        "a": ("ubuntu", parts("docker.io", "library/ubuntu", "latest")),
        "b": (
            f"localhost:{port}/equipe/app:{tag}",
            parts("localhost", "equipe/app", tag, port=str(port)),
        ),
        "c": (f"ghcr.io/ocean/sonde@{sha}", parts("ghcr.io", "ocean/sonde", digest=sha)),
        "d": ("boreale/carte", parts("docker.io", "boreale/carte", "latest")),
        "e": (
            f"boreale/outils/carte:{number % 90}",
            parts("docker.io", "boreale/outils/carte", str(number % 90)),
        ),
        "f": ("registre.example.com/carte", parts("registre.example.com", "carte", "latest")),
    }


# --- names (1.2) ------------------------------------------------------------------------------

ACCEPTED = "accepté"
_NAMES = (
    ("boreale/Carte:1", "majuscule"),
    ("boreale/carte:V1", ACCEPTED),
    ("boreale/carte:build-", ACCEPTED),
    ("boreale/carte:1.0+correctif", "caractère"),
    ("boreale/carte:", "tag vide"),
    ("boreale/carte:essai/1", "barre"),
    ("boreale/outils/mer/carte:1", ACCEPTED),
    ("boreale/carte:" + "x" * 129, "longueur"),
    ("boreale/carte:1 2", "espace"),
    ("boreale/ma__carte:1", ACCEPTED),
)
"""Each with what the engine says of it: accepted, or why not."""


def names(identity: Identity) -> dict[str, tuple[str, str]]:
    """« n1 » to « n10 » → (name, `accepté` or the reason), in an order of the learner's own."""
    order = sorted(range(len(_NAMES)), key=lambda i: identity.seal(f"nom {i}"))
    return {f"n{place}": _NAMES[i] for place, i in enumerate(order, start=1)}


# --- a search (1.6) ---------------------------------------------------------------------------

CAPTURE = """\
NAME                      DESCRIPTION                                     STARS     OFFICIAL
busybox                   Busybox base image.                             316       [OK]
progrium/busybox                                                          50
radial/busyboxplus        Full-chain, Internet enabled, busybox made f…   8
odise/busybox-python                                                      2
azukiapp/busybox          This image is meant to be used as the base f…   2
ofayau/busybox-jvm        Prepare busybox to install a 32 bits JVM.       1
shingonoide/archlinux-busybox   Arch Linux, a lightweight and flexible Lin…   1
"""
"""What `docker search busybox` answers, as the reference of the command shows it
(docs.docker.com, « docker search », Apache-2.0), in its present columns."""


def searched(identity: Identity) -> tuple[str, int]:
    """The line of the capture that the learner is asked about: (name, its stars)."""
    rows = [("progrium/busybox", 50), ("radial/busyboxplus", 8), ("busybox", 316)]
    return rows[_number(identity, "recherche") % 3]


# --- cards of images (1.7) --------------------------------------------------------------------

KINDS = ("officielle", "éditeur vérifié", "open source parrainé", "communautaire")


@dataclass(frozen=True)
class Card:
    """What Docker Hub shows of a repository, and what it is."""

    name: str
    badge: str
    pulls: str
    updated: str
    kind: str


_CARDS = (
    Card("library/nginx", "Docker Official Image", "plus d'un milliard", "hier", KINDS[0]),
    Card("ngnix/nginx", "", "12 400", "il y a 3 ans", KINDS[3]),
    Card("nordet/nginx", "Verified Publisher", "plus de 100 millions", "hier", KINDS[1]),
    Card("collectif-libre/nginx", "Sponsored OSS", "50 millions", "hier", KINDS[2]),
    Card("capitaine42/nginx-rapide", "", "plus de 500 millions", "il y a 4 ans", KINDS[3]),
    Card("library/busybox", "Docker Official Image", "plus d'un milliard", "ce mois", KINDS[0]),
    Card("nordet/agent", "Verified Publisher", "plus d'un milliard", "hier", KINDS[1]),
    Card("officiel/nginx", "", "830", "ce mois", KINDS[3]),
)
CHOICE = "library/nginx"


def cards(identity: Identity) -> dict[str, Card]:
    """« f1 » to « f8 » → a card, in an order of the learner's own."""
    found = sorted(_CARDS, key=lambda card: identity.seal(card.name))
    return {f"f{place}": card for place, card in enumerate(found, start=1)}


# --- a tag that moves (1.8) -------------------------------------------------------------------


def maree(identity: Identity, *, moved: bool) -> CourseImage:
    """The tide tables: the tag stays, what it names changes."""
    seal = identity.seal("maree deplacee" if moved else "maree")
    text = f"Horaires de marée, {'édition corrigée' if moved else 'première édition'} : {seal}\n"
    return course_image(
        identity,
        "cours/maree:1",
        "maree",
        [("COPY horaires", layer({"maree/horaires": text}))],
        cmd=["cat", "/maree/horaires"],
        on_busybox=True,
    )


# --- latest (1.9) -----------------------------------------------------------------------------


def lanterne(identity: Identity, version: str) -> CourseImage:
    """A lantern that says its version."""
    seal = lantern_seal(identity, version)
    script = f'#!/bin/sh\necho "Lanterne {version}, sceau {seal}"\n'
    return course_image(
        identity,
        f"lanterne:{version}",
        "lanterne",
        [(f"COPY lanterne {version}", layer({"usr/bin/lanterne": script}, mode=0o755))],
        cmd=["lanterne"],
        on_busybox=True,
    )


def lantern_seal(identity: Identity, version: str) -> str:
    """What only that version of the lantern says."""
    return identity.seal(f"lanterne {version}")


# --- an identity card (1.10) ------------------------------------------------------------------


def phare(identity: Identity) -> CourseImage:
    """An image whose every fact varies with the learner."""
    number = _number(identity, "phare")
    count = 2 + number % 3
    rows = "".join(f"{n};{(n * number) % 9973}\n" for n in range(60_000 + number % 9_000))
    layers = [("COPY eclats.csv", layer({"phare/eclats.csv": rows}))]
    layers += [
        (
            f"COPY lentille-{n}",
            layer({f"phare/lentille-{n}": identity.seal(f"lentille {n}") + "\n"}),
        )
        for n in range(1, count)
    ]
    return course_image(
        identity,
        f"port/phare:{1 + number % 8}.0",
        "phare",
        layers,
        cmd=[f"--eclats={2 + number % 5}", f"--periode={5 + number % 11}"],
        architecture=("arm64", "s390x", "ppc64le")[number % 3],
        Entrypoint=["/usr/bin/phare"],
        ExposedPorts={f"{7000 + number % 900}/tcp": {}},
        User=str(1000 + number % 500),
    )


# --- pull limits (1.11) -----------------------------------------------------------------------


@dataclass(frozen=True)
class Limit:
    """A refusal of Docker Hub, and a class that met it."""

    remaining: int
    pulls_each: int
    minutes: int

    @property
    def learners_served(self) -> int:
        """How many of the class may pull all they need, behind one address."""
        return 100 // self.pulls_each


def limit(identity: Identity) -> Limit:
    """The numbers of exercise 1.11."""
    number = _number(identity, "limite")
    return Limit(remaining=20 + number % 60, pulls_each=4 + number % 5, minutes=10 + number % 40)


def _limit_text(identity: Identity) -> str:
    found = limit(identity)
    return f"""\
Poste 1, sans connexion, à l'ouverture de la séance
---------------------------------------------------
HTTP/1.1 200 OK
content-type: application/vnd.oci.image.index.v1+json
docker-ratelimit-source: 203.0.113.7
ratelimit-limit: 100;w=21600
ratelimit-remaining: {found.remaining};w=21600

Poste 2, sans connexion, {found.minutes} minutes plus tard
---------------------------------------------------
HTTP/1.1 429 Too Many Requests
content-type: application/json
docker-ratelimit-source: 203.0.113.7
ratelimit-limit: 100;w=21600
ratelimit-remaining: 0;w=21600

{{"errors":[{{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit. You may \
increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit"}}]}}

La salle : 30 postes derrière la même adresse. Chacun télécharge {found.pulls_each} images.
"""


# --- two images on one base (1.12) ------------------------------------------------------------

FIRST, SECOND = "sondeur", "loch"
"""The sounder and the log: the second is pulled when the first is already there."""
TWIN = "COPY reglages.conf"
"""What made the layer that comes after the last common one: same words, same path, same size in
both images, and another content."""


@dataclass(frozen=True)
class Instrument(CourseImage):
    """An image whose history tells more steps than it has layers, one of them twice.

    `steps` are (what was done, whether it made a layer), above the base.
    """

    steps: tuple[tuple[str, bool], ...] = ()

    @cached_property
    def config_blob(self) -> bytes:
        """The config with the history of `steps`, as builders write it."""
        document = json.loads(super().config_blob)
        document["history"][len(self.base_layers) :] = [
            {"created": CREATED, "created_by": text} | ({} if made else {"empty_layer": True})
            for text, made in self.steps
        ]
        return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def instrument_layers(identity: Identity, title: str) -> tuple[int, int]:
    """How many of the course's layers both instruments have, and how many more `title` has."""
    number = _number(identity, "instruments")
    shared = 2 + number % 2
    # Never as many as they share, or two different mistakes would give one number.
    second = shared - 1 if number // 2 % 2 else shared + 1
    first = [count for count in (1, 2, 3) if count != second][number // 4 % 2]
    return shared, 1 + (first if title == FIRST else second)


def instrument(identity: Identity, title: str) -> Instrument:
    """`FIRST` or `SECOND`: the same base and the same first layers, then each its own."""
    shared, own = instrument_layers(identity, title)
    port = 6000 + _number(identity, f"port {title}") % 900
    commands = ["cat", "/instrument/reglages.conf"]
    zone = ("ENV TZ=UTC", False)
    layers: list[bytes] = []
    steps: list[tuple[str, bool]] = []

    def copied(name: str, purpose: str) -> None:
        layers.append(layer({f"instrument/{name}": f"sceau={identity.seal(purpose)}\n"}))
        steps.append((f"COPY {name}", True))

    steps.append(zone)
    for name in ("bus.conf", "unites.conf", "cadran.conf")[:shared]:
        copied(name, f"instruments {name}")
    steps.append(zone)  # each of the two recipes says it again
    copied(TWIN.removeprefix("COPY "), f"{title} reglages")
    steps.append((f"EXPOSE {port}", False))
    for number in range(1, own):
        copied(f"{title}-{number}", f"{title} {number}")
    steps.append((f"CMD {json.dumps(commands)}", False))
    labels = {
        LEARNER_LABEL: identity.id,
        "org.opencontainers.image.title": title,
        "org.opencontainers.image.version": "1",
    }
    return Instrument(
        name=f"cours/{title}:1",
        layers=tuple(layers),
        config={
            "Env": [PATH, "TZ=UTC"],
            "Cmd": commands,
            "ExposedPorts": {f"{port}/tcp": {}},
            "Labels": labels,
        },
        on_busybox=True,
        steps=tuple(steps),
    )


# --- what is given ----------------------------------------------------------------------------


def registry_images(identity: Identity) -> list[list[CourseImage]]:
    """See `checks.material.registry_images`."""
    return [
        [maree(identity, moved=False)],
        [instrument(identity, FIRST)],
        [instrument(identity, SECOND)],
    ]


def supplies(identity: Identity, hub: str, base_layers: Sequence[bytes]) -> dict[str, bytes]:
    """See `checks.material.supplies`."""
    first, second = (lanterne(identity, v).built(base_layers) for v in ("1.0", "2.0"))
    light = phare(identity)
    question, _ = searched(identity)
    sheets = {
        key: {
            "nom": card.name,
            "badge": card.badge or None,
            "téléchargements": card.pulls,
            "mise à jour": card.updated,
        }
        for key, card in cards(identity).items()
    }
    return {
        "references.txt": _lines((k, v[0]) for k, v in references(identity).items()),
        "noms.txt": _lines((k, v[0]) for k, v in names(identity).items()),
        "capture-recherche.txt": (
            f"$ docker search busybox\n{CAPTURE}\nLigne à lire : {question}\n".encode()
        ),
        "fiches.json": (json.dumps(sheets, ensure_ascii=False, indent=2) + "\n").encode(),
        "lanterne-1.0.tar": legacy_archive(first, ["lanterne:1.0", "lanterne:latest"]),
        "lanterne-2.0.tar": legacy_archive(second, ["lanterne:2.0"]),
        "phare.tar": legacy_archive(light, [light.name]),
        "limites.txt": _limit_text(identity).encode(),
    }


def _lines(rows: Iterable[tuple[str, str]]) -> bytes:
    return "".join(f"{key:<3}  {text}\n" for key, text in rows).encode()
