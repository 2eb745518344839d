"""Phase 4: publishing. One function per exercise, in the order of the ids."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from checks import credentials, dockerfile, gitlab, shell, workflow
from checks.answers import ANSWER, answer, answer_file, field, number
from checks.archives import Archive, ArchiveError, ImageEntry
from checks.archives.files import Files
from checks.evidence import Evidence, HubEvent, HubState, Image, RegistryImage
from checks.exercise import Makes, Slip, exercise
from checks.images import ARCHIVE, CONTENT, FILE, is_course_image, refuse_copy, required, sound
from checks.material import phase4 as material
from checks.material.making import PATH, CourseImage
from checks.material.phase2 import ARCHITECTURES
from checks.outcome import Facts, Mistake
from checks.references import canonical, normalise, rehosted
from checks.typography import listing, octets, plural

SMALL_LAYER = 256 * 1024
"""Bytes of a stored layer that is read: a bigger one stays out of a submission."""


def _quoted(names: Iterable[str]) -> str:
    return listing([f"`{name}`" for name in names])


def space(evidence: Evidence) -> str:
    """The host and namespace that the learner publishes in: their answer to 4.1, else the
    workshop's hub. Any registry will do: `docker.io/account`, `hub.example.com:5443/team`…"""
    default = f"{evidence.hub}/{material.ACCOUNT}"
    if evidence.file(answer_file("4.1")) is None:
        return default
    try:
        document = answer(evidence, "4.1")
    except Mistake:  # it cannot be read: as if there were none
        return default
    named = str(document.get("espace") or "").strip().strip("/")
    named = re.sub(r"^https?://", "", named)
    if not named:
        return default
    # The notebook writes the usual port; this hub may have had to take another.
    usual = ("localhost:5000",) if evidence.hub.startswith("localhost:") else ()
    named = rehosted(named, (*evidence.hub_addresses, *usual))
    return named if "/" in named else f"docker.io/{named}"


LONG = {
    "fichier-demesure": Slip(
        "`{name}` {why} : personne n'écrit ni ne relit un tel fichier.",
        "Qu'est-ce qui a rempli ce fichier ?",
    ),
}


def _text(evidence: Evidence, name: str) -> str:
    """The text of a file that must be there; raises `fichier-absent` or `fichier-vide`."""
    data = evidence.file(name)
    if data is None:
        raise Mistake("fichier-absent", name=name)
    if not data.strip():
        raise Mistake("fichier-vide", name=name)
    return data.decode("utf-8", errors="replace")


def _script(evidence: Evidence, name: str) -> str:
    """The text of a script that must be there, and that a person could have written."""
    text = _text(evidence, name)
    if excess := shell.excess(text):
        raise Mistake("fichier-demesure", name=name, why=excess)
    return text


def _code(script: str) -> str:
    """A shell script without its comments."""
    return re.sub(r"(?m)(^|\s)#[^\n]*", r"\1", script)


# --- what several exercises ask of a registry ------------------------------------------------

PUBLISHED = {
    "pas-publiee": Slip(
        "`{reference}` n'est pas au registre : {seen}.",
        "C'est le registre qui est regardé, pas votre machine. Qu'a répondu la dernière commande "
        "d'envoi ?",
    ),
    "seulement-en-local": Slip(
        "`{reference}` existe sur votre machine, mais pas au registre : `docker tag` colle un "
        "nom, il n'envoie rien.",
        "Donner un nom et envoyer sont deux commandes.",
    ),
    "copie": Slip(
        "`{name}` contient l'image préparée pour une autre personne (identifiant {other}, le "
        "vôtre est {mine}).",
        "Le label `fr.atelier.apprenant` d'une image du cours dit pour qui elle a été faite.",
    ),
    "autre-image": Slip(
        "`{name}` désigne, au registre, {found}, et non {expected}.",
        "Comparez les couches de l'image envoyée avec celles de l'image demandée.",
    ),
}


def _published(evidence: Evidence, reference: str) -> RegistryImage:
    """What `reference` is at its registry; raises `pas-publiee` or `seulement-en-local`."""
    found = evidence.registry(reference)
    if found is None:
        repository, _, tag = reference.rpartition(":")
        tags = evidence.tags(repository)
        if tag in tags:
            seen = "ce tag y désigne autre chose qu'une image"
            raise Mistake("pas-publiee", reference=reference, seen=seen)
        if evidence.image(reference) is not None:
            raise Mistake("seulement-en-local", reference=reference)
        seen = f"ce dépôt a pour tags {_quoted(tags)}" if tags else "ce dépôt n'y a aucun tag"
        raise Mistake("pas-publiee", reference=reference, seen=seen)
    return found


def _title(config: dict[str, Any]) -> str:
    labels = config.get("Labels") or {}
    title = labels.get("org.opencontainers.image.title")
    version = labels.get("org.opencontainers.image.version", "inconnue")
    return f"l'image `{title}` version {version}" if title else "une image sans les labels du cours"


def _same(
    evidence: Evidence, name: str, found: RegistryImage | Image, expected: CourseImage
) -> None:
    """Raise `copie` or `autre-image` unless `found` is `expected`."""
    if is_course_image(found.diff_ids, found.config, expected):
        return
    refuse_copy(evidence, name, found.config.get("Labels") or {})
    raise Mistake(
        "autre-image", name=name, found=_title(found.config), expected=_title(expected.config)
    )


# --- 4.1 ------------------------------------------------------------------------------------


@exercise(
    "4.1",
    "Pousser vers un registre",
    points=2,
    hints=[
        "Regardez le nom que porte l'image sur votre machine : à quel registre ce nom "
        "l'adresse-t-il ?",
        "Le nom d'une image est aussi son adresse d'envoi : hôte, espace de noms, dépôt, tag.",
        "Téléchargez la version candidate, donnez-lui un second nom qui commence par l'adresse du "
        "hub et votre espace de noms, puis envoyez ce nom-là.",
    ],
    mistakes={
        **PUBLISHED,
        "sans-hote": Slip(
            "L'image s'appelle `{found}` sur votre machine : sans hôte, ce nom l'adresse à Docker "
            "Hub (docker.io), pas à `{host}`.",
            "Sans hôte dans le nom, vers quel registre `docker push` part-il ?",
        ),
        "mauvais-tag": Slip(
            "Le dépôt `{repository}` est bien au registre, avec {found} ; le tag `{expected}` n'y "
            "est pas.",
            "Quel tag avez-vous écrit, ou laissé Docker écrire, après le nom du dépôt ?",
        ),
        "mauvais-depot": Slip(
            "L'image est au registre sous le nom `{found}` ; l'énoncé demande `{expected}`.",
            "Comparez les deux noms, composant par composant.",
        ),
    },
    makes=Makes(
        files=["reponses/4.1.json"],
        images=["{hub}/cours/vigie:1.0.0-rc", "*/vigie:1.0.0", "moi/vigie:*"],
        hub=[f"{material.ACCOUNT}/vigie"],
    ),
)
def pushed(evidence: Evidence) -> Facts:
    """L'image `cours/vigie:1.0.0-rc` du hub est publiée dans votre espace de noms, sous le nom
    `vigie:1.0.0`, sans avoir été reconstruite."""
    target, expected = space(evidence), material.vigie(evidence.identity, material.CANDIDATE)
    reference = f"{target}/vigie:1.0.0"
    found = evidence.registry(reference)
    if found is None:
        _explain_missing(evidence, target, expected)
    found = _published(evidence, reference)
    _same(evidence, reference, found, expected)
    return {"référence": reference, "digest": found.digest, "couches": len(found.diff_ids)}


def _explain_missing(evidence: Evidence, target: str, expected: CourseImage) -> None:
    """Why `vigie:1.0.0` is not at the registry, when the local names or the tags tell it."""
    repository = f"{target}/vigie"
    host = canonical(repository).partition("/")[0]
    reference = f"{repository}:1.0.0"
    tags = evidence.tags(repository)
    if tags and "1.0.0" not in tags:
        raise Mistake(
            "mauvais-tag",
            repository=repository,
            found=f"{'le tag' if len(tags) == 1 else 'les tags'} {_quoted(tags)}",
            expected="1.0.0",
        )
    ours = [i for i in evidence.images() if is_course_image(i.diff_ids, i.config, expected)]
    names = [normalise(tag) for image in ours for tag in image.tags if "@" not in tag]
    if normalise(reference) in names:
        return
    for name in names:
        elsewhere = canonical(name).partition("/")[0]
        if elsewhere == "docker.io" != host:
            raise Mistake("sans-hote", found=name, host=host)
        if elsewhere == host and "/cours/" not in name and evidence.registry(name):
            raise Mistake("mauvais-depot", found=name, expected=reference)


# --- 4.2 ------------------------------------------------------------------------------------


@exercise(
    "4.2",
    "La preuve par le digest",
    points=2,
    needs=["4.1"],
    hints=[
        "Regardez la dernière ligne qu'écrit l'envoi, et ce que `docker images` sait afficher en "
        "plus.",
        "Un tag peut être recollé ailleurs ; un digest ne désigne qu'un contenu. `nom@sha256:…` "
        "est une référence comme une autre.",
        "Notez le digest que le registre donne à votre image, retirez l'image de votre machine, "
        "puis téléchargez-la par `dépôt@digest`, sans tag ; écrivez ce digest dans le fichier.",
    ],
    mistakes={
        **FILE,
        "identifiant-d-image": Slip(
            "`digest-publie.txt` contient l'identifiant de l'image (le digest de sa configuration), pas "
            "le digest de son manifeste, que le registre emploie.",
            "Deux empreintes se ressemblent : celle de la configuration et celle du manifeste.",
        ),
        "digest-de-couche": Slip(
            "`digest-publie.txt` contient le digest d'une couche, pas celui du manifeste de l'image.",
            "Une couche n'est qu'une partie de l'image ; quel document les énumère toutes ?",
        ),
        "digest-abrege": Slip(
            "`digest-publie.txt` contient un digest abrégé ({count} chiffres hexadécimaux au lieu de "
            "64) : abrégé, il ne désigne plus un seul contenu.",
            "Une option des commandes Docker empêche d'abréger.",
        ),
        "digest-entoure": Slip(
            "`digest-publie.txt` contient le digest de `{reference}`, mais aussi d'autres : lequel "
            "faudrait-il croire ?",
            "Un seul digest désigne ce que vous avez publié.",
        ),
        "digest-inconnu": Slip(
            "`digest-publie.txt` ne contient pas le digest de `{reference}` au registre.",
            "Relisez le digest que donne le registre, pour ce tag-là.",
        ),
        "tag-encore-local": Slip(
            "`{reference}` est encore sur votre machine : rien ne prouve que le téléchargement par "
            "digest ait eu lieu.",
            "Retirez d'abord de votre machine tous les noms de ce dépôt.",
        ),
        "pas-retelechargee": Slip(
            "Votre machine n'a pas l'image `{reference}` : elle n'a pas été téléchargée par son "
            "digest.",
            "Une référence par digest s'écrit avec une arobase.",
        ),
    },
    makes=Makes(files=["digest-publie.txt"]),
)
def by_digest(evidence: Evidence) -> Facts:
    """`digest-publie.txt` contient le digest de `vigie:1.0.0` au registre ; l'image a été retirée de
    votre machine, puis téléchargée de nouveau par ce seul digest."""
    repository = f"{space(evidence)}/vigie"
    reference = f"{repository}:1.0.0"
    published = evidence.registry(reference)
    if published is None:  # it was there a moment ago: 4.1 has passed
        raise Mistake("digest-inconnu", reference=reference)
    text = _text(evidence, "digest-publie.txt").strip().lower()
    found = set(re.findall(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", text))
    given = min(found) if len(found) == 1 else text.rpartition("@")[2].removeprefix("sha256:")
    if f"sha256:{given}" != published.digest:
        if published.digest.removeprefix("sha256:") in found:
            raise Mistake("digest-entoure", reference=reference)
        if re.fullmatch(r"[0-9a-f]{6,63}", given):
            raise Mistake("digest-abrege", count=len(given))
        if f"sha256:{given}" == published.config_digest:
            raise Mistake("identifiant-d-image")
        if f"sha256:{given}" in (*published.diff_ids, *published.layers):
            raise Mistake("digest-de-couche")
        raise Mistake("digest-inconnu", reference=reference)
    if evidence.image(reference) is not None:
        raise Mistake("tag-encore-local", reference=reference)
    pinned = f"{repository}@{published.digest}"
    if evidence.image(pinned) is None:
        raise Mistake("pas-retelechargee", reference=pinned)
    return {"référence épinglée": pinned}


# --- 4.3 ------------------------------------------------------------------------------------


_ACCOUNT_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
"""The hub's own rule (`workshop.hub.store.check_name`)."""


def _account(evidence: Evidence) -> str:
    """The learner's account on their hub: their answer to 4.3."""
    account = str(field(answer(evidence, "4.3"), "compte")).strip()
    return account.removeprefix("@").rpartition("/")[2].lower()


def account_home(evidence: Evidence) -> str:
    """Host and namespace of the learner's account: `localhost:5000/name`."""
    host = canonical(f"{space(evidence)}/x").partition("/")[0]
    return f"{host}/{_account(evidence)}"


def hub_account(evidence: Evidence) -> str:
    """The learner's account on the workshop's own hub: that of 4.3, unless they publish elsewhere
    and have said how they are called here (`compte_hub`)."""
    here = str(answer(evidence, "4.3").get("compte_hub") or "").strip()
    if account_home(evidence).rpartition("/")[0] != evidence.hub and here:
        return here.removeprefix("@").rpartition("/")[2].lower()
    return _account(evidence)


def session(evidence: Evidence, host: str) -> str:
    """The account that the learner's client is signed in with at `host`; "" when it is not."""
    settings = evidence.client_config()
    key = material.DOCKER_HUB_KEY if host == "docker.io" else host
    return (settings.logins.get(key) or "") if settings else ""


LOGIN = {
    "mot-de-passe-en-argument": Slip(
        "`{name}` donne le secret en argument (`{found}`) : il s'affiche dans la liste des "
        "processus et reste dans l'historique du shell.",
        "`docker login` sait lire le secret ailleurs que sur sa ligne de commande.",
    ),
    "secret-en-clair": Slip(
        "`{name}` contient un secret en toutes lettres (ligne {line}) : quiconque lit le script, "
        "ou son dépôt Git, le possède.",
        "Un script nomme l'endroit où se trouve le secret, jamais le secret.",
    ),
    "variable-sans-guillemets": Slip(
        "`{name}` écrit `{found}` sans guillemets doubles : le shell coupe et interprète les "
        "espaces et les étoiles que le secret contient peut-être.",
        "Que fait bash d'une variable sans guillemets ?",
    ),
    "sans-entree-standard": Slip(
        "`{name}` se connecte sans lire le secret sur l'entrée standard : sans terminal, la "
        "connexion échouerait.",
        "Une option de `docker login` lit le secret sur l'entrée standard.",
    ),
    "sans-connexion": Slip(
        "`{name}` ne se connecte à aucun registre.",
        "Quelle commande ouvre une session auprès d'un registre ?",
    ),
    "mauvais-registre": Slip(
        "`{name}` se connecte à Docker Hub, faute d'adresse ; vos images sont sur `{host}`.",
        "La connexion vaut pour un seul registre : lequel ?",
    ),
}


_TOKEN = re.compile(r"dckr_(?:pat|oat)_\w")
_ASSIGNED = re.compile(
    r"(?<![\w$./-])([A-Za-z_]\w*)=(?![\"']?[$(<`.]|[\"']?\s*$|\S*/|\S*\.(?:txt|env|json|key|secret)\b)"
    r"[\"']?[^\s\"'$]{6,}"
)
_GIVEN = re.compile(
    r"\b(?:echo|printf)\b((?:\s+(?:\"[^\"]*\"|'[^']*'|\$\{[^}]*\}|\$(?!\{)|[^\s|;&\"'$])+)+)\s*"
    r"\|\s*docker\b.*\blogin\b"
)
"""What `echo` or `printf` hands to `docker login`."""


def _refuse_secrets(name: str, text: str) -> None:
    """Raise `secret-en-clair` when a script shows a token or a password."""
    for place, line in enumerate(text.splitlines(), 1):
        if _TOKEN.search(line):  # even in a comment
            raise Mistake("secret-en-clair", name=name, line=place)
    for place, line, here in shell.lines(text):
        handed = _GIVEN.search(line)
        words = re.sub(r"[\"']?%s\S*|-\w\b", "", handed[1]).strip(" \"'") if handed else ""
        if (
            any(credentials.is_name(found[1]) for found in _ASSIGNED.finditer(line))
            or (words and not re.search(r"[$`]", words))
            or re.search(r"\blogin\b.*<<<\s*['\"]?[^$\s'\"]", line)
            or (re.search(r"\blogin\b", line) and re.match(r"\s*[^\s$`]", here))
        ):
            raise Mistake("secret-en-clair", name=name, line=place)


def _check_login(evidence: Evidence, name: str, text: str) -> None:
    """How a script signs in; raises the mistakes of `LOGIN`."""
    commands = shell.lines(text)
    logins = [line for line in commands if re.search(r"\bdocker\b.*\blogin\b", line.text)]
    if not logins:
        raise Mistake("sans-connexion", name=name)
    for _, line, _ in logins:
        if found := re.search(r"\slogin\b.*?\s(--password(?!-stdin)\b|-p\b)", line):
            raise Mistake("mot-de-passe-en-argument", name=name, found=found[1])
    _refuse_secrets(name, text)
    for _, line, _ in logins:
        if "--password-stdin" not in line:
            raise Mistake("sans-entree-standard", name=name)
        handed = _GIVEN.search(line)
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", handed[1]) if handed else ""
        if found := re.search(r"\$\{[^}]*\}?|\$\w+", bare):
            raise Mistake("variable-sans-guillemets", name=name, found=found[0])
        host = canonical(f"{account_home(evidence)}/x").partition("/")[0]
        after = line[re.search(r"\blogin\b", line).end():]  # type: ignore[union-attr]  # fmt: skip
        after = re.sub(r"\d*[<>]{1,3}&?\s*\S+|&>\s*\S+", " ", after)
        said = re.sub(r"(-u|--username)[ =]?\S+|--password-stdin|[|;&)}].*", " ", after)
        if host != "docker.io" and not said.strip(" \"'"):
            raise Mistake("mauvais-registre", name=name, host=host)


@exercise(
    "4.3",
    "Un dépôt privé, et un secret qui le reste",
    points=3,
    hints=[
        "Regardez qui peut télécharger votre dépôt, puis relisez le script comme si vous le "
        "trouviez dans un dépôt Git public.",
        "Le secret vient d'une variable ou d'un fichier, passe par l'entrée standard, et ne "
        "s'écrit nulle part. Un dépôt est public ou privé, indépendamment de ses tags.",
        "Créez un compte et un jeton sur le hub, un dépôt privé dans votre espace ; écrivez un "
        "script qui lit le jeton dans une variable, entre guillemets, et le donne à la connexion "
        "par un tube ; puis étiquetez et envoyez.",
    ],
    mistakes={
        **ANSWER,
        **FILE,
        **LONG,
        **PUBLISHED,
        **LOGIN,
        "compte-impossible": Slip(
            "« {found} » ne peut pas être un compte du hub : un nom y a de 2 à 30 lettres minuscules "
            "sans accent ou chiffres, avec entre eux un point, un tiret ou un tiret bas.",
            "Sous quel nom, exactement, avez-vous créé votre compte sur le hub ?",
        ),
        "depot-public": Slip(
            "`{repository}` est public : nous l'avons téléchargé sans connexion.",
            "La visibilité est un réglage du dépôt, pas de l'image.",
        ),
        "espace-ouvert": Slip(
            "L'image est dans `{repository}`, un espace où chacun lit et écrit sans compte : rien "
            "n'y est privé.",
            "Dans quel espace de noms une connexion est-elle nécessaire ?",
        ),
    },
    makes=Makes(
        files=["connexion.sh", "reponses/4.3.json"],
        images=["*/journal-interne:1", "{hub}/cours/journal-interne:1"],
    ),
)
def private_push(evidence: Evidence) -> Facts:
    """L'image `cours/journal-interne:1` est publiée dans le dépôt privé `journal-interne` de
    votre compte, et personne ne peut la télécharger sans être connecté. `connexion.sh` se connecte
    au hub sans jamais exposer le secret."""
    account, name = _account(evidence), "connexion.sh"
    at_hub = account_home(evidence).startswith(f"{evidence.hub}/")
    if at_hub and not (2 <= len(account) <= 30 and _ACCOUNT_NAME.fullmatch(account)):
        raise Mistake("compte-impossible", found=account[:60])
    _check_login(evidence, name, _script(evidence, name))
    repository = f"{account_home(evidence)}/journal-interne"
    reference = f"{repository}:1"
    if evidence.registry(reference) is None:
        opened = f"{space(evidence)}/journal-interne"
        if opened != repository and evidence.registry(f"{opened}:1"):
            raise Mistake("espace-ouvert", repository=opened)
    found = _published(evidence, reference)
    _same(evidence, reference, found, material.internal_log(evidence.identity))
    if "pull" in evidence.access(repository, None):
        raise Mistake("depot-public", repository=repository)
    return {"dépôt privé": repository, "compte": account, "digest": found.digest}


# --- 4.4 ------------------------------------------------------------------------------------

POSTE = "poste/config.json"


@exercise(
    "4.4",
    "Se déconnecter, et de quoi ?",
    points=2,
    hints=[
        "Ouvrez le fichier : chaque registre y a sa propre entrée.",
        "`docker logout` n'agit que sur un registre à la fois ; lequel, quand on ne dit rien ? Et "
        "Base64 est une écriture, pas un secret.",
        "Copiez la configuration dans `poste/`, dites au client Docker, par sa variable "
        "d'environnement, d'employer ce dossier, déconnectez-le du hub par son adresse ; puis "
        "décodez l'entrée de la station.",
    ],
    mistakes={
        **ANSWER,
        "fichier-absent": FILE["fichier-absent"],
        "tout-efface": Slip(
            "`{name}` ne contient plus aucune connexion : la vôtre a disparu, et celles des autres "
            "avec elle.",
            "Effacer ou récrire le fichier n'est pas se déconnecter.",
        ),
        "toujours-connecte": Slip(
            "`{name}` garde une entrée pour `{host}` : n'importe qui, sur ce poste, y publie "
            "encore sous le nom de `{account}`.",
            "De quel registre vous êtes-vous déconnecté ?",
        ),
        "deconnecte-de-docker-hub": Slip(
            "`{name}` a perdu l'entrée de Docker Hub et garde celle de `{host}` : sans adresse, "
            "la déconnexion ne concerne que Docker Hub.",
            "La commande de déconnexion accepte un argument.",
        ),
        "autre-connexion-perdue": Slip(
            "`{name}` a perdu la connexion à `{host}` : l'équipe de quart ne peut plus publier.",
            "Effacer ou récrire le fichier emporte les connexions des autres.",
        ),
        "assistant-perdu": Slip(
            "`{name}` n'a plus l'assistant d'identification (`credHelpers`) de `{host}` : ce "
            "fichier ne contient pas que des connexions.",
            "Repartez du fichier fourni, et laissez le client Docker n'y toucher que ce qu'il faut.",
        ),
        "base64-pris-pour-un-chiffrement": Slip(
            "« {found} » : le champ `auth` n'est pas protégé. C'est du Base64, une simple "
            "écriture, que chacun lit sans clé ni mot de passe.",
            "Décodez vous-même l'entrée de la station : vous a-t-on demandé une clé ?",
        ),
        "compte-faux": Slip(
            "« {found} » n'est pas le compte connecté à `{host}`.",
            "Ce que contient `auth`, une fois décodé, est de la forme `compte:secret`.",
        ),
        "secret-recopie": Slip(
            "Votre réponse contient le secret lui-même : seul le nom du compte était demandé. Un "
            "secret ne se recopie ni dans une réponse, ni dans un notebook.",
            "Que faut-il garder de part et d'autre des deux-points ?",
        ),
    },
    makes=Makes(files=["poste/config.json", "reponses/4.4.json"]),
)
def signed_out(evidence: Evidence) -> Facts:
    """`poste/config.json`, parti de `fournitures/config-partagee.json`, n'a plus de connexion au
    hub, et rien d'autre n'y a changé. Votre réponse dit comment `auth` est écrit, et quel compte
    est connecté au registre de la station."""
    told = evidence.client_config(POSTE)
    if told is None:
        raise Mistake("fichier-absent", name=POSTE)
    if not told.logins and not told.helpers:
        raise Mistake("tout-efface", name=POSTE)
    if told.helpers.get(material.SHIPOWNER) != "secretservice":
        if material.STATION in told.logins:
            raise Mistake("assistant-perdu", name=POSTE, host=material.SHIPOWNER)
        raise Mistake("autre-connexion-perdue", name=POSTE, host=material.STATION)
    account = material.station_account(evidence.identity)
    if told.logins.get(material.STATION) != account:
        raise Mistake("autre-connexion-perdue", name=POSTE, host=material.STATION)
    for host in evidence.hub_addresses:
        if host in told.logins:
            name = "toujours-connecte"
            if material.DOCKER_HUB_KEY not in told.logins:
                name = "deconnecte-de-docker-hub"
            raise Mistake(name, name=POSTE, host=host, account=told.logins[host])
    if not told.logins.get(material.DOCKER_HUB_KEY):
        raise Mistake("autre-connexion-perdue", name=POSTE, host="docker.io")
    given = answer(evidence, "4.4")
    writing = str(field(given, "ecriture")).strip()
    if re.sub(r"[^a-z0-9]", "", writing.lower()) not in ("base64", "enbase64", "dubase64"):
        raise Mistake("base64-pris-pour-un-chiffrement", found=writing)
    said = str(field(given, "compte")).strip()
    if said != account:
        if said.startswith(f"{account}:"):
            raise Mistake("secret-recopie")
        raise Mistake("compte-faux", found=said.partition(":")[0], host=material.STATION)
    return {"déconnecté de": evidence.hub, "connexion gardée": f"{account} sur {material.STATION}"}


# --- 4.5 ------------------------------------------------------------------------------------

SCENARIOS = {
    "integration": ("pat", "lecture", 365, "télécharge chaque nuit une image privée"),
    "publication": ("pat", "lecture-ecriture", 365, "publie chaque version"),
    "menage": (
        "pat",
        "lecture-ecriture-suppression",
        31,
        "supprime, une seule fois, d'anciens tags",
    ),
    "organisation": ("oat", "lecture-ecriture", 365, "publie au nom de l'organisation"),
}
KINDS = {
    "pat": ("pat", "personnel", "jeton personnel", "personal access token"),
    "oat": ("oat", "organisation", "jeton d'organisation", "organization access token"),
    "mot de passe": ("mot de passe", "password", "mdp"),
}
SCOPES = ("lecture", "lecture-ecriture", "lecture-ecriture-suppression")


@exercise(
    "4.5",
    "Le jeton au moindre privilège",
    points=2,
    hints=[
        "Pour chaque automate, écrivez d'abord ce qu'il fait vraiment : télécharger, envoyer, "
        "supprimer.",
        "Un jeton personnel agit au nom d'une personne, un jeton d'organisation survit au départ "
        "de cette personne ; tous deux ont une portée et une date de fin.",
        "Un seul automate supprime ; un seul se contente de lire ; un seul ne doit dépendre de "
        "personne. Et un jeton qui sert une fois n'a pas besoin de vivre un an.",
    ],
    mistakes={
        **ANSWER,
        "mot-de-passe": Slip(
            "Scénario `{which}` : un mot de passe donne tout le compte, ne se limite pas et ne se "
            "révoque qu'en le changeant partout.",
            "Quel objet peut-on révoquer sans toucher au compte ?",
        ),
        "genre-inconnu": Slip(
            "Scénario `{which}` : « {found} » n'est pas un genre connu. Écrivez `pat`, `oat` ou "
            "`mot de passe`.",
        ),
        "jeton-personnel-pour-l-organisation": Slip(
            "Scénario `{which}` : un jeton personnel s'arrête avec la personne. Le jour où elle "
            "quitte l'équipe, la publication tombe en panne.",
            "À qui appartient un automate qui publie au nom de tous ?",
        ),
        "jeton-d-organisation-superflu": Slip(
            "Scénario `{which}` : ce compte est celui d'une personne, sans organisation : un jeton "
            "d'organisation n'y existe pas.",
        ),
        "portee-inconnue": Slip(
            "Scénario `{which}` : « {found} » n'est pas une portée. Écrivez `lecture`, "
            "`lecture-ecriture` ou `lecture-ecriture-suppression`.",
        ),
        "portee-trop-large": Slip(
            "Scénario `{which}` : il {does}, et vous lui donnez « {found} ». Volé, ce jeton en "
            "ferait autant.",
            "Quelle est la plus petite portée qui suffise ?",
        ),
        "portee-trop-etroite": Slip(
            "Scénario `{which}` : il {does} ; avec « {found} », il sera refusé.",
        ),
        "sans-fin": Slip(
            "Scénario `{which}` : {found} jours, c'est trop. {why}",
            "Qui pensera à révoquer un jeton que personne ne renouvelle ?",
        ),
        "jours-illisibles": Slip(
            "Scénario `{which}` : « {found} » n'est pas un nombre de jours.",
            "Écrivez un nombre, par exemple 90. « jamais » n'en est pas un, et c'est voulu.",
        ),
        "pat-limite-a-un-depot": Slip(
            "Un jeton personnel de Docker Hub vaut pour tous les dépôts de son compte : il ne se "
            "limite pas à l'un d'eux. C'est le jeton d'organisation qui se limite à des dépôts.",
            "Lequel des deux genres choisit ses dépôts ?",
        ),
    },
    makes=Makes(files=["reponses/4.5.json"]),
)
def least_privilege(evidence: Evidence) -> Facts:
    """Pour chacun des quatre automates, votre réponse choisit un genre de jeton, la plus petite
    portée qui suffise et une durée en jours ; elle dit aussi quel genre de jeton se limite à
    certains dépôts."""
    given = answer(evidence, "4.5")
    for which, (kind, scope, limit, does) in SCENARIOS.items():
        _check_scenario(given, which, kind, scope, limit, does)
    if _kind("limite_a_un_depot", str(field(given, "limite_a_un_depot"))) != "oat":
        raise Mistake("pat-limite-a-un-depot")
    return {which: f"{kind}, {scope}" for which, (kind, scope, _, _) in SCENARIOS.items()}


def _kind(which: str, said: str) -> str:
    word = said.strip().lower().replace("’", "'")
    for kind, words in KINDS.items():
        if word in words:
            return kind
    raise Mistake("genre-inconnu", which=which, found=said)


def _check_scenario(
    given: dict[str, Any], which: str, kind: str, scope: str, limit: int, does: str
) -> None:
    found = _kind(which, str(field(given, f"{which}.genre")))
    if found == "mot de passe":
        raise Mistake("mot-de-passe", which=which)
    if found != kind:
        name = "jeton-personnel-pour-l-organisation"
        raise Mistake(name if kind == "oat" else "jeton-d-organisation-superflu", which=which)
    said = str(field(given, f"{which}.portee"))
    word = re.sub(r"[\s,+/_-]+", "-", said.strip().lower().replace("é", "e"))
    if word not in SCOPES:
        raise Mistake("portee-inconnue", which=which, found=said)
    if word != scope:
        wide = SCOPES.index(word) > SCOPES.index(scope)
        raise Mistake("portee-trop-" + ("large" if wide else "etroite"),
                      which=which, does=does, found=said)  # fmt: skip
    days = field(given, f"{which}.jours")
    count = number(days)
    if count is None or count <= 0:
        raise Mistake("jours-illisibles", which=which, found=days)
    if count > limit:
        why = (
            "Il ne sert qu'une fois : un mois suffit largement."
            if limit < 365
            else "Au-delà d'un an, plus personne ne sait où il est resté."
        )
        raise Mistake("sans-fin", which=which, found=days, why=why)


# --- 4.6 ------------------------------------------------------------------------------------

RELEASE = "1.4.2"
RELEASE_TAGS = ("1.4.2", "1.4", "1", "latest")


@exercise(
    "4.6",
    "Construire une fois, étiqueter quatre fois",
    points=3,
    hints=[
        "Comparez, au registre, le digest des quatre tags.",
        "Construire deux fois la même recette ne donne pas forcément la même image ; coller un "
        "second nom, si.",
        "Une seule construction, puis trois noms de plus sur l'image obtenue (ou quatre noms donnés "
        "à la même construction), puis l'envoi des quatre.",
    ],
    mistakes={
        **PUBLISHED,
        "tag-manquant": Slip(
            "Au registre, `{repository}` a {found} ; il manque {missing}.",
            "Quatre noms pour une image : lesquels un utilisateur prudent, ou pressé, "
            "demandera-t-il ?",
        ),
        "prefixe-v": Slip(
            "`{repository}` a le tag `{found}` : la version sémantique n'a pas de « v ». Il est "
            "d'usage dans les tags de Git, pas dans ceux des images.",
            "Comment s'écrit la version 1.4.2, exactement ?",
        ),
        "constructions-multiples": Slip(
            "Les tags {first} et {second} ne désignent pas la même image : leurs couches "
            "diffèrent. L'image a été construite plusieurs fois.",
            "Combien de fois avez-vous construit, et combien de fois nommé ?",
        ),
        "ancienne-image": Slip(
            "Le tag `{tag}` désigne encore {found}, et non la version 1.4.2.",
            "Aucun tag ne bouge seul, pas même `latest`.",
        ),
        "digests-differents": Slip(
            "Les tags {first} et {second} ont les mêmes couches, mais pas le même digest : ce sont "
            "deux manifestes, issus de deux constructions.",
            "Le cache peut rendre deux constructions très ressemblantes, sans les rendre égales.",
        ),
    },
    makes=Makes(
        images=["*/vigie-veille:*", "{hub}/cours/vigie:1.4.1"],
        hub=[f"{material.ACCOUNT}/vigie-veille"],
    ),
)
def one_build(evidence: Evidence) -> Facts:
    """La version 1.4.2, construite une seule fois à partir de `fournitures/vigie.Dockerfile`, est
    publiée dans le dépôt `vigie-veille` sous quatre tags : `1.4.2`, `1.4`, `1` et `latest`."""
    repository = f"{space(evidence)}/vigie-veille"
    tags = evidence.tags(repository)
    prefixed = [tag for tag in tags if re.fullmatch(r"[vV]\d[\d.]*", tag)]
    missing = [tag for tag in RELEASE_TAGS if tag not in tags]
    if missing and prefixed:
        raise Mistake("prefixe-v", repository=repository, found=prefixed[0])
    if not tags:
        _published(evidence, f"{repository}:{RELEASE}")
    if missing:
        found = f"{'le tag' if len(tags) == 1 else 'les tags'} {_quoted(tags)}"
        raise Mistake("tag-manquant", repository=repository, found=found, missing=_quoted(missing))
    images = {tag: _published(evidence, f"{repository}:{tag}") for tag in RELEASE_TAGS}
    base = material.vigie(evidence.identity, material.FORMER).own_diff_ids
    for tag, image in images.items():
        _check_release(evidence, repository, tag, image, base)
    first = images[RELEASE]
    for tag, image in images.items():
        said = {"first": f"`{RELEASE}`", "second": f"`{tag}`"}
        if image.diff_ids != first.diff_ids:
            raise Mistake("constructions-multiples", **said)
        if image.digest != first.digest:
            raise Mistake("digests-differents", **said)
    return {"quatre tags, un digest": first.digest}


def _check_release(
    evidence: Evidence, repository: str, tag: str, image: RegistryImage, base: tuple[str, ...]
) -> None:
    """The image is the recipe built on the learner's own base: one layer above it."""
    name = f"{repository}:{tag}"
    refuse_copy(evidence, name, image.config.get("Labels") or {})
    if image.diff_ids[-len(base) :] == base:
        raise Mistake("ancienne-image", tag=tag, found=_title(image.config))
    if image.diff_ids[-len(base) - 1 : -1] != base:
        raise Mistake(
            "autre-image",
            name=name,
            found=_title(image.config),
            expected="la construction de `fournitures/vigie.Dockerfile`",
        )


# --- 4.7 ------------------------------------------------------------------------------------

LABELLER = "etiqueter.sh"
_DATED = re.compile(r"^(\d{8})[-._T]?(\d{6})$")


@exercise(
    "4.7",
    "Tags de date et de construction",
    points=3,
    hints=[
        "Listez les tags du dépôt `veille-nocturne` après chaque exécution du script.",
        "Une variable absente n'empêche pas une commande de partir : bash sait refuser de "
        "continuer sans elle, et `date` sait écrire l'heure sans deux-points.",
        "Le script commence par refuser une variable vide ou absente ; puis il calcule la date et "
        "l'heure à la seconde, et colle deux noms à l'image. Exécutez-le deux fois, avec chacun "
        "des deux numéros.",
    ],
    mistakes={
        **FILE,
        **LONG,
        "construction-sans-numero": Slip(
            "Le dépôt a un tag `{tag}` : le script a tourné sans numéro de construction, et Docker "
            "n'y a rien trouvé à redire.",
            "Que vaut une variable que personne n'a remplie ?",
        ),
        "sans-garde": Slip(
            "`{name}` ne vérifie pas que `BUILD_ID` contient quelque chose : un jour, un autre "
            "outil le lancera, et la variable sera vide.",
            "Bash a une forme d'expansion qui arrête le script quand la variable est vide.",
        ),
        "set-u-ne-suffit-pas": Slip(
            "`{name}` compte sur `set -u`, qui arrête le script si `BUILD_ID` n'existe pas, mais "
            "laisse passer une variable vide.",
            "Absente et vide sont deux choses ; il faut refuser les deux.",
        ),
        "numero-manquant": Slip(
            "Le tag `build-{missing}` n'existe pas : {seen}.",
            "Vos deux numéros de construction sont écrits dans `fournitures/constructions.txt`.",
        ),
        "date-ecrasee": Slip(
            "Deux constructions, mais un seul tag de date ({found}) : la seconde a pris le nom de "
            "la première.",
            "Que faut-il ajouter au jour pour que deux constructions ne se marchent pas dessus ?",
        ),
        "date-sans-heure": Slip(
            "Le tag `{found}` ne dit pas l'heure à la seconde : une autre construction pourra "
            "prendre le même nom, et sa place. La forme attendue est `AAAAMMJJ-HHMMSS`.",
            "La date seule distingue deux jours, pas deux constructions.",
        ),
        "sans-date": Slip(
            "Aucun tag de date : le dépôt a {found}. La forme attendue est `AAAAMMJJ-HHMMSS`.",
            "La commande `date` écrit la forme qu'on lui donne.",
        ),
        "caractere-interdit": Slip(
            "`{name}` écrit l'heure avec des deux-points (`{found}`), et le dépôt n'a pas deux tags de "
            "date : un tag n'accepte pas ce caractère, Docker refuse.",
            "Quels caractères un tag peut-il contenir ?",
        ),
        "autre-image": Slip(
            "Le tag `{name}` est collé sur {found}, et non sur {expected}.",
        ),
        "copie": CONTENT["copie"],
    },
    makes=Makes(files=[LABELLER], images=["*/veille-nocturne:*", "{hub}/cours/vigie:1.0.0-rc"]),
)
def dated(evidence: Evidence) -> Facts:
    """`etiqueter.sh` refuse de travailler sans `BUILD_ID`, et donne à `cours/vigie:1.0.0-rc` deux
    noms dans le dépôt local `veille-nocturne` de votre espace : `build-NUMÉRO` et
    `AAAAMMJJ-HHMMSS`. Il a tourné pour vos deux numéros de construction."""
    name, repository = LABELLER, f"{space(evidence)}/veille-nocturne"
    code = _code(_script(evidence, name))
    tagged: dict[str, Image] = {}
    for image in evidence.images():
        for tag in image.tags:
            head, _, last = rehosted(normalise(tag), evidence.hub_addresses).rpartition(":")
            if "@" not in tag and head == normalise(repository).rpartition(":")[0]:
                tagged[last] = image
    expected = material.vigie(evidence.identity, material.CANDIDATE)
    for tag in tagged:
        if re.fullmatch(r"build[-_.]*", tag):
            raise Mistake("construction-sans-numero", tag=tag)
    days = [tag for tag in tagged if re.match(r"^20\d{6}(?!\d{2}$)", tag) or tag.isdigit()]
    exact = [tag for tag in days if _moment(tag)]
    colons = re.search(
        r"%H:%M|%T|%R|%X|-I(?:seconds|minutes|s|m)|--iso-8601|%c|\bdate -I", code
    )  # fine in what the script says; no tag would come of it
    if colons and len(exact) < 2:
        raise Mistake("caractere-interdit", name=name, found=colons[0])
    _check_guard(name, code)
    seen = f"le dépôt local a {_quoted(sorted(tagged))}" if tagged else "le dépôt local est vide"
    for build in material.builds(evidence.identity):
        if f"build-{build}" not in tagged:
            raise Mistake("numero-manquant", missing=build, seen=seen)
    if not exact:
        short = [tag for tag in days if re.match(r"20\d{6}(\D|$)", tag)]
        if short:
            raise Mistake("date-sans-heure", found=short[0])
        raise Mistake("sans-date", found=_quoted(sorted(tagged)))
    if len(exact) < 2:
        raise Mistake("date-ecrasee", found=_quoted(exact))
    for tag, image in tagged.items():
        _same(evidence, tag, image, expected)
    return {"constructions": sorted(tagged)}


def _check_guard(name: str, code: str) -> None:
    """Reading, not running: an empty `BUILD_ID` must stop the script."""
    copies = re.findall(
        r"(?m)^\s*(\w+)=[\"']?\$\{?BUILD_ID(?::-)?\}?[\"']?\s*$|(\w+)=\"?\$\{BUILD_ID:-\}\"?\s*;",
        code,
    )
    either = "|".join(["BUILD_ID", *{re.escape(each) for pair in copies for each in pair if each}])
    variable = rf"\$\{{?(?:{either})(?![\w+])"  # `${{x+…}}` says whether it exists, empty or not
    if re.search(rf"\$\{{(?:{either}):\?|BUILD_ID=\"?\$\{{1:\?", code):
        return
    tests = (
        rf"(?:-z|-n|!)\s+\"?{variable}",
        rf"\"?{variable}(?::-)?\}}?\"?\s*(?:=|==|=~|!=)",
        rf"(?:\[|\btest)\s+\"?{variable}",
        rf"\bcase\s+\"?{variable}",
        rf"\$\{{#(?:{either})\}}",
    )
    lines = shell.lines(code)
    leaves = rf"\b(?:{'|'.join(shell.leaving(lines))})\b|\bdocker\b.*\btag\b"
    stops = re.search(r"(?m)^\s*set\s+(?:-\w*e|-o\s+errexit)", code)
    for place, line in enumerate(lines):
        if any(re.search(test, line.text) for test in tests):
            if stops and re.fullmatch(r"\s*(?:\[.*\]|\(\(.*\)\)|test\b[^|&;]*)\s*", line.text):
                return  # its failure is the script's
            told = "\n".join(each.text for each in lines[place : place + 40])
            end = r"\besac\b" if re.search(r"\bcase\b", line.text) else r"\bfi\b"
            if not re.search(r"\b(?:if|case|elif)\b", line.text):
                end = r"(?m)^\s*\}" if line.text.rstrip().endswith("{") else "\n"
            if re.search(leaves, re.split(end, told)[0]):
                return
    if re.search(r"set\s+(-\w*u|-o\s+nounset)", code):
        raise Mistake("set-u-ne-suffit-pas", name=name)
    raise Mistake("sans-garde", name=name)


def _moment(tag: str) -> datetime | None:
    match = _DATED.match(tag)
    try:
        return datetime.strptime(match[1] + match[2], "%Y%m%d%H%M%S") if match else None
    except ValueError:
        return None


# --- 4.8 ------------------------------------------------------------------------------------


@exercise(
    "4.8",
    "Tout pousser, sauf le brouillon",
    points=2,
    hints=[
        "Listez les tags locaux du dépôt avant d'envoyer, et ceux du registre après.",
        "Un nom sans tag ne veut pas dire « tout » : pour `docker push`, il veut dire `latest`. "
        "L'option qui envoie tout envoie vraiment tout.",
        "Envoyez les trois tags un par un, ou retirez d'abord le brouillon de votre machine, puis "
        "employez l'option qui envoie tous les tags d'un dépôt.",
    ],
    mistakes={
        **PUBLISHED,
        "brouillon-publie": Slip(
            "`{repository}` a le tag `{tag}` au registre : l'option qui envoie tous les tags les "
            "envoie tous, y compris celui-là.",
            "Quels tags votre machine avait-elle au moment de l'envoi ? Il faut aussi retirer "
            "celui qui est parti (`./atelier reinitialiser 4.8`).",
        ),
        "latest-seul": Slip(
            "`{repository}` n'a que le tag `latest` : un nom sans tag ne désigne que celui-là.",
            "Quel tag Docker ajoute-t-il quand on n'en écrit pas ?",
        ),
        "tag-manquant": Slip(
            "`{repository}` a {found} ; il manque {missing}.",
            "Trois tags étaient attendus.",
        ),
        "tag-en-trop": Slip(
            "`{repository}` a les trois tags, et {found} de trop.",
            "Seuls les trois tags de la version 2.0.0 devaient partir.",
        ),
    },
    makes=Makes(images=["*/sonar:*"], hub=[f"{material.ACCOUNT}/sonar"]),
)
def all_but_the_draft(evidence: Evidence) -> Facts:
    """Le dépôt `sonar` de votre espace a, au registre, exactement trois tags (`2.0.0`, `2.0` et
    `2`), qui désignent l'image préparée par l'équipage ; le brouillon n'est pas parti."""
    repository = f"{space(evidence)}/sonar"
    tags = evidence.tags(repository)
    if material.DRAFT in tags:
        raise Mistake("brouillon-publie", repository=repository, tag=material.DRAFT)
    if tags == ["latest"]:
        raise Mistake("latest-seul", repository=repository)
    if not tags:
        _published(evidence, f"{repository}:2.0.0")
    missing = [tag for tag in material.SONAR_TAGS if tag not in tags]
    if missing:
        raise Mistake(
            "tag-manquant", repository=repository, found=_quoted(tags), missing=_quoted(missing)
        )
    if extra := [tag for tag in tags if tag not in material.SONAR_TAGS]:
        raise Mistake("tag-en-trop", repository=repository, found=_quoted(extra))
    expected = material.sonar(evidence.identity, "2.0.0")
    for tag in tags:
        reference = f"{repository}:{tag}"
        _same(evidence, reference, _published(evidence, reference), expected)
    return {"tags": tags}


# --- 4.9 ------------------------------------------------------------------------------------

OBSERVATORY = "observatoire"


def _own_files(image: ImageEntry, archive: Archive) -> Files:
    """The files of the layers above the base; raises `couche-trop-lourde`."""
    own = image.layers[1:]
    heavy = [layer for layer in own if layer.size > SMALL_LAYER]
    if heavy:
        raise Mistake("couche-trop-lourde", name=archive.name, size=octets(heavy[0].size))
    try:
        return Files(archive, own)
    except ArchiveError as error:
        raise Mistake("archive-abimee", name=archive.name, problem=error) from error


HEAVY = {
    "couche-trop-lourde": Slip(
        "Une couche de l'image de `{name}`, au-dessus de la base, pèse {size} : le projet entier "
        "tient en quelques kilooctets une fois le superflu écarté.",
        "Quels fichiers cette couche contient-elle, et l'application en a-t-elle besoin ?",
    ),
}


@exercise(
    "4.9",
    "Un Dockerfile publiable",
    points=4,
    hints=[
        "Relisez votre Dockerfile comme un inconnu qui téléchargerait l'image, puis regardez ce "
        "que chaque couche contient.",
        "L'ordre des instructions décide du cache ; `.dockerignore` décide de ce qui peut être "
        "copié ; les labels, l'utilisateur et le port s'écrivent dans la configuration.",
        "Une base précise ; la liste des modules et l'installateur, copiés puis exécutés ; "
        "ensuite seulement le reste du projet ; les quatre labels OCI, un utilisateur qui n'est "
        "pas root, un port. Et un `.dockerignore` qui écarte `.git` et `.env`.",
    ],
    mistakes={
        **ARCHIVE,
        **dockerfile.RECIPE,
        **HEAVY,
        "copie": Slip(
            "Le `veille.sh` de l'image porte le sceau {other} ; le vôtre porte {mine} : ce projet "
            "est celui d'une autre personne.",
            "Chaque apprenant a son propre projet, dans ses fournitures.",
        ),
        "dockerignore-absent": Slip(
            "`{name}` {why} : tout le dossier, `.git` et `.env` compris, part au moteur à "
            "chaque construction.",
            "Un fichier dit au constructeur ce qu'il ne doit pas voir.",
        ),
        "secret-dans-une-couche": Slip(
            "Une couche de l'image contient le secret de `.env` (fichier `{path}`) : quiconque "
            "télécharge l'image le lit.",
            "Qu'est-ce qui empêche `COPY` d'emporter un fichier ?",
        ),
        "secret-dans-la-configuration": Slip(
            "La configuration de l'image (variables, labels ou historique) contient le secret de "
            "`.env` : l'inspection ou l'historique de l'image le montrent à tous.",
            "Une variable d'environnement d'image est aussi publique que ses fichiers.",
        ),
        "secret-efface-trop-tard": Slip(
            "Le secret de `.env` n'est plus visible dans l'image, mais il y est encore : la couche "
            "{layer} le contient, une couche suivante le cache (fichier `{path}`). Effacer "
            "n'enlève rien aux couches déjà écrites.",
            "Un fichier ne doit pas être effacé après avoir été copié : il ne doit pas être copié.",
        ),
        "git-embarque": Slip(
            "L'image contient le dossier `.git` (`{path}`) : tout l'historique du projet, "
            "brouillons et secrets oubliés compris.",
            "Le fichier `.dockerignore` accepte aussi des dossiers.",
        ),
        "programme-absent": Slip(
            "Aucun fichier de l'image ne porte le sceau de `veille.sh` : ce n'est pas le programme "
            "fourni.",
            "D'où vient le `veille.sh` que vous avez copié ?",
        ),
        "version-absente": Slip(
            "`{name}` contient {found} ; les deux versions `observatoire:1.0.0` et "
            "`observatoire:1.0.1` sont attendues.",
            "Une seule archive peut contenir plusieurs images.",
        ),
        "meme-image": Slip(
            "Les deux versions sont la même image : le code n'a pas changé entre les deux "
            "constructions.",
            "La version est écrite dans `veille.sh`.",
        ),
        "installation-refaite": Slip(
            "Entre 1.0.0 et 1.0.1, la couche des modules a changé, alors que `modules.txt` est le "
            "même : l'installation a été refaite.",
            "Qu'est-ce qui a changé avant l'installation, ou dans ses entrées, entre les deux "
            "constructions ?",
        ),
        "sans-installation": Slip(
            "L'historique de l'image ne montre pas d'exécution de `installer.sh` : les modules n'y "
            "sont pas installés.",
            "Une instruction du Dockerfile exécute une commande pendant la construction.",
        ),
        "image-en-root": Slip(
            "L'image construite démarre en root (`User` est vide ou vaut root), malgré le "
            "Dockerfile : elle n'en vient pas.",
            "L'archive a-t-elle été faite après la dernière construction ?",
        ),
        "image-sans-labels": Slip(
            "L'image construite n'a pas les labels du Dockerfile ({missing}) : elle n'en vient pas.",
            "L'archive a-t-elle été faite après la dernière construction ?",
        ),
    },
    makes=Makes(
        files=["observatoire/*", "observatoire/.*", "observatoire.tar"],
        images=["observatoire:1.0.0", "observatoire:1.0.1"],
    ),
)
def publishable(evidence: Evidence) -> Facts:
    """`observatoire/Dockerfile` et son `.dockerignore` sont prêts à publier : base précise,
    dépendances avant le code, labels OCI, utilisateur sans privilège, port déclaré.
    `observatoire.tar` contient les images `observatoire:1.0.0` et, après un changement du code,
    `observatoire:1.0.1`, qui a gardé la couche des modules ; aucune n'emporte `.git` ni `.env`."""
    recipe = f"{OBSERVATORY}/Dockerfile"
    stages = dockerfile.read(recipe, _text(evidence, recipe).encode())
    dockerfile.publishable(recipe, stages)
    ignored = f"{OBSERVATORY}/.dockerignore"
    data = evidence.file(ignored)
    lines = [line.strip() for line in (data or b"").decode(errors="replace").splitlines()]
    if not any(line and not line.startswith(("#", "!")) for line in lines):
        why = "n'existe pas" if data is None else "n'écarte rien"
        raise Mistake("dockerignore-absent", name=ignored, why=why)
    archive = sound(required(evidence, "observatoire.tar"))
    versions: dict[str, ImageEntry] = {}
    for image in archive.images:
        for tag in image.tags:
            versions[normalise(tag)] = image
    wanted = [f"{OBSERVATORY}:1.0.0", f"{OBSERVATORY}:1.0.1"]
    if [name for name in wanted if name not in versions]:
        unnamed = plural(len(archive.images), "image") + " sans nom"
        found = _quoted(sorted(versions)) if versions else unnamed
        raise Mistake("version-absente", name=archive.name, found=found)
    first, second = (versions[name] for name in wanted)
    for image in (first, second):
        _check_observatory(evidence, archive, image)
    if first.diff_ids == second.diff_ids:
        raise Mistake("meme-image")
    kept = _layers_through(first, "installer.sh")
    if not kept:
        raise Mistake("sans-installation")
    if first.diff_ids[:kept] != second.diff_ids[:kept]:
        raise Mistake("installation-refaite")
    shared = sum(a == b for a, b in zip(first.diff_ids, second.diff_ids, strict=False))
    return {
        "utilisateur": first.config["config"]["User"],
        "couches réemployées": f"{shared} sur {len(second.diff_ids)}",
    }


def _layers_through(image: ImageEntry, word: str) -> int:
    """How many layers there are up to the RUN that mentions `word`, it included; 0 without it."""
    count = 0
    for step in image.history:
        count += not step.get("empty_layer")
        written = str(step.get("created_by", ""))
        runs = "#(nop)" not in written and not written.startswith(("COPY", "ADD"))
        if word in written and runs and not step.get("empty_layer"):
            return count
    return 0


def _check_observatory(evidence: Evidence, archive: Archive, image: ImageEntry) -> None:
    files = _own_files(image, archive)
    secret = material.weather_secret(evidence.identity).encode()
    seal = evidence.identity.seal("observatoire").encode()
    if secret in image.config_bytes:
        raise Mistake("secret-dans-la-configuration")
    present = False
    for rank, layer in enumerate(image.layers[1:], 2):
        try:
            written = Files(archive, (layer,))
        except ArchiveError:  # it leans on another layer: the merged files have been read
            continue
        for path in written:
            file = written.get(path)
            if ".git/" in f"/{path}/":
                raise Mistake("git-embarque", path=path)
            if file is None or file.content[1].type != "file":
                continue
            content = written.read(path)
            if secret in content:
                here = path in files and secret in files.read(path)
                name = "secret-dans-une-couche" if here else "secret-efface-trop-tard"
                raise Mistake(name, path=path, layer=rank)
            present = present or (seal in content and path in files)
    if not present:
        _whose(evidence, files)
    config = image.config.get("config") or {}
    if str(config.get("User") or "root").partition(":")[0] in ("root", "0"):
        raise Mistake("image-en-root")
    labels = config.get("Labels") or {}
    missing = [key for key in dockerfile.OCI_LABELS if not labels.get(dockerfile.PREFIX + key)]
    if missing:
        raise Mistake("image-sans-labels", missing=_quoted(missing))


def _whose(evidence: Evidence, files: Files) -> None:
    """The program of somebody else, or none."""
    for path in files:
        if path.rpartition("/")[2] == "veille.sh":
            seal = re.search(rb"SCEAU=([0-9a-f]{12})", files.read(path))
            if seal:
                mine = evidence.identity.seal("observatoire")
                raise Mistake("copie", other=seal[1].decode(), mine=mine)
    raise Mistake("programme-absent")


# --- 4.10 -----------------------------------------------------------------------------------

CHART, VIEWER = "carte", "afficher.sh"


@exercise(
    "4.10",
    "Deux étapes, une petite image",
    points=4,
    hints=[
        "Listez les fichiers que chaque couche de l'image finale contient.",
        "Un Dockerfile peut avoir plusieurs `FROM` : seule la dernière étape devient l'image, les "
        "autres servent de chantier.",
        "Une première étape, nommée, copie les sondages et exécute le tracé ; la seconde repart "
        "d'une base et ne copie, depuis la première, que la carte ; l'afficheur vient du projet.",
    ],
    mistakes={
        **ARCHIVE,
        "copie": Slip(
            "La carte de l'image porte le sceau {other} ; la vôtre porte {mine} : ces sondages sont "
            "ceux d'une autre personne.",
            "Chaque apprenant a ses propres sondages, dans ses fournitures.",
        ),
        "dockerfile-illisible": dockerfile.RECIPE["dockerfile-illisible"],
        "une-seule-etape": Slip(
            "`{name}` n'a qu'une étape (un seul `FROM`) : tout ce qui a servi à fabriquer reste "
            "dans l'image.",
            "Comment séparer le chantier de ce qu'on livre ?",
        ),
        "supprimes-apres-coup": Slip(
            "Les sondages (`{path}`) ont été copiés puis supprimés dans l'image livrée : la couche "
            "{layer} les contient toujours.",
            "Une suppression ajoute une couche ; elle n'en allège aucune.",
        ),
        "etape-inconnue": Slip(
            "`{name}` copie depuis `{found}` (ligne {line}), qui n'est aucune de ses étapes : "
            "Docker ira chercher une image de ce nom au registre.",
            "Une étape ne porte que le nom que son `FROM` lui donne.",
        ),
        "rien-de-copie": Slip(
            "La dernière étape de `{name}` ne copie rien d'une autre : l'étape de fabrication ne "
            "sert à rien.",
            "`COPY` accepte une option qui choisit d'où l'on copie.",
        ),
        "image-de-chantier": Slip(
            "L'image livrée contient {found} : c'est l'étape de fabrication, pas l'étape finale.",
            "Quelle étape a été construite ? Que contient l'image que vous avez nommée ?",
        ),
        "carte-absente": Slip(
            "L'image finale n'a pas le fichier `/srv/carte.txt`.",
            "Que copie la dernière étape, et vers où ?",
        ),
        "carte-fausse": Slip(
            "`/srv/carte.txt` n'est pas la carte que `tracer.awk` tire de vos sondages ({why}).",
            "La carte doit être calculée pendant la construction, à partir de vos fichiers.",
        ),
        "interprete-absent": Slip(
            "Le programme de l'image (`{program}`) ne peut pas démarrer : il a besoin de "
            "`{interpreter}`, que l'image n'a pas. Le moteur répondrait « no such file or "
            "directory ».",
            "Le fichier existe, mais ce qu'il faut pour l'exécuter n'est pas dans cette base.",
        ),
        "sans-programme": Slip(
            "L'image finale {why}.",
            "Une instruction du Dockerfile donne la commande par défaut, celle de l'afficheur.",
        ),
        "afficheur-non-executable": Slip(
            "`{program}` n'a pas le droit d'être exécuté (mode {mode}) : le moteur répondrait "
            "« permission denied ».",
            "`COPY` garde les droits du fichier copié, à moins qu'on n'en choisisse d'autres.",
        ),
        "image-de-trop": Slip(
            "`{name}` contient {count} images ; seule l'image finale devait y être.",
            "Quels noms avez-vous donnés à la commande de sauvegarde ?",
        ),
    },
    makes=Makes(files=["carte/*", "carte.tar"], images=["carte:1"]),
)
def two_stages(evidence: Evidence) -> Facts:
    """`carte/Dockerfile` fabrique la carte dans une étape, et n'en livre que le résultat, dans une
    autre : `carte.tar` contient l'image finale, qui n'emporte ni les sondages ni le tracé, dont
    `/srv/carte.txt` est exact, et qui affiche la carte par `afficher.sh`."""
    recipe = f"{CHART}/Dockerfile"
    stages = dockerfile.read(recipe, _text(evidence, recipe).encode())
    if len(stages) > 1:  # first: a copy from nowhere leaves no archive
        _check_copies(recipe, stages)
    archive = sound(required(evidence, "carte.tar"))
    if len(archive.images) != 1:
        raise Mistake("image-de-trop", name=archive.name, count=len(archive.images))
    image = archive.images[0]
    if len(stages) < 2:
        _refuse_single_stage(recipe, image, archive)
    own = [layer for layer in image.layers if layer.size <= SMALL_LAYER]
    heavy = [layer for layer in image.layers[1:] if layer.size > SMALL_LAYER]
    try:
        files = Files(archive, tuple(own))
    except ArchiveError as error:
        raise Mistake("archive-abimee", name=archive.name, problem=error) from error
    yard = [path for path in files if path.rpartition("/")[2] in ("sondages.csv", "tracer.awk")]
    if heavy or yard:
        found = f"`{yard[0]}`" if yard else f"une couche de {octets(heavy[0].size)}"
        raise Mistake("image-de-chantier", found=found)
    _check_chart(evidence, files)
    program = _check_program(evidence, image, files)
    return {
        "couches": len(image.diff_ids),
        "au-dessus de la base": octets(sum(layer.size for layer in image.layers[1:])),
        "programme": program,
    }


def _refuse_single_stage(recipe: str, image: ImageEntry, archive: Archive) -> None:
    layers = image.layers
    for index, layer in enumerate(layers[1:], 2):
        if layer.size > SMALL_LAYER:
            break
        try:
            files = Files(archive, (layer,))
        except ArchiveError:
            break
        for path in files:
            if path.rpartition("/")[2] == "sondages.csv":
                later = Files(archive, layers[1:])
                if path not in later:
                    raise Mistake("supprimes-apres-coup", path=path, layer=index)
    raise Mistake("une-seule-etape", name=recipe)


def _check_copies(recipe: str, stages: list[dockerfile.Stage]) -> None:
    copied = False
    for position, stage in enumerate(stages):
        known = {earlier.name for earlier in stages[:position] if earlier.name}
        known |= {str(index) for index in range(position)}
        for each in stage.all("COPY"):
            source = each.flag("from")
            if source is None:
                continue
            if source.lower() not in known and not re.search(r"[/:.]", source):
                raise Mistake("etape-inconnue", name=recipe, found=source, line=each.line)
            copied = copied or (stage is stages[-1] and source.lower() in known)
    if not copied:
        raise Mistake("rien-de-copie", name=recipe)


def _check_chart(evidence: Evidence, files: Files) -> None:
    if "srv/carte.txt" not in files:
        raise Mistake("carte-absente")
    try:
        text = files.read("srv/carte.txt").decode(errors="replace")
    except ArchiveError as error:
        raise Mistake("carte-fausse", why="le fichier est trop gros, ou n'en est pas un") from error
    expected = material.chart_result(evidence.identity)
    if text.split() == expected.split():
        return
    seal = evidence.identity.seal("carte")
    if not text.strip():
        why = "le fichier est vide"
    elif (other := re.match(r"# carte ([0-9a-f]{12})\s", text)) and other[1] != seal:
        raise Mistake("copie", other=other[1], mine=seal)
    else:
        why = f"{plural(len(text.splitlines()), 'ligne')}, des profondeurs différentes"
    raise Mistake("carte-fausse", why=why)


def _check_program(evidence: Evidence, image: ImageEntry, files: Files) -> str:
    """The default command runs the viewer, which can be; the base's own layer is trusted."""
    config = image.config.get("config") or {}
    command = argv(config)
    if not command:
        raise Mistake("sans-programme", why="ne dit pas quoi lancer")
    supplied = material.chart(evidence.identity)[VIEWER][0].encode()
    for word, by_shell in runs(command):
        viewer = word.rpartition("/")[2] == VIEWER
        path = _located(word, config, files)
        if path is None and viewer and "cd " in " ".join(command):  # we know not where it is
            path = next((each for each in files if each.endswith(f"/{VIEWER}")), None)
        found = files.get(path) if path else None
        if path is None or found is None:
            if viewer:
                raise Mistake("sans-programme", why=f"lance `{word}`, qu'elle n'a pas")
            continue
        member = found.content[1]
        content = files.read(path, limit=64 << 20) if member.type == "file" else b""
        if not by_shell:
            _check_interpreter(image, files, word, content)
        if viewer or content == supplied:
            if not by_shell and member.type == "file" and not member.mode & 0o111:
                mode = f"{member.mode & 0o7777:04o}"
                raise Mistake("afficheur-non-executable", program=word, mode=mode)
            return word
        if VIEWER.encode() in content and any(each.endswith(VIEWER) for each in files):
            return word  # a program of the learner's, which calls it
    raise Mistake("sans-programme", why=f"lance `{' '.join(command)[:80]}`, et non `{VIEWER}`")


def argv(config: dict[str, Any]) -> list[str]:
    """What a container of this configuration runs: entry point and command."""
    told = [config.get("Entrypoint"), config.get("Cmd")]
    return [str(word) for each in told if isinstance(each, list | tuple) for word in each]


_SHELLS = ("sh", "ash", "bash", "dash")
BEFORE = (*_SHELLS, "exec", "env", "tini", "dumb-init", "busybox", "--", ".", "source", "command")


def runs(command: Iterable[str]) -> list[tuple[str, bool]]:
    """The programs that a command line runs, as written, and whether a shell reads them: in
    `sh -c "cd /srv && ./a.sh"`, `sh`, `cd` and `./a.sh`."""
    words: list[str] = []
    for word in command:
        words += (
            re.findall(r"[;&|]+|[^\s;&|\"'()]+", word) if re.search(r"[\s;&|]", word) else [word]
        )
    found = []
    for place, word in enumerate(words):
        before = words[:place]
        executed = False
        while before and re.match(r"-(?!-$)|\w+=", before[-1]):  # options, and variables
            executed |= re.match(r"-\w*c", before.pop()) is not None
        last = before[-1].rpartition("/")[2] if before else ""
        if not before or last in BEFORE or re.fullmatch(r"[;&|]+", last):
            found.append((word, last in (*_SHELLS, ".", "source") and not executed))
    return found


def _located(word: str, config: dict[str, Any], files: Files) -> str | None:
    """Where a program is in the image's own files: by its path, or in `PATH`."""
    here = str(config.get("WorkingDir") or "/")
    variables = config.get("Env") if isinstance(config.get("Env"), list) else []
    told = [str(each)[5:] for each in variables or () if str(each).startswith("PATH=")]
    folders = [here] if "/" in word else [here, *(told or [PATH[5:]])[0].split(":")]
    for folder in [""] if word.startswith("/") else folders:
        path = posixpath.normpath(f"/{folder}/{word}").strip("/")
        if path in files:
            return path
    return None


def _check_interpreter(image: ImageEntry, files: Files, program: str, content: bytes) -> None:
    interpreter = _interpreter(content)
    if interpreter and interpreter.strip("/") not in files:
        based = len(image.layers) > 1 and image.layers[0].size > SMALL_LAYER
        shell = interpreter in ("/bin/sh", "/usr/bin/env", "/bin/busybox", "/bin/ash")
        if not (based and shell):
            raise Mistake("interprete-absent", program=program, interpreter=interpreter)


def _interpreter(data: bytes) -> str:
    """What the kernel needs to run a program: the `#!` line, or the ELF's PT_INTERP (elf(5))."""
    if data.startswith(b"#!"):
        words = data[2:256].partition(b"\n")[0].split()
        return words[0].decode(errors="replace") if words else ""
    if data.startswith(b"\x7fELF\x02\x01") and len(data) > 64:
        offset = int.from_bytes(data[32:40], "little")
        size, count = (int.from_bytes(data[at : at + 2], "little") for at in (54, 56))
        for index in range(min(count, 64)):
            header = data[offset + index * size : offset + index * size + 56]
            if header[:4] == b"\x03\0\0\0":
                start, length = (int.from_bytes(header[a : a + 8], "little") for a in (8, 32))
                return data[start : start + min(length, 256)].rstrip(b"\0").decode(errors="replace")
    return ""


# --- 4.11 -----------------------------------------------------------------------------------


@exercise(
    "4.11",
    "Scanner et décider",
    points=3,
    hints=[
        "Le rapport a plusieurs résultats, et un même CVE peut toucher plusieurs paquets.",
        "Compter des failles n'est pas compter des lignes ; et une faille sans correctif n'est pas "
        "corrigeable : on ne peut qu'attendre.",
        "Rassemblez les vulnérabilités de tous les résultats (l'un peut être `null`), gardez les "
        "identifiants distincts par gravité, puis ceux qui ont une version corrigée ; côté trivy, "
        "trois options : le code de sortie, les gravités, les failles sans correctif.",
    ],
    mistakes={
        **ANSWER,
        "doublons": Slip(
            "{severity} : {found} est le nombre de lignes ; plusieurs portent le même identifiant. "
            "La même faille, dans deux paquets, reste une faille.",
            "Combien d'identifiants CVE différents ?",
        ),
        "premier-resultat-seul": Slip(
            "{severity} : {found} ne compte que le premier résultat du rapport, qui en a "
            "{results}.",
            "`Results` est une liste : un élément par cible examinée.",
        ),
        "compte-faux": Slip(
            "{severity} : {found} ne correspond pas au rapport.",
            "Filtrez par `Severity`, puis ne gardez que les `VulnerabilityID` distincts.",
        ),
        "gravite-de-trop": Slip(
            "`corrigeables` : {found} compte aussi des failles de moindre gravité ; la règle ne "
            "regarde que CRITICAL et HIGH.",
            "Quelles gravités la règle de publication nomme-t-elle ?",
        ),
        "correctif-ignore": Slip(
            "`corrigeables` : {found} compte aussi les failles sans version corrigée, pour "
            "lesquelles il n'y a encore rien à installer.",
            "Un champ du rapport n'existe que lorsqu'un correctif est disponible.",
        ),
        "publiee-malgre-tout": Slip(
            "« {found} » : le rapport contient {count} corrigeables, la règle interdit de publier. "
            "Que trivy ait rendu 0 ne prouve rien : sans option, il rend 0 quelles que soient les "
            "failles.",
            "Relisez la règle, puis vos propres chiffres.",
        ),
        "commande-muette": Slip(
            "Votre commande n'arrête rien : trivy rend 0 même devant une faille critique.",
            "Une option choisit le code que trivy rend quand il trouve quelque chose.",
        ),
        "seuil-absent": Slip(
            "Votre commande ne retient pas les gravités de la règle : {found}, au lieu de HIGH et "
            "CRITICAL.",
            "Une option énumère les gravités retenues, séparées par des virgules.",
        ),
        "failles-sans-correctif": Slip(
            "Votre commande bloquerait aussi sur des failles sans correctif, que la règle laisse "
            "passer.",
            "Une option de trivy laisse de côté ce qui n'a pas de version corrigée.",
        ),
        "pas-une-commande-trivy": Slip(
            "`{found}` n'est pas une commande `trivy image …`, seule, qui nomme une image.",
            "La commande commence par `trivy image`, nomme l'image, et rien ne la suit.",
        ),
    },
    makes=Makes(files=["reponses/4.11.json"]),
)
def scanned(evidence: Evidence) -> Facts:
    """D'après `fournitures/rapport-trivy.json`, votre réponse compte les failles distinctes
    CRITICAL et HIGH, celles de ces gravités qui sont corrigeables, décide (`bloquer` ou
    `publier`) selon la règle de l'armateur, et donne la commande trivy qui l'appliquerait."""
    given = answer(evidence, "4.11")
    report: Any = material.scan_report(evidence.identity)
    rows = [row for result in report["Results"] for row in result["Vulnerabilities"] or ()]
    first = report["Results"][0]["Vulnerabilities"]
    for key, severity in (("critiques", "CRITICAL"), ("hautes", "HIGH")):
        said = field(given, key)
        if number(said) != len(_flaws(rows, severity)):
            named = {"severity": severity, "found": said}
            if number(said) == sum(row["Severity"] == severity for row in rows):
                raise Mistake("doublons", **named)
            if number(said) in (
                len(_flaws(first, severity)),
                sum(row["Severity"] == severity for row in first),
            ):
                raise Mistake("premier-resultat-seul", results=len(report["Results"]), **named)
            raise Mistake("compte-faux", **named)
    fixable = len(_flaws([row for row in rows if "FixedVersion" in row], "CRITICAL", "HIGH"))
    said = field(given, "corrigeables")
    if number(said) != fixable:
        if number(said) == len(_flaws(rows, "CRITICAL", "HIGH")):
            raise Mistake("correctif-ignore", found=said)
        if number(said) == len({row["VulnerabilityID"] for row in rows if "FixedVersion" in row}):
            raise Mistake("gravite-de-trop", found=said)
        raise Mistake("compte-faux", severity="`corrigeables`", found=said)
    decision = str(field(given, "decision")).strip().lower()
    if not decision.startswith(("bloqu", "refus", "ne pas")):
        raise Mistake("publiee-malgre-tout", found=decision, count=plural(fixable, "faille"))
    _check_trivy(str(field(given, "commande")))
    return {"corrigeables": fixable, "décision": "bloquer"}


def _flaws(rows: Iterable[dict[str, Any]], *severities: str) -> set[str]:
    return {row["VulnerabilityID"] for row in rows if row["Severity"] in severities}


_ALONE = (
    "--ignore-unfixed --quiet -q --debug -d --no-progress --insecure --list-all-pkgs --offline-scan "
    "--skip-db-update --skip-java-db-update --skip-update --skip-check-update --dependency-tree "
    "--removed-pkgs --clear-cache --reset --no-cache --light --download-db-only --only-fixed --by-cve"
)
_FLAGS = frozenset(_ALONE.split())
"""Options that stand alone; the others take the word that follows, unless `=` gives their value."""


def _targets(words: list[str]) -> list[str]:
    """What a scanner is asked to look at: the words that are neither options nor their values."""
    found: list[str] = []
    verb = next((at for at, word in enumerate(words) if word in ("image", "i")), 0)
    left = words[:verb:-1]
    while left:
        word = left.pop()
        if not word.startswith("-"):
            found.append(word)
        elif "=" not in word and word not in _FLAGS and left:
            left.pop()
    return found


def _options(words: list[str]) -> dict[str, str]:
    """`--name value`, `--name=value` and flags of a command."""
    found: dict[str, str] = {}
    for index, word in enumerate(words):
        if word.startswith("-"):
            key, equals, value = word.partition("=")
            following = words[index + 1] if index + 1 < len(words) else ""
            found[{"-s": "--severity", "-i": "--input"}.get(key, key)] = (
                value if equals else following
            )
    return found


def _check_trivy(command: str) -> None:
    """The rule as a command: HIGH and CRITICAL, fixable only, and a code that stops."""
    line = re.sub(r"\d*>{1,2}\s*\S+", " ", command.replace("\\\n", " "))
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    options = _options(words)
    alone = words[:2] in (["trivy", "image"], ["trivy", "i"]) and not re.search(
        r"[|;&\n]", line.strip()
    )
    if not alone or len(_targets(words)) != ("--input" not in options):
        raise Mistake("pas-une-commande-trivy", found=command[:200])
    code = options.get("--exit-code", "0")
    if not code.isdigit() or int(code) == 0:
        raise Mistake("commande-muette")
    severities = options.get("--severity", "")
    if {word.strip().upper() for word in severities.split(",")} != {"HIGH", "CRITICAL"}:
        raise Mistake("seuil-absent", found=severities or "toutes, faute d'option")
    if "--ignore-unfixed" not in options or options["--ignore-unfixed"].lower() == "false":
        raise Mistake("failles-sans-correctif")


# --- 4.12 -----------------------------------------------------------------------------------


@exercise(
    "4.12",
    "Le workflow de publication",
    points=4,
    hints=[
        "Lisez le fichier dans l'ordre où GitHub l'exécutera, et demandez-vous, à chaque ligne, ce "
        "qui se passerait lors d'une simple proposition de modification (`pull_request`).",
        "Déclencheurs, permissions, secrets, ordre des étapes, tags : cinq décisions, cinq "
        "endroits du fichier.",
        "Déclenchez sur les tags de version et les propositions ; n'accordez que la lecture du "
        "contenu ; calculez les tags avec l'action de métadonnées ; construisez, examinez, "
        "connectez-vous par un secret, et n'envoyez que si ce n'est pas une proposition.",
    ],
    mistakes={**FILE, **LONG, **workflow.SLIPS},
    makes=Makes(files=[".github/workflows/publish.yml"]),
)
def published_by_workflow(evidence: Evidence) -> Facts:
    """`.github/workflows/publish.yml` construit à chaque proposition, et ne publie que les tags de
    version : permissions minimales, actions à jour, secrets hors du fichier, examen avant l'envoi,
    tags calculés."""
    name = ".github/workflows/publish.yml"
    return workflow.check(name, _script(evidence, name))


# --- 4.17 -----------------------------------------------------------------------------------

PIPELINE = ".gitlab-ci.yml"


@exercise(
    "4.17",
    "Le même pipeline, chez GitLab",
    points=2,
    hints=[
        "Suivez le pipeline dans trois cas : un essai sur une branche, un tag de version, et un "
        "tag de version dont l'image a une faille critique. Quels travaux partent, dans quel ordre ?",
        "Chaque travail part d'une machine vierge, avec son propre moteur ; `stages` ou `needs` dit "
        "qui attend qui, `rules` qui existe. Les variables de GitLab disent le reste : le registre, "
        "le compte, le commit, le tag.",
        "Trois travaux : l'un construit et envoie sous un nom propre au pipeline (le commit) ; le "
        "suivant examine ce nom, avec un code de sortie ; le dernier, qui n'existe que pour un tag, "
        "reprend ce nom, lui donne la version, et l'envoie. Tous ceux qui envoient se connectent, "
        "le secret lu sur l'entrée standard.",
    ],
    mistakes={**FILE, **LONG, **gitlab.SLIPS},
    makes=Makes(files=[PIPELINE]),
)
def published_by_pipeline(evidence: Evidence) -> Facts:
    """`.gitlab-ci.yml` construit l'image une seule fois, l'examine avec un seuil qui bloque, et ne
    publie qu'ensuite, dans le registre du projet : la version pour un tag de version, rien pour un
    essai ; secrets hors du fichier, images des travaux épinglées."""
    return gitlab.check(PIPELINE, _script(evidence, PIPELINE))


# --- 4.13 -----------------------------------------------------------------------------------

CHAIN = "publier.sh"
CHAIN_TAGS = ("1.0.0", "1.0", "1", "latest")
FAULTY = {"1.1.0": "son essai échoue", "1.2.0": "l'examen y trouve une faille critique corrigeable"}


@exercise(
    "4.13",
    "La chaîne complète",
    points=5,
    needs=["4.3"],
    hints=[
        "Suivez le script ligne par ligne en supposant que la ligne précédente vient d'échouer.",
        "Un script bash continue après un échec, sauf si on le lui interdit ; et ce qui doit avoir "
        "lieu quoi qu'il arrive se prévoit dès le début.",
        "Dans l'ordre : arrêt au premier échec, construction unique, essai dans un conteneur, "
        "examen qui bloque, piège de sortie qui déconnecte, connexion par l'entrée standard, "
        "étiquettes, envoi. Puis lancez-le pour les trois versions.",
    ],
    mistakes={
        **FILE,
        **LONG,
        **LOGIN,
        "continue-apres-un-echec": Slip(
            "`{name}` continue après un échec : rien ne lui dit de s'arrêter.",
            "Quel réglage de bash arrête le script à la première commande qui échoue ?",
        ),
        "sans-essai": Slip(
            "`{name}` envoie une image qui n'a jamais tourné.",
            "Un conteneur éphémère suffit à l'essayer, avant l'envoi.",
        ),
        "sans-examen": Slip(
            "`{name}` n'examine pas l'image avant de l'envoyer.",
            "Le scanner de la mission 4.11 a sa place dans la chaîne.",
        ),
        "examen-sans-effet": Slip(
            "`{name}` lance un examen qui n'arrête rien : {why}.",
            "Qu'est-ce qui donne un code de sortie à l'examen ?",
        ),
        "envoi-avant-examen": Slip(
            "`{name}` envoie l'image (ligne {push}) avant de l'examiner (ligne {scan}).",
            "Quand l'examen échoue, que reste-t-il à empêcher ?",
        ),
        "reconstruite": Slip(
            "`{name}` construit {count} fois : rien n'assure que ce qui est envoyé soit ce qui a été "
            "examiné.",
            "Combien d'images différentes une chaîne doit-elle produire ?",
        ),
        "sans-deconnexion": Slip(
            "`{name}` ne se déconnecte jamais : le secret reste dans la configuration du client.",
            "Que doit-il rester sur la machine, une fois la publication finie ?",
        ),
        "deconnexion-sautee": Slip(
            "`{name}` se déconnecte à la fin… s'il y arrive : un échec avant cette ligne laisse la "
            "session ouverte.",
            "Bash sait exécuter une commande à la sortie, quelle qu'en soit la cause.",
        ),
        "version-fautive-publiee": Slip(
            "`{repository}` a le tag `{tag}` au registre, alors que {why} : la chaîne ne l'a pas "
            "arrêtée.",
            "Qu'est-ce qui aurait dû échouer, et pourquoi le script a-t-il continué ?",
        ),
        "version-non-essayee": Slip(
            "Aucune trace de la version {version} sur votre machine : lancez aussi la chaîne sur "
            "cette version, pour la voir s'arrêter.",
            "Une chaîne qui n'a jamais refusé n'a rien prouvé.",
        ),
        "pas-publiee": PUBLISHED["pas-publiee"],
        "seulement-en-local": PUBLISHED["seulement-en-local"],
        "copie": PUBLISHED["copie"],
        "autre-image": PUBLISHED["autre-image"],
        "tag-manquant": Slip(
            "`{repository}` a {found} ; il manque {missing}.",
            "La version exacte, la mineure, la majeure, et le tag que Docker suppose quand on n'en "
            "écrit pas.",
        ),
        "digests-differents": Slip(
            "Les tags {first} et {second} de `{repository}` n'ont pas le même digest.",
            "Une construction, puis des noms.",
        ),
        "encore-connecte": Slip(
            "Votre client Docker est encore connecté à `{host}` (compte {account}).",
            "De quel registre la chaîne s'est-elle déconnectée ?",
        ),
    },
    makes=Makes(files=["publier.sh", "releve/*"], images=["*/releve:*", "{hub}/cours/vigie:1.4.1"]),
)
def whole_chain(evidence: Evidence) -> Facts:
    """`publier.sh VERSION` construit `releve/`, l'essaie, l'examine, se connecte, publie sous
    quatre tags dans le dépôt `releve` de votre compte, et se déconnecte quoi qu'il arrive. Lancé
    pour les trois versions, il n'a publié que la 1.0.0."""
    name = CHAIN
    _check_chain(evidence, name, _script(evidence, name))
    repository = f"{account_home(evidence)}/releve"
    tags = evidence.tags(repository)
    for tag, why in FAULTY.items():
        if tag in tags:
            raise Mistake("version-fautive-publiee", repository=repository, tag=tag, why=why)
    first = _published(evidence, f"{repository}:{CHAIN_TAGS[0]}")
    missing = [tag for tag in CHAIN_TAGS if tag not in tags]
    if missing:
        raise Mistake(
            "tag-manquant", repository=repository, found=_quoted(tags), missing=_quoted(missing)
        )
    _check_released(evidence, f"{repository}:{CHAIN_TAGS[0]}", first)
    for tag in CHAIN_TAGS[1:]:
        if _published(evidence, f"{repository}:{tag}").digest != first.digest:
            raise Mistake(
                "digests-differents",
                repository=repository,
                first=f"`{CHAIN_TAGS[0]}`",
                second=f"`{tag}`",
            )
    built = {
        (image.config.get("Labels") or {}).get("org.opencontainers.image.version")
        for image in evidence.images()
        if (image.config.get("Labels") or {}).get("org.opencontainers.image.title") == "releve"
    }
    for version in FAULTY:
        if version not in built:
            raise Mistake("version-non-essayee", version=version)
    host = repository.partition("/")[0]
    for each in evidence.hub_addresses if host == evidence.hub else (host,):
        if account := session(evidence, each):
            raise Mistake("encore-connecte", host=each, account=account)
    return {"quatre tags, un digest": first.digest, "refusées": list(FAULTY)}


def _check_released(evidence: Evidence, name: str, image: RegistryImage) -> None:
    labels = image.config.get("Labels") or {}
    refuse_copy(evidence, name, labels)
    base = material.vigie(evidence.identity, material.FORMER).own_diff_ids
    stacked = any(image.diff_ids[i : i + len(base)] == base for i in range(len(image.diff_ids)))
    title = labels.get("org.opencontainers.image.title")
    if not stacked or title != "releve" or image.diff_ids[-len(base) :] == base:
        raise Mistake(
            "autre-image", name=name, found=_title(image.config), expected="le projet `releve`"
        )


def _check_chain(evidence: Evidence, name: str, text: str) -> None:
    """The script, read: its order, and what happens when a step fails."""
    commands = [line._replace(text=shell.quiet(line.text)) for line in shell.lines(text)]
    builds = _running(commands, r"\bdocker\s+(image\s+|buildx\s+)?build\b")
    tests = _running(commands, r"\bdocker\s+(container\s+)?run\b(?!.*\btrivy\b)")
    scans = _running(commands, SCANS)
    stops = re.search(r"(?m)^\s*set\s+(-\w*e|-o\s+errexit)|^#!.*\s-\w*e", text)
    guard = rf"\bif\s+!|\|\|\s*(?:\{{|(?:{'|'.join(shell.leaving(commands))})\b)"
    looked = {before.number for before, line in pairwise(commands) if "$?" in line.text}
    if not stops and not all(
        re.search(guard, e.text) or e.number in looked for e in (*builds, *tests, *scans)
    ):
        raise Mistake("continue-apres-un-echec", name=name)
    if len(builds) > 1:
        raise Mistake("reconstruite", name=name, count=len(builds))
    if not scans:
        raise Mistake("sans-examen", name=name)
    _check_effect(name, commands, builds, scans)
    # A function is written before it runs; without an order that is known, none is judged.
    order = shell.flow(commands) or []
    pushes = [line.number for line in order if re.search(PUSHES, line.text)]
    before = [line.number for line in order]
    before = before[: before.index(pushes[0])] if pushes else before
    for what, mistake in ((scans, "envoi-avant-examen"), (tests, "sans-essai")):
        if not what or (pushes and not {line.number for line in what} & set(before)):
            found = {"push": pushes[0] if pushes else 0, "scan": scans[0].number}
            raise Mistake(mistake, name=name, **found)
    if re.search(r"(?:\b(?:bash|sh|source)\s+|(?:^|[;&|\s])\.\s+|\./)\S*connexion\.sh\b",
                 "\n".join(line.text for line in commands)):  # fmt: skip
        _refuse_secrets(name, text)
        name, text = "connexion.sh", _script(evidence, "connexion.sh")
    _check_login(evidence, name, text)
    _check_logout(CHAIN, commands, before if pushes else None)


SCANS = r"\btrivy\b\S*[^|;&]*?\s(?:image|i)\s|\bgrype\b\S*\s+(?!db\b|version\b)[-\w\"'$]"
PUSHES = r"\bdocker\s+(image\s+)?push\b"


def _running(commands: list[shell.Line], pattern: str) -> list[shell.Line]:
    return [line for line in commands if re.search(pattern, line.text)]


def _check_effect(
    name: str, commands: list[shell.Line], builds: list[shell.Line], scans: list[shell.Line]
) -> None:
    """Some scan stops the chain, and is of the image that was built."""
    known = shell.values(commands)
    named = {
        shell.filled(word, known)
        for line in (*builds, *_running(commands, r"\bdocker\s+(image\s+)?tag\b"))
        for word in re.split(r"[\s=]+", line.text)
    }
    reasons = []
    for _, line, _ in scans:
        command = re.split(r"[|;&>)]|\bthen\b", line[re.search(SCANS, line).start():])[0]  # type: ignore[union-attr]  # fmt: skip
        target = shell.filled((_targets(command.split()) or ["$"])[0], known)
        why = ""
        if re.search(r"\|\|\s*(true|:)", line):
            why = "`|| true` efface son code"
        elif "trivy" in line and not re.search(r"--exit-code[ =]+[\"']?[1-9$]", line):
            why = "aucune option n'en choisit le code"
        elif builds and "$" not in target and target not in named:
            why = f"il porte sur `{target}`, pas sur l'image construite"
        reasons.append(why)
    if "" not in reasons:
        raise Mistake("examen-sans-effet", name=name, why=reasons[0])


def _check_logout(name: str, commands: list[shell.Line], before: list[int] | None) -> None:
    """The session ends with the script, whatever makes it end: a trap, set `before` the push."""
    text = "\n".join(line.text for line in commands)
    own = "DOCKER_CONFIG" in text and re.search(r"mktemp\s+(-\w*d|--directory)", text)
    if not re.search(r"\bdocker\s+logout\b", text) and not own:
        raise Mistake("sans-deconnexion", name=name)
    inside = shell.functions(commands)[1]
    ends = r"\bdocker\s+logout\b" + (r"|\brm\b" if own else "")
    for line in commands:
        told = re.search(r"(?:^|[;&{(])\s*trap\s+(?:--\s+)?(.*)\b(?:EXIT|0)\b", line.text)
        if told and (before is None or line.number in before):
            runs = shell.reached(told[1].strip("\"' "), inside)
            if any(re.search(ends, each) for each in runs):
                return
    raise Mistake("deconnexion-sautee", name=name)


# --- 4.14 -----------------------------------------------------------------------------------

REFUSALS = (b"requested access to the resource is denied", b"insufficient_scope")
"""A refused push, as an engine says it; the second with the containerd image store."""
FOREIGN = "armateur/vigie"


@exercise(
    "4.14",
    "denied: requested access to the resource is denied",
    points=2,
    needs=["4.3"],
    hints=[
        "Relisez le nom complet que vous avez envoyé, et demandez au client sous quel compte il "
        "est connecté.",
        "Êtes-vous connecté, et à ce registre-là ? Si oui, il sait qui vous êtes (authentification) "
        "et refuse ce que vous demandez (autorisation) : c'est le nom qu'il faut changer.",
        "Tentez l'envoi chez l'armateur en gardant la réponse dans un fichier, puis donnez à "
        "l'image un nom dans l'espace de votre compte, et envoyez celui-là.",
    ],
    mistakes={
        **PUBLISHED,
        "fichier-absent": FILE["fichier-absent"],
        "jamais-tentee": Slip(
            "Le hub n'a refusé à « {account} » aucun envoi vers `{repository}`.",
            "Il faut d'abord provoquer le refus, connecté à votre compte, pour l'avoir lu une fois.",
        ),
        "refus-non-garde": Slip(
            "`{name}` ne contient pas le refus du registre.",
            "Les messages d'erreur ne suivent pas toujours la sortie ordinaire.",
        ),
        "compte-usurpe": Slip(
            "Le compte ou l'organisation `{name}` existe maintenant sur le hub : prendre le nom "
            "d'un autre n'est pas obtenir son accord. Sur un hub public, ce serait une usurpation.",
            "Qui doit vous donner le droit d'écrire chez l'armateur ?",
        ),
        "autre-registre": Slip(
            "L'image est dans l'espace ouvert (`{repository}`), où tout le monde écrit : le refus "
            "est contourné, pas résolu.",
            "Dans quel espace votre compte a-t-il le droit d'écrire ?",
        ),
        "rendu-public": Slip(
            "Vous avez changé la visibilité d'un dépôt ; la visibilité règle qui lit, jamais qui "
            "écrit. L'image n'est toujours pas publiée dans votre espace.",
            "Quel droit manquait : lire ou écrire ?",
        ),
    },
    makes=Makes(files=["refus.txt"], images=["*/vigie:1.4.1", "{hub}/cours/vigie:1.4.1"]),
)
def denied(evidence: Evidence) -> Facts:
    """Le hub a refusé votre envoi de `armateur/vigie:1.4.1`, et `refus.txt` garde sa réponse ;
    l'image `cours/vigie:1.4.1` est publiée sous le même nom et le même tag dans l'espace de votre
    compte."""
    home = account_home(evidence)
    own = home.startswith(evidence.hub + "/")
    seen = ("denied", "visibility-changed")
    events: list[HubEvent] = evidence.hub_events(*seen) if own else []
    foreigner = FOREIGN.partition("/")[0]
    if own:
        state = evidence.hub_state()
        if foreigner in state.accounts or foreigner in state.organisations:
            raise Mistake("compte-usurpe", name=foreigner)
        account = home.rpartition("/")[2]
        if (account, "denied", FOREIGN) not in [
            (e.account, e.action, e.repository) for e in events
        ]:
            raise Mistake("jamais-tentee", account=account, repository=FOREIGN)
    data = evidence.file("refus.txt")
    if data is None:
        raise Mistake("fichier-absent", name="refus.txt")
    if not any(refusal in data for refusal in REFUSALS):
        raise Mistake("refus-non-garde", name="refus.txt")
    expected = material.vigie(evidence.identity, material.FORMER)
    reference = f"{home}/vigie:{material.FORMER}"
    if evidence.registry(reference) is None:
        opened = space(evidence)
        if opened != home and evidence.registry(f"{opened}/vigie:{material.FORMER}"):
            raise Mistake("autre-registre", repository=f"{opened}/vigie")
        refused = max((e.id for e in events if e.action == "denied"), default=0)
        if any(e.action == "visibility-changed" and e.id > refused for e in events):
            raise Mistake("rendu-public")
    found = _published(evidence, reference)
    _same(evidence, reference, found, expected)
    return {"refusé": FOREIGN, "accepté": reference}


# --- 4.15 -----------------------------------------------------------------------------------


@exercise(
    "4.15",
    "Partager un dépôt privé avec une équipe",
    points=4,
    needs=["4.3"],
    hints=[
        "Comparez ce que chacun peut faire, personne par personne, avec ce qu'il devrait pouvoir "
        "faire.",
        "Un dépôt d'organisation se partage avec des équipes ; une équipe a des membres, et un "
        "droit par dépôt.",
        "Créez l'organisation, un dépôt privé dans son espace, une équipe qui lit et une qui "
        "écrit, chacune avec son membre ; donnez à chacune son droit sur le dépôt, puis envoyez "
        "l'image.",
    ],
    mistakes={
        **ANSWER,
        **PUBLISHED,
        "espace-personnel": Slip(
            "`{repository}` est dans l'espace d'une personne : un dépôt personnel n'a pas "
            "d'équipes, et part avec elle.",
            "À qui doit appartenir un dépôt partagé ?",
        ),
        "organisation-inconnue": Slip(
            "L'organisation `{name}` n'existe pas sur le hub.",
            "Le champ `organisation` attend le nom exact de celle que vous avez créée.",
        ),
        "depot-public": Slip(
            "`{repository}` est public : nous l'avons lu sans connexion.",
            "Partager avec une équipe n'est pas ouvrir à tous.",
        ),
        "compte-partage": Slip(
            "Le champ `{which}` désigne votre propre compte : chacun doit agir sous son nom, sans "
            "quoi personne ne sait qui a publié quoi.",
            "Prêter son mot de passe ou son jeton n'est pas partager un dépôt.",
        ),
        "meme-personne": Slip(
            "`{name}` est à la fois lecteur et rédacteur : les deux équipes ne se distinguent pas.",
            "Deux droits différents, deux personnes différentes.",
        ),
        "compte-inconnu": Slip(
            "Le compte `{name}` n'existe pas sur le hub.",
            "Les comptes de l'équipage se créent comme le vôtre.",
        ),
        "sans-lecture": Slip(
            "`{name}` devrait pouvoir télécharger `{repository}`, et ne le peut pas.",
            "De quelle équipe est-il membre, et cette équipe a-t-elle un droit sur le dépôt ?",
        ),
        "sans-ecriture": Slip(
            "`{name}` devrait pouvoir envoyer dans `{repository}`, et ne le peut pas : il peut "
            "seulement {can}.",
            "Quel droit son équipe a-t-elle sur ce dépôt ?",
        ),
        "ecriture-pour-tous": Slip(
            "`{name}` ne devait que lire `{repository}` ; il peut aussi {can}.",
            "Le droit d'une équipe se choisit dépôt par dépôt.",
        ),
        "suppression-de-trop": Slip(
            "`{name}` devait lire et écrire ; il peut aussi supprimer : son équipe administre "
            "`{repository}`, ou il possède l'organisation.",
            "Quel est le plus petit droit qui permette d'envoyer ?",
        ),
        "acces-de-trop": Slip(
            "`{name}`, {who}, a des droits de trop sur `{repository}` : {can}.",
            "Quelles équipes ont un droit sur ce dépôt, et qui en fait partie ?",
        ),
    },
    makes=Makes(files=["reponses/4.15.json"], images=["*/glaces:1"]),
)
def shared(evidence: Evidence) -> Facts:
    """Le dépôt privé `glaces` de votre organisation contient `cours/journal-interne:1` sous le tag
    `1` ; une équipe le lit, une autre y écrit, et personne d'autre n'y a accès. Votre réponse
    nomme l'organisation et un membre de chaque équipe."""
    given = answer(evidence, "4.15")
    organisation = str(field(given, "organisation")).strip().lower()
    reader, writer = (str(field(given, key)).strip().lower() for key in ("lecteur", "redacteur"))
    account, repository = hub_account(evidence), f"{evidence.hub}/{organisation}/glaces"
    for which, name in (("lecteur", reader), ("redacteur", writer)):
        if name == account:
            raise Mistake("compte-partage", which=which)
    if reader == writer:
        raise Mistake("meme-personne", name=reader)
    state = evidence.hub_state()
    if organisation in state.accounts:
        raise Mistake("espace-personnel", repository=repository)
    if organisation not in state.organisations:
        raise Mistake("organisation-inconnue", name=organisation)
    for name in (reader, writer):
        if name not in state.accounts:
            raise Mistake("compte-inconnu", name=name)
    found = _published(evidence, f"{repository}:1")
    _same(evidence, f"{repository}:1", found, material.internal_log(evidence.identity))
    if evidence.access(repository, None):
        raise Mistake("depot-public", repository=repository)
    said = {"name": reader, "repository": repository}
    rights = evidence.access(repository, reader)
    if "pull" not in rights:
        raise Mistake("sans-lecture", **said)
    if rights != {"pull"}:
        raise Mistake("ecriture-pour-tous", can=_rights(rights - {"pull"}), **said)
    rights = evidence.access(repository, writer)
    said = {"name": writer, "repository": repository}
    if "push" not in rights:
        if not rights:
            raise Mistake("sans-lecture", **said)
        raise Mistake("sans-ecriture", can=_rights(rights), **said)
    if "delete" in rights:
        raise Mistake("suppression-de-trop", **said)
    _refuse_others(evidence, repository, state, reader, writer)
    return {"dépôt": repository, "lit": reader, "écrit": writer}


OTHERS = 30
"""Accounts that are tried besides the two that the answer names."""


def _refuse_others(
    evidence: Evidence, repository: str, state: HubState, reader: str, writer: str
) -> None:
    """Raise `acces-de-trop` when somebody may more than their team: nothing, out of both teams.

    The organisation's owners may everything; its members are tried first, then the others.
    """
    told = state.organisations[repository.split("/")[1]]
    teams: list[list[str]] = [list(team["members"]) for team in told["teams"].values()]
    members = {name for team in teams for name in team}
    fellows = {right: {name for team in teams if who in team for name in team}
               for right, who in (("pull", reader), ("push", writer))}  # fmt: skip
    tried = sorted(set(state.accounts) - {*told["owners"], reader, writer})
    for name in sorted(tried, key=lambda name: name not in members)[:OTHERS]:
        fine = {"pull"} if name in fellows["pull"] else set()
        fine |= {"pull", "push"} if name in fellows["push"] else set()
        if more := evidence.access(repository, name) - fine:
            who = "membre d'une de vos équipes" if fine else "qui n'est d'aucune des deux équipes"
            raise Mistake(
                "acces-de-trop", name=name, who=who, can=_rights(more), repository=repository
            )


def _rights(rights: Iterable[str]) -> str:
    words = {"pull": "télécharger", "push": "envoyer", "delete": "supprimer"}
    return listing([words[right] for right in ("pull", "push", "delete") if right in rights])


# --- 4.16 -----------------------------------------------------------------------------------

LEAKED, FRESH = "robot-meteo", "robot-meteo-2"


@exercise(
    "4.16",
    "Révoquer un jeton qui a fui",
    points=3,
    needs=["4.3"],
    hints=[
        "Demandez au hub la liste des jetons de votre compte : portée, fin, dernier emploi.",
        "Un secret publié est perdu pour toujours : on ne le cache pas, on le rend inutile, puis "
        "on le remplace par un jeton plus étroit.",
        "Révoquez le jeton qui a fui, essayez de vous connecter avec lui pour lire le refus, créez "
        "le remplaçant (en lecture, avec une fin), et connectez-vous une fois avec lui.",
    ],
    mistakes={
        "scene-absente": Slip(
            "Votre compte n'a jamais eu de jeton `{name}` : la fuite n'a pas été reproduite.",
            "Le script `fournitures/scene-fuite.sh` attend le nom de votre compte.",
        ),
        "toujours-actif": Slip(
            "Le jeton `{name}` est toujours actif : quiconque a copié le notebook s'en sert "
            "encore.",
            "Que fait-on d'un secret que d'autres ont pu lire ?",
        ),
        "mot-de-passe-change": Slip(
            "Vous avez changé le mot de passe du compte ; le jeton `{name}` n'en dépend pas, et "
            "reste actif.",
            "Un jeton vit sa propre vie : qu'est-ce qui y met fin ?",
        ),
        "fichier-efface": Slip(
            "Le notebook a disparu, mais le jeton `{name}` est toujours actif : effacer la trace "
            "ne reprend pas ce qui a été lu.",
            "Où le jeton existe-t-il vraiment : dans le fichier, ou sur le hub ?",
        ),
        "refus-non-constate": Slip(
            "Le jeton `{name}` est révoqué, mais le hub n'a vu personne le présenter depuis : rien "
            "ne montre encore qu'il ne marche plus.",
            "Comment prouver qu'une clé n'ouvre plus ?",
        ),
        "sans-remplacant": Slip(
            "Le jeton `{name}` n'existe pas : le robot météo est à l'arrêt.",
            "Le robot doit continuer à télécharger ses images.",
        ),
        "remplacant-revoque": Slip(
            "Le jeton `{name}` existe, mais il est révoqué lui aussi.",
            "Lequel des deux avait fui ?",
        ),
        "portee-inutile": Slip(
            "Le jeton `{name}` a la portée « {found} », alors que le robot ne fait que "
            "télécharger : une nouvelle fuite ferait les mêmes dégâts.",
            "De quoi un robot qui télécharge a-t-il besoin ?",
        ),
        "sans-fin": Slip(
            "Le jeton `{name}` n'a pas de date de fin : oublié, il vivra toujours.",
            "Une option fixe la durée d'un jeton à sa création.",
        ),
        "jamais-employe": Slip(
            "Le jeton `{name}` n'a encore jamais servi : rien ne montre qu'il marche.",
            "Connectez-vous une fois avec lui.",
        ),
    },
    makes=Makes(files=["fuite.ipynb"]),
)
def revoked(evidence: Evidence) -> Facts:
    """Le jeton `robot-meteo`, publié par erreur dans `fuite.ipynb`, est révoqué, et le hub l'a
    refusé depuis. Le jeton `robot-meteo-2`, limité à la lecture et dans le temps, le remplace, et
    a servi au moins une fois."""
    account = hub_account(evidence)
    tokens = [t for t in evidence.hub_state().tokens if t["account"] == account]
    events = evidence.hub_events("token-revoked", "password-changed", "login-refused")
    leaked = [token for token in tokens if token["name"] == LEAKED]
    if not leaked:
        raise Mistake("scene-absente", name=LEAKED)
    since = min(float(token["created"]) for token in leaked)
    if not all(token["revoked"] for token in leaked):
        mine = [e for e in events if e.account == account and e.at >= since]
        if any(event.action == "password-changed" for event in mine):
            raise Mistake("mot-de-passe-change", name=LEAKED)
        if not evidence.names("fuite.ipynb"):
            raise Mistake("fichier-efface", name=LEAKED)
        raise Mistake("toujours-actif", name=LEAKED)
    fresh = [token for token in tokens if token["name"] == FRESH]
    shown = {e.detail.get("token") for e in events
             if e.account == account and e.action == "login-refused"}  # fmt: skip
    if not any(token["id"] in shown for token in leaked):
        raise Mistake("refus-non-constate", name=LEAKED)
    if not fresh:
        raise Mistake("sans-remplacant", name=FRESH)
    alive = [token for token in fresh if not token["revoked"]]
    if not alive:
        raise Mistake("remplacant-revoque", name=FRESH)
    for token in alive:
        if token["scope"] != "read":
            raise Mistake("portee-inutile", name=FRESH, found=token["scope"])
        if token["expires"] is None:
            raise Mistake("sans-fin", name=FRESH)
    if not any(token["last_used"] for token in alive):
        raise Mistake("jamais-employe", name=FRESH)
    return {"révoqué": LEAKED, "remplaçant": FRESH, "portée": "lecture"}


# --- 4.18 -----------------------------------------------------------------------------------


@exercise(
    "4.18",
    "Promouvoir sans reconstruire",
    points=2,
    hints=[
        "Le procès-verbal nomme l'image essayée : par son tag, ou par autre chose ? Comparez avec "
        "ce que le hub donne aujourd'hui sous le tag `candidat`.",
        "Un tag se recolle : celui d'hier peut désigner ce soir une autre image. Un digest ne "
        "désigne qu'un contenu, et une référence sait s'écrire avec lui.",
        "Téléchargez l'image par le dépôt, une arobase et le digest du procès-verbal ; donnez à "
        "cette image-là le nom sous lequel elle sera publiée, puis envoyez-le. Rien n'est à "
        "construire.",
    ],
    mistakes={
        **PUBLISHED,
        "tag-deplace": Slip(
            "`{name}` contient la construction `{found}` : c'est elle que désigne le tag "
            "`candidat` depuis cette nuit, mais personne ne l'a essayée. Le procès-verbal parle "
            "d'une autre.",
            "Sous quel nom avez-vous téléchargé l'image : un nom qui bouge, ou un nom qui ne "
            "bouge pas ?",
        ),
        "autre-construction": Slip(
            "`{name}` contient la construction `{found}`, dont le procès-verbal ne dit rien : "
            "l'image essayée a un autre digest.",
            "Le procès-verbal donne un digest. À quelle image du dépôt appartient-il ?",
        ),
        "reconstruite": Slip(
            "`{name}` part bien de l'image essayée, mais n'est plus elle : {what}. Ce qui a été "
            "essayé n'est pas ce qui est publié.",
            "Donner un second nom à une image ne change rien à son contenu ; la reconstruire, si.",
        ),
    },
    makes=Makes(
        images=["{hub}/cours/banquise:*", "*/banquise:*"], hub=[f"{material.ACCOUNT}/banquise"]
    ),
)
def promoted(evidence: Evidence) -> Facts:
    """L'image que nomme `fournitures/proces-verbal.json` est publiée dans votre espace sous le nom
    `banquise:1.0.0`, telle qu'elle a été essayée."""
    reference = f"{space(evidence)}/banquise:1.0.0"
    found = _published(evidence, reference)
    build = material.tested_build(evidence.identity)
    builds = {each: material.ice_pack(evidence.identity, each) for each in material.ICE_BUILDS}
    fitting = [
        each for each, image in builds.items()
        if is_course_image(found.diff_ids, found.config, image)
    ]  # fmt: skip
    if fitting and fitting != [build]:
        moved = fitting == [material.ICE_CANDIDATE]
        raise Mistake(
            "tag-deplace" if moved else "autre-construction", name=reference, found=fitting[0]
        )
    own = builds[build].own_diff_ids
    if found.diff_ids[: len(own)] == own and not fitting:
        more = len(found.diff_ids) - len(own)
        what = (
            f"elle a {plural(more, 'couche')} de plus"
            if more
            else "ses couches sont les mêmes, mais pas sa configuration"
        )
        raise Mistake("reconstruite", name=reference, what=what)
    _same(evidence, reference, found, builds[build])
    return {
        "construction essayée": build,
        "digest de configuration": found.config_digest,
        "digest du manifeste": found.digest,
    }


# --- 4.19 -----------------------------------------------------------------------------------


@exercise(
    "4.19",
    "Une image, deux processeurs",
    points=3,
    hints=[
        "Demandez au registre ce que désigne le tag `1` : un manifeste d'image, ou une liste de "
        "manifestes ?",
        "Un tag ne désigne qu'une chose ; mais cette chose peut être un index, qui donne à chaque "
        "processeur le digest de sa variante. L'index s'écrit une fois les variantes au registre.",
        "Chargez les deux archives, envoyez chaque variante sous un tag à elle ; puis une commande "
        "de Docker crée une liste à partir de ces deux noms, et une autre l'envoie sous le tag `1`.",
    ],
    mistakes={
        **PUBLISHED,
        "liste-absente": Slip(
            "Les deux variantes sont au registre ({tags}), mais aucun nom ne les réunit : "
            "`{reference}` n'y est pas.",
            "La liste se crée sur votre machine ; comme tout le reste, il faut ensuite l'envoyer.",
        ),
        "une-seule-image": Slip(
            "`{reference}` désigne une seule image, faite pour {found} : un navire qui a un autre "
            "processeur ne pourra pas la lancer.",
            "Envoyer deux images sous le même tag n'en fait pas une liste : la seconde prend le "
            "nom de la première.",
        ),
        "plateforme-manquante": Slip(
            "L'index `{reference}` annonce {found} ; il y manque {missing}.",
            "De quels noms avez-vous fait la liste ? Une liste déjà créée sur votre machine se "
            "complète, ou se retire, avant d'être refaite.",
        ),
        "variantes-confondues": Slip(
            "L'index `{reference}` annonce {missing}, mais donne à ce processeur l'image faite "
            "pour {found}. Une étiquette ne change pas un programme.",
            "Quelle image avez-vous envoyée sous le tag de chaque variante ?",
        ),
    },
    makes=Makes(
        images=["givre:amd64", "givre:arm64", "*/givre:*"], hub=[f"{material.ACCOUNT}/givre"]
    ),
)
def two_processors(evidence: Evidence) -> Facts:
    """Dans votre espace, `givre:1` désigne un index qui donne à un processeur `amd64` l'image de
    `fournitures/givre-amd64.tar`, et à un processeur `arm64` celle de
    `fournitures/givre-arm64.tar`."""
    repository = f"{space(evidence)}/givre"
    reference = f"{repository}:1"
    wanted = {each: material.frost(evidence.identity, each) for each in ARCHITECTURES}
    if evidence.registry(reference) is None:
        _refuse_loose_variants(evidence, repository, wanted)
    found = _published(evidence, reference)
    if not found.is_index:
        refuse_copy(evidence, reference, found.config.get("Labels") or {})
        for architecture, image in wanted.items():
            if is_course_image(found.diff_ids, found.config, image):
                raise Mistake("une-seule-image", reference=reference, found=f"`{architecture}`")
        _same(evidence, reference, found, wanted["amd64"])
    announced = {platform.split("/")[1] for platform in found.platforms if "/" in platform}
    for architecture in wanted:
        if architecture not in announced:
            raise Mistake(
                "plateforme-manquante",
                reference=reference,
                found=_quoted(found.platforms) or "aucune plateforme",
                missing=f"`linux/{architecture}`",
            )
    for architecture, image in wanted.items():
        variant = evidence.registry(reference, architecture=architecture) or found
        for other, twin in wanted.items():
            if other != architecture and is_course_image(variant.diff_ids, variant.config, twin):
                raise Mistake(
                    "variantes-confondues",
                    reference=reference,
                    missing=f"`{architecture}`",
                    found=f"`{other}`",
                )
        _same(evidence, reference, variant, image)
    return {"index": found.digest, "plateformes": list(found.platforms)}


def _refuse_loose_variants(
    evidence: Evidence, repository: str, wanted: dict[str, CourseImage]
) -> None:
    """Raise `liste-absente` when each variant is there, under a tag of its own."""
    seen: dict[str, str] = {}
    for tag in evidence.tags(repository)[:10]:
        found = evidence.registry(f"{repository}:{tag}")
        for architecture, image in wanted.items():
            if found and is_course_image(found.diff_ids, found.config, image):
                seen.setdefault(architecture, tag)
    if len(seen) == len(wanted):
        raise Mistake(
            "liste-absente", reference=f"{repository}:1", tags=_quoted(sorted(seen.values()))
        )
