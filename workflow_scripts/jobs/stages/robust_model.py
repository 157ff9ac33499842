"""An adversarially trained classifier: best and last weights, and its robustness per epoch.

"Best" is the epoch with the highest accuracy under PGD on the validation images (local_properties paper, footnote 1).
"""

from __future__ import annotations

import time

from workflow_scripts.inputs.splits import load_splits
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.training import describe, finish, hyperparameters, train
from workflow_scripts.recipes.exact_numbers import to_float
from workflow_scripts.training.adversarial import AdversarialCrossEntropy, Guard, PgdAttack
from workflow_scripts.training.loop import Trainer
from workflow_scripts.training.robustness import Evaluation, RobustnessAlongEpochs
from workflow_scripts.training.start import fresh_classifier

SELECTED_BY = "pgd_validation_accuracy"


def realise(job: Job) -> dict:
    """Train from the architecture's own initialisation on what the recipe's attack makes of every batch."""
    dataset, seed = job.one(name="dataset"), job.parameters["seed"]
    parts = load_splits(dataset, job.device)
    training = {key: value for key, value in job.parameters["training"].items() if key != "adversarial"}
    attack = job.parameters["training"]["adversarial"]
    description, hyper = describe(job.parameters, dataset), hyperparameters(training)
    classifier = fresh_classifier(description, parts["train"].x, seed, hyper)
    objective = AdversarialCrossEntropy(
        PgdAttack(
            to_float(attack["epsilon"]),
            to_float(attack["alpha"]),
            attack["steps"],
            attack["random_start"],
            hyper.precision,
        ),
        hyper.label_smoothing,
        guard_of(attack["guard"]),
        lambda: trainer.progress.history,
    )
    measure = RobustnessAlongEpochs(parts, evaluation_of(attack), hyper.epochs, seed)
    trainer = Trainer(
        classifier, hyper, parts["train"], parts["validation"], seed, objective, measure, select_by=SELECTED_BY
    )
    begun, clock = trained_images(trainer), time.monotonic()
    train(trainer, job.label, job.scratch)
    rate = (trained_images(trainer) - begun) / (time.monotonic() - clock)
    metrics = finish(trainer, parts["test"], job.out, description)
    return {**metrics, "selected_by": SELECTED_BY, "images_per_second": round(rate, 1)}


def guard_of(settings: dict | None) -> Guard | None:
    """The recipe's guard against catastrophic overfitting, where it has one."""
    if settings is None:
        return None
    return Guard(to_float(settings["gap"]), settings["steps"], to_float(settings["alpha"]))


def evaluation_of(attack: dict) -> Evaluation:
    """How robustness is measured after an epoch, within the training's epsilon."""
    settings = attack["evaluation"]
    return Evaluation(
        to_float(attack["epsilon"]),
        to_float(settings["alpha"]),
        settings["steps"],
        settings["images"],
        settings["every"],
    )


def trained_images(trainer: Trainer) -> int:
    """The number of images trained on so far, those before an interruption included."""
    done = trainer.progress
    return (done.epoch * trainer.steps_per_epoch + done.step) * trainer.hyper.batch_size
