"""What the learner is given for phase 4."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import replace

from checks.identity import Identity
from checks.material import project as final_project
from checks.material.making import (
    CourseImage,
    compressed,
    course_image,
    digest,
    layer,
    legacy_archive,
    oci_manifest,
)
from checks.material.phase2 import ARCHITECTURES

ALIASES: dict[str, str] = {}

ACCOUNT = "moi"
"""The namespace that the exercises publish in, unless the learner's answer to 4.1 names another."""


# --- the ice watch, published in 4.1, 4.2, 4.6, 4.14 -------------------------------------------


def vigie(identity: Identity, version: str) -> CourseImage:
    """The ice watch, as the crew built it on board: a release candidate."""
    seal = identity.seal(f"vigie {version}")
    script = f'#!/bin/sh\necho "Vigie des glaces, version {version}"\necho "Sceau : {seal}"\n'
    return course_image(
        identity,
        f"cours/vigie:{version}",
        "vigie",
        [
            (f"COPY vigie {version}", layer({"usr/bin/vigie": script}, mode=0o755)),
            ("COPY sceau", layer({"etc/vigie/sceau": seal + "\n"})),
        ],
        cmd=["vigie"],
        on_busybox=True,
    )


CANDIDATE, FORMER = "1.0.0-rc", "1.4.1"


def release_recipe(hub: str) -> str:
    """`fournitures/vigie.Dockerfile`: every build of it is another image, on purpose."""
    return f"""# Chaque construction tire une empreinte : jamais deux fois la même image.
FROM {hub}/cours/vigie:{FORMER}
RUN head -c 8 /dev/urandom | od -An -tx1 > /etc/vigie/construction
LABEL org.opencontainers.image.version=1.4.2
"""


# --- the private log (4.3) ---------------------------------------------------------------------


def internal_log(identity: Identity) -> CourseImage:
    """What the crew wrote for itself, and only itself."""
    text = f"Journal interne de la campagne. Sceau : {identity.seal('journal interne')}\n"
    return course_image(
        identity,
        "cours/journal-interne:1",
        "journal-interne",
        [("COPY journal", layer({"journal/interne.txt": text}))],
        cmd=["/journal/interne.txt"],
    )


# --- what was tested is what is published (4.18) -------------------------------------------------

ICE_BUILDS = ("build-211", "build-212", "build-213")
ICE_CANDIDATE = ICE_BUILDS[-1]
ALIASES["cours/banquise:candidat"] = f"cours/banquise:{ICE_CANDIDATE}"


def ice_pack(identity: Identity, build: str) -> CourseImage:
    """The ice forecast, as the automaton built it that night."""
    text = f"Dérive des glaces, {build}. Sceau : {identity.seal('banquise ' + build)}\n"
    return course_image(
        identity,
        f"cours/banquise:{build}",
        "banquise",
        [
            ("COPY modele", layer({"banquise/modele": identity.seal("banquise modele") + "\n"})),
            (f"COPY prevision ({build})", layer({"banquise/prevision.txt": text})),
        ],
        cmd=["/banquise/prevision.txt"],
    )


def tested_build(identity: Identity) -> str:
    """The build that was tested: never the candidate of today."""
    return ICE_BUILDS[int(identity.seal("banquise essai")[:2], 16) % 2]


def test_record(identity: Identity, hub: str) -> str:
    """`fournitures/proces-verbal.json`: which image was tested, by its digest."""
    image = ice_pack(identity, tested_build(identity))
    manifest = oci_manifest(image.config_blob, [(x, compressed(x)) for x in image.all_layers])
    record = {
        "depot": f"{hub}/cours/banquise",
        "digest": digest(json.dumps(manifest).encode()),
        "essais": {"dérive sur 48 h": "conforme", "glaces fines": "conforme"},
        "decision": "à publier sous le nom banquise:1.0.0",
    }
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


# --- one name, two processors (4.19) -------------------------------------------------------------


def frost(identity: Identity, architecture: str) -> CourseImage:
    """The frost sensor's program, for one kind of processor."""
    text = f"Capteur de givre, {architecture}. Sceau : {identity.seal('givre ' + architecture)}\n"
    made = course_image(
        identity,
        "givre:1",
        f"givre ({architecture})",
        [(f"COPY givre ({architecture})", layer({"givre/capteur": text}))],
        cmd=["/givre/capteur"],
        architecture=architecture,
    )
    return replace(made, name=f"givre:{architecture}")


# --- a shared computer's client settings (4.4) -------------------------------------------------

STATION, SHIPOWNER = "registre.station.example", "registre.armateur.example"
DOCKER_HUB_KEY = "https://index.docker.io/v1/"


def station_account(identity: Identity) -> str:
    """Who is signed in to the station's registry on the shared computer."""
    return f"quart-{identity.seal('quart')[:6]}"


def shared_settings(identity: Identity, hub: str) -> str:
    """`fournitures/config-partagee.json`: a client's settings with three logins and a helper."""

    def entry(account: str, secret: str) -> dict[str, str]:
        return {"auth": base64.b64encode(f"{account}:{secret}".encode()).decode()}

    accounts = {
        hub: entry("passager", identity.seal("passager")),
        STATION: entry(station_account(identity), identity.seal("quart secret")),
        DOCKER_HUB_KEY: entry("passager", identity.seal("passager hub")),
    }
    settings = {"auths": accounts, "credHelpers": {SHIPOWNER: "secretservice"}}
    return json.dumps(settings, indent=2) + "\n"


# --- dates and build numbers (4.7) -------------------------------------------------------------


def builds(identity: Identity) -> tuple[str, str]:
    """The numbers of the two nightly builds."""
    first = 1000 + int(identity.seal("construction")[:3], 16)
    return str(first), str(first + 1)


# --- everything but the draft (4.8) ------------------------------------------------------------

SONAR_TAGS = ("2.0.0", "2.0", "2")
DRAFT = "brouillon"


def sonar(identity: Identity, version: str) -> CourseImage:
    """The sonar's image (`2.0.0`), or the draft that must not be published."""
    seal = identity.seal(f"sonar {version}")
    made = course_image(
        identity,
        f"sonar:{version}",
        "sonar",
        [(f"COPY sonar {version}", layer({"sonar/echo": f"{version} {seal}\n"}))],
        cmd=["/sonar/echo"],
    )
    return replace(made, name=f"sonar:{version}")


def sonar_scene() -> str:
    """`fournitures/scene-sonar.sh`: what the crew left on this computer."""
    tags = " ".join(SONAR_TAGS)
    return f"""#!/bin/bash
# Reproduit l'état de l'ordinateur du labo : un dépôt local « sonar » et ses tags.
# Usage : bash fournitures/scene-sonar.sh ESPACE      (par exemple "$HUB/{ACCOUNT}")
set -euo pipefail
espace=${{1:?donnez votre espace de noms}}
cd "$(dirname "$0")"
docker load -q -i sonar.tar > /dev/null
docker load -q -i sonar-brouillon.tar > /dev/null
for tag in {tags}; do docker tag sonar:2.0.0 "$espace/sonar:$tag"; done
docker tag sonar:{DRAFT} "$espace/sonar:{DRAFT}"
docker rmi sonar:2.0.0 sonar:{DRAFT} > /dev/null
echo "Tags locaux de $espace/sonar : {tags} {DRAFT}"
"""


# --- a Dockerfile that can be published (4.9) --------------------------------------------------


def weather_secret(identity: Identity) -> str:
    """What `.env` holds, and no layer may."""
    return f"meteo-{identity.seal('.env')}"


def watch_program(identity: Identity) -> str:
    """`veille.sh`, the code of the observatory."""
    return (
        "#!/bin/sh\n"
        "# Le code : il change à chaque version.\n"
        "VERSION=1.0.0\n"
        f"SCEAU={identity.seal('observatoire')}\n"
        'echo "Observatoire $VERSION, sceau $SCEAU, modules : $(ls /opt/modules | wc -l)"\n'
        'if [ "${1:-}" = ecoute ]; then exec nc -lk -p "${PORT:-8080}" -e echo pret; fi\n'
    )


def observatory(identity: Identity) -> dict[str, tuple[str, int]]:
    """The project of 4.9: path → (content, mode)."""
    installer = (
        "#!/bin/sh\n"
        "# Installe les modules énumérés dans modules.txt. Lent, et rarement nécessaire.\n"
        "set -eu\n"
        "mkdir -p /opt/modules\n"
        'while read -r module; do ln -s /bin/busybox "/opt/modules/$module"; done < modules.txt\n'
        "date > /opt/modules/.installation\n"
    )
    return {
        "modules.txt": ("awk\nnc\nsha256sum\n", 0o644),
        "installer.sh": (installer, 0o755),
        "veille.sh": (watch_program(identity), 0o755),
        ".env": (f"JETON_METEO={weather_secret(identity)}\n", 0o600),
        "notes/brouillon.md": ("Ne pas publier.\n", 0o644),
        ".git/HEAD": ("ref: refs/heads/main\n", 0o644),
        ".git/config": ("[core]\n\trepositoryformatversion = 0\n", 0o644),
    }


# --- two stages (4.10) -------------------------------------------------------------------------

ZONES = 8


def _soundings(identity: Identity) -> list[tuple[int, int]]:
    noise = identity.noise("carte", 3 * 30_000)
    return [
        (noise[i] % ZONES, 100 + noise[i + 1] * 12 + noise[i + 2]) for i in range(0, len(noise), 3)
    ]


def chart_result(identity: Identity) -> str:
    """What `tracer.awk` makes of the soundings: the deepest one of each zone."""
    deepest = dict.fromkeys(range(ZONES), 0)
    for zone, depth in _soundings(identity):
        deepest[zone] = max(deepest[zone], depth)
    seal = identity.seal("carte")
    return f"# carte {seal}\n" + "".join(f"zone {z} : {deepest[z]} m\n" for z in range(ZONES))


def chart(identity: Identity) -> dict[str, tuple[str, int]]:
    """The project of 4.10: path → (content, mode)."""
    rows = "".join(f"{zone};{depth}\n" for zone, depth in _soundings(identity))
    awk = (
        "# Trace la carte : le sondage le plus profond de chaque zone.\n"
        'BEGIN { FS = ";" }\n'
        "$2 > fond[$1] { fond[$1] = $2 }\n"
        f'END {{ print "# carte {identity.seal("carte")}"; '
        f'for (z = 0; z < {ZONES}; z++) print "zone " z " : " fond[z] " m" }}\n'
    )
    return {
        "sondages.csv": (rows, 0o644),
        "tracer.awk": (awk, 0o644),
        "afficher.sh": ("#!/bin/sh\nexec cat /srv/carte.txt\n", 0o755),
    }


# --- a scanner's report (4.11) -----------------------------------------------------------------


def scan_report(identity: Identity) -> dict[str, object]:
    """A report of Trivy (`trivy image --format json`, SchemaVersion 2) on the release candidate.

    Some findings appear twice (one CVE, two packages), and one target has none (`null`). For
    everybody, the first target lacks a HIGH one, and its lines are not as many as the flaws.
    """
    noise = identity.noise("trivy", 64)
    system: list[dict[str, object]] = []
    libraries: list[dict[str, object]] = []
    plan = (("CRITICAL", 2 + noise[0] % 3), ("HIGH", 5 + noise[1] % 3), ("MEDIUM", 6), ("LOW", 5))
    number = 20_000 + noise[2] * 40
    for severity, count in plan:
        for rank in range(count):
            number += 1 + noise[3 + rank] % 9
            fixed = rank % 2 == 0
            row: dict[str, object] = {
                "VulnerabilityID": f"CVE-2026-{number}",
                "PkgName": f"lib{severity.lower()}{rank}",
                "InstalledVersion": "1.0-1",
                "Severity": severity,
                "Status": "fixed" if fixed else "affected",
                **({"FixedVersion": "1.0-2"} if fixed else {}),
            }
            (libraries if rank % 3 == 1 else system).append(row)
            if rank < 3:  # the same flaw, seen in a second package
                system.append({**row, "PkgName": f"{row['PkgName']}-dev"})
    return {
        "SchemaVersion": 2,
        "ArtifactName": f"vigie:{CANDIDATE}",
        "ArtifactType": "container_image",
        "Results": [
            {
                "Target": f"vigie:{CANDIDATE} (debian 12)",
                "Class": "os-pkgs",
                "Type": "debian",
                "Vulnerabilities": system,
            },
            {
                "Target": "usr/share/doc",
                "Class": "lang-pkgs",
                "Type": "gemspec",
                "Vulnerabilities": None,
            },
            {
                "Target": "opt/vigie/requirements.txt",
                "Class": "lang-pkgs",
                "Type": "python-pkg",
                "Vulnerabilities": libraries,
            },
        ],
    }


# --- the whole chain (4.13) --------------------------------------------------------------------

CHAIN_VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
"""One that can be published, one whose test fails, one in which the scan finds a flaw."""


def chain_project(hub: str) -> dict[str, tuple[str, int]]:
    """The project of 4.13: path → (content, mode)."""
    recipe = f"""FROM {hub}/cours/vigie:{FORMER}
RUN head -c 8 /dev/urandom | od -An -tx1 > /etc/vigie/construction
ARG VERSION
ENV VERSION=$VERSION
COPY releve.sh essai.sh /usr/local/bin/
LABEL org.opencontainers.image.title="releve" \\
      org.opencontainers.image.version="$VERSION"
USER 10001
CMD ["releve.sh"]
"""
    test = (
        "#!/bin/sh\n# Essaie l'image : rend 0 si tout va bien.\n"
        f'if [ "$VERSION" = {CHAIN_VERSIONS[1]} ]; then\n'
        '    echo "essai : la sonde ne répond pas" >&2\n    exit 1\nfi\n'
        "releve.sh > /dev/null && echo 'essai : tout va bien'\n"
    )
    return {
        "Dockerfile": (recipe, 0o644),
        "releve.sh": ('#!/bin/sh\necho "Relevé, version $VERSION : -1,8 °C"\n', 0o755),
        "essai.sh": (test, 0o755),
    }


def chain_reports() -> dict[str, object]:
    """`rapports-trivy.json`: what the scan finds in each version of `releve`."""
    harmless = {
        "VulnerabilityID": "CVE-2026-10001",
        "PkgName": "libsonde",
        "InstalledVersion": "0.9",
        "Severity": "LOW",
    }
    flaw = {
        "VulnerabilityID": "CVE-2026-10002",
        "PkgName": "libglace",
        "InstalledVersion": "2.1",
        "FixedVersion": "2.2",
        "Severity": "CRITICAL",
    }
    return {
        f"releve:{version}": {
            "SchemaVersion": 2,
            "ArtifactName": f"releve:{version}",
            "Results": [
                {
                    "Target": "opt/releve",
                    "Vulnerabilities": [harmless, flaw] if version == "1.2.0" else [harmless],
                }
            ],
        }
        for version in CHAIN_VERSIONS
    }


# --- a token that leaks (4.16) -----------------------------------------------------------------


def leak_scene() -> str:
    """`fournitures/scene-fuite.sh`: somebody publishes a notebook with a token in it."""
    return """#!/bin/bash
# Reproduit la fuite : le robot météo avait un jeton tout-puissant, et quelqu'un a publié le
# notebook où il avait été affiché.
# Usage : bash fournitures/scene-fuite.sh COMPTE
set -euo pipefail
compte=${1:?donnez le nom de votre compte}
jeton=$(atelier hub jeton creer "$compte" robot-meteo --portee read-write-delete --brut)
cat > fuite.ipynb <<FIN
{"cells": [{"cell_type": "code", "execution_count": 1, "metadata": {}, "source": ["!echo \\$JETON"],
  "outputs": [{"name": "stdout", "output_type": "stream", "text": ["$jeton"]}]}],
 "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
FIN
echo "Le notebook fuite.ipynb a été publié ce matin, sortie comprise."
"""


# --- what is given -----------------------------------------------------------------------------


def project(name: str, files: dict[str, tuple[str, int]]) -> bytes:
    """A tar of a project's folder, the same bytes at every call."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, (content, mode) in files.items():
            info = tarfile.TarInfo(f"{name}/{path}")
            info.size, info.mode, info.mtime = len(content.encode()), mode, 1788249600
            tar.addfile(info, io.BytesIO(content.encode()))
    return buffer.getvalue()


def registry_images(identity: Identity) -> list[list[CourseImage]]:
    """See `checks.material.registry_images`."""
    published = [vigie(identity, CANDIDATE), vigie(identity, FORMER), internal_log(identity)]
    published += [ice_pack(identity, build) for build in ICE_BUILDS]
    return [[image] for image in published]


def supplies(identity: Identity, hub: str, base_layers: Sequence[bytes]) -> dict[str, bytes]:
    """See `checks.material.supplies`."""
    sonar_archives = {
        "sonar.tar": sonar(identity, "2.0.0"),
        "sonar-brouillon.tar": sonar(identity, DRAFT),
    }
    return {
        "constructions.txt": ("\n".join(builds(identity)) + "\n").encode(),
        "vigie.Dockerfile": release_recipe(hub).encode(),
        "proces-verbal.json": test_record(identity, hub).encode(),
        **{
            f"givre-{each}.tar": legacy_archive(frost(identity, each), [f"givre:{each}"])
            for each in ARCHITECTURES
        },
        "config-partagee.json": shared_settings(identity, hub).encode(),
        "scene-sonar.sh": sonar_scene().encode(),
        "observatoire.tar": project("observatoire", observatory(identity)),
        "carte.tar": project("carte", chart(identity)),
        "releve.tar": project("releve", chain_project(hub)),
        "rapports-trivy.json": json.dumps(
            chain_reports() | final_project.reports(), indent=1
        ).encode(),
        "scene-fuite.sh": leak_scene().encode(),
        "rapport-trivy.json": json.dumps(scan_report(identity), indent=1).encode(),
        **{name: legacy_archive(image, [image.name]) for name, image in sonar_archives.items()},
    }
