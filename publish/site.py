"""`./atelier site`: refresh the outputs of chapters, build the site, serve it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from checks.outcome import EnvironmentProblem
from checks.typography import plural
from workshop.lab import ROOT, Lab

SITE = ROOT / "site"


def run(lab: Lab, options: argparse.Namespace, say: Callable[[str], None]) -> bool:
    """Do what the command line asks; returns whether all is well."""
    if options.actualiser is not None:
        return actualise(lab, options.actualiser, say)
    raise EnvironmentProblem("Le site n'est pas encore construit par cette commande.")


def actualise(lab: Lab, names: Sequence[str], say: Callable[[str], None]) -> bool:
    """Run the blocks of pages and write what they print; a page that fails is said and skipped."""
    from publish import executed, prose
    from publish.markdown import PageError

    wrong = changed = 0
    with executed.workshop(lab.state / "redaction", say) as own:
        for path in executed.pages(names):
            page = executed.name(path)
            try:
                ran = executed.run_page(own, path, say)
                before = path.read_text()
                after = prose.typography(executed.refreshed(before, page, ran), page)
            except PageError as problem:
                say(str(problem))
                wrong += 1
                continue
            if after != before:
                path.write_text(after)
                changed += 1
                say(f"{page} : mise à jour.")
    say(f"{plural(changed, 'page')} à relire (`git diff chapters`).")
    return not wrong
