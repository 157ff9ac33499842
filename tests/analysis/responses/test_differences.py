"""Response differences agree with a float64 NumPy network, whatever the batches, and keep nothing."""

import numpy as np
import pytest
import torch

from workflow_scripts.analysis.responses.differences import differences_of, pair_differences, response_differences
from workflow_scripts.models.classifier import build_classifier

DESCRIPTION = {
    "architecture": "resnet18",
    "in_channels": 3,
    "classes": 10,
    "image_size": 8,
    "parameters": {"width": 0.125},
    "mean": [0.5],
    "std": [0.25],
}


@pytest.fixture(scope="module")
def classifier():
    torch.manual_seed(0)
    made = build_classifier(DESCRIPTION)
    with torch.no_grad():
        for _ in range(3):  # statistics of their own for the batch norms
            made.train()(torch.rand(32, 3, 8, 8))
    return made.eval()


@pytest.fixture(scope="module")
def pairs():
    generator = np.random.default_rng(1)
    x = generator.random((7, 3, 8, 8))
    moved = np.clip(x + generator.choice([-0.1, 0.1], x.shape), 0, 1)
    return [torch.from_numpy(images).float() for images in (x, moved)]


def convolve(x, weight, stride):
    """A convolution with "same" padding in plain NumPy."""
    size = weight.shape[-1]
    padded = np.pad(x, ((0, 0), (0, 0), (size // 2,) * 2, (size // 2,) * 2))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (size, size), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("nchwij,ocij->nohw", windows, weight)


class NumpyResNet:
    """The same network in float64 NumPy, from the weights alone."""

    def __init__(self, classifier):
        self.state = {name: value.double().numpy() for name, value in classifier.state_dict().items()}

    def norm(self, x, name):
        mean, var, scale, shift = (
            self.state[f"network.{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        scale = scale / np.sqrt(var + 1e-5)
        return x * scale[:, None, None] + (shift - mean * scale)[:, None, None]

    def block(self, x, name, stride):
        out = np.maximum(self.norm(convolve(x, self.state[f"network.{name}.conv1.weight"], stride), f"{name}.bn1"), 0)
        out = self.norm(convolve(out, self.state[f"network.{name}.conv2.weight"], 1), f"{name}.bn2")
        projection = f"network.{name}.shortcut.0.weight"
        if projection in self.state:
            x = self.norm(convolve(x, self.state[projection], stride), f"{name}.shortcut.1")
        return np.maximum(out + x, 0)

    def layers(self, x):
        out = convolve((x - self.state["mean"]) / self.state["std"], self.state["network.conv1.weight"], 1)
        yield "conv1", out
        out = np.maximum(self.norm(out, "layer0.0"), 0)
        yield "layer0", out
        for index in range(1, 5):
            out = self.block(out, f"layer{index}.0", 1 if index == 1 else 2)
            out = self.block(out, f"layer{index}.1", 1)
            yield f"layer{index}", out


def test_differences_agree_with_numpy_in_double_precision(classifier, pairs):
    found = response_differences(classifier, iter([pairs]))
    assert found.layers == ("conv1", "layer0", "layer1", "layer2", "layer3", "layer4")
    numpy_net = NumpyResNet(classifier)
    maps = zip(*(numpy_net.layers(images.double().numpy()) for images in pairs), strict=True)
    for index, ((name, natural), (_, adversarial)) in enumerate(maps):
        distance = np.abs(adversarial - natural).reshape(7, -1)
        assert np.allclose(found.maximum[:, index], distance.max(1), rtol=1e-5, atol=0), name
        assert np.allclose(found.total[:, index], distance.sum(1), rtol=1e-5, atol=0), name
        relative = np.linalg.norm(distance, axis=1) / np.linalg.norm(natural.reshape(7, -1), axis=1)
        assert np.allclose(found.relative[:, index], relative, rtol=1e-5, atol=0), name


def test_relative_differences_have_no_scale_and_are_undefined_for_a_response_of_zero():
    """A larger weight scales the maximum and the total, and leaves the relative difference as it is."""
    natural, adversarial = torch.rand(3, 4, 5, 5), torch.rand(3, 4, 5, 5)
    natural[1] = 0
    plain, scaled = differences_of(natural, adversarial), differences_of(7 * natural, 7 * adversarial)
    assert torch.allclose(scaled[0], 7 * plain[0]) and torch.allclose(scaled[1], 7 * plain[1])
    assert torch.allclose(scaled[2], plain[2], equal_nan=True)
    assert plain[2].isnan().tolist() == [False, True, False]


def test_differences_do_not_depend_on_the_batches(classifier, pairs):
    whole = response_differences(classifier, iter([pairs]))
    parts = response_differences(classifier, iter(zip(*(images.split(3) for images in pairs), strict=True)))
    assert np.allclose(whole.maximum, parts.maximum, rtol=1e-5)
    assert np.allclose(whole.total, parts.total, rtol=1e-5)
    assert np.array_equal(whole.predicted_adversarial, parts.predicted_adversarial)


def test_an_image_and_itself_do_not_differ_and_predictions_are_the_models(classifier, pairs):
    x, x_adv = pairs
    found = response_differences(classifier, iter([(x, x.clone())]))
    assert not found.maximum.any() and not found.total.any()
    found = response_differences(classifier, iter([(x, x_adv)]))
    with torch.no_grad():
        assert np.array_equal(found.predicted_natural, classifier(x).argmax(1).numpy())
        assert np.array_equal(found.predicted_adversarial, classifier(x_adv).argmax(1).numpy())


def test_hooks_are_gone_and_training_mode_is_refused(classifier, pairs):
    pair_differences(classifier, *pairs)
    assert not any(module._forward_hooks for module in classifier.modules())
    classifier.train()
    try:
        with pytest.raises(ValueError, match="training mode"):
            pair_differences(classifier, *pairs)
    finally:
        classifier.eval()
    with pytest.raises(ValueError, match="no images"):
        response_differences(classifier, iter([]))
