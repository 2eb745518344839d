"""Handing in and grading: submissions are evidence, grades are computed from them."""
