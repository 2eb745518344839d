"""The hub's web page, driven by a real browser; and what a browser never sends, by hand."""

import asyncio
import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from checks.evidence.registry import KEY_HEADER
from checks.material import making
from tests.conftest import run_script
from tests.workshop.hub.people import IMAGE, NO_IMAGES, PASSWORD, SHOP, Hub, token_of
from workshop.hub import registry
from workshop.hub.store import open_store
from workshop.hub.web import mount
from workshop.hub.web.session import SESSIONS, TRIES, Sessions
from workshop.hub.web.shown import Shelf, _recent, markdown
from workshop.lab import Lab

LOCAL = ("/", "/d/library/nginx", "/d/cours/public", "/connexion", "/inscription", "/d/nul/part")
OWN = ("/compte", "/d/lea/secret", "/o/maison", f"/d/{SHOP}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 900}, locale="fr-FR")
    yield context.new_page()
    context.close()


def sign_in(page: Page, base: str, account: str, password: str = PASSWORD) -> None:
    page.goto(f"{base}/connexion")
    page.get_by_label("Nom de compte").fill(account)
    page.get_by_label("Mot de passe").fill(password)
    page.locator("main").get_by_role("button", name="Se connecter").click()


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")


# --- a browser --------------------------------------------------------------------------------


def test_from_an_account_to_a_push_a_team_and_a_revoked_token(lab: Lab, page: Page) -> None:
    base, password = f"http://{lab.hub}", secrets.token_urlsafe(12)
    store = open_store(lab.state)
    for account in ("scott", "gerda"):
        store.create_account(account, PASSWORD)
    store.close()
    page.goto(f"{base}/inscription")
    page.get_by_label("Nom de compte").fill("nansen")
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_label("Le même, encore une fois").fill(password)
    page.get_by_role("button", name="Créer le compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("nansen")

    # A token, shown once, which the docker command line takes.
    page.get_by_label("À quoi il servira").fill("poste de quart")
    page.get_by_label("Portée").select_option(label="lecture et écriture")
    page.get_by_role("button", name="Créer le jeton").click()
    token = page.locator(".secret .commande code").inner_text()
    assert token.startswith("dckr_pat_")
    page.reload()
    assert token not in page.content()
    login = f"printf %s {token} | docker login --username nansen --password-stdin {lab.hub}"
    base_image = "$(docker images --format '{{.Repository}}:{{.Tag}}' busybox | head -n 1)"
    pushes = (
        f"docker tag {base_image} {lab.hub}/nansen/fram:1 && docker push {lab.hub}/nansen/fram:1"
    )
    code, output = run_script(lab, f"{login} && {pushes}")
    assert code == 0, output

    # The repository, which is then closed to others, and shared with a team.
    page.goto(f"{base}/compte")
    page.get_by_role("link", name="nansen/fram").click()
    digest = re.search(r"digest: (sha256:\w+)", output)
    assert digest and digest[1] in page.content()
    page.get_by_label("privé").check()
    page.get_by_role("button", name="Enregistrer la visibilité").click()
    expect(page.get_by_role("status")).to_have_text("Le dépôt est maintenant privé.")
    assert requests.get(f"{base}/d/nansen/fram", timeout=30).status_code == 404

    page.goto(f"{base}/compte")
    unfold(page)
    organisations = page.locator("section", has=page.locator("#organisations"))
    organisations.get_by_label("Nom").fill("expedition")
    page.get_by_role("button", name="Créer l’organisation").click()
    unfold(page)
    page.get_by_label("Espace").select_option("expedition")
    page.locator("#depot").fill("carnet")
    page.get_by_label("privé").check()
    page.get_by_role("button", name="Créer le dépôt").click()
    page.goto(f"{base}/o/expedition")
    page.get_by_label("Nom").fill("lecture")
    page.get_by_role("button", name="Créer l’équipe").click()
    page.get_by_label("Faire entrer un compte").fill("scott")
    page.get_by_role("button", name="Ajouter").last.click()
    page.get_by_label("Droit").select_option("lecture")
    page.get_by_role("button", name="Donner ce droit").click()
    expect(page.locator(".equipe")).to_contain_text("expedition/carnet")
    for account, status in (("scott", 200), ("gerda", 404)):
        page.context.clear_cookies()
        sign_in(page, base, account)
        answer = page.goto(f"{base}/d/expedition/carnet")
        assert answer and answer.status == status, account

    # Revoked, the token opens nothing any more.
    page.context.clear_cookies()
    sign_in(page, base, "nansen", password)
    page.get_by_role("button", name="Révoquer le jeton poste de quart").click()
    expect(page.get_by_role("status")).to_contain_text("révoqué")
    code, output = run_script(lab, f"docker logout {lab.hub} && {login}")
    assert code and "incorrect username or password" in output
    told = requests.get(f"{base}/atelier/events", headers={KEY_HEADER: str(lab.hub_key)}).json()
    actions = [event["action"] for event in told if event["account"] == "nansen"]
    assert {"page-login", "token-created", "push", "visibility-changed", "token-revoked"} <= {
        *actions
    }
    assert not page.content().count(password)


AWKWARD = f"""### Le ~~phare~~

# Premier titre

#

![un & deux](http://ailleurs.example/x.png) et [](http://ailleurs.example/?a=1&b=2)

https://ailleurs.example/{"tres-long" * 30}

`{"x" * 200}`

```
{"docker run --rm " * 20}
```

| {" | ".join("colonne" for _ in range(20))} | |
|{"---|:-:|" * 10}---|
| {" | ".join("cellule" for _ in range(20))} | |
"""


def test_every_page_is_accessible_protected_and_alone(hub: Hub, page: Page) -> None:
    store = open_store(hub.state)
    store.describe("lea/secret", AWKWARD)
    store.close()
    hub.put("lea/secret:sbom", NO_IMAGES["sbom"])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, hub.url, "lea")
    pages = [*OWN, "/"]
    for visit in (pages, LOCAL):
        for path in visit:
            answer = page.goto(f"{hub.url}{path}")
            assert answer
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
            unfold(page)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)
                found = Axe().run(page).response["violations"]
                assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], (path, scheme)
            page.set_viewport_size({"width": 375, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 375, (path, wide)
            page.set_viewport_size({"width": 1100, "height": 900})
        page.get_by_role("button", name="Se déconnecter").click() if visit is pages else None
    assert [url for url in asked if not url.startswith((hub.url, "data:"))] == []


def test_it_works_from_the_keyboard_and_without_a_script(hub: Hub, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{hub.url}/connexion")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "Aller au contenu"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("lea")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("lea")
    assert not page.get_by_role("button", name="Copier").count()
    page.get_by_role("searchbox").fill("nginx")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 dépôt")
    context.close()


def test_a_description_is_markdown_that_does_no_harm(hub: Hub, page: Page) -> None:
    sign_in(page, hub.url, "lea")
    page.goto(f"{hub.url}/d/lea/secret")
    page.get_by_label("Description").fill(
        "Le **secret**.\n\n<script>alert(1)</script> [ici](javascript:alert(1)) "
        "![vu](http://ailleurs.example/x.png)"
    )
    page.get_by_role("button", name="Enregistrer la description").click()
    shown = page.locator(".description")
    expect(shown.locator("strong")).to_have_text("secret")
    assert shown.locator("script, img").count() == 0
    assert "javascript" not in shown.inner_html().partition("href")[2].partition(">")[0]


def test_a_tag_that_is_no_image_spoils_no_page(hub: Hub) -> None:
    registry.push(hub.address, ["cours/melange:1"], [IMAGE])
    for tag, document in NO_IMAGES.items():
        hub.put(f"cours/melange:{tag}", document)
    visit = Visit(hub)
    shown = visit.get(f"{hub.url}/d/cours/melange")
    assert shown.status_code == 200 and "melange:1</h2>" in shown.text, "an image comes first"
    assert shown.text.count("pas une image") == len(NO_IMAGES)
    for tag in NO_IMAGES:
        shown = visit.get(f"{hub.url}/d/cours/melange?tag={tag}")
        assert shown.status_code == 200 and "ne désigne pas une image" in shown.text
    registry.delete(hub.address, "cours/melange:1")
    assert "ne désigne pas une image" in visit.get(f"{hub.url}/d/cours/melange").text


def test_an_image_of_a_strange_config_spoils_no_page(hub: Hub) -> None:
    strange = making.CourseImage(
        "etrange", config={"Cmd": 5, "Entrypoint": "x", "User": [1]}, layers=IMAGE.layers
    )
    registry.push(hub.address, ["cours/etrange:1"], [strange])
    assert requests.get(f"{hub.url}/d/cours/etrange", timeout=30).status_code == 200


def test_a_wrong_address_is_answered_in_french(hub: Hub) -> None:
    visit = Visit(hub)
    visit.sign_in("lea")
    kind = "application/x-www-form-urlencoded; charset=foo"
    for status, words, answer in (
        (404, "Cette page n’existe pas", visit.get(f"{hub.url}/nimporte")),
        (404, "Cette page n’existe pas", visit.get(f"{hub.url}/web/../../key")),
        (405, "recevoir un formulaire", visit.get(f"{hub.url}/compte/jetons")),
        (405, "recevoir un formulaire", visit.get(f"{hub.url}/o/maison/equipes")),
        (400, "ne comprend pas", visit.post(f"{hub.url}/connexion", b"a", headers={
            "Content-Type": kind})),
        (413, "trop gros", visit.post(f"{hub.url}/connexion", {"a": "x" * (2 << 20)})),
    ):  # fmt: skip
        assert answer.status_code == status and words in answer.text, (status, answer.text)
        assert "lea" in answer.text and "Content-Security-Policy" in answer.headers
    many = visit.get(f"{hub.url}/d/lea/secret?page={'9' * 5000}")
    assert many.status_code == 200
    told = visit.submit("/compte/jetons", nom="x", portee="read", jours="9" * 5000)
    assert told.status_code == 422 and "en jours" in told.text
    for path in ("/%ff", "/d/%ff/x", "/d/a/%00", "/o/%ed%a0%80", "/?q=%ff", "/nimporte%0d%0a"):
        answer = visit.get(hub.url + path)
        assert answer.status_code in (200, 404) and "Le hub" in answer.text, path


def test_what_nobody_foresaw_is_told_in_french(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hub: Hub
) -> None:
    async def page() -> tuple[int, str]:
        store, app = open_store(hub.state), web.Application()
        mount(app, store, Shelf(hub.address, hub.key), sign_up=True)
        monkeypatch.setattr(store, "search", lambda *_: 1 / 0)
        async with TestClient(TestServer(app)) as client:
            answer = await client.get("/")
            return answer.status, await answer.text()

    with ThreadPoolExecutor(1) as pool:  # Playwright has a loop of its own in this thread
        status, text = pool.submit(asyncio.run, page()).result()
    assert status == 500 and "erreur inattendue" in text
    assert "ZeroDivisionError" in capsys.readouterr().err, "the hub's log has it"


def test_nobody_is_signed_out_by_strangers(hub: Hub) -> None:
    visit = Visit(hub)
    visit.sign_in("lea")
    form = Visit(hub)
    mark = form.form()
    sessions = Sessions()
    lea, karim = sessions.start("lea", "m"), sessions.start("karim", "m")
    for _ in range(50_000):
        sessions.start()
    assert sessions.find(lea.id) is lea
    for _ in range(SESSIONS):
        sessions.start("karim", "m")
    kept = sessions.find(karim.id)
    assert kept and kept.account is None, "only one's own visits are limited"
    assert sessions.find(lea.id) is lea
    with requests.Session() as stranger:
        for _ in range(200):
            stranger.get(hub.url, timeout=30)
            stranger.cookies.clear()
    assert "Connectez-vous" not in visit.get(f"{hub.url}/compte").text
    answer = form.post(f"{hub.url}/connexion", {"formulaire": mark, "compte": "x"})
    assert answer.status_code == 401, "the form was still good"


def test_a_visit_does_not_outlive_its_password(hub: Hub) -> None:
    store = open_store(hub.state)
    store.create_account("ambre", PASSWORD)
    first, second = Visit(hub), Visit(hub)
    for visit in (first, second):
        visit.sign_in("ambre")
        assert "Connectez-vous" not in visit.get(f"{hub.url}/compte").text
    changed = first.submit("/compte/mot-de-passe", ancien=PASSWORD, nouveau="Un-autre-secret-7")
    assert changed.status_code == 303
    assert "Connectez-vous" not in first.get(f"{hub.url}/compte").text, "who changed it stays"
    assert "Connectez-vous" in second.get(f"{hub.url}/compte").text
    store.change_password("ambre", PASSWORD)  # as the shell does
    assert "Connectez-vous" in first.get(f"{hub.url}/compte").text
    store.close()


# --- what a browser never sends -----------------------------------------------------------------


class Visit(requests.Session):
    """A client that keeps its cookie, and finds the mark that forms must carry."""

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self.base = hub.url

    def form(self, path: str = "/connexion") -> str:
        found = re.search(r'name="formulaire" value="([^"]+)"', self.get(self.base + path).text)
        assert found
        return found[1]

    def submit(self, path: str, **fields: str) -> requests.Response:
        data = {"formulaire": self.form()} | {k.replace("_", "-"): v for k, v in fields.items()}
        return self.post(self.base + path, data, allow_redirects=False)

    def sign_in(self, account: str, password: str = PASSWORD) -> requests.Response:
        return self.submit("/connexion", compte=account, mot_de_passe=password)


def test_a_form_that_does_not_come_from_the_page_changes_nothing(hub: Hub) -> None:
    visit, other = Visit(hub), Visit(hub)
    assert visit.sign_in("lea").status_code == 303
    made = {"nom": "volé", "portee": "read"}
    target = f"{hub.url}/compte/jetons"
    for formulaire in ("", "x", other.form()):
        answer = visit.post(target, made | {"formulaire": formulaire}, allow_redirects=False)
        assert answer.status_code == 403 and "rien n’a été changé" in answer.text
    answer = visit.post(
        target, made | {"formulaire": visit.form("/compte")}, allow_redirects=False,
        headers={"Origin": "https://ailleurs.example"},
    )  # fmt: skip
    assert answer.status_code == 403
    assert "volé" not in visit.get(f"{hub.url}/compte").text


def test_the_cookie_is_out_of_reach_and_changes_at_sign_in(hub: Hub) -> None:
    visit = Visit(hub)
    visit.form()
    before = str(visit.cookies["hub_session"])
    answer = visit.sign_in("karim")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and before not in cookie
    stolen = requests.get(f"{hub.url}/compte", cookies={"hub_session": before})
    assert "Connectez-vous" in stolen.text
    visit.post(f"{hub.url}/deconnexion", {"formulaire": visit.form("/compte")})
    opened = cookie.partition("=")[2].partition(";")[0]
    closed = requests.get(f"{hub.url}/compte", cookies={"hub_session": opened})
    assert "Connectez-vous" in closed.text


def test_guesses_are_slowed_down_and_a_token_is_no_password(hub: Hub) -> None:
    visit = Visit(hub)
    answer = visit.sign_in("ousmane", token_of(hub.state, "ousmane", "read"))
    assert answer.status_code == 401 and "demande le mot de passe" in answer.text
    unknown = visit.sign_in("personne", "n’importe quoi").text
    assert "Nom de compte ou mot de passe incorrect" in unknown
    for _ in range(TRIES - 1):
        assert visit.sign_in("ousmane", "faux").status_code == 401
    answer = visit.sign_in("ousmane")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert "Trop d’essais refusés" in answer.text
    assert visit.sign_in("karim").status_code == 303, "the others are not kept waiting"


def test_what_cannot_be_is_said_in_french(hub: Hub) -> None:
    visit = Visit(hub)

    def signs_up(compte: str, mot: str, encore: str | None = None) -> str:
        answer = visit.submit("/inscription", compte=compte, mot_de_passe=mot, encore=encore or mot)
        assert answer.status_code == 422
        return answer.text

    assert "n’est pas un nom possible" in signs_up("Léa", PASSWORD)
    assert "est déjà pris" in signs_up("lea", PASSWORD)
    assert "au moins 9 caractères" in signs_up("roald", "court")
    assert "se devine" in signs_up("roald", "roald-roald-1")
    assert "diffèrent" in signs_up("roald", PASSWORD, "autre chose")
    visit.sign_in("lea")
    told = visit.submit("/compte/depots", espace="lea", nom="Pas Bon")
    assert told.status_code == 422 and "n’est pas un nom de dépôt" in told.text
    told = visit.submit("/compte/depots", espace="karim", nom="bon")
    assert told.status_code == 422 and "n’est pas le vôtre" in told.text
    told = visit.submit("/compte/jetons", nom="x", portee="tout", jours="5")
    assert told.status_code == 422 and "Portée inconnue" in told.text
    told = visit.submit("/compte/jetons", nom="x", portee="read", jours="-1")
    assert told.status_code == 422 and "en jours" in told.text


def test_only_those_who_may_change_things_do(hub: Hub) -> None:
    """By hand: what the pages do not offer."""
    member, stranger = Visit(hub), Visit(hub)
    member.sign_in("nadia")
    stranger.sign_in("karim")
    answers = {
        visit: [
            visit.submit(f"/d/{SHOP}/visibilite", visibilite="public").status_code,
            visit.submit(f"/d/{SHOP}/description", description="à moi").status_code,
            visit.submit("/o/maison/equipes", equipe="pirates").status_code,
            visit.submit("/o/maison/membres", equipe="ecriture", compte="nadia").status_code,
            visit.submit(
                "/o/maison/droits", equipe="lecture", depot=SHOP, niveau="admin"
            ).status_code,
            visit.submit("/o/maison/proprietaires", compte="nadia").status_code,
        ]
        for visit in (member, stranger)
    }
    assert answers[member] == [422] * 6
    assert answers[stranger] == [404] * 6
    nobody = Visit(hub)
    asked = nobody.submit(f"/d/{SHOP}/visibilite", visibilite="public").headers["Location"]
    assert asked.startswith("/connexion")
    store = open_store(hub.state)
    (shop,) = [r for r in store.repositories(store.on_behalf("lea")) if r["name"] == SHOP]
    assert shop["private"]
    assert store.owners("maison") == ["lea"]
    told = store.state(None)["organisations"]["maison"]["teams"]
    assert told["ecriture"]["members"] == ["ousmane"] and "pirates" not in told
    store.close()


def test_a_repository_of_many_tags_is_paged(hub: Hub) -> None:
    registry.push(hub.address, [f"cours/journal:1.{n}" for n in range(45)], [IMAGE])
    first = requests.get(f"{hub.url}/d/cours/journal", timeout=60).text
    assert "45 tags" in first and "Page 1 sur 3" in first
    assert first.index("?tag=1.44") < first.index("?tag=1.43")
    last = requests.get(f"{hub.url}/d/cours/journal?page=99", timeout=60).text
    assert "Page 3 sur 3" in last and "?tag=1.0&" in last
    asked = requests.get(f"{hub.url}/d/cours/journal?tag=1.7", timeout=60).text
    assert "journal:1.7</h2>" in asked
    assert requests.get(f"{hub.url}/d/cours/journal?tag=non", timeout=60).status_code == 404


# --- small things ---------------------------------------------------------------------------------


def test_versions_are_sorted_as_people_do() -> None:
    tags = ["1.9", "1.10", "latest", "1.10-rc", "2", "bookworm"]
    assert sorted(tags, key=_recent, reverse=True)[:4] == ["latest", "2", "1.10-rc", "1.10"]


def test_markdown_keeps_its_titles_below_the_page() -> None:
    assert markdown("# Titre") == "<h2>Titre</h2>\n"
    told = markdown("### Un\n\n# Deux\n\n##### Trois\n\n#")
    assert re.findall(r"<(h\d)", told) == ["h2", "h2", "h3"], "none is skipped, none is empty"


def test_markdown_is_escaped_once() -> None:
    assert markdown("![un & deux](x)") == "<p><em>un &amp; deux</em></p>\n"
    assert 'href="http://x/?a=1&amp;b=2"' in markdown("[q](http://x/?a=1&b=2)")
    assert markdown("![<b>](x)") == "<p><em>&lt;b&gt;</em></p>\n"


def test_the_page_has_nothing_inline() -> None:
    templates = Path(registry.__file__).parent / "web" / "templates"
    for path in templates.glob("*.html"):
        assert not re.search(r"\son\w+=|\sstyle=|<script(?! src=\"/web/)|https?:", path.read_text())
