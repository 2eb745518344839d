"""The people of the hub's tests: lea and karim, lea's organisation, a team that reads, one that
writes, private repositories; and the hub that they are asked at."""

import json
from pathlib import Path
from typing import Any

import requests

from checks.evidence.registry import KEY_HEADER
from checks.material import making
from workshop.hub import registry, switches
from workshop.hub.store import open_store

PASSWORD = "Un-mot-de-passe-1"
SHOP = "maison/boutique"
"""A private repository of lea's organisation."""
TEAM = ("nadia", "ousmane")
"""The one who reads it, the one who writes it."""
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_EMPTY = {"digest": making.digest(b"{}"), "size": 2}
NO_IMAGES: dict[str, dict[str, Any]] = {
    "sbom": {
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/spdx+json",
        "config": _EMPTY | {"mediaType": "application/vnd.oci.empty.v1+json"},
        "layers": [_EMPTY | {"mediaType": "application/spdx+json"}],
    },
    "chart": {
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": _EMPTY | {"mediaType": "application/vnd.cncf.helm.config.v1+json"},
        "layers": [_EMPTY | {"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip"}],
    },
    "texte": {
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": "text/plain", "digest": making.digest(b""), "size": 0},
        "layers": [],
    },
    "vide": {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [],
    },
}  # fmt: skip
"""Manifests that are not those of images: tag → document."""
IMAGE = making.CourseImage(name="essai", config={}, layers=(making.layer({"a": b"contenu"}),))


def quiet(line: str) -> None:
    """A `say` that says nothing."""


def populate(state: Path) -> None:
    """Make them all, unless they are there already."""
    store = open_store(state)
    if not store.accounts():
        for account in ("lea", "karim", *TEAM):
            store.create_account(account, PASSWORD)
        store.create_organisation("maison", "lea")
        store.create_repository(SHOP, private=True)
        store.create_repository("lea/secret", private=True)
        for team, account, level in zip(
            ("lecture", "ecriture"), TEAM, ("read", "write"), strict=True
        ):
            store.create_team("maison", team)
            store.set_member("maison", team, account, member=True)
            store.grant("maison", team, SHOP, level)
    store.close()


def token_of(state: Path, account: str, scope: str, *, days: float | None = None) -> str:
    """A new access token's secret."""
    store = open_store(state)
    _, secret = store.create_token(account, "essai", scope, days=days)
    store.close()
    return secret


def revoke(state: Path, account: str, secret: str) -> None:
    """Revoke the access token of that secret."""
    store = open_store(state)
    caller = store.sign_in(account, secret)
    assert caller and caller.token
    store.revoke_token(account, caller.token)
    store.close()


class Hub:
    """A running hub with the accounts of `people`, and ways to ask it things."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.address = registry.ensure(state, quiet)
        self.url = f"http://{self.address}"
        self.key = (state / "hub" / "key").read_text()
        populate(state)

    def token(self, scope: str, account: str | None = None, **more: str) -> str:
        """The token that the service gives."""
        auth = (account, more.pop("secret", PASSWORD)) if account else None
        answer = requests.get(f"{self.url}/auth/token", {"scope": scope} | more, auth=auth)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def ask(
        self, method: str, path: str, token: str | None = None, **options: Any
    ) -> requests.Response:
        """A request under `/v2/`, its path as it is."""
        headers = options.pop("headers", {}) | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        request = requests.Request(method, self.url, headers=headers, **options).prepare()
        request.url = f"{self.url}/v2/{path}"
        with requests.Session() as session:
            return session.send(request, allow_redirects=False, timeout=30)

    def upload(self, repository: str, token: str, data: bytes) -> requests.Response:
        """Push one blob in one go."""
        place = self.ask("POST", f"{repository}/blobs/uploads/", token).headers["Location"]
        return requests.put(
            f"{place}&digest={making.digest(data)}",
            data=data,
            headers={"Authorization": f"Bearer {token}"},
        )

    def put(self, name: str, document: dict[str, Any]) -> None:
        """Push a manifest under `repository:tag` as the workshop, and the blobs that it names when
        they are among `{}` and nothing."""
        repository, _, tag = name.partition(":")
        base = f"{self.url}/v2/{repository}"
        with registry.opened(self.address) as session:
            for blob in (b"{}", b""):
                place = session.post(f"{base}/blobs/uploads/").headers["Location"]
                done = session.put(f"{place}&digest={making.digest(blob)}", data=blob)
                assert done.status_code == 201, done.text
            headers = {"Content-Type": document["mediaType"]}
            done = session.put(f"{base}/manifests/{tag}", json.dumps(document), headers=headers)
            assert done.status_code == 201, done.text

    def events(self, action: str, repository: str) -> list[dict[str, Any]]:
        """What the log says of a repository."""
        told = requests.get(f"{self.url}/atelier/events", headers={KEY_HEADER: self.key}).json()
        return [e for e in told if e["action"] == action and e["repository"] == repository]

    def turn(self, **values: int | None) -> None:
        """Turn teaching switches."""
        switches.save(self.state, switches.Switches(**values))
