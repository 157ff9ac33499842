"""A study whose measurements are made up, so that what tables, figures and findings must say is known."""

import json

import numpy as np
import pytest

from tests.papers.local_properties.made_up_measurements import (
    COUNT,
    SIDE,
    Study,
    add_filtered_predictions,
    add_kernel_responses,
    add_kernels,
    add_model,
    add_responses,
    add_set,
    add_spectra,
    add_sweep,
)


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    made = Study(tmp_path_factory.mktemp("study"))
    labels = np.arange(COUNT) % 10
    images = made.rng.integers(60, 190, (COUNT, 3, SIDE, SIDE), dtype=np.uint8)
    metrics = {"classes": 10, "image_size": SIDE, "class_names": [f"class {k}" for k in range(10)], "channels": 3}
    folder = made.add({"name": "dataset"}, metrics) / "test"
    folder.mkdir()
    np.save(folder / "images.npy", images)
    np.save(folder / "labels.npy", labels)
    for model in ("standard", "robust"):
        for attack in ("pgd", "fgsm"):
            add_set(made, attack, model, images, labels)
            add_responses(made, attack, model, model, labels)
        add_responses(made, "pgd", "robust" if model == "standard" else "standard", model, labels)
        add_filtered_predictions(made, model)
        add_spectra(made, model)
        add_kernels(made, {"name": "kernel_statistics", "model": model, "seed": 0}, 1.0 if model == "standard" else 0.5)
        add_model(made, {"name": "model", "model": model, "seed": 0, "checkpoint": "best"})
    add_kernel_responses(made)
    for place, decay in enumerate(("1/200", "1/2000")):  # not ascending: the figures sort
        add_sweep(made, decay, 1.0 + place, labels)
    return made


@pytest.fixture
def claims():
    """The shipped claims, as the plan hands them over."""
    from workflow_scripts.planning.studies.findings import paper_claims

    return json.loads(paper_claims("local_properties"))
