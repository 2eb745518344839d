"""What the learner is given for the final project: the swell forecast of an offline station."""

from __future__ import annotations

from collections.abc import Sequence

from checks.identity import Identity
from checks.material.making import CourseImage

ALIASES: dict[str, str] = {}

FAULTY, SOUND = "2.0.0", "2.0.1"
"""The version as supplied, in which the scan finds a flaw, and the one that corrects it."""
LIBRARY, FAULTY_LIBRARY, SOUND_LIBRARY = "libglace", "2.1", "2.2"


def revision(identity: Identity) -> str:
    """What `houle/REVISION` holds: the commit that the delivery comes from, personal."""
    return identity.seal("houle")


def secret(identity: Identity) -> str:
    """What `houle/.env` holds, and no layer may."""
    return f"satellite-{identity.seal('houle .env')}"


def application(identity: Identity) -> dict[str, tuple[str, int]]:
    """The project's folder: path → (content, mode). It has no Dockerfile."""
    program = (
        "#!/bin/sh\n"
        "# Prévoit la houle des six prochaines heures.\n"
        f"SCEAU={revision(identity)}\n"
        'echo "Houle à Bjørnøya : 2,4 m (sceau $SCEAU)"\n'
    )
    test = (
        "#!/bin/sh\n"
        "# Recette : rend 0 si le programme répond, et si rien de secret n'a été livré.\n"
        'cd "$(dirname "$0")" || exit 1\n'
        'if [ -e .env ]; then echo "recette : .env a été livré" >&2; exit 1; fi\n'
        './houle.sh | grep -q sceau && echo "recette : tout va bien"\n'
    )
    return {
        "houle.sh": (program, 0o755),
        "essai.sh": (test, 0o755),
        "modules.txt": (f"{LIBRARY} {FAULTY_LIBRARY}\nlibonde 1.4\n", 0o644),
        "REVISION": (revision(identity) + "\n", 0o644),
        ".env": (f"JETON_SATELLITE={secret(identity)}\n", 0o600),
    }


def reports() -> dict[str, object]:
    """What the scan finds in each version of `houle`, for `rapports-trivy.json`."""
    waiting = {
        "VulnerabilityID": "CVE-2026-20007",
        "PkgName": "libonde",
        "InstalledVersion": "1.4",
        "Severity": "HIGH",
    }
    flaw = {
        "VulnerabilityID": "CVE-2026-20001",
        "PkgName": LIBRARY,
        "InstalledVersion": FAULTY_LIBRARY,
        "FixedVersion": SOUND_LIBRARY,
        "Severity": "CRITICAL",
    }
    return {
        f"houle:{version}": {
            "SchemaVersion": 2,
            "ArtifactName": f"houle:{version}",
            "Results": [
                {
                    "Target": "opt/houle/modules.txt",
                    "Vulnerabilities": [waiting, flaw] if version == FAULTY else [waiting],
                }
            ],
        }
        for version in (FAULTY, SOUND)
    }


def registry_images(identity: Identity) -> list[list[CourseImage]]:
    """See `checks.material.registry_images`: the project starts from an image of phase 4."""
    return []


def supplies(identity: Identity, hub: str, base_layers: Sequence[bytes]) -> dict[str, bytes]:
    """See `checks.material.supplies`. The reports travel with those of phase 4."""
    from checks.material.phase4 import project

    return {"houle.tar": project("houle", application(identity))}
