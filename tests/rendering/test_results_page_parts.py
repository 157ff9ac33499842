"""Parts of the results page: order, names, verdicts, the HTML of a table, and sprites."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from workflow_scripts.rendering.html import html_text
from workflow_scripts.rendering.page.contents import Shown, entries_of, studies_of
from workflow_scripts.rendering.page.sprites import (
    LARGEST_SIDE,
    colour_view,
    image_view,
    perturbation_view,
    sprite,
)
from workflow_scripts.rendering.page.tables import claims_of, short_number, table_part
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table


def shown(kind: str, name: str, study: str = "s") -> Shown:
    return Shown(kind, study, name, "", "", f"{kind}/x", "0" * 64, ["html", "csv", "png"])


def test_the_order_within_a_study_is_the_papers():
    numbered = ["figure_11", "table_10", "table_2", "table_9_fgsm", "table_9", "figure_2"]
    made = [shown("figure" if name.startswith("figure") else "table", name) for name in numbered]
    made += [
        shown(kind, name) for kind, name in (("figure", "z"), ("table", "zebra"), ("table", "ape"), ("figure", "a"))
    ]
    made += [shown("table", "survival"), shown("table", "findings")]
    (study,) = studies_of(made, [])
    tables = ["findings", "survival", "table_2", "table_9", "table_9_fgsm", "table_10", "zebra", "ape"]
    assert [each.name for each in study.publications] == [*tables, "figure_2", "figure_11", "z", "a"]
    assert study.headline.name == "figure_2"


def test_studies_keep_the_order_in_which_they_come():
    made = [shown("table", "findings", study) for study in ("b", "a", "b", "atlas")]
    assert [study.name for study in studies_of(made, [])] == ["b", "a", "atlas"]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("table_2", "Table 2"),
        ("figure_3_igsm", "Figure 3, IGSM"),
        ("table_9_carlini_wagner", "Table 9, C&W"),
        ("findings", "Findings"),
        ("learning_curve_<b>", "Learning_curve_<b>"),
    ],
)
def test_a_publications_name_for_readers(name, label):
    assert shown("table", name).label == label


def test_addresses_and_commands_hold_names_of_any_kind():
    each = shown("figure", "learning_curve_a b#c'")
    assert each.downloads == [
        ("PNG", "page/figures/s/learning_curve_a%20b%23c%27.png"),
        ("CSV", "page/figures/s/learning_curve_a%20b%23c%27.csv"),
        ("HTML", "page/figures/s/learning_curve_a%20b%23c%27.html"),
    ]
    assert each.id == "s-figure-learning_curve_a_b#c'"
    assert shown("table", "same").id != shown("figure", "same").id
    assert each.command == "snakemake 'results/figures/s/learning_curve_a b#c'\"'\"'.pdf'"


def test_the_configurations_entries_of_roles():
    roles = [
        {"model": "m", "attack": "normal"},
        {"victim": "v", "attack": "a.b"},
        {"dataset": "d", "target": "", "seed": 0},
    ]
    assert entries_of(roles) == ["attacks.a.b", "datasets.d", "models.m", "models.v"]


def test_a_tables_part_of_the_page_is_what_the_table_file_shows():
    rows = [Row({"name": "<b>&"}, {"x": Cell(1.5, None, 1, 3, 2.0)})]
    table = Table(
        "my_study", "2", "A (b) title", "Caption", [Key("name", "Name")], [Column("x", "X", 1)], rows, ["A note"]
    )
    whole = html_text(table, ["adversarial/a"])
    title, part = table_part(whole)
    assert title == "A (b) title"
    assert part in whole and part.startswith('<div class="scroll">') and part.endswith("</ul>")
    assert "&lt;b&gt;&amp;" in part and "A note" in part and "adversarial/a" not in part


def test_claims_with_and_without_a_control():
    findings = "finding,claim,verdict,effect,lower,upper\na,A.,supported,-0.123456,1e-7,3\nb,B.,not measured,,,\n"
    a, b = claims_of("s", findings)
    assert (a.effect, a.interval, a.verdict, a.beyond_control) == ("−0.1235", "1e−07 … 3", "supported", "")
    assert (b.effect, b.interval, b.beyond_control) == ("–", "–", "")
    a, b = claims_of("s", findings, "finding,control,beyond\na,shuffled,survives\n")
    assert (a.beyond_control, a.control, b.beyond_control) == ("survives", "shuffled", "")
    assert short_number("1234567") == "1.235e+06"


def decoded(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_small_images_keep_every_pixel(channels):
    images = np.random.default_rng(0).integers(0, 256, (5, channels, 32, 32)) / np.float32(255)
    content, side = sprite([image_view(images), image_view(1 - images)])
    cells = decoded(content).reshape(2, 32, 5, 32, 3).swapaxes(1, 2)
    expected = images if channels != 4 else images.mean(1, keepdims=True)
    expected = np.broadcast_to((expected * 255).round().transpose(0, 2, 3, 1), (5, 32, 32, 3))
    assert side == 32 and np.array_equal(cells[0], expected)


def test_a_perturbation_fills_the_range_and_zero_is_grey():
    perturbations = np.zeros((2, 1, 4, 4), np.float32)
    perturbations[0, 0, 0] = (-0.02, -0.01, 0.01, 0.02)
    view, largest = perturbation_view(perturbations)
    assert largest == pytest.approx([0.02, 0]) and view[0, 0, :, 0].tolist() == [0, 64, 191, 255]
    assert set(view[1].ravel()) == {128}


def test_colours_run_from_the_lowest_to_the_highest_value():
    view = colour_view(np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 5.0], [5.0, 5.0]]]))
    brightness = view.astype(int).sum(-1)
    assert (np.diff(brightness[0].ravel()) > 0).all() and len(np.unique(brightness[1])) == 1


@pytest.mark.parametrize("side", [32, 48, 64, 72, 224])
def test_a_thousand_pairs_stay_below_30_megabytes(side):
    """Of noise, which compresses worst, with all six views."""
    random = np.random.default_rng(0)
    images = random.random((4, 3, side, side), dtype=np.float32)
    changed = images + random.choice([-8 / 255, 8 / 255], images.shape).astype(np.float32)
    noise = [colour_view(random.random((4, side, side))) for _ in range(3)]
    content, cell = sprite([image_view(images), image_view(changed), perturbation_view(changed - images)[0], *noise])
    assert cell == min(side, LARGEST_SIDE) and len(content) / 4 * 1000 < 30e6
