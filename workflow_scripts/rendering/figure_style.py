"""One style for all figures: sizes and fonts of a two-column paper, and colours that are safe for the colour-blind.

Every series has its own colour, marker and line style, so that figures are readable without colour too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import wraps
from itertools import cycle
from string import ascii_lowercase
from typing import Any, ParamSpec, TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from workflow_scripts.rendering.names import display_name

SINGLE_COLUMN = 3.35  # inches
DOUBLE_COLUMN = 6.9

# Okabe and Ito, "Color universal design" (2008).
ORANGE, SKY_BLUE, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, BLACK = "#0072B2", "#D55E00", "#CC79A7", "#000000"
GREY = "#7A7A7A"

RC = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 8,
    "figure.constrained_layout.h_pad": 0.03,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.03,
    "figure.constrained_layout.wspace": 0.04,
    "font.family": "DejaVu Sans",  # Comes with matplotlib: the same font, so the same bytes, everywhere.
    "font.size": 8,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.5,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.2,
    "pdf.fonttype": 42,  # TrueType: publishers refuse type 3 fonts.
    "xtick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.labelsize": 7,
    "ytick.major.width": 0.6,
}

P = ParamSpec("P")
R = TypeVar("R")


def paper_style(draw: Callable[P, R]) -> Callable[P, R]:
    """Decorate a drawing function to use this style alone, whatever the user's matplotlibrc says."""

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> R:
        with matplotlib.rc_context():
            matplotlib.rcdefaults()
            matplotlib.rcParams.update(RC)
            return draw(*args, **kwargs)

    return styled


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of `width` × `height` inches outside pyplot's state; call it under `paper_style`."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


@dataclass(frozen=True)
class SeriesStyle:
    """The colour, marker and dashes of one series."""

    colour: str
    marker: str
    dashes: str | tuple[float, tuple[float, ...]]

    @property
    def line(self) -> dict[str, Any]:
        """The style as keyword arguments of `Axes.plot`."""
        return {"color": self.colour, "marker": self.marker, "linestyle": self.dashes}


# The paper's colours where it names them (Figures 5, 8 and 9: JSMA blue, FGSM red, C&W green).
_KNOWN = {
    "normal": SeriesStyle(BLACK, "o", "-"),
    "fgsm": SeriesStyle(VERMILLION, "s", "-"),
    "igsm": SeriesStyle(ORANGE, "D", "--"),
    "jsma": SeriesStyle(BLUE, "^", "-"),
    "deepfool": SeriesStyle(PURPLE, "v", "-."),
    "carlini_wagner": SeriesStyle(GREEN, "P", (0, (4, 1.2))),
}
_FREE = (
    SeriesStyle(SKY_BLUE, "X", (0, (3, 1, 1, 1))),
    SeriesStyle(VERMILLION, ">", "--"),
    SeriesStyle(GREEN, "h", "-."),
    SeriesStyle(PURPLE, "p", ":"),
    SeriesStyle(ORANGE, "*", "-"),
    SeriesStyle(BLUE, "<", "--"),
    SeriesStyle(YELLOW, "d", "-"),
)


def series_styles(names: Iterable[str]) -> dict[str, SeriesStyle]:
    """A style for each name: known attacks have the same in every figure, other names get the next free one, in order.

    Styles whose colour no known attack among `names` has are used first.
    """
    names = list(dict.fromkeys(names))
    colours = {_KNOWN[name].colour for name in names if name in _KNOWN}
    free = cycle(sorted(_FREE, key=lambda style: style.colour in colours))
    return {name: _KNOWN[name] if name in _KNOWN else next(free) for name in names}


def plain_label(name: str) -> str:
    """The display name of `name`, escaped so that matplotlib draws it literally and not as mathematics."""
    return display_name(name).replace("$", r"\$")


def panel_letters(panels: Sequence[Axes], letters: str = ascii_lowercase) -> None:
    """Write (a), (b), … before each panel's title; `letters`: in which order."""
    for axes, letter in zip(panels, letters, strict=False):
        axes.set_title(f"({letter}) {axes.get_title()}".rstrip(), pad=4)


def whole_numbers() -> MaxNLocator:
    """A tick locator for epochs and iterations: whole numbers in steps of 1, 2 or 5 times a power of ten."""
    return MaxNLocator(integer=True, steps=[1, 2, 5, 10])


def layer_ticks(axes: Axes, layers: Sequence[str]) -> None:
    """Label the abscissa's positions 0 … K − 1 with the layers: vertically where crowded, at most 20 or so of them."""
    count = len(layers)
    step = 1 + (count - 1) // 20
    shown = range(0, count, step)
    crowded = sum(len(layers[k]) for k in shown) > 24
    axes.set_xticks(list(shown), [layers[k] for k in shown], rotation=90 if crowded else 0)
    if crowded:
        axes.tick_params(axis="x", labelsize=6)
    axes.set_xlim(-0.4, count - 0.6)
