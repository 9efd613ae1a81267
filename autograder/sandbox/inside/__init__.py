"""What runs beyond the wall: the zygote, and the worker forked from it.

Only the standard library, NumPy and the public `utils` may be imported here.
"""
