"""What a right configuration becomes: exact numbers, overrides, plans without torch."""

from __future__ import annotations

import copy
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from workflow_scripts.configuration.checks.attacks import ATTACK_RESERVED
from workflow_scripts.configuration.load import check, load, overlaid, read_yaml
from workflow_scripts.configuration.modules import ENTRY, constant, known, signature, takes_any_size
from workflow_scripts.configuration.schema.attacks import Attack
from workflow_scripts.configuration.schema.sources import SOURCES
from workflow_scripts.data.source_files import CIFAR10_BATCHES, PACKAGED
from workflow_scripts.planning.source_content import reader
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.kinds import KINDS

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = read_yaml(ROOT / "config" / "config.yaml")
CONFIGURATIONS = sorted(path.name for path in (ROOT / "config").glob("*.yaml") if path.name != "code_equivalences.yaml")


@pytest.fixture
def cifar10_here(tmp_path) -> str:
    """A folder that planning takes for CIFAR-10's, whose content is known by published checksums, which jobs verify;
    and for Tiny ImageNet's.
    """
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    for batch in CIFAR10_BATCHES:
        (folder / f"{batch}.bin").touch()
    for name in ("tiny-imagenet-50", "tiny-imagenet-200"):
        for part in ("train/n01/images/a.JPEG", "val/images/b.JPEG", "val/val_annotations.txt"):
            path = tmp_path / name / part
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(part)
    return str(tmp_path)


def model_folders(content: dict) -> list[str]:
    return [folder for folder in make_plan(check(content)).recipes if folder.startswith("model/")]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_configuration_plans(name, cifar10_here):
    content = overlaid(read_yaml(ROOT / "config" / name), {"execution": {"data": cifar10_here}})
    assert make_plan(check(content, name)).publications


def test_finished_weights_take_the_place_of_every_training(tmp_path):
    """Of a study's models, its victims, and both models of local_properties: nothing is trained, nothing is lost."""
    content = copy.deepcopy(DEFAULT)
    content["execution"]["data"] = str(tmp_path)
    for name, model in content["models"].items():
        for key in ("training", "seeds", "compression", "teacher"):
            model.pop(key, None)
        model["weights"] = f"{name}.pth"
        (tmp_path / model["weights"]).write_bytes(name.encode())
    content["studies"]["information_flow"] |= {"compressed": None, "distillation": None}
    content["studies"]["local_properties"]["sweep"] = None
    plan = make_plan(check(content))
    kinds = {folder.partition("/")[0] for folder in plan.recipes}
    assert {"pretrained_model", "weights", "saliency", "responses", "information_streaming"} <= kinds
    assert not kinds & {"model", "robust_model", "compressed", "distilled"}
    names = {publication.name for publication in plan.publications}
    assert {"table_7", "figure_3", "table_1", "findings"} <= names
    assert not any(name.startswith("learning_curve") for name in names)


def test_the_papers_configuration_reduces_nothing():
    paper = load(ROOT / "config" / "paper.yaml")
    study = paper.studies.information_flow
    assert (study.images, study.profile_images, study.buckets) == (200, 200, 8)
    assert {model.width for model in paper.models.values()} == {1}
    assert all(paper.models[name].seeds == [0, 1, 2] for name in study.models)
    assert paper.datasets["cifar10"].split.train is None and paper.datasets["cifar10"].split.test is None
    attacks = paper.attacks
    assert attacks["fgsm"].epsilon == attacks["igsm"].epsilon == Fraction(25, 1000)
    assert (attacks["igsm"].alpha, attacks["jsma"].theta) == (Fraction(2, 1000), Fraction(1, 10))
    assert attacks["jsma"].gamma == Fraction(1, 10) and attacks["carlini_wagner"].learning_rate == Fraction(1, 4)
    assert all(attacks[name].pixel_range == (-1, 1) for name in study.attacks if name != "deepfool")


def test_the_papers_configuration_reduces_nothing_of_attack_signatures(cifar10_here):
    paper = load(ROOT / "config" / "paper.yaml")
    study = paper.studies.attack_signatures
    assert [grid.paper for grid in study.datasets] == ["cifar10", "tiny_imagenet"]
    for grid in study.datasets:
        entry = paper.datasets[grid.dataset]
        assert (entry.image_size or 64, entry.split.train, entry.split.test) == (64, None, None)
        assert grid.train + entry.split.validation in (50_000, 100_000) and grid.test == 10_000
        victims = [paper.models[name] for name in grid.victims]
        assert [v.architecture for v in victims] == ["resnet50", "resnext50_32x4d", "densenet121", "vgg19_bn"]
        assert all(v.parameters == {} and v.pretrained_weights for v in victims)
    counts = {name: len(attacks) for name, attacks in study.classes.items()}
    assert list(counts.values()) == [3, 1, 2, 3, 6]
    assert {paper.attacks[a].steps for a in study.classes["carlini_wagner_l2"]} == {1000}
    redrl = study.redrl
    assert (redrl.channels, redrl.blocks, redrl.width, redrl.epochs) == (64, 23, 1, 100)
    assert (redrl.reconstruction, redrl.features, redrl.classification) == (Fraction(1, 100), Fraction(1, 10), 1)
    content = overlaid(read_yaml(ROOT / "config" / "paper.yaml"), {"execution": {"data": cifar10_here}})
    plan = make_plan(check(content))
    published = {p.name for p in plan.publications if p.study == "attack_signatures"}
    assert {f"figure_{n}" for n in (5, 6, 7, *range(8, 16))} <= published
    attacked = [r.parameters["images"] for r in plan.recipes.values() if r.kind == "adversarial"]
    parts = [images for images in attacked if "start" in images]
    assert len(parts) == 4 * 15 * (5 + 10), "sets of one part say nothing of parts"


def test_a_set_of_one_part_does_not_know_of_part_sizes():
    small, large = ({**DEFAULT["studies"]["attack_signatures"], "shard_size": size} for size in (700, 800))
    plans = [make_plan(check({**DEFAULT, "studies": {"attack_signatures": study}})) for study in (small, large)]
    assert plans[0].recipes.keys() == plans[1].recipes.keys()


def test_names_of_victims_and_configurations_are_in_no_measurements_recipe():
    content = copy.deepcopy(DEFAULT)
    content["models"]["renamed"] = content["models"].pop("resnet_mnist")
    content["attacks"]["other"] = content["attacks"].pop("pgd")
    study = content["studies"]["attack_signatures"]
    study["datasets"][0]["victims"][0], study["classes"]["pgd"] = "renamed", ["other"]
    before, after = make_plan(check(DEFAULT)).recipes, make_plan(check(content)).recipes
    new = after.keys() - before.keys()
    assert new and {folder.partition("/")[0] for folder in new} <= {"table", "figure", "results_page"}


def test_planning_imports_neither_torch_nor_pandas():
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from workflow_scripts.planning import snakemake as front\n"
        "from workflow_scripts.configuration.load import load\n"
        "from workflow_scripts.planning.studies import make_plan\n"
        "assert make_plan(load(Path('config/config.yaml'))).recipes\n"
        "heavy = {'torch', 'torchvision', 'pandas', 'numpy', 'sklearn', 'mlxtend', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("same", [0.1, "0.1", "1/10", "1e-1", "0.10", "2/20"])
def test_equal_numbers_are_one_configuration(same):
    def with_dropout(value):
        content = {**DEFAULT, "models": {**DEFAULT["models"]}}
        content["models"]["good_init"] = {**DEFAULT["models"]["good_init"], "parameters": {"dropout": value}}
        content["attacks"] = {
            **DEFAULT["attacks"],
            "fgsm": {"attack": "fgsm", "epsilon": value, "pixel_range": [-1, 1]},
        }
        return content

    assert make_plan(check(with_dropout(same))).digest == make_plan(check(with_dropout(Fraction(1, 10)))).digest


def test_a_whole_number_may_name_the_numerics_epoch():
    for word in ("2", 2):
        assert check({**DEFAULT, "numerics_epoch": word}).numerics_epoch == "2"


def test_execution_is_no_part_of_any_recipe():
    execution = {**DEFAULT["execution"], "device": "cpu", "max_hours": 3}
    changed = {**DEFAULT, "execution": execution, "store": {"root": "elsewhere"}}
    assert list(make_plan(check(changed)).recipes) == list(make_plan(check(DEFAULT)).recipes)


def test_threads_are_in_the_recipes_of_trainings_alone():
    """A training's weight gradients are sums whose order, and so whose last bits, the threads decide."""
    plans = [make_plan(check({**DEFAULT, "execution": {"threads": threads}})) for threads in (0, 2, 3)]
    assert list(plans[0].recipes) == list(plans[1].recipes)
    for recipe in plans[2].recipes.values():
        assert ("threads" in recipe.parameters) == KINDS[recipe.kind].trains, recipe.folder
        if KINDS[recipe.kind].trains:
            assert recipe.parameters["threads"] == 3 and recipe.folder not in plans[0].recipes


def test_an_attacks_change_leaves_the_models_alone():
    changed = overlaid(DEFAULT, {"attacks": {"fgsm": {"epsilon": "0.1"}}})
    assert model_folders(changed) == model_folders(DEFAULT)
    assert make_plan(check(changed)).digest != make_plan(check(DEFAULT)).digest


def test_overrides_are_read_as_yaml_reads_them():
    given = {
        "attacks": {"fgsm": {"epsilon": "8/255"}, "igsm": {"steps": "7"}},
        "models": {"good_init": {"seeds": ["3", "4"]}},
        "datasets": {"mnist": {"image_size": "null"}},
        "trainings": "{clipped_gradients: {flip: true}}",
        "numerics_epoch": 2,
    }
    content = overlaid(DEFAULT, given)
    assert content["attacks"]["fgsm"] == {**DEFAULT["attacks"]["fgsm"], "epsilon": "8/255"}
    assert content["attacks"]["igsm"]["steps"] == 7
    assert content["models"]["good_init"]["seeds"] == [3, 4]
    assert content["datasets"]["mnist"]["image_size"] is None
    assert content["trainings"]["clipped_gradients"] == {**DEFAULT["trainings"]["clipped_gradients"], "flip": True}
    assert content["models"]["deep_conv"] == DEFAULT["models"]["deep_conv"]
    assert DEFAULT["attacks"]["fgsm"]["epsilon"] == 0.2


def test_the_schema_of_every_built_in_attack_fits_its_function():
    for part in Attack.__subclasses__():
        if part.__name__ in ("OwnAttack", "Bounded"):
            continue
        name = part.model_fields["attack"].annotation.__args__[0]
        found = signature("attacks", name)
        settings = set(part.model_fields) - set(Attack.model_fields) - {"attack"}
        if "like" in settings:
            settings = {"given"}  # the images of the set that a control imitates
        assert all(found.takes(key) for key in (*settings, *ATTACK_RESERVED)), name
        assert set(found.required) <= settings | set(found.positional), name


def test_what_is_read_of_modules_is_what_they_say():
    assert {"good_init", "deep_conv", "vgg_like", "resnet18"} <= set(known("models"))
    assert not {"blocks", "classifier", "initialise"} & set(known("models"))
    torchvisions = ["densenet121", "resnet50", "resnext50_32x4d", "vgg19_bn"]
    able = [name for name in known("models") if takes_any_size(name)]
    assert able == sorted(["good_init", "resnet18", *torchvisions])
    assert constant("models", "vgg_like", "SMALLEST_IMAGE") == 32
    for folder in ENTRY:
        assert signature(folder, "nothing_of_this_name") is None


def test_what_is_said_of_sources_is_what_their_readers_do():
    packaged = {name for name, facts in SOURCES.items() if facts.pool and not (facts.own_test or facts.downloadable)}
    assert packaged - {name for name in SOURCES if ":" in name} == set(PACKAGED)
    for name in SOURCES:
        assert (ROOT / "workflow_scripts" / "data" / f"{reader(name)}.py").is_file()
