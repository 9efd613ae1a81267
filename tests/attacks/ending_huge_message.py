"""Raises megabytes of control characters, ANSI codes, bidirectional marks and lone surrogates.

goal: ending
cell: forward
gets: error
stopped by: cut and cleaned words
alone: words
"""


def forward(params, X):
    text = "\x1b[2J\x1b]0;passed\x07\r\n\0\u202e\ud800\u2028</pre><script>alert(1)</script>"
    raise type("\x1b[32mPASSED" * 1000, (ValueError,), {})(text * 100_000)
