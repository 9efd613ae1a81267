"""python -m autograder"""

import os
import sys

# `python -m` looks for modules in the current folder first, and that may be a student's. Only the
# project's own folder may stay; the processes that we start leave theirs out as well.
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:] = [path for path in sys.path if path not in ("", os.getcwd()) or os.getcwd() == HERE]
os.environ["PYTHONSAFEPATH"] = "1"

from autograder.cli import main

if __name__ == "__main__":
    sys.exit(main())
