"""Tables 3, 4 and 5 with their controls, the table of quantisations, and Figures 1 and 4: recognition, and REDRL."""

from __future__ import annotations

from workflow_scripts.planning.studies.attack_signatures.measurements import DENOISERS, RECOGNISERS, DatasetMeasurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input


def publish_recognition(measurements: DatasetMeasurements, publications: Publications) -> list[Input]:
    """Plan the tables and figures of one data set; returns what the findings use."""
    quantisation, dataset = measurements.study.quantisation, measurements.entry.dataset
    evaluations = {
        recogniser: [measurements.evaluation_input(recogniser, quantisation, seed) for seed in measurements.redrl.seeds]
        for recogniser in RECOGNISERS
    }

    def evaluations_of(*recognisers: str) -> list[Input]:
        return [each for recogniser in recognisers for each in evaluations[recogniser]]

    trained = [
        measurements.recogniser("redrl", quantisation, seed).as_input(
            name="recogniser", dataset=dataset, recogniser="redrl", seed=seed
        )
        for seed in measurements.redrl.seeds
    ]
    total = "the total counts every test image once (micro average)"
    publications.table(
        f"table_3_{dataset}",
        f"Share of each class that is recognised, by what the recogniser sees; {total}.",
        evaluations_of("image", "perturbation", "redrl") + trained,
        renderer="table_3_recognition",
        published="table_3",
    )
    publications.table(
        f"table_4_{dataset}",
        "Accuracy of every victim on all clean and attacked test images before and after the reconstructor G.",
        evaluations_of("redrl"),
        renderer="table_4_reconstruction",
        published="table_4",
    )
    publications.table(
        f"table_5_{dataset}",
        "Share of each class that is recognised without the feature and classification losses (A), without the "
        f"classification loss (B), without the feature loss (C), and with all losses (REDRL); {total}.",
        evaluations_of("ablation_a", "ablation_b", "ablation_c", "redrl") + trained,
        renderer="table_5_ablations",
        published="table_5",
    )
    publications.table(
        f"ablation_differences_{dataset}",
        "Differences of Table 5's totals: what each loss adds to the share of test images whose class is recognised.",
        evaluations_of("ablation_a", "ablation_b", "ablation_c", "redrl"),
        renderer="table_ablation_differences",
        published="table_5",
    )
    publications.table(
        f"controls_recognition_{dataset}",
        "What the recognisers call clean test images that a victim classifies correctly and that it misclassifies, and "
        "attacked images that it misclassifies with the same loss.",
        evaluations_of("image", "perturbation", "redrl"),
        renderer="table_controls_recognition",
    )
    publications.table(
        f"controls_reconstruction_{dataset}",
        "Accuracy of every victim on all clean and attacked test images before and after the reconstructor G, and "
        "after trivial denoisers in its place.",
        evaluations_of("redrl"),
        renderer="table_controls_reconstruction",
        denoisers=DENOISERS,
    )
    publish_quantisations(measurements, publications, evaluations_of("image", "redrl"))
    first_seed = measurements.redrl.seeds[0]
    publications.figure(
        f"figure_1_{dataset}",
        "Confusion matrices of the recognisers that see adversarial images alone, and together with their true "
        "perturbations.",
        [each for each in evaluations_of("image", "perturbation") if each.role["seed"] == first_seed],
        renderer="figure_1_confusion_matrices",
    )
    shown = [each for each in evaluations_of("redrl") if each.role["seed"] == first_seed]
    publications.figure(
        f"figure_4_{dataset}",
        "Adversarial, reconstructed and residual images; residuals and true perturbations are magnified around grey.",
        [*shown, measurements.dataset],
        renderer="figure_4_reconstructions_and_residuals",
    )
    return evaluations_of(*RECOGNISERS) + measurements.robust_accuracies()


def publish_quantisations(
    measurements: DatasetMeasurements, publications: Publications, evaluations: list[Input]
) -> None:
    """The table of quantisations; `evaluations` are those for the study's own quantisation."""
    study = measurements.study
    other_evaluations = [
        measurements.evaluation_input(recogniser, quantisation, seed)
        for quantisation in study.recognised_quantisations
        if quantisation != study.quantisation
        for recogniser in ("image", "redrl")
        for seed in measurements.redrl.seeds
    ]
    publications.table(
        f"quantisation_{measurements.entry.dataset}",
        "Attacked test images by their quantisation to 8 bits: robust accuracy over all victims, and the share of each "
        "class that is recognised where recognisers were trained for the quantisation.",
        measurements.robust_accuracies() + evaluations + other_evaluations,
        renderer="table_quantisation",
        published="quantisation",
    )
