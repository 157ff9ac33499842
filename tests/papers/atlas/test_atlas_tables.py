"""The atlas's tables against values that are known, worked out image by image, or given by other libraries."""

import importlib
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from tests.papers.atlas.made_up import ATTACKS, CONTROLS
from workflow_scripts.papers.atlas.pairs import all_pairs
from workflow_scripts.papers.bootstrap import bootstrap, image_keys
from workflow_scripts.papers.published_table import NothingPublished
from workflow_scripts.rendering.table import all_notes
from workflow_scripts.rendering.table_files import write_table

TABLES = sorted(path.stem for path in Path("workflow_scripts/papers/atlas").glob("table_*.py"))


def drawn(name, inputs):
    return importlib.import_module(f"workflow_scripts.papers.atlas.{name}").table(inputs, NothingPublished())


def at(table, **keys):
    found = [row for row in table.rows if keys.items() <= row.keys.items()]
    assert len(found) == 1, (keys, len(found))
    return found[0].cells


def values(table, columns, **keys):
    cells = at(table, **keys)
    return [cells[name].mean for name in columns]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_written(name, atlas, tmp_path):
    table = drawn(name, atlas.inputs(name))
    assert table.study == "atlas" and table.rows
    csv, *_ = write_table(table, tmp_path, name, ["adversarial/x"])
    assert len(csv.read_text().splitlines()) == len(table.rows) + 1
    assert not [note for note in all_notes(table) if note.startswith("No measured value")]


def test_numbers_of_rows(atlas):
    pairs, moved = 9, 3
    rows = {"table_attacks": pairs * moved * 3, "table_information": pairs * moved * 2 * 2 * 3}
    rows |= {"table_responses": pairs * 2 * 2 * 3, "table_transfer": 3 * 3 * 3, "table_spectrum": pairs * moved * 3}
    rows |= {"table_saliency_distances": 3 * (3 * 2 + 3), "table_fingerprints": pairs * 48, "table_variance": 3}
    assert {name: len(drawn(name, atlas.inputs(name)).rows) for name in rows} == rows


DEPTHS = [f"depth_{k}" for k in range(1, 11)]


@pytest.mark.parametrize("estimator", ["plug-in", "beyond chance"])
def test_information_is_the_mean_shift_of_the_attacked_images(atlas, estimator):
    table = drawn("table_information", atlas.inputs())
    arrays = atlas.arrays("odd_name", "jsma")
    kept = ~arrays["skipped"]
    for kind in ("attack", *CONTROLS):
        shift = arrays[f"{kind}/oip"].astype(float) - arrays["clean/oip"]
        if estimator == "beyond chance":
            shift -= arrays[f"{kind}/oip_expected"] - arrays["clean/oip_expected"]
        keys = {"model": "odd_name", "attack": "jsma", "perturbation": kind, "path": "OIP", "estimator": estimator}
        wanted = np.interp(np.linspace(0, 1, 10), np.linspace(0, 1, 12), shift[kept].mean(0))
        assert values(table, DEPTHS, **keys, value="shift (nats)") == pytest.approx(wanted, abs=1e-6)
        evidence = bootstrap([[shift[kept, -1]]], np.mean, images=[[image_keys(arrays["index"][kept])]])
        assert at(table, **keys, value="95% from")["depth_10"].mean == pytest.approx(evidence.lower, abs=1e-6)
        assert at(table, **keys, value="to")["depth_10"].mean == pytest.approx(evidence.upper, abs=1e-6)
        assert at(table, **keys, value="to")["depth_10"].samples == 36


def test_responses_are_four_times_the_control_s(atlas):
    table = drawn("table_responses", atlas.inputs())
    for model in atlas.models:
        for measure in ("maximum", "total"):
            keys = {"model": model, "attack": "fgsm", "control": "gaussian", "measure": measure}
            found = values(table, DEPTHS, **keys, value="attack / control")
            assert found == pytest.approx([4] * 10, rel=0.02)
            lower, upper = (values(table, DEPTHS, **keys, value=end) for end in ("95% from", "to"))
            assert all(a < b < c for a, b, c in zip(lower, found, upper, strict=True))


def test_a_ratio_s_interval_is_the_bootstrap_s(atlas):
    arrays = atlas.arrays("small", "jsma")
    kept = ~arrays["skipped"]
    groups = [arrays[f"{kind}/maximum"][kept, 0] for kind in ("attack", "shuffled")]
    keys = [image_keys(arrays["index"][kept])] * 2
    wanted = bootstrap([groups], lambda a, b: a.mean() / b.mean(), paired=True, images=[keys])
    row = {"model": "small", "attack": "jsma", "control": "shuffled", "measure": "maximum"}
    table = drawn("table_responses", atlas.inputs())
    found = [at(table, **row, value=name)["depth_1"].mean for name in ("attack / control", "95% from", "to")]
    assert found == pytest.approx([wanted.effect, wanted.lower, wanted.upper])


def test_attacks(atlas):
    table = drawn("table_attacks", atlas.inputs())
    arrays = atlas.arrays("deep", "fgsm")
    kept = ~arrays["skipped"]
    cells = at(table, model="deep", attack="fgsm", perturbation="attack", value="mean")
    assert cells["success"].mean == pytest.approx(arrays["success"][kept].mean())
    assert cells["linf"].mean == pytest.approx(8 / 255) and cells["l2"].mean == pytest.approx(80 / 255)
    assert (cells["l0"].mean, cells["confidence"].mean) == pytest.approx((0.008, 0.8))
    assert (cells["forwards"].mean, cells["backwards"].mean, cells["seconds"].mean) == (7, 3, 12.5)
    assert cells["linf"].samples == arrays["success"].sum() < cells["success"].samples == 36
    assert cells["optimality"].mean is None  # a budget
    control = at(table, model="deep", attack="fgsm", perturbation="shuffled", value="mean")
    fifth = arrays["success"] & (np.arange(40) % 5 == 0)
    assert control["success"].mean == pytest.approx(fifth[kept].mean())
    assert control["forwards"].mean is None and control["seconds"].mean is None


def test_local_optimality_is_among_the_attacks_on_the_same_model(atlas):
    table = drawn("table_attacks", atlas.inputs())
    arrays = atlas.arrays("deep", "jsma")
    kept = ~arrays["skipped"]
    l0 = {name: np.where(atlas.success(1, name), atlas.distances(1, name) / 1000, np.inf)[kept] for name in ATTACKS}
    best = np.minimum.reduce(list(l0.values()))
    least, until = best.sum(), best[np.isfinite(best)].max()
    wanted = 1 - (np.minimum(l0["jsma"], until).sum() - least) / (len(best) * until - least)
    assert 0 < wanted < 1
    keys = {"model": "deep", "attack": "jsma", "perturbation": "attack"}
    assert at(table, **keys, value="mean")["optimality"].mean == pytest.approx(wanted)
    lower, upper = (at(table, **keys, value=end)["optimality"].mean for end in ("95% from", "to"))
    assert lower < wanted < upper
    assert at(table, model="deep", attack="own_attack", perturbation="attack", value="mean")["optimality"].mean < wanted


def test_transfer_has_wilson_s_intervals(atlas):
    table = drawn("table_transfer", atlas.inputs())
    victim, model = atlas.success(0, "fgsm"), ~atlas.skipped(1)
    counted = victim & model
    fooled = (counted & (np.arange(40) % 4 == 1)).sum()
    cells = at(table, attack="fgsm", victim="small", model="deep")
    wanted = binomtest(int(fooled), int(counted.sum())).proportion_ci(method="wilson")
    found = [cells[name].mean for name in ("share", "lower", "upper")]
    assert found == pytest.approx([fooled / counted.sum(), wanted.low, wanted.high])
    assert cells["share"].samples == counted.sum()
    own = at(table, attack="jsma", victim="deep", model="deep")
    assert own["share"].mean == 1 and own["share"].samples == 36


def test_spectrum_and_radius(atlas):
    table = drawn("table_spectrum", atlas.inputs())
    arrays = atlas.arrays("small", "fgsm")
    cells = at(table, model="small", attack="fgsm", perturbation="attack", value="mean")
    energy = np.nanmean(arrays["attack/energy"], axis=0)
    assert [cells[f"band_{k}"].mean for k in range(1, 9)] == pytest.approx(energy)
    odd = arrays["success"] & (np.arange(40) % 2 == 1)
    assert cells["restored"].mean == pytest.approx(odd.sum() / arrays["success"].sum())
    assert cells["radius"].mean == 0.5
    assert cells["radius"].samples == arrays["success"].sum() < cells["band_1"].samples


def test_saliency_moves_towards_the_depth_that_was_made_salient(atlas):
    table = drawn("table_saliency", atlas.inputs())
    shifts = {
        attack: at(table, model="deep", attack=attack, perturbation="attack", value="mean")["shift"].mean
        for attack in ATTACKS
    }
    assert shifts["fgsm"] < 0 < shifts["jsma"] and shifts["own_attack"] < 0
    salience = atlas.arrays("deep", "jsma")["attack/salience"][~atlas.skipped(1)]
    centre = (salience * np.arange(5)).sum(1) / salience.sum(1) / 4
    cells = at(table, model="deep", attack="jsma", perturbation="attack", value="mean")
    assert cells["centre"].mean == pytest.approx(centre.mean())
    assert cells["salience"].mean == pytest.approx(salience.mean())
    beside = at(table, model="deep", attack="jsma", perturbation="shuffled", value="mean")
    assert abs(beside["shift"].mean) < abs(cells["shift"].mean)
    assert beside["clean"].mean == cells["clean"].mean


def test_distances_of_saliency_profiles(atlas):
    table = drawn("table_saliency_distances", atlas.inputs())
    cells = at(table, model="small", first="fgsm", second="jsma")
    first, second = (atlas.arrays("small", name)["attack/salience"][~atlas.skipped(0)] for name in ("fgsm", "jsma"))
    assert cells["distance"].mean == pytest.approx(np.sqrt(((first - second).mean(0) ** 2).mean()))
    assert cells["p_value"].mean == 0.001 and cells["distance"].mean > cells["high"].mean > cells["permuted"].mean
    assert at(table, model="small", first="fgsm", second="shuffled (fgsm)")["distance"].samples == 36


def test_fingerprints(atlas):
    table = drawn("table_fingerprints", atlas.inputs())
    information = drawn("table_information", atlas.inputs())
    keys = {"model": "deep", "attack": "jsma"}
    beyond = {**keys, "path": "IIP", "estimator": "beyond chance"}
    for place, column in (("0%", "depth_1"), ("44%", "depth_5"), ("100%", "depth_10")):
        cells = at(table, **keys, block="IIP", place=place)
        for name, kind, value in (("value", "attack", "shift (nats)"), ("lower", "attack", "95% from"),
                                  ("control", "shuffled", "shift (nats)")):  # fmt: skip
            row = at(information, **beyond, perturbation=kind, value=value)
            assert cells[name].mean == pytest.approx(row[column].mean)
    responses = at(table, **keys, block="responses", place="33%")
    assert responses["value"].mean == pytest.approx(np.log(4), abs=0.02) and responses["control"].mean is None
    units = {
        (row.keys["block"], row.keys["place"]): [] for row in table.rows
    }  # The unit of a number is the root mean square of its deviations.
    for row in table.rows:
        units[row.keys["block"], row.keys["place"]].append(row.cells)
    for each in units.values():
        unit = np.sqrt(np.mean([cells["deviation"].mean ** 2 for cells in each]))
        assert [c["scaled"].mean for c in each] == pytest.approx([c["value"].mean / unit for c in each])


def test_variance_is_mostly_the_attack_s(atlas):
    table = drawn("table_variance", atlas.inputs())
    attack, model, residual = (at(table, factor=name) for name in ("attack", "model", "residual"))
    assert attack["r_squared"].mean > 0.8 > model["r_squared"].mean > 0
    assert sum(each["r_squared"].mean for each in (attack, model, residual)) == pytest.approx(1)
    assert attack["p_value"].mean == pytest.approx(1 / 36, abs=0.02)  # 3 attacks on 3 models have 36 arrangements
    assert attack["lower"].mean <= attack["upper"].mean and attack["permuted"].mean < attack["lower"].mean
    assert [each["degrees"].mean for each in (attack, model, residual)] == [2, 2, 4]


def test_sets_of_other_images_are_refused(atlas):
    pair = all_pairs(atlas.inputs())[0]
    pair.arrays["index"][0] += 1
    with pytest.raises(ValueError, match="is of other images than its reactions"):
        pair.set_columns("attack")
