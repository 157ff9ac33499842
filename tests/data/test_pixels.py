"""8-bit pixels as numbers in [0, 1]."""

from __future__ import annotations

import numpy as np
import torch

from workflow_scripts.data.pixels import to_unit_range


def test_arrays_and_tensors_have_the_same_bits():
    levels = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    array, tensor = to_unit_range(levels), to_unit_range(torch.from_numpy(levels))
    assert array.dtype == np.float32 and np.array_equal(array, tensor.numpy())
    assert array.min() == 0 and array.max() == 1 and array.flat[51] == np.float32(0.2)


def test_what_is_floating_point_already_is_returned_as_it_is():
    images = np.full((1, 1, 2, 2), 0.3, np.float32)
    assert to_unit_range(images) is images
    tensor = torch.from_numpy(images)
    assert to_unit_range(tensor) is tensor
