"""What the hub answers on the wire: tokens, forged ones, strange paths, streams, limits, events.

The registry behind is the real one; nothing is asked of an engine here (see test_clients.py).
"""

import base64
import json
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from checks.evidence.registry import AS_HEADER, KEY_HEADER, Reader
from checks.material import making
from tests.workshop.hub.people import IMAGE, MANIFEST, NO_IMAGES, PASSWORD, Hub, token_of
from workshop import process
from workshop.hub import registry, switches
from workshop.hub.token import Access, Signer, parse_scopes


def quiet(line: str) -> None:
    """A `say` that says nothing."""


@pytest.fixture(autouse=True)
def switched_off(hub: Hub) -> Iterator[None]:
    yield
    hub.turn()


# Who may do what, as the wire tells it.


def test_nobody_pulls_public_repositories_and_no_others(hub: Hub) -> None:
    token = hub.token("repository:cours/public:pull,push")
    answer = hub.ask("GET", "cours/public/manifests/1", token, headers={"Accept": MANIFEST})
    assert answer.status_code == 200
    assert hub.ask("POST", "cours/public/blobs/uploads/", token).status_code == 401
    assert hub.ask("GET", "cours/public/manifests/1").status_code == 401, "as on Docker Hub"
    assert hub.ask("GET", "cours/public/tags/list").json()["tags"] == ["1"], "a convenience"
    assert hub.ask("GET", "lea/secret/tags/list").status_code == 401


def test_one_namespace_is_open_to_all_but_for_deleting(hub: Hub) -> None:
    token = hub.token("repository:moi/app:pull,push,delete")
    assert hub.upload("moi/app", token, b"contenu").status_code == 201
    zero = "sha256:" + "0" * 64
    assert hub.ask("DELETE", f"moi/app/manifests/{zero}", token).status_code == 401


def test_a_private_repository_answers_as_if_it_did_not_exist(hub: Hub) -> None:
    registry.push(hub.address, ["lea/secret:1"], [IMAGE])
    answers = []
    for name in ("lea/secret", "lea/inexistant"):
        for account in (None, "karim"):
            token = hub.token(f"repository:{name}:pull", account)
            answer = hub.ask("GET", f"{name}/manifests/1", token)
            told = answer.text.replace(name, "X"), answer.headers["WWW-Authenticate"]
            answers.append((answer.status_code, told[0], told[1].replace(name, "X")))
    assert len(set(answers)) == 1 and answers[0][0] == 401
    assert "insufficient_scope" in answers[0][2]


def test_wrong_passwords_are_refused_in_docker_s_words(hub: Hub) -> None:
    for account, secret in (("lea", "faux"), ("personne", PASSWORD), ("", PASSWORD), ("lea", "")):
        answer = requests.get(f"{hub.url}/auth/token", auth=(account, secret))
        assert answer.status_code == 401
        assert answer.json() == {"details": "incorrect username or password"}
    form = {"grant_type": "password", "username": "lea", "password": "faux", "scope": ""}
    assert requests.post(f"{hub.url}/auth/token", data=form).status_code == 401
    form["password"] = PASSWORD
    assert requests.post(f"{hub.url}/auth/token", data=form).json()["access_token"]
    form["grant_type"] = "refresh_token"
    assert requests.post(f"{hub.url}/auth/token", data=form).status_code == 400


def test_an_expired_token_is_told_as_such_to_whoever_has_it(hub: Hub) -> None:
    secret = token_of(hub.state, "lea", "read", days=-1)
    for account, shown, words in (
        ("lea", secret, "personal access token is expired"),
        ("lea", secret[:-1] + ("a" if secret[-1] != "a" else "b"), "incorrect username or"),
        ("karim", secret, "incorrect username or"),
    ):
        answer = requests.get(f"{hub.url}/auth/token", auth=(account, shown))
        assert answer.status_code == 401 and answer.json()["details"].startswith(words), account


def test_a_token_that_may_only_read_cannot_ask_to_push(hub: Hub) -> None:
    """Docker Hub's own words, when it is the token that lacks the right, and not its account."""
    secret = token_of(hub.state, "lea", "read")

    def asks(scope: str) -> requests.Response:
        return requests.get(f"{hub.url}/auth/token", {"scope": scope}, auth=("lea", secret))

    for _ in range(2):
        answer = asks("repository:lea/etroit:pull,push")
        assert answer.status_code == 401
        assert answer.json() == {"details": "access token has insufficient scopes"}
    (denied,) = hub.events("denied", "lea/etroit")
    assert denied["account"] == "lea" and denied["detail"]["tried"] == "push"
    assert asks("repository:lea/etroit:pull").status_code == 200
    assert asks("repository:karim/app:pull,push").status_code == 200, "the account's own limit"


def test_names_have_two_components_as_on_docker_hub(hub: Hub) -> None:
    token = hub.token("repository:lea/a/b:pull,push", "lea")
    assert hub.ask("POST", "lea/a/b/blobs/uploads/", token).status_code == 401
    token = hub.token("repository:moi/a/b:pull,push")
    assert hub.ask("POST", "moi/a/b/blobs/uploads/", token).status_code == 401


def test_a_question_may_not_be_endless_nor_unreadable(hub: Hub) -> None:
    place, kind = f"{hub.url}/auth/token", "application/x-www-form-urlencoded"
    scopes = " ".join(f"repository:lea/r{n}:pull" for n in range(51))
    form = {"grant_type": "password", "username": "lea", "password": PASSWORD}
    assert requests.post(place, form | {"scope": scopes}).status_code == 400
    assert requests.post(place, form | {"scope": scopes.partition(" ")[2]}).status_code == 200
    for body, charset in ((b"\xff", "utf-8"), (b"a=1", "foo")):
        headers = {"Content-Type": f"{kind}; charset={charset}"}
        answer = requests.post(place, body, headers=headers)
        assert answer.status_code == 400 and answer.json()["details"]


@pytest.mark.parametrize("tag", NO_IMAGES)
def test_what_is_no_image_is_none_for_a_check(hub: Hub, tag: str) -> None:
    hub.put(f"lea/artefacts:{tag}", NO_IMAGES[tag])
    reader, name = Reader(hub.address, hub.key), f"{hub.address}/lea/artefacts:{tag}"
    assert reader.image(name, "amd64") is None
    assert (reader.digest(name) or "").startswith("sha256:")


def test_a_mount_needs_the_right_to_pull_where_the_blob_is(hub: Hub) -> None:
    """Without it, the mount becomes an upload from nothing, as with containerd it must."""
    registry.push(hub.address, ["lea/secret:1"], [IMAGE])
    digest = making.digest(making.compressed(IMAGE.all_layers[0]))
    for owner, expected in (("lea", 201), ("karim", 202)):
        scope = f"repository:{owner}/copie:pull,push repository:lea/secret:pull"
        place = f"{owner}/copie/blobs/uploads/?mount={digest}&from=lea/secret"
        assert hub.ask("POST", place, hub.token(scope, owner)).status_code == expected


# Forged tokens.


def _claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    access = [{"type": "repository", "name": "lea/app", "actions": ["pull", "push"]}]
    return {
        "iss": "hub de l'atelier", "aud": "hub", "sub": "lea", "iat": now, "nbf": now - 10,
        "exp": now + 300, "jti": "x", "access": access,
    } | changed  # fmt: skip


def _x5c(signer: Signer) -> list[str]:
    return signer._x5c


def forgeries(hub: Hub) -> dict[str, str]:
    """Tokens that the service never gave, each wrong in one way."""
    folder = hub.state / "hub"
    signer, key = Signer(folder), (folder / "token.key").read_bytes()
    header = {"x5c": _x5c(signer)}
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    stranger = Path(tempfile.mkdtemp(dir=hub.state))
    foreign = Signer(stranger)
    honest = jwt.encode(_claims(), key, "ES256", header)
    start, body, signature = honest.split(".")
    wider = json.loads(base64.urlsafe_b64decode(body + "=="))
    wider["access"][0]["name"] = "karim/app"
    widened = base64.urlsafe_b64encode(json.dumps(wider).encode()).decode().rstrip("=")
    public = signer.certificate.read_bytes()
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    hs256 = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    mac = (
        base64.urlsafe_b64encode(
            __import__("hmac").digest(public, f"{hs256}.{body}".encode(), "sha256")
        )
        .decode()
        .rstrip("=")
    )
    return {
        "another key": jwt.encode(_claims(), other, "ES256", header),
        "another key and its own certificate": jwt.encode(
            _claims(), (stranger / "token.key").read_bytes(), "ES256", {"x5c": _x5c(foreign)}
        ),
        "no certificate": jwt.encode(_claims(), key, "ES256"),
        "alg none": f"{none}.{body}.",
        "alg none, signature kept": f"{none}.{body}.{signature}",
        "HMAC with the public key": f"{hs256}.{body}.{mac}",
        "another audience": jwt.encode(_claims(aud="autre"), key, "ES256", header),
        "another issuer": jwt.encode(_claims(iss="autre"), key, "ES256", header),
        "expired": jwt.encode(_claims(exp=int(time.time()) - 120), key, "ES256", header),
        "not yet": jwt.encode(_claims(nbf=int(time.time()) + 600), key, "ES256", header),
        "widened by hand": f"{start}.{widened}.{signature}",
        "cut": honest[:-10],
        "empty": "",
        "rubbish": "a.b.c",
    }


def test_forged_tokens_open_nothing(hub: Hub) -> None:
    key = (hub.state / "hub" / "token.key").read_bytes()
    honest = jwt.encode(_claims(), key, "ES256", {"x5c": _x5c(Signer(hub.state / "hub"))})
    assert hub.ask("POST", "lea/app/blobs/uploads/", honest).status_code == 202
    for name, token in forgeries(hub).items():
        for path in ("lea/app", "karim/app"):
            answer = hub.ask("POST", f"{path}/blobs/uploads/", token or None)
            assert answer.status_code == 401, (name, path, answer.status_code)
        assert hub.ask("GET", "", token or None).status_code == 401, name


def test_a_token_opens_what_it_names_and_nothing_wider(hub: Hub) -> None:
    token = hub.token("repository:lea/app:pull,push", "lea")
    assert hub.ask("POST", "lea/app/blobs/uploads/", token).status_code == 202
    assert hub.ask("POST", "lea/autre/blobs/uploads/", token).status_code == 401
    zero = "sha256:" + "0" * 64
    assert hub.ask("DELETE", f"lea/app/manifests/{zero}", token).status_code == 401
    assert hub.ask("GET", "_catalog", token).status_code == 401


@pytest.mark.parametrize(
    "scope",
    [
        "repository:karim/app:pull,push", "repository:lea/../karim/app:push",
        "repository:lea/app:push repository:karim/app:push", "registry:catalog:*",
        "repository:*:push", "repository:karim/app:*", "repository:Karim/app:push",
        "repository:karim%2Fapp:push", "repository:lea/%2e%2e/karim/app:push",
        "repository(plugin):karim/app:push", "repository:karim/app/:push",
        "repository:/karim/app:push",
        "repository:lea//karim/app:push", "autre:karim/app:push", ":::", "repository", "",
    ],
)  # fmt: skip
def test_no_way_of_asking_gives_more(hub: Hub, scope: str) -> None:
    token = hub.token(scope, "lea")
    granted = jwt.decode(token, options={"verify_signature": False})["access"]
    assert all(each["name"] == "lea/app" for each in granted), granted
    assert hub.ask("POST", "karim/app/blobs/uploads/", token).status_code == 401
    assert hub.ask("GET", "_catalog", token).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "lea/../karim/app/tags/list", "lea/%2e%2e/karim/app/tags/list", "../v2/karim/app/tags/list",
        "karim%2Fapp/tags/list", "karim%2fapp/blobs/uploads/", "KARIM/app/tags/list",
        "karim//app/tags/list", "karim/./app/tags/list", "karim\\app/tags/list",
        "karim/app%00/tags/list", "karim/app;a/tags/list", "-karim/app/tags/list",
        "karim/" + "a" * 260 + "/tags/list", "karim/app/../../lea/app/manifests/1",
        "%252e%252e/karim/tags/list", "karim/app/manifests/../../lea/app/manifests/1",
    ],
)  # fmt: skip
def test_strange_paths_lead_nowhere(hub: Hub, path: str) -> None:
    for token in (None, hub.token("repository:lea/app:pull,push", "lea")):
        for method in ("GET", "POST", "DELETE"):
            answer = hub.ask(method, path, token)
            assert answer.status_code == 400, (method, path, answer.status_code)
            assert answer.json()["errors"][0]["code"] == "NAME_INVALID"


def test_the_workshop_s_key_must_be_right(hub: Hub) -> None:
    for key in ("", "faux", hub.key[:-1], hub.key + "x"):
        headers = {KEY_HEADER: key, AS_HEADER: "lea"}
        assert hub.ask("GET", "lea/secret/tags/list", headers=headers).status_code == 401
        assert requests.get(f"{hub.url}/atelier/events", headers=headers).status_code == 401
        scope = {"scope": "repository:lea/app:push"}
        told = requests.get(f"{hub.url}/auth/token", scope, headers=headers).json()["token"]
        assert jwt.decode(told, options={"verify_signature": False})["access"] == []


def test_scopes_are_read_as_the_specification_writes_them() -> None:
    assert parse_scopes(["repository:a/b:pull,push", "registry:catalog:* repository:c:pull"]) == [
        Access("repository", "a/b", ("pull", "push")),
        Access("registry", "catalog", ("*",)),
        Access("repository", "c", ("pull",)),
    ]


# Streams.


def test_chunks_pauses_and_resumption(hub: Hub) -> None:
    token = hub.token("repository:lea/app:pull,push", "lea")
    bearer = {"Authorization": f"Bearer {token}"}
    data = os.urandom(300_000)
    place = hub.ask("POST", "lea/app/blobs/uploads/", token).headers["Location"]
    for start in (0, 100_000):
        chunk = data[start : start + 100_000]
        headers = bearer | {"Content-Range": f"{start}-{start + len(chunk) - 1}"}
        answer = requests.patch(place, data=chunk, headers=headers)
        assert answer.status_code == 202 and answer.headers["Range"] == f"0-{start + 99_999}"
        place = answer.headers["Location"]
    # A client that lost its way asks how far it went, then goes on without a length.
    status = requests.get(place, headers=bearer)
    assert status.status_code == 204 and status.headers["Range"] == "0-199999"
    rest = (data[i : i + 7000] for i in range(200_000, 300_000, 7000))
    place = requests.patch(place, data=rest, headers=bearer).headers["Location"]
    answer = requests.put(f"{place}&digest={making.digest(data)}", headers=bearer)
    assert answer.status_code == 201, answer.text
    path = f"lea/app/blobs/{making.digest(data)}"
    assert hub.ask("GET", path, token).content == data
    head = hub.ask("HEAD", path, token)
    assert head.headers["Content-Length"] == "300000" and head.content == b""
    part = hub.ask("GET", path, token, headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206 and part.content == data[1000:2000]


def test_a_body_cut_half_way_leaves_nothing_and_breaks_nothing(hub: Hub) -> None:
    token = hub.token("repository:lea/app:pull,push", "lea")
    data = os.urandom(100_000)
    place = hub.ask("POST", "lea/app/blobs/uploads/", token).headers["Location"]
    path = place.removeprefix(hub.url) + f"&digest={making.digest(data)}"
    with socket.create_connection(("127.0.0.1", int(hub.address.rpartition(":")[2]))) as raw:
        raw.sendall(
            f"PUT {path} HTTP/1.1\r\nHost: {hub.address}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Length: {len(data)}\r\n\r\n".encode()
            + data[:40_000]
        )
    assert hub.ask("HEAD", f"lea/app/blobs/{making.digest(data)}", token).status_code == 404
    assert hub.upload("lea/app", token, data).status_code == 201


def test_a_wrong_digest_and_an_oversized_manifest_are_refused(hub: Hub) -> None:
    token = hub.token("repository:lea/app:pull,push", "lea")
    place = hub.ask("POST", "lea/app/blobs/uploads/", token).headers["Location"]
    bearer = {"Authorization": f"Bearer {token}"}
    wrong = f"{place}&digest={making.digest(b'autre')}"
    assert requests.put(wrong, data=b"contenu", headers=bearer).status_code == 400
    headers = {"Content-Type": MANIFEST}
    big = hub.ask("PUT", "lea/app/manifests/gros", token, data=b" " * (5 << 20), headers=headers)
    assert big.status_code in (400, 413)
    assert hub.ask("GET", "lea/app/manifests/gros", token).status_code == 404


def test_links_and_challenges_name_the_address_that_was_asked(hub: Hub) -> None:
    port = hub.address.rpartition(":")[2]
    answer = requests.get(f"http://127.0.0.1:{port}/v2/")
    assert f'realm="http://127.0.0.1:{port}/auth/token"' in answer.headers["WWW-Authenticate"]
    token = hub.token("repository:lea/app:pull,push", "lea")
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-Host": "mechant.example"}
    place = hub.ask("POST", "lea/app/blobs/uploads/", headers=headers).headers["Location"]
    assert place.startswith(f"{hub.url}/v2/lea/app/")


def test_official_repositories_have_a_short_name(hub: Hub) -> None:
    token = hub.token("repository:nginx:pull")
    answer = hub.ask("GET", "nginx/manifests/1.31", token, headers={"Accept": MANIFEST})
    assert answer.status_code == 200
    assert hub.ask("POST", "nginx/blobs/uploads/", token).status_code == 401


# Search.


def test_search_speaks_the_v1_protocol(hub: Hub) -> None:
    assert requests.get(f"{hub.url}/v1/_ping").json() is True
    told = requests.get(f"{hub.url}/v1/search", {"q": "nginx", "n": 5}).json()
    assert [(r["name"], r["is_official"]) for r in told["results"]] == [("nginx", True)]
    assert told["num_results"] == 1 and told["query"] == "nginx"
    for wrong in ("0", "101", "x"):
        assert requests.get(f"{hub.url}/v1/search", {"q": "a", "n": wrong}).status_code == 400
    refused = requests.get(f"{hub.url}/v1/search", {"q": "a"}, auth=("lea", "faux"))
    assert refused.status_code == 401


def test_search_shows_private_repositories_to_who_may_see_them(hub: Hub) -> None:
    registry.push(hub.address, ["lea/secret:1"], [IMAGE])
    for account, expected in ((None, []), ("karim", []), ("lea", ["lea/secret"])):
        auth = (account, PASSWORD) if account else None
        told = requests.get(f"{hub.url}/v1/search", {"q": "secret"}, auth=auth).json()
        assert [result["name"] for result in told["results"]] == expected, account


# Events.


def test_pushes_pulls_and_refusals_are_told_once(hub: Hub) -> None:
    token = hub.token("repository:lea/journal:pull,push,delete", "lea")
    config = IMAGE.config_blob
    stored = making.compressed(IMAGE.all_layers[0])
    for blob in (config, stored):
        assert hub.upload("lea/journal", token, blob).status_code == 201
    manifest = json.dumps(making.oci_manifest(config, [(IMAGE.all_layers[0], stored)]))
    headers = {"Content-Type": MANIFEST}
    path = "lea/journal/manifests/1"
    assert hub.ask("PUT", path, token, data=manifest, headers=headers).status_code == 201
    (pushed,) = hub.events("push", "lea/journal")
    digest = making.digest(manifest.encode())
    assert (pushed["account"], pushed["tag"], pushed["digest"]) == ("lea", "1", digest)
    assert abs(pushed["at"] - time.time()) < 60
    told = {"headers": {"Accept": MANIFEST}}
    nobody = hub.token("repository:lea/journal:pull")
    assert hub.ask("GET", path, nobody, **told).status_code == 200
    assert hub.ask("HEAD", path, token, **told).status_code == 200
    # containerd asks what the tag is, then fetches the digest: the tag is told all the same.
    by_digest = f"lea/journal/manifests/{digest}"
    assert hub.ask("GET", by_digest, token, **told).status_code == 200
    pulled = [(e["account"], e["tag"]) for e in hub.events("pull", "lea/journal")]
    assert pulled == [(None, "1"), ("lea", "1")]
    refused = hub.token("repository:lea/journal:pull,push", "karim")
    for _ in range(3):
        assert hub.ask("POST", "lea/journal/blobs/uploads/", refused).status_code == 401
    (denied,) = hub.events("denied", "lea/journal")
    assert denied["account"] == "karim" and denied["detail"]["tried"] == "push"
    assert hub.ask("DELETE", f"lea/journal/manifests/{digest}", token).status_code == 202
    assert [e["account"] for e in hub.events("delete", "lea/journal")] == ["lea"]


def test_what_a_check_tries_is_not_an_event(hub: Hub) -> None:
    reader = Reader(hub.address, hub.key)
    seen = f"{hub.address}/cours/public"
    before = len(hub.events("denied", "cours/public") + hub.events("pull", "cours/public"))
    assert reader.access(seen, None) == {"pull"} == reader.access(seen, "karim")
    assert reader.access(f"{hub.address}/karim/neuf", "karim") >= {"push"}
    assert reader.image(f"{seen}:1", "amd64") is not None
    after = len(hub.events("denied", "cours/public") + hub.events("pull", "cours/public"))
    assert before == after
    assert reader.opens(hub.address, "lea", PASSWORD)
    assert not reader.opens(hub.address, "lea", "faux")


def test_logins_are_told(hub: Hub) -> None:
    def logins() -> list[tuple[str, str]]:
        told = requests.get(f"{hub.url}/atelier/events", headers={KEY_HEADER: hub.key}).json()
        return [(e["action"], e["account"]) for e in told if e["action"].startswith("login")]

    before = len(logins())
    requests.get(f"{hub.url}/auth/token", {"offline_token": "true"}, auth=("lea", PASSWORD))
    requests.get(f"{hub.url}/auth/token", auth=("lea", "faux"))
    hub.token("repository:lea/app:pull", "lea")  # a pull, not a login
    assert logins()[before:] == [("login", "lea"), ("login-refused", "lea")]


def test_a_check_asks_for_some_events_only(hub: Hub) -> None:
    registry.push(hub.address, ["lea/tri:1"], [IMAGE])
    requests.get(f"{hub.url}/auth/token", auth=("lea", "faux"))
    reader = Reader(hub.address, hub.key)
    told = reader.hub_answers("events", action=("login-refused", "denied"))
    assert {event["action"] for event in told} <= {"login-refused", "denied"} and told
    everything = reader.hub_answers("events")
    assert [e for e in everything if e["action"] in ("login-refused", "denied")] == told


# Teaching switches.


def test_the_pull_limit_answers_as_docker_hub(hub: Hub) -> None:
    hub.turn(pull_limit=2)
    token = hub.token("repository:cours/public:pull")
    path, headers = "cours/public/manifests/1", {"Accept": MANIFEST}
    head = hub.ask("HEAD", path, token, headers=headers)
    assert head.headers["ratelimit-limit"] == "2;w=21600"
    left = [hub.ask("GET", path, token, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in left] == [200, 200, 429]
    assert [a.headers["ratelimit-remaining"] for a in left] == [
        "1;w=21600", "0;w=21600", "0;w=21600",
    ]  # fmt: skip
    told = left[2].json()["errors"][0]
    assert (
        told["code"] == "TOOMANYREQUESTS" and "unauthenticated pull rate limit" in told["message"]
    )
    mine = hub.ask("GET", path, hub.token("repository:cours/public:pull", "lea"), headers=headers)
    assert mine.status_code == 200 and mine.headers["ratelimit-limit"] == "4;w=21600"
    hub.turn()
    answer = hub.ask("GET", path, token, headers=headers)
    assert answer.status_code == 200 and "ratelimit-limit" not in answer.headers
    hub.turn(pull_limit=2)
    answer = hub.ask("GET", path, token, headers=headers)
    assert answer.headers["ratelimit-remaining"] == "1;w=21600", "turned on again, it begins again"


def test_only_pulls_are_counted_and_for_nobody_else(hub: Hub) -> None:
    hub.turn(pull_limit=1)
    path, headers = "cours/public/manifests/1", {"Accept": MANIFEST}
    other = ec.generate_private_key(ec.SECP256R1())
    for name in ("karim", "x\r\nx: y"):
        forged = jwt.encode(_claims(sub=name), other, "ES256")
        for _ in range(5):
            assert hub.ask("GET", path, forged, headers=headers).status_code == 401
    for _ in range(5):  # only asked who they are
        assert hub.ask("GET", path, headers=headers).status_code == 401
    karim, nobody = (hub.token("repository:cours/public:pull", who) for who in ("karim", None))
    for _ in range(5):
        absent = hub.ask("GET", "cours/public/manifests/absent", karim, headers=headers)
        assert absent.status_code == 404
    pulls = [hub.ask("GET", path, karim, headers=headers).status_code for _ in range(3)]
    assert pulls == [200, 200, 429]
    pulls = [hub.ask("GET", path, nobody, headers=headers).status_code for _ in range(2)]
    assert pulls == [200, 429]
    assert hub.ask("GET", path, headers=headers).status_code == 401, "still asked who they are"


def test_what_is_counted_is_bounded() -> None:
    counter = switches.PullCounter()
    for number in range(switches.SOURCES + 50):
        counter.headers(1, None, str(number), count=True)
    assert len(counter._pulls) == switches.SOURCES
    assert not counter.headers(1, None, str(number), count=True)[0]


def test_the_workshop_is_neither_slowed_nor_cut(hub: Hub) -> None:
    hub.turn(slow=1000, interrupt=1000)
    fresh = making.CourseImage("vite", config={}, layers=(making.layer({"a": os.urandom(50_000)}),))
    begun = time.monotonic()
    registry.push(hub.address, ["cours/vite:1"], [fresh])
    assert Reader(hub.address, hub.key).image(f"{hub.address}/cours/vite:1", "amd64")
    assert time.monotonic() - begun < 20


def test_a_slow_network_is_slow(hub: Hub) -> None:
    token = hub.token("repository:lea/app:pull,push", "lea")
    data = os.urandom(200_000)
    assert hub.upload("lea/app", token, data).status_code == 201
    hub.turn(slow=200_000)
    begun = time.monotonic()
    assert hub.ask("GET", f"lea/app/blobs/{making.digest(data)}", token).content == data
    assert 0.8 < time.monotonic() - begun < 10


def test_an_interrupted_upload_keeps_nothing_and_may_begin_again(hub: Hub) -> None:
    token = hub.token("repository:lea/app:pull,push", "lea")
    data = os.urandom(3_000_000)
    hub.turn(interrupt=1_000_000)
    with pytest.raises(requests.ConnectionError):
        hub.upload("lea/app", token, data)
    assert hub.upload("lea/app", token, data[:500_000]).status_code == 201, "small ones pass"
    hub.turn()
    assert hub.ask("HEAD", f"lea/app/blobs/{making.digest(data)}", token).status_code == 404
    assert hub.upload("lea/app", token, data).status_code == 201


# Bad days.


def test_the_course_s_images_are_known_again_when_the_accounts_are_lost() -> None:
    state = Path(tempfile.mkdtemp(prefix="atelier-"))
    try:
        address = registry.ensure(state, quiet)
        registry.push(address, ["cours/public:1", "lea/secret:1"], [IMAGE])
        assert registry.stop(state)
        for path in (state / "hub").glob("hub.db*"):
            path.unlink()
        hub = Hub(state)
        assert hub.ask("GET", "cours/public/tags/list").json()["tags"] == ["1"]
        assert hub.ask("GET", "lea/secret/tags/list").status_code == 401
    finally:
        registry.stop(state)
        shutil.rmtree(state, ignore_errors=True)


def test_without_its_registry_the_hub_says_so_and_comes_back(tmp_path: Path) -> None:
    state = Path(tempfile.mkdtemp(prefix="atelier-"))
    try:
        hub = Hub(state)
        assert process.stop(state / "hub" / "registry.pid")
        answer = hub.ask("GET", "")
        assert answer.status_code == 503
        assert answer.json()["errors"][0]["code"] == "UNAVAILABLE"
        assert registry.running(state) is None
        assert registry.ensure(state, quiet) == hub.address
        assert hub.ask("GET", "").status_code == 401
    finally:
        registry.stop(state)
        shutil.rmtree(state, ignore_errors=True)
