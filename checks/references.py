"""Image references: what two names must share to be the same name.

Grammar: distribution/reference (`[host[:port]/]path[:tag][@digest]`); the defaults are those of
the Docker engine (`docker.io`, `library/`, `latest`).
"""

from collections.abc import Sequence


def normalise(reference: str) -> str:
    """The short, explicit form of `reference`: no `docker.io/library/`, always a tag or a digest.

    Podman's `localhost/` prefix is dropped; `localhost:5000/…` is a registry and stays.
    """
    name, _, digest = reference.partition("@")
    head, slash, last = name.rpartition("/")
    path, colon, tag = last.partition(":")
    name = head + slash + path
    for prefix in ("docker.io/", "index.docker.io/"):
        name = name.removeprefix(prefix)
    for prefix in ("library/", "localhost/"):
        name = name.removeprefix(prefix)
    if digest:
        return f"{name}@{digest}"
    return f"{name}:{tag if colon else 'latest'}"


def rehosted(reference: str, addresses: Sequence[str]) -> str:
    """`reference`, at the first of the hub's `addresses` when it names one of the others."""
    host, slash, path = reference.partition("/")
    return f"{addresses[0]}/{path}" if slash and host in addresses[1:] else reference


def repository(reference: str) -> str:
    """The repository part of `reference`, normalised."""
    name = normalise(reference).partition("@")[0]
    head, slash, last = name.rpartition("/")
    return head + slash + last.partition(":")[0]


def canonical(reference: str) -> str:
    """The whole form of `reference`, host and `library/` included: `docker.io/library/nginx:1.31`.

    The first component is a host only if it holds `.` or `:`, or is `localhost`.
    """
    name = normalise(reference)
    first, slash, _ = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return name
    return f"docker.io/{name}" if slash else f"docker.io/library/{name}"
