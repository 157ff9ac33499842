"""The explorer's data on the results page: per adversarial set a sprite of its pairs, and a script with the rest."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from workflow_scripts.analysis.spectrum.amplitude import log_amplitudes
from workflow_scripts.inputs.explored_pairs import ExploredPairs
from workflow_scripts.inputs.explored_saliency import Saliency
from workflow_scripts.inputs.explored_series import Line, Series, aligned, all_line, attacked_line
from workflow_scripts.models.classifier import Classifier
from workflow_scripts.rendering.page.sprites import colour_view, image_view, perturbation_view, sprite

LIKELIEST = 3
"""Predicted classes shown per image."""
SALIENT_FILTERS = 5
DIGITS = 4
"""Significant digits of the numbers in the script."""
CHARTS: dict[str, tuple[str, str, bool]] = {
    "iip": ("Information path of the input (IIP)", "nats", False),
    "oip": ("Information path of the output (OIP)", "nats", False),
    "maximum": ("Largest response difference", "", True),
    "total": ("Summed response difference", "", True),
    "saliency": ("Saliency of the filters, mean per layer", "standard deviations", False),
}
"""Series → its chart's title, unit, and whether its axis is logarithmic."""


def write_pair(
    folder: Path, name: str, pairs: ExploredPairs, victim: Classifier, classes: Sequence[str], device: str
) -> None:
    """Write `<name>.webp` and `<name>.js` for the pairs of one set, of which there is at least one."""
    views, largest = views_of(pairs)
    content, side = sprite(list(views.values()))
    (folder / f"{name}.webp").write_bytes(content)
    probabilities = [predict(victim, images, device) for images in (pairs.natural, pairs.adversarial)]
    images = [
        {
            **{key: plain(values[row]) for key, values in pairs.columns.items() if key != "skipped"},
            "label": classes[pairs.columns["label"][row]],
            "before": likeliest(probabilities[0][row], classes),
            "after": likeliest(probabilities[1][row], classes),
            "largest": plain(largest[row]),
            "filters": salient_filters(pairs, row),
            "mapped": mapped(pairs, row),
        }
        for row in range(len(pairs.natural))
    ]
    described = {"side": side, "pixels": pairs.natural.shape[-1], "views": list(views), "images": images}
    described["charts"] = charts_of(pairs)
    text = json.dumps(described, allow_nan=False, separators=(",", ":"))
    (folder / f"{name}.js").write_text(f"explorer.pair({json.dumps(name)},{text});\n", encoding="utf-8")


def views_of(pairs: ExploredPairs) -> tuple[dict[str, NDArray], NDArray]:
    """View → uint8 (n, H, W, 3), and the perturbations' largest absolute value (n,)."""
    perturbations = pairs.adversarial - pairs.natural
    perturbed, largest = perturbation_view(perturbations)
    views = {
        "clean": image_view(pairs.natural),
        "adversarial": image_view(pairs.adversarial),
        "perturbation": perturbed,
        "spectrum": colour_view(log_amplitudes(perturbations)),
    }
    if pairs.input_saliency is not None:
        for view, heat in (("heat_clean", pairs.input_saliency.clean), ("heat", pairs.input_saliency.attacked)):
            position = {int(image): row for row, image in enumerate(pairs.input_saliency.index)}
            maps = [
                heat[position[int(image)]] if int(image) in position else np.zeros(heat.shape[1:])
                for image in pairs.columns["index"]
            ]
            views[view] = colour_view(np.stack(maps))
    return views, largest


def mapped(pairs: ExploredPairs, row: int) -> bool:
    """Whether the pair has heat maps of input saliency."""
    return pairs.input_saliency is not None and bool(np.isin(pairs.columns["index"][row], pairs.input_saliency.index))


@torch.no_grad()
def predict(victim: Classifier, images: NDArray, device: str) -> NDArray:
    """Class probabilities (n, classes) of images (n, C, H, W) in [0, 1]."""
    return victim(torch.from_numpy(np.ascontiguousarray(images)).to(device)).softmax(1).cpu().numpy()


def likeliest(probabilities: NDArray, classes: Sequence[str]) -> list[tuple[str, float]]:
    """The likeliest classes, by name, with their probabilities."""
    order = np.argsort(-probabilities, kind="stable")[:LIKELIEST]
    return [(classes[k], round(float(probabilities[k]), DIGITS)) for k in order]


def salient_filters(pairs: ExploredPairs, row: int) -> list[tuple[str, int, float]]:
    """The pair's most salient filters under the attack: layer, rank in the layer, salience; empty if not measured."""
    if pairs.saliency is None:
        return []
    found = pairs.saliency.most_salient(int(pairs.columns["index"][row]), SALIENT_FILTERS)
    names = dict(zip(pairs.saliency.layers, short_names(pairs.saliency.layers), strict=True))
    return [(names[layer], rank, plain(salience)) for layer, rank, salience in found]


def charts_of(pairs: ExploredPairs) -> list[dict]:
    """What the explorer draws of the series: lines of many images (`common`), and lines of each pair (`own`)."""
    series: dict[str, Series] = dict(pairs.series)
    if pairs.saliency is not None:
        series.setdefault("saliency", saliency_series(pairs.saliency, pairs.columns["index"]))
    return [chart(name, each) for name, each in series.items()]


def saliency_series(measured: Saliency, index: NDArray) -> Series:
    """Mean salience per layer of the pairs, of all images of the attack, and of clean images."""
    by_layer = measured.by_layer
    everything = by_layer.mean(0) if len(by_layer) else np.full(len(measured.layers), np.nan)
    own = attacked_line(aligned(measured.index, by_layer, index))
    return Series(measured.layers, [Line("clean images", measured.clean), all_line(everything)], [own])


def chart(name: str, series: Series) -> dict:
    """One chart: title, unit, layers, and its lines, of which a band has `low` and `high`."""
    title, unit, logarithmic = CHARTS[name]
    lines = {"common": [plain_line(each) for each in series.common], "own": [plain_line(each) for each in series.own]}
    return {
        "name": name,
        "title": title,
        "unit": unit,
        "logarithmic": logarithmic,
        "layers": short_names(series.layers),
        **lines,
    }


def plain_line(line: Line) -> dict:
    """A line for JSON."""
    band = {"low": plain(line.low), "high": plain(line.high)} if line.low is not None else {}
    return {"name": line.name, "values": plain(line.values), **band}


def short_names(layers: Sequence[str]) -> list[str]:
    """The layers' names without the beginnings and the ends that all of them share, part by part between the dots."""
    parts = [layer.split(".") for layer in layers]
    longest = min(map(len, parts), default=1) - 1
    first = next((k for k in range(longest) if len({each[k] for each in parts}) > 1), longest)
    last = next((k for k in range(longest - first) if len({each[-1 - k] for each in parts}) > 1), longest - first)
    return [".".join(each[first : len(each) - last]) for each in parts]


def plain(value: object) -> object:
    """A number, or an array as lists, for JSON: floats with DIGITS significant digits, None for what is not finite."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    number = float(value)
    return float(f"{number:.{DIGITS}g}") if math.isfinite(number) else None
