"""What the learner is given for phase 3."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from checks.archives import BytesSource, open_archive
from checks.identity import Identity
from checks.material import crier
from checks.material.making import (
    CREATED,
    PATH,
    CourseImage,
    course_image,
    digest,
    layer,
    legacy_archive,
    oci_archive,
)

ALIASES: dict[str, str] = {}

_WAIT = "trap 'exit 0' TERM INT\nwhile :; do sleep 60 & wait $!; done\n"
"""A shell that is process 1 only obeys `docker stop` when it traps the signal."""


def token(identity: Identity) -> str:
    """The line of `fournitures/jeton.txt`: it tells whose it is."""
    return f"jeton-{identity.id}-{identity.seal('jeton')}"


# --- the log of the watch (3.1 to 3.4) --------------------------------------------------------

CARNET_SEAL = "etc/carnet/sceau"


def carnet(identity: Identity) -> CourseImage:
    """The log of the watch: a program that refuses to start without its metadata."""
    number = int(identity.seal("carnet")[:4], 16)
    user, port = 1100 + number % 800, 8100 + number % 800
    script = (
        "#!/bin/sh\n"
        'refuse() { echo "carnet : $1" >&2; exit "$2"; }\n'
        '[ "$(id -u)" -ne 0 ] || refuse "je refuse de tourner en root" 13\n'
        '[ -n "$CARNET_PORT" ] || refuse "la variable CARNET_PORT manque" 14\n'
        '[ -r quart.txt ] || refuse "pas de quart.txt dans $(pwd)" 15\n'
        '[ "$1" = veille ] || refuse "argument attendu : veille" 16\n'
        'echo "Carnet de quart ouvert, port $CARNET_PORT."\n' + _WAIT
    )
    seal = f"{identity.id} {identity.seal('carnet')}\n"
    return course_image(
        identity,
        "cours/carnet:1",
        "carnet",
        [
            ("COPY carnet", layer({"usr/bin/carnet": script, CARNET_SEAL: seal}, mode=0o755)),
            ("COPY quart.txt", layer({"srv/quart.txt": "00 h : relève.\n"}, owner=user)),
        ],
        cmd=["carnet", "veille"],
        on_busybox=True,
        User=str(user),
        WorkingDir="/srv",
        ExposedPorts={f"{port}/tcp": {}},
        Env=[PATH, f"CARNET_PORT={port}"],
    )


# --- the weather station and its volume (3.5, 3.6) --------------------------------------------

STATION_SEAL = "etc/station/sceau"
MEASURES, EVENTS = "mesures.csv", "journal/evenements.txt"
DATA_OWNER, DATA_MODE = 1207, 0o640
"""Whose the station's files are, and their mode: a backup has to give both back."""
_HOURS = 48


def station(identity: Identity) -> CourseImage:
    """The weather station: it writes its data to `/releves`, unless they are there."""
    seed, seal = _station(identity)
    script = f"""#!/bin/sh
set -e
cd /releves
if [ ! -e {MEASURES} ]; then
    mkdir -p journal
    {{
        echo "station;heure;temperature"
        n=0
        while [ $n -lt {_HOURS} ]; do
            t=$((({seed} + n * 37) % 300))
            echo "{identity.id};$n;-$((t / 10)).$((t % 10))"
            n=$((n + 1))
        done
    }} > {MEASURES}
    echo "Station de {identity.id}, sceau {seal}." > {EVENTS}
    chmod 640 {MEASURES} {EVENTS}
    chown -R {DATA_OWNER}:{DATA_OWNER} {MEASURES} journal
fi
echo "Station en marche : {_HOURS} mesures."
{_WAIT}"""
    return course_image(
        identity,
        "cours/station:1",
        "station",
        [
            ("COPY station", layer({"usr/bin/station": script}, mode=0o755)),
            ("COPY sceau", layer({STATION_SEAL: f"{identity.id} {seal}\n"})),
        ],
        cmd=["station"],
        on_busybox=True,
    )


def station_data(identity: Identity) -> dict[str, bytes]:
    """What the station writes to `/releves`: path → content."""
    seed, seal = _station(identity)
    lines = ["station;heure;temperature"]
    for hour in range(_HOURS):
        tenths = (seed + hour * 37) % 300
        lines.append(f"{identity.id};{hour};-{tenths // 10}.{tenths % 10}")
    return {
        MEASURES: ("\n".join(lines) + "\n").encode(),
        EVENTS: f"Station de {identity.id}, sceau {seal}.\n".encode(),
    }


def _station(identity: Identity) -> tuple[int, str]:
    seal = identity.seal("station")
    return int(seal[:4], 16), seal


# --- the drifting probe (3.7) -----------------------------------------------------------------

WRECK_SEAL = "etc/derive/sceau"
LOCK = "var/lib/derive/verrou"
LOCKED = 70
"""The exit code of the probe when it is started a second time."""
_LOGS = ("glace", "gps", "moteur")


@dataclass(frozen=True)
class Wreck:
    """What the dead probe has to tell. Paths are absolute; `line` counts from 1."""

    code: int
    file: str
    line: int
    last_message: str
    changed: tuple[str, ...]
    """Files added or changed since the container was created."""
    deleted: str
    untouched: tuple[str, ...]
    """Files of the image that the probe never touched."""
    logs: dict[str, str]
    """What the probe wrote in its log files, by path."""


def wreck(identity: Identity) -> Wreck:
    """The truth on the learner's probe."""
    number = int(identity.seal("derive")[:6], 16)
    guilty = _LOGS[number % 3]
    line = 8 + number // 3 % 20
    logs = {}
    for index, name in enumerate(_LOGS):
        rows = [f"{15 + row * 3} min : {name}, tout va bien" for row in range(32)]
        rows[3 + index] = f"{24 + index * 3} min : {name}, erreur corrigée"
        if name == guilty:
            seal = identity.seal("derive fatal")
            rows[line - 1] = f"{12 + line * 3} min : {name}, FATAL, défaut {seal}"
            rows[line:] = [f"{15 + line * 3} min : {name}, plus de réponse"]
        logs[f"/var/log/derive/{name}.log"] = "\n".join(rows) + "\n"
    return Wreck(
        code=3 + number % 5,
        file=f"/var/log/derive/{guilty}.log",
        line=line,
        last_message=f"derive : abandon, balise {identity.seal('derive balise')[:6]}",
        changed=(
            "/etc/derive/reglages.conf",
            "/var/lib/derive/positions.txt",
            f"/{LOCK}",
            *logs,
        ),
        deleted="/usr/share/derive/consignes.txt",
        untouched=("/usr/bin/derive", "/usr/share/derive/erreurs-connues.txt"),
        logs=logs,
    )


def derive(identity: Identity) -> CourseImage:
    """The drifting probe: it writes, complains and dies, once."""
    truth = wreck(identity)
    writes = "".join(
        f"cat > {path} <<'FIN'\n{text}FIN\n" for path, text in sorted(truth.logs.items())
    )
    script = f"""#!/bin/sh
if [ -e /{LOCK} ]; then
    echo "derive : verrou présent, je ne redémarre pas" >&2
    exit {LOCKED}
fi
echo "derive : départ"
mkdir -p /var/lib/derive /var/log/derive
touch /{LOCK}
echo "71.2 N, 8.4 W" > /var/lib/derive/positions.txt
echo "mode=secours" >> /etc/derive/reglages.conf
rm {truth.deleted}
{writes}echo "derive : dérive anormale"
sleep 0.3
echo "{truth.last_message}" >&2
exit {truth.code}
"""
    files: dict[str, bytes | str] = {
        "etc/derive/reglages.conf": "mode=normal\n",
        WRECK_SEAL: f"{identity.id} {identity.seal('derive')}\n",
        "usr/share/derive/consignes.txt": "Rester dans le chenal.\n",
        "usr/share/derive/erreurs-connues.txt": "FATAL : aucune erreur fatale connue.\n",
    }
    return course_image(
        identity,
        "cours/derive:1",
        "derive",
        [
            ("COPY derive", layer({"usr/bin/derive": script}, mode=0o755)),
            ("COPY reglages", layer(files)),
        ],
        cmd=["derive"],
        on_busybox=True,
    )


def wreck_scene(hub: str) -> str:
    """`fournitures/scene-derive.sh`: plays the shipwreck, once."""
    return f"""#!/bin/sh
# Joue la scène de la mission 3.7 : la sonde démarre, écrit, et meurt.
if docker container inspect derive > /dev/null 2>&1; then
    echo "La scène a déjà été jouée : le conteneur derive existe."
    exit 0
fi
docker pull --quiet {hub}/cours/derive:1 > /dev/null || exit 1
docker run --name derive --network none {hub}/cours/derive:1 > /dev/null 2>&1
docker container inspect derive > /dev/null || exit 1
echo "La sonde s’est tue. Son conteneur s'appelle derive."
"""


# --- the mystery crates (3.8) -----------------------------------------------------------------

CRATES = (
    "legacy",
    "oci-layout",
    "podman",
    "export",
    "tar-of-tars",
    "gzip",
    "oci-only",
    "truncated",
)


def crates(identity: Identity) -> dict[int, str]:
    """What each crate holds, by number: an order of the learner's own."""
    order = sorted(CRATES, key=lambda kind: identity.seal("caisse " + kind))
    return dict(enumerate(order, 1))


def crate_name(number: int, kind: str) -> str:
    """The file name of a crate; one extension lies, and so does one that is missing."""
    return f"caisse-{number}.tar" + (".gz" if kind == "legacy" else "")


def crate(identity: Identity, kind: str) -> bytes:
    """The file that stands in the hold for `kind`."""
    image = course_image(
        identity,
        f"caisse/{identity.seal('image ' + kind)[:5]}:1",
        f"caisse-{kind}",
        [("COPY lot", layer({"lot/inventaire.txt": _inventory(identity, kind)}))],
        cmd=["/lot/inventaire.txt"],
    )
    if kind == "export":
        return _root_file_system(identity)
    if kind == "podman":
        return _podman_archive(image)
    if kind == "oci-only":
        return _oci_only(image)
    whole = (legacy_archive if kind == "legacy" else oci_archive)(image, [image.name])
    if kind == "tar-of-tars":
        return layer({"a-charger.tar": whole})
    if kind == "gzip":
        return gzip.compress(whole, mtime=0)
    return whole[: len(whole) * 3 // 5] if kind == "truncated" else whole


def _inventory(identity: Identity, kind: str) -> str:
    rows = identity.noise("inventaire " + kind, 600)
    return "".join(f"article {n:03d} : {byte}\n" for n, byte in enumerate(rows))


def _root_file_system(identity: Identity) -> bytes:
    """What `docker export` writes of a small container."""
    return layer(
        {
            ".dockerenv": "",
            "bin/cabine": "#!/bin/sh\n",
            "dev/console": "",
            "etc/hostname": "",
            "etc/hosts": "",
            "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
            "etc/resolv.conf": "",
            "root/notes.txt": _inventory(identity, "export"),
            "var/log/cabine.log": "calme\n",
        }
    )


def _podman_archive(image: CourseImage) -> bytes:
    """The `docker-archive` layout of Podman (containers/image, `docker/internal/tarfile`)."""
    config = digest(image.config_blob).removeprefix("sha256:") + ".json"
    layers = {f"{digest(data).removeprefix('sha256:')}.tar": data for data in image.layers}
    tag = f"docker.io/{image.name}"
    manifest = [{"Config": config, "RepoTags": [tag], "Layers": list(layers)}]
    return layer(
        {config: image.config_blob, "manifest.json": json.dumps(manifest).encode(), **layers}
    )


def _oci_only(image: CourseImage) -> bytes:
    """The same image in a pure OCI layout: no `manifest.json` (OCI image-spec, `image-layout`)."""
    archive = open_archive(BytesSource(oci_archive(image, [image.name])))
    names = [member.name for member in archive.entries if member.name != "manifest.json"]
    return layer({name: archive.read(name) for name in names})


# --- a base of one's own (3.9, 3.11) ----------------------------------------------------------


SOCLE_SEAL = "etc/socle/sceau"


def socle(identity: Identity) -> CourseImage:
    """A bare system: its default command is a shell, which ends at once without a terminal."""
    files: dict[str, bytes | str] = {
        SOCLE_SEAL: f"{identity.id} {identity.seal('socle')}\n",
        "usr/local/bin/socle": "#!/bin/sh\necho Socle de bord, version 1\n",
    }
    return course_image(
        identity,
        "cours/socle:1",
        "socle",
        [("COPY socle", layer(files, mode=0o755))],
        cmd=["sh"],
        on_busybox=True,
    )


def sextant(identity: Identity) -> bytes:
    """`fournitures/sextant`: the program to add to the base."""
    number = int(identity.seal("sextant")[:4], 16)
    return (
        "#!/bin/sh\n"
        f"# Sextant de bord de {identity.id}\n"
        f'echo "Position estimée : {70 + number % 8} N, {number % 19} W '
        f'(sceau {identity.seal("sextant")})"\n'
    ).encode()


# --- flattening (3.10) ------------------------------------------------------------------------

RAW, KEPT = "donnees/brut.bin", "donnees/garde.bin"
RAW_SIZE, KEPT_SIZE, BLOCK_SIZE = 900_000, 300_000, 600_000
"""Bytes. Noise: no compression changes the conclusion, whatever the engine's store."""


def brouillon(identity: Identity) -> CourseImage:
    """A data image whose second layer deletes the largest file of the first."""
    return course_image(
        identity,
        "cours/brouillon:1",
        "brouillon",
        [
            (
                "COPY donnees",
                layer(
                    {
                        RAW: identity.noise("brut", RAW_SIZE),
                        KEPT: identity.noise("garde", KEPT_SIZE),
                    }
                ),
            ),
            ("RUN rm /donnees/brut.bin", layer({"donnees/.wh.brut.bin": ""})),
        ],
        cmd=["/donnees/garde.bin"],
    )


def bloc(identity: Identity) -> CourseImage:
    """A data image of a single layer."""
    noise = identity.noise("bloc", BLOCK_SIZE)
    return course_image(
        identity,
        "cours/bloc:1",
        "bloc",
        [("COPY bloc.bin", layer({"donnees/bloc.bin": noise}))],
        cmd=["/donnees/bloc.bin"],
    )


# --- a build and its cache (3.11) -------------------------------------------------------------

_RUN = "mkdir -p /etc/relais && head -c 8 /dev/urandom | od -An -tx1 > /etc/relais/empreinte"


@dataclass(frozen=True)
class Relay(CourseImage):
    """Version 1 of the relay as a builder left it: its history goes on from `socle`'s.

    The classic builder takes a step from its cache when the history of the image named by
    `--cache-from` starts with that of the base, and when the next line is the same instruction
    (moby `image/cache/cache.go`, `isValidParent` and `isValidConfig`).
    """

    parent: CourseImage | None = None

    @cached_property
    def config_blob(self) -> bytes:
        """The parent's config with two more layers, and the history that a builder writes."""
        assert self.parent is not None
        document = json.loads(self.parent.config_blob)
        copied = digest(self.layers[1]).removeprefix("sha256:")
        steps = [f"/bin/sh -c {_RUN}", f"/bin/sh -c #(nop) COPY file:{copied} in /etc/relais/conf "]
        document["history"] += [{"created": CREATED, "created_by": step} for step in steps]
        document["history"].append(
            {
                "created": CREATED,
                "created_by": f"/bin/sh -c #(nop)  CMD {json.dumps(self.config['Cmd'])}",
                "empty_layer": True,
            }
        )
        document["config"] = self.config
        document["rootfs"]["diff_ids"] += [digest(data) for data in self.layers]
        return json.dumps(document, ensure_ascii=False, sort_keys=True).encode()


def relay(identity: Identity, base_layers: Sequence[bytes] = ()) -> Relay:
    """Version 1 of the relay, built ashore; its RUN layer cannot be made again."""
    parent = socle(identity).built(base_layers)
    drawn = identity.noise("empreinte", 8)
    mark = " " + " ".join(f"{byte:02x}" for byte in drawn) + "\n"
    labels = parent.config["Labels"] | {
        "org.opencontainers.image.title": "relais",
        "org.opencontainers.image.version": "1",
    }
    return Relay(
        name="relais:1",
        layers=(
            layer({"etc/relais/empreinte": mark}),
            layer({"etc/relais/conf": relay_settings(identity, 1)}),
        ),
        config={
            **parent.config,
            "Cmd": ["cat", "/etc/relais/empreinte", "/etc/relais/conf"],
            "Labels": labels,
        },
        on_busybox=True,
        base_layers=parent.all_layers,
        parent=parent,
    )


def relay_settings(identity: Identity, version: int) -> str:
    """The file that changes from one version of the relay to the next."""
    return f"version={version}\nsceau={identity.seal(f'relais {version}')}\n"


def relay_recipe(hub: str) -> str:
    """`fournitures/relais.Dockerfile`: how version 2 is to be built."""
    return f"""FROM {hub}/cours/socle:1
RUN {_RUN}
COPY relais-2.conf /etc/relais/conf
LABEL org.opencontainers.image.title=relais org.opencontainers.image.version=2
CMD ["cat", "/etc/relais/empreinte", "/etc/relais/conf"]
"""


# --- a bottle in the sea (3.12) ---------------------------------------------------------------


def message(identity: Identity) -> str:
    """`fournitures/message.txt`: what the bottle carries, and from whom."""
    return (
        f"Ici la Boréale, équipage {identity.id}, prise dans les glaces.\n"
        f"Tout va bien à bord. Sceau {identity.seal('bouteille')}.\n"
    )


# --- what is given ----------------------------------------------------------------------------


def registry_images(identity: Identity) -> list[list[CourseImage]]:
    """See `checks.material.registry_images`."""
    makers = (carnet, station, derive, socle, brouillon, bloc)
    return [[make(identity)] for make in makers]


def supplies(identity: Identity, hub: str, base_layers: Sequence[bytes]) -> dict[str, bytes]:
    """See `checks.material.supplies`."""
    relais = relay(identity, base_layers)
    files = {
        "jeton.txt": (token(identity) + "\n").encode(),
        "scene-derive.sh": wreck_scene(hub).encode(),
        "sextant": sextant(identity),
        "relais-v1.tar": oci_archive(relais, [relais.name]),
        "relais.Dockerfile": relay_recipe(hub).encode(),
        "relais-2.conf": relay_settings(identity, 2).encode(),
        "crieur": crier.program(crier.machine_of(base_layers)),
        "message.txt": message(identity).encode(),
    }
    for number, kind in crates(identity).items():
        files[crate_name(number, kind)] = crate(identity, kind)
    return files
