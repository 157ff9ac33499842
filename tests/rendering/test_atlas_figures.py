"""Figures of the atlas: what is drawn is in the frame, styles are told apart, nothing is clipped."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist, squareform

from workflow_scripts.rendering.figure_files import write_figure
from workflow_scripts.rendering.figures.attack_curves import Abscissa, Curve, attack_curves
from workflow_scripts.rendering.figures.clustered_heat_map import clustered_heat_map
from workflow_scripts.rendering.figures.similarity_map import similarity_map
from workflow_scripts.rendering.figures.success_by_distance import BEST, DistancePanel, success_by_distance
from workflow_scripts.rendering.figures.transfer_matrices import transfer_matrices

MODELS = ["good_init", "a model with a $long$ name, and then some"]
ATTACKS = ["fgsm", "igsm", "jsma", "deepfool", "carlini_wagner_l2", "pgd", "patch", "foolbox_brendel_bethge"]
NAMES = [(model, attack) for model in MODELS for attack in ATTACKS]
POINTS = np.random.default_rng(0).normal(size=(len(NAMES), 2)) * [5, 2]
DISTANCES = squareform(pdist(POINTS))
TREE = linkage(squareform(DISTANCES), "average")


def curves(titles=("attack", "shuffled")):
    value = np.linspace(-1, 2, 10)
    curve = Curve(value, value - 0.1, value + 0.2)
    panels = {model: {title: {attack: curve for attack in ATTACKS} for title in titles} for model in MODELS}
    return attack_curves(panels, Abscissa(np.linspace(0, 1, 10), "relative depth"), "shift (nats)")


def success():
    distances = {"fgsm": np.array([1.0, 1, 1, np.inf]), "jsma": np.array([0.5, 2, np.inf, 3])}
    return success_by_distance([[DistancePanel(model, norm, distances) for model in MODELS] for norm in ("L2", "L∞")])


def transfer():
    shares = {attack: np.array([[1.0, 0.25], [np.nan, 0.9]]) for attack in ATTACKS[:5]}
    ends = [{name: np.clip(values + move, 0, 1) for name, values in shares.items()} for move in (-0.1, 0.1)]
    return transfer_matrices(shares, *ends, MODELS)


FIGURES = {
    "curves": curves,
    "four columns": lambda: curves(("maximum, attack / shuffled", "total, attack / shuffled", "c, attack / x", "d")),
    "success": success,
    "heat map": lambda: clustered_heat_map(DISTANCES, NAMES, TREE, "distance (split-half deviations)"),
    "map": lambda: similarity_map(POINTS, NAMES, np.array([0.8, 0.2])),
    "transfer": transfer,
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_bytes_and_nothing_is_clipped(name, tmp_path):
    figure, frame = FIGURES[name]()
    first = [path.read_bytes() for path in write_figure(figure, frame, tmp_path / "a", "x")]
    assert first == [path.read_bytes() for path in write_figure(*FIGURES[name](), tmp_path / "b", "x")]
    drawn = figure.get_tightbbox(figure.canvas.get_renderer())
    width, height = figure.get_size_inches()
    assert drawn.x0 >= -0.01 and drawn.y0 >= -0.01 and drawn.x1 <= width + 0.01 and drawn.y1 <= height + 0.01


def test_titles_do_not_touch():
    figure, _ = FIGURES["four columns"]()
    figure.draw_without_rendering()
    boxes = [axes.title.get_window_extent() for axes in figure.axes[:4]]
    assert all(left.x1 < right.x0 for left, right in zip(boxes[:-1], boxes[1:], strict=True))


def test_curves_are_in_the_frame():
    figure, frame = curves()
    assert len(figure.axes) == 4 and len(frame) == 2 * 2 * 8 * 10
    row = frame.iloc[9]
    assert (row["model"], row["attack"], row["at"], row["value"]) == ("good_init", "fgsm", 1, 2)
    assert (row["lower"], row["upper"]) == pytest.approx((1.9, 2.2))
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 10]
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 8
    with pytest.raises(ValueError, match="the same panels"):
        attack_curves({"a": {"x": {}}, "b": {"y": {}}}, Abscissa(np.zeros(1), ""), "")
    with pytest.raises(ValueError, match="there must be one"):
        attack_curves({}, Abscissa(np.zeros(1), ""), "")


def test_success_rises_to_its_share_and_the_best_is_above_all():
    _, frame = success()
    own = frame[(frame["model"] == "good_init") & (frame["norm"] == "L2")]
    assert own[own["attack"] == "fgsm"][["distance", "share"]].to_numpy().tolist() == [[1, 0.75]]
    assert own[own["attack"] == "jsma"]["share"].tolist() == [0.25, 0.5, 0.75]
    assert own[own["attack"] == BEST][["distance", "share"]].to_numpy().tolist() == [[0.5, 0.25], [1, 0.75], [3, 1]]
    never = DistancePanel("m", "L2", {"fgsm": np.full(3, np.inf)})
    _, frame = success_by_distance([[never]])
    assert not len(frame)
    with pytest.raises(ValueError, match="no panel"):
        success_by_distance([])


def test_the_heat_map_is_in_the_order_of_the_tree():
    figure, frame = FIGURES["heat map"]()
    order = leaves_list(TREE)
    assert [(r["model"], r["attack"]) for _, r in frame[:: len(NAMES)].iterrows()] == [NAMES[k] for k in order]
    assert frame["distance"].to_numpy().reshape(16, 16) == pytest.approx(DISTANCES[np.ix_(order, order)])
    branches, cells = figure.axes[:2]
    assert len(branches.lines) == 15
    # A cluster of two is joined between its rows of the heat map.
    leaf_rows = {int(k): row for row, k in enumerate(order)}
    first, second, height, _ = TREE[0]
    middle = (leaf_rows[int(first)] + leaf_rows[int(second)]) / 2
    assert any(
        max(line.get_xdata()) == height and np.mean([line.get_ydata()[0], line.get_ydata()[3]]) == middle
        for line in branches.lines
    )
    assert branches.get_ylim() == cells.get_ylim()
    with pytest.raises(ValueError, match="15 names and 16 leaves"):
        clustered_heat_map(DISTANCES, NAMES[1:], TREE, "")


def test_points_of_the_map_differ_by_attack_and_model():
    figure, frame = FIGURES["map"]()
    axes = figure.axes[0]
    looks = {(line.get_color(), line.get_fillstyle(), line.get_marker()) for line in axes.lines}
    assert len(looks) == len(axes.lines) == 16
    assert frame[["first", "second"]].to_numpy() == pytest.approx(POINTS)
    with pytest.raises(ValueError, match="16 names for 3 points"):
        similarity_map(POINTS[:3], NAMES, np.ones(2))


def test_transfer_shares_are_written_in_percent():
    figure, frame = transfer()
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["100", "90–100", "25", "15–35", "90", "80–100"]
    assert len(frame) == 20 and frame["share"].isna().sum() == 5
    with pytest.raises(ValueError, match="no attack"):
        transfer_matrices({}, {}, {}, MODELS)
