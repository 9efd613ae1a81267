"""The grid of images: its layout, and images that can't be stretched."""

import re
import warnings
from math import ceil, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.vis_utils import visualize_grid


def images(count: int, height: int = 4, width: int = 3, channels: int = 3) -> np.ndarray:
    return np.random.RandomState(0).randn(count, height, width, channels)


@settings(max_examples=100, deadline=None)
@given(
    count=st.integers(1, 30),
    height=st.integers(1, 5),
    width=st.integers(1, 5),
    channels=st.sampled_from([1, 3]),
    padding=st.integers(0, 3),
    ubound=st.sampled_from([1.0, 255.0]),
)
def test_layout(
    count: int, height: int, width: int, channels: int, padding: int, ubound: float
) -> None:
    Xs = images(count, height, width, channels)
    kept = Xs.copy()
    grid = visualize_grid(Xs, ubound, padding)
    side = ceil(sqrt(count))
    rows = ceil(count / side)
    assert grid.shape == (
        rows * (height + padding) - padding,
        side * (width + padding) - padding,
        channels,
    )
    drawn = np.zeros(grid.shape[:2], bool)
    for number, image in enumerate(Xs):
        top, left = number // side * (height + padding), number % side * (width + padding)
        place = np.s_[top : top + height, left : left + width]
        drawn[place] = True
        low, high = image.min(), image.max()
        expected = ubound * (image - low) / (high - low) if low < high else 0 * image
        assert np.allclose(grid[place], expected)
    assert not grid[~drawn].any()  # padding and places without an image are black
    assert grid.min() >= 0 and grid.max() <= ubound * (1 + 1e-15)
    assert np.array_equal(Xs, kept)


def test_no_pixel_is_brighter_than_the_bound() -> None:
    grids = [visualize_grid(np.random.RandomState(seed).randn(1, 2, 2, 3)) for seed in range(300)]
    assert max(grid.max() for grid in grids) == 255


def test_one_image() -> None:
    grid = visualize_grid(images(1), padding=7)
    assert grid.shape == (4, 3, 3)
    assert grid.min() == 0 and grid.max() == 255


@pytest.mark.parametrize(("count", "rows", "columns"), [(2, 1, 2), (3, 2, 2), (50, 7, 8)])
def test_no_row_is_empty(count: int, rows: int, columns: int) -> None:
    grid = visualize_grid(images(count), padding=0)
    assert grid.shape == (rows * 4, columns * 3, 3)
    assert grid[-4:].any()


def test_each_image_is_stretched_by_itself() -> None:
    Xs = images(2)
    Xs[1] *= 1e-6
    grid = visualize_grid(Xs, padding=0)
    assert grid[:, 3:6].max() == pytest.approx(255)


@pytest.mark.parametrize("value", [0.0, 7.5, -3.0])
def test_a_flat_image_is_black_and_makes_no_warning(value: float) -> None:
    Xs = images(2)
    Xs[0] = value
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = visualize_grid(Xs, padding=0)
    assert not grid[:, :3].any()
    assert grid[:, 3:6].max() == 255


def test_a_nan_makes_a_black_image_and_leaves_the_others() -> None:
    Xs = images(4)
    Xs[2, 0, 0, 0] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = visualize_grid(Xs, padding=0)
    assert np.isfinite(grid).all()
    assert not grid[4:, :3].any()
    assert grid[:4, :3].max() == grid[4:, 3:6].max() == 255


def test_an_infinity_makes_no_nan_and_no_warning() -> None:
    Xs = images(2)
    Xs[0, 0, 0, 0] = np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = visualize_grid(Xs)
    assert np.isfinite(grid).all()


def test_bytes_are_stretched_as_numbers() -> None:
    Xs = np.array([10, 20, 250], np.uint8).reshape(1, 3, 1, 1)
    assert visualize_grid(Xs).ravel() == pytest.approx([0, 255 * 10 / 240, 255])


def test_the_notebooks_weights_become_images() -> None:
    """A unit's row of W1, flattened from (32, 32, 3), comes out as its own image."""
    W1 = images(50, 32, 32).reshape(50, -1)
    drawn = W1.T.reshape(32, 32, 3, -1).transpose(3, 0, 1, 2)
    assert np.array_equal(drawn[17], W1[17].reshape(32, 32, 3))
    assert visualize_grid(drawn, padding=3).shape == (7 * 35 - 3, 8 * 35 - 3, 3)


@pytest.mark.parametrize("shape", [(32, 32, 3), (4, 3072), (0, 32, 32, 3), (), (1, 2, 3, 4, 5)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=re.escape(f"(N, H, W, C), not {shape}")):
        visualize_grid(np.zeros(shape))
