"""Grading on the workers of a Dask scheduler: `grade --scheduler`.

`run.py` is the side that holds the submissions and writes the results, `worker.py` what it calls in
a Dask worker, `grader.py` the grader process that stands beside each.
"""
