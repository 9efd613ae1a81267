"""Makes the README's pictures: parts of the executed notebook, and a graded result's page.

    python docs/make_pictures.py

It needs Chromium, and uses CIFAR-10 where CIFAR10_DIR names it. The sample result is one of
`make demo`, which must have run.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbconvert
import nbformat
from nbclient import NotebookClient
from PIL import Image, ImageChops

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
SOURCE = ROOT / "source" / "two_layer_net" / "two_layer_net.ipynb"
SHOWN = ("check_backward", "diagnosis_plots", "best_weights")
RESULT = ROOT / "demo" / "grades" / "emil_no_relu_backward" / "feedback.html"


def main() -> None:
    """Execute the notebook, render both pages, and photograph them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "notebook.html"
        page.write_text(notebook_page(Path(folder)), encoding="utf-8")
        photograph(page, IMAGES / "notebook.png", 1000, 1500)
        photograph(RESULT, IMAGES / "result.png", 860, 1500)


def notebook_page(folder: Path) -> str:
    """The executed notebook's cells named in SHOWN, as HTML."""
    shutil.copy(SOURCE, folder)  # its last cell packs it
    notebook = nbformat.read(SOURCE, 4)
    NotebookClient(notebook, timeout=900, resources={"metadata": {"path": folder}}).execute()
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") in SHOWN
    ]
    for cell in notebook.cells:  # what a student sees: no solution, no hidden test
        cell.source = cell.source.split("###")[0].strip() or "# your plots"
    html, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    return html


def photograph(page: Path, picture: Path, width: int, height: int) -> None:
    """Take a picture of a page with headless Chromium, and cut its empty edge off."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        sys.exit("Chromium is needed; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += ["--disable-background-networking", "--disable-component-update"]
        command += [f"--user-data-dir={profile}", f"--window-size={width},{height}"]
        command += [
            "--force-device-scale-factor=1",
            f"--screenshot={picture}",
            page.resolve().as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    image = Image.open(picture).convert("RGB")
    background = Image.new("RGB", image.size, image.getpixel((2, image.height - 2)))
    box = ImageChops.difference(image, background).getbbox()
    if box is not None:
        image = image.crop((0, 0, image.width, min(box[3] + 20, image.height)))
    image.quantize(128).save(picture, optimize=True)
    print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
