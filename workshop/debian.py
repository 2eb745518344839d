"""Installing what is missing, where we may: Debian and its kin, as root."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from checks.outcome import EnvironmentProblem
from workshop.lab import VALISE
from workshop.process import lock

_SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"
_POLICY = Path("/usr/sbin/policy-rc.d")
_FORBID = "#!/bin/sh\n# Atelier : aucun service ne démarre pendant une installation.\nexit 101\n"
_LOCK = Path("/run/atelier-apt.lock")


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
    with lock(_LOCK), _no_service_started():
        _apt_install(missing)
        _disable_services(missing)
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
            "Le hub de l'atelier fonctionne alors dans un conteneur de Docker Desktop."
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


def _apt_install(packages: list[str]) -> None:
    install = ["install", "--yes", "--no-install-recommends", *packages]
    if source := _valise_source():
        install = [*source, *install]
        _apt([*source, "update"])
    errors = _apt(install)
    if errors and not source:  # the package lists may be missing, or old
        _apt(["update"])
        errors = _apt(install)
    if errors:
        raise EnvironmentProblem(
            f"L'installation des paquets a échoué : {errors}. Corrigez, puis recommencez : rien "
            "n'est perdu."
        )


def _valise_source() -> list[str]:
    """Options that make apt-get take packages from the suitcase alone, when there is one.

    `workshop.valise.verify` vouches for its files, hence `trusted` (sources.list(5)).
    """
    folder = VALISE / "paquets"
    if not (folder / "Packages").is_file():
        return []
    source = folder / "valise.list"
    source.write_text(f"deb [trusted=yes] file:{quote(str(folder))} ./\n")
    return ["-o", f"Dir::Etc::sourcelist={source}", "-o", "Dir::Etc::sourceparts=-",
            "-o", "APT::Get::List-Cleanup=0", "-o", "APT::Sandbox::User=root"]  # fmt: skip


def _apt(arguments: list[str]) -> str:
    """Run apt-get with a progress bar; returns what it complains of, or nothing."""
    from tqdm import tqdm

    reader, writer = os.pipe()
    with (
        tempfile.TemporaryFile("w+", errors="replace") as errors,
        tqdm(total=100, unit="%", disable=not sys.stderr.isatty(), leave=False) as bar,
        subprocess.Popen(
            ["apt-get", "-q", "-o", f"APT::Status-Fd={writer}", *arguments],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors,
            pass_fds=[writer],
        ) as apt,
    ):  # fmt: skip
        os.close(writer)
        with os.fdopen(reader, errors="replace") as status:
            for line in status:  # `dlstatus:1:12.5:…`, `pmstatus:runc:40:…` (apt's progress)
                fields = line.split(":")
                if len(fields) > 3 and fields[0] in ("dlstatus", "pmstatus"):
                    bar.update(float(fields[2]) - bar.n)
        apt.wait()
        errors.seek(0)
        complaints = [line.strip() for line in errors if line.startswith("E:")]
    if not apt.returncode:
        return ""
    return " ".join(complaints) or f"apt-get rend {apt.returncode} sans autre précision"


def _disable_services(packages: list[str]) -> None:
    """Leave the services of the packages just installed off at the next boot too: the workshop
    starts its own, and a system engine that appears would hide the learner's images."""
    if not shutil.which("systemctl"):
        return
    listed = subprocess.run(["dpkg", "-L", *packages], capture_output=True, text=True).stdout
    units = [
        Path(line).name
        for line in listed.splitlines()
        if "/systemd/system/" in line and line.endswith((".service", ".socket"))
    ]
    if units:
        subprocess.run(["systemctl", "disable", *units], capture_output=True)


@contextmanager
def _no_service_started() -> Iterator[None]:
    """Packages of daemons start them: not here, where the workshop starts its own.

    invoke-rc.d(8) and deb-systemd-invoke(1p) ask `policy-rc.d`; 101 forbids.
    """
    if _POLICY.exists() and _POLICY.read_text(errors="replace") != _FORBID:
        yield  # the administrator decides
        return
    _POLICY.write_text(_FORBID)
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
