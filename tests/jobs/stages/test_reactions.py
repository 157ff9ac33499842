"""The atlas's measurements are what each analysis says of the same images."""

import numpy as np
import pytest
import torch
from test_measurements import DESCRIPTION, IMAGES, attacked, job, world  # noqa: F401

from tests.handmade import Made
from workflow_scripts.analysis.information.chance_correction import chance_corrected_paths
from workflow_scripts.analysis.responses.differences import response_differences
from workflow_scripts.analysis.saliency.filters import filter_counts, filter_saliency
from workflow_scripts.analysis.saliency.moments import floored_deviation
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.inputs.splits import select
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.stages import reactions
from workflow_scripts.models.feature_maps import feature_maps


@pytest.fixture
def measured(world, tmp_path, monkeypatch):  # noqa: F811
    """The arrays of a stage that measured an attack, a control (another attack's set) and a transferred set."""
    monkeypatch.setattr(reactions, "BATCH", 5)
    folders = {}
    for name, epsilon in (("attack", "1/5"), ("control", "2/5"), ("transfer", "3/5")):
        (tmp_path / name).mkdir()
        folders[name], _ = attacked(world, tmp_path / name, epsilon=epsilon)
    sets = {
        name: Made(folder, {"metrics": {}, "recipe": {"kind": "adversarial", "parameters": {"images": IMAGES}}})
        for name, folder in folders.items()
    }
    out = tmp_path / "out"
    out.mkdir()
    inputs = (
        RoleArtifact({"name": "model"}, world["model"]),
        RoleArtifact({"name": "dataset"}, world["dataset"]),
        RoleArtifact({"name": "images", "version": "attack"}, sets["attack"]),
        RoleArtifact({"name": "images", "version": "shuffled"}, sets["control"]),
        RoleArtifact({"name": "transfer", "victim": "other"}, sets["transfer"]),
    )
    made = Job("test", {"checkpoint": "best", "buckets": 8}, inputs, out, tmp_path / "scratch")
    metrics = reactions.realise(made)
    with np.load(out / "reactions.npz") as content:
        return dict(content), metrics, folders, world


def test_each_measure_is_that_of_its_analysis(measured):
    arrays, metrics, folders, found = measured
    model, columns = found["classifier"], read_columns(folders["attack"] / FILE)
    natural = torch.from_numpy(select(found["root"] / "dataset/test", 12, 3).images).float() / 255
    assert metrics["images"] == 12 and metrics["attacked"] == (~columns["skipped"]).sum()
    assert arrays["controls"].tolist() == ["shuffled"]
    for name, folder in (("attack", folders["attack"]), ("shuffled", folders["control"])):
        x = torch.from_numpy(read_images(folder / FILE))
        maps, logits = feature_maps(model, x)
        paths = chance_corrected_paths(maps, x)
        np.testing.assert_allclose(arrays[f"{name}/oip"], paths.plug_in.oip, atol=1e-5)
        np.testing.assert_allclose(
            arrays[f"{name}/iip"] - arrays[f"{name}/iip_expected"], paths.corrected.iip, atol=1e-5
        )
        assert np.array_equal(arrays[f"{name}/predicted"], logits.argmax(1).numpy())
        differences = response_differences(model, [(natural, x)])
        np.testing.assert_allclose(arrays[f"{name}/total"], differences.total, rtol=1e-4)
        np.testing.assert_allclose(arrays[f"{name}/l2"], (x - natural).flatten(1).norm(dim=1), rtol=1e-5)
        sums = arrays[f"{name}/energy"].sum(1)
        assert np.array_equal(np.isnan(sums), columns["skipped"]) and np.allclose(sums[~columns["skipped"]], 1)
    assert arrays["layers"].tolist() == arrays["path_layers"].tolist() == list(maps)
    unchanged = arrays["attack/predicted"] == arrays["clean/predicted"]
    assert (arrays["attack/radius"][unchanged] == 2).all()  # unfiltered: the corner lies within twice Nyquist


def test_saliency_is_in_deviations_of_the_clean_images(measured):
    arrays, _, folders, found = measured
    chosen = select(found["root"] / "dataset/test", 12, 3)
    natural, labels = torch.from_numpy(chosen.images).float() / 255, torch.from_numpy(chosen.labels)
    clean = filter_saliency(found["classifier"], natural, labels).double()
    moved = filter_saliency(found["classifier"], torch.from_numpy(read_images(folders["attack"] / FILE)), labels)
    counts = list(filter_counts(found["classifier"]).values())
    deviation, _ = floored_deviation(clean.std(0).numpy(), counts)
    scores = ((moved.double() - clean.mean(0)) / torch.from_numpy(deviation)).abs()
    ends = np.cumsum([0, *counts])
    wanted = torch.stack([scores[:, a:b].mean(1) for a, b in zip(ends, ends[1:], strict=False)], dim=1)
    np.testing.assert_allclose(arrays["attack/salience"], wanted, rtol=1e-3)


def test_transferred_predictions_are_of_the_other_set(measured):
    arrays, _, folders, found = measured
    with torch.no_grad():
        wanted = found["classifier"](torch.from_numpy(read_images(folders["transfer"] / FILE))).argmax(1).numpy()
    assert np.array_equal(arrays["transfer/other/predicted"], wanted)
    assert np.array_equal(arrays["transfer/other/success"], read_columns(folders["transfer"] / FILE)["success"])
