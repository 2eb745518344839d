"""Phase 1: understand images, names and Docker Hub. One function per exercise, in the notebook's
order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from checks.answers import ANSWER, answer, field, number, without_unit, words
from checks.archives import open_archive
from checks.archives.problems import shown
from checks.archives.source import BytesSource
from checks.evidence import Container, Evidence, Image, RegistryImage
from checks.exercise import Makes, Slip, exercise
from checks.images import FILE, STATES, is_course_image, refuse_copy
from checks.material import making
from checks.material import phase1 as material
from checks.material import phase2 as material2
from checks.outcome import EnvironmentProblem, Facts, Mistake
from checks.references import normalise, rehosted, repository
from checks.typography import listing, octets, plural


def _quoted(names: Iterable[object]) -> str:
    return listing([f"`{name}`" for name in names])


def _plain(text: object) -> str:
    """`text` in lower case, without accents nor needless spaces: « Éditeur  vérifié » matches."""
    decomposed = unicodedata.normalize("NFD", str(text).casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def _line(evidence: Evidence, name: str) -> str:
    """The text of a small file; raises `fichier-absent` or `fichier-vide`."""
    data = evidence.file(name)
    if data is None:
        raise Mistake("fichier-absent", name=name)
    text = data.decode("utf-8-sig", errors="replace").strip()
    if not text:
        raise Mistake("fichier-vide", name=name)
    return text


OTHER = {
    "copie": Slip(
        "`{name}` est l'image préparée pour une autre personne (identifiant {other}, le vôtre est "
        "{mine}). Chaque apprenant a ses propres images : refaites la mission avec les vôtres.",
        "Le label `fr.atelier.apprenant` d'une image du cours dit pour qui elle a été faite.",
    ),
    "autre-image": Slip(
        "`{name}` désigne {found}, et non {expected}.",
        "Une image se reconnaît à ses couches et à sa configuration, pas au nom qu'on lui donne.",
    ),
}


def _said(image: Image) -> str:
    labels = image.config.get("Labels") or {}
    title = labels.get("org.opencontainers.image.title")
    version = labels.get("org.opencontainers.image.version", "inconnue")
    return f"l'image `{title}` version {version}" if title else "une image sans les labels du cours"


def _same(evidence: Evidence, name: str, image: Image, expected: making.CourseImage) -> None:
    """Raise `copie` or `autre-image` unless `image` is `expected`."""
    if _is(image, expected):
        return
    refuse_copy(evidence, name, image.config.get("Labels") or {})
    labels = expected.config["Labels"]
    title, version = (labels[f"org.opencontainers.image.{key}"] for key in ("title", "version"))
    raise Mistake(
        "autre-image",
        name=name,
        found=_said(image),
        expected=f"l'image `{title}` version {version}",
    )


def _is(image: Image, expected: making.CourseImage) -> bool:
    return is_course_image(image.diff_ids, image.config, expected)


# --- 1.1 ------------------------------------------------------------------------------------

_PARTS = ("hote", "port", "chemin", "tag", "digest")


@exercise(
    "1.1",
    "Anatomie d'une référence",
    points=2,
    hints=[
        "Lisez de gauche à droite : le premier morceau est-il une adresse, ou déjà le chemin ?",
        "Le premier composant n'est un hôte que s'il contient un point ou un deux-points, ou s'il "
        "est exactement `localhost`. Ce qui manque a une valeur par défaut.",
        "Sans hôte : `docker.io`. Un seul mot sur Docker Hub : `library/` devant. Ni tag ni digest : "
        "`latest`. Avec un digest, Docker n'ajoute aucun tag.",
    ],
    mistakes={
        **ANSWER,
        "chemin-pris-pour-un-hote": Slip(
            "Référence {which}, `{reference}` : `{found}` n'est pas un hôte. Il ne contient ni point "
            "ni deux-points, et ce n'est pas `localhost`.",
            "À quoi Docker reconnaît-il un hôte, sans interroger le réseau ?",
        ),
        "port-pris-pour-un-tag": Slip(
            "Référence {which}, `{reference}` : `{found}` n'est pas le tag. Le deux-points qui suit "
            "l'hôte annonce un port ; le tag vient après la dernière barre.",
            "Combien y a-t-il de deux-points dans cette référence, et de quel côté de la barre ?",
        ),
        "tag-par-defaut-oublie": Slip(
            "Référence {which}, `{reference}` : il n'y a ni tag ni digest, et Docker n'en reste pas "
            "là. Quel tag prend-il ?",
        ),
        "library-oublie": Slip(
            "Référence {which}, `{reference}` : `{found}` n'est pas le chemin complet. Sur Docker "
            "Hub, une image à un seul mot est rangée dans un espace de noms.",
            "Dans quel espace de noms sont rangées les images officielles ?",
        ),
        "digest-pris-pour-un-tag": Slip(
            "Référence {which}, `{reference}` : ce qui suit l'arobase est un digest, pas un tag.",
            "Deux signes annoncent la fin d'une référence : lequel pour un tag, lequel pour un "
            "digest ?",
        ),
        "tag-avec-un-digest": Slip(
            "Référence {which}, `{reference}` : un digest désigne déjà une seule image ; Docker "
            "n'ajoute pas `{found}`.",
            "Une valeur par défaut sert à lever un doute. Reste-t-il ici un doute ?",
        ),
        "partie-fausse": Slip(
            "Référence {which}, `{reference}` : le champ `{part}` ne vaut pas `{found}`.",
        ),
    },
    makes=Makes(files=["reponses/1.1.json"]),
)
def parts(evidence: Evidence) -> Facts:
    """Pour les six références de `fournitures/references.txt`, votre réponse donne l'hôte, le
    port, le chemin, le tag et le digest, une fois la référence complétée comme le fait Docker ;
    `aucun` pour ce qui n'existe pas."""
    given = answer(evidence, "1.1")
    wanted = material.references(evidence.identity)
    for which, (reference, expected) in wanted.items():
        said = {part: _part(field(given, f"{which}.{part}")) for part in _PARTS}
        for part in _PARTS:
            if expected[part] not in (said[part], f"sha256:{said[part]}"):
                _explain_part(which, reference, expected, said, part)
    return {"références lues": len(wanted)}


def _part(value: object) -> str:
    text = str(value).strip().strip("/").lstrip(":@")
    return material.NONE if _plain(text) in ("aucun", "aucune", "rien", "-") else text


def _explain_part(
    which: str, reference: str, expected: dict[str, str], said: dict[str, str], part: str
) -> None:
    found = said[part]
    known: dict[str, object] = {"which": which, "reference": reference, "found": found}
    if part == "hote" and expected["hote"] == "docker.io" and found == reference.split("/")[0]:
        raise Mistake("chemin-pris-pour-un-hote", **known)
    if part in ("port", "tag") and expected["port"] != material.NONE:
        tag = said["tag"]
        if tag.startswith(expected["port"]):
            raise Mistake("port-pris-pour-un-tag", **{**known, "found": tag})
    if part in ("tag", "digest") and expected["digest"] != material.NONE:
        hexadecimal = expected["digest"].removeprefix("sha256:")
        if hexadecimal in said["tag"] or said["tag"] == "sha256":
            raise Mistake("digest-pris-pour-un-tag", **known)
        if part == "tag":
            raise Mistake("tag-avec-un-digest", **known)
    if part == "tag" and found == material.NONE:
        raise Mistake("tag-par-defaut-oublie", **known)
    if part == "chemin" and f"library/{found}" == expected["chemin"]:
        raise Mistake("library-oublie", **known)
    raise Mistake("partie-fausse", **known, part=part)


# --- 1.2 ------------------------------------------------------------------------------------

_REASONS = ("majuscule", "espace", "caractère", "tag vide", "barre", "longueur")


@exercise(
    "1.2",
    "Références valides ou refusées ?",
    points=2,
    hints=[
        "Un nom s'essaie : `docker tag` répond aussitôt, sans rien envoyer nulle part.",
        "Le chemin et le tag n'ont pas les mêmes règles : l'un n'admet que des minuscules, l'autre "
        "est plus libre, mais plus court.",
        "Collez chacun des dix noms, entre guillemets, sur une image que vous avez ; lisez la "
        "réponse, puis cherchez dans le nom ce que la grammaire interdit.",
    ],
    mistakes={
        **ANSWER,
        "mot-inconnu": Slip(
            "Pour {which}, « {found} » n'est pas une des réponses proposées : `accepté`, {words}.",
            "L'énoncé donne les mots attendus.",
        ),
        "majuscule-dans-le-tag": Slip(
            "`{name}` ({which}) est accepté : les majuscules sont interdites dans le chemin, pas dans "
            "le tag.",
            "Où se trouve la majuscule : avant ou après le deux-points ?",
        ),
        "tiret-final": Slip(
            "`{name}` ({which}) est accepté, tiret final compris. C'est justement ce qui le rend "
            "dangereux : un script dont la variable est vide fabrique ce tag sans une plainte.",
            "Essayez-le : que répond `docker tag` ?",
        ),
        "trois-niveaux": Slip(
            "`{name}` ({which}) est accepté : un chemin peut avoir plus de deux composants. C'est "
            "Docker Hub qui se limite à deux, pas la grammaire.",
            "La règle « compte, barre, nom » est celle d'un registre. Laquelle est celle de Docker ?",
        ),
        "accepte-pourtant": Slip(
            "`{name}` ({which}) est accepté par Docker.",
            "Essayez-le : que répond `docker tag` ?",
        ),
        "refuse-pourtant": Slip(
            "`{name}` ({which}) est refusé par Docker.",
            "Essayez-le, entre guillemets : que répond `docker tag` ?",
        ),
        "autre-raison": Slip(
            "`{name}` ({which}) est bien refusé, mais pas pour la raison « {found} ».",
            "Retirez de ce nom ce que vous croyez fautif, et essayez-le de nouveau.",
        ),
    },
    makes=Makes(files=["reponses/1.2.json"]),
)
def validity(evidence: Evidence) -> Facts:
    """Pour chacun des dix noms de `fournitures/noms.txt`, votre réponse dit si Docker l'accepte
    et, sinon, pourquoi il le refuse."""
    given = answer(evidence, "1.2")
    words = {_plain(word): word for word in (material.ACCEPTED, *_REASONS)}
    words |= {"tag-vide": "tag vide", "valide": material.ACCEPTED, "accepte": material.ACCEPTED}
    wanted = material.names(evidence.identity)
    for which, (name, expected) in wanted.items():
        said = field(given, which)
        found = words.get(_plain(said))
        shown = name if len(name) < 60 else f"{name[:40]}…"
        if found is None:
            raise Mistake("mot-inconnu", which=which, found=said, words=_quoted(_REASONS))
        if found == expected:
            continue
        known: dict[str, object] = {"which": which, "name": shown}
        if expected == material.ACCEPTED:
            for slip, sign in (
                ("majuscule-dans-le-tag", ":V"),
                ("tiret-final", "build-"),
                ("trois-niveaux", "outils/mer"),
            ):
                if sign in name:
                    raise Mistake(slip, **known)
            raise Mistake("accepte-pourtant", **known)
        if found == material.ACCEPTED:
            raise Mistake("refuse-pourtant", **known)
        raise Mistake("autre-raison", **known, found=found)
    refused = sum(expected != material.ACCEPTED for _, expected in wanted.values())
    return {"acceptés": len(wanted) - refused, "refusés": refused}


# --- 1.3 ------------------------------------------------------------------------------------

STOPPED, CREATED = "etude-conteneur", "etude-creee"
CODE = 7


@exercise(
    "1.3",
    "Image ou conteneur ?",
    points=2,
    hints=[
        "Listez tous les conteneurs, même arrêtés : leur état et leur code de sortie y sont écrits.",
        "Un conteneur existe dès qu'il est créé, et encore après s'être arrêté ; son code de sortie "
        "est celui de son programme.",
        "Pour l'un, lancez dans l'image un shell qui se termine de lui-même par `exit` et un nombre ; "
        "pour l'autre, une commande de Docker crée un conteneur sans le démarrer.",
    ],
    mistakes={
        "image-absente": Slip(
            "L'image `{reference}` n'est pas sur votre machine : les conteneurs doivent en naître.",
            "Sans l'image, de quoi le conteneur naîtrait-il ?",
        ),
        "nom-donne-a-une-image": Slip(
            "`{name}` est le nom d'une image, pas d'un conteneur : donner un nom à une image ne crée "
            "rien.",
            "`docker images` et `docker ps` ne montrent pas les mêmes choses.",
        ),
        "conteneur-absent": Slip(
            "Aucun conteneur ne s'appelle `{name}`, même arrêté.",
            "Une option de `docker run` efface le conteneur dès qu'il s'arrête. L'avez-vous écrite ?",
        ),
        "encore-en-marche": Slip(
            "`{name}` est {state} : il devait s'être arrêté de lui-même, avec le code 7.",
            "Que fait le programme que vous avez lancé, une fois démarré ?",
        ),
        "jamais-demarre": Slip(
            "`{name}` a été créé, mais jamais démarré : il n'a pas encore de code de sortie.",
            "Qu'est-ce qui distingue créer et démarrer ?",
        ),
        "programme-introuvable": Slip(
            "`{name}` a été créé, mais Docker n'a pas pu le démarrer (code {code}) : {why}.",
            "`exit` est un mot du shell, pas un programme. Qui, dans l'image, sait le comprendre ?",
        ),
        "arrete-de-l-exterieur": Slip(
            "`{name}` s'est arrêté avec le code {code} : c'est celui d'un programme interrompu par un "
            "signal ({signal}), comme le fait {how}.",
            "Le code 7 doit être choisi par le programme lui-même.",
        ),
        "autre-code": Slip(
            "`{name}` s'est arrêté avec le code {code} ; la mission demande 7.",
            "Le code de sortie d'un conteneur est celui de son programme. Qui choisit ce nombre ?",
        ),
        "deja-demarre": Slip(
            "`{name}` a déjà été démarré (il est {state}) : la mission demande un conteneur créé, et "
            "jamais démarré.",
            "`docker run` fait deux choses à la suite. Laquelle voulez-vous seule ?",
        ),
        "autre-image": Slip(
            "`{name}` n'est pas né de `{reference}`, mais d'une autre image (`{found}`).",
            "De quelle image partiez-vous ?",
        ),
        "copie": OTHER["copie"],
    },
    makes=Makes(images=["{hub}/cours/outil:1.0"], containers=[STOPPED, CREATED]),
)
def image_or_container(evidence: Evidence) -> Facts:
    """Deux conteneurs sont nés de `cours/outil:1.0` du hub : `etude-conteneur`, arrêté avec le
    code 7, et `etude-creee`, jamais démarré."""
    expected = material2.outil(evidence.identity, "1.0")
    reference = f"{evidence.hub}/{expected.name}"
    image = evidence.image(reference)
    if image is None:
        raise Mistake("image-absente", reference=reference)
    if not _is(image, expected):
        refuse_copy(evidence, reference, image.config.get("Labels") or {})
    found = {container.name: container for container in evidence.containers()}
    images = evidence.images()
    for name in (STOPPED, CREATED):
        if name not in found:
            if any(normalise(tag) == f"{name}:latest" for one in images for tag in one.tags):
                raise Mistake("nom-donne-a-une-image", name=name)
            raise Mistake("conteneur-absent", name=name)
        origin = next((one for one in images if one.id == found[name].image_id), None)
        if origin is None or not _is(origin, expected):
            raise Mistake("autre-image", name=name, reference=reference, found=found[name].image)
    _check_stopped(found[STOPPED])
    created = found[CREATED]
    if created.status != "created":
        state = STATES.get(created.status, created.status)
        raise Mistake("deja-demarre", name=CREATED, state=state)
    return {STOPPED: f"arrêté, code {CODE}", CREATED: STATES["created"]}


def _check_stopped(container: Container) -> None:
    if container.status == "created" and container.exit_code:
        why = {
            126: "le programme demandé n'est pas exécutable",
            127: "le programme demandé n'existe pas dans l'image",
        }.get(container.exit_code, "le message de la commande dit pourquoi")
        raise Mistake("programme-introuvable", name=STOPPED, code=container.exit_code, why=why)
    if container.status == "created":
        raise Mistake("jamais-demarre", name=STOPPED)
    if container.status != "exited":
        state = STATES.get(container.status, container.status)
        raise Mistake("encore-en-marche", name=STOPPED, state=state)
    if container.exit_code in (137, 143):
        signal, how = "SIGTERM", "`docker stop`"
        if container.exit_code == 137:
            signal = "SIGKILL"
            how = "`docker kill`, ou `docker stop` quand le programme n'obéit pas à temps"
        raise Mistake(
            "arrete-de-l-exterieur", name=STOPPED, code=container.exit_code, signal=signal, how=how
        )
    if container.exit_code != CODE:
        raise Mistake("autre-code", name=STOPPED, code=container.exit_code)


# --- 1.4 ------------------------------------------------------------------------------------


@exercise(
    "1.4",
    "Télécharger par tag",
    points=1,
    hints=[
        "Listez vos images locales : sous quel nom complet, avec quel tag ?",
        "Sans tag, Docker demande `latest`. Et `docker tag` colle un nom sur une image que vous avez "
        "déjà : il ne télécharge rien.",
        "Donnez à la commande de téléchargement la référence complète : adresse du hub, chemin, "
        "deux-points, version.",
    ],
    mistakes={
        **OTHER,
        "image-absente": Slip(
            "`{reference}` n'est pas sur votre machine. Elle est au registre, qui ne l'envoie que "
            "si on la lui demande.",
            "Chercher, regarder sur une page, télécharger : trois gestes. Lequel manque ?",
        ),
        "sans-tag": Slip(
            "Vous avez `{found}`, mais pas `{reference}` : faute de tag, Docker a téléchargé "
            "`latest`.",
            "Qu'avez-vous écrit après le nom du dépôt ?",
        ),
        "etiquette-recollee": Slip(
            "`{reference}` désigne {found} : le nom est le bon, l'image non. Un nom se colle sur "
            "n'importe quelle image.",
            "Quelle commande avez-vous employée pour obtenir ce nom : un téléchargement, ou un "
            "étiquetage ?",
        ),
    },
    makes=Makes(images=["{hub}/cours/outil:1.2", "{hub}/cours/outil:latest"]),
)
def pulled_by_tag(evidence: Evidence) -> Facts:
    """L'image locale `cours/outil:1.2`, sous son nom complet, est celle que le hub publie sous ce
    tag."""
    expected = material2.outil(evidence.identity, "1.2")
    reference = f"{evidence.hub}/{expected.name}"
    image = evidence.image(reference)
    if image is None:
        latest = reference.replace(":1.2", ":latest")
        if evidence.image(latest) is not None:
            raise Mistake("sans-tag", found=latest, reference=reference)
        raise Mistake("image-absente", reference=reference)
    for version in ("1.0", "1.3"):
        if _is(image, material2.outil(evidence.identity, version)):
            raise Mistake(
                "etiquette-recollee", reference=reference, found=f"l'outil version {version}"
            )
    _same(evidence, reference, image, expected)
    return {"image": reference, "couches": len(image.diff_ids)}


# --- 1.5 ------------------------------------------------------------------------------------


@exercise(
    "1.5",
    "Épingler par digest",
    points=2,
    needs=["1.4"],
    hints=[
        "Le téléchargement affiche un digest ; `docker images` sait aussi en montrer une colonne.",
        "Le digest d'une image publiée est celui de son manifeste. L'identifiant local, la "
        "configuration et les couches ont chacun le leur.",
        "La référence attendue tient en une ligne : adresse du hub, chemin, arobase, `sha256:` et 64 "
        "chiffres hexadécimaux. Téléchargez par cette référence, puis écrivez-la dans le fichier.",
    ],
    mistakes={
        **FILE,
        "digest-seul": Slip(
            "`{name}` ne contient qu'un digest : sans le dépôt devant, personne ne saura où le "
            "demander.",
            "Une référence commence par l'adresse et le chemin, même quand elle finit par un digest.",
        ),
        "sans-digest": Slip(
            "`{name}` contient `{found}` : c'est un nom, qui peut changer de sens demain. Un digest "
            "commence par `sha256:`.",
            "Quel signe sépare un chemin d'un digest ?",
        ),
        "reference-entouree": Slip(
            "`{name}` ne contient pas la référence seule : on y lit `{found}`. Un programme qui "
            "relirait ce fichier ne s'y retrouverait pas.",
            "Une seule ligne, sans espace, guillemet ni crochet : que faut-il enlever ?",
        ),
        "digest-tronque": Slip(
            "Le digest de `{name}` compte {count} chiffres hexadécimaux ; il en faut 64.",
            "Les commandes abrègent souvent les digests à l'écran : une option s'y oppose.",
        ),
        "identifiant-local": Slip(
            "`{name}` donne l'identifiant de l'image sur votre moteur (le digest de sa "
            "configuration) : aucun registre ne la connaît sous ce nom.",
            "`docker images` a deux colonnes qui se ressemblent, dont l'une ne s'affiche que si on "
            "la demande.",
        ),
        "digest-de-couche": Slip(
            "`{name}` donne le digest d'une couche, pas celui de l'image.",
            "Le digest cherché est affiché une fois, à la fin du téléchargement.",
        ),
        "autre-version": Slip(
            "`{name}` donne le digest du tag `{found}`, pas celui de la version 1.2.",
            "Quelle référence avez-vous téléchargée ?",
        ),
        "autre-depot": Slip(
            "`{name}` commence par `{found}` ; le dépôt est `{expected}`.",
            "Comparez, composant par composant.",
        ),
        "digest-inconnu": Slip(
            "Le hub ne connaît aucune image sous la référence de `{name}`.",
            "Recopiez le digest depuis la réponse du moteur, sans rien retaper.",
        ),
        "pas-telechargee": Slip(
            "`{name}` est juste, mais l'image n'est pas sur votre machine sous cette référence.",
            "Une référence à digest se télécharge comme une autre.",
        ),
    },
    makes=Makes(files=["digest.txt"], images=["{hub}/cours/outil:1.2"]),
)
def pinned(evidence: Evidence) -> Facts:
    """`digest.txt` contient la référence à digest de `cours/outil:1.2` du hub, et cette image est
    sur votre machine."""
    name, repository = "digest.txt", f"{evidence.hub}/cours/outil"
    text = _line(evidence, name)
    published = evidence.registry(f"{repository}:1.2")
    if published is None:
        raise Mistake("digest-inconnu", name=name)
    if "sha256:" in text.lower() and re.search(r"[\s\"'\[\]]", text):
        shown = " ".join(text.split())
        shown = shown if len(shown) < 100 else f"{shown[:99]}…"
        raise Mistake("reference-entouree", name=name, found=shown)
    place, at, digest = text.partition("@")
    if re.fullmatch(r"sha256:.*|[0-9a-f]{12,64}", text.lower()):
        place, digest = "", text.lower()
    elif not at or not digest.startswith("sha256:"):
        raise Mistake("sans-digest", name=name, found=text.splitlines()[0][:90])
    hexadecimal = digest.lower().strip().removeprefix("sha256:")
    digest = f"sha256:{hexadecimal}"
    if digest != published.digest:
        _explain_digest(evidence, name, repository, hexadecimal)
    if not place:
        raise Mistake("digest-seul", name=name)
    host, _, path = place.partition("/")
    tagged = f"{host}/{path.partition(':')[0]}"  # a tag may stand before a digest
    tagged = rehosted(tagged, evidence.hub_addresses)
    if tagged != repository:
        raise Mistake("autre-depot", name=name, found=place, expected=repository)
    if evidence.image(f"{repository}@{digest}") is None:
        raise Mistake("pas-telechargee", name=name)
    return {"référence": f"{repository}@{digest}"}


def _explain_digest(evidence: Evidence, name: str, repository: str, hexadecimal: str) -> None:
    """Why this is not the digest of the published image."""
    digest = f"sha256:{hexadecimal}"
    published = evidence.registry(f"{repository}:1.2")
    image = evidence.image(f"{repository}:1.2")
    if published and published.digest.removeprefix("sha256:").startswith(hexadecimal):
        raise Mistake("digest-tronque", name=name, count=len(hexadecimal))
    own = [published.config_digest] if published else []
    own += [image.id] if image else []
    if any(each.removeprefix("sha256:").startswith(hexadecimal) for each in own):
        raise Mistake("identifiant-local", name=name)
    if len(hexadecimal) != 64:
        raise Mistake("digest-tronque", name=name, count=len(hexadecimal))
    if published and digest in (*published.layers, *published.diff_ids):
        raise Mistake("digest-de-couche", name=name)
    for tag in evidence.tags(repository):
        other = evidence.registry(f"{repository}:{tag}")
        if other and other.digest == digest:
            raise Mistake("autre-version", name=name, found=tag)
    raise Mistake("digest-inconnu", name=name)


# --- 1.6 ------------------------------------------------------------------------------------


@exercise(
    "1.6",
    "Lire un résultat de recherche",
    points=2,
    hints=[
        "Lisez les en-têtes des colonnes de la capture : il y en a quatre, et chacune est un mot.",
        "Les étoiles sont des marques d'intérêt données par des personnes. `OFFICIAL` désigne un "
        "programme de Docker, pas une garantie d'absence de défaut.",
        "Les téléchargements et les tags se lisent sur la page web d'un dépôt, jamais dans cette "
        "liste. Sur votre hub, redirigez dans un fichier la réponse de la commande de recherche, "
        "l'adresse du hub devant le mot cherché.",
    ],
    mistakes={
        **ANSWER,
        **FILE,
        "pas-une-recherche": Slip(
            "`{name}` n'est pas la réponse d'une recherche : la ligne d'en-tête `NAME  DESCRIPTION  "
            "STARS  OFFICIAL` manque.",
            "Le fichier doit contenir ce que la commande de recherche affiche, en-tête compris.",
        ),
        "autre-recherche": Slip(
            "`{name}` est bien le résultat d'une recherche, mais `busybox` n'y est pas annoncée "
            "comme officielle.",
            "Quel mot avez-vous cherché, et sur quel registre ?",
        ),
        "autre-hub": Slip(
            "`{name}` donne {found} étoiles à `busybox`, et votre hub 0, car personne n'y en donne : "
            "c'est la capture fournie, ou la réponse de Docker Hub.",
            "À quel registre une recherche s'adresse-t-elle, quand on ne nomme que l'image ?",
        ),
        "officielle-fausse": Slip(
            "« {found} » n'est pas l'image officielle de la capture.",
            "Une seule ligne a quelque chose dans la dernière colonne.",
        ),
        "etoiles-fausses": Slip(
            "La ligne `{row}` n'a pas {found} étoiles.",
            "La ligne à lire est écrite au bas de la capture.",
        ),
        "etoiles-prises-pour-des-telechargements": Slip(
            "Vous dites que la liste montre les téléchargements. Ses quatre colonnes sont le nom, la "
            "description, les étoiles et le caractère officiel.",
            "Que signifie le mot STARS ?",
        ),
        "tags-dans-la-recherche": Slip(
            "Vous dites que la liste montre les tags. Aucune colonne n'en parle : une recherche "
            "trouve des dépôts, pas des versions.",
            "Une ligne de la liste : est-ce un dépôt, ou une image précise ?",
        ),
        "officielle-prise-pour-sans-faille": Slip(
            "Officielle ne veut pas dire sans faille : ces images sont tenues à jour et relues, mais "
            "un tag ancien n'est plus reconstruit, et toute image a un jour des failles connues.",
            "Que promet le programme des images officielles, et que ne promet-il pas ?",
        ),
        "description-prise-pour-une-garantie": Slip(
            "Vous dites que la description est une garantie. Celui qui publie l'image l'écrit "
            "lui-même, et personne ne la vérifie.",
            "Qui a écrit les phrases de la colonne DESCRIPTION ?",
        ),
        "oui-ou-non": Slip(
            "Le champ `{field}` attend `True` (oui) ou `False` (non), sans guillemets ; vous avez "
            "écrit {found}.",
        ),
    },
    makes=Makes(files=["reponses/1.6.json", "recherche.txt"]),
)
def search_read(evidence: Evidence) -> Facts:
    """`recherche.txt` contient la réponse de votre hub à une recherche de `busybox` ; votre réponse
    dit ce que montre, et ne montre pas, la capture `fournitures/capture-recherche.txt`."""
    given = answer(evidence, "1.6")
    row, stars = material.searched(evidence.identity)
    official = field(given, "officielle")
    if _plain(official).removeprefix("library/") != "busybox":
        raise Mistake("officielle-fausse", found=official)
    said = without_unit(field(given, "etoiles"), "[ée]toile")
    if number(said) != stars:
        raise Mistake("etoiles-fausses", row=row, found=said)
    for name, slip in (
        ("montre_les_telechargements", "etoiles-prises-pour-des-telechargements"),
        ("montre_les_tags", "tags-dans-la-recherche"),
        ("officielle_veut_dire_sans_faille", "officielle-prise-pour-sans-faille"),
        ("description_est_une_garantie", "description-prise-pour-une-garantie"),
    ):
        if _yes(given, name):
            raise Mistake(slip)
    text = _line(evidence, "recherche.txt")
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if lines[0][:3] != ["NAME", "DESCRIPTION", "STARS"]:
        raise Mistake("pas-une-recherche", name="recherche.txt")
    official_rows = [row for row in lines[1:] if "busybox" in row[0] and row[-1] == "[OK]"]
    if not official_rows:
        raise Mistake("autre-recherche", name="recherche.txt")
    if number(official_rows[0][-2]):  # None when there is no such column
        raise Mistake("autre-hub", name="recherche.txt", found=official_rows[0][-2])
    return {"image officielle": "busybox", f"étoiles de {row}": stars}


def _yes(given: dict[str, Any], name: str) -> bool:
    """The truth value in field `name`; raises `oui-ou-non`."""
    value = field(given, name)
    words = {"oui": True, "vrai": True, "true": True, "non": False, "faux": False, "false": False}
    known = words.get(_plain(value))
    if known is None:
        raise Mistake("oui-ou-non", field=name, found=f"`{value}`")
    return known


# --- 1.7 ------------------------------------------------------------------------------------


@exercise(
    "1.7",
    "Officielle, éditeur vérifié ou communautaire ?",
    points=2,
    hints=[
        "Deux choses comptent sur une fiche : l'espace de noms, et le badge. Le reste est du décor.",
        "Les images officielles de Docker Hub sont toutes dans un même espace de noms. Un nombre de "
        "téléchargements n'atteste rien.",
        "Sans badge et hors de `library/`, une image est communautaire, quel que soit son nom. Pour "
        "le choix, méfiez-vous d'une lettre déplacée.",
    ],
    mistakes={
        **ANSWER,
        "mot-inconnu": Slip(
            "Pour {which}, « {found} » n'est pas une des réponses proposées : {words}.",
            "L'énoncé donne les mots attendus.",
        ),
        "popularite-prise-pour-un-badge": Slip(
            "Fiche {which}, `{name}` : {pulls} de téléchargements ne font pas un badge. Personne n'a "
            "vérifié qui publie cette image.",
            "Qu'est-ce qui, sur la fiche, est attesté par Docker ?",
        ),
        "nom-qui-imite": Slip(
            "Fiche {which}, `{name}` : se faire appeler officiel ne donne pas le badge.",
            "Dans quel espace de noms sont les images officielles ?",
        ),
        "nom-qui-ressemble": Slip(
            "Fiche {which}, `{name}` : ce nom ressemble à `nginx`, à deux lettres permutées, et n'a "
            "aucun badge.",
            "Épelez l'espace de noms, lettre par lettre.",
        ),
        "library-meconnu": Slip(
            "Fiche {which}, `{name}` : l'espace `library/` est réservé aux images officielles.",
            "Quel est l'espace de noms de `nginx`, quand on l'écrit en entier ?",
        ),
        "badge-confondu": Slip(
            "Fiche {which}, `{name}` : le badge « {badge} » ne veut pas dire « {found} ».",
            "Un badge peut attester l'identité d'un éditeur, ou le soutien à un projet libre.",
        ),
        "choix-imite": Slip(
            "`{found}` ressemble au nom cherché, à une lettre près : c'est ainsi que l'on fait "
            "télécharger une image piégée.",
            "Relisez le nom choisi lettre par lettre.",
        ),
        "choix-populaire": Slip(
            "`{found}` est très téléchargée, mais n'a plus été mise à jour depuis {updated}, et "
            "personne ne répond d'elle.",
            "De quand date la dernière mise à jour ?",
        ),
        "choix-discutable": Slip(
            "`{found}` n'est pas le meilleur choix : le besoin est celui de tout le monde, et une "
            "image officielle y répond.",
            "Parmi les fiches, laquelle est à la fois officielle et faite pour servir des pages ?",
        ),
    },
    makes=Makes(files=["reponses/1.7.json"]),
)
def trusted(evidence: Evidence) -> Facts:
    """Votre réponse classe les huit fiches de `fournitures/fiches.json`, et nomme l'image à choisir
    pour servir des pages web avec nginx."""
    given = answer(evidence, "1.7")
    sheets = material.cards(evidence.identity)
    words = {_plain(kind): kind for kind in material.KINDS}
    words |= {"officiel": material.KINDS[0], "open source": material.KINDS[2]}
    words |= {_plain(card.badge): card.kind for card in sheets.values() if card.badge}
    for which, card in sheets.items():
        said = field(given, which)
        found = words.get(_plain(said))
        if found is None:
            raise Mistake("mot-inconnu", which=which, found=said, words=_quoted(material.KINDS))
        if found != card.kind:
            _explain_card(which, card, found)
    choice = str(field(given, "choix")).strip()
    _check_choice(sheets[choice].name if choice in sheets else choice)
    return {"fiches classées": len(sheets), "choix": material.CHOICE}


def _explain_card(which: str, card: material.Card, found: str) -> None:
    known: dict[str, object] = {"which": which, "name": card.name}
    if card.name.startswith("library/"):
        raise Mistake("library-meconnu", **known)
    if card.badge:
        raise Mistake("badge-confondu", **known, badge=card.badge, found=found)
    if "officiel" in card.name:
        raise Mistake("nom-qui-imite", **known)
    if card.name.startswith("ngnix"):
        raise Mistake("nom-qui-ressemble", **known)
    raise Mistake("popularite-prise-pour-un-badge", **known, pulls=card.pulls)


def _check_choice(said: str) -> None:
    choice = repository(said)
    if choice == "nginx":
        return
    if choice.startswith("ngnix"):
        raise Mistake("choix-imite", found=said)
    if choice == "capitaine42/nginx-rapide":
        raise Mistake("choix-populaire", found=said, updated="4 ans")
    raise Mistake("choix-discutable", found=said)


# --- 1.8 ------------------------------------------------------------------------------------

BEFORE, AFTER = "maree:avant", "maree:apres"


@exercise(
    "1.8",
    "Un tag est une étiquette mobile",
    points=3,
    hints=[
        "Comparez les couches de vos deux images locales : sont-elles vraiment différentes ?",
        "Quand un tag change d'image au registre, votre copie ne bouge pas ; mais le prochain "
        "téléchargement donnera ce nom à la nouvelle, et l'ancienne n'en aura plus. Il faut donc "
        "lui donner un autre nom avant.",
        "Dans l'ordre : téléchargez, collez le nom `maree:avant`, jouez la scène, téléchargez de "
        "nouveau, collez le nom `maree:apres`.",
    ],
    mistakes={
        **OTHER,
        "image-absente": Slip(
            "Aucune image locale ne s'appelle `{name}`.",
            "Un nom local se donne à une image que l'on a.",
        ),
        "scene-absente": Slip(
            "Le tag `cours/maree:1` du hub n'a pas encore bougé : il désigne toujours la première "
            "édition.",
            "Le texte, au-dessus de la mission, dit quelle commande fait publier la nouvelle "
            "édition.",
        ),
        "meme-image": Slip(
            "`maree:avant` et `maree:apres` désignent la même image, {found}.",
            "Quand avez-vous collé chacun des deux noms : avant, ou après la scène ?",
        ),
        "noms-echanges": Slip(
            "Les deux noms sont échangés : `maree:avant` désigne l'édition corrigée, `maree:apres` la "
            "première.",
            "Laquelle le hub publiait-il en premier ?",
        ),
    },
    makes=Makes(
        images=[BEFORE, AFTER, "{hub}/cours/maree:1"],
        hub=["cours/maree:1"],
    ),
)
def moving_tag(evidence: Evidence) -> Facts:
    """Le tag `cours/maree:1` du hub a changé d'image ; sur votre machine, `maree:avant` désigne
    celle d'avant, `maree:apres` celle d'après."""
    old = material.maree(evidence.identity, moved=False)
    new = material.maree(evidence.identity, moved=True)
    published = evidence.registry(f"{evidence.hub}/{old.name}")
    found: dict[str, Image] = {}
    for name in (BEFORE, AFTER):
        image = evidence.image(name)
        if image is None:
            raise Mistake("image-absente", name=name)
        found[name] = image
    if published is None or is_course_image(published.diff_ids, published.config, old):
        raise Mistake("scene-absente")
    before, after = found[BEFORE], found[AFTER]
    if _is(before, new) and _is(after, old):
        raise Mistake("noms-echanges")
    for edition, one in (("l'édition corrigée", new), ("la première édition", old)):
        if _is(before, one) and _is(after, one):
            raise Mistake("meme-image", found=edition)
    _same(evidence, BEFORE, before, old)
    _same(evidence, AFTER, after, new)
    return {
        "dernière couche avant": before.diff_ids[-1],
        "dernière couche après": after.diff_ids[-1],
        "digest publié maintenant": published.digest,
    }


# --- 1.9 ------------------------------------------------------------------------------------


@exercise(
    "1.9",
    "`latest` n'est pas « le plus récent »",
    points=2,
    hints=[
        "Regardez ce que désigne `lanterne:latest` : son nom ne vous le dira pas, son programme si.",
        "`latest` est un tag comme un autre : il reste où on l'a collé, jusqu'à ce que quelqu'un le "
        "déplace.",
        "Chargez les deux archives ; notez ce que dit `lanterne:latest` ; collez ce tag sur la "
        "version 2.0, sans rien construire ; notez de nouveau.",
    ],
    mistakes={
        **FILE,
        "copie": OTHER["copie"],
        "image-absente": Slip(
            "Aucune image locale ne s'appelle `{name}`.",
            "Les deux archives sont dans `fournitures/`.",
        ),
        "ancienne-perdue": Slip(
            "`lanterne:1.0` n'est pas sur votre machine : déplacer `latest` n'oblige pas à se passer "
            "de l'ancienne version.",
            "Elle est dans la première archive, `fournitures/lanterne-1.0.tar` : qui voudra revenir "
            "en arrière aura besoin d'elle.",
        ),
        "latest-inchange": Slip(
            "`lanterne:latest` désigne encore la version 1.0 : charger la 2.0 ne déplace pas ce tag "
            "tout seul.",
            "Qui déplace `latest`, et quand ?",
        ),
        "image-reconstruite": Slip(
            "`{name}` {found} : elle a été reconstruite. Donner un nom ne fabrique rien.",
            "Quelle commande ajoute un nom à une image sans la changer ?",
        ),
        "autre-image": Slip(
            "`{name}` ne désigne pas la lanterne {version} telle que le cours l'a préparée.",
            "Une image se reconnaît à ses couches et à sa configuration.",
        ),
        "avant-note-trop-tard": Slip(
            "`latest-avant.txt` parle déjà de la version 2.0 : la note a été prise après avoir "
            "déplacé le tag.",
            "Que disait `lanterne:latest` juste après le chargement des deux archives ?",
        ),
        "apres-note-trop-tot": Slip(
            "`latest-apres.txt` parle encore de la version 1.0.",
            "La seconde note se prend une fois le tag déplacé.",
        ),
        "note-sans-sceau": Slip(
            "`{name}` ne contient pas ce que dit la lanterne : on y attend sa phrase, sceau compris.",
            "Lancez l'image `lanterne:latest`, et gardez sa réponse.",
        ),
    },
    makes=Makes(
        files=["latest-avant.txt", "latest-apres.txt"],
        images=["lanterne:1.0", "lanterne:2.0", "lanterne:latest"],
    ),
)
def latest_moved(evidence: Evidence) -> Facts:
    """`lanterne:latest` désigne la version 2.0, `lanterne:1.0` est toujours là ;
    `latest-avant.txt` et `latest-apres.txt` gardent ce que disait `lanterne:latest` avant et après
    que vous avez déplacé le tag."""
    who = evidence.identity
    old, new = material.lanterne(who, "1.0"), material.lanterne(who, "2.0")
    found: dict[str, Image] = {}
    for name in ("lanterne:2.0", "lanterne:latest", "lanterne:1.0"):
        image = evidence.image(name)
        if image is None:
            raise Mistake(
                "ancienne-perdue" if name == "lanterne:1.0" else "image-absente", name=name
            )
        found[name] = image
    if _is(found["lanterne:latest"], old):
        raise Mistake("latest-inchange")
    for name, expected in (
        ("lanterne:latest", new),
        ("lanterne:2.0", new),
        ("lanterne:1.0", old),
    ):
        _check_lantern(evidence, name, found[name], expected)
    seals = {v: material.lantern_seal(who, v) for v in ("1.0", "2.0")}
    notes = {name: _line(evidence, name) for name in ("latest-avant.txt", "latest-apres.txt")}
    for name, version, slip in (
        ("latest-avant.txt", "1.0", "avant-note-trop-tard"),
        ("latest-apres.txt", "2.0", "apres-note-trop-tot"),
    ):
        if seals[version] in notes[name]:
            continue
        if any(seal in notes[name] for seal in seals.values()):
            raise Mistake(slip)
        raise Mistake("note-sans-sceau", name=name)
    return {"latest avant": "1.0", "latest après": "2.0"}


def _check_lantern(
    evidence: Evidence, name: str, image: Image, expected: making.CourseImage
) -> None:
    if _is(image, expected):
        return
    refuse_copy(evidence, name, image.config.get("Labels") or {})
    version = expected.config["Labels"]["org.opencontainers.image.version"]
    own, layers = expected.own_diff_ids, len(image.diff_ids)
    if layers > len(own) and image.diff_ids[-len(own) :] == own:
        keys = {"Cmd": "sa commande par défaut", "Labels": "ses labels"}
        other = [keys[key] for key in keys if image.config.get(key) != expected.config[key]]
        found = f"a les couches de la version {version} fournie, mais pas {listing(other, 'ni')}"
        raise Mistake("image-reconstruite", name=name, found=found)
    if layers > len(own) + 1 and set(own) < set(image.diff_ids):
        count = plural(layers, "couche")
        found = f"a {count}, la version {version} fournie en a {len(own) + 1}"
        raise Mistake("image-reconstruite", name=name, found=found)
    raise Mistake("autre-image", name=name, version=version)


# --- 1.10 -----------------------------------------------------------------------------------


@exercise(
    "1.10",
    "Fiche d'identité d'une image",
    points=3,
    hints=[
        "Chargez l'archive, puis inspectez l'image : tout est dans sa configuration.",
        "ENTRYPOINT est le programme ; CMD, ses arguments par défaut. Une ligne de l'historique ne "
        "fait pas toujours une couche.",
        "Les couches se comptent dans `RootFS.Layers`. La taille est celle des couches une fois "
        "décompressées : la somme des `layer.tar` de l'archive.",
    ],
    mistakes={
        **ANSWER,
        "plateforme-fausse": Slip(
            "« {found} » n'est pas l'architecture de cette image.",
            "L'architecture d'une image est écrite dans sa configuration ; ce n'est pas forcément "
            "celle de votre machine.",
        ),
        "entrypoint-et-cmd-echanges": Slip(
            "ENTRYPOINT et CMD sont échangés : l'un est le programme, l'autre ses arguments par "
            "défaut.",
            "Ce que l'on ajoute après le nom de l'image, au démarrage, remplace lequel des deux ?",
        ),
        "commande-fausse": Slip(
            "Le champ `{name}` ne vaut pas {found}. Donnez-le comme une liste, tel que la "
            "configuration l'écrit.",
        ),
        "port-faux": Slip(
            "L'image n'annonce pas le port {found}.",
            "`ExposedPorts` est dans la configuration, avec le protocole.",
        ),
        "utilisateur-faux": Slip(
            "« {found} » n'est pas l'utilisateur de cette image.",
            "Sans instruction USER, une image tourne en root. Celle-ci en a une.",
        ),
        "historique-compte": Slip(
            "{found} est le nombre de lignes de l'historique : toutes n'ont pas fait de couche.",
            "Une instruction qui ne change que la configuration n'ajoute aucun fichier.",
        ),
        "couches-fausses": Slip("{found} n'est pas le nombre de couches."),
        "pas-un-nombre": Slip(
            "Le champ `{name}` attend un nombre ; « {found} » n'en est pas un.",
            "Une taille s'écrit ici en octets, sans unité.",
        ),
        "taille-d-une-autre-nature": Slip(
            "{found} est trop petit : les couches, une fois décompressées, totalisent bien plus. "
            "Est-ce la taille d'un fichier compressé, ou d'une seule couche ?",
            "Quelle commande affiche les octets, et de quoi ?",
        ),
        "taille-fausse": Slip(
            "{found} n'est pas, à 5 % près, la taille des couches décompressées.",
            "Selon la façon dont un moteur range ses images, `docker images` compte autre chose.",
        ),
        "labels-faux": Slip(
            "« {found} » n'est pas la version qu'annoncent les labels de cette image.",
            "Le label s'appelle `org.opencontainers.image.version`.",
        ),
    },
    makes=Makes(files=["reponses/1.10.json"], images=["port/phare:*"]),
)
def identity_card(evidence: Evidence) -> Facts:
    """Votre réponse donne, de l'image que contient `fournitures/phare.tar`, l'architecture,
    l'ENTRYPOINT, le CMD, le port, l'utilisateur, le nombre de couches, leur taille décompressée en
    octets (à 5 % près) et la version annoncée par ses labels."""
    given = answer(evidence, "1.10")
    light = material.phare(evidence.identity)
    architecture = str(field(given, "architecture")).strip().lower().removeprefix("linux/")
    if _ARCHITECTURES.get(architecture, architecture) != light.architecture:
        raise Mistake("plateforme-fausse", found=given["architecture"])
    entrypoint, cmd = words(field(given, "entrypoint")), words(field(given, "cmd"))
    if entrypoint == light.config["Cmd"] and cmd == light.config["Entrypoint"]:
        raise Mistake("entrypoint-et-cmd-echanges")
    for name, said, key in (("entrypoint", entrypoint, "Entrypoint"), ("cmd", cmd, "Cmd")):
        if said != light.config[key]:
            raise Mistake("commande-fausse", name=name, found=f"`{given[name]}`")
    port, announced = next(iter(light.config["ExposedPorts"])), field(given, "port")
    if isinstance(announced, list | dict):  # as the configuration writes it
        announced = ", ".join(map(str, announced))
    if str(announced).strip().lower().removesuffix("/tcp") != port.removesuffix("/tcp"):
        raise Mistake("port-faux", found=announced)
    if str(field(given, "utilisateur")).strip() != light.config["User"]:
        raise Mistake("utilisateur-faux", found=given["utilisateur"])
    _check_layers(given, light)
    version = light.config["Labels"]["org.opencontainers.image.version"]
    if str(field(given, "version")).strip() != version:
        raise Mistake("labels-faux", found=given["version"])
    return {
        "plateforme": f"linux/{light.architecture}",
        "couches": len(light.layers),
        "taille": octets(sum(map(len, light.layers))),
    }


_ARCHITECTURES = {"aarch64": "arm64", "arm64/v8": "arm64", "ppc64el": "ppc64le"}
"""What `uname` or Debian call them → what an image's configuration does."""


def _check_layers(given: dict[str, Any], light: making.CourseImage) -> None:
    layers = number(field(given, "couches"))
    if layers is None:
        raise Mistake("pas-un-nombre", name="couches", found=given["couches"])
    if layers != len(light.layers):
        archive = open_archive(
            BytesSource(making.legacy_archive(light, [light.name])), name="phare.tar"
        )
        if layers == len(archive.images[0].history):
            raise Mistake("historique-compte", found=given["couches"])
        raise Mistake("couches-fausses", found=given["couches"])
    text = given.get("taille")
    plain = re.sub(r"\s|octets?", "", text) if isinstance(text, str) else field(given, "taille")
    size, real = number(plain), sum(map(len, light.layers))
    if size is None:
        raise Mistake("pas-un-nombre", name="taille", found=text)
    if size < 0.8 * real:
        raise Mistake("taille-d-une-autre-nature", found=octets(round(size)))
    if abs(size - real) > 0.05 * real:
        raise Mistake("taille-fausse", found=octets(round(size)))


# --- 1.11 -----------------------------------------------------------------------------------

WHOM = ("adresse", "compte", "machine", "conteneur")


@exercise(
    "1.11",
    "Limites de téléchargement",
    points=2,
    hints=[
        "Dans les en-têtes, `w` est la largeur d'une fenêtre de temps, en secondes.",
        "Sans connexion, Docker Hub ne sait qu'une chose de vous : d'où vient la demande. Tous les "
        "postes d'une salle partagent souvent une adresse.",
        "Convertissez la fenêtre en heures. Pour la salle : combien de fois le nombre d'images par "
        "poste tient-il dans la limite ? La limite d'un compte gratuit est dans le tableau du "
        "chapitre 1.",
    ],
    mistakes={
        **ANSWER,
        "pas-un-nombre": Slip(
            "Le champ `{name}` attend un nombre ; « {found} » n'en est pas un.",
        ),
        "mot-inconnu": Slip(
            "« {found} » n'est pas une des réponses proposées pour `compte_par` : {words}.",
        ),
        "limite-fausse": Slip(
            "La limite annoncée n'est pas {found} : elle est dans l'en-tête `ratelimit-limit`.",
            "L'en-tête `ratelimit-limit` a deux parties, séparées par un point-virgule.",
        ),
        "restants-pris-pour-la-limite": Slip(
            "{found} est ce qui restait au poste 1, pas la limite.",
            "Deux en-têtes se ressemblent : l'un dit combien en tout, l'autre combien encore.",
        ),
        "fenetre-fausse": Slip(
            "La fenêtre ne dure pas {found} heure(s) : `w=21600` est en secondes.",
            "Combien y a-t-il de secondes dans une heure ?",
        ),
        "compte-par-faux": Slip(
            "La limite n'est pas comptée par {found} quand on n'est pas connecté : les deux postes, "
            "pourtant distincts, ont épuisé le même quota.",
            "Qu'ont en commun les deux postes, dans les en-têtes ?",
        ),
        "salle-fausse": Slip(
            "Derrière cette adresse, le nombre de postes qui peuvent tout télécharger n'est pas "
            "{found}.",
            "La limite se partage entre tous les postes de l'adresse.",
        ),
        "connexion-inutile": Slip(
            "Ce n'est pas {found} : se connecter donne une limite plus haute, et pour vous seul.",
            "Que change `docker login` à la façon de compter ?",
        ),
    },
    makes=Makes(files=["reponses/1.11.json"]),
)
def limits(evidence: Evidence) -> Facts:
    """Votre réponse tire de `fournitures/limites.txt` la limite, la durée de la fenêtre en heures,
    ce que Docker Hub compte, le nombre de postes servis dans la salle, et la limite d'un compte
    gratuit connecté."""
    given = answer(evidence, "1.11")
    found = material.limit(evidence.identity)
    limit = _number(given, "limite")
    if limit == found.remaining:
        raise Mistake("restants-pris-pour-la-limite", found=given["limite"])
    if limit != 100:
        raise Mistake("limite-fausse", found=given["limite"])
    if _number(given, "heures") != 6:
        raise Mistake("fenetre-fausse", found=given["heures"])
    said = field(given, "compte_par")
    whom = next((word for word in WHOM if word in _plain(said)), None)
    if whom is None and re.search(r"\bip(v[46])?\b", _plain(said)):
        whom = "adresse"
    if whom is None:
        raise Mistake("mot-inconnu", found=said, words=_quoted(WHOM))
    if whom != "adresse":
        raise Mistake("compte-par-faux", found=whom)
    if _number(given, "postes_servis") != found.learners_served:
        raise Mistake("salle-fausse", found=given["postes_servis"])
    if _number(given, "connecte") != 200:
        raise Mistake("connexion-inutile", found=given["connecte"])
    return {"limite": "100 par adresse en 6 heures", "postes servis": found.learners_served}


def _number(given: dict[str, Any], name: str) -> float:
    found = number(field(given, name))
    if found is None:
        raise Mistake("pas-un-nombre", name=name, found=shown(str(given[name])))
    return found


# --- 1.12 -----------------------------------------------------------------------------------

SHORT = 12
"""Hexadecimal digits that commands show of a digest: as many are enough to name a layer."""
_AROUND = "[]\"'`,.… \n\t"
"""What may surround a digest that was copied from a command's answer."""


@exercise(
    "1.12",
    "Ce que deux images ont en commun",
    points=2,
    hints=[
        "Affichez l'une sous l'autre les listes de couches des deux images : une empreinte par "
        "couche.",
        "Une couche n'est reconnue que par l'empreinte de son contenu : ni l'instruction qui l'a "
        "faite, ni la taille, ni le nom du fichier ne disent que deux couches n'en font qu'une. "
        "Et le moteur ne garde, comme le registre n'envoie, qu'un exemplaire de chacune.",
        "Dans l'inspection d'une image, `RootFS.Layers` va de la couche la plus basse à la plus "
        "haute. Comptez jusqu'à la première différence : ce qui précède est commun. Sur le disque, "
        "retranchez-le une fois de la somme ; pour le téléchargement, retranchez-le de la seconde.",
    ],
    mistakes={
        **ANSWER,
        "pas-un-nombre": Slip(
            "Le champ `{name}` attend un nombre ; « {found} » n'en est pas un.",
        ),
        "historique-compte": Slip(
            "{found} est le nombre de lignes {where} : toutes n'ont pas fait de couche.",
            "Une instruction qui ne change que la configuration (ENV, EXPOSE, CMD…) laisse une ligne "
            "dans l'historique, même écrite deux fois, et aucune couche.",
        ),
        "couches-fausses": Slip(
            "`{image}` n'a pas {found} couche(s).",
            "L'inspection d'une image liste ses couches dans `RootFS.Layers`, une par ligne.",
        ),
        "images-crues-separees": Slip(
            "Vous répondez que `{first}` et `{second}` n'ont aucune couche en commun : deux images ne "
            "sont pas deux blocs. Comparez leurs listes de couches, en partant du bas.",
            "Sur quoi les deux images sont-elles bâties ?",
        ),
        "socle-seul": Slip(
            "Vous ne comptez que le socle ({found}) : au-dessus de lui, les deux listes se "
            "ressemblent encore un moment.",
            "Continuez la comparaison, empreinte par empreinte, jusqu'à la première différence.",
        ),
        "couches-qui-se-ressemblent": Slip(
            "Dans les deux images, une couche a été faite par `{step}`, avec un fichier du même nom "
            "et de la même taille. Leurs empreintes diffèrent ({one}… et {other}…) : ce sont deux "
            "couches, et rien n'en est partagé.",
            "L'historique montre des instructions et des tailles. Qu'est-ce qui montre le contenu ?",
        ),
        "communes-fausses": Slip(
            "Les deux images n'ont pas {found} couche(s) en commun.",
            "Comparez les deux listes à partir du bas, et arrêtez-vous à la première différence.",
        ),
        "pas-une-empreinte": Slip(
            "`derniere_commune` attend l'empreinte d'une couche, en hexadécimal ; « {found} » n'en "
            "est pas une.",
            "Une empreinte commence par `sha256:`, que l'on peut omettre ici.",
        ),
        "empreinte-trop-courte": Slip(
            "`{found}` ne compte que {count} : il en faut au moins 12 pour désigner une couche sans "
            "ambiguïté.",
            "Les commandes qui abrègent une empreinte en montrent les 12 premiers chiffres.",
        ),
        "empreinte-de-l-image": Slip(
            "`{found}` désigne l'image `{image}` tout entière ({what}), pas l'une de ses couches.",
            "Une image a plusieurs empreintes : la sienne, celle de sa configuration, et une par "
            "couche.",
        ),
        "empreinte-compressee": Slip(
            "`{found}` est le nom que le registre donne à {which} : l'empreinte du fichier "
            "**compressé** qu'il envoie, celle que `docker pull` affiche. Une fois décompressée, la "
            "même couche a une autre empreinte, et c'est celle-là qui est demandée.",
            "L'inspection de l'image donne l'empreinte du contenu décompressé de chaque couche.",
        ),
        "pas-la-derniere": Slip(
            "`{found}` est bien une couche commune, la {rank} en partant du bas, mais pas la "
            "dernière des {count}.",
            "La liste va de la plus basse à la plus haute ; l'historique, lui, va dans l'autre sens.",
        ),
        "couche-d-une-seule": Slip(
            "`{found}` est une couche de `{image}`, que l'autre image n'a pas.",
            "Une couche commune figure dans les deux listes.",
        ),
        "empreinte-inconnue": Slip(
            "`{found}` n'est l'empreinte d'aucune couche de vos deux images.",
            "Recopiez-la depuis l'inspection de l'une des deux, sans rien retaper. Chaque apprenant "
            "a ses propres images : les empreintes d'un voisin ne sont pas les vôtres.",
        ),
        "couches-additionnees": Slip(
            "{found} est la somme des couches des deux images : le moteur ne garde pas deux fois "
            "celles qu'elles ont en commun.",
            "Combien y a-t-il d'empreintes différentes, les deux listes réunies ?",
        ),
        "disque-faux": Slip(
            "Quand les deux images sont là, le moteur ne garde pas {found} couche(s).",
            "Comptez les empreintes différentes des deux listes réunies.",
        ),
        "tout-telecharge": Slip(
            "{found} est le nombre de couches de `{second}` : celles que `{first}` a déjà apportées "
            "ne sont pas téléchargées une seconde fois.",
            "Que dit `docker pull` d'une couche que le moteur possède ?",
        ),
        "presentes-comptees": Slip(
            "{found} est le nombre de couches que le moteur a déjà, celles qu'il n'a **pas** à "
            "télécharger.",
            "Il reste les autres.",
        ),
        "telechargement-faux": Slip(
            "Quand `{first}` est déjà là, télécharger `{second}` ne fait pas venir {found} "
            "couche(s).",
            "Retranchez des couches de la seconde image ce que la première a déjà apporté.",
        ),
    },
    makes=Makes(
        files=["reponses/1.12.json"],
        images=["{hub}/cours/sondeur:1", "{hub}/cours/loch:1"],
        hub=["cours/sondeur:1", "cours/loch:1"],
    ),
)
def shared_layers(evidence: Evidence) -> Facts:
    """Votre réponse dit, de `cours/sondeur:1` et `cours/loch:1` du hub, combien de couches a
    chacune, combien elles en ont en commun, laquelle est la dernière commune, combien le moteur en
    garde quand il a les deux, et combien il en télécharge pour `cours/loch:1` quand il a déjà
    `cours/sondeur:1`."""
    given = answer(evidence, "1.12")
    first, second = (_published(evidence, t) for t in (material.FIRST, material.SECOND))
    names = {material.FIRST: first, material.SECOND: second}
    for title, image in names.items():
        name = f"couches_{title}"
        found, layers = _number(given, name), len(image.diff_ids)
        if found == len(image.history) != layers:
            where = f"de l'historique de `cours/{title}:1`"
            raise Mistake("historique-compte", found=given[name], where=where)
        if found != layers:
            raise Mistake("couches-fausses", image=f"cours/{title}:1", found=given[name])
    shared = _common(first.diff_ids, second.diff_ids)
    own = material.instrument(evidence.identity, material.FIRST).own_diff_ids
    _check_shared(given, first, second, shared, base=len(first.diff_ids) - len(own))
    _check_last_shared(given, first, second, shared)
    _check_stored(given, first, second, shared)
    return {
        "couches": ", ".join(f"{title} {len(image.diff_ids)}" for title, image in names.items()),
        "en commun": shared,
        "dernière commune": first.diff_ids[shared - 1],
        "à télécharger": len(second.diff_ids) - shared,
    }


def _published(evidence: Evidence, title: str) -> RegistryImage:
    """The instrument `title` as the hub publishes it: the base under it is the hub's."""
    expected = material.instrument(evidence.identity, title)
    found = evidence.registry(f"{evidence.hub}/{expected.name}")
    if found is None or not is_course_image(found.diff_ids, found.config, expected):
        raise EnvironmentProblem(
            f"Le hub ne publie pas `{expected.name}` telle que le cours l'a préparée. Lancez "
            "`./atelier preparer`, puis, si cela ne suffit pas, `./atelier reinitialiser 1.12`."
        )
    return found


def _common(one: Sequence[object], other: Sequence[object]) -> int:
    """How many of their first elements two lists share."""
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _check_shared(
    given: dict[str, Any], first: RegistryImage, second: RegistryImage, shared: int, *, base: int
) -> None:
    found = _number(given, "communes")
    if found == shared:
        return
    if found == 0:
        names = [f"cours/{title}:1" for title in (material.FIRST, material.SECOND)]
        raise Mistake("images-crues-separees", first=names[0], second=names[1])
    if found == shared + 1:
        raise _alike(first, second, shared)
    lines = [[step.get("created_by") for step in image.history] for image in (first, second)]
    told = _common(*lines)
    if found in (told - 1, told):  # the last of them made the two layers that look alike
        where = "que les deux historiques ont en commun"
        raise Mistake("historique-compte", found=given["communes"], where=where)
    if found == base:
        raise Mistake("socle-seul", found=plural(base, "couche"))
    raise Mistake("communes-fausses", found=given["communes"])


def _alike(first: RegistryImage, second: RegistryImage, shared: int) -> Mistake:
    one, other = (image.diff_ids[shared][7 : 7 + SHORT] for image in (first, second))
    return Mistake("couches-qui-se-ressemblent", step=material.TWIN, one=one, other=other)


def _check_last_shared(
    given: dict[str, Any], first: RegistryImage, second: RegistryImage, shared: int
) -> None:
    text = str(field(given, "derniere_commune"))
    digits = text.strip(_AROUND).lower().removeprefix("sha256:")
    found = shown(text[:80])
    if not re.fullmatch(r"[0-9a-f]{1,64}", digits):
        raise Mistake("pas-une-empreinte", found=found)
    if len(digits) < SHORT:
        count = plural(len(digits), "chiffre hexadécimal", "chiffres hexadécimaux")
        raise Mistake("empreinte-trop-courte", found=found, count=count)

    def among(digests: Sequence[str]) -> int | None:
        """The place of what was answered in `digests`, if it is there."""
        names = [digest.removeprefix("sha256:") for digest in digests]
        return next((n for n, name in enumerate(names) if name.startswith(digits)), None)

    place = among(first.diff_ids[:shared])
    if place == shared - 1:
        return
    if place is not None:
        rank = "première" if place == 0 else f"{place + 1}e"
        raise Mistake("pas-la-derniere", found=found, rank=rank, count=shared)
    for title, image in ((material.FIRST, first), (material.SECOND, second)):
        name = f"cours/{title}:1"
        if among((image.digest, image.config_digest)) is not None:
            config = among((image.config_digest,)) is not None
            what = "l'empreinte de sa configuration" if config else "le digest de son manifeste"
            raise Mistake("empreinte-de-l-image", found=found, image=name, what=what)
        if among(image.diff_ids[shared : shared + 1]) is not None:
            raise _alike(first, second, shared)
        if among(image.diff_ids) is not None:
            raise Mistake("couche-d-une-seule", found=found, image=name)
        place = among(image.layers)
        if place is not None:
            right = place == shared - 1
            which = "cette couche" if right else "une autre couche"
            raise Mistake("empreinte-compressee", found=found, which=which)
    raise Mistake("empreinte-inconnue", found=found)


def _check_stored(
    given: dict[str, Any], first: RegistryImage, second: RegistryImage, shared: int
) -> None:
    names = {"first": f"cours/{material.FIRST}:1", "second": f"cours/{material.SECOND}:1"}
    total = len(first.diff_ids) + len(second.diff_ids)
    stored = _number(given, "sur_disque")
    if stored == total:
        raise Mistake("couches-additionnees", found=given["sur_disque"])
    if stored != total - shared:
        raise Mistake("disque-faux", found=given["sur_disque"])
    pulled = _number(given, "a_telecharger")
    if pulled == len(second.diff_ids):
        raise Mistake("tout-telecharge", found=given["a_telecharger"], **names)
    if pulled == len(second.diff_ids) - shared:
        return
    if pulled == shared:
        raise Mistake("presentes-comptees", found=given["a_telecharger"])
    raise Mistake("telechargement-faux", found=given["a_telecharger"], **names)
