"""What an archive is, for a person and for a program."""

from __future__ import annotations

from typing import Any

from checks.archives import Archive, ImageEntry, Problem
from checks.images import nature
from checks.report import safe
from checks.typography import french, octets, plural

BAR = 24
_WRITERS = {
    "legacy": "dans la disposition des moteurs Docker antérieurs à 25",
    "oci-layout": "dans la disposition OCI des moteurs Docker récents",
    "podman": "écrite par Podman ou skopeo",
    "oci-only": "au format OCI seul, que tous les moteurs ne savent pas charger",
}


def to_json(archive: Archive, problems: tuple[Problem, ...]) -> dict[str, Any]:
    """The object of `./atelier inspecter --json`, version 1; sizes in bytes."""
    return {
        "version": 1,
        "file": archive.name,
        "kind": archive.kind,
        "compression": list(archive.compression),
        "valid": _valid(archive, problems),
        "problems": [
            {"code": p.code, "severity": p.severity, "message": p.message} for p in problems
        ],
        "images": [
            {
                "config_digest": image.config_digest,
                "tags": list(image.tags),
                "diff_ids": list(image.diff_ids),
                "history": len(image.history),
                "architecture": image.architecture,
                "size": sum(layer.size for layer in image.layers),
            }
            for image in archive.images
            if image.present
        ],
    }


def _valid(archive: Archive, problems: tuple[Problem, ...]) -> bool:
    known = archive.kind in ("docker-save", "oci", "rootfs")
    return known and not any(problem.severity == "error" for problem in problems)


def render(archive: Archive, problems: tuple[Problem, ...]) -> str:
    """A French sentence, the images with their layers to scale, the problems."""
    lines = [f"{safe(archive.name)} : {_sentence(archive)}"]
    for image in archive.images:
        if image.present:
            lines += _image(image)
    for problem in problems:
        mark = "✘" if problem.severity == "error" else "⚠"
        lines.append(f"  {mark} {safe(problem.message)} ({problem.code})")
    if _valid(archive, problems):
        lines.append("  ✔ rien à signaler." if not problems else "  ✔ utilisable malgré tout.")
    return french("\n".join(lines))


def _sentence(archive: Archive) -> str:
    size = octets(archive.size)
    chain = ", puis ".join(archive.compression)
    packed = f", compressée par {chain}" if chain else ""
    if archive.kind in ("docker-save", "oci"):
        count = plural(len(archive.images), "image")
        return f"archive d'images ({count}, {size}{packed}), {_WRITERS[archive.detail]}."
    if archive.kind == "rootfs":
        entries = plural(len(archive.members), "entrée")
        return f"système de fichiers d'un conteneur, écrit par `docker export` ({entries}, {size})."
    if archive.detail == "empty":
        return "fichier vide."
    return f"{nature(archive)} ({size}), pas une archive d'images."


def _image(image: ImageEntry) -> list[str]:
    names = ", ".join(map(safe, image.tags)) or "(sans nom)"
    lines = [f"  image {names}", f"    configuration  {image.config_digest}",
             f"    plateforme     {safe(image.os)}/{safe(image.architecture)}"]  # fmt: skip
    filled = [line for line in image.history if not line.get("empty_layer")]
    largest = max((layer.size for layer in image.layers), default=1) or 1
    for number, layer in enumerate(image.layers, 1):
        bar = "█" * max(1, round(BAR * layer.size / largest))
        said = str(filled[number - 1].get("created_by", "")) if len(filled) >= number else ""
        lines.append(
            f"    couche {number:>2}  {bar:<{BAR}}  {octets(layer.size):>12}  {safe(said)[:60]}"
        )
    return lines
