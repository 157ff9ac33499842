"""The mutual information expected by chance: against scikit-learn's, and as the mean over permutations."""

import numpy as np
import pytest
import torch
from sklearn.metrics.cluster import contingency_matrix
from sklearn.metrics.cluster import expected_mutual_information as oracle_of_table

from workflow_scripts.analysis.information import bucket_ids, mutual_information, mutual_information_batch
from workflow_scripts.analysis.information import expected_information as module
from workflow_scripts.analysis.information.buckets import pack_maps
from workflow_scripts.analysis.information.chance_correction import chance_corrected_paths
from workflow_scripts.analysis.information.expected_information import (
    expectation_table,
    expected_mutual_information,
    expected_mutual_information_batch,
    mean_expected_information,
)
from workflow_scripts.analysis.information.one_hot import label_maps
from workflow_scripts.analysis.information.paths import information_paths
from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.models.feature_maps import feature_maps


def oracle(a, b, buckets=8):
    """scikit-learn's expectation for the bucket numbers of every pair of maps of one image, of one size."""
    labels_a, labels_b = (bucket_ids(maps, buckets).reshape(len(maps), -1) for maps in (a, b))
    tables = [[contingency_matrix(x, y, sparse=True) for y in labels_b] for x in labels_a]
    return np.array([[oracle_of_table(table, labels_a.shape[1]) for table in row] for row in tables])


@pytest.fixture(scope="module")
def network():
    """Feature maps (C, h, w) of an untrained good_init for two smooth images, and the images."""
    torch.manual_seed(0)
    description = {"architecture": "good_init", "in_channels": 3, "classes": 10, "image_size": 32}
    description |= {"parameters": {"width": 0.125, "dropout": 0.0}, "mean": [0.5], "std": [0.5]}
    coarse = torch.rand(2, 3, 6, 6)
    x = torch.nn.functional.interpolate(coarse, 32, mode="bicubic").clamp(0, 1) + 0.02 * torch.rand(2, 3, 32, 32)
    maps, _ = feature_maps(build_classifier(description).eval(), x)
    return {name: values.numpy() for name, values in maps.items()}, x.numpy()


def relu_maps(rng, *shape):
    return np.maximum(rng.normal(size=shape) - 0.3, 0)


def test_equals_scikit_learn_on_feature_maps(network):
    maps, _ = network
    sizes = set()
    for layer in maps.values():
        sizes.add(layer.shape[-1])
        a = layer[0, :4]
        np.testing.assert_allclose(expected_mutual_information(a, a), oracle(a, a), rtol=0, atol=1e-12)
    assert 32 in sizes and len(sizes) > 1


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (5, 7), (8, 8), (16, 16), (64, 64)])
@pytest.mark.parametrize("buckets", [2, 8, 33])
def test_equals_scikit_learn(size, buckets):
    rng = np.random.default_rng(buckets)
    a, b = relu_maps(rng, 3, *size), rng.normal(size=(2, *size))
    expected = expected_mutual_information(a, b, buckets)
    assert expected.shape == (3, 2) and expected.dtype == np.float64
    np.testing.assert_allclose(expected, oracle(a, b, buckets), rtol=0, atol=1e-12)


@pytest.mark.parametrize("positions", [16, 64, 256, 1024])
def test_independent_maps_share_nothing_beyond_chance(positions):
    rng = np.random.default_rng(positions)
    side = int(positions**0.5)
    a, b = relu_maps(rng, 40, 4, side, side), relu_maps(rng, 40, 4, side, side)
    b = rng.permuted(b.reshape(40, 4, -1), axis=2).reshape(b.shape)
    beyond = (mutual_information_batch(a, b) - expected_mutual_information_batch(a, b)).mean((1, 2))
    assert abs(beyond.mean()) < 3 * beyond.std(ddof=1) / np.sqrt(len(beyond))
    assert expected_mutual_information_batch(a, b).mean() > 5 * beyond.std(ddof=1)  # not trivially small


def test_the_expectation_is_the_mean_over_permutations():
    rng = np.random.default_rng(1)
    a, b = relu_maps(rng, 1, 4, 4), rng.normal(size=(1, 4, 4))
    shuffled = rng.permuted(np.tile(b.reshape(1, -1), (20_000, 1)), axis=1).reshape(-1, 4, 4)
    drawn = mutual_information(a, shuffled)[0]
    error = drawn.std(ddof=1) / np.sqrt(len(drawn))
    assert abs(drawn.mean() - expected_mutual_information(a, b)[0, 0]) < 3 * error < 0.005


def test_properties():
    rng = np.random.default_rng(2)
    for side in (8, 11, 40):
        a, b = relu_maps(rng, 6, side, side), rng.normal(size=(5, side, side))
        expected = expected_mutual_information(a, b)
        np.testing.assert_allclose(expected, expected_mutual_information(b, a).T, rtol=1e-13)
        assert (expected > 0).all()
        own = mutual_information(a, a) - expected_mutual_information(a, a)
        assert (np.diag(own) > 0).all()
        constant = np.full((1, side, side), 0.7)
        assert not expected_mutual_information(constant, a).any()
        assert not expected_mutual_information(constant, constant).any()
    table = expectation_table(100)
    np.testing.assert_array_equal(table, table.T)
    assert not table[0].any() and not table[-1].any()


@pytest.mark.parametrize("side", [8, 12])
def test_larger_maps_are_pooled_and_batches_equal_loops(side):
    rng = np.random.default_rng(3)
    a, b = relu_maps(rng, 3, 4, 2 * side, 2 * side), rng.normal(size=(3, 2, side, side))
    pooled = a.reshape(3, 4, side, 2, side, 2).max((3, 5))
    batch = expected_mutual_information_batch(a, b)
    for image in range(3):
        np.testing.assert_allclose(batch[image], oracle(pooled[image], b[image]), rtol=0, atol=1e-12)
        np.testing.assert_array_equal(batch[image], expected_mutual_information(a[image], b[image]))
    assert expected_mutual_information_batch(a[:0], b[:0]).shape == (0, 4, 2)


def test_beyond_the_table_the_values_are_the_same_in_bounded_pieces(monkeypatch):
    rng = np.random.default_rng(4)
    a, b = relu_maps(rng, 5, 3, 16, 16), rng.normal(size=(5, 2, 16, 16))
    packed = [pack_maps(maps, (16, 16)) for maps in (a, b)]
    pairs, means = expected_mutual_information_batch(a, b), mean_expected_information(*packed)
    monkeypatch.setattr(module, "MAX_TABLE_POSITIONS", 255)
    monkeypatch.setattr(module, "_MAX_TERMS", 2 * 257)
    monkeypatch.setattr(module, "expectation_table", None)
    np.testing.assert_allclose(expected_mutual_information_batch(a, b), pairs, rtol=1e-13)
    np.testing.assert_allclose(mean_expected_information(*packed), means, rtol=1e-13)


def test_the_mean_over_pairs_needs_the_mean_histograms_alone():
    rng = np.random.default_rng(5)
    a, b = relu_maps(rng, 4, 7, 8, 8).astype(np.float32), relu_maps(rng, 4, 3, 8, 8).astype(np.float32)
    expected = expected_mutual_information_batch(a, b).mean((1, 2))
    packed = [pack_maps(maps, (8, 8)) for maps in (a, b)]
    labelled = [label_maps(torch.from_numpy(maps), (8, 8)) for maps in (a, b)]
    np.testing.assert_allclose(mean_expected_information(*packed), expected, rtol=1e-13)
    np.testing.assert_array_equal(mean_expected_information(*labelled), mean_expected_information(*packed))


def test_corrected_paths_are_the_plug_in_paths_minus_the_mean_expectation(network):
    maps, x = network
    paths = chance_corrected_paths(maps, x)
    published = information_paths(maps, x)
    np.testing.assert_array_equal(paths.plug_in.iip, published.iip)
    np.testing.assert_array_equal(paths.plug_in.oip, published.oip)
    last = list(maps)[-1]
    for k, layer in enumerate(maps.values()):
        for path, other in (("iip", x), ("oip", maps[last])):
            expected = expected_mutual_information_batch(layer, other).mean((1, 2))
            np.testing.assert_allclose(getattr(paths.expected, path)[:, k], expected, rtol=1e-12)
    np.testing.assert_array_equal(paths.corrected.oip, paths.plug_in.oip - paths.expected.oip)
    assert (paths.corrected.oip[:, -1] > 0.1).all()  # every map shares all of itself with itself


def test_tensors():
    a = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(0))
    expected = expected_mutual_information_batch(a, a)
    assert isinstance(expected, torch.Tensor) and expected.dtype == torch.float64
    np.testing.assert_array_equal(expected.numpy(), expected_mutual_information_batch(a.numpy(), a.numpy()))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_gpu_gives_the_same_bits(network):
    maps, x = network
    here = chance_corrected_paths(maps, x)
    moved = {name: torch.from_numpy(values).cuda() for name, values in maps.items()}
    on_gpu = chance_corrected_paths(moved, torch.from_numpy(x).cuda())
    np.testing.assert_array_equal(on_gpu.expected.iip, here.expected.iip)
    np.testing.assert_array_equal(on_gpu.expected.oip, here.expected.oip)


def test_clear_errors():
    maps = np.random.default_rng(0).normal(size=(2, 3, 8, 8))
    with pytest.raises(ValueError, match="layout"):
        expected_mutual_information(maps, maps)
    with pytest.raises(ValueError, match="layout"):
        expected_mutual_information_batch(maps[0], maps)
    with pytest.raises(ValueError, match="a holds 2 images and b 1"):
        expected_mutual_information_batch(maps, maps[:1])
    with pytest.raises(ValueError, match="buckets must be"):
        expected_mutual_information_batch(maps, maps, 0)
