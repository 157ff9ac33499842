"""bfloat16: what it computes in, what stays float32, and that it resumes and repeats to the same bytes."""

from __future__ import annotations

import pytest
import torch

from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.training.adversarial import AdversarialCrossEntropy, PgdAttack
from workflow_scripts.training.evaluation import LabelledTensors
from workflow_scripts.training.loop import Hyperparameters, Trainer
from workflow_scripts.training.objective import SoftLabels
from workflow_scripts.training.precision import forward

DESCRIPTION = {
    "architecture": "resnet18",
    "in_channels": 1,
    "classes": 10,
    "image_size": 12,
    "parameters": {"width": 0.125},
    "mean": [0.5],
    "std": [0.5],
}
HYPER = Hyperparameters(
    epochs=2, batch_size=16, learning_rate=0.05, schedule={"name": "cosine", "warmup": 0.2}, precision="bfloat16"
)


def images(count):
    generator = torch.Generator().manual_seed(count)
    y = torch.randint(0, 10, (count,), generator=generator)
    x = torch.randint(0, 60, (count, 1, 12, 12), generator=generator, dtype=torch.uint8)
    x[torch.arange(count), 0, y] = 250
    return LabelledTensors(x, y)


def trainer(hyper=HYPER, objective=None):
    torch.manual_seed(7)
    return Trainer(build_classifier(DESCRIPTION), hyper, images(80), images(40), seed=3, objective=objective)


def finished(made):
    for _ in made.steps():
        pass
    return torch.cat([value.flatten().double() for value in made.model.state_dict().values()])


@pytest.fixture
def dtypes_seen(monkeypatch):
    """The dtypes of the convolutions' outputs in every pass through the network."""
    seen = []
    original = torch.nn.Conv2d.forward

    def watched(self, x):
        output = original(self, x)
        seen.append(output.dtype)
        return output

    monkeypatch.setattr(torch.nn.Conv2d, "forward", watched)
    return seen


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_convolutions_alone_change_their_format(precision, dtypes_seen):
    model, x = build_classifier(DESCRIPTION).train(), torch.rand(8, 1, 12, 12, requires_grad=True)
    logits = forward(model, x, precision)
    logits.sum().backward()
    assert set(dtypes_seen) == {getattr(torch, precision)}
    tensors = [logits, x.grad, *model.state_dict().values(), *(parameter.grad for parameter in model.parameters())]
    assert {tensor.dtype for tensor in tensors if tensor.is_floating_point()} == {torch.float32}
    for part in model.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            assert not torch.equal(part.running_mean, torch.zeros_like(part.running_mean))


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="precision: is 'half'; it may be 'float32' or 'bfloat16'"):
        forward(build_classifier(DESCRIPTION), torch.rand(1, 1, 12, 12), "half")


OBJECTIVES = {
    "labels": None,
    "attacked": AdversarialCrossEntropy(PgdAttack(0.1, 0.05, 2, precision="bfloat16")),
    "teacher": SoftLabels(torch.full((80, 10), 0.1), 2.0, "bfloat16"),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_training_pass_is_in_bfloat16_and_every_evaluation_in_float32(name, dtypes_seen):
    made = trainer(objective=OBJECTIVES[name])
    steps = made.steps()
    next(steps)
    assert set(dtypes_seen) == {torch.bfloat16}
    dtypes_seen.clear()
    made.progress.step = made.steps_per_epoch  # the next thing is the epoch's evaluation
    next(steps)
    assert set(dtypes_seen) == {torch.float32}


@pytest.mark.parametrize("stop_after", [2, 5, 7])
def test_resuming_gives_the_weights_of_an_uninterrupted_training(stop_after, tmp_path):
    whole = finished(trainer())
    first = trainer()
    for count, _ in enumerate(first.steps(), start=1):
        if count == stop_after:
            torch.save(first.state(), tmp_path / "checkpoint.pt")
            break
    second = trainer()
    second.restore(torch.load(tmp_path / "checkpoint.pt", weights_only=True))
    assert torch.equal(whole, finished(second))
    assert torch.equal(whole, finished(trainer()))


def test_both_precisions_learn():
    for precision in ("float32", "bfloat16"):
        hyper = Hyperparameters(
            epochs=8, batch_size=16, learning_rate=0.05, schedule={"name": "cosine", "warmup": 0.2}, precision=precision
        )
        made = trainer(hyper)
        finished(made)
        assert made.progress.history[-1]["train_accuracy"] > 0.8
