"""Tables and figures beside their controls, of measurements whose ratio to the control is known."""

import numpy as np
import pytest

from tests.handmade import Made
from workflow_scripts.inputs.adversarial_sets import FILE, PER_SAMPLE, write_set
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers import controls_sets
from workflow_scripts.papers.local_properties import controls_low_pass, controls_responses, controls_spectra
from workflow_scripts.papers.published_table import NothingPublished

COUNT = 30
LAYERS = ["conv1", "layer1", "odd layer"]
PARAMETERS = {"study": "local_properties", "name": "controls", "caption": "c", "notes": []}


@pytest.fixture
def made(tmp_path):
    """Makes an input with a role from its arrays."""

    def make(role, name="", metrics=None, **arrays):
        folder = tmp_path / f"a{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        if name:
            np.savez(folder / name, **arrays)
        return RoleArtifact(role, Made(folder, {"metrics": metrics or {}, "recipe": {"kind": role["name"]}}))

    return make


def inputs(*items):
    return Inputs("table", PARAMETERS, items)


def responses(made, scale, skipped, **role):
    maximum = scale * np.linspace(1, 2, COUNT)[:, None] * [1.0, 2, 3]
    maximum[skipped] = 0
    return made(
        {"name": "responses", "attack": "pgd", "victim": "standard", "model": "standard", "seed": 0, **role},
        "responses.npz", layers=np.array(LAYERS), maximum=maximum, total=10 * maximum, relative=maximum,
        label=np.zeros(COUNT), skipped=skipped, success=~skipped, index=np.arange(COUNT),
        predicted_before=np.where(skipped, 1, 0), predicted_natural=np.zeros(COUNT),
        predicted_adversarial=np.ones(COUNT),
    )  # fmt: skip


def test_the_ratio_to_the_control_by_layer(made):
    skipped = np.arange(COUNT) < 5
    control = responses(made, np.array([0.5, 1, 2]), skipped, control="shuffled")
    table = controls_responses.table(inputs(responses(made, 1.0, skipped), control), NothingPublished())
    assert [(row.keys["measure"], row.keys["value"]) for row in table.rows[:3]] == [
        ("maximum", "attack / control"), ("maximum", "95% from"), ("maximum", "to")
    ]  # fmt: skip
    for row in table.rows:  # paired: every draw of images has the same ratio
        assert [row.cells[layer].mean for layer in LAYERS] == pytest.approx([2, 1, 0.5])
        assert row.cells["conv1"].samples == 25
    assert {row.keys["control"] for row in table.rows} == {"shuffled"}


def test_controls_of_other_images_are_refused(made):
    skipped = np.zeros(COUNT, bool)
    item, control = responses(made, 1.0, skipped), responses(made, 1.0, skipped, control="gaussian")
    with np.load(control.artifact.file("responses.npz")) as content:
        arrays = dict(content)
    np.savez(control.artifact.file("responses.npz"), **{**arrays, "index": arrays["index"] + 1})
    with pytest.raises(ValueError, match="come from different images"):
        controls_responses.table(inputs(item, control), NothingPublished())


def test_the_sets_norms_are_of_all_attacked_images(made):
    def adversarial_set(l2, rate, **role):
        item = made({"name": "adversarial_set", "attack": "pgd", "victim": "robust", "seed": 0, **role},
                    metrics={"attacked": 3, "success_rate": rate, "clipped": 0.25})  # fmt: skip
        columns = {name: np.zeros(4) for name in PER_SAMPLE}
        columns |= {"l2": np.array(l2), "skipped": np.array([False, True, False, False])}
        digests = np.array([np.void(b"0" * 32)] * 4)
        write_set(item.artifact.path / FILE, {**columns, "input_sha256": digests}, np.zeros((4, 1, 2, 2), np.float32))
        return item

    attack = adversarial_set([1.0, 0, 2, 3], 0.9)
    control = adversarial_set([0.5, 0, 1, 1.5], 0.1, control="gaussian")
    (row,) = controls_sets.table(inputs(attack, control), NothingPublished()).rows
    assert {key: cell.mean for key, cell in row.cells.items()} == {
        "success": 0.9, "control_success": 0.1, "l2": 2.0, "control_l2": 1.0, "clipped": 0.25
    }  # fmt: skip
    assert row.keys == {"attack": "pgd", "victim": "robust", "control": "gaussian"}


def test_figures_have_a_curve_for_each_control(made):
    items = []
    for model in ("standard", "robust"):
        for control, share in (({}, 0.2), ({"control": "shuffled"}, 0.8)):
            role = {"model": model, "seed": 0, **control}
            correct = np.arange(20) < np.array([[2], [20 * share]])
            names = ("low_natural", "low_adversarial", "high_natural", "high_adversarial", "swapped_natural",
                     "swapped_adversarial")  # fmt: skip
            curves = dict.fromkeys(names, correct)
            items.append(made({"name": "filtered_predictions", **role}, "filtered_predictions.npz",
                              radii=np.array([0, 4]), index=np.arange(20), **curves))  # fmt: skip
            moved = np.linspace(0, 2 * share, 20)[:, None] * [1.0, 2, 3]
            items.append(made({"name": "spectra", **role}, "spectra.npz", natural_radial=np.zeros((20, 3)),
                              adversarial_radial=moved))  # fmt: skip
    _, frame = controls_low_pass.figure(inputs(*(each for each in items if each.role["name"] != "spectra")))
    found = frame[frame["radius"] == 4].set_index(["panel", "series"])["accuracy"]
    assert found["standard model", "adversarial, low-pass"] == pytest.approx(0.2)
    assert found["robust model", "shuffled, low-pass"] == pytest.approx(0.8)
    _, frame = controls_spectra.figure(inputs(*(each for each in items if each.role["name"] == "spectra")))
    found = frame[(frame["panel"] == "robust model") & (frame["series"] == "shuffled")]
    assert found["surplus"].tolist() == pytest.approx([0.8, 1.6, 2.4]) and len(frame) == 12
