"""What the homework's notebook imports: the data set, gradient checks, plots and instant checks.

It is shipped to students inside the release and needs NumPy and matplotlib only.
"""
