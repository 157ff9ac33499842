"""Makes the recipes of a configuration, without torch and without pandas."""

from __future__ import annotations

from pathlib import Path

from workflow_scripts.configuration.load import ConfigurationError
from workflow_scripts.configuration.modules import is_archive
from workflow_scripts.configuration.network_callables import is_callable, label_of, module_of
from workflow_scripts.configuration.schema.models import is_file
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.data.source_files import MissingData, content_hash
from workflow_scripts.planning.adversarial_sets import adversarial_set
from workflow_scripts.planning.attack_modules import attack_modules
from workflow_scripts.planning.labels import images_shown, measured_label, short_label, victim_label
from workflow_scripts.planning.memoised import memoised
from workflow_scripts.planning.network_parameters import network_parameters
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.precision import resolved_precision
from workflow_scripts.planning.source_content import array_names, reader, source_content
from workflow_scripts.publication.records import Publication
from workflow_scripts.recipes.code_equivalences import apply_equivalences, load_equivalences
from workflow_scripts.recipes.fingerprint import PACKAGE, ROOT, closure, named_module
from workflow_scripts.recipes.kinds import KINDS
from workflow_scripts.recipes.recipe import Recipe
from workflow_scripts.recipes.weights_content import TORCHVISION

BUCKETS = "studies.information_flow.buckets"
TRAINING_THREADS = 2
"""Processor threads of a training where `execution.threads` is 0: the same on every machine, so that the digest is."""


def _code_folders(configuration: Configuration) -> list[Path]:
    """The user's own folders of code; ConfigurationError where one does not exist."""
    folders = [Path(folder) for folder in configuration.execution.code]
    for index, folder in enumerate(folders):
        if not folder.is_dir():
            raise ConfigurationError(f"execution.code[{index}]: {folder}: no such folder")
    return folders


class Planner:
    """Makes recipes of each kind; the same request twice is the same recipe."""

    def __init__(
        self, configuration: Configuration, *, hash_cache: Path | None = None, contents: dict[str, str] | None = None
    ):
        """hash_cache: file that caches the content hashes of sources; contents: data set → content hash, of those whose
        files are not to be read.
        """
        self.configuration = configuration
        self.plan = Plan()
        self.victims: dict[str, str] = {}
        """The model that each adversarial set was made against, by the set's folder."""
        self._hash_cache = hash_cache
        self.roots = (ROOT, *_code_folders(configuration))
        self._equivalences = load_equivalences()
        self._closures: dict[tuple[str, ...], dict[str, str]] = {}
        self._contents = dict(contents or {})
        self._requests: dict[tuple, Recipe] = {}

    def recipe(
        self,
        kind: str,
        label: str,
        parameters: dict,
        inputs: tuple = (),
        named: tuple[str, ...] = (),
        *,
        title: str = "",
        **keys: str,
    ) -> Recipe:
        """The recipe of one artifact.

        `named` are modules that the parameters choose by name; `title` says what the job does in words of the
        configuration, `keys` where the parameters stand there (`entry` for those that no other of them names).
        """
        if KINDS[kind].trains:
            parameters = {**parameters, "threads": self.configuration.execution.threads or TRAINING_THREADS}
            keys["threads"] = "execution.threads"
        modules = (f"{PACKAGE}.jobs.stages.{kind}", *named)
        if modules not in self._closures:
            self._closures[modules] = apply_equivalences(closure(modules, self.roots), self._equivalences)
        code, epoch = self._closures[modules], self.configuration.numerics_epoch
        made = Recipe(kind, short_label(label), parameters, inputs, code, epoch, title, keys)
        return self.plan.recipes.setdefault(made.folder, made)

    def module(self, folder: str, name: str) -> str:
        """The module of an attack (`attacks`) or an architecture (`models`), the project's or the user's own.

        Of an architecture `module:callable` in an installed package it is `package:` and the package's name.
        """
        if folder == "models" and is_callable(name):
            return module_of(name, self.roots)
        return named_module(folder, name, self.roots)

    @memoised
    def dataset(self, name: str) -> Recipe:
        """The split, normalised-to-uint8 images of a configured data set."""
        entry = self.configuration.datasets[name]
        if name not in self._contents:
            folder = Path(self.configuration.execution.data)
            self._contents[name] = source_content(f"datasets.{name}", entry, folder, self._hash_cache)
        parameters = {
            "source": entry.source,
            "content": self._contents[name],
            "image_size": entry.image_size,
            "split": entry.split.model_dump(),
        }
        if entry.keys is not None:
            parameters["keys"] = array_names(entry)
        if entry.parameters:
            parameters["parameters"] = entry.parameters
        if entry.enlarge != "pad":
            parameters["enlarge"] = entry.enlarge
        named = (f"{PACKAGE}.data.{reader(entry.source)}",)
        label, title = entry.source.replace(":", "-").lower(), f"data set {name}"
        made = self.recipe("dataset", label, parameters, named=named, title=title, entry=f"datasets.{name}")
        if entry.path is not None:
            self.plan.source_paths[made.folder] = entry.path
        return made

    def weights(self, where: str, wanted: str, key: str | None = None, archive: str | None = None) -> Recipe:
        """A file of weights below execution.data (`key`: its state dictionary; `archive`: the architecture that it is
        an archive of), or torchvision's by their name.
        """
        if not is_file(wanted):
            return self.recipe(
                "weights", wanted.lower(), {"content": f"{TORCHVISION}{wanted}"}, title=f"weights {wanted}"
            )
        content = self.content(where, {"name": "weights", "path": wanted})
        chosen = {"key": key, "archive": archive}
        parameters = {"content": content} | {name: value for name, value in chosen.items() if value is not None}
        made = self.recipe("weights", "file", parameters, title=f"weights {wanted}")
        self.plan.source_paths[made.folder] = wanted
        return made

    @memoised
    def model(self, name: str, seed: int) -> Recipe:
        """One training of a configured model: from scratch, of a trimmed model, or from a teacher's probabilities; or
        the model of finished weights, which has no seed.
        """
        entry = self.configuration.models[name]
        named = (self.module("models", entry.architecture),)
        inputs = [self.dataset(entry.dataset).as_input(name="dataset")]
        network, keys_of_network = network_parameters(name, self.configuration)
        if entry.weights is not None:
            archive = entry.architecture if is_archive(entry.architecture) else None
            made = self.weights(f"models.{name}.weights", entry.weights, entry.weights_key, archive)
            inputs.append(made.as_input(name="weights"))
            keys_of_network["entry"] = f"models.{name}"
            title = f"model {name} with its finished weights"
            return self.recipe(
                "pretrained_model",
                label_of(entry.architecture),
                network,
                tuple(inputs),
                named,
                title=title,
                **keys_of_network,
            )
        training = self.configuration.trainings[entry.training]
        label, which = f"{label_of(entry.architecture)}-s{seed}", f"{name}, seed {seed}"
        keys = {"entry": f"models.{name}", "training": f"trainings.{entry.training}", "seed": f"models.{name}.seeds"}
        precision = resolved_precision(training.precision, self.configuration.execution.device)
        parameters = {"training": {**training.recipe(), "precision": precision}, "seed": seed}
        if entry.compression is not None:
            inputs.append(self.model(entry.compression.model, seed).as_input(name="model"))
            parameters |= {"checkpoint": self.configuration.models[entry.compression.model].checkpoint}
            parameters |= {"share": entry.compression.share, "rounds": entry.compression.rounds}
            keys |= {"share": f"models.{name}.compression.share", "rounds": f"models.{name}.compression.rounds"}
            title = f"compress {entry.compression.model} to {which}"
            return self.recipe("compressed", label, parameters, tuple(inputs), named, title=title, **keys)
        parameters, keys = parameters | network, keys | keys_of_network
        if entry.teacher is not None:
            inputs.append(self.model(entry.teacher, seed).as_input(name="teacher"))
            parameters |= {"teacher_checkpoint": self.configuration.models[entry.teacher].checkpoint}
            named += (self.module("models", self.configuration.models[entry.teacher].architecture),)
            named = tuple(dict.fromkeys(named))
            title = f"distil {entry.teacher} into {which}"
            return self.recipe("distilled", label, parameters, tuple(inputs), named, title=title, **keys)
        if entry.pretrained_weights is not None:
            made = self.weights(f"models.{name}.pretrained_weights", entry.pretrained_weights, entry.weights_key)
            inputs.append(made.as_input(name="weights"))
            return self.recipe(
                "fine_tuned", label, parameters, tuple(inputs), named, title=f"fine-tune {which}", **keys
            )
        kind = "model" if training.adversarial is None else "robust_model"
        title = f"train {which}" if kind == "model" else f"train {which}, adversarially"
        return self.recipe(kind, label, parameters, tuple(inputs), named, title=title, **keys)

    @memoised
    def adversarial(self, attack: str, model: str, seed: int, images: dict, attack_all: bool = False) -> Recipe:
        """The set that an attack makes of `images` ({split, count, selection_seed}) against one training of a model.

        attack_all: also of those that the model misclassifies without it.
        """
        return adversarial_set(self, attack, model, seed, images, attack_all)

    def content(self, where: str, source: dict) -> str:
        """The hash of files below execution.data; ConfigurationError where they are not there."""
        try:
            return content_hash(source, Path(self.configuration.execution.data), self._hash_cache)
        except MissingData as error:
            raise ConfigurationError(f"{where}: {error}") from None

    def trajectory(self, adversarial: Recipe, model: str, inputs: int, max_frames: int) -> Recipe:
        """The intermediate inputs of the first successes of an adversarial set."""
        sources = (
            adversarial.as_input(name="adversarial"),
            *(i for i in adversarial.inputs if i.role["name"] in ("model", "dataset")),
        )
        attack = adversarial.parameters["attack"]
        parameters = {"inputs": inputs, "max_frames": max_frames}
        architecture = self.configuration.models[model].architecture
        named = (*attack_modules(attack, self.roots), self.module("models", architecture))
        entry = "studies.information_flow.trajectory"
        title = f"intermediate inputs: {adversarial.title}"
        return self.recipe("trajectory", adversarial.label, parameters, sources, named, title=title, entry=entry)

    def features(self, model: str, seed: int, images: dict | None = None, made: Recipe | None = None) -> Recipe:
        """A model's feature maps of clean `images`, or of the adversarial set or trajectory `made`."""
        sources = () if made is None else (made.as_input(name="images"),)
        label, parameters, inputs, named = self._reaction(model, seed, images, sources)
        title = f"feature maps of {model}, seed {seed}: {images_shown(images, made)}"
        return self.recipe("features", label, parameters, inputs, named, title=title)

    def information(self, features: Recipe, buckets: int) -> Recipe:
        """MI matrices and information paths of every input of a feature store."""
        inputs = (features.as_input(name="features"),)
        title = f"mutual information: {features.title}"
        return self.recipe("information", features.label, {"buckets": buckets}, inputs, title=title, buckets=BUCKETS)

    def information_streaming(
        self, model: str, seed: int, buckets: int, images: dict | None = None, made: dict[str, Recipe] | None = None
    ) -> Recipe:
        """Information paths without a feature store: of clean `images`, or of the sets `made` (target → set)."""
        sources = tuple(each.as_input(name="images", target=target) for target, each in (made or {}).items())
        label, parameters, inputs, named = self._reaction(model, seed, images, sources)
        parameters["buckets"] = buckets
        title = f"information paths of {model}, seed {seed}: {images_shown(images, *(made or {}).values())}"
        return self.recipe("information_streaming", label, parameters, inputs, named, title=title, buckets=BUCKETS)

    def _reaction(self, model: str, seed: int, images: dict | None, sources: tuple) -> tuple:
        """Label, parameters, inputs and named modules of whatever looks inside `model` at some inputs."""
        entry = self.configuration.models[model]
        inside = self.model(model, seed)
        if sources:
            label = measured_label(sources[0].label, inside)
        else:
            label = f"{victim_label(inside)}-clean-{images['split']}"
            sources = (self.dataset(entry.dataset).as_input(name="dataset"),)
        parameters = {"checkpoint": entry.checkpoint, "images": images}
        inputs = (inside.as_input(name="model"), *sources)
        return label, parameters, inputs, (self.module("models", entry.architecture),)

    def aggregate(self, information: Recipe) -> Recipe:
        """The aggregated paths of every group of inputs that some information paths have."""
        inputs, title = (information.as_input(name="information"),), f"aggregated paths: {information.title}"
        return self.recipe("aggregate", information.label, {}, inputs, title=title)

    def publish(self, kind: str, study: str, name: str, caption: str, parameters: dict, inputs: list) -> Recipe:
        """A table or figure: its artifact and its public name."""
        renderer = parameters["renderer"]
        made = self.recipe(
            kind,
            f"{study}-{name}",
            {**parameters, "study": study, "name": name, "caption": caption},
            tuple(inputs),
            (f"{PACKAGE}.papers.{renderer}",),
            title=f"{kind} {name} of {study}",
        )
        self.plan.publications.append(Publication(study, name, caption, made))
        return made
