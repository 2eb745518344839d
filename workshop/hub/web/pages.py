"""The pages and their forms. A form changes something, then sends back to a page."""

from __future__ import annotations

import asyncio
import math
import re
import sys
import time
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from checks.outcome import EnvironmentProblem
from checks.typography import french, octets, plural
from workshop.hub.proxy import source
from workshop.hub.store import LEVEL_NAMES, Caller, Refused, Store
from workshop.hub.web.session import COOKIE, LIFETIME, Patience, Session, Sessions, read_form
from workshop.hub.web.shown import TAGS_PER_PAGE, Shelf, Shown, markdown
from workshop.lab import ROOT

HERE = Path(__file__).parent
FONTS = ROOT / "publish" / "theme" / "assets" / "polices"
LOGO = ROOT / "publish" / "theme" / "assets" / "logo.svg"
POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: nothing inline, nothing from elsewhere."""
SCOPE_NAMES = {
    "read": "lecture",
    "read-write": "lecture et écriture",
    "read-write-delete": "lecture, écriture et suppression",
}
WRONG = {
    404: "Cette page n'existe pas.",
    405: "Cette adresse ne fait que recevoir un formulaire : il n'y a rien à y voir.",
    413: "Ce formulaire est trop gros.",
    500: "Le hub a rencontré une erreur inattendue. Recommencez ; si cela dure, lancez `./atelier "
    "fermer`, puis `./atelier ouvrir` : rien n'est perdu.",
}
"""What is said of an answer without a page of its own, by its status."""
OTHERS = ("/v2", "/v1", "/auth", "/atelier")
"""Where clients ask, not browsers."""
FOUND_PER_PAGE = 60

Handler = Callable[[Any, web.Request, Session, Any], Awaitable[web.StreamResponse]]


def mount(app: web.Application, store: Store, shelf: Shelf, *, sign_up: bool) -> None:
    """Add the pages to the hub. `sign_up`: whether anybody may make an account there."""
    pages = _Pages(store, shelf, sign_up=sign_up)
    for path, page in {
        "/": pages.explore,
        "/connexion": pages.sign_in_page,
        "/inscription": pages.sign_up_page,
        "/compte": pages.account,
        "/d/{space}/{name}": pages.repository,
        "/o/{organisation}": pages.organisation,
    }.items():
        app.router.add_get(path, page)
    for path, action in {
        "/connexion": pages.sign_in,
        "/inscription": pages.sign_up,
        "/deconnexion": pages.sign_out,
        "/compte/mot-de-passe": pages.change_password,
        "/compte/jetons": pages.create_token,
        "/compte/jetons/revoquer": pages.revoke_token,
        "/compte/depots": pages.create_repository,
        "/compte/organisations": pages.create_organisation,
        "/d/{space}/{name}/visibilite": pages.set_visibility,
        "/d/{space}/{name}/description": pages.describe,
        "/o/{organisation}/equipes": pages.create_team,
        "/o/{organisation}/membres": pages.set_member,
        "/o/{organisation}/droits": pages.grant,
        "/o/{organisation}/proprietaires": pages.set_owner,
    }.items():
        app.router.add_post(path, action)
    app.router.add_static("/web", HERE / "static")
    if FONTS.is_dir():
        app.router.add_static("/polices", FONTS)

    async def logo(request: web.Request) -> web.StreamResponse:
        if not LOGO.exists():
            raise web.HTTPNotFound
        return web.FileResponse(LOGO)

    app.router.add_get("/logo.svg", logo)
    app.on_response_prepare.append(_protect)
    app.middlewares.append(pages.told)


async def _protect(request: web.Request, answer: web.StreamResponse) -> None:
    """The headers of everything that a browser shows."""
    if request.path.startswith(OTHERS):
        return
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if answer.content_type == "text/html":
        answer.headers["Cache-Control"] = "no-store"


def _shown(handler: Handler) -> Callable[[Any, web.Request], Awaitable[web.StreamResponse]]:
    """A page: finds the session, and turns what goes wrong into a page too."""

    @wraps(handler)
    async def page(self: _Pages, request: web.Request) -> web.StreamResponse:
        session, fresh = self.visit(request)
        form: Any = {}
        try:
            if request.method == "POST":
                form = await read_form(request)
                origin = request.headers.get("Origin")
                if not session.sent_by_us(str(form.get("formulaire", ""))) or (
                    origin and origin.partition("://")[2] != request.host
                ):
                    answer: web.StreamResponse = self.problem(
                        session,
                        request,
                        403,
                        "Ce formulaire ne vient pas de cette page, ou il est resté ouvert trop "
                        "longtemps. Revenez en arrière, rechargez la page, puis recommencez : rien "
                        "n'a été changé.",
                    )
                    return self.with_cookie(answer, request, session, fresh)
            answer = await handler(self, request, session, form)
        except _Missing as missing:
            answer = self.problem(session, request, 404, str(missing))
        except Refused as refused:
            answer = self.problem(session, request, 422, str(refused))
        except EnvironmentProblem as problem:
            answer = self.problem(session, request, 503, str(problem))
        return self.with_cookie(answer, request, session, fresh)

    return page


def _signed_in(handler: Handler) -> Handler:
    """A page for those who signed in; others are sent to do so first."""

    @wraps(handler)
    async def page(
        self: _Pages, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        if session.account is None:
            return web.HTTPSeeOther("/connexion?d-abord")
        return await handler(self, request, session, form)

    return page


class _Missing(Exception):
    """There is no such page for whoever asks; the message says so (French)."""


class _Pages:
    """The handlers."""

    def __init__(self, store: Store, shelf: Shelf, *, sign_up: bool) -> None:
        self.store = store
        self.shelf = shelf
        self.may_sign_up = sign_up
        self.sessions = Sessions()
        self.patience = Patience()
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters |= {
            "said": _said,
            "octets": octets,
            "day": _day,
            "markdown": markdown,
            "short": lambda digest: digest[:19],
        }
        self.templates.globals |= {
            "plural": plural,
            "scopes": SCOPE_NAMES,
            "levels": LEVEL_NAMES,
            "sign_up": sign_up,
            "now": time.time,
        }

    def visit(self, request: web.Request) -> tuple[Session, bool]:
        """The visitor's session, and whether it is new. It does not outlive its password."""
        session = self.sessions.find(request.cookies.get(COOKIE))
        account = session.account if session else None
        if session and account and session.mark != self.store.password_mark(account):
            self.sessions.end(session)
            session = None
        return session or self.sessions.start(), session is None

    @web.middleware
    async def told(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Turn what has no page, and what nobody foresaw, into a page."""
        if request.path.startswith(OTHERS):
            answer: web.StreamResponse = await handler(request)
            return answer
        try:
            answer = await handler(request)
            return answer
        except web.HTTPException as error:
            if error.status < 400:
                raise
            status = error.status
        except Exception:
            traceback.print_exc(file=sys.stderr)
            status = 500
        session, fresh = self.visit(request)
        words = WRONG.get(status, "Le hub ne comprend pas cette demande.")
        return self.with_cookie(
            self.problem(session, request, status, words), request, session, fresh
        )

    # Looking.

    @_shown
    async def explore(self, request: web.Request, session: Session, form: Any) -> web.Response:
        """Search, or everything that one may see."""
        words = request.query.get("q", "").strip()[:100]
        caller = _caller(session)
        found = await asyncio.to_thread(self.store.search, caller, words, FOUND_PER_PAGE)
        for each in found:
            each["path"] = each["name"] if "/" in each["name"] else f"library/{each['name']}"
        private = {r["name"] for r in self.store.repositories(caller) if r["private"]}
        return self.page(
            session, request, "explorer.html", words=words, found=found, private=private
        )

    @_shown
    async def repository(self, request: web.Request, session: Session, form: Any) -> web.Response:
        """One repository: what it is for, its tags, the layers of one of them."""
        row = self._visible(request, session)
        name = row["name"]
        tags = await asyncio.to_thread(self.shelf.tags, name)
        pages = max(1, math.ceil(len(tags) / TAGS_PER_PAGE))
        asked = request.query.get("page", "1")
        number = min(pages, max(1, int(asked) if _small(asked) else 1))
        shown_tags = tags[(number - 1) * TAGS_PER_PAGE : number * TAGS_PER_PAGE]
        images = await asyncio.to_thread(self.shelf.images, name, shown_tags)
        wanted = request.query.get("tag")
        chosen: Shown | None = next((i for i in images if i.is_image), next(iter(images), None))
        if wanted:
            chosen = next((image for image in images if image.tag == wanted), None)
            if chosen is None and wanted in tags:
                found = await asyncio.to_thread(self.shelf.images, name, [wanted])
                chosen = next(iter(found), None)
            if chosen is None:
                raise _Missing(f"`{name}` n'a pas de tag « {wanted} ».")
        return self.page(
            session, request, "depot.html",
            repository=row, images=images, chosen=chosen, tags=len(tags), number=number,
            pages=pages, host=request.host, reference=name.removeprefix("library/"),
            administers=self.store.administers(_caller(session), name),
        )  # fmt: skip

    def _visible(self, request: web.Request, session: Session) -> dict[str, Any]:
        """The repository that the address names. What is private to others does not exist."""
        name = f"{request.match_info['space']}/{request.match_info['name']}"
        for row in self.store.repositories(_caller(session)):
            if row["name"] == name:
                return row
        raise _Missing(f"Le dépôt `{name}` n'existe pas, ou il est privé.")

    # Coming and going.

    @_shown
    async def sign_in_page(self, request: web.Request, session: Session, form: Any) -> web.Response:
        """The form to sign in."""
        if "d-abord" in request.query:
            session.notice = "Connectez-vous d'abord."
        return self.page(session, request, "connexion.html", account="")

    @_shown
    async def sign_in(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """Open a session, under an id that nobody knew before."""
        address = source(request)
        async with self.patience.turn(address):
            return await self._sign_in(request, session, form, address)

    async def _sign_in(
        self, request: web.Request, session: Session, form: Any, address: str
    ) -> web.StreamResponse:
        account, secret = _text(form, "compte").lower(), str(form.get("mot-de-passe", ""))
        if wait := self.patience.wait(address, account):
            minutes = plural(math.ceil(wait / 60), "minute")
            answer = self.page(
                session, request, "connexion.html", status=429, account=account,
                problem=f"Trop d'essais refusés : attendez {minutes} avant de recommencer.",
            )  # fmt: skip
            answer.headers["Retry-After"] = str(math.ceil(wait))
            return answer
        mark = self.store.password_mark(account)
        caller = await asyncio.to_thread(self.store.sign_in, account, secret)
        if caller is None or caller.token:
            self.patience.refused(address, account)
            self.store.signed_in(account, accepted=False, on_page=True)
            problem = (
                "Un jeton sert à `docker login` : cette page demande le mot de passe."
                if caller
                else "Nom de compte ou mot de passe incorrect."
            )
            return self.page(
                session, request, "connexion.html", status=401, account=account, problem=problem
            )
        self.patience.forgive(address, account)
        self.store.signed_in(account, accepted=True, on_page=True)
        return self._opened(request, session, account, mark)

    def _opened(
        self, request: web.Request, session: Session, account: str, mark: str
    ) -> web.StreamResponse:
        self.sessions.end(session)
        opened = self.sessions.start(account, mark)
        return self.with_cookie(web.HTTPSeeOther("/compte"), request, opened, fresh=True)

    @_shown
    async def sign_up_page(self, request: web.Request, session: Session, form: Any) -> web.Response:
        """The form to make an account."""
        return self.page(session, request, "inscription.html", account="")

    @_shown
    async def sign_up(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """Make an account, and open its session."""
        account, secret = _text(form, "compte"), str(form.get("mot-de-passe", ""))
        if not self.may_sign_up:
            raise Refused(
                "Sur un hub ouvert au réseau, les comptes sont faits par qui l'a ouvert : "
                "demandez-lui le vôtre."
            )
        try:
            if secret != str(form.get("encore", "")):
                raise Refused("Les deux mots de passe diffèrent.")
            await asyncio.to_thread(self.store.create_account, account, secret)
        except Refused as refused:
            return self.page(
                session, request, "inscription.html", status=422, account=account,
                problem=str(refused),
            )  # fmt: skip
        return self._opened(request, session, account, self.store.password_mark(account))

    @_shown
    async def sign_out(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """End the session."""
        self.sessions.end(session)
        answer = web.HTTPSeeOther("/")
        answer.del_cookie(COOKIE, path="/")
        return answer

    # My account.

    @_shown
    @_signed_in
    async def account(self, request: web.Request, session: Session, form: Any) -> web.Response:
        """Repositories, tokens, organisations."""
        return self._account_page(session, request)

    def _account_page(
        self, session: Session, request: web.Request, *, status: int = 200, problem: str = ""
    ) -> web.Response:
        caller = _caller(session)
        told = self.store.state(caller)
        mine = [
            {"name": name, **row}
            for name, row in told["repositories"].items()
            if self.store.administers(caller, name)
        ]
        organisations = told["organisations"]
        owned = [n for n, each in organisations.items() if session.account in each["owners"]]
        return self.page(
            session, request, "compte.html", status=status, problem=problem,
            repositories=mine, tokens=told["tokens"], organisations=organisations, owned=owned,
            host=request.host,
        )  # fmt: skip

    async def _change(
        self, session: Session, request: web.Request, notice: str, change: Callable[[], Any]
    ) -> web.StreamResponse:
        """Change something of one's account, then show it."""
        try:
            await asyncio.to_thread(change)
        except Refused as refused:
            return self._account_page(session, request, status=422, problem=str(refused))
        session.notice = notice
        return web.HTTPSeeOther("/compte")

    @_shown
    @_signed_in
    async def change_password(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """Another password; other visits of this account end."""
        account = str(session.account)

        def change() -> None:
            caller = self.store.sign_in(account, str(form.get("ancien", "")))
            if caller is None or caller.token:
                raise Refused("Le mot de passe actuel n'est pas celui-là.")
            self.store.change_password(account, str(form.get("nouveau", "")), by=account)
            session.mark = self.store.password_mark(account)

        return await self._change(
            session, request, "Votre mot de passe est changé. Vos jetons restent valables.", change
        )

    @_shown
    @_signed_in
    async def create_token(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """A token, whose secret the next page shows, once."""
        account, days = str(session.account), _text(form, "jours")

        def create() -> None:
            if days and not (_small(days) and 1 <= int(days) <= 3650):
                raise Refused("La durée se compte en jours, de 1 à 3650.")
            _, session.secret = self.store.create_token(
                account, _text(form, "nom"), _text(form, "portee"), days=int(days) if days else None
            )

        return await self._change(session, request, "Le jeton est créé.", create)

    @_shown
    @_signed_in
    async def revoke_token(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """Make a token worthless."""
        account, id = str(session.account), _text(form, "jeton")
        return await self._change(
            session, request, "Le jeton est révoqué : il n'ouvre plus rien.",
            lambda: self.store.revoke_token(account, id),
        )  # fmt: skip

    @_shown
    @_signed_in
    async def create_repository(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """An empty repository, in one's own namespace or that of an organisation one owns."""
        account, space = str(session.account), _text(form, "espace")
        name = f"{space}/{_text(form, 'nom')}"

        def create() -> None:
            if space != account and account not in self.store.owners(space):
                raise Refused(f"L'espace « {space} » n'est pas le vôtre.")
            self.store.create_repository(name, private="prive" in form, by=account)

        return await self._change(session, request, f"Le dépôt `{name}` est créé.", create)

    @_shown
    @_signed_in
    async def create_organisation(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """An organisation that one owns."""
        name = _text(form, "nom")
        return await self._change(
            session, request, f"L'organisation « {name} » est créée.",
            lambda: self.store.create_organisation(name, str(session.account)),
        )  # fmt: skip

    # A repository that I administer.

    @_shown
    @_signed_in
    async def set_visibility(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """Private, or public."""
        name, private = self._administered(request, session), _text(form, "visibilite") == "prive"
        await asyncio.to_thread(self.store.set_private, name, private, by=session.account)
        session.notice = f"Le dépôt est maintenant {'privé' if private else 'public'}."
        return web.HTTPSeeOther(f"/d/{name}")

    @_shown
    @_signed_in
    async def describe(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """What the repository is for."""
        name, text = self._administered(request, session), str(form.get("description", ""))
        text = text.replace("\r\n", "\n").strip()
        await asyncio.to_thread(self.store.describe, name, text, by=session.account)
        session.notice = "La description est enregistrée."
        return web.HTTPSeeOther(f"/d/{name}")

    def _administered(self, request: web.Request, session: Session) -> str:
        name = str(self._visible(request, session)["name"])
        if not self.store.administers(_caller(session), name):
            raise Refused(f"Vous n'administrez pas `{name}`.")
        return name

    # An organisation.

    @_shown
    @_signed_in
    async def organisation(self, request: web.Request, session: Session, form: Any) -> web.Response:
        """Its owners, its teams, what they may do."""
        name, told = self._known(request, session)
        repositories = [
            row["name"]
            for row in self.store.repositories(_caller(session))
            if row["name"].startswith(f"{name}/")
        ]
        return self.page(
            session, request, "organisation.html",
            name=name, organisation=told, repositories=repositories,
            owner=session.account in told["owners"],
        )  # fmt: skip

    def _known(self, request: web.Request, session: Session) -> tuple[str, dict[str, Any]]:
        """The organisation of the address, for its owners and members."""
        name = request.match_info["organisation"]
        told = self.store.state(_caller(session))["organisations"].get(name)
        if told is None:
            raise _Missing(f"L'organisation « {name} » n'existe pas, ou vous n'en êtes pas.")
        return name, told

    async def _owner_changes(
        self, request: web.Request, session: Session, notice: str, change: Callable[[str], Any]
    ) -> web.StreamResponse:
        """Change something of the organisation, which owners only may."""
        name, told = self._known(request, session)
        if session.account not in told["owners"]:
            raise Refused(f"Seuls les propriétaires de « {name} » peuvent faire cela.")
        await asyncio.to_thread(change, name)
        session.notice = notice
        return web.HTTPSeeOther(f"/o/{name}")

    @_shown
    @_signed_in
    async def create_team(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """A team, empty."""
        team = _text(form, "equipe")
        return await self._owner_changes(
            request, session, f"L'équipe « {team} » est créée.",
            lambda name: self.store.create_team(name, team, by=session.account),
        )  # fmt: skip

    @_shown
    @_signed_in
    async def set_member(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """Into a team, or out of it."""
        team, account = _text(form, "equipe"), _text(form, "compte").lower()
        member = _text(form, "geste") != "retirer"
        notice = f"« {account} » {'entre dans' if member else 'quitte'} l'équipe « {team} »."
        return await self._owner_changes(
            request, session, notice,
            lambda name: self.store.set_member(
                name, team, account, member=member, by=session.account
            ),
        )  # fmt: skip

    @_shown
    @_signed_in
    async def grant(self, request: web.Request, session: Session, form: Any) -> web.StreamResponse:
        """What a team may do to a repository."""
        team, repository = _text(form, "equipe"), _text(form, "depot")
        level = _text(form, "niveau") or None
        told = LEVEL_NAMES.get(level or "", "aucun")
        return await self._owner_changes(
            request, session, f"Droit de l'équipe « {team} » sur `{repository}` : {told}.",
            lambda name: self.store.grant(name, team, repository, level, by=session.account),
        )  # fmt: skip

    @_shown
    @_signed_in
    async def set_owner(
        self, request: web.Request, session: Session, form: Any
    ) -> web.StreamResponse:
        """One more owner, or one less."""
        account, owner = _text(form, "compte").lower(), _text(form, "geste") != "retirer"
        word = "est maintenant" if owner else "n'est plus"
        return await self._owner_changes(
            request, session, f"« {account} » {word} propriétaire.",
            lambda name: self.store.set_owner(name, account, owner=owner, by=session.account),
        )  # fmt: skip

    # Answers.

    def page(
        self,
        session: Session,
        request: web.Request,
        template: str,
        *,
        status: int = 200,
        problem: str = "",
        **values: Any,
    ) -> web.Response:
        """A page for that visitor. Its notice and its secret are shown this once."""
        notice, secret = session.take()
        text = self.templates.get_template(template).render(
            visitor=session.account, form=session.form, notice=notice, secret=secret,
            problem=problem, path=request.path, **values,
        )  # fmt: skip
        return web.Response(text=text, status=status, content_type="text/html")

    def problem(
        self, session: Session, request: web.Request, status: int, text: str
    ) -> web.Response:
        """A page that says what went wrong, and nothing else."""
        return self.page(session, request, "probleme.html", status=status, problem=text)

    def with_cookie(
        self, answer: web.StreamResponse, request: web.Request, session: Session, fresh: bool
    ) -> web.StreamResponse:
        """The answer, which gives the visitor's cookie when it is new."""
        if fresh and COOKIE not in answer.cookies:
            answer.set_cookie(
                COOKIE, session.id, path="/", httponly=True, samesite="Lax",
                secure=request.secure, max_age=int(LIFETIME),
            )  # fmt: skip
        return answer


def _caller(session: Session) -> Caller | None:
    return Caller(session.account) if session.account else None


def _text(form: Any, name: str) -> str:
    """A field of a form; a file there counts as nothing."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _small(text: str) -> bool:
    """Whether this is a number, and not one that is made to be long to read."""
    return text.isdecimal() and len(text) < 10


def _said(text: str) -> Markup:
    """A message as HTML: French typography, and code between backquotes."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(french(text))))  # noqa: S704


def _day(moment: float | None) -> str:
    return datetime.fromtimestamp(moment).strftime("%d/%m/%Y") if moment else ""
