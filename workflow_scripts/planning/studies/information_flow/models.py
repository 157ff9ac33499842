"""Tables VII and X and the learning curves: the study's models."""

from __future__ import annotations

from workflow_scripts.planning.studies.information_flow.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications


def publish_models(measurements: Measurements, publications: Publications) -> None:
    """Accuracy and size of the models, the original model's architecture, and each training's learning curve."""
    study, models = measurements.study, measurements.planner.configuration.models
    publications.table(
        "table_7",
        "Accuracy of the models on the test images, and their number of parameters, which includes the running "
        "statistics of batch normalisation.",
        [measurements.model(name, seed) for name in study.models for seed in measurements.seeds(name)],
        renderer="table_7_models",
        roles={},
    )
    original = measurements.model(study.original, measurements.seeds(study.original)[0])
    publications.table(
        "table_10", "The architecture of the original model.", [original], renderer="table_10_architecture"
    )
    distilled = study.distillation and study.distillation.model
    for name in dict.fromkeys([study.original, *study.models, study.compressed, distilled]):
        if name is not None and models[name].training is not None:
            seed = models[name].seeds[0]
            publications.learning_curve(name, seed, measurements.model(name, seed))
