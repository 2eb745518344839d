"""How long a verification takes: from the shell with the engine warm, and in a live kernel.

Run from a prepared workshop (`./atelier preparer`): prints medians, minima and maxima.
Targets: `./atelier verifier 2.1` ≤ 0.4 s; `verifier("2.1")` in a kernel ≤ 60 ms.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
SHELL_RUNS, KERNEL_RUNS = 15, 60
EXERCISES = ("2.1", "2.5")
"""One that only reads a file, one that asks the engine."""

CODE = """
import time, statistics
from workshop.notebook import verifier
times = []
for _ in range({runs}):
    start = time.perf_counter()
    verifier("{id}")
    times.append(1000 * (time.perf_counter() - start))
print(*times)
"""


def main() -> None:
    """Solve 2.1 in the workspace, then time both ways of checking it."""
    from jupyter_client.manager import start_new_kernel

    from workshop.lab import Lab

    atelier = str(ROOT / "atelier")
    script = (ROOT / "solutions" / "2.1.sh").read_text()
    subprocess.run([atelier, "executer", "--", "bash", "-ec", script], check=True)
    print(f"{'':<28}{'median':>10}{'min':>10}{'max':>10}")
    for id in EXERCISES:
        times = []
        for _ in range(SHELL_RUNS):
            start = time.perf_counter()
            subprocess.run([atelier, "verifier", id], stdout=subprocess.DEVNULL)
            times.append(1000 * (time.perf_counter() - start))
        _row(f"./atelier verifier {id}", times)
    manager, client = start_new_kernel(
        kernel_name="python3",
        env=Lab.current().environment() | {"PYTHONPATH": str(ROOT)},
    )
    for id in EXERCISES:
        said: list[str] = []

        def hook(message: dict, said: list[str] = said) -> None:
            if message["msg_type"] == "stream":
                said.append(message["content"]["text"])

        client.execute_interactive(CODE.format(runs=KERNEL_RUNS, id=id), output_hook=hook)
        _row(f'verifier("{id}")', [float(word) for word in "".join(said).split()])
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def _row(name: str, times: list[float]) -> None:
    figures = (statistics.median(times), min(times), max(times))
    print(f"{name:<28}" + "".join(f"{figure:>7.0f} ms" for figure in figures))


if __name__ == "__main__":
    main()
