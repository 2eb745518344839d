"""The hub's accounts: what is refused and how it is said, secrets, rights, migrations, bad files.

No server here: see test_access.py and test_doors.py for the wire.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from checks.outcome import EnvironmentProblem
from tests.workshop.hub.people import PASSWORD
from workshop.hub import store as stores
from workshop.hub.proxy import Seen
from workshop.hub.store import Refused, Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hub" / "hub.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store(path)) as store:
        store.create_account("lea", PASSWORD)
        store.create_account("karim", PASSWORD)
        store.create_organisation("maison", "lea")
        store.create_team("maison", "lecture")
        store.create_repository("maison/app")
        yield store


REFUSALS: dict[str, tuple[Callable[[Store], object], str]] = {
    "taken by an account": (lambda s: s.create_account("lea", PASSWORD), "déjà pris"),
    "taken by an organisation": (lambda s: s.create_account("maison", PASSWORD), "déjà pris"),
    "taken by the workshop": (lambda s: s.create_account("library", PASSWORD), "déjà pris"),
    "organisation, taken": (lambda s: s.create_organisation("karim", "lea"), "déjà pris"),
    "capital letters": (lambda s: s.create_account("Lea", PASSWORD), "pas un nom possible"),
    "one letter": (lambda s: s.create_account("l", PASSWORD), "pas un nom possible"),
    "31 letters": (lambda s: s.create_account("l" * 31, PASSWORD), "pas un nom possible"),
    "accent": (lambda s: s.create_account("léa", PASSWORD), "pas un nom possible"),
    "slash": (lambda s: s.create_account("a/b", PASSWORD), "pas un nom possible"),
    "path": (lambda s: s.create_account("..", PASSWORD), "pas un nom possible"),
    "end of line": (lambda s: s.create_account("lea\n", PASSWORD), "pas un nom possible"),
    "final dash": (lambda s: s.create_account("lea-", PASSWORD), "pas un nom possible"),
    "empty": (lambda s: s.create_account("", PASSWORD), "pas un nom possible"),
    "short password": (lambda s: s.create_account("nina", "Abc-4567"), "au moins 9"),
    "name in the password": (lambda s: s.create_account("nina", "xNina-2026"), "se devine"),
    "repeated password": (lambda s: s.create_account("nina", "ababababab"), "se devine"),
    "run": (lambda s: s.create_account("nina", "123456789"), "une suite"),
    "run backwards": (lambda s: s.create_account("nina", "ihgfedcba"), "une suite"),
    "keyboard": (lambda s: s.create_account("nina", "Azertyuiop"), "une suite"),
    "common word": (lambda s: s.change_password("lea", "motdepasse"), "plus employés"),
    "common word and digits": (lambda s: s.create_account("nina", "Password1!"), "plus employés"),
    "private in the open": (lambda s: s.create_repository("moi/x", private=True), "ouvert à tous"),
    "token as a password": (
        lambda s: s.create_account("nina", stores.TOKEN_PREFIX + "abcdef"), "ne commence pas par",
    ),
    "new password, short": (lambda s: s.change_password("lea", "court"), "au moins 9"),
    "password of nobody": (lambda s: s.change_password("nina", PASSWORD), "n'existe pas"),
    "token of nobody": (lambda s: s.create_token("nina", "ci", "read"), "n'existe pas"),
    "token, scope": (lambda s: s.create_token("lea", "ci", "admin"), "Portée inconnue"),
    "token, no name": (lambda s: s.create_token("lea", "  ", "read"), "1 à 100"),
    "token, long name": (lambda s: s.create_token("lea", "a" * 101, "read"), "1 à 100"),
    "revocation": (lambda s: s.revoke_token("lea", "00000000"), "pas de jeton actif"),
    "owner unknown": (lambda s: s.create_organisation("autre", "nina"), "n'existe pas"),
    "last owner": (lambda s: s.set_owner("maison", "lea", owner=False), "dernier propriétaire"),
    "no organisation": (lambda s: s.create_team("autre", "lecture"), "n'existe pas"),
    "team, taken": (lambda s: s.create_team("maison", "lecture"), "existe déjà"),
    "team, name": (lambda s: s.create_team("maison", "Lecture"), "pas un nom possible"),
    "no team": (lambda s: s.set_member("maison", "autre", "lea", member=True), "n'existe pas"),
    "no member": (lambda s: s.set_member("maison", "lecture", "nina", member=True), "n'existe"),
    "level": (lambda s: s.grant("maison", "lecture", "maison/app", "owner"), "Droit inconnu"),
    "share of others": (lambda s: s.grant("maison", "lecture", "lea/app", "read"), "n'appartient"),
    "share of nothing": (lambda s: s.grant("maison", "lecture", "maison/x", "read"), "n'existe"),
    "repository, taken": (lambda s: s.create_repository("maison/app"), "existe déjà"),
    "repository, nobody": (lambda s: s.create_repository("nina/app"), "n'existe pas"),
    "repository, no slash": (lambda s: s.create_repository("app"), "espace/nom"),
    "repository, capital": (lambda s: s.create_repository("lea/App"), "espace/nom"),
    "repository, path": (lambda s: s.create_repository("lea/../app"), "espace/nom"),
    "repository, long": (lambda s: s.create_repository("lea/" + "a" * 255), "espace/nom"),
    "visibility": (lambda s: s.set_private("lea/app", True), "n'existe pas"),
    "description": (lambda s: s.describe("lea/app", "x"), "n'existe pas"),
    "long description": (lambda s: s.describe("maison/app", "x" * 25_001), "25000"),
    "deletion": (lambda s: s.delete_repository("lea/app"), "n'existe pas"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_is_said_in_french_and_changes_nothing(store: Store, name: str) -> None:
    attempt, words = REFUSALS[name]
    before = store.state(None), store.events(None)
    with pytest.raises(Refused, match=words):
        attempt(store)
    assert (store.state(None), store.events(None)) == before


def test_no_secret_is_kept_in_clear(store: Store, path: Path) -> None:
    _, secret = store.create_token("lea", "ci", "read")
    store.change_password("karim", "Autre-secret-2")
    with closing(sqlite3.connect(path)) as base:
        dump = "\n".join(base.iterdump())
    for clear in (PASSWORD, "Autre-secret-2", secret, secret[-12:]):
        assert clear not in dump
    assert dump.count("$argon2id$") == 3
    assert path.stat().st_mode & 0o077 == 0


def test_a_changed_password_replaces_the_old_and_keeps_tokens(store: Store) -> None:
    _, secret = store.create_token("karim", "ci", "read")
    assert store.sign_in("karim", PASSWORD)
    store.change_password("karim", "Autre-secret-2")
    assert store.sign_in("karim", PASSWORD) is None, "even though it was verified before"
    assert store.sign_in("karim", "Autre-secret-2") and store.sign_in("karim", secret)
    assert store.sign_in("lea", secret) is None, "a token is its account's"


def test_a_token_that_is_dead_opens_nothing(store: Store) -> None:
    id, secret = store.create_token("lea", "ci", "read-write", days=1)
    caller = store.sign_in("lea", secret)
    assert caller and (caller.scope, caller.token) == ("read-write", id)
    assert store.token_alive(id) and store.tokens("lea")[0]["last_used"]
    store.revoke_token("lea", id)
    assert store.sign_in("lea", secret) is None and not store.token_alive(id)
    for shown in (secret, secret + "x", "dckr_pat_inconnu1", PASSWORD):
        store.signed_in("lea", accepted=False, secret=shown)
    store.signed_in("karim", accepted=False, secret=secret)
    told = [e["detail"] for e in store.events(None) if e["action"] == "login-refused"]
    assert told == [{"token": id}, {}, {}, {}, {}], "the one that was revoked, and no other"
    with pytest.raises(Refused):
        store.revoke_token("lea", id)
    old, expired = store.create_token("lea", "vieux", "read", days=-1)
    assert store.sign_in("lea", expired) is None and not store.token_alive(old)
    assert not store.token_alive("inconnu")
    with pytest.raises(Refused):
        store.revoke_token("karim", old)


def test_events_are_only_added(store: Store, path: Path) -> None:
    with closing(sqlite3.connect(path)) as base:
        for statement in ("DELETE FROM events", "UPDATE events SET account = 'karim'"):
            with pytest.raises(sqlite3.IntegrityError, match="only added"):
                base.execute(statement)
    mine = {event["action"] for event in store.events(store.on_behalf("karim"))}
    assert mine == {"account-created"}, "not what others did"


def test_search_finds_every_word_best_first(store: Store) -> None:
    for name in ("library/maison", "maison/autre"):
        store.happened(Seen("seeded", None, name, "1", ""))
    store.describe("maison/autre", "Une Application web\nla suite")

    def found(words: str, limit: int = 25) -> list[str]:
        return [each["name"] for each in store.search(None, words, limit)]

    assert found("maison") == ["maison", "maison/app", "maison/autre"]
    assert found("maison", 1) == ["maison"]
    assert found("app") == ["maison/app", "maison/autre"], "the name before the description"
    assert found("APPLICATION web") == ["maison/autre"]
    assert found("application absente") == [] == found("suite-absente")
    told = store.search(None, "application", 1)[0]
    assert told["description"] == "Une Application web"


@pytest.mark.parametrize(
    ("description", "shown"),
    [
        ("# Le **phare**\n\nla suite", "Le phare"),
        ("\n  \n> `vigie` : [la page](http://x/y), ![un dessin](z)", "vigie : la page, un dessin"),
        ("- __un__ *deux* ~~trois~~ a_b_c 2 * 3 * 4", "un deux trois a_b_c 2 * 3 * 4"),
        ("", ""),
    ],
)
def test_a_search_shows_words_and_not_their_markdown(
    store: Store, description: str, shown: str
) -> None:
    store.describe("maison/app", description)
    assert store.search(None, "app", 1)[0]["description"] == shown


def test_a_member_is_not_told_what_does_not_exist_for_them(store: Store) -> None:
    store.set_member("maison", "lecture", "karim", member=True)
    store.create_team("maison", "direction")
    for name, team in (("maison/partage", "lecture"), ("maison/coffre", "direction")):
        store.create_repository(name, private=True)
        store.grant("maison", team, name, "read")
    for account, named in (("karim", False), ("lea", True)):
        told = store.state(store.on_behalf(account))
        teams = told["organisations"]["maison"]["teams"]
        assert teams["lecture"]["grants"] == {"maison/partage": "read"}
        assert bool(teams["direction"]["grants"]) is named, account
        assert told["accounts"] == [account], "nor who else is there"


def test_a_repository_has_two_components(store: Store) -> None:
    lea = store.on_behalf("lea")
    assert store.may(lea, "push", "lea/a") and not store.may(lea, "push", "lea/a/b")
    assert not store.may(None, "push", "moi/a/b") and not store.may(lea, "push", "lea")


def test_deleting_a_repository_takes_its_shares(store: Store) -> None:
    store.set_member("maison", "lecture", "karim", member=True)
    store.set_private("maison/app", True)
    store.grant("maison", "lecture", "maison/app", "admin")
    karim = store.on_behalf("karim")
    assert store.administers(karim, "maison/app")
    store.delete_repository("maison/app")
    store.create_repository("maison/app", private=True)
    assert not store.may(karim, "pull", "maison/app")


def test_nobody_publishes_without_a_login_once_the_hub_is_open_to_a_room(path: Path) -> None:
    with closing(Store(path, open_namespaces=frozenset())) as store:
        assert not store.may(None, "push", "moi/app") and not store.may(None, "pull", "moi/app")
    with closing(Store(path)) as store:
        assert store.may(None, "push", "moi/app") and not store.may(None, "delete", "moi/app")


def test_many_at_once(store: Store, path: Path) -> None:
    """Threads of the hub, and a command in another process's connection: nothing is lost."""
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with closing(Store(path)) as other:
                for turn in range(10):
                    one = other if turn % 2 else store
                    one.happened(Seen("push", "lea", f"lea/r{number}-{turn}", "1", "d"))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len([e for e in store.events(None) if e["action"] == "push"]) == 60
    assert len([n for n in store.state(None)["repositories"] if n.startswith("lea/r")]) == 60


def test_an_older_file_is_migrated_and_a_later_one_left_alone(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.close()
    before = stores._MIGRATIONS
    monkeypatch.setattr(stores, "_MIGRATIONS", (*before, "ALTER TABLE accounts ADD COLUMN x TEXT;"))
    with closing(Store(path)) as newer:
        assert newer.accounts() == ["karim", "lea"]
    monkeypatch.setattr(stores, "_MIGRATIONS", before)
    with pytest.raises(EnvironmentProblem, match="version plus récente"):
        Store(path)
    # A migration that fails half-way leaves the file as it was.
    monkeypatch.setattr(
        stores, "_MIGRATIONS", (*before, "", "CREATE TABLE y (z);\nCREATE TABLE accounts (a);")
    )
    with pytest.raises(EnvironmentProblem):
        Store(path)
    with closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA user_version").fetchone()[0] == len(before) + 1
        assert not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'y'").fetchall()


def test_a_damaged_file_is_told(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"ceci n'est pas une base" * 100)
    with pytest.raises(EnvironmentProblem, match="abîmé"):
        Store(path)
    assert path.read_bytes().startswith(b"ceci"), "left for whoever would mend it"
    with pytest.raises(EnvironmentProblem, match="ne peut pas employer"):
        Store(path / "hub.db")
