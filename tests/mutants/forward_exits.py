"""The process ends itself, as if all were well.

cell: forward
loses: forward.scores, forward.hidden, forward.inputs
status: error
"""

import os


def forward(params, X):
    os._exit(0)
