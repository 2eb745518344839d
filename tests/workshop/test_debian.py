"""Installing Debian packages: for real, over a copy of this machine's root that is thrown away."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from workshop import debian

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "docker-registry"
"""A small package with a service."""
OVERLAY = """
set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
for folder in proc sys dev; do mount --rbind "/$folder" "$1/root/$folder"; done
exec chroot "$1/root" /bin/sh -c 'cd "$1" && shift && exec "$@"' sh "$2" "$3" -c "$4"
"""
PREPARE = f"""
import pathlib, subprocess
from checks.outcome import EnvironmentProblem
from workshop import debian, process
subprocess.run(["dpkg", "--purge", "--force-all", "{PACKAGE}"], check=True, capture_output=True)
policy = pathlib.Path("/usr/sbin/policy-rc.d")
policy.unlink(missing_ok=True)
def install():
    debian.ensure_programs({{"{PACKAGE}": "{PACKAGE}"}}, print)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="atelier-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def in_a_copy(folder: Path, code: str) -> str:
    """Run Python over an overlay of this machine's root; what it prints."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        pytest.skip("needs Debian, as root")
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", OVERLAY, "sh", str(folder), str(ROOT), sys.executable,
         PREPARE + code],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_there_is_left_alone() -> None:
    said: list[str] = []
    debian.ensure_programs({"sh": "dash", "ip": "iproute2"}, said.append)
    assert said == []


def test_a_missing_program_is_installed_and_its_service_is_left_off(folder: Path) -> None:
    output = in_a_copy(
        folder,
        "assert not debian.find_program('docker-registry')\n"
        "install()\n"
        "assert debian.find_program('docker-registry')\n"
        "assert not policy.exists()\n"
        "wants = pathlib.Path('/etc/systemd/system/multi-user.target.wants')\n"
        "assert not (wants / 'docker-registry.service').is_symlink()\n"
        "running = [c for _, c in process.commands()"
        " if c[0].endswith('docker-registry') and c[-1].startswith('/etc/')]\n"
        "assert not running, running\n",
    )
    first, second = output.splitlines()[:2]
    assert PACKAGE in first, "said before it is done"
    assert "Installation" in second


def test_the_administrator_s_policy_is_kept(folder: Path) -> None:
    in_a_copy(
        folder,
        "policy.write_text('#!/bin/sh\\nexit 0\\n')\n"
        "install()\n"
        "assert policy.read_text() == '#!/bin/sh\\nexit 0\\n'\n",
    )


def test_the_policy_that_a_crash_left_is_taken_away(folder: Path) -> None:
    in_a_copy(
        folder,
        "policy.write_text(debian._FORBID)\ninstall()\nassert not policy.exists()\n",
    )


def test_a_failed_installation_is_told_and_leaves_no_policy(folder: Path) -> None:
    output = in_a_copy(
        folder,
        "try: debian.ensure_programs({'nexiste': 'paquet-qui-n-existe-pas'}, print)\n"
        "except EnvironmentProblem as problem: print('dit :', problem)\n"
        "assert not policy.exists()\n",
    )
    assert "dit : L'installation des paquets a échoué" in output
    assert "paquet-qui-n-existe-pas" in output


def test_without_rights_the_exact_steps_are_told(folder: Path) -> None:
    shutil.copytree(ROOT / "checks", folder / "checks")
    shutil.copytree(ROOT / "workshop", folder / "workshop")
    folder.chmod(0o755)
    code = (
        "import os; from checks.outcome import EnvironmentProblem; from workshop import debian\n"
        "os.setuid(65534)\n"
        "try: debian.ensure_programs({'nexiste': 'paquet-a', 'nonplus': 'paquet-b'}, print)\n"
        "except EnvironmentProblem as problem: print(problem)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    if shutil.which("apt-get"):
        assert "apt-get install --no-install-recommends paquet-a paquet-b" in done.stdout
    assert "sudo" in done.stdout or "paquet-a" in done.stdout


def test_the_steps_suit_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nexiste")
    assert "paquet-a" in debian.steps(["paquet-a"])


def test_a_program_that_no_package_gives_is_told(folder: Path) -> None:
    output = in_a_copy(
        folder,
        f"try: debian.ensure_programs({{'nexiste': '{PACKAGE}'}}, print)\n"
        "except EnvironmentProblem as problem: print('dit :', problem)\n",
    )
    assert "manque encore : nexiste" in output
