"""Paired shifts, chance-corrected distances and the claims about them, on paths whose answer is known."""

import numpy as np
import pytest

from tests.handmade import made
from workflow_scripts.analysis.information.group_names import group_name
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.jobs.job import Job
from workflow_scripts.papers.bootstrap import image_keys
from workflow_scripts.papers.information_flow import (
    compression_statistics,
    figure_controls_buckets,
    figure_controls_paired_shifts,
    paired_shifts,
    paired_statistics,
    table_3_path_distances,
    table_controls_paired_shifts,
    table_controls_path_distances,
    transferability_statistics,
)
from workflow_scripts.papers.information_flow.aggregated_paths import CORRECTED, EXPECTED, PLUG_IN, read_path
from workflow_scripts.papers.information_flow.path_distances import InputGroup
from workflow_scripts.papers.published_table import NothingPublished

LAYERS = 3
PARAMETERS = {"study": "information_flow", "caption": "", "notes": [], "name": "table_controls", "original": "net"}


class World:
    """Clean paths of 60 images in some models, normal inputs, and attacked inputs whose shifts the test chooses."""

    def __init__(self, root, models=("net",), seeds=(0,)):
        self.root, self.items, self.rng = root, [], np.random.default_rng(3)
        self.clean = {}
        for model in models:
            for seed in seeds:
                paths = {p: self.rng.normal(1, 0.3, (60, LAYERS)) for p in ("iip", "oip")}
                paths |= {f"{p}_expected": self.rng.normal(0.5, 0.1, (60, LAYERS)) for p in ("iip", "oip")}
                order = self.rng.permutation(60)
                folder = self.folder()
                shuffled = {name: values[order] for name, values in paths.items()}
                right = {"label": np.zeros(60, int), "predicted": (order >= 55).astype(int)}
                np.savez(folder / "paths.npz", layers=list("abc"), index=order, **right, **shuffled)
                self.clean[model, seed] = paths
                self.add({"name": "clean_paths", "model": model, "seed": seed}, folder, {})
                normal = {name: self.rng.normal(1, 0.3, (50, LAYERS)) for name in paths}
                self.group(normal, np.arange(50), model=model, seed=seed, attack="normal", subset="all")

    def folder(self):
        folder = self.root / str(len(self.items))
        folder.mkdir()
        return folder

    def add(self, role, folder, metrics):
        self.items.append(RoleArtifact(role, made(folder, metrics)))

    def group(self, paths, images, *, model, seed=0, attack, subset, target="", **more):
        name, arrays = group_name(target, subset), {}
        for path in ("iip", "oip"):
            plug_in, expected = paths[path], paths[f"{path}_expected"]
            for end, values in {"": plug_in, "_expected": expected, "_corrected": plug_in - expected}.items():
                mean = values.mean(0) if len(values) else np.full(LAYERS, np.nan)
                arrays |= {f"{name}/{path}{end}_inputs": values, f"{name}/{path}{end}_mean": mean}
        folder = self.folder()
        np.savez(folder / "aggregate.npz", layers=list("abc"), **{f"{name}/images": images}, **arrays)
        role = {"model": model, "target": target, "attack": attack, "seed": seed, "subset": subset, **more}
        self.add({"name": "aggregated_paths", **role}, folder, {"inputs": {name: len(images)}})

    def attacked(self, attack, images, subset="success", model="net", seed=0, target="", noise=0.0, **shifts):
        """Inputs of these images; shifts by a path's name in the files, the others 0; noise of each input's shift."""
        images = np.array(images, int)
        more = {"control": shifts.pop("control")} if "control" in shifts else {}
        paths = {
            name: values[images] + shifts.get(name, 0.0) + self.rng.normal(0, noise, (len(images), LAYERS))
            for name, values in self.clean[model, seed].items()
        }
        self.group(paths, images, model=model, seed=seed, attack=attack, subset=subset, target=target, **more)

    def job(self, **parameters):
        return Job("test", PARAMETERS | parameters, tuple(self.items), self.root, self.root)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_a_shift_is_that_of_the_same_image_whatever_the_order(world):
    world.attacked("fgsm", [7, 3, 55], oip=0.25, oip_expected=0.2)
    job, item = world.job(), world.items[-1]
    for estimate, shift in ((PLUG_IN, 0.25), (EXPECTED, 0.2), (CORRECTED, 0.05)):
        found = paired_shifts.paired_shift(job, item, "oip", estimate)
        np.testing.assert_allclose(found.values, shift)
        assert found.images.tolist() == image_keys(np.array([7, 3, 55])).tolist()
    world.clean["net", 0] = {name: np.vstack([v, v]) for name, v in world.clean["net", 0].items()}
    world.attacked("igsm", [3, 80])
    with pytest.raises(LookupError, match="has no image 80"):
        paired_shifts.paired_shift(world.job(), world.items[-1], "oip", PLUG_IN)


def test_two_trainings_on_the_same_images_do_not_narrow_the_interval():
    rng = np.random.default_rng(0)
    group = InputGroup(rng.normal(0.1, 1, (200, 2)), np.arange(200))
    one, two = paired_shifts.mean_interval([group]), paired_shifts.mean_interval([group, group])
    np.testing.assert_allclose(two.lower, one.lower)
    half = 1.96 * group.values.std(0, ddof=1) / np.sqrt(200)
    np.testing.assert_allclose((one.upper - one.lower) / 2, half, rtol=0.08)
    assert (two.samples, two.trainings) == (400, 2)
    assert paired_shifts.mean_interval([InputGroup(group.values[:1], np.arange(1))]) is None


def test_the_table_of_shifts(tmp_path):
    world = World(tmp_path, seeds=(0, 1))
    for seed in (0, 1):
        for attack, turned, shift in (("fgsm", range(20), 0.1), ("igsm", range(10, 40), 0.2)):
            for subset, images in (("attacked", range(50)), ("success", turned)):
                world.attacked(attack, images, subset, seed=seed, oip=shift * (1 + seed), oip_expected=shift)
        world.attacked("fgsm", range(50), "attacked", seed=seed, oip=0.01, control="shuffled")
    table = table_controls_paired_shifts.table(world.job(), NothingPublished())
    rows = {(r.keys["attack"], r.keys["perturbation"], r.keys["images"], r.keys["path"]): r.cells for r in table.rows}
    own = rows["fgsm", "attack", "success", "output"]
    assert own["plug_in"].mean == pytest.approx(0.15) and own["plug_in"].samples == 40
    assert own["expected"].mean == pytest.approx(0.1) and own["corrected"].mean == pytest.approx(0.05)
    assert own["corrected_lower"].mean == pytest.approx(0.05)  # every input has the same shift
    assert rows["fgsm", "attack", "common", "output"]["plug_in"].samples == 20
    assert rows["igsm", "attack", "failed", "output"]["plug_in"].samples == 40
    assert rows["fgsm", "shuffled", "success", "output"]["plug_in"].mean == pytest.approx(0.01)
    assert rows["fgsm", "attack", "success", "input"]["plug_in"].mean == pytest.approx(0, abs=1e-12)
    job = world.job()
    spreads = [paired_shifts.normal_spread(job, "net", seed, "oip", PLUG_IN) for seed in (0, 1)]
    assert own["plug_in_spreads"].mean == pytest.approx(np.mean([0.1 / spreads[0], 0.2 / spreads[1]]))
    _, frame = figure_controls_paired_shifts.figure(job)
    shown = frame[(frame.attack == "igsm") & (frame.path == "oip") & (frame.estimate == "corrected")]
    np.testing.assert_allclose(shown["mean"], 0.1)
    assert shown["samples"].tolist() == [60] * LAYERS


def test_distances_beside_those_of_the_clean_images(tmp_path):
    world = World(tmp_path, models=("net", "other"))
    world.attacked("fgsm", range(20), oip=0.4, oip_expected=0.3)
    for model in ("net", "other"):
        for target in ("net", "other"):
            world.attacked("fgsm", range(30), "success", model, target=target, oip=0.1 * (target == "net"))
            world.attacked("fgsm", range(25), "common", model, target=target, oip=0.2)
    table = table_controls_path_distances.table(world.job(), NothingPublished())
    rows = {tuple(r.keys[k] for k in ("table", "model", "target", "path")): r.cells for r in table.rows}
    assert len(rows) == 2 + 2 + 4 + 4

    def distance(end, images, shift):
        item = next(i for i in world.items if i.role.get("attack") == "normal" and i.role["model"] == "net")
        with np.load(item.artifact.file("aggregate.npz")) as content:
            normal = content[f"own/all/oip{end}_inputs"].mean(0)
        clean = world.clean["net", 0]["oip"] - (world.clean["net", 0]["oip_expected"] if end else 0)
        return np.abs(clean[:images].mean(0) + shift - normal).mean()

    three, nine = rows["3", "net", "net", "output"], rows["9", "net", "other", "output"]
    assert three["plug_in"].mean == pytest.approx(distance("", 20, 0.4))
    assert three["corrected"].mean == pytest.approx(distance("_corrected", 20, 0.1))
    assert three["clean"].mean == pytest.approx(distance("", 20, 0))
    assert nine["plug_in"].mean == pytest.approx(distance("", 25, 0.2)) and nine["clean"].samples == 25
    five = rows["5", "other", "both", "output"]
    assert five["plug_in"].mean == pytest.approx(0.1) and five["clean"].mean is None
    by_outcome = {r.keys["attack"]: r.cells for r in table.rows if r.keys["attack"].startswith("none")}
    assert by_outcome["none, right predictions"]["plug_in"].mean == pytest.approx(distance("", 55, 0))
    assert by_outcome["none, wrong predictions"]["plug_in"].samples == 5
    assert three["lower"].mean < three["corrected"].mean < three["upper"].mean


def test_one_parameter_says_which_estimate_the_numbered_tables_show(world):
    world.attacked("fgsm", range(20), oip=0.4, oip_expected=0.3)
    world.items = [item for item in world.items if item.role["name"] == "aggregated_paths"]
    item = world.items[-1]
    for information, shift in (("plug_in", 0.4), ("corrected", 0.1)):
        found = read_path(world.job(information=information), item, "oip", "inputs")
        clean = world.clean["net", 0]["oip"] - world.clean["net", 0]["oip_expected"] * (information == "corrected")
        np.testing.assert_allclose(found, clean[:20] + shift)
    plug_in, corrected = (
        table_3_path_distances.table(world.job(name="table_3", information=each), NothingPublished())
        for each in ("plug_in", "corrected")
    )
    assert plug_in.rows[1].cells["distance"].mean != corrected.rows[1].cells["distance"].mean
    default = table_3_path_distances.table(world.job(name="table_3"), NothingPublished())
    assert default.rows[1].cells == plug_in.rows[1].cells


def test_a_distance_of_nothing_is_zero_on_average():
    rng = np.random.default_rng(0)
    half = np.arange(40) % 2

    def mean_distance(shift):
        drawn = [np.column_stack([rng.normal(shift, 1, (40, 5)), half]) for _ in range(2000)]
        return np.mean([paired_statistics.halved_distance(each) for each in drawn])

    assert abs(mean_distance(0.0)) < 0.01  # the plain distance would be 0.13
    assert mean_distance(1.0) == pytest.approx(1.0, abs=0.02) == mean_distance(-1.0)


def test_a_shift_that_chance_explains_does_not_survive_the_correction(world):
    world.attacked("fgsm", range(50), noise=0.02, oip=0.1, oip_expected=0.1)
    published = paired_statistics.every_attack_shifts_its_images(world.job(), ["fgsm"])
    assert published.effect == pytest.approx(0.1, abs=0.01) and published.verdict == "supported"
    assert published.samples == 50
    beyond = paired_statistics.every_attack_shifts_its_images(world.job(information="corrected"), ["fgsm"])
    assert abs(beyond.effect) < 0.01 and beyond.verdict != "supported"
    difference = paired_statistics.output_shifts_beyond_input(world.job(), ["fgsm"])
    assert difference.effect == pytest.approx(0.1, abs=0.01)
    assert "igsm" in paired_statistics.every_attack_shifts_its_images(world.job(), ["fgsm", "igsm"]).note


def test_attacks_are_compared_on_the_images_that_they_share(world):
    world.attacked("fgsm", range(30), noise=0.01, oip=0.1)
    world.attacked("igsm", range(10, 40), noise=0.01, oip=0.4)
    world.attacked("deepfool", range(35, 60), noise=0.01, oip=0.1)
    job, names = world.job(), ["fgsm", "igsm", "deepfool"]
    spread = paired_shifts.normal_spread(job, "net", 0, "oip", PLUG_IN)
    found = paired_statistics.attacks_differ(job, names, margin=0.5)
    assert found.effect == pytest.approx(0.3 / spread - 0.5, abs=0.05) and found.samples == 20
    assert found.note == "too few images that both turned: fgsm and deepfool, igsm and deepfool"
    nearest = paired_statistics.nearest_to_its_images(job, "fgsm", ["igsm"])
    assert nearest.effect == pytest.approx(0.3, abs=0.02) and nearest.verdict == "supported"
    assert paired_statistics.nearest_to_its_images(job, "fgsm", ["deepfool"]).verdict == "not measured"


@pytest.mark.parametrize(("shift", "verdict"), [(0.01, "supported"), (0.2, "not supported")])
def test_paths_are_alike_only_within_a_margin(world, shift, verdict):
    world.attacked("jsma", range(50), noise=0.02, iip=shift, oip=shift)
    world.attacked("jsma", range(50), "attacked", noise=0.02, oip=shift)
    job = world.job(distilled="net", regular="jsma")
    assert paired_statistics.paths_stay(job, ["jsma"], "iip", 0.2).verdict == verdict
    assert paired_statistics.regular_stays(job, 0.2).verdict == verdict
    assert paired_statistics.regular_stays(world.job(distilled=None, regular=None), 0.2).verdict == "not measured"


def test_a_model_that_contradicts_the_claim_decides_it(tmp_path):
    """Pooled over models this claim would be supported: one model's large effect hides the other's contradiction."""
    world = World(tmp_path, models=("one", "two"))
    for model, own, other in (("one", 5.0, 1.0), ("two", 1.0, 1.5)):
        for target in ("one", "two"):
            shift = own if target == model else other
            world.attacked("jsma", range(40), "common", model, target=target, oip=shift)
    found = transferability_statistics.target_beyond_others(world.job(models=["one", "two"]), "jsma")
    assert found.effect == pytest.approx(-0.5) and found.verdict == "not supported"
    assert found.note == "by model: one +4.0000, two -0.5000"


def test_transfer_is_judged_by_the_model_that_is_deceived_most(tmp_path):
    world = World(tmp_path, models=("a", "b", "c"))
    for model, deceived in (("a", 30), ("b", 0), ("c", 2)):
        for subset, images in (("common", range(30)), ("transferred", range(deceived))):
            world.attacked("jsma", images, subset, model, target="a")
    job = world.job(models=["a", "b", "c"])
    found = transferability_statistics.does_not_transfer(job, "jsma", "a", margin=0.05)
    assert found.effect == pytest.approx(0.05 - 2 / 30)
    assert transferability_statistics.does_not_transfer(job, "jsma", "b", 0.05).verdict == "not measured"


def test_accuracies_of_two_models_are_paired_by_image(tmp_path):
    """Models that err on nearly the same images: unpaired, the interval would be seven times as wide."""
    label, items = np.zeros(1000, int), []
    for name, wrong in (("large", range(100)), ("small", range(2, 102))):
        folder = tmp_path / name
        folder.mkdir()
        predicted = label.copy()
        predicted[list(wrong)] = 1
        np.savez(folder / "predictions.npz", label=label, predicted=predicted)
        items.append(RoleArtifact({"name": "predictions", "model": name, "seed": 0}, made(folder, {})))
    job = Job("test", {"compressed": "small", "original": "large"}, tuple(items), tmp_path, tmp_path)
    found = compression_statistics.accuracy_kept(job, margin=0.01)
    assert found.effect == pytest.approx(0.01) and found.samples == 1000
    assert found.verdict == "supported"
    assert (found.upper - found.lower) / 2 == pytest.approx(1.96 * np.sqrt(4 / 1000**2), rel=0.15)
    nothing = Job("test", {"compressed": None, "original": "large"}, tuple(items), tmp_path, tmp_path)
    assert compression_statistics.accuracy_kept(nothing, 0.01).verdict == "not measured"


def test_the_figure_of_buckets_shows_each_setting(tmp_path):
    rng = np.random.default_rng(0)
    columns = {"attack": np.repeat(["fgsm", "igsm"], 6), "index": np.tile(np.arange(6), 2)}
    columns |= {name: rng.normal(size=(12, 2, 3)) for name in ("iip", "oip", "iip_expected", "oip_expected")}
    np.savez(tmp_path / "sensitivity.npz", buckets=[4, 8], sides=[0, 8, 4], **columns)
    item = RoleArtifact({"name": "path_sensitivity"}, made(tmp_path, {}))
    _, frame = figure_controls_buckets.figure(Job("test", {}, (item,), tmp_path, tmp_path))
    assert len(frame) == 2 * 2 * 2 * 2 * 3
    row = frame[(frame.attack == "igsm") & (frame.path == "oip") & (frame.estimate == "corrected")]
    row = row[(row.side == 8) & (row.buckets == 4)]
    expected = (columns["oip"] - columns["oip_expected"])[6:, 0, 1]
    assert row["mean"].item() == pytest.approx(expected.mean()) and row["samples"].item() == 6
    assert row["lower"].item() < expected.mean() < row["upper"].item()
