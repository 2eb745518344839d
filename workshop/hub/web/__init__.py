"""The hub's web page: explore, a repository, my account, my organisations.

French, no script needed, nothing from another host. What may be done is decided by
`workshop.hub.store`, as everywhere.
"""

from workshop.hub.web.pages import mount

__all__ = ["mount"]
