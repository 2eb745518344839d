"""The words of the notebook, in a real kernel."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from workshop.lab import ROOT, Lab


class Kernel:
    """A kernel with the workshop's extension; `run` gives the outputs of one cell."""

    def __init__(self, lab: Lab) -> None:
        self.manager, self.client = start_new_kernel(kernel_name="python3", cwd=str(lab.workspace))
        assert self.run("%load_ext workshop.notebook") == []

    def run(self, source: str, timeout: float = 60) -> list[Any]:
        outputs: list[Any] = []

        def hook(message: Any) -> None:
            if message["msg_type"] == "clear_output":
                outputs.clear()
            elif message["msg_type"] in ("stream", "display_data", "execute_result", "error"):
                outputs.append(nbformat.from_dict(message["content"]))

        self.client.execute_interactive(source, timeout=timeout, output_hook=hook)
        return outputs

    def text(self, source: str) -> str:
        shown = []
        for output in self.run(source):
            assert "traceback" not in output, output.traceback
            shown.append(output.get("text") or output["data"]["text/plain"])
        return "".join(shown)


@pytest.fixture
def kernel(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    kernel = Kernel(lab)
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


def test_terminal_runs_bash_in_the_workspace(kernel: Kernel, lab: Lab) -> None:
    assert kernel.text("%%terminal\npwd; echo $HUB") == f"{lab.workspace}\n{lab.hub}\n"


def test_terminal_keeps_go_templates_and_braces(kernel: Kernel) -> None:
    source = (
        "%%terminal\ndocker images --format '{{.Repository}}:{{.Tag}}' | grep busybox | head -n 1"
    )
    assert kernel.text(source).startswith("busybox:")
    assert kernel.text("%%terminal\necho '{x}' \"{{y}}\" $((1+1)) %d") == "{x} {{y}} 2 %d\n"


def test_terminal_merges_both_streams_in_order(kernel: Kernel) -> None:
    source = "%%terminal\nfor i in 1 2 3; do echo o$i; echo e$i >&2; done"
    assert kernel.text(source) == "o1\ne1\no2\ne2\no3\ne3\n"


def test_a_failure_is_one_french_line(kernel: Kernel) -> None:
    shown = kernel.text("%%terminal\necho avant; exit 3")
    assert shown == "avant\n⛔ La commande s'est terminée avec le code 3.\n"
    assert "127" in kernel.text("%%terminal\ncommande-inconnue")


def test_a_silent_command_says_that_it_runs_and_leaves_no_trace(kernel: Kernel) -> None:
    shown = kernel.text("%%terminal\necho début; sleep 5; echo fin")
    assert shown == "début\nfin\n"


def test_accents_cut_between_two_chunks_survive(kernel: Kernel) -> None:
    assert kernel.text("%%terminal\nprintf '\\xc3'; sleep 0.2; printf '\\xa9\\n'") == "é\n"


def test_an_interruption_stops_the_command(kernel: Kernel) -> None:
    message = kernel.client.execute("%%terminal\nsleep 300")
    time.sleep(1)
    begun = time.monotonic()
    kernel.manager.interrupt_kernel()
    while kernel.client.get_shell_msg(timeout=20)["parent_header"].get("msg_id") != message:
        pass
    assert time.monotonic() - begun < 10
    assert kernel.text("%%terminal\npgrep -fx 'sleep 300' || echo parti") == "parti\n"


def test_verifier_shows_html_and_text(kernel: Kernel) -> None:
    (output,) = kernel.run('verifier("2.1")')
    assert output["data"]["text/plain"].startswith("✘ à reprendre")
    page = output["data"]["text/html"]
    assert "À reprendre" in page and "<script" not in page and "<style" not in page


def test_bad_input_is_answered_kindly(kernel: Kernel) -> None:
    assert "Vouliez-vous dire `2." in kernel.text('verifier("2.l")')
    assert "Aucun exercice" in kernel.text('reponse("9.9", a=1)')
    assert "au moins un champ" in kernel.text('reponse("2.2")')
    assert "autre type" in kernel.text('reponse("2.2", a={1, 2})')
    assert "Aucun exercice" in kernel.text('indice("<script>")')
    page = kernel.run('verifier("<img src=x>")')[0]["data"]["text/html"]
    assert "<img" not in page


def test_answers_hints_and_progress(kernel: Kernel, lab: Lab) -> None:
    assert "Réponse notée" in kernel.text('reponse("2.10", plus_petit="xz", gain_gzip=10)')
    assert (lab.workspace / "reponses" / "2.10.json").exists()
    assert kernel.text('indice("2.1")').startswith("Indice 1 sur 3")
    assert kernel.text('indice("2.1")').startswith("Indice 2 sur 3")
    assert "0 points sur" in kernel.text("progression()")
