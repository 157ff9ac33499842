"""Figures: what is drawn is in the frame, the bytes do not depend on the day, no global state changes."""

import io
import sys

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from workflow_scripts.rendering.figure_files import frame_csv, write_figure
from workflow_scripts.rendering.figure_latex import figure_latex_text
from workflow_scripts.rendering.figure_style import plain_label, series_styles
from workflow_scripts.rendering.figures.adversarial_images import adversarial_images
from workflow_scripts.rendering.figures.aggregated_paths import AggregatedPath, Band, aggregated_paths
from workflow_scripts.rendering.figures.attack_trajectory import attack_trajectory
from workflow_scripts.rendering.figures.learning_curve import learning_curve
from workflow_scripts.rendering.names import display_name


def images_figure(channels=3, amplification=None):
    random = np.random.default_rng(0)
    originals = random.random((3, channels, 8, 8), dtype=np.float32)
    moved = np.clip(originals + 0.1, 0, 1)
    return adversarial_images(
        originals,
        {"fgsm": moved, "jsma": originals.copy()},
        ["cat", "dog", "automobile"],
        {"fgsm": ["dog", "dog", "cat"], "jsma": ["cat", "dog", "automobile"]},
        amplification,
    )


def trajectory_figure():
    steps = np.linspace(0, 0.1, 5)[:, None]
    layers = np.arange(4)
    return attack_trajectory(0.5 - 0.1 * layers + steps, 0.1 * layers + 2 * steps)


def path(attack, shift=0.0, target=None, layers=4):
    mean = np.linspace(0.1, 0.4, layers) + shift
    band = Band(mean, mean - 0.01, mean + 0.01)
    return AggregatedPath(attack, band, band, target)


def paths_figure():
    pair = ("original", "compressed")
    return aggregated_paths(
        {model: [path("normal"), *(path("jsma", 0.1, target) for target in pair)] for model in pair}
    )


def history(**columns):
    frame = {
        "epoch": [1, 2, 3],
        "validation_loss": [2.0, 1.0, 1.5],
        "validation_accuracy": [0.5, 0.9, 0.9],
        "train_loss": [2.0, 1.0, 0.5],
        "train_accuracy": [0.5, 0.8, 1.0],
    }
    return pd.DataFrame({**frame, **columns})


FIGURES = {
    "images": images_figure,
    "perturbations": lambda: images_figure(1, 5.0),
    "trajectory": trajectory_figure,
    "paths": paths_figure,
    "learning": lambda: learning_curve(history()),
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_data_gives_the_same_bytes_and_nothing_is_clipped(name, tmp_path):
    figure, frame = FIGURES[name]()
    first = [path.read_bytes() for path in write_figure(figure, frame, tmp_path / "a", "figure_1")]
    anew = [path.read_bytes() for path in write_figure(*FIGURES[name](), tmp_path / "b", "figure_1")]
    assert first == anew
    pdf, png, _ = first
    assert pdf.startswith(b"%PDF") and png.startswith(b"\x89PNG")
    for word in (b"CreationDate", b"Producer", b"/Type3"):
        assert word not in pdf
    assert b"Software" not in png
    drawn = figure.get_tightbbox(figure.canvas.get_renderer())
    width, height = figure.get_size_inches()
    assert drawn.x0 >= -0.01 and drawn.y0 >= -0.01
    assert drawn.x1 <= width + 0.01 and drawn.y1 <= height + 0.01


def test_a_figure_written_twice_keeps_its_layout(tmp_path):
    figure, frame = paths_figure()
    first = [path.read_bytes() for path in write_figure(figure, frame, tmp_path / "a", "x")]
    assert [path.read_bytes() for path in write_figure(figure, frame, tmp_path / "b", "x")] == first


def test_the_user_s_settings_neither_matter_nor_change(tmp_path):
    plain = [path.read_bytes() for path in write_figure(*learning_curve(history()), tmp_path / "a", "x")]
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"font.size": 20, "axes.facecolor": "red", "savefig.dpi": 10}):
        other = [path.read_bytes() for path in write_figure(*learning_curve(history()), tmp_path / "b", "x")]
    assert plain == other
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_a_frame_s_csv_is_exact_for_both_precisions():
    frame = pd.DataFrame(
        {
            "double": [1 / 3, 0.1 + 0.2, np.nan],
            "single": np.array([0.1, 1 / 3, 2.0], dtype=np.float32),
            "name": ["a,b", 'c"d', "ε"],
            "count": [1, 2, 3],
        }
    )
    back = pd.read_csv(io.StringIO(frame_csv(frame)))
    assert back["double"].equals(frame["double"])
    assert (back["single"] == frame["single"].astype(np.float64)).all()
    assert list(back["name"]) == list(frame["name"]) and list(back["count"]) == [1, 2, 3]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("amplification", [None, 10.0])
def test_images_are_all_drawn_and_measured(channels, amplification):
    figure, frame = images_figure(channels, amplification)
    drawn = [len(axes.images) for axes in figure.axes]
    assert drawn == ([9] if amplification is None else [9, 6])
    assert list(frame["row"]) == ["original"] * 3 + ["fgsm"] * 3 + ["jsma"] * 3
    assert list(frame["changed"]) == [False] * 3 + [True, False, True] + [False] * 3
    fgsm = frame[frame["row"] == "fgsm"]
    assert (fgsm["linf"] <= 0.1 + 1e-6).all() and (fgsm["l2"] > 0).all()
    assert (frame[frame["row"] == "jsma"][["l0", "l2", "linf"]] == 0).all(axis=None)
    assert list(frame["sha256"][:3]) == list(frame["sha256"][6:])


def test_images_of_another_shape_or_range_are_refused():
    good = np.zeros((2, 3, 4, 4), dtype=np.float32)
    with pytest.raises(ValueError, match="and the originals"):
        adversarial_images(good, {"fgsm": good[:1]}, "ab", {"fgsm": "ab"})
    with pytest.raises(ValueError, match=r"should lie in \[0, 1\]"):
        adversarial_images(good - 1, {}, "ab", {})
    with pytest.raises(ValueError, match=r"should lie in \[0, 1\]"):
        adversarial_images(np.full_like(good, np.nan), {}, "ab", {})
    with pytest.raises(ValueError, match="should be"):
        adversarial_images(good[:, :2], {}, "ab", {})
    with pytest.raises(ValueError, match="1 classes for 2 images"):
        adversarial_images(good, {"fgsm": good}, "ab", {"fgsm": "a"})


def test_the_trajectory_s_deviation_is_the_mean_over_layers():
    figure, frame = trajectory_figure()
    assert isinstance(figure, Figure) and len(figure.axes) == 6
    last = frame[frame["iteration"] == 4]
    assert last["iip_deviation"].to_numpy() == pytest.approx(np.full(4, 0.1))
    assert last["oip_deviation"].to_numpy() == pytest.approx(np.full(4, 0.2))
    assert (frame[frame["iteration"] == 0][["iip_deviation", "oip_deviation"]] == 0).all(axis=None)
    assert list(frame["layer"][:4]) == ["conv1", "conv2", "conv3", "conv4"]


def test_a_trajectory_of_which_some_iterations_were_kept():
    paths = np.arange(6.0).reshape(3, 2)
    figure, frame = attack_trajectory(paths, paths, iterations=[0, 10, 40])
    assert list(frame["iteration"]) == [0, 0, 10, 10, 40, 40]
    assert list(figure.axes[3].lines[0].get_xdata()) == [0, 10, 40]
    assert list(frame["iip_deviation"]) == [0, 0, 2, 2, 4, 4]


def test_a_trajectory_of_one_input_and_one_layer_is_drawn(tmp_path):
    write_figure(*attack_trajectory(np.array([[0.3]]), np.array([[0.2]])), tmp_path, "x")
    with pytest.raises(ValueError, match="should both be"):
        attack_trajectory(np.zeros((2, 3)), np.zeros((2, 4)))
    with pytest.raises(ValueError, match="numbers ascending from 0"):
        attack_trajectory(np.zeros((2, 3)), np.zeros((2, 3)), iterations=[0, 0])
    with pytest.raises(ValueError, match="2 layer names for 3 layers"):
        attack_trajectory(np.zeros((2, 3)), np.zeros((2, 3)), ["a", "b"])


def test_paths_made_for_another_model_are_dashed():
    figure, frame = paths_figure()
    assert len(figure.axes) == 6
    styles = [line.get_linestyle() for line in figure.axes[0].lines]
    assert styles == ["-", "-", "--"]
    assert [line.get_linestyle() for line in figure.axes[3].lines] == ["-", "--", "-"]
    assert len(frame) == 2 * 3 * 4
    assert set(frame["target"]) == {"", "original", "compressed"}
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert sorted(labels) == ["JSMA", "made for the other model", "made for this model", "normal"]


def test_three_targets_of_one_attack_have_colours_of_their_own():
    models = {"good_init": 15, "deep_conv": 6, "vgg_like": 13}
    figure, _ = aggregated_paths(
        {
            model: [path("normal", layers=count), *(path("jsma", 0.1, target, count) for target in models)]
            for model, count in models.items()
        }
    )
    labels = {text.get_text() for text in figure.legends[0].get_texts()}
    assert {"targeting good init", "targeting deep conv", "targeting VGG like"} < labels
    assert len({line.get_color() for line in figure.axes[0].lines}) == 4
    ticks = [text.get_text() for text in figure.axes[3].get_xticklabels()]
    assert ticks == [f"conv{k}" for k in range(1, 7)]


def test_paths_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="without information paths"):
        aggregated_paths({"a": []})
    with pytest.raises(ValueError, match=r"jsma: the IIP's mean has shape \(3,\)"):
        aggregated_paths({"a": [path("normal"), path("jsma", layers=3)]})
    with pytest.raises(ValueError, match="1 layer names for 4 layers"):
        aggregated_paths({"a": [path("normal")]}, {"a": ["conv1"]})


def test_the_learning_curve_marks_the_best_epoch():
    assert list(learning_curve(history())[1]["best"]) == [False, True, False]
    assert list(learning_curve(history(), best_epoch=3)[1]["best"]) == [False, False, True]
    figure, frame = learning_curve(history(robust_accuracy=[np.nan, 0.4, np.nan]))
    assert "robust_accuracy" in frame
    assert "best epoch (2)" in [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_learning_curve_needs_its_columns():
    with pytest.raises(ValueError, match="lacks validation_loss"):
        learning_curve(history().drop(columns="validation_loss"))
    with pytest.raises(ValueError, match="the best epoch, 9, is not"):
        learning_curve(history(), best_epoch=9)
    with pytest.raises(ValueError, match="no validation accuracy"):
        learning_curve(history(validation_accuracy=np.nan))


def test_styles_are_stable_and_distinct():
    names = ["normal", "fgsm", "igsm", "jsma", "deepfool", "carlini_wagner", "my_attack", "another"]
    styles = series_styles(names)
    assert styles["jsma"] == series_styles(["jsma"])["jsma"]
    assert len({(style.colour, style.marker) for style in styles.values()}) == len(names)
    assert styles["my_attack"].colour not in {styles[name].colour for name in names[:6]}


def test_names_in_print():
    assert display_name("adaptive_jsma") == "adaptive JSMA"
    assert display_name("well_tuned_carlini_wagner") == "well tuned C&W"
    assert display_name("linf") == "ℓ∞"
    assert display_name("Conv2D: 3×3, a_b") == "Conv2D: 3×3, a_b"
    assert plain_label("a $x$") == r"a \$x\$"


@pytest.mark.parametrize(
    ("width", "environment", "share"), [(3.35, "figure", "1.00"), (6.9, "figure*", "1.00"), (5.175, "figure*", "0.75")]
)
def test_a_figure_s_latex_has_caption_label_and_width(width, environment, share):
    text = figure_latex_text("local_properties", "figure_1_cifar10", "50% & more_", width, ["spectra/pgd--0123"])
    lines = text.splitlines()
    assert lines[:3] == ["% needs \\usepackage{graphicx}", "% from spectra/pgd--0123", rf"\begin{{{environment}}}[tb]"]
    assert rf"  \includegraphics[width={share}\linewidth]{{figure_1_cifar10.pdf}}" in lines
    assert r"  \caption{50\% \& more\_}" in lines and r"  \label{fig:local-properties-1-cifar10}" in lines
    assert lines[-1] == rf"\end{{{environment}}}" and text.endswith("\n")
