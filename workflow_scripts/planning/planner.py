"""Makes the recipes of a configuration, without torch and without pandas."""

from __future__ import annotations

import functools
from pathlib import Path

from workflow_scripts.configuration.load import ConfigurationError
from workflow_scripts.configuration.schema.models import is_file
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.data.source_files import MissingData, content_hash
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.precision import resolved_precision
from workflow_scripts.publication.records import Publication
from workflow_scripts.recipes.code_equivalences import apply_equivalences, load_equivalences
from workflow_scripts.recipes.fingerprint import PACKAGE, closure
from workflow_scripts.recipes.recipe import Recipe
from workflow_scripts.recipes.weights_content import TORCHVISION

BUCKETS = "studies.information_flow.buckets"


def memoised(method):
    """A planner's method that makes the recipe of a request one time: studies ask for the same models and sets often.

    Requests are told apart by their positional arguments; a name means the same for a planner's whole life.
    """

    @functools.wraps(method)
    def remembering(self, *request):
        key = (method.__name__, *(tuple(a.items()) if isinstance(a, dict) else a for a in request))
        if key not in self._requests:
            self._requests[key] = method(self, *request)
        return self._requests[key]

    return remembering


class Planner:
    """Makes recipes of each kind; the same request twice is the same recipe."""

    def __init__(
        self, configuration: Configuration, *, hash_cache: Path | None = None, contents: dict[str, str] | None = None
    ):
        """hash_cache: file that remembers what sources' files contain; contents: data set → content, of those that are
        not to be looked at.
        """
        self.configuration = configuration
        self.plan = Plan()
        self._hash_cache = hash_cache
        self._equivalences = load_equivalences()
        self._closures: dict[tuple[str, ...], dict[str, str]] = {}
        self._contents = dict(contents or {})
        self._requests: dict[tuple, Recipe] = {}

    def recipe(
        self, kind: str, label: str, parameters: dict, inputs: tuple = (), named: tuple[str, ...] = (), **keys: str
    ) -> Recipe:
        """The recipe of one artifact.

        `named` are modules that the parameters choose by name, `keys` where the parameters stand in the configuration
        (`entry` for those that no other of them names).
        """
        modules = (f"{PACKAGE}.jobs.stages.{kind}", *named)
        if modules not in self._closures:
            self._closures[modules] = apply_equivalences(closure(modules), self._equivalences)
        made = Recipe(kind, label, parameters, inputs, self._closures[modules], self.configuration.numerics_epoch)
        self.plan.keys.setdefault(made.folder, keys)
        return self.plan.recipes.setdefault(made.folder, made)

    @memoised
    def dataset(self, name: str) -> Recipe:
        """The split, normalised-to-uint8 images of a configured data set."""
        entry = self.configuration.datasets[name]
        source = {"name": entry.source, "path": entry.path}
        if name not in self._contents:
            try:
                folder = Path(self.configuration.execution.data)
                self._contents[name] = content_hash(source, folder, self._hash_cache, download=entry.download)
            except MissingData as error:
                raise ConfigurationError(f"datasets.{name}: {error}") from None
        parameters = {
            "source": entry.source,
            "content": self._contents[name],
            "image_size": entry.image_size,
            "split": entry.split.model_dump(),
        }
        if entry.enlarge != "pad":
            parameters["enlarge"] = entry.enlarge
        named = (f"{PACKAGE}.data.{entry.source}",)
        made = self.recipe("dataset", entry.source, parameters, named=named, entry=f"datasets.{name}")
        if entry.path is not None:
            self.plan.source_paths[made.folder] = entry.path
        return made

    def weights(self, where: str, wanted: str) -> Recipe:
        """Weights that somebody else trained: a file below execution.data, or torchvision's by their name."""
        if not is_file(wanted):
            return self.recipe("weights", wanted.lower(), {"content": f"{TORCHVISION}{wanted}"})
        try:
            folder = Path(self.configuration.execution.data)
            content = content_hash({"name": "weights", "path": wanted}, folder, self._hash_cache)
        except MissingData as error:
            raise ConfigurationError(f"{where}: {error}") from None
        made = self.recipe("weights", "file", {"content": content})
        self.plan.source_paths[made.folder] = wanted
        return made

    @memoised
    def model(self, name: str, seed: int) -> Recipe:
        """One training of a configured model: from scratch, of a trimmed model, or from a teacher's probabilities; or
        the model of finished weights, which has no seed.
        """
        entry = self.configuration.models[name]
        dataset = self.configuration.datasets[entry.dataset]
        named = (f"{PACKAGE}.models.{entry.architecture}",)
        inputs = [self.dataset(entry.dataset).as_input(name="dataset")]
        network = {
            "architecture": entry.architecture,
            "build": {"width": entry.width, **entry.parameters},
            "mean": dataset.mean,
            "std": dataset.std,
        }
        places = {each: f"datasets.{entry.dataset}.{each}" for each in ("mean", "std")}
        places |= {"build": f"models.{name}.parameters", "build.width": f"models.{name}.width"}
        if entry.weights is not None:
            inputs.append(self.weights(f"models.{name}.weights", entry.weights).as_input(name="weights"))
            places["entry"] = f"models.{name}"
            return self.recipe("pretrained_model", entry.architecture, network, tuple(inputs), named, **places)
        training = self.configuration.trainings[entry.training]
        keys = {"entry": f"models.{name}", "training": f"trainings.{entry.training}", "seed": f"models.{name}.seeds"}
        precision = resolved_precision(training.precision, self.configuration.execution.device)
        parameters = {"training": {**training.recipe(), "precision": precision}, "seed": seed}
        if entry.compression is not None:
            inputs.append(self.model(entry.compression.model, seed).as_input(name="model"))
            parameters |= {"checkpoint": self.configuration.models[entry.compression.model].checkpoint}
            parameters |= {"share": entry.compression.share, "rounds": entry.compression.rounds}
            keys |= {"share": f"models.{name}.compression.share", "rounds": f"models.{name}.compression.rounds"}
            return self.recipe("compressed", entry.architecture, parameters, tuple(inputs), named, **keys)
        parameters, keys = parameters | network, keys | places
        if entry.teacher is not None:
            inputs.append(self.model(entry.teacher, seed).as_input(name="teacher"))
            parameters |= {"teacher_checkpoint": self.configuration.models[entry.teacher].checkpoint}
            named += (f"{PACKAGE}.models.{self.configuration.models[entry.teacher].architecture}",)
            named = tuple(dict.fromkeys(named))
            return self.recipe("distilled", entry.architecture, parameters, tuple(inputs), named, **keys)
        if entry.pretrained_weights is not None:
            made = self.weights(f"models.{name}.initial_weights", entry.pretrained_weights)
            inputs.append(made.as_input(name="weights"))
            return self.recipe("fine_tuned", entry.architecture, parameters, tuple(inputs), named, **keys)
        kind = "model" if training.adversarial is None else "robust_model"
        return self.recipe(kind, entry.architecture, parameters, tuple(inputs), named, **keys)

    @memoised
    def adversarial(self, attack: str, model: str, seed: int, images: dict) -> Recipe:
        """The set that an attack makes of `images` ({split, count, selection_seed}) against one training of a model."""
        entry = self.configuration.attacks[attack]
        victim = self.configuration.models[model]
        settings = entry.model_dump(exclude={"attack", "pixel_range", "quantisation", "parameters"})
        parameters = {
            "attack": entry.attack,
            "settings": {**settings, **getattr(entry, "parameters", {})},
            "pixel_range": list(entry.pixel_range),
            "quantisation": entry.quantisation,
            "images": images,
            "checkpoint": victim.checkpoint,
            "seed": seed,
        }
        inputs = (
            self.model(model, seed).as_input(name="model"),
            self.dataset(victim.dataset).as_input(name="dataset"),
        )
        named = (f"{PACKAGE}.attacks.{entry.attack}", f"{PACKAGE}.models.{victim.architecture}")
        keys = {"entry": f"attacks.{attack}", "settings": f"attacks.{attack}", "images": "the images attacked"}
        keys |= {"seed": f"models.{model}.seeds", "checkpoint": f"models.{model}.checkpoint"}
        return self.recipe("adversarial", entry.attack, parameters, inputs, named, **keys)

    def trajectory(self, adversarial: Recipe, model: str, inputs: int, max_frames: int) -> Recipe:
        """The intermediate inputs of the first successes of an adversarial set."""
        sources = (
            adversarial.as_input(name="adversarial"),
            *(i for i in adversarial.inputs if i.role["name"] in ("model", "dataset")),
        )
        attack = adversarial.parameters["attack"]
        parameters = {"inputs": inputs, "max_frames": max_frames}
        architecture = self.configuration.models[model].architecture
        named = (f"{PACKAGE}.attacks.{attack}", f"{PACKAGE}.models.{architecture}")
        entry = "studies.information_flow.trajectory"
        return self.recipe("trajectory", attack, parameters, sources, named, entry=entry)

    def features(self, model: str, seed: int, images: dict | None = None, made: Recipe | None = None) -> Recipe:
        """A model's feature maps of clean `images`, or of the adversarial set or trajectory `made`."""
        sources = () if made is None else (made.as_input(name="images"),)
        label, parameters, inputs, named = self._reaction(model, seed, images, sources)
        return self.recipe("features", label, parameters, inputs, named)

    def information(self, features: Recipe, buckets: int) -> Recipe:
        """MI matrices and information paths of every input of a feature store."""
        inputs = (features.as_input(name="features"),)
        return self.recipe("information", features.label, {"buckets": buckets}, inputs, buckets=BUCKETS)

    def information_streaming(
        self, model: str, seed: int, buckets: int, images: dict | None = None, made: dict[str, Recipe] | None = None
    ) -> Recipe:
        """Information paths without a feature store: of clean `images`, or of the sets `made` (target → set)."""
        sources = tuple(each.as_input(name="images", target=target) for target, each in (made or {}).items())
        label, parameters, inputs, named = self._reaction(model, seed, images, sources)
        return self.recipe(
            "information_streaming", label, {**parameters, "buckets": buckets}, inputs, named, buckets=BUCKETS
        )

    def _reaction(self, model: str, seed: int, images: dict | None, sources: tuple) -> tuple:
        """Label, parameters, inputs and named modules of whatever looks inside `model` at some inputs."""
        entry = self.configuration.models[model]
        label = sources[0].label if sources else f"clean-{images['split']}"
        if not sources:
            sources = (self.dataset(entry.dataset).as_input(name="dataset"),)
        parameters = {"checkpoint": entry.checkpoint, "images": images}
        inputs = (self.model(model, seed).as_input(name="model"), *sources)
        return label, parameters, inputs, (f"{PACKAGE}.models.{entry.architecture}",)

    def aggregate(self, information: Recipe) -> Recipe:
        """The aggregated paths of every group of inputs that some information paths have."""
        return self.recipe("aggregate", information.label, {}, (information.as_input(name="information"),))

    def publish(self, kind: str, study: str, name: str, caption: str, parameters: dict, inputs: list) -> Recipe:
        """A table or figure: its artifact and its public name."""
        renderer = parameters["renderer"]
        made = self.recipe(
            kind,
            f"{study}-{name}",
            {**parameters, "study": study, "name": name, "caption": caption},
            tuple(inputs),
            (f"{PACKAGE}.papers.{renderer}",),
        )
        self.plan.publications.append(Publication(study, name, caption, made))
        return made
