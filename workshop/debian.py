"""Installing what is missing, where we may: Debian and its kin, as root."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from checks.outcome import EnvironmentProblem

_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
_POLICY = Path("/usr/sbin/policy-rc.d")


def find_program(name: str) -> str | None:
    """The path of a program, looked for in the administrator's folders too."""
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":" + _SYSTEM_FOLDERS)


def ensure_programs(programs: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Make every program (name → Debian package) available; installs nothing that is there.

    Raises `EnvironmentProblem` with the exact steps where we cannot, or may not, install.
    """
    missing = sorted({package for name, package in programs.items() if not find_program(name)})
    if not missing:
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise EnvironmentProblem(steps(missing))
    say(f"Paquets Debian à installer : {', '.join(missing)}.")
    if sys.stdin.isatty() and input("Les installer maintenant ? [O/n] ").strip().lower() in (
        "n",
        "non",
    ):
        raise EnvironmentProblem(steps(missing))
    say("Installation en cours, une minute environ…")
    with _no_service_started():
        _apt("install", "--yes", "--no-install-recommends", *missing)
    still = [name for name in programs if not find_program(name)]
    if still:
        raise EnvironmentProblem(f"Après l'installation, il manque encore : {', '.join(still)}.")


def steps(packages: list[str]) -> str:
    """What a person types to get `packages` on this platform."""
    names = " ".join(packages)
    if shutil.which("apt-get"):
        return (
            f"Il manque des programmes. Installez-les, puis recommencez :\n"
            f"    sudo apt-get update && sudo apt-get install --no-install-recommends {names}\n"
            "Ou relancez la même commande en administrateur (`sudo -E ./atelier …`)."
        )
    if platform.system() == "Darwin":
        return (
            "Il manque des programmes. Installez Docker Desktop (docs.docker.com/desktop), "
            "démarrez-le, puis, avec Homebrew :\n"
            "    brew install gnupg xz zstd pigz\n"
            "Le hub de l'atelier demande pour l'instant Debian ou Ubuntu : une machine virtuelle "
            "Debian 12 (par exemple `limactl start template://debian`) convient."
        )
    if platform.system() == "Windows":
        return (
            "L'atelier fonctionne sous Windows dans WSL 2 : `wsl --install -d Debian`, puis "
            "relancez-y la même commande."
        )
    return (
        f"Il manque des programmes, que Debian range dans les paquets : {names}. Installez leurs "
        "équivalents avec le gestionnaire de paquets de votre distribution, puis recommencez."
    )


def _apt(*arguments: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    command = ["apt-get", "-q", *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:  # the package lists may be missing, or old
        subprocess.run(["apt-get", "-q", "update"], env=env, capture_output=True)
        done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        raise EnvironmentProblem(
            "L'installation des paquets a échoué : "
            + (" ".join(lines) or "apt-get n'en dit pas plus")
            + ". Corrigez, puis recommencez : rien n'est perdu."
        )


@contextmanager
def _no_service_started() -> Iterator[None]:
    """Packages of daemons start them: not here, where the workshop starts its own.

    invoke-rc.d(8) and deb-systemd-invoke(1p) ask `policy-rc.d`; 101 forbids.
    """
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
