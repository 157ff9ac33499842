"""Adversarial training of a ResNet-18: as the workflow trains, compiled, and with the whole step in one CUDA graph.

A captured step replays the same kernels without Python between them. Everything in it is the workflow's own attack,
objective and optimiser; only the learning rate is fixed by the capture, and the batch lies in the same place.
"""

from __future__ import annotations

from functools import partial

import torch

from tests.benchmarks.gpu.measuring import BFLOAT16, Case, Work, operations_of, random_images
from tests.benchmarks.gpu.trainings import classifier_of, trainer_of, work_of
from workflow_scripts.models.classifier import Classifier
from workflow_scripts.training.adversarial import AdversarialCrossEntropy, PgdAttack
from workflow_scripts.training.loop import Trainer

WARM_UP = 3


def objective(steps: int) -> AdversarialCrossEntropy:
    """PGD of so many steps within 8/255; one step goes 10/255."""
    return AdversarialCrossEntropy(PgdAttack(8 / 255, (10 if steps == 1 else 2) / 255, steps, precision=BFLOAT16))


def in_loop(device: str, steps: int, batch: int, small: bool, compiled: bool = False) -> Work:
    """The workflow's loop, with its augmentation and its own copies between host and device."""
    training = trainer_of(classifier_of("resnet18", small), objective(steps), batch, device)
    work = work_of(training, batch)
    if compiled:
        compile_network(training.model)
        for _ in range(WARM_UP):
            work.run()
    return work


def compile_network(classifier: Classifier) -> None:
    """Compile the network in place; its parameters and their names stay."""
    classifier.network.compile()


def in_graph(device: str, steps: int, batch: int, small: bool, compiled: bool = False) -> Work:
    """One whole step (attack, forward, backward and update) captured as a CUDA graph, and replayed."""
    training = trainer_of(classifier_of("resnet18", small), objective(steps), batch, device)
    x = random_images(batch, device).float().div_(255).contiguous(memory_format=torch.channels_last)
    y = torch.arange(batch, device=device) % 10
    step = partial(one_step, training, x, y)
    training.model.train()
    step()
    operations = operations_of(step) / batch
    if compiled:
        compile_network(training.model)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UP):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    training.optimizer.zero_grad(set_to_none=True)
    with torch.cuda.graph(graph):
        step()
    return Work(graph.replay, batch, operations)


def one_step(training: Trainer, x: torch.Tensor, y: torch.Tensor) -> None:
    """A step of the loop without its bookkeeping: nothing in it waits for the device."""
    loss, _ = training.objective(training.model, x, y, y)
    training.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    training.optimizer.step()


def cases(small: bool) -> list[Case]:
    """PGD-10 and one step in every variant at batch 128, then the fast variants at larger batches."""
    batch = 8 if small else 128
    variants = {
        "the workflow's loop": (in_loop, False, 15),
        "CUDA graph": (in_graph, False, 20),
        "compiled": (in_loop, True, 90),
        "compiled, CUDA graph": (in_graph, True, 60),
    }
    found = []
    for size in (batch,) if small else (batch, 512, 1024):
        for name, (function, compiled, needs) in variants.items():
            for steps in (10, 1):
                if size != batch and name == "compiled":
                    continue
                prepare = partial(function, steps=steps, batch=size, small=small, compiled=compiled)
                case = Case(
                    "adversarial training", f"resnet18, PGD-{steps}, {name}, batch {size}", prepare, BFLOAT16, needs,
                    only_on_cuda=compiled or function is in_graph,
                )  # fmt: skip
                found.append(case)
    return found
