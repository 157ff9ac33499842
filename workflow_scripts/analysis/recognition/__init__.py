"""Recognising the attack that made an image: REDRL, its ablations and baselines (attack_signatures paper, section 4).

`ImageSets` holds the images of all classes of attack, as `ImageGroup`s with `GroupRows`; `clean_group` adds the class
of clean images. A `Pipeline` of `NetworkSizes` (G and Ψ) is trained by a `RecogniserTrainer` with
`RecogniserHyperparameters` and the `LossNetworks` (victims as `WithFeatures`), and evaluated by `evaluate_group`,
`confusion`, `recalls` and `micro_average`.
"""

from workflow_scripts.analysis.public_names import lazy_names

_MODULES = {
    "GroupRows": "sets",
    "ImageGroup": "sets",
    "ImageSets": "sets",
    "LossNetworks": "losses",
    "LossWeights": "losses",
    "NetworkSizes": "pipeline",
    "Pipeline": "pipeline",
    "Recogniser": "networks",
    "RecogniserHyperparameters": "training",
    "RecogniserTrainer": "training",
    "Reconstructor": "networks",
    "Vgg16Features": "perception",
    "WithFeatures": "perception",
    "clean_group": "sets",
    "confusion": "evaluation",
    "evaluate_group": "evaluation",
    "micro_average": "evaluation",
    "recalls": "evaluation",
    "redrl_losses": "losses",
    "total_loss": "losses",
}
__all__ = [*_MODULES]
__getattr__ = lazy_names(__name__, _MODULES)
