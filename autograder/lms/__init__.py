"""Submissions from a learning platform, and grades back to it.

`canvas.py`, `moodle.py`, `blackboard.py` and `gradescope.py` know each platform's own files, in and
out; `plain.py` knows folders without one. `collect.py` places what students handed in, `export.py`
writes what a platform imports. `people.py` says who is who on the way.
"""
