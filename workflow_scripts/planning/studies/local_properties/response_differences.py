"""Tables 1 to 5: local response differences, and the accuracies that the paper gives in its text."""

from __future__ import annotations

from workflow_scripts.planning.studies.local_properties.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input

DIFFERENCES = (
    "Largest (maximum) and summed (total) absolute difference of a layer's responses between an image and its "
    "adversarial version, per image, and the norm of the difference divided by that of the response (relative; not in "
    "the paper): mean and standard deviation over"
)
CLASSIFIED_BY_BOTH = (
    "the images that both models classify correctly, as only these are attacked (the paper averages over all images)"
)
OF_OUTCOMES = f"{DIFFERENCES} the images that the attacked model classifies correctly"


def publish_response_differences(measurements: Measurements, publications: Publications) -> None:
    """Plan the tables."""
    of_all = f"{DIFFERENCES} {'all test images' if measurements.study.attack_all else CLASSIFIED_BY_BOTH}"
    own_pgd = measurements.all_responses(("pgd",), own=True)
    transferred_pgd = measurements.all_responses(("pgd",), own=False)
    own_fgsm = measurements.all_responses(("fgsm",), own=True)
    publications.table(
        "table_1",
        f"{of_all}. Standard and robust model under PGD.",
        own_pgd,
        renderer="table_1_standard_and_robust",
    )
    publications.table(
        "table_2",
        f"{OF_OUTCOMES}. Successful and failed attacks by FGSM on the standard model.",
        in_model("standard", own_fgsm),
        renderer="table_2_successful_and_failed",
    )
    publications.table(
        "table_3",
        f"{of_all}. Adversarial examples by PGD in the robust model: its own, and those made against the standard "
        "model.",
        in_model("robust", own_pgd, transferred_pgd),
        renderer="table_3_original_and_transferred",
    )
    publications.table(
        "table_4",
        f"{OF_OUTCOMES}. Successful and failed attacks by PGD and FGSM on the robust model.",
        in_model("robust", own_pgd, own_fgsm),
        renderer="table_4_successful_and_failed",
    )
    publications.table(
        "table_5",
        f"{of_all}. Adversarial examples by PGD in the standard model: its own, and those made against the robust "
        "model.",
        in_model("standard", own_pgd, transferred_pgd),
        renderer="table_5_original_and_transferred",
    )
    publications.table(
        "robustness",
        "Accuracy on natural images, under each attack on the model itself, and on adversarial examples by PGD that "
        "were made against the other model.",
        [*own_pgd, *own_fgsm, *transferred_pgd],
        renderer="table_robustness",
    )


def in_model(model: str, *groups: list[Input]) -> list[Input]:
    """Those of the response differences that were measured in `model`."""
    return [each for group in groups for each in group if each.role["model"] == model]
