"""An archive told to a person, or as JSON (version 1). Pure: text in, text out.

Nothing of what an archive says reaches the terminal as it is: see `shown`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from checks.archives import Archive, ArchiveError, ImageEntry, Layer, Problem
from checks.archives.problems import error, shown
from checks.typography import french, listing, octets, plural

WIDTH = 96
BAR = 20
"""Columns of the widest layer's bar."""
REREAD = 32 << 20
"""Bytes of compressed layers that are read a second time, to list deleted files."""
_RED, _YELLOW, _GREEN, _BOLD, _DIM = "31", "33", "32", "1", "2"

_NATURES = {
    "legacy": "Archive d'images de `docker save`, dans la disposition d'avant Docker 25.",
    "oci-layout": "Archive d'images de `docker save`, dans la disposition OCI (Docker 25 et plus).",
    "podman": "Archive d'images au format de `docker save`, écrite par Podman ou skopeo.",
    "oci-only": "Archive d'images OCI, sans `manifest.json` : seuls Podman et les Docker au "
    "magasin containerd la chargent.",
    "openpgp": "Message chiffré par OpenPGP (`gpg`).",
    "openssl": "Fichier chiffré par `openssl enc`.",
    "age": "Fichier chiffré par `age`.",
}
_MEANINGS = {
    "archive-tronquee": "Copie ou téléchargement interrompu, disque plein : refaites la copie, "
    "puis comparez les empreintes.",
    "compression-tronquee": "Copie ou téléchargement interrompu : refaites la copie.",
    "compression-abimee": "Un octet au moins a changé en route. Refaites la copie.",
    "entete-invalide": "Un octet au moins a changé en route, ou le fichier a été forgé.",
    "donnees-apres-la-fin": "`cat a.tar b.tar` ne fait pas une archive de deux images : "
    "`docker save` accepte plusieurs noms.",
    "couche-alteree": "Un moteur qui a déjà cette couche ne la relira pas, et ne dira rien ; un "
    "autre refusera l'archive, ou créera une image qui ne démarre pas.",
    "couche-abimee": "Un moteur qui a déjà cette couche ne la relira pas, et ne dira rien.",
    "config-alteree": "`docker load` l'acceptera sans rien dire : c'est une autre image.",
    "blob-altere": "Aucun moteur ne le vérifie avant de s'en servir.",
    "blob-absent": "L'image est incomplète : téléchargez-la de nouveau, puis sauvegardez-la.",
    "deux-images": "Les moteurs lisent l'un ou l'autre fichier : ils ne verraient pas la même "
    "image.",
    "cle-json-en-double": "Les moteurs gardent la dernière valeur, d'autres outils la première.",
    "membre-en-double": "Les moteurs et les outils ne lisent pas tous la même des deux.",
    "nom-evade": "Extraite sans précaution, cette entrée écrirait ailleurs que prévu.",
    "couches-permutees": "Les fichiers d'une couche y cacheraient ceux d'une autre.",
    "variante-absente": "C'est normal : seule la plateforme demandée avait été téléchargée.",
    "compression-multiple": "Décompressez-la une fois avant de la charger.",
    "octets-superflus": "Sans effet sur le chargement.",
    "fin-incomplete": "Sans effet sur le chargement.",
    "bombe": "Un fichier de quelques octets peut ainsi remplir un disque.",
    "partie-seule": "`cat` réunit les parties dans l'ordre de leurs noms.",
}


def to_json(
    archive: Archive, problems: Sequence[Problem], *, file: str, integrity: bool, kind: str = ""
) -> dict[str, Any]:
    """The object of `inspecter --json`.

    Sizes are in bytes: those of the uncompressed layers, or, without `integrity`, of the layers
    as stored (telling what a compressed layer gives takes decompressing it).
    """
    return {
        "version": 1,
        "file": file,
        "kind": kind or archive.kind,
        "compression": list(archive.compression),
        "valid": valid(problems),
        "problems": [problem_json(problem) for problem in problems],
        "images": [
            {
                "config_digest": image.config_digest,
                "tags": list(image.tags),
                "diff_ids": list(image.diff_ids),
                "history": len(image.history),
                "architecture": image.architecture,
                "size": image.size if integrity else image.stored_size,
            }
            for image in archive.images
        ],
    }


def unreadable_json(file: str, reason: str) -> dict[str, Any]:
    """The object of a file that could not be read."""
    return {
        "version": 1,
        "file": file,
        "kind": "unknown",
        "compression": [],
        "valid": False,
        "problems": [problem_json(error("illisible", f"Lecture impossible : {reason}."))],
        "images": [],
    }


def problem_json(problem: Problem) -> dict[str, str]:
    """One problem."""
    return {"code": problem.code, "severity": problem.severity, "message": problem.message}


def valid(problems: Sequence[Problem]) -> bool:
    """Whether none of them is an error."""
    return not any(problem.severity == "error" for problem in problems)


def render(
    archive: Archive, problems: Sequence[Problem], *, integrity: bool, color: bool = False
) -> str:
    """What the archive is, for a person, without a final line feed."""
    paint = _painter(color)
    lines = [f"{paint(shown(archive.name), _BOLD)}  ({octets(archive.size)})"]
    lines += _wrapped(_sentence(archive))
    lines += _verdict(archive, problems, integrity, paint)
    for image in archive.images:
        lines += ["", *_image(archive, image, integrity, paint)]
    return "\n".join(lines)


# -- sentences -----------------------------------------------------------------------------------


def _sentence(archive: Archive) -> str:
    if archive.kind == "rootfs":
        files = sum(member.type == "file" for member in archive.members.values())
        text = (
            f"Système de fichiers d'un conteneur (`docker export`) : {plural(files, 'fichier')}, "
            "ni couches, ni configuration. `docker import` en fait une image d'une seule couche."
        )
    elif archive.kind == "part":
        text = "Partie d'un fichier découpé."
    elif archive.kind == "unknown" and archive.detail != "truncated":
        text = "Ce fichier n'est pas une archive d'images."
    else:
        text = _NATURES.get(archive.detail, "Ce qui reste d'une archive.")
    if archive.compression:
        text += f" Compression : {', puis '.join(archive.compression)}"
        if archive.content_size:
            text += f" ({octets(archive.content_size)} une fois décompressée)"
        text += "."
    if len(archive.images) > 1:
        text += f" Elle contient {len(archive.images)} images."
    return text


def _verdict(
    archive: Archive, problems: Sequence[Problem], integrity: bool, paint: Any
) -> Iterator[str]:
    if valid(problems) and archive.kind in ("docker-save", "oci"):
        text = (
            "Complète et intacte : toutes les empreintes ont été recalculées."
            if integrity
            else "Structure correcte ; les empreintes n'ont pas été vérifiées."
        )
        yield from _wrapped(text, paint("✔ ", _GREEN))
    for problem in problems:
        sign = paint("✘ ", _RED) if problem.severity == "error" else paint("⚠ ", _YELLOW)
        yield from _wrapped(f"{problem.message} [{problem.code}]", sign)
        if problem.code in _MEANINGS:
            yield from _wrapped(_MEANINGS[problem.code], "    ")
        if problem.code == "blob-absent" and archive.detail == "oci-layout":
            text = "Avec le magasin containerd, `docker save` peut écrire cela sans erreur."
            yield from _wrapped(text, "    ")


def _image(archive: Archive, image: ImageEntry, integrity: bool, paint: Any) -> Iterator[str]:
    names = ", ".join(map(shown, image.tags)) or "sans nom"
    yield paint(f"  Image {names}", _BOLD)
    platform = "/".join(shown(p) for p in (image.os, image.architecture, image.variant) if p)
    size = image.size if integrity else image.stored_size
    yield french(
        f"    {platform or 'plateforme inconnue'} · {plural(len(image.diff_ids), 'couche')}, "
        f"{octets(size)} · configuration {image.config_digest[:19] or 'absente'}"
    )
    yield from _history(image, integrity, paint)
    yield from _deleted(archive, image)
    if lost := _lost(image):
        yield from _wrapped(f"`docker export` perdrait : {listing(lost)}.", "  ")


def _history(image: ImageEntry, integrity: bool, paint: Any) -> Iterator[str]:
    """One line for each instruction; a bar for those that made a layer."""
    held = {layer.member: layer for layer in image.layers}
    layers = [held.get(member) for member in image.layer_members]
    sizes = [(x.content_size if integrity else x.size) if x else 0 for x in layers]
    largest = max(sizes, default=0)
    number = 0
    lines: list[dict[str, Any]] = image.history
    filled = sum(not line.get("empty_layer") for line in lines)
    lines = [*lines, *({} for _ in range(len(layers) - filled))]
    for line in lines:
        text = instruction(line)
        if line.get("empty_layer"):
            yield paint(f"    {'':>2} {'':{BAR}} {'':>10}  {text}", _DIM)
        elif number < len(layers):
            layer, size = layers[number], sizes[number]
            number += 1
            weight = octets(size) if layer else "absente"
            what = _contents(layer) if layer else ""
            yield f"    {number:>2} {bar(size, largest):{BAR}} {weight:>10}  {text}"
            if what:
                yield paint(f"    {'':>2} {'':{BAR}} {'':>10}  {french(what)}", _DIM)


def _contents(layer: Layer) -> str:
    found = layer.contents
    if found is None:
        return ""
    parts = [
        plural(found.files, "fichier") if found.files else "",
        plural(found.links, "lien") if found.links else "",
        plural(found.deleted, "suppression") if found.deleted else "",
    ]
    names = ", ".join(shown(name)[:28] for name in found.first[:2])
    more = "…" if found.files + found.links + found.deleted > 2 else ""
    parts = [part for part in parts if part]
    return f"{', '.join(parts)} : {names}{more}" if parts else "aucun fichier"


def _deleted(archive: Archive, image: ImageEntry) -> Iterator[str]:
    """Files that a layer deletes: gone for a container, still there for who opens the archive."""
    again = 0 if archive.compression else sum(x.size for x in image.layers if x.compression)
    if (archive.content_size if archive.compression else again) > REREAD or not image.present:
        return
    try:
        hidden = [h for h in image.files.hidden if not h.replaced and h.file.member.type == "file"]
    except ArchiveError:
        return
    if hidden:
        first = [f"`{shown(h.file.path)}` (couche {h.file.layer + 1})" for h in hidden[:3]]
        more = f" et {len(hidden) - 3} autres" if len(hidden) > 3 else ""
        size = octets(sum(h.file.member.size for h in hidden))
        yield from _wrapped(
            f"Effacés par une couche, toujours dans l'archive ({size}) : {', '.join(first)}{more}.",
            "  ",
        )


def _lost(image: ImageEntry) -> list[str]:
    """What `docker export` leaves behind: everything but the files."""
    config = image.config.get("config")
    config = config if isinstance(config, dict) else {}
    found = [
        f"{name} ({len(config[key])})" if isinstance(config[key], dict) else name
        for key, name in (
            ("Entrypoint", "ENTRYPOINT"),
            ("Cmd", "CMD"),
            ("Env", "ENV"),
            ("ExposedPorts", "EXPOSE"),
            ("Volumes", "VOLUME"),
            ("WorkingDir", "WORKDIR"),
            ("User", "USER"),
            ("Labels", "LABEL"),
            ("Healthcheck", "HEALTHCHECK"),
            ("StopSignal", "STOPSIGNAL"),
        )
        if config.get(key)
    ]
    if image.history:
        found.append(f"l'historique ({plural(len(image.history), 'ligne')})")
    if len(image.diff_ids) > 1:
        found.append(f"la séparation en {len(image.diff_ids)} couches")
    return found


def instruction(line: dict[str, Any], width: int = 54) -> str:
    """A line of history as its author wrote it: `COPY app /srv`, `RUN apt-get update`."""
    text = str(line.get("created_by") or line.get("comment") or "(sans explication)")
    text = " ".join(text.split()).removesuffix("# buildkit").strip()
    text = re.sub(r"^\|\d+ (?:\S+=\S* )*(?=/bin/)", "", text)
    nop = re.match(r"/bin/sh -c #\(nop\) ?", text)
    if nop:
        text = text[nop.end() :]
    elif text.startswith("/bin/sh -c "):
        text = "RUN " + text.removeprefix("/bin/sh -c ")
    else:
        text = text.replace("RUN /bin/sh -c ", "RUN ", 1)
    text = shown(text.strip())
    return text if len(text) <= width else text[: width - 1] + "…"


def bar(size: int, largest: int) -> str:
    """A bar to scale; what is not empty always shows."""
    eighths = round(8 * BAR * size / largest) if largest else 0
    if size and not eighths:
        eighths = 1
    full, rest = divmod(eighths, 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


def _wrapped(text: str, sign: str = "") -> list[str]:
    indent = "  " + (sign if not sign.strip() else "")
    first = "  " + sign
    hang = indent if not sign.strip() else "    "
    # textwrap splits at no-break spaces too: hide them meanwhile.
    hidden = french(text).replace("\N{NO-BREAK SPACE}", "\x00")
    lines = textwrap.wrap(hidden, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return [
        (first if number == 0 else hang) + line.replace("\x00", "\N{NO-BREAK SPACE}")
        for number, line in enumerate(lines)
    ]


def _painter(color: bool) -> Any:
    return (lambda text, code: f"\x1b[{code}m{text}\x1b[0m") if color else (lambda text, code: text)
