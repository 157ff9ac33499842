"""Atlases with one model, one attack, no controls, one layer, or nothing to attack."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from tests.papers.atlas.made_up import MadeUpAtlas
from workflow_scripts.papers.published_table import NothingPublished
from workflow_scripts.rendering.table import all_notes

MODULES = sorted(path.stem for path in Path("workflow_scripts/papers/atlas").glob("*.py"))
TABLES = [name for name in MODULES if name.startswith("table_")]
OF_CONTROLS = {"table_responses", "figure_responses"}


def renderer(name):
    return importlib.import_module(f"workflow_scripts.papers.atlas.{name}")


def draw_all(atlas, leave_out=()):
    """Every table and figure but some; the tables by name."""
    tables = {}
    for name in MODULES:
        if name in leave_out:
            continue
        if name.startswith("table_"):
            tables[name] = renderer(name).table(atlas.inputs(name), NothingPublished())
        elif name.startswith("figure_"):
            assert len(renderer(name).figure(atlas.inputs(name))[1])
    return tables


def test_one_model_of_one_layer_under_two_attacks_without_controls(tmp_path):
    atlas = MadeUpAtlas(tmp_path, {"flat": 1}, {"fgsm": "linf", "jsma": "l0"}, controls=[], count=12)
    tables = draw_all(atlas, OF_CONTROLS)
    assert not renderer("table_responses").table(atlas.inputs(), NothingPublished()).rows
    with pytest.raises(ValueError, match="name a control under studies.atlas.controls"):
        renderer("figure_responses").figure(atlas.inputs())
    variance = {row.keys["factor"]: row.cells for row in tables["table_variance"].rows}
    assert variance["attack"]["r_squared"].mean == pytest.approx(1) and variance["attack"]["p_value"].mean is None
    blocks = {row.keys["block"]: row.cells["scaled"].mean for row in tables["table_fingerprints"].rows}
    assert blocks["responses"] is None and blocks["IIP"] is not None
    assert all(row.cells["centre"].mean is None for row in tables["table_saliency"].rows)


def test_one_attack_on_one_model(tmp_path):
    atlas = MadeUpAtlas(tmp_path, {"alone": 4}, {"fgsm": "linf"}, controls=["shuffled"], count=12)
    tables = draw_all(atlas, {"figure_similarity"})
    assert not tables["table_variance"].rows
    assert any("nothing to compare: one model and one attack" in note for note in all_notes(tables["table_variance"]))
    with pytest.raises(ValueError, match="two things or more"):
        renderer("figure_similarity").figure(atlas.inputs())


def test_a_model_that_classifies_nothing_correctly_is_left_out(tmp_path):
    class Failing(MadeUpAtlas):
        def skipped(self, number):
            return np.ones(self.count, bool) if number == 1 else super().skipped(number)

    atlas = Failing(tmp_path, {"right": 4, "wrong": 4}, {"fgsm": "linf", "jsma": "l0"}, ["shuffled"], count=12)
    tables = draw_all(atlas)
    for name, table in tables.items():
        for row in table.rows:
            if row.keys.get("model") == "wrong":
                assert all(cell.mean is None for key, cell in row.cells.items() if key != "seconds"), name
    notes = all_notes(tables["table_fingerprints"])
    assert any("too few images could be attacked: fgsm on wrong; jsma on wrong" in note for note in notes)
    assert {row.keys["factor"] for row in tables["table_variance"].rows} == {"attack", "residual"}


def test_nothing_to_attack_at_all(tmp_path):
    class Failing(MadeUpAtlas):
        def skipped(self, number):
            return np.ones(self.count, bool)

    atlas = Failing(tmp_path, {"wrong": 4}, {"fgsm": "linf"}, ["shuffled"], count=6)
    with pytest.raises(ValueError, match="no model classifies two of the images correctly"):
        renderer("figure_spectrum").figure(atlas.inputs())
    with pytest.raises(ValueError, match="no model classifies two of the images correctly"):
        renderer("table_variance").table(atlas.inputs(), NothingPublished())


def test_an_attack_that_changes_nothing_has_no_spectrum_and_no_ratio(tmp_path):
    class Unmoved(MadeUpAtlas):
        def success(self, number, attack):
            return super().success(number, attack) & (attack != "jsma")

        def _energy(self, rng, centre, skipped):
            return super()._energy(rng, centre, skipped) * (np.nan if centre == 1 else 1)

    atlas = Unmoved(tmp_path, {"one": 4, "two": 6}, {"fgsm": "linf", "jsma": "l0"}, ["shuffled"], count=12)
    tables = draw_all(atlas)
    rows = [
        r for r in tables["table_spectrum"].rows if (r.keys["attack"], r.keys["perturbation"]) == ("jsma", "attack")
    ]
    assert all(row.cells["band_1"].mean is None and row.cells["radius"].mean is None for row in rows)
    attacks = [row for row in tables["table_attacks"].rows if row.keys["attack"] == "jsma"]
    assert all(row.cells["l2"].mean is None for row in attacks)
    assert attacks[0].cells["success"].mean == 0
