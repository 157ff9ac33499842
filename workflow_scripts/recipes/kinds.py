"""The kinds of artifact: what the rest of the workflow knows of each, in one place.

A kind needs a stage (`jobs/stages/<kind>.py`), an estimate of its cost (`planning/resources`) and an entry here, from
which its Snakemake rule is made.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of artifact.

    what: one line, for `snakemake --list` and the docs. on_processor: never computes on a GPU. brief: made in seconds
    and seldom in need of all the libraries that its modules name, which are then imported when they are used.
    reads_source: its job is told where the configured source's files lie. trains: sums weight gradients over batches,
    whose bits depend on the number of processor threads, which is therefore part of its recipe. priority: of its jobs
    in Snakemake.
    """

    what: str
    on_processor: bool = False
    brief: bool = False
    reads_source: bool = False
    trains: bool = False
    priority: int = 0


KINDS: dict[str, Kind] = {
    "dataset": Kind("A data set, read, checked and split.", on_processor=True, brief=True, reads_source=True),
    "weights": Kind("Published weights, from a file or torchvision's download.", on_processor=True, reads_source=True),
    "model": Kind("A trained classifier.", trains=True, priority=30),
    "robust_model": Kind("An adversarially trained classifier.", trains=True, priority=30),
    "fine_tuned": Kind("A classifier trained from published weights.", trains=True, priority=30),
    "pretrained_model": Kind("A classifier that is measured with its published weights.", priority=30),
    "distilled": Kind("A classifier trained on the probabilities of another.", trains=True, priority=30),
    "compressed": Kind("A trimmed and retrained classifier.", trains=True, priority=30),
    "adversarial": Kind(
        "The adversarial versions that one attack makes of chosen images.", reads_source=True, priority=10
    ),
    "trajectory": Kind("The intermediate inputs of an attack."),
    "random_walk": Kind(
        "Random walks with the steps of an attack's intermediate inputs.", on_processor=True, brief=True
    ),
    "features": Kind("Feature maps of one set of inputs, as a Zarr store."),
    "information": Kind("Mutual information of stored feature maps with input and output.", on_processor=True),
    "information_streaming": Kind("Information paths straight from the classifier; no feature maps are stored."),
    "path_sensitivity": Kind("Shifts of information paths by the number of buckets and the size of maps."),
    "predictions": Kind("A classifier's predictions for all images of a split."),
    "aggregate": Kind("Aggregated information paths.", on_processor=True, brief=True),
    "responses": Kind("Differences of local responses between images and their adversarial versions."),
    "filtered_predictions": Kind("Predictions for filtered and frequency-swapped images."),
    "reactions": Kind("What one attack and its controls do in a model, by every analysis."),
    "spectra": Kind("Average log-amplitude spectra of images and perturbations.", on_processor=True),
    "kernel_statistics": Kind("Magnitude, variance and roughness of convolution kernels.", on_processor=True),
    "kernel_responses": Kind("Responses of real kernels to real perturbations.", on_processor=True),
    "recogniser": Kind("A trained recogniser of attacks: REDRL, an ablation or a baseline.", trains=True, priority=20),
    "recogniser_evaluation": Kind("A recogniser's predictions for the attacked test images."),
    "robust_accuracy": Kind("Accuracy of a victim under every attack, by quantisation."),
    "saliency": Kind("Filter saliency of a victim, and the profile of every attack."),
    "input_saliency": Kind("Input-space saliency of a few images."),
    "table": Kind("A table in four formats.", on_processor=True, brief=True),
    "figure": Kind("A figure and its data.", on_processor=True, brief=True),
    "results_page": Kind("The page of all tables, figures and attacked images, for a browser.", on_processor=True),
}
