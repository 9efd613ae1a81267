"""nbgrader with this assignment: release, gradebook, formgrader and feedback, through our engine.

nbgrader is slow to import; nothing outside this package imports it unless it is asked for.
"""
