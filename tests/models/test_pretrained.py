"""Weights of a finished network: names, shapes and normalisations that fit, and those that do not."""

import pytest
import torch

from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.models.pretrained import MisfitError, load_pretrained

DESCRIPTION = {
    "architecture": "resnet18",
    "in_channels": 1,
    "classes": 4,
    "image_size": 8,
    "parameters": {"width": 1 / 8},
    "mean": [0.5],
    "std": [0.5],
}


def classifier(seed):
    torch.manual_seed(seed)
    return build_classifier(DESCRIPTION).eval()


@pytest.mark.parametrize("prefix", ["", "module.", "network."])
def test_weights_are_found_behind_wrappers_names(prefix):
    theirs, ours = classifier(1), classifier(2)
    x = torch.rand(3, 1, 8, 8)
    state = {prefix + name: tensor.double() for name, tensor in theirs.network.state_dict().items()}
    load_pretrained(ours, state)
    torch.testing.assert_close(ours(x), theirs(x))


def test_a_file_of_this_project_must_have_the_data_sets_normalisation():
    theirs, ours = classifier(1), classifier(2)
    load_pretrained(ours, theirs.state_dict())
    state = {**theirs.state_dict(), "mean": torch.tensor([0.1307]).view(1, 1, 1, 1)}
    with pytest.raises(MisfitError, match="the mean 0.1307: set models.<name>.mean to that"):
        load_pretrained(ours, state)


def test_weights_of_another_network_are_refused_before_anything_is_written():
    ours = classifier(2)
    before = {name: tensor.clone() for name, tensor in ours.state_dict().items()}
    state = classifier(1).network.state_dict()
    missing = {name: tensor for name, tensor in state.items() if name != next(iter(state))}
    for wrong, said in (
        (missing, "they lack "),
        ({**state, "more.weight": torch.zeros(1)}, "they have in addition more.weight"),
        ({name: tensor[..., :1] if tensor.ndim == 4 else tensor for name, tensor in state.items()}, "another shape"),
    ):
        with pytest.raises(MisfitError, match=f"{said}.*correct models.<name>.weights"):
            load_pretrained(ours, wrong)
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(tensor, before[name])
