"""The domain: exercises, what their checks can see, and what they conclude.

Nothing here knows about the command line, Jupyter or a class. Importing this package loads no
third-party library: a check must feel instant.
"""
