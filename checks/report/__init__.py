"""Pure renderers of results: for a terminal, for a notebook, for a test report."""

from checks.report.text import safe

__all__ = ["safe"]
