"""The default configuration, the JSON schema and the reference agree with the schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import jsonschema
import pytest
import yaml
from mistaken import DEFAULT
from pydantic import BaseModel

from workflow_scripts.commands.key_docs import keys, parts
from workflow_scripts.commands.schema_documents import documents, json_schema, main, table, with_tables
from workflow_scripts.configuration.load import check, load, read_yaml
from workflow_scripts.configuration.schema.attacks import Attack
from workflow_scripts.recipes.fingerprint import ROOT

CONFIG = ROOT / "config"
CONFIGURATIONS = sorted(path for path in CONFIG.glob("*.yaml") if path.name != "code_equivalences.yaml")
SCHEMA = json.loads(json_schema())
ATTACKS = {part.__name__ for part in Attack.__subclasses__()}


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_a_generated_file_is_in_step_with_the_schema(path):
    assert path.read_text(encoding="utf-8") == documents()[path], (
        "run: python -m workflow_scripts.commands.schema_documents"
    )


def test_check_finds_a_difference(tmp_path, monkeypatch, capsys):
    from workflow_scripts.commands import schema_documents

    stale = tmp_path / "schema.json"
    stale.write_text("old")
    monkeypatch.setattr(schema_documents, "ROOT", tmp_path)
    monkeypatch.setattr(schema_documents, "documents", lambda: {stale: "new"})
    assert main(["--check"]) == 1 and stale.read_text() == "old"
    assert "schema.json: is out of date" in capsys.readouterr().err
    assert main([]) == 0 and stale.read_text() == "new"
    assert main(["--check"]) == 0


def uncommented() -> dict:
    """The default configuration's content with every `# key: default` line made a key."""
    text = (CONFIG / "config.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(re.sub(r"(?m)^( *)# ([a-z_]+: [^ ].*)$", r"\1\2", text))


def sections(part: BaseModel) -> Iterator[BaseModel]:
    """A section and all that are in it."""
    yield part
    for value in (getattr(part, name) for name in type(part).model_fields):
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]:
            if isinstance(item, BaseModel):
                yield from sections(item)


def test_the_defaults_shown_in_comments_are_those_of_the_schema():
    assert check(uncommented()) == check(DEFAULT)


def test_the_default_configuration_shows_every_key_of_the_sections_that_it_has():
    """Each class's keys are given or shown in a comment, in at least one of its sections."""
    shown: dict[str, set[str]] = {}
    for part in sections(check(uncommented())):
        shown.setdefault(type(part).__name__, set()).update(part.model_fields_set)
    absent = {
        "Store",
        "Attack",
        "Gaussian",
        "Shuffled",
        "RandomSigns",
        "OwnAttack",
        "Bounded",
        "ExternalAttack",
        "FromFile",
        "CropStage",
        "ArrayNames",
    }
    assert parts().keys() - shown.keys() == absent - shown.keys()
    everywhere = set(Attack.model_fields)
    for name, given in shown.items():
        assert {key.name for key in keys(name)} - given <= (everywhere if name in ATTACKS else set()), name
    assert everywhere <= set().union(*(shown[name] for name in ATTACKS & shown.keys()))


def test_the_default_configuration_names_the_keys_of_every_other_section():
    text = (CONFIG / "config.yaml").read_text(encoding="utf-8")
    for name in parts():
        for key in keys(name):
            assert re.search(rf"\b{key.name}:", text), f"{name}.{key.name}"


def test_a_key_that_the_default_configuration_does_not_show_is_found():
    content = uncommented()
    del content["models"]["good_init"]["checkpoint"]
    assert "checkpoint" not in set().union(*(model.model_fields_set for model in check(content).models.values()))


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.name)
def test_lines_of_configurations_are_short(path):
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 100] == []


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.name)
def test_settings_count_in_one_range_of_pixel_values_except_in_the_information_flow_study(path):
    """That paper's distortions are measured in [-1, 1]; its attacks are given in this range, and no others."""
    configuration = load(path)
    study = configuration.studies.information_flow
    own = set() if study is None else {*study.attacks, *study.model_attacks}
    if study is not None and study.distillation is not None:
        own |= {study.distillation.regular, study.distillation.adaptive, *study.distillation.others}
    for name, attack in configuration.attacks.items():
        assert tuple(map(int, attack.pixel_range)) == ((-1, 1) if name in own else (0, 1)), name


def test_every_key_has_a_meaning():
    for name in parts():
        for key in keys(name):
            assert key.meaning, f"{name}.{key.name}"


def test_the_json_schema_is_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.name)
def test_editors_accept_every_configuration(path):
    jsonschema.validate(read_yaml(path), SCHEMA)


@pytest.mark.parametrize(
    "content",
    [
        {"attacks": {"a": {"attack": "deepfool"}}},
        {"attacks": {"a": {"attack": "foolbox:DDNAttack", "target": 3, "parameters": {"steps": 3, "x": [1, "1/2"]}}}},
        {"attacks": {"a": {"attack": "from_file", "path": "a.npz", "epsilon": "1/10", "norm": "linf", "clip": True}}},
        {"attacks": {"a": {"attack": "fgsm", "epsilon": "8/255"}, "b": {"attack": "mine", "parameters": {"x": "1/2"}}}},
        {"numerics_epoch": "2", "trainings": {"t": {"gradient_clip": None, "weight_decay": "5e-4"}}},
    ],
)
def test_editors_accept(content):
    jsonschema.validate(content, SCHEMA)


@pytest.mark.parametrize(
    "content",
    [
        {"atacks": {}},
        {"attacks": {"Fast-One": {"attack": "deepfool"}}},
        {"attacks": {"a": {"attack": "fgsm"}}},
        {"attacks": {"a": {"attack": "fgsm", "epsilon": 1, "target": "nearest"}}},
        {"attacks": {"a": {"attack": "foolbox:", "norm": "l2"}}},
        {"attacks": {"a": {"attack": "foolbox:FGSM", "norm": "l1"}}},
        {"attacks": {"a": {"attack": "fgsm", "epsilon": -1}}},
        {"attacks": {"a": {"attack": "fgsm", "epsilon": "-8/255"}}},
        {"attacks": {"a": {"attack": "deepfool", "epsilon": 1}}},
        {"trainings": {"t": {"epochs": 0}}},
        {"trainings": {"t": {"momentum": 2}}},
    ],
)
def test_editors_refuse(content):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, SCHEMA)


def test_a_table_of_an_unknown_section_is_refused():
    with pytest.raises(ValueError, match="no section class Nothing"):
        with_tables("<!-- keys of Nothing -->\n<!-- end of keys -->")
    assert "| `epochs` | whole number ≥ 1 | `10` |" in table("Training")


def test_generated_paths_are_those_of_this_checkout():
    assert {str(path.relative_to(ROOT)) for path in documents()} == {
        "config/schema.json",
        "docs/reference/configuration.md",
    }
