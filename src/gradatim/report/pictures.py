"""Arrays as PNG pictures that a page can hold: weights, gradients, and rows that are pictures themselves."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import numpy as np

from gradatim.formulas.arrays import Array
from gradatim.model import Model
from gradatim.network import NumericEmbedding, Parameters
from gradatim.report.tested import Picture

MOST_TILES = 24
MOST_PIXELS = 40_000
"""Of all tiles together: weights are noise, which no PNG makes small."""

LARGEST_SIDE = 96
POSITIVE, NEGATIVE = (0, 114, 178), (213, 94, 0)
"""Blue and vermilion of Okabe & Ito, which people with any of the common colour deficiencies can tell apart."""


def png_of(pixels: Array, says: str) -> Picture:
    """A PNG.

    Args:
        pixels: (height, width), (height, width, 3) or (height, width, 4) numbers from 0 to 1.
        says: what it shows, for those who cannot see it.
    """
    from matplotlib.image import imsave

    file = BytesIO()
    imsave(file, pixels, format="png", cmap="gray", vmin=0, vmax=1, metadata={"Software": "gradatim"})
    return Picture(b64encode(file.getvalue()).decode("ascii"), pixels.shape[1], pixels.shape[0], says)


def signed(numbers: Array) -> Array:
    """Numbers as colours, (height, width, 4): blue where positive, vermilion where negative, the larger the denser."""
    largest = np.abs(numbers).max(initial=0.0) or 1.0
    colours = np.empty((*numbers.shape, 4))
    colours[..., :3] = np.where((numbers > 0)[..., None], POSITIVE, NEGATIVE)
    colours[..., :3] /= 255
    colours[..., 3] = np.abs(numbers) / largest
    return colours


def thinned(picture: Array) -> Array:
    """Every so many rows and columns of pixels of a large picture."""
    step = -(-max(picture.shape[:2]) // LARGEST_SIDE)
    return picture[::step, ::step]


def picture_of_row(pixels: Array, shape: tuple[int, int, int], says: str) -> Picture:
    """A row of encoded pixels as the picture that it was."""
    picture = np.clip(np.asarray(pixels, dtype=np.float64).reshape(shape), 0, 1)
    return png_of(thinned(_in_colours(picture)), says)


def picture_of_pixels(size: Array, shape: tuple[int, int, int], says: str) -> Picture:
    """A number of 0 or more for each pixel as one picture, colours of a pixel added."""
    return png_of(thinned(signed(size.reshape(shape).sum(axis=2))), says)


def picture_of_weights(model: Model) -> Picture | None:
    """What the units of the first layer look at: their weights by pixel, side by side; None but for pictures.

    A learned scale of the inputs is multiplied in. Of many units those with the largest weights are shown.
    """
    pixels = model.encoder.pixels
    if pixels is None or pixels.image_shape is None:
        return None
    shape, architecture = pixels.image_shape, model.architecture
    parameters = Parameters(architecture, model.vector.astype(np.float64))
    width = architecture.inputs
    width += sum(part.columns * (part.width - 1) for part in architecture.front if isinstance(part, NumericEmbedding))
    place = slice(width - pixels.columns, width)  # embedded categories stand behind
    W = parameters.W[1] if parameters.W[1].ndim == 2 else parameters.W[1].mean(axis=0)
    W = W[:, place]
    if "scale" in architecture.block:
        W = W * parameters["scale"].T[:, place]
    side = thinned(np.empty(shape[:2])).size
    count = max(1, min(MOST_TILES, len(W), MOST_PIXELS // side))
    alone = architecture.L == 1 or len(W) <= count
    units = range(count) if alone else np.argsort(-np.abs(W).max(axis=1), kind="stable")[:count]
    tiles = [thinned(_of_one_unit(W[unit].reshape(shape))) for unit in units]
    which = f"{count} of the {len(W)} units" if count < len(W) else "the units"
    order = ", in the order of what they predict" if architecture.L == 1 else ""
    return png_of(_side_by_side(tiles), f"Weights of {which} of layer 1, by pixel{order}.")


def _of_one_unit(weights: Array) -> Array:
    """(height, width, 4): the weights of each channel as that channel's light around grey, or as signs where grey."""
    if weights.shape[2] != 3:
        return signed(weights.sum(axis=2))
    opaque = np.ones((*weights.shape[:2], 1))
    return np.concatenate([0.5 + weights / (2 * (np.abs(weights).max() or 1.0)), opaque], axis=2)


def _side_by_side(tiles: list[Array]) -> Array:
    """Tiles in rows of equal length, with a transparent line between."""
    across = min(len(tiles), 8)
    height, width, _ = tiles[0].shape
    down = -(-len(tiles) // across)
    sheet = np.zeros((down * (height + 1) - 1, across * (width + 1) - 1, 4))
    for place, tile in enumerate(tiles):
        top, left = place // across * (height + 1), place % across * (width + 1)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def _in_colours(picture: Array) -> Array:
    """Grey (height, width), or three channels; of others the mean."""
    return picture if picture.shape[2] == 3 else np.asarray(picture.mean(axis=2))
