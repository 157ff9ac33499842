"""Weight files and networks of other code, checked before any job starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workflow_scripts.configuration.load import ConfigurationError
from workflow_scripts.configuration.modules import is_archive, takes_any_size
from workflow_scripts.configuration.schema.data import Dataset
from workflow_scripts.configuration.schema.models import is_file
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.configuration.schema.sources import SOURCES
from workflow_scripts.planning.class_counts import count_classes
from workflow_scripts.planning.plan import Plan
from workflow_scripts.recipes.content_cache import CONTENT_CACHE
from workflow_scripts.recipes.exact_numbers import to_float, to_value
from workflow_scripts.recipes.fingerprint import PACKAGE, ROOT, closure
from workflow_scripts.recipes.recipe import Recipe, canonical_json, plain

PROGRAM = f"{PACKAGE}.jobs.weight_files"
USES = {"pretrained_model": "finished", "fine_tuned": "pretrained"}
"""Kind of a model that is made from weights → what it takes of them."""
TRAINED = ("model", "robust_model", "distilled")
"""Kinds of models that are trained without such weights."""
KEYS = {"finished": "weights", "pretrained": "pretrained_weights"}
ANY_SIZE = 64
"""Side of the images in whose place any would do."""
QUESTION = "network fits 2"
"""The cache's name for the answers, with a version."""


@dataclass(frozen=True)
class WeightFile:
    """A weight file of a plan, or a network without one.

    entry: its key in the configuration. path: relative to execution.data, or None. content: its hash, or None. use:
    what it is for, as the program calls it. recipe: of the model that is made from it, None for the perceptual network.
    dataset, images: the recipe and the entry of that model's data set. key: of the state dictionary, where the file has
    several. code: the user's folders of code.
    """

    entry: str
    path: str | None
    content: str | None
    use: str
    recipe: Recipe | None = None
    dataset: Recipe | None = None
    images: Dataset | None = None
    key: str | None = None
    code: tuple[str, ...] = ()

    @property
    def identity(self) -> bytes:
        """Everything that decides whether the file fits: its content, the network, and the code of both."""
        asked: dict = {"content": self.content, "use": self.use, "key": self.key}
        modules = closure([PROGRAM])
        if self.recipe is not None:
            modules |= self.recipe.modules
            asked |= {key: self.recipe.parameters[key] for key in ("architecture", "build", "mean", "std")}
            asked |= {"dataset": self.dataset.digest, "layers": self.recipe.parameters.get("layers")}
        return canonical_json(plain({**asked, "modules": modules})).encode()

    def request(self, data: Path) -> dict | None:
        """What the program is asked; None where the network depends on a size of images that only files tell."""
        asked: dict = {"use": self.use, "key": self.key, "code": list(self.code)}
        if self.path is not None:
            asked["file"] = str(data / self.path)
        if self.recipe is None:
            return asked
        images = self.dataset.parameters
        network = network_request(self.recipe.parameters, images["source"], images["image_size"])
        return (
            None if network["image_size"] is None else {**asked, **network, "classes": count_classes(self.images, data)}
        )


def network_request(network: Mapping, source: str, image_size: int | None) -> dict:
    """A network as the program is asked about it; sizes of images that only the data set's files tell are None.

    network: what the model's recipe says of it. image_size: that of the data set's entry.
    """
    size = image_size or SOURCES[source].size
    return {
        "architecture": network["architecture"],
        "parameters": {key: to_value(value) for key, value in network["build"].items()},
        "layers": network.get("layers"),
        "archive": is_archive(network["architecture"]),
        "in_channels": SOURCES[source].channels,
        "classes": SOURCES[source].classes,
        "image_size": ANY_SIZE if size is None and takes_any_size(network["architecture"]) else size,
        **{key: [to_float(value) for value in network[key]] for key in ("mean", "std")},
    }


def check_weight_files(configuration: Configuration, plan: Plan) -> None:
    """ConfigurationError, one line per model whose weights do not fit its network, or whose network cannot be used.

    Names and shapes are compared, and networks of other code or with named layers run once, in a process of its own,
    once per content and network: answers are cached.
    """
    files = list(_weight_files(configuration, plan))

    @cache
    def answers() -> list[str | None]:
        return _ask([file.request(Path(configuration.execution.data)) for file in files])

    mistakes = []
    for number, file in enumerate(files):
        mistake = CONTENT_CACHE.get_or_compute(QUESTION, file.identity, lambda number=number: answers()[number])
        if mistake is not None:
            where = "" if mistake.startswith("models.<name>.") else f"{file.entry}: {file.path}: "
            mistakes.append(f"{where}{_named(mistake, file, configuration)}")
    CONTENT_CACHE.save()
    if mistakes:
        raise ConfigurationError("\n".join(mistakes))


def _weight_files(configuration: Configuration, plan: Plan) -> Iterator[WeightFile]:
    """Every weight file that a plan reads, with what it is for, and every network that is run once; torchvision's own
    weights are no file.
    """
    code, seen = tuple(configuration.execution.code), set()
    for recipe in plan.recipes.values():
        if recipe.kind in (*USES, *TRAINED):
            (dataset,) = (plan.recipes[item.folder] for item in recipe.inputs if item.kind == "dataset")
            name = recipe.keys["entry"].removeprefix("models.")
            network = {"recipe": recipe, "dataset": dataset, "code": code}
            network["images"] = configuration.datasets[dataset.keys["entry"].removeprefix("datasets.")]
        if recipe.kind in TRAINED and name not in seen and _is_run(recipe):
            seen.add(name)
            yield WeightFile(f"models.{name}", None, None, "untrained", **network)
        if recipe.kind in USES:
            (weights,) = (plan.recipes[item.folder] for item in recipe.inputs if item.kind == "weights")
            use = USES[recipe.kind]
            path = getattr(configuration.models[name], KEYS[use])
            if is_file(path):
                yield WeightFile(
                    entry=f"models.{name}.{KEYS[use]}",
                    path=path,
                    content=weights.parameters["content"],
                    use=use,
                    key=configuration.models[name].weights_key,
                    **network,
                )
    yield from _perceptual_files(configuration, plan)


def _is_run(recipe: Recipe) -> bool:
    return ":" in recipe.parameters["architecture"] or "layers" in recipe.parameters


def _perceptual_files(configuration: Configuration, plan: Plan) -> Iterator[WeightFile]:
    study = configuration.studies.attack_signatures
    if study is None:
        return
    contents = {
        plan.source_paths.get(item.folder): plan.recipes[item.folder].parameters["content"]
        for recipe in plan.recipes.values()
        for item in recipe.inputs
        if item.role.get("name") == "perceptual"
    }
    keys = {"redrl": study.redrl}
    keys |= {f"datasets[{number}].redrl": each.redrl for number, each in enumerate(study.datasets) if each.redrl}
    for key, redrl in keys.items():
        path = redrl.perceptual_weights
        if path in contents and is_file(path):
            entry = f"studies.attack_signatures.{key}.perceptual_weights"
            yield WeightFile(entry=entry, path=path, content=contents[path], use="perceptual")


def _ask(requests: list[dict | None]) -> list[str | None]:
    """The program's answer to each request, None to those that are None; ConfigurationError where it fails."""
    asked = [request for request in requests if request is not None]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    ended = subprocess.run(
        [sys.executable, "-m", PROGRAM], input=json.dumps(asked), capture_output=True, text=True, env=environment
    )
    if ended.returncode != 0:
        last = (ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"])[-1]
        raise ConfigurationError(f"the weight files could not be checked: python -m {PROGRAM} failed: {last}")
    answers = iter(json.loads(ended.stdout))
    return [None if request is None else next(answers) for request in requests]


def _named(mistake: str, file: WeightFile, configuration: Configuration) -> str:
    """A message with the names of the model and the data set that it is about."""
    if file.recipe is None:
        return mistake
    model = file.entry.split(".")[1]
    dataset = configuration.models[model].dataset
    return mistake.replace("models.<name>", f"models.{model}").replace("datasets.<name>", f"datasets.{dataset}")
