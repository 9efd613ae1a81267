"""Forges the words of an exception: HTML, terminal codes, another cell, a formula.

goal: forging
cell: forward
gets: error
stopped by: cut and cleaned words
says: =HYPERLINK(1)
"""

import json
import os
import sys

HEADER = {
    "status": "raised",
    "type": "=HYPERLINK(1)</td><script>fetch('//x')</script>",
    "text": "\u001b[32m10 passed\u001b[0m ![x](javascript:alert(1)) {{ 7 * 7 }} {% raw %} %s\u202e",
    "cell": "forward</h1><img src=x onerror=alert(1)>",
    "line": 10**300,
    "code": "`" * 300,
}


def forward(params, X):
    frame = sys._getframe()
    while frame.f_code.co_name != "_do":
        frame = frame.f_back
    for number in range(len(frame.f_locals["calls"])):
        line = json.dumps({"call": number, **HEADER}).encode() + b"\n"
        frame.f_back.f_locals["connection"].sendall(line)
    os._exit(0)
