"""Phase 3: `docker export`, `docker import`, and what they leave out. One function per exercise,
in the notebook's order."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from checks.answers import ANSWER, answer, field, number
from checks.archives import Archive, ArchiveError, Member
from checks.archives.problems import shown
from checks.evidence import FILE_LIMIT, Container, Evidence, Image
from checks.exercise import Makes, Slip, exercise
from checks.images import (
    CONTENT,
    FILE,
    GZIP,
    describe,
    is_course_image,
    nature,
    not_of_nothing,
    refuse_copy,
    required,
    wanted,
)
from checks.material import crier
from checks.material import phase3 as material
from checks.material.making import CourseImage
from checks.outcome import Facts, Mistake
from checks.typography import listing, octets, plural

EXPORT = {
    **FILE,
    "image-sauvegardee": Slip(
        "`{name}` vient de `docker save` : on y trouve une image ({found}), avec ses couches et sa "
        "configuration, pas les fichiers d'un conteneur.",
        "Deux commandes écrivent une archive tar : l'une part d'une image, l'autre d'un conteneur.",
    ),
    "pas-un-systeme-de-fichiers": Slip(
        "`{name}` n'est pas le système de fichiers d'un conteneur : son contenu est {nature}"
        "{sample}.",
        "Listez le contenu du fichier : d'un conteneur entier, on attend `etc`, `bin`, `usr`…",
    ),
    "racine-copiee": Slip(
        "Dans `{name}`, tous les chemins commencent par `/` : c'est une copie du dossier racine, "
        "comme en fait `docker cp`, et non un export.",
        "Une commande emporte les fichiers d'un conteneur entier sans qu'on lui donne de chemin.",
    ),
    "export-abime": Slip(
        "`{name}` est l'export d'un conteneur, mais il est abîmé : {problem}",
        "L'écriture du fichier est-elle allée jusqu'au bout ?",
    ),
    "autre-conteneur": Slip(
        "`{name}` est l'export d'un conteneur, mais pas d'un conteneur de `{expected}` : on n'y "
        "trouve pas `{seal}` tel que cette image le contient.",
        "De quelle image le conteneur exporté est-il né ?",
    ),
    "copie": Slip(
        "`{name}` porte la marque d'une autre personne (identifiant {other}, le vôtre est {mine}). "
        "Chaque apprenant a ses propres images et son propre jeton : refaites la mission avec les "
        "vôtres.",
        "Le fichier `fournitures/jeton.txt` dit quel est votre identifiant.",
    ),
}


TYPED = {
    **ANSWER,
    "mauvais-type": Slip(
        "Le champ `{field}` attend {expected} ; vous y avez écrit {found}.",
        "L'énoncé montre la forme de chaque champ : un texte entre guillemets, un nombre sans "
        "guillemets, une liste entre crochets.",
    ),
}


def _word(given: dict[str, Any], name: str) -> str:
    """The text in field `name`; raises `champ-manquant` or `mauvais-type`."""
    value = field(given, name)
    if not isinstance(value, str):
        raise Mistake("mauvais-type", field=name, expected="un texte", found=_shown(value))
    return value.strip()


def _number(given: dict[str, Any], name: str) -> float:
    """The number in field `name`; raises `champ-manquant` or `mauvais-type`."""
    value = field(given, name)
    plain = value.replace(" ", "").removesuffix("octets") if isinstance(value, str) else value
    found = number(plain)
    if found is None:
        raise Mistake("mauvais-type", field=name, expected="un nombre", found=_shown(value))
    return found


def _items(given: dict[str, Any], name: str) -> list[str]:
    """The list in field `name`, which may also be a text of several lines, or with commas."""
    value = field(given, name)
    if isinstance(value, str):
        value = re.split(r"[\n,]", value)
    if not isinstance(value, list) or not all(isinstance(item, str | int) for item in value):
        raise Mistake("mauvais-type", field=name, expected="une liste", found=_shown(value))
    return [str(item).strip() for item in value]


def _shown(value: object) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)[:60]}`"


def _quoted(names: Iterable[object]) -> str:
    return listing([f"`{name}`" for name in names])


def _file_system(archive: Archive) -> Archive:
    """`archive` when it is the whole file system of a container; raises mistakes of `EXPORT`."""
    name = archive.name
    if archive.images:
        tags = [tag for image in archive.images for tag in image.tags]
        raise Mistake("image-sauvegardee", name=name, found=_quoted(tags) if tags else "sans nom")
    if _copied_root(archive):
        raise Mistake("racine-copiee", name=name)
    if archive.kind != "rootfs":
        few = list(archive.members)[:3]
        sample = f" ({_quoted(few)}…)" if few else ""
        raise Mistake(
            "pas-un-systeme-de-fichiers", name=name, nature=nature(archive), sample=sample
        )
    for problem in archive.structure_problems:
        if problem.severity == "error":
            raise Mistake("export-abime", name=name, problem=problem.message)
    return archive


def _copied_root(archive: Archive) -> bool:
    """Whether this is what `docker cp CONTAINER:/ -` writes: told by its first names, for only the
    beginning of an unknown file travels in a submission."""
    return "/bin" in archive.members or "/.dockerenv" in archive.members


def _of_my(evidence: Evidence, archive: Archive, image: CourseImage, seal: str) -> Archive:
    """`archive` when it was exported from a container of the learner's own `image`, which holds
    the file `seal`; raises `copie` or `autre-conteneur`."""
    found = _text(archive, seal)
    other = re.match(r"[0-9a-f]{8}\b", found or "")
    if other and other[0] != evidence.identity.id:
        raise Mistake("copie", name=archive.name, other=other[0], mine=evidence.identity.id)
    if not found or found.encode() not in b"".join(image.layers):
        raise Mistake("autre-conteneur", name=archive.name, expected=image.name, seal=seal)
    return archive


def _text(archive: Archive, path: str) -> str | None:
    """A small file of the archive as text, spaces around it left out; None when it is not there."""
    try:
        return archive.read(path, FILE_LIMIT).decode(errors="replace").strip()
    except ArchiveError:
        return None


def _appended(archive: Archive, path: str) -> bool:
    """Whether `path` was added to the tar afterwards.

    What reads a tree writes a folder, then all it holds: a file that comes after those of another
    folder was put there by `tar -r`.
    """
    folder = path.rpartition("/")[0]
    names = [member.name for member in archive.entries]
    before = names[max(names.index(path) - 1, 0)]
    return names.count(folder) > 1 or not (before + "/").startswith(folder + "/")


def _holds(image: Image, archive: Archive) -> bool:
    """Whether the only layer of `image` is `archive`, byte for byte once decompressed."""
    return image.diff_ids == (f"sha256:{archive.content_sha256}",)


def _imported(evidence: Evidence, reference: str) -> bool:
    """Whether `docker import` made the image: a history of one line, without an instruction.

    Podman writes an instruction there, and says in the comment that it imported.
    """
    steps = evidence.history(reference)
    return len(steps) == 1 and (
        not steps[0].created_by or "imported from" in steps[0].comment.lower()
    )


def _command(config: Mapping[str, Any]) -> list[str]:
    return [*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())]


def _plain(value: object) -> str:
    """A word as a person means it: no accents, no capitals, no quotes, single spaces."""
    text = unicodedata.normalize("NFD", str(value)).encode("ascii", "ignore").decode()
    return " ".join(text.lower().replace("`", "").replace('"', "").split())


# --- 3.1 ------------------------------------------------------------------------------------

JETON = "srv/jeton"


@exercise(
    "3.1",
    "Photographier un conteneur",
    points=2,
    hints=[
        "Listez ce que contient votre archive, puis lisez-y le fichier demandé sans rien extraire.",
        "Une image ne change plus ; ce qu'un conteneur écrit depuis sa naissance n'est que dans le "
        "conteneur. Quelle commande part d'un conteneur ?",
        "Créez un conteneur de `cours/carnet:1`, faites-y entrer le contenu de "
        "`fournitures/jeton.txt` au chemin demandé, puis seulement exportez ce conteneur vers le "
        "fichier, par l'option de sortie.",
    ],
    mistakes={
        **EXPORT,
        "conteneur-fige-puis-sauve": Slip(
            "`{name}` est une image : votre jeton est bien dans sa dernière couche, mais vous avez "
            "figé le conteneur (`docker commit`) avant de sauvegarder l'image obtenue.",
            "L'énoncé demande les fichiers du conteneur, sans couches ni configuration.",
        ),
        "dossier-seulement": Slip(
            "`{name}` ne contient que {sample} : c'est un dossier du conteneur, pas le conteneur. "
            "Il n'y a ni `etc`, ni `bin`.",
            "`docker cp` copie un dossier. Quelle commande emporte tout ?",
        ),
        "jeton-absent": Slip(
            "`{name}` est bien l'export d'un conteneur de `cours/carnet:1`, mais `/srv/jeton` n'y "
            "est pas : le conteneur exporté ne l'avait pas à ce moment-là.",
            "Dans quel ordre avez-vous écrit et exporté ? Et dans le même conteneur ?",
        ),
        "jeton-ailleurs": Slip(
            "`{name}` contient votre jeton, mais dans `/{found}` ; il est attendu dans `/srv/jeton`.",
            "Comparez le chemin où vous avez écrit avec celui de l'énoncé.",
        ),
        "jeton-different": Slip(
            "Dans `{name}`, `/srv/jeton` contient « {found} », et non le contenu de "
            "`fournitures/jeton.txt`.",
            "Le shell a-t-il changé ce que vous vouliez écrire ? Copier un fichier évite ce risque.",
        ),
        "ajoute-apres-coup": Slip(
            "`/srv/jeton` a été ajouté à `{name}` après l'export : il n'est pas rangé avec les "
            "autres fichiers de `/srv`, comme un export l'aurait fait.",
            "C'est dans le conteneur qu'il faut écrire.",
        ),
    },
    makes=Makes(files=["instantane.tar"], images=["{hub}/cours/carnet:1"], containers=["carnet"]),
)
def exported_container(evidence: Evidence) -> Facts:
    """`instantane.tar` est l'export d'un conteneur de `cours/carnet:1` dans lequel `/srv/jeton`
    contient votre jeton, celui de `fournitures/jeton.txt`."""
    name, token = "instantane.tar", material.token(evidence.identity)
    archive = required(evidence, name)
    if archive.images and token in _written(archive):
        raise Mistake("conteneur-fige-puis-sauve", name=name)
    folder = archive.kind == "unknown" and not _copied_root(archive)
    if folder and any(m.endswith("jeton") for m in archive.members):
        raise Mistake("dossier-seulement", name=name, sample=_quoted(list(archive.members)[:3]))
    _of_my(
        evidence, _file_system(archive), material.carnet(evidence.identity), material.CARNET_SEAL
    )
    found = _text(archive, JETON)
    if found is None:
        elsewhere = _holder(archive, token)
        if elsewhere:
            raise Mistake("jeton-ailleurs", name=name, found=elsewhere)
        raise Mistake("jeton-absent", name=name)
    if found != token:
        other = re.fullmatch(r"jeton-([0-9a-f]{8})-[0-9a-f]{12}", found)
        if other and other[1] != evidence.identity.id:
            raise Mistake("copie", name=name, other=other[1], mine=evidence.identity.id)
        raise Mistake("jeton-different", name=name, found=found[:60])
    if _appended(archive, JETON):
        raise Mistake("ajoute-apres-coup", name=name)
    return {
        "jeton": token,
        "fichiers": sum(member.type == "file" for member in archive.entries),
        "taille": octets(archive.content_size),
    }


def _written(archive: Archive) -> str:
    """What the layers of the images have at `/srv/jeton`; base layers may have stayed behind."""
    found = ""
    for image in archive.images:
        for layer in image.layers:
            if layer.size > 1 << 16:
                continue
            try:
                data = b"".join(archive.layer_chunks(layer.member))
            except ArchiveError:
                continue
            if JETON.encode() in data:
                found += data.decode(errors="replace")
    return found


def _holder(archive: Archive, text: str) -> str:
    """The path of a file of the archive whose content is `text`, or nothing."""
    for member in archive.members.values():
        close = len(text) <= member.size <= len(text) + 2
        if member.type == "file" and close and _text(archive, member.name) == text:
            return member.name
    return ""


# --- 3.2 ------------------------------------------------------------------------------------

IMAGE_ABSENT = {
    "image-absente": Slip(
        "Aucune image locale ne s'appelle `{reference}`.",
        "La commande qui devait la faire a-t-elle réussi ? Le nom est écrit dans l'énoncé, tag "
        "compris.",
    ),
}


@exercise(
    "3.2",
    "De l'archive à l'image",
    points=2,
    needs=["3.1"],
    hints=[
        "Combien de couches l'image a-t-elle, et que dit son historique ?",
        "`docker load` relit une image ; `docker import` fabrique une image neuve, d'une seule "
        "couche, à partir de n'importe quel système de fichiers.",
        "Donnez à `docker import` le fichier `instantane.tar`, puis le nom et le tag de l'image à "
        "faire.",
    ],
    mistakes={
        **IMAGE_ABSENT,
        "sans-tag": Slip(
            "`{reference}` n'existe pas, mais `instantane:latest` a été importée : sans tag, c'est "
            "`latest` que Docker écrit.",
            "Un nom d'image se termine par deux-points et un tag.",
        ),
        "image-d-origine": Slip(
            "`{reference}` est l'image `cours/carnet:1`, renommée : votre jeton n'y est pas, et "
            "elle n'est pas née de `instantane.tar`.",
            "Donner un nouveau nom à une image ne change pas ce qu'elle contient.",
        ),
        "pas-importee": Slip(
            "`{reference}` n'a pas été faite par `docker import` : {found}.",
            "Un import ne laisse qu'une couche, et une seule ligne d'historique, sans instruction.",
        ),
        "archive-d-image-importee": Slip(
            "`{reference}` a été importée de `{name}`, qui est une archive de `docker save` : la "
            "commande a réussi sans rien dire, et les seuls fichiers de cette image sont "
            "`manifest.json` et des couches emballées. Aucun programme n'y démarrera.",
            "Que contient le fichier que vous avez donné à `docker import` ?",
        ),
        "autre-archive": Slip(
            "`{reference}` a bien été importée, mais pas de `instantane.tar` tel qu'il est "
            "maintenant : l'empreinte de sa couche ({found}) n'est pas celle de cette archive "
            "({expected}).",
            "Avez-vous refait l'export après l'import, ou importé un autre fichier ?",
        ),
    },
    makes=Makes(images=["instantane:1", "instantane:latest"]),
)
def imported_image(evidence: Evidence) -> Facts:
    """L'image locale `instantane:1` a été faite par `docker import` à partir de
    `instantane.tar`."""
    reference = "instantane:1"
    image = evidence.image(reference)
    archive = required(evidence, "instantane.tar")
    if image is None:
        if evidence.image("instantane:latest") is not None:
            raise Mistake("sans-tag", reference=reference)
        raise Mistake("image-absente", reference=reference)
    if is_course_image(image.diff_ids, image.config, material.carnet(evidence.identity)):
        raise Mistake("image-d-origine", reference=reference)
    if not _imported(evidence, reference):
        steps = [step for step in evidence.history(reference) if step.created_by]
        found = plural(len(image.diff_ids), "couche")
        if steps:
            line = steps[-1].created_by.replace("`", "'")[:70]
            found += f", et son historique se termine par `{line}`"
        raise Mistake("pas-importee", reference=reference, found=found)
    if _holds(image, archive):
        return {
            "image": reference,
            "couches": 1,
            "couche": image.diff_ids[0],
            "empreinte de instantane.tar": f"sha256:{archive.content_sha256}",
        }
    for name in (*evidence.names("*.tar"), *evidence.names("*.tar.gz"), *evidence.names("*.tgz")):
        other = evidence.archive(name)
        if other is not None and other.images and _holds(image, other):
            raise Mistake("archive-d-image-importee", reference=reference, name=name)
    raise Mistake(
        "autre-archive",
        reference=reference,
        found=image.diff_ids[0][7:19],
        expected=archive.content_sha256[:12],
    )


# --- 3.3 ------------------------------------------------------------------------------------

STOPPED = (0, 137, 143)
"""Exit codes of a container that was stopped, politely or not (128 + SIGKILL or SIGTERM)."""


@exercise(
    "3.3",
    "Rendre ses métadonnées",
    points=3,
    needs=["3.1"],
    hints=[
        "Comparez la configuration de votre image, champ par champ, avec celle de "
        "`cours/carnet:1`.",
        "L'archive n'a que des fichiers. `docker import` peut déclarer le reste en chemin, par une "
        "option qui prend une instruction de Dockerfile et que l'on répète.",
        "Une option `--change` par instruction, chacune entre apostrophes, avec CMD en liste JSON. "
        "Les six sortes d'instructions sont celles que l'inspection de l'image d'origine montre : "
        "commande, variables, port, dossier, utilisateur, labels.",
    ],
    mistakes={
        **IMAGE_ABSENT,
        "pas-un-seul-import": Slip(
            "L'historique de `{reference}` compte {count} lignes, alors qu'un import n'en écrit "
            "qu'une : l'image n'a pas été faite par un seul `docker import`.",
            "Les métadonnées se déclarent au moment d'importer, sans Dockerfile.",
        ),
        "autre-contenu": Slip(
            "La couche de `{reference}` ({found}) n'est pas `instantane.tar` tel qu'il est "
            "maintenant ({expected}).",
            "Avez-vous refait l'export depuis ?",
        ),
        "metadonnees-absentes": Slip(
            "Il manque encore à `{reference}` {found}. L'image d'origine a tout cela.",
            "Chaque instruction demande sa propre option ; sans apostrophes, le shell la coupe en "
            "morceaux.",
        ),
        "entrypoint-au-lieu-de-cmd": Slip(
            "`{reference}` a un point d'entrée (ENTRYPOINT {found}) ; l'image d'origine n'en a pas. "
            "Avec lui, ce que l'on écrit après le nom de l'image devient un argument de ce "
            "programme.",
            "Laquelle des deux instructions donne une commande par défaut que l'on peut remplacer ?",
        ),
        "forme-shell": Slip(
            "La commande de `{reference}` est {found} : écrite sans crochets, elle passe par un "
            "shell, qui devient le premier processus et reçoit les signaux à la place du programme.",
            "Comment l'image d'origine écrit-elle sa commande : une phrase, ou une liste ?",
        ),
        "metadonnee-fausse": Slip(
            "Dans `{reference}`, {field} vaut {found} ; dans l'image d'origine, {expected}.",
            "Recopiez la valeur que montre l'inspection de `cours/carnet:1`.",
        ),
        "reveil-absent": Slip(
            "L'image est bonne, mais aucun conteneur ne s'appelle `reveil` : reste à montrer "
            "qu'elle démarre.",
            "Un conteneur reçoit son nom au moment où on le lance.",
        ),
        "reveil-d-une-autre-image": Slip(
            "Le conteneur `reveil` est né d'une autre image que `{reference}` telle qu'elle est "
            "maintenant.",
            "Un conteneur garde l'image qu'il avait à sa naissance : il faut en refaire un.",
        ),
        "commande-a-la-main": Slip(
            "Le conteneur `reveil` a été lancé avec la commande `{found}`, donnée à la main : cela "
            "ne montre pas que l'image sait démarrer seule.",
            "Qu'écrit-on après le nom de l'image quand on veut sa commande par défaut ?",
        ),
        "reveil-jamais-demarre": Slip(
            "Le conteneur `reveil` a été créé, mais jamais démarré.",
            "Créer un conteneur et le démarrer sont deux gestes ; `docker run` fait les deux.",
        ),
        "demarrage-rate": Slip(
            "Le conteneur `reveil` s'est arrêté avec le code {code}, au lieu de rester en marche.",
            "Le programme dit dans son journal ce qui lui manque.",
        ),
    },
    makes=Makes(
        images=["instantane:2", "{hub}/cours/carnet:1"],
        containers=["reveil"],
    ),
)  # fmt: skip
def restored_metadata(evidence: Evidence) -> Facts:
    """`instantane:2`, faite d'un seul `docker import` de `instantane.tar`, a la commande, la
    variable, le port, le dossier, l'utilisateur et les labels de `cours/carnet:1` ; un conteneur
    `reveil` en est né et a démarré sans qu'on lui donne de commande."""
    reference = "instantane:2"
    image = evidence.image(reference)
    if image is None:
        raise Mistake("image-absente", reference=reference)
    steps = evidence.history(reference)
    if len(steps) > 1:
        raise Mistake("pas-un-seul-import", reference=reference, count=len(steps))
    archive = required(evidence, "instantane.tar")
    if not _holds(image, archive):
        raise Mistake(
            "autre-contenu",
            reference=reference,
            found=image.diff_ids[0][7:19] if image.diff_ids else "aucune",
            expected=archive.content_sha256[:12],
        )
    _compare_metadata(reference, image.config, material.carnet(evidence.identity).config)
    container = _container(evidence, "reveil")
    if container is None:
        raise Mistake("reveil-absent")
    if container.image_id != image.id:
        raise Mistake("reveil-d-une-autre-image", reference=reference)
    if list(container.command) != list(image.config.get("Cmd") or ()):
        raise Mistake("commande-a-la-main", found=" ".join(container.command))
    if container.status == "created":
        raise Mistake("reveil-jamais-demarre")
    if container.status != "running" and container.exit_code not in STOPPED:
        raise Mistake("demarrage-rate", code=container.exit_code)
    return {"image": reference, "commande": " ".join(image.config["Cmd"]), "réveil": "démarré"}


def _container(evidence: Evidence, name: str) -> Container | None:
    return next((c for c in evidence.containers() if c.name == name), None)


def _compare_metadata(
    reference: str, found: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    """Raise the mistake that tells two configs apart, if anything does."""
    if found.get("Entrypoint"):
        shown = json.dumps(found["Entrypoint"])
        raise Mistake("entrypoint-au-lieu-de-cmd", reference=reference, found=shown)
    have, want = _metadata(found), _metadata(expected)
    if missing := [field for field in want if field not in have]:
        raise Mistake("metadonnees-absentes", reference=reference, found=listing(missing))
    command = found.get("Cmd") or []
    if command[:2] == ["/bin/sh", "-c"]:
        raise Mistake("forme-shell", reference=reference, found=f"`{json.dumps(command)}`")
    for field_name, value in want.items():
        if have[field_name] != value:
            raise Mistake(
                "metadonnee-fausse",
                reference=reference,
                field=field_name,
                found=f"`{have[field_name]}`",
                expected=f"`{value}`",
            )


def _metadata(config: Mapping[str, Any]) -> dict[str, str]:
    """What a config declares, by the French name of the field; `PATH` is the engine's default."""
    found = {}
    if config.get("Cmd"):
        program, *rest = config["Cmd"]
        found["la commande (CMD)"] = json.dumps([program.removeprefix("/usr/bin/"), *rest])
    for line in config.get("Env") or ():
        variable, _, value = line.partition("=")
        if variable != "PATH":
            found[f"la variable {variable} (ENV)"] = value
    if ports := sorted(config.get("ExposedPorts") or ()):
        found["le port (EXPOSE)"] = ", ".join(ports)
    if folder := config.get("WorkingDir"):
        found["le dossier de travail (WORKDIR)"] = folder.rstrip("/")
    if user := config.get("User"):
        found["l'utilisateur (USER)"] = str(user)
    for label, value in sorted((config.get("Labels") or {}).items()):
        found[f"le label `{label}` (LABEL)"] = value
    return found


# --- 3.4 ------------------------------------------------------------------------------------

EMPTY_LAYER = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
"""The diff_id of a layer without any file: the sha256 of 1,024 zero bytes (an empty tar)."""
BOTH = {"fige": "fige", "quart:fige": "fige", "aplati": "aplati", "quart:aplati": "aplati"}
NEITHER = ("aucune", "aucun", "ni l'une ni l'autre", "ni l'un ni l'autre", "aucune des deux")


@exercise(
    "3.4",
    "Commit ou export/import ?",
    points=3,
    hints=[
        "Inspectez les deux images : leurs couches, leur commande, leurs labels, leur historique.",
        "L'une ajoute une couche à celles de l'image d'origine et garde sa configuration ; l'autre "
        "fond tout en une seule couche et n'en garde rien. Un volume n'est ni dans l'une, ni dans "
        "l'autre.",
        "`docker commit` prend un message, un conteneur et un nom d'image. Pour l'autre chemin, "
        "exportez le même conteneur dans `quart.tar`, puis importez ce fichier sans rien déclarer.",
    ],
    mistakes={
        **EXPORT,
        **TYPED,
        "image-absente": Slip(
            "Aucune image locale ne s'appelle `{reference}`.",
            "Deux images sont attendues, faites par deux chemins.",
        ),
        "noms-echanges": Slip(
            "Les deux noms sont échangés : `quart:fige` a été faite par `docker import` et "
            "`quart:aplati` par `docker commit`.",
            "Laquelle des deux commandes garde les couches d'origine ?",
        ),
        "deux-commits": Slip(
            "`quart:aplati` ({found}) n'a pas été importée : son historique n'est pas celui d'un "
            "import. L'avez-vous figée, comme `quart:fige` ?",
            "Une image importée n'a qu'une couche.",
        ),
        "deux-imports": Slip(
            "`quart:fige` n'a qu'une couche, importée comme `quart:aplati` : elle n'a pas gardé "
            "celles de `cours/carnet:1`.",
            "Quelle commande fait une image à partir d'un conteneur, sans passer par un fichier ?",
        ),
        "autre-base": Slip(
            "`quart:fige` ({found}) n'est pas faite d'une couche posée sur celles de "
            "`cours/carnet:1`.",
            "De quelle image votre conteneur est-il né ?",
        ),
        "rien-de-fige": Slip(
            "`quart:fige` n'a rien de plus que `cours/carnet:1` : le conteneur figé n'avait rien "
            "écrit dans ses propres fichiers.",
            "Le conteneur `quart` a-t-il joué sa scène avant d'être figé ?",
        ),
        "sans-message": Slip(
            "Le message de `quart:fige` est {found} ; l'énoncé demande votre jeton, celui de "
            "`fournitures/jeton.txt`.",
            "`docker commit` accepte un message, que l'historique de l'image garde.",
        ),
        "autre-archive": Slip(
            "`quart:aplati` n'a pas été importée de `quart.tar` tel qu'il est maintenant : leurs "
            "empreintes diffèrent ({found} et {expected}).",
            "Le fichier doit être celui que vous avez importé.",
        ),
        "observation-absente": Slip(
            "`quart.tar` est bien l'export d'un conteneur de `cours/carnet:1`, mais "
            "`/srv/observation.txt` n'y est pas : ce n'est pas le conteneur `quart` de la scène.",
            "Les deux images doivent venir du même conteneur.",
        ),
        "metadonnees-rendues": Slip(
            "`quart:aplati` porte {found} : des métadonnées ont été déclarées à l'import. Ici, on veut "
            "voir ce que l'import laisse quand on ne lui dit rien.",
            "La mission précédente rendait les métadonnées ; celle-ci les laisse se perdre.",
        ),
        "volume-cru-emporte": Slip(
            "Vous répondez que les données du volume `/donnees` sont dans {found} : elles ne sont "
            "dans aucune des deux images. Un volume est en dehors des fichiers du conteneur, et ni "
            "`docker commit` ni `docker export` ne le suivent.",
            "Cherchez `donnees/jeton.txt` dans `quart.tar`.",
        ),
        "conclusion-fausse": Slip(
            "Le champ `{field}` vaut {found} : ce n'est pas ce que montrent vos deux images.",
            "Relisez l'inspection des deux images, l'une à côté de l'autre.",
        ),
    },
    makes=Makes(
        files=["quart.tar", "reponses/3.4.json"],
        images=["quart:fige", "quart:aplati", "{hub}/cours/carnet:1"],
        containers=["quart"], volumes=["quart-donnees"],
    ),
)  # fmt: skip
def committed_or_flattened(evidence: Evidence) -> Facts:
    """Du même conteneur `quart` viennent deux images : `quart:fige`, faite par `docker commit` avec
    votre jeton pour message, et `quart:aplati`, importée sans rien déclarer de son export
    `quart.tar` ; votre réponse les compare."""
    origin = material.carnet(evidence.identity)
    frozen, flat = evidence.image("quart:fige"), evidence.image("quart:aplati")
    for reference, image in (("quart:fige", frozen), ("quart:aplati", flat)):
        if image is None:
            raise Mistake("image-absente", reference=reference)
        refuse_copy(evidence, reference, image.config.get("Labels") or {})
    assert frozen is not None and flat is not None
    imported = [_imported(evidence, name) for name in ("quart:fige", "quart:aplati")]
    if imported == [True, False] and _stands_on(flat, origin):
        raise Mistake("noms-echanges")
    if imported[0]:
        raise Mistake("deux-imports")
    if is_course_image(frozen.diff_ids, frozen.config, origin):
        raise Mistake("rien-de-fige")
    if not _stands_on(frozen, origin):
        raise Mistake("autre-base", found=plural(len(frozen.diff_ids), "couche"))
    if frozen.diff_ids[-1] == EMPTY_LAYER:
        raise Mistake("rien-de-fige")
    if not imported[1]:
        raise Mistake("deux-commits", found=plural(len(flat.diff_ids), "couche"))
    _check_message(evidence)
    _check_flat(evidence, flat, origin)
    _check_comparison(evidence, frozen)
    return {
        "quart:fige": f"{plural(len(frozen.diff_ids), 'couche')}, configuration gardée",
        "quart:aplati": "1 couche, aucune configuration",
    }


def _stands_on(image: Image, origin: CourseImage) -> bool:
    """Whether `image` is `origin` with one layer more."""
    own = origin.own_diff_ids
    below = image.diff_ids[:-1]
    return len(below) > len(own) and below[-len(own) :] == own


def _check_message(evidence: Evidence) -> None:
    history = evidence.history("quart:fige")
    message = history[-1].comment.strip() if history else ""
    if message != material.token(evidence.identity):
        other = re.fullmatch(r"jeton-([0-9a-f]{8})-[0-9a-f]{12}", message)
        if other and other[1] != evidence.identity.id:
            raise Mistake("copie", name="quart:fige", other=other[1], mine=evidence.identity.id)
        raise Mistake("sans-message", found=f"« {message[:60]} »" if message else "vide")


def _check_flat(evidence: Evidence, flat: Image, origin: CourseImage) -> None:
    archive = _file_system(required(evidence, "quart.tar"))
    _of_my(evidence, archive, origin, material.CARNET_SEAL)
    if _text(archive, "srv/observation.txt") is None:
        raise Mistake("observation-absente")
    if not _holds(flat, archive):
        raise Mistake(
            "autre-archive",
            found=flat.diff_ids[0][7:19] if flat.diff_ids else "aucune",
            expected=archive.content_sha256[:12],
        )
    if declared := list(_metadata(flat.config)):
        raise Mistake("metadonnees-rendues", found=listing(declared))


def _check_comparison(evidence: Evidence, frozen: Image) -> None:
    given = answer(evidence, "3.4")
    for name, expected in (("couches_fige", len(frozen.diff_ids)), ("couches_aplati", 1)):
        if _number(given, name) != expected:
            raise Mistake("conclusion-fausse", field=name, found=f"`{given[name]}`")
    if _which(_word(given, "commande_gardee")) != "fige":
        raise Mistake(
            "conclusion-fausse", field="commande_gardee", found=f"`{given['commande_gardee']}`"
        )
    where = _which(_word(given, "donnees_du_volume"))
    if where in ("fige", "aplati", "les deux"):
        raise Mistake("volume-cru-emporte", found=f"« {where} »")
    if where != "aucune":
        raise Mistake(
            "conclusion-fausse", field="donnees_du_volume", found=f"`{given['donnees_du_volume']}`"
        )


def _which(value: object) -> str:
    """`fige`, `aplati`, `les deux`, `aucune`, or what was written."""
    word = _plain(value)
    if word in NEITHER:
        return "aucune"
    return "les deux" if word in ("les deux", "deux") else BOTH.get(word, word)


# --- 3.5 ------------------------------------------------------------------------------------


@exercise(
    "3.5",
    "Les volumes ne voyagent pas",
    points=3,
    hints=[
        "Cherchez, dans chacune des deux archives, ce que le conteneur montre dans `/releves`.",
        "Un volume est monté par-dessus un dossier du conteneur. `docker export` lit le dossier "
        "qui est dessous : il est vide.",
        "Pour la seconde archive, faites d'abord, à l'intérieur du conteneur, une copie de "
        "`/releves` dans un dossier ordinaire, puis exportez de nouveau.",
    ],
    mistakes={
        **EXPORT,
        **TYPED,
        "pas-de-volume": Slip(
            "`{name}` contient `{found}` : les données sont parties avec l'export. Soit `/releves` "
            "n'était pas un volume de ce conteneur, soit cette archive n'a pas été faite par "
            "`docker export`.",
            "Un volume se monte au moment de créer le conteneur.",
        ),
        "donnees-toujours-absentes": Slip(
            "`{name}` ne contient toujours pas {found}{where}.",
            "Où la copie a-t-elle eu lieu : sur votre machine, ou dans le conteneur ?",
        ),
        "meme-dossier": Slip(
            "`{name}` contient `{found}`, mais seulement sous `/releves` : les relevés devaient être "
            "rangés ailleurs, là où aucun volume ne les cachera.",
            "Que verra-t-on dans `/releves`, le jour où un volume y sera monté de nouveau ?",
        ),
        "donnees-differentes": Slip(
            "`{name}` contient bien `{found}`, mais son contenu n'est pas celui que la station a "
            "écrit.",
            "Copiez les fichiers eux-mêmes, sans les récrire.",
        ),
        "ajoute-apres-coup": Slip(
            "`{found}` a été ajouté à `{name}` après l'export : il n'est pas rangé avec les fichiers "
            "de son dossier, comme un export l'aurait fait.",
            "La copie doit être faite dans le conteneur, avant l'export.",
        ),
        "constat-incomplet": Slip(
            "Votre réponse oublie {found} : le conteneur montre ce fichier, et l'export ne l'a pas.",
            "Le volume contient aussi un sous-dossier.",
        ),
        "constat-faux": Slip(
            "Votre réponse compte `{found}` parmi les fichiers manquants : {why}.",
            "Comparez la liste des fichiers vus dans le conteneur et celle de l'archive.",
        ),
        "dossier-faux": Slip(
            "Le dossier vide de l'export n'est pas `{found}`.",
            "C'est l'endroit où le volume est monté.",
        ),
    },
    makes=Makes(
        files=["sans-donnees.tar", "avec-donnees.tar", "reponses/3.5.json"],
        images=["{hub}/cours/station:1"],
        containers=["station"], volumes=["releves"],
    ),
)  # fmt: skip
def volumes_stay(evidence: Evidence) -> Facts:
    """`sans-donnees.tar` est l'export d'un conteneur de `cours/station:1` dont `/releves` est un
    volume : les relevés n'y sont pas, et votre réponse dit lesquels manquent ; `avec-donnees.tar`
    est un second export, où ils sont, rangés ailleurs que dans `/releves`."""
    image = material.station(evidence.identity)
    data = material.station_data(evidence.identity)
    first = _of_my(
        evidence, _file_system(required(evidence, "sans-donnees.tar")), image, material.STATION_SEAL
    )
    for path in data:
        if f"releves/{path}" in first.members:
            raise Mistake("pas-de-volume", name=first.name, found=f"releves/{path}")
    _check_statement(evidence, first, [f"/releves/{path}" for path in data])
    second = _of_my(
        evidence, _file_system(required(evidence, "avec-donnees.tar")), image, material.STATION_SEAL
    )
    places = {}
    for path, content in data.items():
        same_name = [m for m in second.members if m.endswith("/" + path.rpartition("/")[2])]
        files = [m for m in same_name if second.members[m].type == "file"]
        if not files:
            where = ""
            if _is_empty(first, "releves") and _is_empty(second, "releves"):
                where = " : comme dans la première archive, le dossier `releves` y est vide"
            raise Mistake(
                "donnees-toujours-absentes", name=second.name, found=f"`{path}`", where=where
            )
        moved = [m for m in files if not m.startswith("releves/")]
        if not moved:
            raise Mistake("meme-dossier", name=second.name, found=path)
        good = [m for m in moved if _bytes(second, m) == content]
        if not good:
            raise Mistake("donnees-differentes", name=second.name, found=moved[0])
        if all(_appended(second, member) for member in good):
            raise Mistake("ajoute-apres-coup", name=second.name, found=good[0])
        places[path] = "/" + good[0]
    return {"manquants": len(data), "retrouvés": listing(sorted(places.values()))}


def _is_empty(archive: Archive, folder: str) -> bool:
    """Whether `folder` is in the archive with nothing under it."""
    under = (member for member in archive.members if member.startswith(folder + "/"))
    return folder in archive.members and next(under, None) is None


def _bytes(archive: Archive, path: str) -> bytes | None:
    try:
        return archive.read(path, FILE_LIMIT)
    except ArchiveError:
        return None


def _check_statement(evidence: Evidence, archive: Archive, missing: list[str]) -> None:
    given = answer(evidence, "3.5")
    folder = "/" + _word(given, "dossier").strip("/")
    if folder != "/releves":
        raise Mistake("dossier-faux", found=folder)
    found = {"/" + path.strip("/") for path in _items(given, "manquants")}
    # A path given from the folder itself is as clear.
    found = {folder + path if folder + path in missing else path for path in found}
    for path in sorted(found):
        if path in missing or path in ("/releves/journal", "/releves"):
            continue
        known = path.strip("/") in archive.members
        why = "l'archive le contient"
        if not known:
            why = "ce n'est pas un fichier que la station a écrit dans `/releves`"
        raise Mistake("constat-faux", found=path, why=why)
    if forgotten := [path for path in missing if path not in found]:
        raise Mistake("constat-incomplet", found=_quoted(forgotten))


# --- 3.6 ------------------------------------------------------------------------------------


@exercise(
    "3.6",
    "Sauvegarder et restaurer un volume",
    points=3,
    hints=[
        "Listez le contenu de l'archive avec ses détails (propriétaire, droits, chemins), puis "
        "celui du volume restauré.",
        "Un volume ne se lit qu'à travers un conteneur qui le monte. Un conteneur de passage peut "
        "monter à la fois un volume et un dossier de votre machine, ou écrire dans un tube.",
        "À l'aller, un conteneur de passage monte `releves` en lecture seule et tar, placé dans ce "
        "dossier, écrit `.` compressé vers sa sortie. Au retour, un autre monte `donnees2` et tar "
        "lit son entrée. `temoin` se contente de monter `donnees2`.",
    ],
    mistakes={
        **FILE,
        **GZIP,
        "pas-une-archive": Slip(
            "`{name}` n'est pas une archive tar : son contenu est {nature}.",
            "Que dit `file` de ce que vous avez produit ?",
        ),
        "non-compressee": Slip(
            "`{name}` est bien un tar, mais {found}. L'extension `.tgz` promet un tar compressé par "
            "gzip.",
            "Une option de tar fait passer l'archive par gzip.",
        ),
        "conteneur-au-lieu-du-volume": Slip(
            "`{name}` est {nature} : un volume n'en fait jamais partie.",
            "Il faut lire le volume, donc le monter quelque part.",
        ),
        "chemin-de-l-hote": Slip(
            "Dans `{name}`, les fichiers sont rangés sous `{found}`, un chemin de la machine hôte : "
            "ailleurs, il n'existera pas, et il faut être administrateur pour le lire.",
            "De quel point de vue l'archive doit-elle être faite : celui de l'hôte, ou celui d'un "
            "conteneur qui monte le volume ?",
        ),
        "sauvegarde-incomplete": Slip(
            "`{name}` ne contient pas `{found}`.",
            "Le volume contient un fichier, et un sous-dossier.",
        ),
        "donnees-differentes": Slip(
            "{where}, `{found}` n'a pas le contenu que la station a écrit.",
            "Le volume sauvegardé est-il bien celui de la station ?",
        ),
        "copie": Slip(
            "`{name}` contient les relevés d'une autre station (identifiant {other}, le vôtre est "
            "{mine}).",
            "La première colonne des relevés dit de qui ils viennent.",
        ),
        "temoin-absent": Slip(
            "La sauvegarde est bonne, mais aucun conteneur ne s'appelle `temoin` : c'est à travers "
            "lui que le volume restauré sera lu.",
            "Un conteneur qui n'a jamais démarré suffit.",
        ),
        "dossier-monte": Slip(
            "`temoin` monte un dossier de votre machine (`{found}`), pas un volume.",
            "Docker prend ce qui commence par `/` ou `.` pour un dossier de la machine, et un nom "
            "simple pour un volume.",
        ),
        "volume-anonyme": Slip(
            "`temoin` monte un volume sans nom (`{found}…`) : personne ne le retrouvera.",
            "Le nom du volume s'écrit avant le chemin, séparé par deux-points.",
        ),
        "autre-volume": Slip(
            "`temoin` {found} ; le volume attendu est `donnees2`.",
            "Restaurer dans le volume d'origine ne prouve rien : il avait déjà les données.",
        ),
        "restauration-vide": Slip(
            "Le volume `donnees2` est vide.",
            "Vers où l'archive a-t-elle été dépliée : le volume, ou un dossier du conteneur de "
            "passage ?",
        ),
        "sous-dossier-en-trop": Slip(
            "Dans `donnees2`, les fichiers sont rangés un étage trop bas, dans `{found}` ; la "
            "station les cherche à la racine du volume.",
            "tar recrée les chemins qu'il a enregistrés.",
        ),
        "restauration-incomplete": Slip(
            "Le volume `donnees2` ne contient pas `{found}`.",
            "Comparez les deux volumes, fichier par fichier.",
        ),
        "proprietaire-perdu": Slip(
            "Dans `donnees2`, `{path}` appartient à {found} ; la station l'avait donné à {expected}. "
            "Elle ne pourrait plus l'écrire.",
            "Qui a déplié l'archive, et avec quelles options ? Une simple copie change le "
            "propriétaire.",
        ),
        "droits-perdus": Slip(
            "Dans `donnees2`, `{path}` a les droits {found} ; la station avait mis {expected}.",
            "tar garde les droits si on le laisse faire.",
        ),
        "donnees-refaites": Slip(
            "Dans `donnees2`, `{path}` n'a pas la date qu'il porte dans `donnees.tgz` : tar l'aurait "
            "gardée. Ce fichier a été écrit autrement, peut-être par une station qui trouvait le "
            "volume vide.",
            "Qui a écrit dans `donnees2` : tar, ou le programme de la station ?",
        ),
    },
    makes=Makes(
        files=["donnees.tgz"], images=["{hub}/cours/station:1"],
        containers=["station", "temoin"], volumes=["donnees2", "releves"],
    ),
)  # fmt: skip
def volume_saved_and_restored(evidence: Evidence) -> Facts:
    """`donnees.tgz` contient les fichiers du volume `releves` ; le volume `donnees2`, que monte un
    conteneur `temoin`, en a été restauré : mêmes fichiers, mêmes dates, même propriétaire, mêmes
    droits."""
    data = material.station_data(evidence.identity)
    name = "donnees.tgz"
    archive = _volume_backup(not_of_nothing(required(evidence, name)))
    prefix = _common_folder(archive, name, next(iter(data)))
    for path, content in data.items():
        _same_data(evidence, archive, name, prefix + path, content)
    tree, top = _restored(evidence)
    for path, content in data.items():
        _restored_file(evidence, tree, top, path, content)
    for path in data:
        restored, saved = tree.members[f"{top}/{path}"], archive.members[prefix + path]
        if abs(restored.mtime - saved.mtime) > 1:  # some formats round to the second
            raise Mistake("donnees-refaites", path=path)
    return {
        "restaurés": listing(list(data)),
        "propriétaire": f"{material.DATA_OWNER}, comme dans la station",
    }


def _volume_backup(archive: Archive) -> Archive:
    name = archive.name
    if archive.kind == "rootfs" or archive.images:
        found = "l'archive d'une image" if archive.images else "l'export d'un conteneur entier"
        raise Mistake("conteneur-au-lieu-du-volume", name=name, nature=found)
    if not archive.members:
        raise Mistake("pas-une-archive", name=name, nature=nature(archive))
    if archive.compression != ("gzip",):
        found = "compressé par " + ", puis ".join(archive.compression)
        raise Mistake(
            "non-compressee",
            name=name,
            found=found if archive.compression else "il n'est pas compressé",
        )
    return archive


def _common_folder(archive: Archive, name: str, path: str) -> str:
    """What comes before the volume's own paths in the archive (`releves/`, or nothing)."""
    found = [m for m in archive.members if m == path or m.endswith("/" + path)]
    if not found:
        raise Mistake("sauvegarde-incomplete", name=name, found=path)
    prefix = min(found, key=len).removesuffix(path)
    if "/volumes/" in "/" + prefix and prefix.endswith("_data/"):
        raise Mistake("chemin-de-l-hote", name=name, found=prefix)
    return prefix


def _same_data(
    evidence: Evidence, archive: Archive, name: str, path: str, content: bytes, where: str = ""
) -> None:
    found = _bytes(archive, path)
    if found is None:
        raise Mistake("sauvegarde-incomplete", name=name, found=path)
    if found != content:
        other = re.search(rb"(?m)^(?:Station de )?([0-9a-f]{8})\b", found)
        if other and other[1].decode() != evidence.identity.id:
            raise Mistake(
                "copie", name=name, other=other[1].decode(), mine=evidence.identity.id
            )  # fmt: skip
        shown = path.rpartition("/")[2]
        raise Mistake("donnees-differentes", where=where or f"Dans `{name}`", found=shown)


def _restored(evidence: Evidence) -> tuple[Archive, str]:
    """What `temoin` shows of `donnees2`, and the first part of the names there."""
    witness = _container(evidence, "temoin")
    if witness is None:
        raise Mistake("temoin-absent")
    mount = next((m for m in witness.mounts if m.name == "donnees2" and m.kind == "volume"), None)
    if mount is None:
        for other in witness.mounts:
            if other.kind == "bind":
                raise Mistake("dossier-monte", found=other.name)
            if re.fullmatch(r"[0-9a-f]{64}", other.name):
                raise Mistake("volume-anonyme", found=other.name[:12])
        names = _quoted(mount.name for mount in witness.mounts)
        found = f"monte le volume {names}" if witness.mounts else "ne monte aucun volume"
        raise Mistake("autre-volume", found=found)
    tree = evidence.tree("temoin", mount.destination)
    top = mount.destination.rstrip("/").rpartition("/")[2]
    if tree is None or not any(name.startswith(top + "/") for name in tree.members):
        raise Mistake("restauration-vide")
    return tree, top


def _restored_file(evidence: Evidence, tree: Archive, top: str, path: str, content: bytes) -> None:
    member = tree.members.get(f"{top}/{path}")
    if member is None:
        deeper = [name for name in tree.members if name.endswith("/" + path)]
        if deeper:
            lower = deeper[0].removeprefix(top + "/").removesuffix("/" + path)
            raise Mistake("sous-dossier-en-trop", found=lower)
        raise Mistake("restauration-incomplete", found=path)
    _same_data(evidence, tree, "donnees2", member.name, content, where="Dans `donnees2`")
    if (member.uid, member.gid) != (material.DATA_OWNER, material.DATA_OWNER):
        owner = f"{material.DATA_OWNER}:{material.DATA_OWNER}"
        raise Mistake(
            "proprietaire-perdu", path=path, found=f"{member.uid}:{member.gid}", expected=owner
        )
    if member.mode & 0o777 != material.DATA_MODE:
        raise Mistake(
            "droits-perdus",
            path=path,
            found=f"{member.mode & 0o777:o}",
            expected=f"{material.DATA_MODE:o}",
        )


# --- 3.7 ------------------------------------------------------------------------------------


@exercise(
    "3.7",
    "Autopsie hors ligne",
    points=4,
    hints=[
        "Trois témoins : l'inspection du conteneur, son journal, et ses fichiers.",
        "Ce qu'un programme écrit sur sa sortie va au journal, que Docker garde à part ; ce qu'il "
        "écrit dans des fichiers est dans le conteneur, donc dans l'export. `docker diff` dit ce "
        "qui a changé : A pour un ajout, C pour un changement, D pour une suppression.",
        "Le code est dans l'état du conteneur. Dans l'export, lisez le contenu des fichiers sous "
        "`var/log`, pas seulement leurs noms, et numérotez les lignes. Les fichiers modifiés sont "
        "ceux que `docker diff` marque A ou C, sans les dossiers.",
    ],
    mistakes={
        **EXPORT,
        **TYPED,
        "scene-non-jouee": Slip(
            "Aucun conteneur ne s'appelle `derive` : la scène n'a pas encore été jouée, ou son "
            "conteneur a été supprimé.",
            "La cellule de la scène exécute `fournitures/scene-derive.sh`.",
        ),
        "autre-derive": Slip(
            "Un conteneur s'appelle `derive`, mais il n'est pas né de votre image "
            "`cours/derive:1` : ce n'est pas la sonde.",
            "Qui a créé ce conteneur ? Renommez-le s'il est à vous, puis jouez la scène.",
        ),
        "conteneur-relance": Slip(
            "Le conteneur `derive` a été redémarré : son code est maintenant {found}, et le code de "
            "sa mort est perdu. `./atelier reinitialiser 3.7` efface la scène, que vous pourrez "
            "rejouer.",
            "On n'interroge pas un témoin en effaçant ce qu'il sait.",
        ),
        "sonde-jamais-partie": Slip(
            "`{name}` est l'export d'un conteneur de `cours/derive:1` qui n'a jamais démarré : rien "
            "n'y a été écrit.",
            "C'est le conteneur mort qu'il faut exporter, pas un conteneur neuf.",
        ),
        "code-faux": Slip(
            "Le champ `code` vaut {found} : ce n'est pas le code que le conteneur garde dans son "
            "état.",
            "La liste de tous les conteneurs, même arrêtés, le montre entre parenthèses.",
        ),
        "nom-trompeur": Slip(
            "`{found}` a un nom qui parle d'erreurs, mais c'est un fichier de l'image, que la sonde "
            "n'a jamais touché : chercher dans la liste des noms ne dit rien du contenu.",
            "Cherchez dans le contenu des fichiers, pas dans la liste de leurs noms.",
        ),
        "fichier-faux": Slip(
            "`{found}` n'est pas le fichier où la sonde a noté l'erreur fatale.",
            "Plusieurs journaux parlent d'erreur ; un seul parle d'une erreur dont on ne se remet "
            "pas.",
        ),
        "ligne-fausse": Slip(
            "Le fichier est le bon, mais sa ligne {found} n'est pas celle de l'erreur fatale.",
            "La première ligne porte le numéro 1. `grep` sait numéroter.",
        ),
        "message-d-un-fichier": Slip(
            "Le message donné se trouve dans `{found}`, un fichier du conteneur : ce n'est pas le "
            "journal que Docker garde, et qui n'est pas dans l'export.",
            "Quelle commande montre ce qu'un conteneur a écrit sur sa sortie ?",
        ),
        "message-faux": Slip(
            "`dernier_message` n'est pas la dernière ligne du journal du conteneur.",
            "Le journal mêle les deux sorties du programme ; il faut la toute dernière ligne.",
        ),
        "fichiers-de-l-image": Slip(
            "Vous comptez `{found}` parmi les fichiers modifiés : ce fichier était déjà dans "
            "l'image, et la sonde ne l'a pas touché.",
            "Lister tous les fichiers n'est pas lister les différences.",
        ),
        "modifies-incomplets": Slip(
            "Il manque {found} dans `modifies`.",
            "Ajoutés et changés : il faut les deux.",
        ),
        "modifies-faux": Slip(
            "`{found}`, dans `modifies`, n'est pas un fichier que la sonde a ajouté ou changé"
            "{why}.",
            "Relisez la lettre devant chaque ligne de `docker diff`.",
        ),
    },
    makes=Makes(
        files=["autopsie.tar", "reponses/3.7.json"], images=["{hub}/cours/derive:1"],
        containers=["derive"],
    ),
)  # fmt: skip
def autopsy(evidence: Evidence) -> Facts:
    """`autopsie.tar` est l'export du conteneur `derive`, que personne n'a redémarré ; votre réponse donne
    son code de sortie, le fichier et la ligne de l'erreur fatale, le dernier message de son journal
    et les fichiers qu'il avait ajoutés ou changés."""
    truth = material.wreck(evidence.identity)
    container = _container(evidence, "derive")
    if container is None:
        raise Mistake("scene-non-jouee")
    refuse_copy(evidence, "derive", container.labels)
    if container.labels.get("org.opencontainers.image.title") != "derive":
        raise Mistake("autre-derive")
    if container.exit_code != truth.code or container.status != "exited":
        raise Mistake("conteneur-relance", found=container.exit_code)
    archive = _file_system(required(evidence, "autopsie.tar"))
    _of_my(evidence, archive, material.derive(evidence.identity), material.WRECK_SEAL)
    if material.LOCK not in archive.members:
        raise Mistake("sonde-jamais-partie", name=archive.name)
    given = answer(evidence, "3.7")
    if _number(given, "code") != truth.code:
        raise Mistake("code-faux", found=given["code"])
    _check_culprit(given, truth)
    _check_last_message(_word(given, "dernier_message"), truth)
    _check_changes(_items(given, "modifies"), truth)
    return {"code": truth.code, "fichier": truth.file, "ligne": truth.line}


def _check_culprit(given: dict[str, Any], truth: material.Wreck) -> None:
    path = "/" + _word(given, "fichier").strip("/")
    if path in truth.untouched and "erreur" in path:
        raise Mistake("nom-trompeur", found=path)
    if path != truth.file:
        raise Mistake("fichier-faux", found=path)
    if _number(given, "ligne") != truth.line:
        raise Mistake("ligne-fausse", found=given["ligne"])


def _check_last_message(message: str, truth: material.Wreck) -> None:
    wanted_words = _plain(truth.last_message)
    if _plain(message) == wanted_words or wanted_words in _plain(message):
        return
    for path, text in truth.logs.items():
        if _plain(message) and _plain(message) in _plain(text):
            raise Mistake("message-d-un-fichier", found=path)
    raise Mistake("message-faux")


def _check_changes(listed: list[str], truth: material.Wreck) -> None:
    given = {"/" + re.sub(r"^[ACD]\s+", "", line).strip("/") for line in listed}
    folders = {
        "/" + "/".join(parts[:depth])
        for parts in (path.strip("/").split("/") for path in (*truth.changed, truth.deleted))
        for depth in range(1, len(parts))
    }
    for path in sorted(given - set(truth.changed) - folders):
        if path in truth.untouched:
            raise Mistake("fichiers-de-l-image", found=path)
        why = " : elle l'a supprimé" if path == truth.deleted else ""
        raise Mistake("modifies-faux", found=path, why=why)
    if missing := [path for path in truth.changed if path not in given]:
        raise Mistake("modifies-incomplets", found=_quoted(missing))


# --- 3.8 ------------------------------------------------------------------------------------

NATURES = {
    "legacy": "image",
    "oci-layout": "image",
    "podman": "image",
    "gzip": "image",
    "oci-only": "image-oci",
    "export": "conteneur",
    "tar-of-tars": "emballage",
    "truncated": "tronquee",
}
COMMANDS = {
    "image": ("load",),
    "image-oci": ("convertir", "load"),
    "conteneur": ("import",),
    "emballage": ("extraire",),
    "tronquee": ("redemander",),
}
"""A pure OCI archive is loaded by engines with the containerd store, and by no other."""


@exercise(
    "3.8",
    "save ou export ?",
    points=3,
    hints=[
        "Le nom d'un fichier ne dit rien de son contenu : listez chacune des archives, et demandez "
        "à `file` ce qu'il en est.",
        "`manifest.json` signe une image que tout Docker sait charger ; `oci-layout` sans "
        "`manifest.json`, une image OCI ; des dossiers comme `etc` ou `bin`, un conteneur.",
        "Regardez si la liste va jusqu'au bout : devant une archive coupée, tar se plaint d'une fin "
        "inattendue, et `manifest.json`, écrit après les couches, n'y est pas. Une archive qui n'en "
        "contient qu'une autre est à ouvrir d'abord.",
    ],
    mistakes={
        **TYPED,
        "nature-inconnue": Slip(
            "Caisse {number} : « {found} » n'est pas l'une des natures proposées ({choices}).",
            "Le tableau de l'énoncé donne les cinq mots possibles.",
        ),
        "commande-inconnue": Slip(
            "Caisse {number} : « {found} » n'est pas l'un des gestes proposés ({choices}).",
            "Le tableau de l'énoncé donne les cinq mots possibles.",
        ),
        "troncature-non-vue": Slip(
            "Caisse {number} : cette archive est coupée net. Ce qu'on y lit encore ressemble à une "
            "image, mais la fin manque.",
            "tar se plaint-il en la listant ?",
        ),
        "emballage-ignore": Slip(
            "Caisse {number} : ce tar ne contient qu'une autre archive ; telle quelle, aucune "
            "commande de Docker n'en fera rien d'utile.",
            "Que liste `tar -tf`, et rien d'autre ?",
        ),
        "oci-confondue": Slip(
            "Caisse {number} : vous la dites « {found} ». {evidence}.",
            "Un seul fichier distingue une image OCI d'une image que tout Docker sait charger.",
        ),
        "conteneur-pris-pour-une-image": Slip(
            "Caisse {number} : on n'y trouve ni `manifest.json`, ni couches ; ce sont les fichiers "
            "d'un conteneur.",
            "Ces dossiers, où les avez-vous déjà vus ?",
        ),
        "image-prise-pour-un-conteneur": Slip(
            "Caisse {number} : on y trouve `manifest.json` et des couches ; c'est une image.",
            "Des fichiers `layer.tar`, des noms de 64 caractères : ce ne sont pas les fichiers d'un "
            "système.",
        ),
        "nature-fausse": Slip(
            "Caisse {number} : ce n'est pas « {found} ».",
            "Listez encore cette caisse, jusqu'à sa dernière ligne.",
        ),
        "load-pour-un-export": Slip(
            "Caisse {number} : `docker load` refuserait ces fichiers de conteneur, car il cherche "
            "un manifeste d'image qui n'est pas là.",
            "Quelle commande fait une image neuve d'un simple système de fichiers ?",
        ),
        "import-pour-un-save": Slip(
            "Caisse {number} : `docker import` accepterait cette archive sans un mot, et en ferait "
            "une image inutilisable, dont les seuls fichiers seraient {files} et des couches "
            "emballées.",
            "Quelle commande relit une image telle qu'elle était ?",
        ),
        "geste-faux": Slip(
            "Caisse {number} : la nature est la bonne, mais « {found} » n'est pas le geste qui "
            "convient.",
            "Que faudrait-il avoir en main pour que `docker load` réussisse ?",
        ),
        "extension-crue": Slip(
            "Caisses compressées : vous répondez {found}, sur la foi des noms. L'extension de l'une "
            "ment, et une autre n'annonce rien.",
            "Les premiers octets disent la vérité ; `file` les lit pour vous.",
        ),
        "compressees-fausses": Slip(
            "Caisses compressées : vous répondez {found}, ce que leurs premiers octets démentent.",
            "Donnez la liste des numéros, et rien que ceux-là.",
        ),
    },
    makes=Makes(files=["reponses/3.8.json"]),
)
def crates(evidence: Evidence) -> Facts:
    """Pour chacune des huit caisses de `fournitures/`, votre réponse dit ce qu'elle est et ce qu'on
    en fait ; elle dit enfin lesquelles sont réellement compressées."""
    given = answer(evidence, "3.8")
    truth = material.crates(evidence.identity)
    for number_, kind in truth.items():
        _check_nature(number_, kind, _crate_word(given, number_, "nature"))
    for number_, kind in truth.items():
        _check_gesture(number_, NATURES[kind], _crate_word(given, number_, "commande"))
    _check_compressed(_items(given, "compressees"), truth)
    return {f"caisse {number_}": NATURES[kind] for number_, kind in truth.items()}


def _crate_word(given: dict[str, Any], crate: int, part: str) -> str:
    word = _plain(_word(given, f"caisse_{crate}.{part}")).removeprefix("docker ").replace(" ", "-")
    choices = tuple(COMMANDS) if part == "nature" else (
        "load", "import", "extraire", "convertir", "redemander"
    )  # fmt: skip
    if word not in choices:
        kind = "nature-inconnue" if part == "nature" else "commande-inconnue"
        raise Mistake(kind, number=crate, found=word, choices=listing(list(choices), "ou"))
    return word


def _check_nature(crate: int, kind: str, said: str) -> None:
    truth = NATURES[kind]
    if said == truth:
        return
    if truth == "tronquee":
        raise Mistake("troncature-non-vue", number=crate)
    if truth == "emballage":
        raise Mistake("emballage-ignore", number=crate)
    if {said, truth} == {"image", "image-oci"}:
        clue = "`manifest.json` y est" if truth == "image" else "`manifest.json` n'y est pas"
        raise Mistake("oci-confondue", number=crate, found=said, evidence=clue)
    if truth == "conteneur" and said.startswith("image"):
        raise Mistake("conteneur-pris-pour-une-image", number=crate)
    if truth == "image" and said == "conteneur":
        raise Mistake("image-prise-pour-un-conteneur", number=crate)
    raise Mistake("nature-fausse", number=crate, found=said)


def _check_gesture(crate: int, truth: str, said: str) -> None:
    if said in COMMANDS[truth]:
        return
    if truth == "conteneur" and said == "load":
        raise Mistake("load-pour-un-export", number=crate)
    if truth.startswith("image") and said == "import":
        files = "`manifest.json`" if truth == "image" else "`index.json`"
        raise Mistake("import-pour-un-save", number=crate, files=files)
    raise Mistake("geste-faux", number=crate, found=said)


def _check_compressed(listed: list[str], truth: dict[int, str]) -> None:
    found = sorted({int(n) for item in listed for n in re.findall(r"\d+", item)})
    if found == [n for n, kind in truth.items() if kind == "gzip"]:
        return
    liars = [n for n, kind in truth.items() if material.crate_name(n, kind).endswith(".gz")]
    shown = listing([str(n) for n in found]) if found else "aucune"
    raise Mistake("extension-crue" if found == liars else "compressees-fausses", found=shown)


# --- 3.9 ------------------------------------------------------------------------------------

TOOL = "sextant"
FOLDERS = ("usr/local/bin", "usr/bin", "bin", "usr/local/sbin", "usr/sbin", "sbin")


@exercise(
    "3.9",
    "Image de base personnalisée",
    points=3,
    hints=[
        "L'archive contient-elle l'outil, à la bonne place, exécutable ? L'image a-t-elle une "
        "commande ?",
        "Un conteneur vit aussi longtemps que sa commande : un shell sans terminal se termine "
        "aussitôt, et l'on n'exécute rien dans un conteneur arrêté.",
        "Lancez `cours/socle:1` en arrière-plan avec une commande qui dure, copiez-y l'outil, "
        "rendez-le exécutable depuis l'intérieur, exportez dans `ma-base.tar`, puis importez en "
        "déclarant la commande.",
    ],
    mistakes={
        **EXPORT,
        **IMAGE_ABSENT,
        "outil-absent": Slip(
            "`{name}` est bien l'export d'un conteneur de `cours/socle:1`, mais aucun dossier de "
            "programmes n'y contient `sextant` : l'ajout n'a pas eu lieu, et l'export a réussi "
            "quand même.",
            "Le conteneur tournait-il encore au moment de l'ajout ? Lisez ce que la commande a "
            "répondu.",
        ),
        "outil-ailleurs": Slip(
            "`{name}` contient l'outil, mais dans `/{found}`, qui n'est pas un dossier où l'on "
            "cherche les programmes.",
            "La variable PATH liste les dossiers où le shell cherche.",
        ),
        "outil-modifie": Slip(
            "Dans `{name}`, `/{found}` n'est pas `fournitures/sextant`, octet pour octet.",
            "Copier le fichier évite de le récrire.",
        ),
        "outil-non-executable": Slip(
            "Dans `{name}`, `/{found}` n'est pas exécutable (droits {mode}) : copier un fichier "
            "garde ses droits, et celui des fournitures ne peut qu'être lu.",
            "Il faut changer les droits dans le conteneur, avant l'export.",
        ),
        "par-dockerfile": Slip(
            "`{reference}` n'a pas été importée : elle a {layers}, et son historique ({lines}) garde "
            "les instructions d'une construction.",
            "L'énoncé demande une base d'une seule couche, sans historique.",
        ),
        "autre-archive": Slip(
            "`{reference}` n'a pas été importée de `ma-base.tar` tel qu'il est maintenant : leurs "
            "empreintes diffèrent ({found} et {expected}).",
            "Le fichier doit être celui que vous avez importé.",
        ),
        "commande-absente": Slip(
            "`{reference}` n'a pas de commande par défaut : lancée sans argument, elle est refusée.",
            "Les métadonnées se déclarent au moment d'importer.",
        ),
        "autre-commande": Slip(
            "La commande par défaut de `{reference}` est `{found}` : elle ne lance pas `sextant`.",
            "Quel programme doit démarrer quand on ne précise rien ?",
        ),
    },
    makes=Makes(
        files=["ma-base.tar"], images=["ma-base:1.0", "{hub}/cours/socle:1"], containers=["base"]
    ),
)
def own_base(evidence: Evidence) -> Facts:
    """`ma-base:1.0`, importée de `ma-base.tar`, n'a qu'une couche : un système né de
    `cours/socle:1`, auquel a été ajouté le programme `fournitures/sextant`, exécutable, qu'elle
    lance par défaut."""
    name, reference = "ma-base.tar", "ma-base:1.0"
    tool = material.sextant(evidence.identity)
    archive = _file_system(required(evidence, name))
    _of_my(evidence, archive, material.socle(evidence.identity), material.SOCLE_SEAL)
    places = [m for m in archive.members if m.rpartition("/")[2] == TOOL]
    files = [m for m in places if archive.members[m].type == "file"]
    inside = [m for m in files if m.rpartition("/")[0] in FOLDERS]
    if not inside:
        if files:
            raise Mistake("outil-ailleurs", name=name, found=files[0])
        raise Mistake("outil-absent", name=name)
    place = inside[0]
    if _bytes(archive, place) != tool:
        _refuse_other_tool(evidence, archive, place)
        raise Mistake("outil-modifie", name=name, found=place)
    mode = archive.members[place].mode & 0o777
    if not mode & 0o111:
        raise Mistake("outil-non-executable", name=name, found=place, mode=f"{mode:o}")
    image = evidence.image(reference)
    if image is None:
        raise Mistake("image-absente", reference=reference)
    if not _imported(evidence, reference):
        raise Mistake(
            "par-dockerfile",
            reference=reference,
            layers=plural(len(image.diff_ids), "couche"),
            lines=plural(len(evidence.history(reference)), "ligne"),
        )
    if not _holds(image, archive):
        raise Mistake(
            "autre-archive",
            reference=reference,
            found=image.diff_ids[0][7:19],
            expected=archive.content_sha256[:12],
        )
    command = _command(image.config)
    if not command:
        raise Mistake("commande-absente", reference=reference)
    if not re.search(rf"(?<![\w.-]){TOOL}(?![\w.-])", " ".join(command)):
        raise Mistake("autre-commande", reference=reference, found=" ".join(command))
    return {"image": reference, "outil": "/" + place, "commande": " ".join(command), "couches": 1}


def _refuse_other_tool(evidence: Evidence, archive: Archive, place: str) -> None:
    owner = re.search(r"Sextant de bord de ([0-9a-f]{8})", _text(archive, place) or "")
    if owner and owner[1] != evidence.identity.id:
        raise Mistake("copie", name=archive.name, other=owner[1], mine=evidence.identity.id)


# --- 3.10 -----------------------------------------------------------------------------------

FLAT = "aplatir"
TOLERANCE = 0.1
"""Under this difference, two sizes are called equal; headers alone differ by a few kilobytes."""
RULES = {
    "selon les couches": "selon les couches",
    "ca depend": "selon les couches",
    "ca depend des couches": "selon les couches",
    "parfois": "selon les couches",
    "toujours": "toujours",
    "jamais": "jamais",
}


@exercise(
    "3.10",
    "Aplatir, est-ce plus petit ?",
    points=3,
    hints=[
        "Comparez les quatre tailles en octets, image par image.",
        "Une couche ne fait qu'ajouter : supprimer un fichier dans une couche le cache, sans "
        "l'enlever de celle du dessous. `docker save` emporte toutes les couches ; "
        "`docker export`, ce que le conteneur voit.",
        "Pour chaque image : une sauvegarde de l'image, un conteneur créé sans être démarré, un "
        "export de ce conteneur. Le fichier caché se trouve dans la première couche de l'archive "
        "de sauvegarde.",
    ],
    mistakes={
        **FILE,
        **CONTENT,
        **TYPED,
        "genres-echanges": Slip(
            "`{name}` est {found} : le nom annonce le contraire.",
            "Qui écrit des couches, qui écrit des fichiers ?",
        ),
        "pas-une-archive": Slip(
            "`{name}` n'est ni l'archive d'une image, ni l'export d'un conteneur : son contenu est "
            "{nature}.",
            "Que dit `file` de ce que vous avez produit ?",
        ),
        "archive-abimee": Slip(
            "`{name}` est abîmée : {problem}",
            "L'écriture du fichier est-elle allée jusqu'au bout ?",
        ),
        "compressions-melangees": Slip(
            "{found} : comparer un fichier compressé avec un fichier qui ne l'est pas ne dit rien "
            "de l'aplatissement.",
            "Une comparaison ne fait varier qu'une chose à la fois.",
        ),
        "export-d-une-autre-image": Slip(
            "`{name}` est bien l'export d'un conteneur, mais `/{expected}` n'y est pas tel que "
            "`{image}` le contient.",
            "De quelle image ce conteneur est-il né ?",
        ),
        "mesures-inventees": Slip(
            "Le champ `{field}` vaut {found} ; le fichier `{name}` compte {expected} octets.",
            "Mesurez le fichier présent, en octets.",
        ),
        "cachees-fausses": Slip(
            "`octets_caches` vaut {found} : ce n'est pas la taille du fichier que la seconde couche "
            "de `brouillon` supprime, et que la première garde.",
            "Listez la première couche avec les tailles : lequel de ses fichiers le conteneur "
            "ne voit-il plus ?",
        ),
        "conclusion-fausse": Slip(
            "Pour `{image}`, votre conclusion est « {found} », mais vos fichiers disent {why}.",
            "Relisez vos propres chiffres. Deux tailles à 10 % près sont « pareilles ».",
        ),
        "regle-inconnue": Slip(
            "`regle` vaut « {found} » : ce n'est pas l'une des trois réponses proposées (toujours, "
            "jamais, selon les couches).",
            "Recopiez l'une des trois, telle qu'elle est écrite dans l'énoncé.",
        ),
        "toujours-plus-petit": Slip(
            "« {found} » : vos propres mesures disent le contraire. L'une des deux images gagne "
            "beaucoup à être aplatie, l'autre rien.",
            "Qu'est-ce qui distingue les couches de ces deux images ?",
        ),
    },
    makes=Makes(
        files=[f"{FLAT}/*", "reponses/3.10.json"],
        images=["{hub}/cours/brouillon:1", "{hub}/cours/bloc:1"],
        containers=["brouillon", "bloc"],
    ),
)  # fmt: skip
def flattened_sizes(evidence: Evidence) -> Facts:
    """Dans `aplatir/`, chacune des images `cours/brouillon:1` et `cours/bloc:1` a sa sauvegarde
    (`brouillon.save.tar`, `bloc.save.tar`) et l'export d'un de ses conteneurs
    (`brouillon.export.tar`, `bloc.export.tar`) ; votre réponse donne les quatre tailles en octets,
    ce que le fichier supprimé pèse encore, et vos conclusions."""
    images = {
        "brouillon": (material.brouillon(evidence.identity), material.KEPT),
        "bloc": (material.bloc(evidence.identity), "donnees/bloc.bin"),
    }
    archives = {
        f"{title}.{way}": required(evidence, f"{FLAT}/{title}.{way}.tar")
        for title in images
        for way in ("save", "export")
    }
    for title, (image, witness) in images.items():
        _check_saved(evidence, archives[f"{title}.save"], image)
        _check_exported(archives[f"{title}.export"], image, witness)
    packed = [a for a in archives.values() if a.compression]
    if packed and len(packed) < len(archives):
        bare = next(a for a in archives.values() if not a.compression)
        found = (
            f"`{packed[0].name}` est compressé par {packed[0].compression[0]}, `{bare.name}` "
            "ne l'est pas"
        )
        raise Mistake("compressions-melangees", found=found)
    given = answer(evidence, "3.10")
    for title in images:
        for way in ("save", "export"):
            archive = archives[f"{title}.{way}"]
            said = _number(given, f"{title}.{way}")
            if said != archive.size:
                raise Mistake(
                    "mesures-inventees",
                    field=f"{title}.{way}",
                    found=f"{said:.0f}",
                    name=archive.name,
                    expected=archive.size,
                )
    hidden = _number(given, "octets_caches")
    if abs(hidden - material.RAW_SIZE) > 2048:
        raise Mistake("cachees-fausses", found=f"{hidden:.0f}")
    for title in images:
        _check_smallest(given, title, archives)
    rule = RULES.get(_plain(_word(given, "regle")))
    if rule is None:
        raise Mistake("regle-inconnue", found=given["regle"])
    if rule != "selon les couches":
        raise Mistake("toujours-plus-petit", found=rule)
    return {name: octets(archive.size) for name, archive in archives.items()}


def _check_saved(evidence: Evidence, archive: Archive, image: CourseImage) -> None:
    if archive.kind == "rootfs":
        raise Mistake("genres-echanges", name=archive.name, found="un export de conteneur")
    if not archive.images:
        raise Mistake("pas-une-archive", name=archive.name, nature=nature(archive))
    for problem in archive.problems:
        if problem.severity == "error":
            raise Mistake("archive-abimee", name=archive.name, problem=problem.message)
    for found in archive.images:
        if found.diff_ids != image.own_diff_ids:
            labels = (found.config.get("config") or {}).get("Labels") or {}
            refuse_copy(evidence, archive.name, labels)
            raise Mistake(
                "autre-image", name=archive.name, found=describe(found), expected=wanted(image)
            )


def _check_exported(archive: Archive, image: CourseImage, witness: str) -> None:
    if archive.images:
        raise Mistake("genres-echanges", name=archive.name, found="une archive d'image")
    if archive.kind != "rootfs":
        raise Mistake("pas-une-archive", name=archive.name, nature=nature(archive))
    for problem in archive.structure_problems:
        if problem.severity == "error":
            raise Mistake("archive-abimee", name=archive.name, problem=problem.message)
    member = archive.resolve(witness)
    if member is None or archive.digests_of(member).sha256 not in _noise_digests(image):
        raise Mistake(
            "export-d-une-autre-image", name=archive.name, expected=witness, image=image.name
        )


def _noise_digests(image: CourseImage) -> set[str]:
    """The sha256 of the files that the course put in the first layer of `image`."""
    from checks.archives import BytesSource, open_archive

    layer = open_archive(BytesSource(image.layers[0]))
    return {layer.digests_of(m).sha256 for m in layer.members.values() if m.type == "file"}


def _check_smallest(given: dict[str, Any], title: str, archives: Mapping[str, Archive]) -> None:
    saved, exported = archives[f"{title}.save"].size, archives[f"{title}.export"].size
    if abs(saved - exported) <= TOLERANCE * max(saved, exported):
        truth, why = "pareil", "deux tailles à moins de 10 % l'une de l'autre"
    elif exported < saved:
        truth, why = "export", "un export nettement plus petit"
    else:
        truth, why = "save", "une sauvegarde nettement plus petite"
    said = _plain(_word(given, f"{title}.plus_petit"))
    said = "pareil" if said in ("pareil", "egal", "egaux", "identique", "aucun") else said
    if said != truth:
        raise Mistake("conclusion-fausse", image=title, found=said, why=why)


# --- 3.11 -----------------------------------------------------------------------------------


@exercise(
    "3.11",
    "Réutiliser le cache d'une construction",
    points=3,
    hints=[
        "Comparez les couches de `relais:1` et de `relais:2`, dans l'ordre. Laquelle est commune ? "
        "Que dit la construction à l'étape RUN ?",
        "Un cache ne voyage pas tout seul : l'image qui le porte doit être là, et le constructeur "
        "doit être prévenu qu'elle peut lui servir. Tous les constructeurs ne lisent pas le même "
        "cache.",
        "Chargez `relais-v1.tar`, puis construisez `relais:2` avec la recette et le dossier des "
        "fournitures, en nommant `relais:1` par l'option qui désigne une source de cache. C'est "
        "l'ancien constructeur qui sait lire ce cache-là.",
    ],
    mistakes={
        **IMAGE_ABSENT,
        "copie": CONTENT["copie"],
        "v1-renommee": Slip(
            "`{reference}` est la version 1, renommée : ses couches sont exactement les siennes, et "
            "le réglage 2 n'y est pas.",
            "Donner un nouveau nom ne construit rien.",
        ),
        "construite-sur-v1": Slip(
            "`{reference}` est construite par-dessus `relais:1` ({found}) : elle traîne l'ancien "
            "réglage sous le nouveau, et la suivante traînerait les deux.",
            "De quelle image part la recette fournie ? Le cache n'est pas une base.",
        ),
        "run-supprime": Slip(
            "L'étape RUN de la recette manque à `{reference}` : on ne trouve que {found} au-dessus du "
            "socle, et aucune trace de cette étape dans l'historique.",
            "La recette se construit telle quelle.",
        ),
        "autre-base": Slip(
            "`{reference}` n'est pas construite sur votre image `cours/socle:1`.",
            "La première ligne de la recette dit de quoi l'on part.",
        ),
        "cache-ignore": Slip(
            "L'étape RUN a été exécutée de nouveau : la couche qu'elle avait écrite dans la version 1 "
            "({expected}) n'est pas dans `{reference}`. Le relais a changé d'empreinte, et ses "
            "correspondants ne le reconnaîtront plus.",
            "Le constructeur dit, à chaque étape, s'il a pris le cache. L'image `relais:1` "
            "est-elle présente, et l'avez-vous nommée comme source de cache ?",
        ),
        "autre-recette": Slip(
            "`{reference}` n'a pas été construite avec la recette fournie, telle quelle : {found}.",
            "La recette est dans les fournitures ; elle ne s'appelle pas `Dockerfile`.",
        ),
    },
    makes=Makes(images=["relais:1", "relais:2", "{hub}/cours/socle:1"]),
)
def build_cache(evidence: Evidence) -> Facts:
    """`relais:2` est construite par la recette `fournitures/relais.Dockerfile`, et son étape RUN
    n'a pas été exécutée de nouveau : sa couche est celle de `relais:1`, que contient
    `fournitures/relais-v1.tar`."""
    reference = "relais:2"
    image = evidence.image(reference)
    if image is None:
        raise Mistake("image-absente", reference=reference)
    labels = image.config.get("Labels") or {}
    refuse_copy(evidence, reference, labels)
    relay = material.relay(evidence.identity)
    run, copied = relay.own_diff_ids
    base = material.socle(evidence.identity).own_diff_ids[-1]
    layers = list(image.diff_ids)
    if base not in layers:
        raise Mistake("autre-base", reference=reference)
    above = layers[layers.index(base) + 1 :]
    if above == [run, copied]:
        raise Mistake("v1-renommee", reference=reference)
    if above[:2] == [run, copied]:
        raise Mistake("construite-sur-v1", reference=reference, found=plural(len(layers), "couche"))
    if not any("urandom" in step.created_by for step in evidence.history(reference)):
        raise Mistake("run-supprime", reference=reference, found=plural(len(above), "couche"))
    if run not in above:
        raise Mistake("cache-ignore", reference=reference, expected=run[7:19])
    version = str(labels.get("org.opencontainers.image.version", ""))
    if version != "2":
        raise Mistake(
            "autre-recette", reference=reference, found=f"son label de version vaut « {version} »"
        )
    if len(above) != 2 or above[0] != run:
        found = f"{plural(len(above), 'couche')} au-dessus du socle, dans un autre ordre ou nombre"
        raise Mistake("autre-recette", reference=reference, found=found)
    return {"couche RUN": run, "couche COPY": above[1], "prise dans le cache": "relais:1"}


# --- 3.12 -----------------------------------------------------------------------------------

BOTTLE, BOTTLED = "bouteille.tar", "bouteille:1"
MESSAGE = "mer/message"
BOTTLE_LIMIT = 100_000
"""Bytes of the tar. Far less than any submission leaves behind: what is in it always travels."""
SEARCHED = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The `PATH` that an engine gives to an image that has none."""
LINKS = 40
"""Symbolic links that a path may go through, as Linux's `MAXSYMLINKS`."""


@exercise(
    "3.12",
    "Une image sans conteneur",
    points=2,
    hints=[
        "Listez votre archive : chaque chemin y est-il celui que l'on verra dans le conteneur, à "
        "partir de sa racine ? Les droits du programme permettent-ils de le lancer ?",
        "`docker import` prend n'importe quelle archive tar, et en fait la racine d'une image ; d'où "
        "elle vient lui est égal. Ce qu'un tar ne peut pas dire (la commande à lancer) se déclare au "
        "moment d'importer.",
        "Faites un dossier, rangez-y le programme et le message, rendez le programme exécutable ; "
        "archivez ce que le dossier *contient* (l'option `-C` de tar y entre d'abord) dans "
        "`bouteille.tar` ; importez cette archive avec une option `--change`, et une commande CMD "
        "en liste JSON : le programme, puis le chemin du message.",
    ],
    mistakes={
        **FILE,
        **IMAGE_ABSENT,
        "archive-non-gardee": Slip(
            "L'image `{reference}` existe, mais pas `{name}` : l'archive est passée par un tube, et "
            "rien ne montre plus de quoi l'image est faite.",
            "Écrivez l'archive dans un fichier, puis importez ce fichier : son empreinte sera celle "
            "de la couche.",
        ),
        "archive-d-image": Slip(
            "`{name}` est l'archive d'une image ({found}), comme en écrit `docker save` : importée, "
            "elle ne ferait qu'une image dont les seuls fichiers sont un manifeste et des couches.",
            "Il faut l'archive d'un dossier : celui dont vous voulez faire la racine.",
        ),
        "export-d-un-conteneur": Slip(
            "`{name}` vient de `docker export` : on y trouve `{found}`, que Docker met dans chaque "
            "conteneur, et dans aucun dossier. Aucun conteneur n'est nécessaire ici.",
            "Que lit `docker import` ? Un conteneur, ou une archive ?",
        ),
        "pas-une-archive": Slip(
            "`{name}` n'est pas une archive tar : son contenu est {nature}.",
            "Que dit `file` de ce que vous avez produit ?",
        ),
        "trop-lourde": Slip(
            "`{name}` pèse {found}, une fois décompressée ; la balise n'en porte que {limit}.",
            "Le programme fourni n'a besoin de rien : ni shell, ni bibliothèque, ni système.",
        ),
        "dossier-en-trop": Slip(
            "Dans `{name}`, tout est rangé sous `{found}` : l'image aurait `/{found}/mer/message`, et "
            "rien à `/mer/message`. Vous avez archivé le dossier, au lieu de ce qu'il contient.",
            "De quel dossier tar doit-il partir pour que les noms commencent au bon endroit ?",
        ),
        "message-absent": Slip(
            "`{name}` ne contient pas de fichier `mer/message`{found}.",
            "Listez l'archive : c'est ce que l'image aura, et rien d'autre.",
        ),
        "message-ailleurs": Slip(
            "`{name}` contient votre message, mais dans `/{found}` ; il est attendu à "
            "`/mer/message`.",
            "Comparez le chemin avec celui de l'énoncé, à la lettre près.",
        ),
        "message-modifie": Slip(
            "Dans `{name}`, `/mer/message` contient « {found} », et non le contenu de "
            "`fournitures/message.txt`.",
            "Copier le fichier évite de le récrire.",
        ),
        "copie": Slip(
            "`{name}` porte le message d'un autre équipage (identifiant {other}, le vôtre est "
            "{mine}) : assemblez la vôtre, avec votre message.",
            "Le message est dans vos fournitures : `fournitures/message.txt`.",
        ),
        "crieur-absent": Slip(
            "`{name}` ne contient pas le programme `fournitures/crieur`{found}.",
            "Une image sans programme ne lance rien.",
        ),
        "crieur-modifie": Slip(
            "Dans `{name}`, `/{found}` n'est pas `fournitures/crieur`, octet pour octet ({size}).",
            "Copier le fichier évite de le récrire.",
        ),
        "crieur-non-executable": Slip(
            "Dans `{name}`, `/{found}` n'est pas exécutable (droits {mode}) : tar a gardé les droits "
            "du fichier copié, et l'original ne peut qu'être lu.",
            "Les droits se changent dans le dossier, avant de l'archiver.",
        ),
        "sans-tag": Slip(
            "`{reference}` n'existe pas, mais `bouteille:latest` a été importée : sans tag, c'est "
            "`latest` que Docker écrit.",
            "Un nom d'image se termine par deux-points et un tag.",
        ),
        "par-dockerfile": Slip(
            "`{reference}` n'a pas été importée : son historique ({lines}) garde les instructions "
            "d'une construction.",
            "Partir de rien avec un Dockerfile (`FROM scratch`) se peut aussi, mais ce n'est pas ce "
            "qui est demandé : une seule commande fait une image d'une archive.",
        ),
        "autre-archive": Slip(
            "`{reference}` n'a pas été importée de `{name}` tel qu'il est maintenant : leurs "
            "empreintes diffèrent ({found} et {expected}).",
            "Avez-vous refait l'archive après l'import ?",
        ),
        "commande-absente": Slip(
            "`{reference}` n'a pas de commande par défaut : lancée sans argument, elle est refusée.",
            "Une archive ne contient aucune métadonnée : on les déclare au moment d'importer.",
        ),
        "forme-shell": Slip(
            "La commande de `{reference}` est {found} : écrite sans crochets, elle demande à "
            "`/bin/sh` de lancer le programme, et cette image n'a pas de shell.",
            "Comment écrit-on une commande pour qu'aucun shell ne s'en mêle ?",
        ),
        "programme-introuvable": Slip(
            "`{reference}` doit lancer `{found}`, mais aucun fichier de l'image n'est là où on le "
            "cherche ({places}).",
            "Un nom sans barre est cherché dans les dossiers de PATH ; un chemin l'est tel quel, à "
            "partir de la racine de l'image.",
        ),
        "autre-commande": Slip(
            "La commande par défaut de `{reference}` est `{found}` : elle ne lance pas le crieur.",
            "Quel programme sait lire un fichier à voix haute ?",
        ),
        "message-non-lu": Slip(
            "`{reference}` lance bien le crieur, mais {found} : il ne lira pas votre message.",
            "Le crieur lit le fichier que nomme son premier argument.",
        ),
    },
    makes=Makes(files=["bouteille.tar"], images=["bouteille:1", "bouteille:latest"]),
)  # fmt: skip
def bottle(evidence: Evidence) -> Facts:
    """`bouteille:1` a été importée de `bouteille.tar`, archive d'un dossier assemblé à la main, sans
    conteneur ni Dockerfile : le programme `fournitures/crieur`, exécutable, et, à `/mer/message`,
    votre message, celui de `fournitures/message.txt`, que l'image lit quand on la lance sans
    argument. L'archive ne dépasse pas 100 000 octets."""
    if evidence.archive(BOTTLE) is None and evidence.image(BOTTLED) is not None:
        raise Mistake("archive-non-gardee", reference=BOTTLED, name=BOTTLE)
    archive = _bottle(required(evidence, BOTTLE))
    _check_bottled_message(evidence, archive)
    _check_crier(archive)
    image = evidence.image(BOTTLED)
    if image is None:
        if evidence.image("bouteille:latest") is not None:
            raise Mistake("sans-tag", reference=BOTTLED)
        raise Mistake("image-absente", reference=BOTTLED)
    if not _imported(evidence, BOTTLED):
        lines = plural(len(evidence.history(BOTTLED)), "ligne")
        raise Mistake("par-dockerfile", reference=BOTTLED, lines=lines)
    if not _holds(image, archive):
        raise Mistake(
            "autre-archive",
            reference=BOTTLED,
            name=BOTTLE,
            found=image.diff_ids[0][7:19] if image.diff_ids else "aucune",
            expected=archive.content_sha256[:12],
        )
    _check_bottled_command(evidence, archive, image)
    return {
        "image": BOTTLED,
        "couche": image.diff_ids[0],
        "fichiers": sum(member.type == "file" for member in archive.entries),
        "taille": octets(archive.content_size),
        "commande": " ".join(_command(image.config)),
    }


def _bottle(archive: Archive) -> Archive:
    """`archive` when it may be that of a folder put together by hand; raises the mistakes."""
    name = archive.name
    if archive.images:
        tags = [tag for image in archive.images for tag in image.tags]
        raise Mistake("archive-d-image", name=name, found=_quoted(tags) if tags else "sans nom")
    roots = _from_root(archive)
    console = roots.get("dev/console")  # Docker's is an empty file; a device could be wanted
    if ".dockerenv" in roots or (console and console.type == "file" and not console.size):
        found = ".dockerenv" if ".dockerenv" in roots else "dev/console"
        raise Mistake("export-d-un-conteneur", name=name, found=found)
    if not roots and archive.detail not in ("plain-tar", "zeros"):  # a tar may hold nothing
        raise Mistake("pas-une-archive", name=name, nature=nature(archive))
    if archive.content_size > BOTTLE_LIMIT:
        raise Mistake(
            "trop-lourde",
            name=name,
            found=octets(archive.content_size),
            limit=octets(BOTTLE_LIMIT),
        )
    return archive


def _from_root(archive: Archive) -> dict[str, Member]:
    """The entries by path from the root: an engine makes nothing of a `/` in front."""
    return {name.lstrip("/"): member for name, member in archive.members.items()}


def _reached(archive: Archive, path: str) -> Member | None:
    """The file that is at `path` from the root, links followed as in a container."""
    roots, place = _from_root(archive), list[str]()
    todo, links = path.split("/")[::-1], 0
    while todo:
        part = todo.pop()
        if part == "..":
            place = place[:-1]
        elif part not in ("", "."):
            place.append(part)
        member = roots.get("/".join(place))
        if member and member.type == "symlink":
            links += 1
            if links > LINKS:
                return None
            place = [] if member.linkname.startswith("/") else place[:-1]
            todo += member.linkname.split("/")[::-1]
    member = roots.get("/".join(place))
    if member and member.type == "hardlink":
        member = roots.get("/".join(p for p in member.linkname.split("/") if p not in ("", ".")))
    return member if member and member.type == "file" else None


def _content(archive: Archive, member: Member) -> bytes:
    return b"".join(archive.content(member)) if member.size <= BOTTLE_LIMIT else b""


def _said(data: bytes) -> list[str]:
    """The words of a text: an editor changes the ends of its lines."""
    return data.decode(errors="replace").split()


def _check_bottled_message(evidence: Evidence, archive: Archive) -> None:
    name, expected = archive.name, material.message(evidence.identity).split()
    member = _reached(archive, MESSAGE)
    if member is None:
        roots = _from_root(archive)
        files = {path: m for path, m in roots.items() if m.type == "file"}
        deeper = [path for path in files if path.endswith("/" + MESSAGE)]
        if deeper:
            folder = min(deeper, key=len).removesuffix("/" + MESSAGE)
            raise Mistake("dossier-en-trop", name=name, found=shown(folder))
        elsewhere = [path for path, m in files.items() if _said(_content(archive, m)) == expected]
        if elsewhere:
            raise Mistake("message-ailleurs", name=name, found=shown(elsewhere[0]))
        other_kind = " : ce qui porte ce nom n'est pas un fichier" if MESSAGE in roots else ""
        raise Mistake("message-absent", name=name, found=other_kind or _sample(archive))
    said = _said(_content(archive, member))
    if said == expected:
        return
    other = re.search(r"équipage ([0-9a-f]{8})\b", " ".join(said))
    if other and other[1] != evidence.identity.id:
        raise Mistake("copie", name=name, other=other[1], mine=evidence.identity.id)
    raise Mistake("message-modifie", name=name, found=shown(" ".join(said)[:60]))


def _sample(archive: Archive) -> str:
    """The first names of an archive, as a message goes on with them."""
    found = [shown(path) for path in _from_root(archive) if path != "."]
    if not found:
        return " : elle est vide"
    return f" ; on y trouve {_quoted(found[:4])}{'…' if len(found) > 4 else ''}"


def _check_crier(archive: Archive) -> None:
    name, sizes = archive.name, {len(program) for program in crier.programs()}
    files = {path: m for path, m in _from_root(archive).items() if m.type == "file"}
    criers = {path: m for path, m in files.items() if m.size in sizes and _is_crier(archive, m)}
    if not criers:
        named = [path for path in files if path.rpartition("/")[2] == "crieur"]
        if named:
            size = octets(files[named[0]].size)
            raise Mistake("crieur-modifie", name=name, found=shown(named[0]), size=size)
        raise Mistake("crieur-absent", name=name, found=_sample(archive))
    if not any(_executable(member) for member in criers.values()):
        path, member = next(iter(criers.items()))
        mode = f"{member.mode & 0o777:o}"
        raise Mistake("crieur-non-executable", name=name, found=shown(path), mode=mode)


def _is_crier(archive: Archive, member: Member) -> bool:
    return _content(archive, member) in crier.programs()


def _executable(member: Member) -> bool:
    return bool(member.mode & 0o111)


def _check_bottled_command(evidence: Evidence, archive: Archive, image: Image) -> None:
    config = image.config
    command = [str(word) for word in _command(config)]
    if not command:
        raise Mistake("commande-absente", reference=BOTTLED)
    if command[:2] == ["/bin/sh", "-c"]:
        told = shown(json.dumps(command, ensure_ascii=False))
        raise Mistake("forme-shell", reference=BOTTLED, found=f"`{told}`")
    folder = str(config.get("WorkingDir") or "/")
    places = [_joined(folder, command[0])]
    if "/" not in command[0]:
        variables = [str(line).partition("=") for line in config.get("Env") or ()]
        path = next((value for name, _, value in variables if name == "PATH"), SEARCHED)
        places = [_joined(each, command[0]) for each in path.split(":")]
    found = {place: m for place in places if (m := _reached(archive, place))}
    if not found:
        folders = _quoted(shown(place.rpartition("/")[0] or "/") for place in places[:8])
        raise Mistake(
            "programme-introuvable", reference=BOTTLED, found=shown(command[0]), places=folders
        )
    place = next((p for p, m in found.items() if _executable(m)), next(iter(found)))
    if not _is_crier(archive, found[place]):
        raise Mistake("autre-commande", reference=BOTTLED, found=shown(" ".join(command)))
    if not _executable(found[place]):
        raise Mistake(
            "crieur-non-executable",
            name=BOTTLE,
            found=shown(place.lstrip("/")),
            mode=f"{found[place].mode & 0o777:o}",
        )
    if len(command) < 2:
        raise Mistake("message-non-lu", reference=BOTTLED, found="sans lui dire quel fichier lire")
    read = _reached(archive, _joined(folder, command[1]))
    expected = material.message(evidence.identity).split()
    if read is None or _said(_content(archive, read)) != expected:
        told = f"en lui disant de lire `{shown(command[1])}`"
        raise Mistake("message-non-lu", reference=BOTTLED, found=told)


def _joined(folder: str, path: str) -> str:
    """`path` as seen from `folder`."""
    return path if path.startswith("/") else f"{folder.rstrip('/')}/{path}"
