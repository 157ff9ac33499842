"""Information paths, their distances and the bootstrap, against plain loops over scikit-learn's measure."""

import sys

import numpy as np
import pytest
import torch
from sklearn.metrics import mutual_info_score

from workflow_scripts.analysis.information import bucket_ids
from workflow_scripts.analysis.information import buckets as buckets_module
from workflow_scripts.analysis.information.paths import (
    bootstrap_distance,
    information_paths,
    mi_matrices,
    path_distance,
)

SHAPES = {"conv1": (4, 16, 16), "conv2": (6, 16, 16), "conv3": (5, 8, 8), "conv4": (7, 8, 8)}


def network(count=3, dtype=np.float32, seed=0):
    rng = np.random.default_rng(seed)
    maps = {name: rng.normal(size=(count, *shape)) for name, shape in SHAPES.items()}
    layers = {name: np.maximum(values, 0).astype(dtype) for name, values in maps.items()}
    return layers, rng.random((count, 3, 16, 16)).astype(dtype)


def halved(maps):
    return maps.reshape(*maps.shape[:-2], 8, 2, 8, 2).max((-3, -1))


def matrix(a, b):
    """Mutual information of all pairs of maps of one image by scikit-learn, the larger ones halved."""
    if a.shape[-1] > b.shape[-1]:
        a = halved(a)
    if b.shape[-1] > a.shape[-1]:
        b = halved(b)
    labels_a, labels_b = (bucket_ids(maps).reshape(len(maps), -1) for maps in (a, b))
    return np.array([[mutual_info_score(x, y) for y in labels_b] for x in labels_a])


def test_matrices_and_paths_equal_loops():
    layers, source = network()
    target = layers["conv4"]
    matrices = list(mi_matrices(layers, source))
    paths = information_paths(layers, source)
    assert paths.layers == tuple(SHAPES) == tuple(m.layer for m in matrices)
    assert paths.iip.shape == paths.oip.shape == (3, 4)
    for k, (layer, found) in enumerate(zip(layers, matrices, strict=True)):
        for n in range(3):
            source_mi, target_mi = matrix(layers[layer][n], source[n]), matrix(layers[layer][n], target[n])
            np.testing.assert_allclose(found.source_mi[n], source_mi, rtol=0, atol=1e-12)
            np.testing.assert_allclose(found.target_mi[n], target_mi, rtol=0, atol=1e-12)
            assert paths.iip[n, k] == pytest.approx(source_mi.mean(), abs=1e-12)
            assert paths.oip[n, k] == pytest.approx(target_mi.mean(), abs=1e-12)
    np.testing.assert_array_equal(paths.ioc, np.stack([paths.iip, paths.oip], axis=-1))


def test_batches_and_tensors_give_the_same_paths():
    layers, source = network()
    whole = information_paths(layers, source)
    one = information_paths({name: maps[1:2] for name, maps in layers.items()}, source[1:2])
    np.testing.assert_array_equal(one.iip[0], whole.iip[1])
    np.testing.assert_array_equal(one.oip[0], whole.oip[1])
    tensors = {name: torch.from_numpy(maps) for name, maps in layers.items()}
    found = information_paths(tensors, torch.from_numpy(source))
    np.testing.assert_array_equal(found.iip, whole.iip)
    np.testing.assert_array_equal(found.oip, whole.oip)


def test_each_map_is_packed_once_for_each_size(monkeypatch):
    layers, source = network()
    packed = []
    original = buckets_module.pack_maps

    def count(maps, size, buckets, name):
        packed.append((name, size))
        return original(maps, size, buckets, name)

    # the package's attribute of this name is the function, so the module is looked up by its full name
    module = sys.modules["workflow_scripts.analysis.information.mutual_information"]
    monkeypatch.setattr(module, "pack_maps", count)
    information_paths(layers, source)
    large, small = (16, 16), (8, 8)
    expected = {("source", large), ("source", small), ("layer 'conv3'", small), ("layer 'conv4'", small)}
    expected |= {(f"layer '{name}'", size) for name in ("conv1", "conv2") for size in (large, small)}
    assert len(packed) == len(set(packed)) and set(packed) == expected


def test_a_layer_that_copies_the_input_shares_all_of_its_information():
    _, source = network()
    paths = information_paths({"copy": source[:, :1], "last": source[:, :1] * 0}, source[:, :1])
    entropy = [mutual_info_score(*2 * [bucket_ids(image).ravel()]) for image in source[:, 0]]
    np.testing.assert_allclose(paths.iip[:, 0], entropy, rtol=0, atol=1e-12)
    assert (paths.oip == 0).all() and (paths.iip[:, 1] == 0).all()


def test_errors_name_the_layer():
    layers, source = network()
    with pytest.raises(ValueError, match="empty"):
        information_paths({}, source)
    with pytest.raises(ValueError, match="layer 'conv2' holds 2 images and the source 3"):
        information_paths({**layers, "conv2": layers["conv2"][:2]}, source)
    with pytest.raises(ValueError, match="layer 'conv1' must have the layout"):
        information_paths({**layers, "conv1": layers["conv1"][0]}, source)
    layers["conv3"][2, 4, 0, 0] = np.nan
    with pytest.raises(ValueError, match="layer 'conv3': map 4 of image 2"):
        information_paths(layers, source)


def test_path_distance():
    assert path_distance([1.0, 2.0, 3.0], [1.0, 1.0, 5.0]) == pytest.approx(1.0)
    rng = np.random.default_rng(0)
    p, q = rng.random((5, 1, 4)), rng.random((3, 4))
    distance = path_distance(p, q)
    assert distance.shape == (5, 3)
    assert distance[2, 1] == pytest.approx(sum(abs(p[2, 0, k] - q[1, k]) for k in range(4)) / 4)
    assert (path_distance(q, q) == 0).all()
    for bad in ([1.0, 2.0], 1.0, []):
        with pytest.raises(ValueError, match="same layers"):
            path_distance([1.0, 2.0, 3.0], bad)


def test_bootstrap_equals_scipy_for_one_layer():
    # far apart, the distance is a difference of means, whose bootstrap SciPy knows
    from scipy.stats import bootstrap

    rng = np.random.default_rng(1)
    p, q = rng.normal(0, 1, (60, 1)), rng.normal(10, 2, (45, 1))
    found = bootstrap_distance(p, q, resamples=20_000, seed=3, level=0.9)
    known = bootstrap(
        (q[:, 0], p[:, 0]),
        lambda x, y, axis: x.mean(axis) - y.mean(axis),
        n_resamples=20_000,
        confidence_level=0.9,
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(0),
    ).confidence_interval
    assert found.distance == pytest.approx(q.mean() - p.mean())
    assert (found.lower, found.upper) == pytest.approx((known.low, known.high), abs=0.03)


def test_bootstrap_is_reproducible_and_independent_of_memory(monkeypatch):
    rng = np.random.default_rng(2)
    p, q = rng.random((20, 5)), rng.random((30, 5)) + 0.1
    first = bootstrap_distance(p, q, resamples=500, seed=1)
    assert first == bootstrap_distance(p, q, resamples=500, seed=1)
    assert first != bootstrap_distance(p, q, resamples=500, seed=2)
    assert first.lower < first.upper
    monkeypatch.setattr("workflow_scripts.analysis.information.paths._DRAWS_AT_A_TIME", 64)
    in_pieces = bootstrap_distance(p, q, resamples=500, seed=1)
    assert in_pieces.lower == pytest.approx(first.lower) and in_pieces.upper == pytest.approx(first.upper)
    single = bootstrap_distance(p[:1], q[:1], resamples=10)
    assert single.lower == pytest.approx(single.distance) and single.upper == pytest.approx(single.distance)


def test_bootstrap_errors():
    p = np.ones((4, 3))
    for bad, message in ((p[0], "layout"), (p[:0], "layout"), (p * np.nan, "NaN"), (p[:, :2], "same layers")):
        with pytest.raises(ValueError, match=message):
            bootstrap_distance(p, bad, 10)
    for resamples, level in ((0, 0.95), (10, 0.0), (10, 1.0)):
        with pytest.raises(ValueError, match="resamples must be"):
            bootstrap_distance(p, p, resamples, level=level)
