"""The bundle that Gradescope grades with: made here, run there.

`bundle.py` and `data.py` make autograder.zip; `setup.sh`, `run_autograder` and `run.py` are what it
does on the platform; `metadata.py` and `results.py` read and write the platform's own files.
"""
