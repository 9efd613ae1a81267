"""Shows texts and figures where the front end can, and plain text everywhere else."""

import base64
import io

import matplotlib.pyplot as plt
from matplotlib.figure import Figure


def in_kernel() -> bool:
    """Whether this runs in a notebook, which can show more than text."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return getattr(shell, "kernel", None) is not None


def show_markdown(markdown: str, plain: str) -> None:
    """Show a text: its Markdown in a notebook, its plain form elsewhere."""
    if in_kernel():
        from IPython.display import display

        display({"text/markdown": markdown, "text/plain": plain}, raw=True)
    else:
        print(plain)


def show_figure(figure: Figure, alt: str) -> None:
    """Show a figure with a text for those who can't see it, and close it.

    In a notebook the text stands beside the picture as its plain form and as the `alt` of its
    metadata, which nbconvert takes over into HTML. Elsewhere matplotlib shows the figure.
    """
    figure.set_label(alt)
    if in_kernel():
        from IPython.display import display

        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=figure.dpi, bbox_inches="tight")
        picture = base64.b64encode(stream.getvalue()).decode("ascii")
        data = {"image/png": picture, "text/plain": alt}
        display(data, metadata={"image/png": {"alt": alt}}, raw=True)
    else:
        plt.show()
    plt.close(figure)
