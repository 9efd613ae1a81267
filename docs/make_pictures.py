"""Makes the README's pictures of what a student's afternoon shows: python docs/make_pictures.py.

They are taken by tests/test_afternoon.py, which plays it in JupyterLab; here they are put together
and made small. It needs Chromium, and uses CIFAR-10 where CIFAR10_DIR names it.
"""

import subprocess
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
ARTEFACTS = ROOT / "artefacts"
IMAGES = ROOT / "docs" / "images"
AFTERNOON = "tests/test_afternoon.py"
PIECES = {
    "notebook.png": ("picture-1-cell.png", "picture-2-check.png", "picture-3-plot.png"),
    "result.png": ("picture-4-feedback.png",),
}
FRAME = 6  # pixels
LARGEST = 150_000  # bytes; the README is read on phones as well


def main() -> None:
    """Play the afternoon, and make the pictures of its pieces."""
    pieces = {name: ARTEFACTS / name for names in PIECES.values() for name in names}
    for piece in pieces.values():
        piece.unlink(missing_ok=True)  # that of an earlier run
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-rs", AFTERNOON], cwd=ROOT)
    if done.returncode != 0 or not all(piece.exists() for piece in pieces.values()):
        sys.exit(f"{AFTERNOON} did not pass, so the README's pictures stay as they are.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    for picture, names in PIECES.items():
        write(stacked([Image.open(pieces[name]) for name in names]), IMAGES / picture)


def stacked(pieces: list[Image.Image]) -> Image.Image:
    """Pieces one below the other, on white, without the frame of what stood below them."""
    pieces = [piece.crop((0, 0, piece.width, piece.height - FRAME)) for piece in pieces]
    width, height = max(piece.width for piece in pieces), sum(piece.height for piece in pieces)
    whole = Image.new("RGB", (width, height + FRAME * len(pieces)), "white")
    top = 0
    for piece in pieces:
        whole.paste(piece, (0, top))
        top += piece.height + FRAME
    return whole


def write(image: Image.Image, path: Path) -> None:
    """Write a picture in as many colours as a byte can tell, and say how large it is."""
    image.quantize(256).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size // 1024} KiB")
    if size > LARGEST:
        sys.exit(f"{path.name} is larger than {LARGEST // 1000} kB: show less of the page.")


if __name__ == "__main__":
    main()
