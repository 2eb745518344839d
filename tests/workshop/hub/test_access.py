"""Who may do what: every caller, every repository, every action, asked of the real hub over HTTP.

The table below says what is right; a cell that is missing, or not as the hub does, fails.
"""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from checks.material import making
from tests.workshop.hub.people import IMAGE, MANIFEST, PASSWORD, Hub, token_of
from workshop.hub import registry
from workshop.hub.store import SCOPES, Store, open_store

ACTIONS = {
    "p": "pull", "u": "push (upload)", "d": "delete", "l": "list tags", "s": "find by a search",
    "c": "change its visibility, on the page",
}  # fmt: skip
"""The letters of a cell, in their order; `-` stands for what is refused."""
REPOSITORIES = {
    "lea/public": "personal, public",
    "lea/prive": "personal, private",
    "lea/neuf": "personal, not there yet",
    "maison/public": "of an organisation, public, shared with teams",
    "maison/prive": "of an organisation, private, shared with teams",
    "maison/coffre": "of an organisation, private, not shared",
    "maison/neuf": "of an organisation, not there yet",
    "library/officiel": "official",
    "moi/commun": "in the namespace that is open to all",
    "inconnue/app": "in a namespace of nobody's",
}
PRIVATE = ("lea/prive", "maison/prive", "maison/coffre")
ABSENT = ("lea/neuf", "maison/neuf", "inconnue/app")
PEOPLE = {
    "lea": "owner, of her namespace and of the organisation",
    "nadia": "in a team that reads",
    "ousmane": "in a team that writes",
    "ines": "in a team that administers",
    "karim": "a stranger, in a team of the same name elsewhere",
}
SECRETS = ("password", *SCOPES)
ORGANISATION, TEAMS = "maison", {"nadia": "read", "ousmane": "write", "ines": "admin"}

TABLE = """
                           lea/public lea/prive lea/neuf maison/public maison/prive maison/coffre maison/neuf library/officiel moi/commun inconnue/app
nobody                     p--ls-     ------    ------   p--ls-        ------       ------        ------      p--ls-           pu-ls-     ------
lea:password               pudlsc     pudlsc    pudl--   pudlsc        pudlsc       pudlsc        pudl--      p--ls-           pu-ls-     ------
lea:read                   p--ls-     p--ls-    p--l--   p--ls-        p--ls-       p--ls-        p--l--      p--ls-           pu-ls-     ------
lea:read-write             pu-ls-     pu-ls-    pu-l--   pu-ls-        pu-ls-       pu-ls-        pu-l--      p--ls-           pu-ls-     ------
lea:read-write-delete      pudls-     pudls-    pudl--   pudls-        pudls-       pudls-        pudl--      p--ls-           pu-ls-     ------
nadia:password             p--ls-     ------    ------   p--ls-        p--ls-       ------        ------      p--ls-           pu-ls-     ------
nadia:read                 p--ls-     ------    ------   p--ls-        p--ls-       ------        ------      p--ls-           pu-ls-     ------
nadia:read-write           p--ls-     ------    ------   p--ls-        p--ls-       ------        ------      p--ls-           pu-ls-     ------
nadia:read-write-delete    p--ls-     ------    ------   p--ls-        p--ls-       ------        ------      p--ls-           pu-ls-     ------
ousmane:password           p--ls-     ------    ------   pu-ls-        pu-ls-       ------        ------      p--ls-           pu-ls-     ------
ousmane:read               p--ls-     ------    ------   p--ls-        p--ls-       ------        ------      p--ls-           pu-ls-     ------
ousmane:read-write         p--ls-     ------    ------   pu-ls-        pu-ls-       ------        ------      p--ls-           pu-ls-     ------
ousmane:read-write-delete  p--ls-     ------    ------   pu-ls-        pu-ls-       ------        ------      p--ls-           pu-ls-     ------
ines:password              p--ls-     ------    ------   pudlsc        pudlsc       ------        ------      p--ls-           pu-ls-     ------
ines:read                  p--ls-     ------    ------   p--ls-        p--ls-       ------        ------      p--ls-           pu-ls-     ------
ines:read-write            p--ls-     ------    ------   pu-ls-        pu-ls-       ------        ------      p--ls-           pu-ls-     ------
ines:read-write-delete     p--ls-     ------    ------   pudls-        pudls-       ------        ------      p--ls-           pu-ls-     ------
karim:password             p--ls-     ------    ------   p--ls-        ------       ------        ------      p--ls-           pu-ls-     ------
karim:read                 p--ls-     ------    ------   p--ls-        ------       ------        ------      p--ls-           pu-ls-     ------
karim:read-write           p--ls-     ------    ------   p--ls-        ------       ------        ------      p--ls-           pu-ls-     ------
karim:read-write-delete    p--ls-     ------    ------   p--ls-        ------       ------        ------      p--ls-           pu-ls-     ------
"""  # noqa: E501

CALLERS = ("nobody", *(f"{name}:{secret}" for name, secret in itertools.product(PEOPLE, SECRETS)))


def read_table(text: str) -> dict[tuple[str, str], str]:
    """(caller, repository) → what the caller may do to it."""
    head, *rows = text.strip().splitlines()
    table = {}
    for row in rows:
        caller, *cells = row.split()
        for repository, cell in zip(head.split(), cells, strict=True):
            assert (caller, repository) not in table, "written twice"
            table[caller, repository] = cell
    return table


EXPECTED = read_table(TABLE)


def test_the_table_has_no_hole() -> None:
    assert set(EXPECTED) == set(itertools.product(CALLERS, REPOSITORIES))
    letters = "".join(ACTIONS)
    for cell in EXPECTED.values():
        assert len(cell) == len(letters)
        assert all(found in (letter, "-") for found, letter in zip(cell, letters, strict=True))


STORED = making.compressed(IMAGE.all_layers[0])
LAYER = making.digest(STORED)
_document = making.oci_manifest(IMAGE.config_blob, [(IMAGE.all_layers[0], STORED)])
ORDINARY = json.dumps(_document).encode()
VICTIM = json.dumps(_document | {"annotations": {"fr.atelier": "victime"}}).encode()
"""A manifest like the other, but for its digest: it is there to be deleted."""


class FromElsewhere(HTTPAdapter):
    """Asks from another address of the loopback."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, source_address=("127.0.0.9", 0))


def hidden(page: requests.Response) -> str:
    """What the page's forms carry, which only it can know."""
    found = re.search(r'name="formulaire" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


@dataclass
class Ground:
    """The hub where the table is tried: its store, and what each caller shows at the door."""

    hub: Hub
    store: Store
    shown: dict[str, tuple[str, str] | None]
    http: requests.Session
    visits: dict[str, requests.Session | None]

    def visit(self, caller: str) -> requests.Session | None:
        """The caller's visit of the page; None for who is not let in (a token opens no page)."""
        if caller not in self.visits:
            visit = self.visits[caller] = requests.Session()
            # From an address of our own: the page counts refusals by address.
            visit.mount("http://", FromElsewhere())
            if shown := self.shown[caller]:
                place, (account, secret) = f"{self.hub.url}/connexion", shown
                form = {"formulaire": hidden(visit.get(place)), "compte": account}
                opened = visit.post(place, form | {"mot-de-passe": secret}, timeout=30)
                assert opened.status_code in (200, 401), opened.text
                if opened.status_code == 401:
                    self.visits[caller] = None
        return self.visits[caller]

    def changes(self) -> int:
        """How often a visibility was really changed."""
        events = self.store.events(None)
        return sum(event["action"] == "visibility-changed" for event in events)

    def put_victim(self, repository: str) -> None:
        """Put back what a deletion took, as the workshop."""
        place = f"{self.hub.url}/v2/{repository}/manifests/victime"
        with registry.opened(self.hub.address) as workshop:
            answer = workshop.put(place, VICTIM, headers={"Content-Type": MANIFEST}, timeout=30)
        assert answer.status_code == 201


@pytest.fixture(scope="module")
def ground(hub: Hub) -> Iterator[Ground]:
    store = open_store(hub.state)
    store.create_account("ines", PASSWORD)
    store.create_team(ORGANISATION, "administration")
    store.set_member(ORGANISATION, "administration", "ines", member=True)
    for name in PRIVATE:
        store.create_repository(name, private=True)
    there = [name for name in REPOSITORIES if name not in ABSENT]
    registry.push(hub.address, [f"{name}:1" for name in there], [IMAGE])
    teams = {"nadia": "lecture", "ousmane": "ecriture", "ines": "administration"}
    for name in ("maison/public", "maison/prive"):
        for account, level in TEAMS.items():
            store.grant(ORGANISATION, teams[account], name, level)
    store.create_organisation("voisine", "karim")
    store.create_team("voisine", "lecture")
    store.set_member("voisine", "lecture", "karim", member=True)
    store.create_repository("voisine/app")
    store.grant("voisine", "lecture", "voisine/app", "admin")
    shown: dict[str, tuple[str, str] | None] = {"nobody": None}
    for account, secret in itertools.product(PEOPLE, SECRETS):
        told = PASSWORD if secret == "password" else token_of(hub.state, account, secret)
        shown[f"{account}:{secret}"] = (account, told)
    with requests.Session() as http:
        http.trust_env = False
        ground = Ground(hub, store, shown, http, {})
        for name in there:
            ground.put_victim(name)
        yield ground
    store.close()


class Attempt:
    """One caller in front of one repository, trying everything."""

    def __init__(self, ground: Ground, caller: str, repository: str) -> None:
        self.ground, self.caller, self.auth = ground, caller, ground.shown[caller]
        self.mark, self.absent = caller.replace(":", "-"), repository in ABSENT
        # What a push makes must not be there for the next caller.
        self.name = f"{repository}-{self.mark}" if self.absent else repository
        scopes = [f"repository:{self.name}:pull,push,delete"]
        if narrow := SCOPES.get(caller.partition(":")[2]):
            scopes.append(f"repository:{self.name}:{','.join(narrow)}")
        for scope in scopes:
            answer = ground.http.get(
                f"{ground.hub.url}/auth/token", params={"scope": scope}, auth=self.auth, timeout=30
            )
            if answer.status_code == 200:
                break
            # An access token cannot even ask for more than itself, when its account could.
            assert answer.json() == {"details": "access token has insufficient scopes"}
        self.token = str(answer.json()["token"])

    def cell(self) -> str:
        """What was possible, in the letters of the table."""
        done = {
            "p": self.pull(), "l": self.lists(), "s": self.search(), "c": self.change(),
            "u": self.push(), "d": self.delete(),
        }  # fmt: skip
        return "".join(letter if done[letter] else "-" for letter in ACTIONS)

    def pull(self) -> bool:
        manifest = self._ask("GET", "manifests/1", headers={"Accept": MANIFEST})
        blob = self._ask("GET", f"blobs/{LAYER}")
        return self._allowed(manifest, blob, yes=404 if self.absent else 200)

    def lists(self) -> bool:
        answers = [self._ask("GET", "tags/list")]
        if self.auth is None:
            answers.append(self.ground.hub.ask("GET", f"{self.name}/tags/list"))
        return self._allowed(*answers, yes=404 if self.absent else 200)

    def search(self) -> bool:
        told = self._at("/v1/search", q=self.name.rpartition("/")[2], n="100").json()
        found = {result["name"] for result in told["results"]}
        seen = self.name.removeprefix("library/") in found
        if self.auth:
            assert (self.name in self._at("/atelier/state").json()["repositories"]) == seen
        return seen

    def change(self) -> bool:
        """The form is sent as if it were shown; it asks for what is already so."""
        visit, page = self.ground.visit(self.caller), f"{self.ground.hub.url}/d/{self.name}"
        if visit is None:
            return False
        sent = {
            "formulaire": hidden(visit.get(f"{self.ground.hub.url}/connexion")),
            "visibilite": "prive" if self.name in PRIVATE else "public",
        }
        answer = visit.post(f"{page}/visibilite", sent, allow_redirects=False, timeout=30)
        leads = answer.headers.get("Location", "")
        changed = answer.status_code == 303 and leads == f"/d/{self.name}"
        assert changed or answer.status_code in (404, 422) or leads.startswith("/connexion")
        return changed

    def push(self) -> bool:
        started = self._ask("POST", "blobs/uploads/")
        if self.absent and started.status_code == 202:
            for blob in (IMAGE.config_blob, STORED):
                assert self.ground.hub.upload(self.name, self.token, blob).status_code == 201
        headers = {"Content-Type": MANIFEST}
        put = self._ask("PUT", f"manifests/{self.mark}", data=ORDINARY, headers=headers)
        allowed = self._allowed(put, yes=201)
        assert started.status_code == (202 if allowed else 401)
        return allowed

    def delete(self) -> bool:
        """Not only the answer counts: the image is gone, or still there."""
        digest = making.digest(VICTIM)
        answer = self._ask("DELETE", f"manifests/{digest}")
        allowed = self._allowed(answer, yes=404 if self.absent else 202)
        if not allowed:
            assert self._ask("DELETE", f"blobs/{LAYER}").status_code == 401
        if not self.absent:
            held = registry.has(self.ground.hub.address, f"{self.name}:victime")
            assert held is not allowed
            if allowed:
                self.ground.put_victim(self.name)
        return allowed

    def _at(self, path: str, **asked: str) -> requests.Response:
        """An answer of the hub's own doors, with a name and a password or a token."""
        url = self.ground.hub.url + path
        answer = self.ground.http.get(url, params=asked, auth=self.auth, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer

    def _ask(self, method: str, what: str, **options: Any) -> requests.Response:
        """An answer of the registry, with the token."""
        headers = options.pop("headers", {}) | {"Authorization": f"Bearer {self.token}"}
        url = f"{self.ground.hub.url}/v2/{self.name}/{what}"
        return self.ground.http.request(method, url, headers=headers, timeout=30, **options)

    def _allowed(self, *answers: requests.Response, yes: int) -> bool:
        """Whether all were answered `yes`; else all must have been refused."""
        told = {answer.status_code for answer in answers}
        assert told in ({yes}, {401}), (self.name, [answer.url for answer in answers], told)
        return told == {yes}


@pytest.mark.parametrize("caller", CALLERS)
def test_who_may_do_what(ground: Ground, caller: str) -> None:
    before = ground.changes()
    found = {name: Attempt(ground, caller, name).cell() for name in REPOSITORIES}
    expected = {name: EXPECTED[caller, name] for name in REPOSITORIES}
    assert found == expected
    assert ground.changes() - before == sum("c" in cell for cell in expected.values())


@pytest.mark.parametrize("name", ["tags", "blobs", "manifests", "referrers", "uploads"])
def test_a_repository_may_have_the_name_of_a_door(ground: Ground, name: str) -> None:
    hub, repository = ground.hub, f"lea/{name}"
    registry.push(hub.address, [f"{repository}:1"], [IMAGE])
    token = hub.token(f"repository:{repository}:pull,push", "lea")
    assert hub.upload(repository, token, b"contenu").status_code == 201
    pulled = hub.ask("GET", f"{repository}/manifests/1", token, headers={"Accept": MANIFEST})
    assert pulled.status_code == 200
    assert hub.ask("GET", f"{repository}/tags/list").json()["name"] == repository
    assert [event["tag"] for event in hub.events("pull", repository)] == ["1"]
    stranger = hub.token(f"repository:{repository}:pull,push", "karim")
    assert hub.ask("POST", f"{repository}/blobs/uploads/", stranger).status_code == 401
    assert [event["account"] for event in hub.events("denied", repository)] == ["karim"]


@pytest.mark.parametrize(
    "source",
    ["lea/prive", "lea%2Fprive", "karim/copie&from=lea/prive", "lea/prive&from=karim/copie",
     "../lea/prive", "lea//prive", "LEA/prive"],
)  # fmt: skip
def test_no_way_of_mounting_reads_what_is_private(ground: Ground, source: str) -> None:
    """A mount of somebody else's blob is refused, or becomes an upload from nothing (202)."""
    hub = ground.hub
    token = hub.token("repository:karim/copie:pull,push repository:lea/prive:pull", "karim")
    place = f"karim/copie/blobs/uploads/?mount={LAYER}&from={source}"
    assert hub.ask("POST", place, token).status_code in (202, 400, 401)
    assert hub.ask("HEAD", f"karim/copie/blobs/{LAYER}", token).status_code == 404


def test_a_right_that_is_taken_back_is_gone_at_the_next_token(ground: Ground) -> None:
    hub, store = ground.hub, ground.store

    def granted(account: str) -> int:
        token = hub.token("repository:voisine/app:pull,push", account)
        return hub.ask("POST", "voisine/app/blobs/uploads/", token).status_code

    assert granted("lea") == 401
    store.create_team("voisine", "equipe")
    store.grant("voisine", "equipe", "voisine/app", "write")
    for member, expected in ((True, 202), (False, 401), (True, 202)):
        store.set_member("voisine", "equipe", "lea", member=member)
        assert granted("lea") == expected
    store.grant("voisine", "equipe", "voisine/app", None)
    assert granted("lea") == 401
    store.set_owner("voisine", "lea", owner=True)
    assert granted("lea") == 202
    store.set_owner("voisine", "lea", owner=False)
    assert granted("lea") == 401
