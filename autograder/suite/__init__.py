"""The graded checks: one file a part, one test a check.

A check's docstring is its label, its `share` marker its weight within the part, and what it raises
(see `support`) its status. Points of the parts stand in the source notebook only.
"""
