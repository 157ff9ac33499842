"""Whatever an artifact's bytes depend on changes its digest, or is visible where it is promised to be."""

import shutil
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
import torch

from workflow_scripts.configuration.load import check
from workflow_scripts.jobs import run_metadata
from workflow_scripts.planning import planner as planner_module
from workflow_scripts.planning.planner import Planner
from workflow_scripts.recipes import fingerprint
from workflow_scripts.recipes.fingerprint import ROOT

ATTACK = """
from lab.steps import step

def attack(model, x, y, *, epsilon, pixel_range, seed, indices, batch_size=1, progress=None, record=False):
    return step(x)
"""


class World:
    """A copy of the project, a folder of the user's code, files of data and weights, and a configuration of them."""

    def __init__(self, configuration: dict, project: Path, monkeypatch: pytest.MonkeyPatch):
        self.configuration, self.project, self.monkeypatch = configuration, project, monkeypatch
        self.images = {"split": "test", "count": 10, "selection_seed": 0}
        self.seed = 0

    def digest(self) -> str:
        """Of the set that the user's own attack makes against a model of finished or own training."""
        return Planner(check(self.configuration)).adversarial("mine", "victim", self.seed, self.images).digest

    def append(self, path: Path, text: str = "\nMORE = 1\n") -> None:
        path.write_text(path.read_text() + text)

    def project_file(self, name: str) -> None:
        self.append(self.project / "workflow_scripts" / name)

    def own_file(self, name: str) -> None:
        self.append(Path("code") / name)

    def flip(self, path: str) -> None:
        content = bytearray(Path(path).read_bytes())
        content[len(content) // 2] ^= 1
        Path(path).write_bytes(bytes(content))


@pytest.fixture
def world(here, configuration, monkeypatch) -> World:
    project = here / "project"
    shutil.copytree(
        ROOT / "workflow_scripts", project / "workflow_scripts", ignore=shutil.ignore_patterns("__pycache__")
    )
    monkeypatch.setattr(planner_module, "ROOT", project)
    for name, text in {
        "mine.py": ATTACK,
        "net.py": (ROOT / "workflow_scripts/models/good_init.py").read_text(),
        "lab/__init__.py": "",
        "lab/steps.py": "import snakefmt\n\n\ndef step(x):\n    from . import scale\n    return x\n",
        "lab/scale.py": "try:\n    import nothere\nexcept ImportError:\n    pass\n",
    }.items():
        Path("code", name).parent.mkdir(parents=True, exist_ok=True)
        Path("code", name).write_text(text)
    Path("data").mkdir()
    arrays = {"images": np.zeros((40, 28, 28), np.uint8), "labels": np.arange(40) % 2}
    np.savez("data/own.npz", **arrays)
    split = {"train": 20, "validation": 10, "test": 10}
    configuration["execution"] = {"code": ["code"]}
    configuration["datasets"]["own"] = {"source": "npz", "path": "own.npz", "split": split}
    configuration["models"]["victim"] = {"architecture": "net", "dataset": "own", "training": "few"}
    configuration["trainings"]["few"] = {**configuration["trainings"]["short"], "batch_size": 10}
    configuration["attacks"]["mine"] = {"attack": "mine", "parameters": {"epsilon": "8/255"}}
    return World(configuration, project, monkeypatch)


def set_in(*keys: str, value: object) -> Callable[[World], None]:
    def change(world: World) -> None:
        section = world.configuration
        for key in keys[:-1]:
            section = section.setdefault(key, {})
        section[keys[-1]] = value

    return change


def another_version(world: World) -> None:
    versions = metadata.version
    world.monkeypatch.setattr(
        fingerprint.metadata, "version", lambda name: "99" if name == "snakefmt" else versions(name)
    )


def now_installed(world: World) -> None:
    found = metadata.packages_distributions() | {"nothere": ["snakefmt"]}
    world.monkeypatch.setattr(fingerprint, "_distributions", lambda: found)


CHANGES: dict[str, Callable[[World], None]] = {
    "the attack's parameter": set_in("attacks", "mine", "parameters", "epsilon", value="9/255"),
    "the range in which it counts": set_in("attacks", "mine", "pixel_range", value=[-1, 1]),
    "the attack's quantisation": set_in("attacks", "mine", "quantisation", value="round"),
    "the images attacked": lambda world: world.images.update(selection_seed=1),
    "the seed": lambda world: setattr(world, "seed", 1),
    "the training": set_in("trainings", "few", "epochs", value=2),
    "the training's threads": set_in("execution", "threads", value=3),
    "the model's checkpoint": set_in("models", "victim", "checkpoint", value="last"),
    "the model's width": set_in("models", "victim", "width", value="1/4"),
    "the normalisation": set_in("datasets", "own", "mean", value=["0.4"]),
    "the split": set_in("datasets", "own", "split", "seed", value=5),
    "a byte of the data": lambda world: world.flip("data/own.npz"),
    "the numerics epoch": set_in("numerics_epoch", value="2"),
    "the user's attack": lambda world: world.own_file("mine.py"),
    "the user's architecture": lambda world: world.own_file("net.py"),
    "an import of the user's attack": lambda world: world.own_file("lab/steps.py"),
    "an import of that, inside a function": lambda world: world.own_file("lab/scale.py"),
    "the package around them": lambda world: world.own_file("lab/__init__.py"),
    "an installed package's version": another_version,
    "a package that is installed by now": now_installed,
    "the stage": lambda world: world.project_file("jobs/stages/adversarial.py"),
    "the training loop": lambda world: world.project_file("training/loop.py"),
    "the reader of the data": lambda world: world.project_file("data/npz.py"),
    "what a stage imports": lambda world: world.project_file("attacks/batches.py"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_it_changes_the_digest(world: World, what: str):
    before = world.digest()
    assert world.digest() == before
    CHANGES[what](world)
    assert world.digest() != before


def no_change(world: World) -> None:
    world.append(Path("code/mine.py"), "\n# a comment\n")
    Path("code/unrelated.py").write_text("X = 1")
    world.append(world.project / "workflow_scripts/attacks/fgsm.py")
    world.configuration["execution"] |= {"device": "cpu", "max_hours": 4}
    world.configuration["attacks"]["fgsm"]["epsilon"] = "1/3"


def test_what_it_does_not_depend_on_keeps_the_digest(world: World):
    before = world.digest()
    no_change(world)
    assert world.digest() == before


@pytest.fixture
def cpuinfo(tmp_path: Path) -> Path:
    path = tmp_path / "cpuinfo"
    path.write_text("model name : One\nflags : avx2 avx512f\n")
    return path


def test_the_processor_and_its_instruction_sets_are_in_the_manifest(cpuinfo: Path):
    before = run_metadata.processor(1, cpuinfo)
    cpuinfo.write_text("model name : Two\nflags : avx2 amx_tile\n")
    after = run_metadata.processor(1, cpuinfo)
    assert before["model"] != after["model"] and before["instruction_sets"] != after["instruction_sets"]


@pytest.mark.parametrize("name", run_metadata.VARIABLES)
def test_variables_that_choose_kernels_are_in_the_manifest(cpuinfo: Path, monkeypatch, name: str):
    monkeypatch.setenv(name, "something")
    assert run_metadata.processor(1, cpuinfo)["variables"][name] == "something"


def test_threads_are_in_the_manifest_of_every_job(cpuinfo: Path):
    before = torch.get_num_threads()
    try:
        seen = []
        for threads in (1, 2):
            torch.set_num_threads(threads)
            seen.append(run_metadata.processor(0, cpuinfo)["threads"])
        assert seen == [1, 2]
    finally:
        torch.set_num_threads(before)


def test_precision_is_in_the_manifest():
    allowed = torch.backends.cudnn.allow_tf32
    try:
        seen = []
        for value in (False, True):
            torch.backends.cudnn.allow_tf32 = value
            seen.append(run_metadata.precision())
        assert seen[0] != seen[1] and "TF32" in seen[1]
    finally:
        torch.backends.cudnn.allow_tf32 = allowed


def test_the_projects_own_dependencies_are_in_the_manifest_of_every_artifact(make, digits, monkeypatch):
    monkeypatch.setattr(run_metadata.metadata, "version", lambda name: f"{name} 99")
    run = make(digits).manifest["run"]
    assert run["packages"]["numpy"] == "numpy 99" and run["packages"]["torch"] == "torch 99"
    assert {"processor", "precision", "git", "host", "device"} <= run.keys()
