"""Shows texts and figures where the front end can, and plain text everywhere else."""

import base64
import io
from html import escape

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from utils.progress import in_kernel


def show_markdown(markdown: str, plain: str) -> None:
    """Show a text: its Markdown in a notebook, its plain form elsewhere."""
    if in_kernel():
        from IPython.display import display

        display({"text/markdown": markdown, "text/plain": plain}, raw=True)
    else:
        print(plain)


def show_figure(figure: Figure, alt: str) -> None:
    """Show a figure with a text for those who can't see it, and close it.

    In a notebook the picture is sent twice: as HTML, which is what JupyterLab and nbconvert show
    and which has the text as its `alt`, and bare, for all that take pictures only. Elsewhere
    matplotlib shows the figure.
    """
    figure.set_label(alt)
    if in_kernel():
        from IPython.display import display

        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=figure.dpi, bbox_inches="tight")
        picture = base64.b64encode(stream.getvalue()).decode("ascii")
        source = f"data:image/png;base64,{picture}"
        html = f'<img alt="{escape(alt)}" src="{source}" style="max-width: 100%">'
        display({"text/html": html, "image/png": picture, "text/plain": alt}, raw=True)
    else:
        plt.show()
    plt.close(figure)
