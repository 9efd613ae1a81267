"""A notebook with NaN and Infinity among its metadata.

goal: lying
cell: files
gets: problem
stopped by: strict JSON
says: NaN is no JSON
"""


def make(folder):
    path = folder / "two_layer_net.ipynb"
    text = path.read_text()
    path.write_text(text[: text.rindex("}")] + ', "x": [NaN, Infinity, -Infinity]}')
