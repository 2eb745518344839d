"""Executed text: every command block of every page runs, and prints what the page shows."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from publish import executed
from publish.markdown import PageError, fences
from tests.conftest import quiet
from workshop.lab import Lab


@pytest.fixture(scope="module")
def own() -> Iterator[Lab]:
    """An engine of its own with all base images, emptied after each page."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-pages-"))
    try:
        with executed.workshop(folder, quiet) as lab:
            yield lab
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("path", executed.pages(), ids=executed.name)
def test_the_outputs_of_a_page_are_those_of_a_run(path: Path, own: Lab) -> None:
    ran = executed.run_page(own, path, quiet)
    assert executed.drift(path.read_text(), executed.name(path), ran) == []


PAGE = """# Page

```terminal
docker images --format '{{.Repository}}' | sort -u
echo "$HOME" > ici; cd /; pwd
```

```sortie
ancienne sortie
```

```terminal code=3
cd ~/travail
cat ici
(exit 3)
```
"""


def test_a_page_is_written_again_only_where_it_changed(own: Lab, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    ran = executed.run_page(own, path, quiet)
    assert len(executed.drift(PAGE, "page.md", ran)) == 2
    text = executed.refreshed(PAGE, "page.md", ran)
    assert "```sortie\nbusybox\ndebian\nnginx\n/\n```" in text
    assert text.rstrip().endswith("(exit 3)\n```\n\n```sortie\n/home/vous\n```")
    path.write_text(text)
    again = executed.run_page(own, path, quiet)  # what was run speaks of the lines it ran from
    assert executed.drift(text, "page.md", again) == []
    assert executed.refreshed(text, "page.md", again) == text


def test_a_block_must_end_as_it_says(own: Lab, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("```terminal\nfalse\n```\n")
    with pytest.raises(PageError, match=r"page\.md:1: .* code 1 au lieu de 0"):
        executed.run_page(own, path, quiet)
    path.write_text("```terminal\nexit 0\n```\n")
    with pytest.raises(PageError, match="mis fin au terminal"):
        executed.run_page(own, path, quiet)


def test_a_page_leaves_nothing_behind(own: Lab, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(
        "```terminal\n"
        "docker volume create volume; docker create --name conteneur busybox:1.35\n"
        "docker tag busybox:1.35 essai/page:1; touch fichier\n"
        "```\n"
    )
    executed.run_page(own, path, quiet)
    path.write_text(
        "```terminal\ndocker ps -aq; docker volume ls -q; docker images -q essai/page; ls\n```\n"
    )
    assert [ran.output for ran in executed.run_page(own, path, quiet)] == [""]


# --- without an engine ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "one, other",
    [
        ("Digest: sha256:" + "a1" * 32, "Digest: sha256:" + "b2" * 32),
        ("be48e117a6a2: Pull complete\nfini", "fini"),
        ("busybox 1.35 f00dbabe1234 2 hours ago 2.1MB", "busybox 1.35 0123456789ab 3 days ago 2MB"),
        ("le 2026-11-24 à 01:02:03", "le 2027-01-02 à 23:59:59"),
        ("real\t0m0.512s", "real\t0m1.020s"),
        ("taille 205824", "taille 205312"),
        ("Less than a second ago", "2 seconds ago"),
    ],
)
def test_what_varies_is_not_a_difference(one: str, other: str) -> None:
    assert executed.normal(one) == executed.normal(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("code 0", "code 1"),
        ("busybox:1.35", "busybox:1.36"),
        ("Loaded image: a:1", "Loaded image ID: a:1"),
        ("3 couches", "4 couches"),
        ("facade", "decade"),
    ],
)
def test_the_rest_is(one: str, other: str) -> None:
    assert executed.normal(one) != executed.normal(other)


@pytest.mark.parametrize(
    "text, words",
    [
        ("```bash\nls\n```\n", "ni exécuté"),
        ("```terminal muets\nls\n```\n", "pas une option"),
        ("```terminal\nls\n", "ne se termine pas"),
        ("```sortie\nx\n```\n", "juste après"),
        ('```terminal exemple="x"\nls\n```\n```sortie\nx\n```\n', "pas été produite"),
        ('```terminal exemple="x"\nif\n```\n', "mal formé"),
        ("```yaml\na: [\n```\n", "mal formé"),
        ("```dockerfile\nRUN ls\n```\n", "FROM"),
        ("```dockerfile\nFROM a\nCMD [ls]\n```\n", "liste JSON"),
    ],
)
def test_a_wrong_block_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(PageError, match=words):
        executed.plan(text, "page.md")


def test_fences_know_their_lines_and_options() -> None:
    text = 'a\n\n  ````terminal code=2 varie="x y"\n  ls\n  ```\n  ````\n'
    (fence,) = fences(text, "page.md")
    assert (fence.start, fence.end, fence.indent, fence.ticks) == (2, 5, "  ", "````")
    assert fence.options == {"code": "2", "varie": "x y"}
    assert fence.code == "ls\n```\n"
