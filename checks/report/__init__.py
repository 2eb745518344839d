"""Pure renderers of results: for a terminal, for a notebook, for a test report."""
