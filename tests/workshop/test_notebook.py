"""The notebook side, in a real kernel: what the learner's cells show, and what they never do."""

import json
import os
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from checks.exercise import catalogue
from workshop import notebook
from workshop.lab import ROOT, Lab

DEAD_ENGINE = "unix:///nulle/part.sock"
NO_BREAK = "\N{NO-BREAK SPACE}"


class Kernel:
    """A kernel in which cells are run one by one, as JupyterLab does."""

    def __init__(self, lab: Lab) -> None:
        env = dict(os.environ) | {
            "ATELIER_ETAT": str(lab.state), "ATELIER_TRAVAIL": str(lab.workspace),
            "PYTHONPATH": str(ROOT), "IPYTHONDIR": str(lab.state / "ipython"),
        }  # fmt: skip
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env=env)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self.run("%load_ext workshop.notebook")

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code: str, *, interrupt_after: float = 0) -> list[dict[str, Any]]:
        """The outputs that the cell keeps once it is over."""
        outputs: list[dict[str, Any]] = []
        self.passing: list[str] = []
        clear = False

        def keep(message: dict[str, Any]) -> None:
            nonlocal clear
            kind, content = message["msg_type"], message["content"]
            if kind == "clear_output":
                clear = True
                if not content["wait"]:
                    outputs.clear()
                return
            if kind in ("display_data", "update_display_data"):
                self.passing.append(content["data"]["text/plain"])
            if kind in ("stream", "display_data", "execute_result", "error"):
                if clear:
                    outputs.clear()
                    clear = False
                outputs.append({"kind": kind, **content})

        if interrupt_after:
            threading.Timer(interrupt_after, self.manager.interrupt_kernel).start()
        self.reply = self.client.execute_interactive(code, output_hook=keep, timeout=90)
        return outputs

    def text(self, code: str, **options: Any) -> str:
        """All that the cell shows, as plain text."""
        return "".join(
            output.get("text") or "\n".join(output.get("traceback", []))
            or output.get("data", {}).get("text/plain", "")
            for output in self.run(code, **options)
        )  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A workshop whose engine is down: most of the notebook side needs none."""
    folder = tmp_path_factory.mktemp("atelier")
    lab = Lab(folder / "etat", folder / "travail")
    lab.private.mkdir(parents=True)
    (lab.private / "identite.json").write_text('{"pseudonyme": "essai", "id": "5ea0b0a7"}')
    lab.settle(engine=DEAD_ENGINE, hub="localhost:5000", legacy_builder=True)
    return lab


@pytest.fixture(scope="module")
def kernel(place: Lab) -> Iterator[Kernel]:
    kernel = Kernel(place)
    yield kernel
    kernel.close()


# --- %%terminal -----------------------------------------------------------------------------


def test_bash_runs_in_the_workspace_with_the_environment(kernel: Kernel, place: Lab) -> None:
    text = kernel.text('%%terminal\npwd\necho "$HUB $DOCKER_HOST $DOCKER_BUILDKIT"\ncat')
    assert text == f"{place.workspace}\nlocalhost:5000 {DEAD_ENGINE} 0\n"


def test_the_body_reaches_bash_untouched(kernel: Kernel) -> None:
    kernel.run("HOME = 'python'; x = 1")
    text = kernel.text("%%terminal\necho '{{.Repository}} {x} $HOME !ls %cd' \"é\\t\"")
    assert text == "{{.Repository}} {x} $HOME !ls %cd é\\t\n"


def test_the_magic_may_stand_below_comments(kernel: Kernel) -> None:
    kernel.run("%reload_ext workshop.notebook")
    assert kernel.text("# mission 2.1\n\n%%terminal  \necho bonjour") == "bonjour\n"


@pytest.mark.parametrize(
    "cell",
    [
        "docker pull busybox",
        "# essai\n./atelier etat",
        "docker  $X\nls",
        "atelier scene 1.8",
        "sudo docker ps",
        "%terminal ls",
        "% terminal",
    ],
)
def test_commands_without_the_magic_are_told_what_they_lack(kernel: Kernel, cell: str) -> None:
    text = kernel.text(cell)
    assert "Rien n’a été exécuté" in text and "Error" not in text
    assert kernel.reply["content"]["status"] == "ok"


@pytest.mark.parametrize("cell", ["%%terminal", "# rien\n%%terminal\n", "%%terminal\n\n"])
def test_an_empty_terminal_does_nothing(kernel: Kernel, cell: str) -> None:
    assert kernel.text(cell) == ""
    assert kernel.reply["content"]["status"] == "ok"


def test_capitals_in_the_magic_do_not_matter(kernel: Kernel) -> None:
    assert kernel.text("%%Terminal\necho bonjour") == "bonjour\n"


@pytest.mark.parametrize("cell", ["docker = 2\ndocker", "docker = [2]\ndocker [0]", "# rien\n2"])
def test_python_stays_python(kernel: Kernel, cell: str) -> None:
    assert kernel.text(cell) == "2"


def test_both_streams_come_in_order(kernel: Kernel) -> None:
    lines = "\n".join(f"echo {n}; echo {n} >&2" for n in range(50))
    assert kernel.text(f"%%terminal\n{lines}") == "".join(f"{n}\n{n}\n" for n in range(50))


def test_output_streams_as_it_comes(kernel: Kernel) -> None:
    outputs = kernel.run("%%terminal\necho un; sleep 1; echo deux")
    assert [output["text"] for output in outputs] == ["un\n", "deux\n"]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("exit 3", "⛔ La commande s'est terminée avec le code 3."),
        ("printf sans-fin-de-ligne; false", "\n⛔ La commande s'est terminée avec le code 1."),
        ("kill -9 $$", "⛔ La commande a été arrêtée par le signal SIGKILL."),
        ("true \0", "caractère nul"),
    ],
)
def test_a_failure_is_one_french_line(kernel: Kernel, body: str, line: str) -> None:
    text = kernel.text(f"%%terminal\n{body}").replace("’", "'")
    assert line in text and "Traceback" not in text
    assert kernel.reply["content"]["status"] == "ok"


def test_a_long_silence_is_filled_and_leaves_no_trace(kernel: Kernel) -> None:
    assert kernel.text("%%terminal\necho un; sleep 5; echo deux; sleep 4") == "un\ndeux\n"
    assert kernel.passing and all("toujours en cours" in line for line in kernel.passing)
    assert kernel.run("%%terminal\nsleep 4.5") == []
    assert kernel.passing


def test_a_command_that_never_ends_is_stopped_and_it_is_said(kernel: Kernel) -> None:
    kernel.run("import workshop.notebook as n; limit, n.SILENCE_LIMIT = n.SILENCE_LIMIT, 1.0")
    try:
        shown = kernel.text("%%terminal\necho avant\nsleep 600")
    finally:
        kernel.run("n.SILENCE_LIMIT = limit")
    assert (
        shown.startswith("avant\n⛔ La commande n’a plus rien écrit depuis") and "arrêtée" in shown
    )


def test_a_command_that_talks_for_ever_is_stopped_too(kernel: Kernel) -> None:
    kernel.run("import workshop.notebook as n; limit, n.TIME_LIMIT = n.TIME_LIMIT, 2.0")
    try:
        shown = kernel.text("%%terminal\nwhile sleep 0.2; do echo encore; done")
    finally:
        kernel.run("n.TIME_LIMIT = limit")
    assert "⛔ La commande durait depuis" in shown and "arrêtée" in shown


def test_an_access_token_is_not_kept_in_the_page(kernel: Kernel) -> None:
    token = "dckr_pat_" + "Ab3-_" * 6
    shown = kernel.text(f"%%terminal\necho avant; echo {token}; echo après; false")
    assert "Ab3" not in shown and shown.startswith("avant\ndckr_pat_••••••••\naprès\n")
    assert shown.count("🔒") == 1 and shown.rstrip().endswith("le code 1.")
    halves = f"printf %s {token[:14]}; sleep 0.2; printf '%s\\n' {token[14:]}"
    assert "Ab3" not in kernel.text(f"%%terminal\n{halves}")
    assert kernel.text("%%terminal\nprintf 'id'; sleep 1; echo ' d'") == "id d\n"
    assert kernel.text(f"%%terminal\njeton=$(echo {token}); echo ${{#jeton}}") == "39\n"


def test_a_background_command_does_not_hold_the_cell(kernel: Kernel) -> None:
    start = time.monotonic()
    assert kernel.text("%%terminal\nyes > /dev/null & sleep 30 & echo parti; kill %1") == "parti\n"
    assert time.monotonic() - start < 5


def test_a_flood_is_cut_and_binary_is_tamed(kernel: Kernel) -> None:
    text = kernel.text("%%terminal\nhead -c 5000000 /dev/zero")
    assert len(text) < notebook.OUTPUT_LIMIT + 200
    assert "\0" not in text and "4,8" + NO_BREAK + "Mo" in text


def alive(marker: str) -> bool:
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (entry / "cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False


@pytest.mark.parametrize(
    "body",
    ["sleep 987", "sleep 988 | cat", "trap '' INT TERM; sleep 989", "(sleep 990 &); sleep 990"],
)
def test_an_interruption_ends_the_whole_group(kernel: Kernel, body: str) -> None:
    marker = "sleep\0" + "".join(c for c in body if c.isdigit())[:3]
    text = kernel.text(f"%%terminal\necho début\n{body}", interrupt_after=1)
    assert "début" in text and "⛔ Commande interrompue." in text
    assert "Traceback" not in text and "notebook.py" not in text
    assert kernel.reply["content"]["status"] == "error", "the cells that follow do not run"
    assert not alive(marker)
    assert kernel.text("%%terminal\necho encore") == "encore\n"


# --- functions ------------------------------------------------------------------------------


def test_a_verdict_is_html_and_text(kernel: Kernel) -> None:
    (output,) = kernel.run('verifier("2.1")')
    assert "à reprendre" in output["data"]["text/html"]
    assert "outil-1.2.tar" in output["data"]["text/plain"]
    assert "<" not in output["data"]["text/plain"]


def test_an_engine_that_is_down_costs_nothing(kernel: Kernel) -> None:
    text = kernel.text('verifier("2.5")')
    assert "environnement" in text and "Traceback" not in text


def test_several_exercises_or_all(kernel: Kernel) -> None:
    assert "sur 2, " in kernel.text('verifier("2.1", "2.3", "2.1")')
    count = len(catalogue())
    assert f"sur {count}, " in kernel.text("verifier()")
    second = sum(exercise.phase == 2 for exercise in catalogue().values())
    assert f"sur {second}, " in kernel.text('verifier("phase-2", "2.1")')


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ('verifier("2.99")', "Aucune mission ne s'appelle « 2.99 »."),
        ("indice()", 'Écrivez plutôt : `indice("'),
        ("verifier 2.1", 'Écrivez plutôt : `verifier("'),
        ('indice "2.1"', 'Écrivez plutôt : `indice("'),
        ("# mission\nverifier phase-2", 'Écrivez plutôt : `verifier("'),
        ('reponse("2.2", 3)', "Écrivez plutôt : `reponse("),
        ('verifier("bonjour")', "Aucune mission ne s'appelle « bonjour »."),
        ("verifier(2.1)", 'entre guillemets : `"2.1"`'),
        ("verifier(['2.1'])", "entre guillemets"),
        ("verifier(1.10)", 'entre guillemets : `"1.1"` ou `"1.10"`'),
        ('indice("9.9")', "Aucune mission ne s'appelle « 9.9 »."),
        ('reponse("9.9", a=1)', "Aucune mission ne s'appelle « 9.9 »."),
        ('reponse("2.1", a=1)', "n'attend pas de réponse écrite"),
        ('reponse("2.2")', "au moins un champ"),
        ('reponse("2.2", a={"x": ""}, b=None, c=[])', "Tous les champs sont vides"),
        ('reponse("2.2", a={1, 2})', "Le champ `a` ne peut pas être noté"),
        ('reponse("2.2", a=float("nan"))', "Le champ `a` ne peut pas être noté"),
        ('reponse("2.2", a={1: 2, "x": 3})', "Le champ `a` ne peut pas être noté"),
        ("l = []; l.append(l); reponse('2.2', a=l)", "Le champ `a` ne peut pas être noté"),
        ('reponse("2.2", a="\\ud800")', "Impossible d'écrire"),
    ],
)
def test_a_wrong_call_is_answered_kindly(kernel: Kernel, call: str, words: str) -> None:
    text = kernel.text(call).replace(NO_BREAK, " ").replace("’", "'")
    assert words in text and "Traceback" not in text
    assert kernel.reply["content"]["status"] == "ok"


def test_an_answer_is_written_whole(kernel: Kernel, place: Lab) -> None:
    text = kernel.text('reponse("2.2", b={"x": ["é", 1.5, None]}, a=True)')
    path = place.workspace / "reponses" / "2.2.json"
    assert "reponses/2.2.json" in text and "é" in text
    assert json.loads(path.read_bytes().decode()) == {"a": True, "b": {"x": ["é", 1.5, None]}}
    assert path.read_text().index('"a"') < path.read_text().index('"b"')
    assert list(path.parent.iterdir()) == [path]


def test_hints_follow_each_other(kernel: Kernel) -> None:
    kernel.run('verifier("2.8")')
    texts = [kernel.text('indice("2.8")') for _ in range(4)]
    assert [text.split(NO_BREAK)[0] for text in texts] == [
        "Indice 1 sur 3", "Indice 2 sur 3", "Indice 3 sur 3", "Indice 3 sur 3",
    ]  # fmt: skip


def test_progress_and_a_damaged_journal(kernel: Kernel, place: Lab) -> None:
    assert "points sur " in kernel.text("progression()").replace("point sur", "points sur")
    (place.private / "journal.sqlite").write_bytes(b"abc" * 5000)
    text = kernel.text('verifier("2.1")')
    assert "à reprendre" in text and "abîmé" in text
    assert "abîmé" not in kernel.text('verifier("2.1")')


def test_a_workspace_that_refuses_still_gets_its_verdict(kernel: Kernel, place: Lab) -> None:
    journal = place.private / "journal.sqlite"
    journal.unlink()
    journal.mkdir()
    try:
        text = kernel.text('verifier("2.1")')
        assert "à reprendre" in text and "ne peut pas être notée" in text
        assert "ne peut pas être notée" in kernel.text('indice("2.1")')
    finally:
        journal.rmdir()


def test_a_course_updated_meanwhile_asks_for_a_new_kernel(kernel: Kernel) -> None:
    kernel.run("import checks.exercise as e; kept = e._MODULES; e._MODULES = ('checks.parti',)")
    text = kernel.text('verifier("2.1")')
    kernel.run("e._MODULES = kept")
    assert "Redémarrez le noyau" in text and "Traceback" not in text


def test_loading_again_says_nothing(kernel: Kernel) -> None:
    assert kernel.text("%reload_ext workshop.notebook") == ""
    assert "à reprendre" in kernel.text('verifier("2.1")')


def test_a_verdict_comes_at_once(kernel: Kernel) -> None:
    kernel.run('verifier("2.1")')
    text = kernel.text(
        "import time\nfor _ in range(15):\n    start = time.perf_counter()\n"
        '    verifier("2.1")\n    print(time.perf_counter() - start)'
    )
    assert statistics.median(map(float, text.split())) <= 0.060
