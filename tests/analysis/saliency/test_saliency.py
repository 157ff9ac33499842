"""Saliency of filters and inputs: against plain loops, closed forms and finite differences in float64."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from workflow_scripts.analysis.saliency.comparison import paired_permutation_test
from workflow_scripts.analysis.saliency.filters import filter_counts, filter_saliency, images_at_once
from workflow_scripts.analysis.saliency.input_space import (
    Boost,
    boosted,
    cosine_distance,
    heat_map,
    input_saliency,
)
from workflow_scripts.analysis.saliency.matching import match_losses
from workflow_scripts.analysis.saliency.moments import Moments, floored_deviation
from workflow_scripts.analysis.saliency.profiles import (
    depth_centroid,
    divided_by_mean,
    layer_means,
    sorted_within_layers,
    standardised,
)
from workflow_scripts.analysis.saliency.regions import region_overlap, salient_region
from workflow_scripts.models.classifier import Classifier, architecture

FILTERS = {"resnet50": 26_560, "resnext50_32x4d": 34_112, "densenet121": 10_240, "vgg19_bn": 5_504}


def small(name: str) -> Classifier:
    """A reduced victim in float64 whose batch norms have seen data."""
    torch.manual_seed(0)
    network = architecture(name).build(
        in_channels=1, classes=4, image_size=16, width=1 / 16, depth=1 / 4, cifar_stem=True
    )
    model = Classifier(network, [0.5], [0.5]).double()
    model(torch.rand(32, 1, 16, 16, dtype=torch.float64))
    return model.eval()


def one_by_one(model, x, y):
    """The definition: a backward pass a sample, the mean absolute gradient of each filter."""
    weights = [p for p in model.parameters() if p.ndim == 4]
    rows = []
    for k in range(len(x)):
        gradients = torch.autograd.grad(F.cross_entropy(model(x[k : k + 1]), y[k : k + 1]), weights)
        rows.append(torch.cat([g.abs().mean((1, 2, 3)) for g in gradients]))
    return torch.stack(rows)


@pytest.mark.parametrize("name", FILTERS)
def test_saliency_equals_a_loop_of_single_sample_gradients(name):
    model = small(name)
    x, y = torch.rand(6, 1, 16, 16, dtype=torch.float64), torch.tensor([0, 1, 2, 3, 0, 1])
    expected = one_by_one(model, x, y)
    for budget in (1, 1 << 30):  # one image at a time, and all at once
        found = filter_saliency(model, x, y, budget)
        assert found.shape == (6, sum(filter_counts(model).values()))
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("name, count", FILTERS.items())
def test_the_published_networks_have_the_published_number_of_filters(name, count):
    with torch.device("meta"):
        network = architecture(name).build(in_channels=3, classes=10, image_size=64)
    assert sum(filter_counts(network).values()) == count


def test_a_training_model_is_refused_and_memory_bounds_the_images_at_once():
    model = small("resnet50")
    x, y = torch.rand(2, 1, 16, 16, dtype=torch.float64), torch.tensor([0, 1])
    assert images_at_once(model, x, 1) == 1 < images_at_once(model, x, 1 << 30)
    with pytest.raises(ValueError, match="training mode"):
        filter_saliency(model.train(), x, y)


def test_moments_equal_numpys_however_the_samples_arrive():
    values = np.random.default_rng(0).normal(1e3, 1e-3, (57, 5))
    values[:, 2] = 7.0
    for sizes in ((57,), (1,) * 57, (20, 1, 36)):
        moments = Moments()
        for part in np.split(values, np.cumsum(sizes)[:-1]):
            moments.update(part)
        np.testing.assert_allclose(moments.mean, values.mean(0), rtol=1e-14)
        np.testing.assert_allclose(moments.deviation, values.std(0, ddof=1), rtol=1e-6)


def test_a_nearly_dead_filter_does_not_decide_its_layer():
    """One filter of deviation 1.4e-8 among filters of 0.021 had a salience of thousands, and a layer's mean with it."""
    generator = np.random.default_rng(0)
    true = np.array([0.021] * 31 + [1.4e-8] + [0.5] * 8)
    clean, attacked = generator.normal(0, true, (200, 40)), generator.normal(0, true, (50, 40)) + 1e-3
    deviation, raised = floored_deviation(clean.std(0, ddof=1), (32, 8))
    assert raised.tolist() == [False] * 31 + [True] + [False] * 8
    by_layer = layer_means(standardised(attacked, clean.mean(0), deviation, signed=False), (32, 8)).mean(0)
    np.testing.assert_allclose(by_layer, np.sqrt(2 / np.pi), rtol=0.15)  # as for any normal saliency
    unbounded = layer_means(standardised(attacked, clean.mean(0), clean.std(0, ddof=1), signed=False), (32, 8)).mean(0)
    assert unbounded[0] > 1000 * by_layer[0]


def test_constant_filters_count_neither_for_the_floor_nor_as_infinite():
    deviation, raised = floored_deviation(np.array([0, 0, 0, 2.0, 4.0, 0, 0]), (5, 2))
    np.testing.assert_allclose(deviation, [0.3, 0.3, 0.3, 2, 4, 1, 1])
    assert raised.tolist() == [True] * 3 + [False] * 2 + [True] * 2


def test_profiles_are_standardised_and_sorted_within_layers():
    saliency = np.array([[1.0, 3.0, 2.0, 10.0, 20.0]])
    mean, deviation = np.array([2.0, 2.0, 2.0, 15.0, 15.0]), np.array([1.0, 1.0, 1.0, 5.0, 2.5])
    signed = standardised(saliency, mean, deviation, signed=True)
    np.testing.assert_array_equal(signed, [[-1, 1, 0, -1, 2]])
    absolute = standardised(saliency, mean, deviation, signed=False)
    np.testing.assert_array_equal(sorted_within_layers(absolute, (3, 2)), [[1, 1, 0, 2, 1]])
    np.testing.assert_array_equal(sorted_within_layers(signed, (3, 2)), [[1, 0, -1, 2, -1]])
    by_layer = layer_means(absolute, (3, 2))
    np.testing.assert_allclose(by_layer, [[2 / 3, 1.5]])
    np.testing.assert_allclose(depth_centroid(by_layer), [1.5 / (1.5 + 2 / 3)])


def test_input_saliency_agrees_with_finite_differences():
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.Tanh(),
        nn.Conv2d(4, 5, 3, stride=2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(20, 3),
    )
    model = network.double().eval()
    x, y = torch.rand(2, 1, 6, 6, dtype=torch.float64), torch.tensor([2, 0])
    raw = one_by_one(model, x, y)
    mean, deviation, boost = raw.mean(0) * 0.7, raw.std(0) + 0.1, Boost(3, 100.0)

    def distance(images, k, target):
        scores = ((one_by_one(model, images[k : k + 1], y[k : k + 1])[0] - mean) / deviation).abs()
        return cosine_distance(scores, target).item()

    found = input_saliency(model, x, y, mean, deviation, boost=boost)
    step = 1e-6
    for k in range(2):
        target = boosted(((raw[k] - mean) / deviation).abs(), boost)
        for pixel in range(36):
            shifted = []
            for sign in (1, -1):
                moved = x.clone()
                moved[k].view(-1)[pixel] += sign * step
                shifted.append(distance(moved, k, target))
            slope = abs(shifted[0] - shifted[1]) / (2 * step)
            assert found[k].view(-1)[pixel].item() == pytest.approx(slope, rel=1e-4, abs=1e-8)


def test_the_boost_multiplies_the_most_salient_filters_alone():
    scores = torch.tensor([0.5, 3.0, 1.0, 2.0], requires_grad=True)
    copy = boosted(scores, Boost(2, 10.0))
    assert copy.tolist() == [0.5, 30.0, 1.0, 20.0] and not copy.requires_grad


def test_heat_maps_span_zero_to_one_and_take_the_strongest_channel():
    saliency = torch.zeros(1, 3, 9, 9)
    saliency[0, 2, 4, 4], saliency[0, 0, 4, 4] = 5.0, 1.0
    shown = heat_map(saliency, percentile=100.0)[0]
    assert shown.shape == (9, 9)
    assert shown[4, 4].item() == pytest.approx(1 / 9) and shown[0, 0] == 0 and shown[3:6, 3:6].min() > 0.1


def brute_force(difference):
    """Every sign pattern's distance."""
    n, f = difference.shape
    patterns = np.array(np.meshgrid(*[[1, -1]] * n)).reshape(n, -1)
    return np.linalg.norm(patterns.T @ difference / n, axis=1) / np.sqrt(f)


def test_permuted_distances_follow_the_sign_flip_distribution():
    generator = np.random.default_rng(1)
    first, second = generator.normal(1, 1, (8, 30)), generator.normal(0, 1, (8, 30))
    batches = [(first[:3], second[:3]), (first[3:], second[3:])]
    found = paired_permutation_test(batches, 4000, 0)
    exact = brute_force(first - second)
    assert found.pairs == 8 and found.distance == pytest.approx(exact[0])
    assert np.isin(np.round(found.permuted, 9), np.round(exact, 9)).all()
    assert found.permuted.mean() == pytest.approx(exact.mean(), rel=0.02)
    assert found.p_value < 0.05 and found.excess[1] > 0


def test_profiles_of_the_same_kind_are_not_told_apart():
    generator = np.random.default_rng(2)
    ps = []
    for seed in range(40):
        first, second = generator.normal(0, 1, (2, 12, 20))
        ps.append(paired_permutation_test([(first, second)], 199, seed).p_value)
    assert 0.3 < np.mean(ps) < 0.7
    with pytest.raises(ValueError, match="no image"):
        paired_permutation_test([], 10, 0)


def test_losses_are_matched_as_often_and_as_closely_as_possible():
    """Against every assignment of the smaller group's rows."""
    generator = np.random.default_rng(3)
    for _ in range(20):
        first, second = np.exp(generator.normal(0, 0.3, 4)), np.exp(generator.normal(0.2, 0.3, 6))
        rows, columns = match_losses(first, second, 1.2)
        apart = np.abs(np.log(first[rows] / second[columns]))
        assert (apart <= np.log(1.2)).all() and len(set(rows)) == len(rows) and len(set(columns)) == len(columns)
        best = (0, 0.0)
        for chosen in itertools.permutations(range(6), 4):
            distances = np.abs(np.log(first / second[list(chosen)]))
            near = distances <= np.log(1.2)
            best = min(best, (-int(near.sum()), float(distances[near].sum())))
        assert (-len(rows), apart.sum()) == (best[0], pytest.approx(best[1]))
    assert len(match_losses(np.zeros(0), second, 1.2)[0]) == 0


def test_divided_profiles_forget_how_salient_an_image_is():
    profiles = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    np.testing.assert_allclose(divided_by_mean(profiles), [[0.5, 1, 1.5]] * 2)


def test_regions_are_the_most_salient_pixels_and_overlap_by_the_share_in_common():
    first = np.arange(100.0).reshape(1, 10, 10)
    region = salient_region(first, 0.1)
    assert region.sum() == 10 and region[0, 9].all()
    assert salient_region(np.zeros((2, 3, 3)), 0.1).sum((1, 2)).tolist() == [1, 1]
    assert region_overlap(region, salient_region(-first, 0.1)) == 0 and region_overlap(region, region) == 1
    assert region_overlap(region, salient_region(np.roll(first, 5, 2), 0.1)) == 1
    noise = np.random.default_rng(0).random((2, 400, 10, 10))
    assert region_overlap(*(salient_region(each, 0.1) for each in noise)).mean() == pytest.approx(0.1, abs=0.02)
