"""The people of the hub's tests: lea and karim, lea's organisation, a team that reads, one that
writes, private repositories."""

from pathlib import Path

from workshop.hub.store import open_store

PASSWORD = "Un-mot-de-passe-1"
SHOP = "maison/boutique"
"""A private repository of lea's organisation."""
TEAM = ("nadia", "ousmane")
"""The one who reads it, the one who writes it."""


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
