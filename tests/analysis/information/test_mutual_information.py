"""Mutual information against scikit-learn's, and the bucket formula against NumPy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import mutual_info_score

from workflow_scripts.analysis.information import bucket_ids, mutual_information, mutual_information_batch
from workflow_scripts.analysis.information.one_hot import label_maps, labelled_information

ROOT = Path(__file__).resolve().parents[3]


def formula(maps, buckets):
    """The paper's bucket number in NumPy; the maximum is bucket B whatever the division rounds to."""
    maps = np.asarray(maps, dtype=np.float64)
    low, high = maps.min((-2, -1), keepdims=True), maps.max((-2, -1), keepdims=True)
    with np.errstate(invalid="ignore"):
        number = np.ceil(buckets * (maps - low) / (high - low))
    return np.where(high > low, np.minimum(number, buckets), 0).astype(int)


def oracle(a, b, buckets):
    """scikit-learn's mutual information of the bucket numbers, pair by pair."""
    labels_a, labels_b = (formula(maps, buckets).reshape(len(maps), -1) for maps in (a, b))
    return np.array([[mutual_info_score(x, y) for y in labels_b] for x in labels_a])


def draw(kind, rng, *shape):
    maps = rng.normal(size=shape)
    if kind == "relu":
        maps = np.maximum(maps - 0.3, 0)
    if kind == "constant":
        maps[0] = 0.25
    if kind == "levels":
        maps = rng.integers(0, 4, size=shape) / 4
    return maps


@pytest.mark.parametrize("kind", ["normal", "relu", "constant", "levels"])
@pytest.mark.parametrize("size", [(8, 8), (16, 16), (32, 32), (5, 7), (1, 1), (1, 65), (2, 1)])
@pytest.mark.parametrize("buckets", [2, 8, 16])
def test_equals_scikit_learn(kind, size, buckets):
    rng = np.random.default_rng(size[0] * 100 + buckets)
    a, b = draw(kind, rng, 4, *size), draw("relu", rng, 3, *size)
    information = mutual_information(a, b, buckets)
    assert information.shape == (4, 3) and information.dtype == np.float64
    np.testing.assert_allclose(information, oracle(a, b, buckets), rtol=0, atol=1e-12)


def test_equals_scikit_learn_in_float32():
    rng = np.random.default_rng(1)
    a, b = (draw("relu", rng, 5, 16, 16).astype(np.float32) for _ in range(2))
    np.testing.assert_allclose(mutual_information(a, b), oracle(a, b, 8), rtol=0, atol=1e-12)


@pytest.mark.parametrize("large, small", [((32, 32), (8, 8)), ((16, 16), (8, 8)), ((32, 32), (16, 16))])
def test_the_larger_map_is_max_pooled(large, small):
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(3, *large)), rng.normal(size=(4, *small))
    factor = large[0] // small[0]
    pooled = a.reshape(3, small[0], factor, small[1], factor).max((2, 4))
    np.testing.assert_allclose(mutual_information(a, b), oracle(pooled, b, 8), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(mutual_information(b, a), mutual_information(a, b).T)


@pytest.mark.parametrize("shape_a, shape_b", [((32, 32), (7, 5)), ((9, 4), (4, 9)), ((8, 8), (3, 8))])
def test_other_factors_pool_adaptively(shape_a, shape_b):
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(3, *shape_a)), rng.normal(size=(2, *shape_b))
    size = tuple(np.minimum(shape_a, shape_b))
    pooled = [torch.nn.functional.adaptive_max_pool2d(torch.from_numpy(m), size).numpy() for m in (a, b)]
    np.testing.assert_allclose(mutual_information(a, b), oracle(*pooled, 8), rtol=0, atol=1e-12)


@pytest.mark.parametrize("buckets", [1, 2, 3, 7, 8, 10, 16, 49])
def test_bucket_numbers_follow_the_formula(buckets):
    rng = np.random.default_rng(buckets)
    maps = np.concatenate([draw(kind, rng, 20, 9, 9) for kind in ("normal", "relu", "levels", "constant")])
    # exact multiples of a bucket's width, where a rounded quotient would change the number
    steps = np.resize(np.arange(buckets + 1) / buckets, (9, 9))
    edges = np.stack([steps, 3 * steps - 1, 0.1 * steps - 0.7, 1e-300 * steps, 1e300 * steps])
    for batch in (maps, edges, maps.astype(np.float32), np.round(9 * maps).astype(int)):
        numbers = bucket_ids(batch, buckets)
        np.testing.assert_array_equal(numbers, formula(batch, buckets))
        assert numbers.min() == 0 and numbers.max() == buckets


def test_bucket_numbers_by_hand():
    numbers = bucket_ids(np.array([[0.0, 1e-300, 1.0], [1.0000001, 7.0, 8.0]]), 8)
    np.testing.assert_array_equal(numbers, [[0, 1, 1], [2, 7, 8]])


def test_batch_equals_loop():
    rng = np.random.default_rng(4)
    for size in (8, 12):
        a, b = draw("relu", rng, 5, 6, size, size), draw("normal", rng, 5, 3, 8, 8)
        loop = np.stack([mutual_information(x, y) for x, y in zip(a, b, strict=True)])
        np.testing.assert_array_equal(mutual_information_batch(a, b), loop)
    assert mutual_information_batch(a[:0], b[:0]).shape == (0, 6, 3)


@pytest.mark.parametrize("size", [8, 20])
def test_properties(size):
    rng = np.random.default_rng(5)
    a, b = draw("relu", rng, 12, size, size), draw("normal", rng, 9, size, size)
    information, own = mutual_information(a, b), mutual_information(a, a)
    np.testing.assert_array_equal(own, own.T)
    np.testing.assert_array_equal(information, mutual_information(b, a).T)
    shares = np.stack([np.bincount(x.ravel(), minlength=9) for x in formula(a, 8)]) / size**2
    entropy = -np.where(shares > 0, shares * np.log(np.where(shares > 0, shares, 1)), 0).sum(1)
    np.testing.assert_allclose(np.diag(own), entropy, rtol=0, atol=1e-12)
    other = np.diag(mutual_information(b, b))
    assert (information >= 0).all() and (information <= np.minimum(entropy[:, None], other) + 1e-12).all()
    assert (own <= np.log(9)).all()
    # powers of two and whole numbers: the affine map is exact in floating point
    levels = rng.integers(0, 50, size=(6, size, size)).astype(float)
    np.testing.assert_array_equal(mutual_information(4 * levels - 3, b), mutual_information(levels, b))


def test_constant_maps_have_no_mutual_information():
    rng = np.random.default_rng(6)
    for size in (8, 11):
        maps = np.stack([np.zeros((size, size)), np.full((size, size), -3.7), rng.normal(size=(size, size))])
        information = mutual_information(maps, maps)
        assert (information[:2] == 0).all() and information[2, 2] > 1


@pytest.mark.parametrize(
    "size_a, size_b", [((8, 8), (8, 8)), ((32, 32), (8, 8)), ((5, 7), (16, 3)), ((24, 24), (24, 24))]
)
@pytest.mark.parametrize("buckets", [2, 8, 10])
def test_one_hot_products_give_the_same_bits(size_a, size_b, buckets, monkeypatch):
    rng = np.random.default_rng(7)
    a, b = draw("relu", rng, 3, 5, *size_a).astype(np.float32), draw("normal", rng, 3, 4, *size_b)
    a[1, 2] = 0.5
    size = (min(size_a[0], size_b[0]), min(size_a[1], size_b[1]))
    labelled = [label_maps(torch.from_numpy(maps), size, buckets) for maps in (a, b)]
    expected = mutual_information_batch(a, b, buckets)
    np.testing.assert_array_equal(labelled_information(*labelled).numpy(), expected)
    monkeypatch.setattr("workflow_scripts.analysis.information.one_hot._MAX_JOINT", 2 * 4 * (buckets + 1) ** 2)
    np.testing.assert_array_equal(labelled_information(*labelled).numpy(), expected)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        np.testing.assert_array_equal(labelled_information(*labelled).numpy(), expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_gpu_gives_the_same_bits():
    rng = np.random.default_rng(8)
    a, b = draw("relu", rng, 6, 40, 32, 32), draw("relu", rng, 6, 128, 8, 8)
    information = mutual_information_batch(torch.from_numpy(a).cuda(), torch.from_numpy(b).cuda())
    assert information.is_cuda
    np.testing.assert_array_equal(information.cpu().numpy(), mutual_information_batch(a, b))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_tensors(dtype):
    a = torch.randn(4, 8, 8, generator=torch.Generator().manual_seed(0)).to(dtype).requires_grad_()
    information = mutual_information(a, a)
    assert isinstance(information, torch.Tensor) and information.dtype == torch.float64
    values = a.detach().double().numpy()
    np.testing.assert_array_equal(information.numpy(), mutual_information(values, values))


def test_layout_in_memory_does_not_matter():
    a = np.random.default_rng(9).normal(size=(8, 8, 6))
    moved = np.moveaxis(a, -1, 0)
    plain = moved.copy()
    np.testing.assert_array_equal(mutual_information(moved, moved), mutual_information(plain, plain))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("size", [8, 16])
def test_values_that_are_not_finite_are_refused(value, size):
    a, b = np.zeros((2, 3, size, size)), np.random.default_rng(0).normal(size=(2, 3, 8, 8))
    a[1, 2, 3, 4] = value
    with pytest.raises(ValueError, match="a: map 2 of image 1 holds a NaN or an infinite value"):
        mutual_information_batch(a, b)
    with pytest.raises(ValueError, match="map 2 of image 1"):
        label_maps(torch.from_numpy(a), (8, 8))
    with pytest.raises(ValueError, match="map 2 of image 1"):
        bucket_ids(a)


def test_clear_errors():
    maps = np.random.default_rng(0).normal(size=(2, 3, 8, 8))
    with pytest.raises(ValueError, match="layout"):
        mutual_information(maps, maps)
    with pytest.raises(ValueError, match="layout"):
        mutual_information_batch(maps[0], maps)
    with pytest.raises(ValueError, match="a holds 2 images and b 1"):
        mutual_information_batch(maps, maps[:1])
    with pytest.raises(ValueError, match="empty"):
        mutual_information_batch(maps[:, :, :0], maps)
    for buckets in (0, -1, 2.5, True, 70_000):
        with pytest.raises(ValueError, match="buckets must be"):
            mutual_information_batch(maps, maps, buckets)
    with pytest.raises(ValueError, match="too wide"):
        mutual_information_batch(maps * 1e307, maps)
    with pytest.raises(ValueError, match="too wide"):
        label_maps(torch.from_numpy(maps * 1e307), (8, 8))
    with pytest.raises(ValueError, match="real numbers"):
        mutual_information_batch(maps * 1j, maps)


def run(code, folder=ROOT, **environment):
    command = [sys.executable, "-c", code]
    environment = {**os.environ, **environment}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_import_is_light():
    heavy = "{'torch', 'numba', 'gpytorch'}"
    done = run(f"import sys, workflow_scripts.analysis.information; print({heavy} & set(sys.modules))")
    assert done.stdout.strip() == "set()", done.stderr


def test_works_where_nothing_can_be_cached(tmp_path):
    package = tmp_path / "workflow_scripts"
    original = ROOT / "workflow_scripts" / "analysis" / "information"
    shutil.copytree(original, package / "analysis" / "information", ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__init__.py").touch()
    (package / "analysis" / "__init__.py").touch()
    shutil.copy(original.parent / "public_names.py", package / "analysis")
    # a file in the folder's place stops root too, whom permissions do not
    (package / "analysis" / "information" / "__pycache__").touch()
    code = (
        "from workflow_scripts.analysis.information import numba_kernels as kernels\n"
        "import numpy as np\n"
        "labels = np.empty(3, np.int32)\n"
        "print(kernels.__file__, kernels._label_map(np.array([0.0, 1.0, 8.0]), 8, labels), labels)"
    )
    home = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null"}
    done = run(code, tmp_path, **home, PYTHONPATH="", NUMBA_CACHE_DIR="")
    module = str(package / "analysis" / "information" / "numba_kernels.py")
    assert done.stdout.split() == [module, "0", "[0", "1", "8]"], done.stderr
