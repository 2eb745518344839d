"""The site as an image: by the rules that the course teaches, and served by what it builds."""

from __future__ import annotations

import subprocess

from checks import dockerfile
from tests.publish.test_site import Built
from workshop.lab import ROOT, Lab

RECIPE = ROOT / "publish" / "Dockerfile"
SMALL = 20 << 20
"""Bytes."""


def docker(lab: Lab, *words: str) -> str:
    done = subprocess.run(
        ["docker", *words], env=lab.environment(), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_the_dockerfile_follows_the_course() -> None:
    dockerfile.publishable(RECIPE.name, dockerfile.read(RECIPE.name, RECIPE.read_bytes()))


def test_its_image_is_small_and_serves_the_site(built: Built, lab: Lab) -> None:
    client = lab.connect()
    base = next(t for i in client.images.list("busybox") for t in i.tags if "latest" not in t)
    docker(lab, "build", "-q", "--network", "none", "--build-arg", f"BASE={base}", "-t", "site:1",
           "-f", str(RECIPE), str(built[0]))  # fmt: skip
    image = client.images.get("site:1")
    assert image.attrs["Size"] < SMALL
    docker(lab, "run", "-d", "--name", "site", "--network", "none", "--read-only", "site:1")
    assert docker(lab, "exec", "site", "id", "-u").strip() == "65534"
    get = ("exec", "site", "wget", "-q", "-O", "-")
    home = docker(lab, *get, "http://127.0.0.1:8080/")
    assert home == (built[0] / "index.html").read_text()
    told = docker(lab, "exec", "site", "wget", "-S", "--header", "Accept-Encoding: gzip", "-O",
                  "/dev/null", "http://127.0.0.1:8080/1-docker-hub.html")  # fmt: skip
    assert "Content-Encoding: gzip" in told and "text/html" in told
    missing = subprocess.run(
        ["docker", "exec", "site", "wget", "-S", "-O", "-", "http://127.0.0.1:8080/nulle-part"],
        env=lab.environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert missing.returncode and "404" in missing.stderr
    hidden = subprocess.run(
        ["docker", "exec", "site", "find", "/site", "-name", ".git*", "-o", "-name", ".env"],
        env=lab.environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert hidden.stdout == ""
    client.close()
