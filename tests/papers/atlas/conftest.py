"""An atlas whose measurements are made up, so that what its tables and figures must say is known."""

import numpy as np
import pytest

from tests.papers.atlas.made_up import MadeUpAtlas


@pytest.fixture(scope="session")
def atlas(tmp_path_factory):
    """Three models of 3, 5 and 12 layers under FGSM, JSMA and another attack, each with two controls."""
    return MadeUpAtlas(tmp_path_factory.mktemp("atlas"), {"small": 3, "deep": 5, "odd_name": 12})


@pytest.fixture(scope="session")
def rng():
    return np.random.default_rng(8)
