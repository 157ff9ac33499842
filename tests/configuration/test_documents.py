"""The default configuration, the JSON schema and the reference say what the schema says."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
import yaml

from workflow_scripts.commands.default_configuration import DEFAULT
from workflow_scripts.commands.key_docs import keys, parts
from workflow_scripts.commands.schema_documents import default_yaml, documents, json_schema, main, table, with_tables
from workflow_scripts.configuration.load import check, read_yaml
from workflow_scripts.recipes.fingerprint import ROOT

CONFIG = ROOT / "config"
CONFIGURATIONS = sorted(path for path in CONFIG.glob("*.yaml") if path.name != "code_equivalences.yaml")
SCHEMA = json.loads(json_schema())


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_a_generated_file_is_in_step_with_the_schema(path):
    assert path.read_text(encoding="utf-8") == documents()[path], (
        "run: python -m workflow_scripts.commands.schema_documents"
    )


def test_check_finds_a_difference(tmp_path, monkeypatch, capsys):
    from workflow_scripts.commands import schema_documents

    stale = tmp_path / "config.yaml"
    stale.write_text("old")
    monkeypatch.setattr(schema_documents, "ROOT", tmp_path)
    monkeypatch.setattr(schema_documents, "documents", lambda: {stale: "new"})
    assert main(["--check"]) == 1 and stale.read_text() == "old"
    assert "config.yaml: differs from the schema" in capsys.readouterr().err
    assert main([]) == 0 and stale.read_text() == "new"
    assert main(["--check"]) == 0


def test_the_default_configuration_says_what_the_default_says():
    assert check(yaml.safe_load(default_yaml())) == check(DEFAULT)


def test_every_optional_key_of_the_default_can_be_uncommented():
    """`# key: default` lines, uncommented, give a valid configuration that says the same."""
    text = re.sub(r"(?m)^( *)# ([a-z_]+: [^ ].*)$", r"\1\2", default_yaml().partition("\n\n")[2])
    uncommented = yaml.safe_load(text)
    assert uncommented["numerics_epoch"] == 1 and "flip" in uncommented["trainings"]["auxiliary_bn"]
    assert check(uncommented) == check(DEFAULT)


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
        "config/config.yaml",
        "config/schema.json",
        "docs/reference/configuration.md",
    }
