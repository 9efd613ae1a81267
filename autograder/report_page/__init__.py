"""The class report: what `python -m autograder report` reads, counts, draws and writes."""
