"""Failures inside a job: a training that diverges, a GPU or a machine without memory. One line, and nothing lost."""

from pathlib import Path

import pytest
import torch

from workflow_scripts.configuration.load import check
from workflow_scripts.jobs.realise import main
from workflow_scripts.jobs.stages import adversarial
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes.recipe import Recipe, write_recipe
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.integrity import damage, finished

STORE = Path("results/store")
IMAGES = {"split": "test", "count": 10, "selection_seed": 0}


def failed(recipe: Recipe, capsys) -> str:
    """Run a job that fails; the one line that it says."""
    before = {a.path for a in finished(STORE)}
    capsys.readouterr()
    assert main([str(write_recipe(recipe, Path("results/recipes"))), "--threads", "1", "--device", "cpu"]) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if "elapsed" not in line and line]
    assert len(lines) == 1 and recipe.file_name in lines[0], lines
    assert {a.path for a in finished(STORE)} == before and not any(STORE.glob(".making/*"))
    assert not [problem for path in before for problem in damage(Artifact(path), full=True)]
    return lines[0]


def test_a_training_that_diverges_names_the_key_that_fixes_it(make, digits, configuration, capsys):
    make(digits)
    configuration["trainings"]["short"]["learning_rate"] = "1e30"
    error = failed(Planner(check(configuration)).model("small", 0), capsys)
    assert "the training's loss became nan in epoch 1" in error or "the training's loss became inf in epoch 1" in error
    assert "lower learning_rate or set gradient_clip in trainings, then run snakemake again" in error


def no_gpu_memory() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has 1.00 GiB free.")


def no_gpu_context() -> None:
    raise RuntimeError("CUDA error: out of memory\nCompile with `TORCH_USE_CUDA_DSA`")


def no_memory() -> None:
    torch.empty(1 << 60)  # refused by this machine's own allocator


def no_python_memory() -> None:
    bytearray(1 << 60)


def wrapped() -> None:
    try:
        no_gpu_memory()
    except RuntimeError as error:
        raise ValueError("the attack failed") from error


GPU = ("the GPU's memory is full", "end what else uses it, or set execution.device to cpu")
MACHINE = ("memory is full", "run fewer jobs at once (--cores); on a cluster --retries asks for more each time")


@pytest.mark.parametrize(
    ("fault", "said"),
    [(no_gpu_memory, GPU), (no_gpu_context, GPU), (wrapped, GPU), (no_memory, MACHINE), (no_python_memory, MACHINE)],
)
def test_a_job_without_memory_keeps_what_it_had_and_goes_on_from_there(planner, make, monkeypatch, capsys, fault, said):
    model = planner.model("small", 0)
    for needed in (planner.dataset("digits"), model):
        make(needed)
    attack = planner.adversarial("fgsm", "small", 0, IMAGES)
    parts, original = [], adversarial.save_part

    def saved_and_then_out_of_memory(path, columns):
        original(path, columns)
        parts.append((path, path.read_bytes()))
        fault()

    monkeypatch.setattr(adversarial, "save_part", saved_and_then_out_of_memory)
    error = failed(attack, capsys)
    assert all(words in error for words in said)
    ((path, content),) = parts
    assert path.read_bytes() == content
    monkeypatch.setattr(adversarial, "save_part", original)
    assert damage(make(attack), full=True) == []


def test_a_mistake_in_the_code_still_shows_where_it_is(planner, make, monkeypatch, capsys):
    make(planner.dataset("digits"))
    make(planner.model("small", 0))

    def mistaken(*_):
        raise KeyError("x_adv")

    monkeypatch.setattr(adversarial, "save_part", mistaken)
    path = write_recipe(planner.adversarial("fgsm", "small", 0, IMAGES), Path("results/recipes"))
    assert main([str(path), "--threads", "1", "--device", "cpu"]) == 1
    error = capsys.readouterr().err
    assert "Traceback" in error and "in mistaken" in error and error.splitlines()[-1].endswith("KeyError: 'x_adv'")
