"""What the pages show works: configurations load, modules run, and counts are those of the reference results."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
import torch
import yaml
from pages import DOCS, PAGES, blocks, name, text

from workflow_scripts.commands.key_docs import parts
from workflow_scripts.commands.schema_documents import json_schema
from workflow_scripts.configuration import modules as config_modules
from workflow_scripts.configuration.load import check, overlaid, read_yaml
from workflow_scripts.configuration.modules import known
from workflow_scripts.recipes.fingerprint import ROOT

GUIDES = sorted((DOCS / "how-to").glob("own-*.md"))
REFERENCE = DOCS / "reference/configuration.md"
VERDICTS = ("supported", "not supported", "undecided", "not measured")
_MODULE = re.compile(r"This is\s+the whole of\s+`([^`]+)`:\n\n```python\n(.*?)```", re.DOTALL)


def yaml_blocks():
    return [(page, yaml.safe_load(block)) for page in PAGES for block in blocks(page, "yaml")]


def given_modules() -> dict[str, str]:
    """File → content of every module that a guide shows whole."""
    return {file: code for page in GUIDES for file, code in _MODULE.findall(text(page))}


def executed(file: str) -> dict:
    namespace: dict = {}
    exec(compile(given_modules()[file], file, "exec"), namespace)
    return namespace


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout that has the guides' modules."""
    for folder in ("attacks", "models"):
        shutil.copytree(ROOT / "workflow_scripts" / folder, tmp_path / "workflow_scripts" / folder)
    (tmp_path / "my_code").mkdir()
    monkeypatch.chdir(tmp_path)
    for file, code in given_modules().items():
        if (tmp_path / file).parent.is_dir():
            (tmp_path / file).write_text(code)
    monkeypatch.setattr(config_modules, "ROOT", tmp_path)


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "how-to/own-network.md"], ids=name)
def test_a_whole_configuration_loads(page):
    whole = [content for found, content in yaml_blocks() if found == page and "studies" in content]
    assert len(whole) == 1
    assert check(whole[0]).models["mine"].weights == "mine.pth"


def test_snippets_fit_into_the_default_configuration(checkout):
    """All snippets laid over the default give one valid configuration, for the checks and for editors."""
    content = read_yaml(ROOT / "config/config.yaml")
    for _, snippet in yaml_blocks():
        if "studies" not in snippet:
            content = overlaid(content, snippet)
    jsonschema.validate(content, json.loads(json_schema()))
    configuration = check(content)
    assert {"wide", "plain"} <= set(configuration.models) and "contrast" in configuration.attacks


@pytest.fixture
def network():
    """The guide's architecture, with random weights."""
    torch.manual_seed(0)
    build = executed("workflow_scripts/models/plain.py")["build"]
    return build(in_channels=1, classes=3, image_size=12, width=0.5).eval()


def test_the_guides_architecture_names_its_layers(network):
    assert list(network.conv_layers) == ["conv1", "conv2"]
    assert network(torch.rand(6, 1, 12, 12)).shape == (6, 3)


def test_the_guides_attack_runs(network):
    x = torch.rand(6, 1, 12, 12)
    y = network(x).argmax(1)
    attack = executed("workflow_scripts/attacks/contrast.py")["attack"]
    result = attack(network, x, y, steps=4, indices=list(range(6)), record=True)
    assert result.x_adv.shape == x.shape and not result.skipped.any() and len(result.trajectory) == 6


def test_the_guides_function_is_an_attack(network, checkout, monkeypatch):
    from workflow_scripts.attacks import external

    monkeypatch.syspath_prepend("my_code")
    x = torch.rand(6, 1, 12, 12)
    y = network(x).argmax(1)
    result = external.run(
        network, x, y, name="noise:uniform", parameters={"tries": 3}, epsilon=0.5, norm="linf", target="none"
    )
    assert not result.extra["outside_ball"].any() and not result.extra["outside_box"].any()
    assert (result.x_adv != x).any() and (result.forwards >= 4).all()


def test_the_notebook_example_runs(capsys):
    (code,) = blocks(DOCS / "how-to/from-python.md", "python")
    exec(compile(code, "from-python.md", "exec"), {})
    assert re.search(r"\d+% of 16 images", capsys.readouterr().out)


def test_the_guides_table_is_one():
    from workflow_scripts.inputs.artifacts import Inputs

    class Trained:
        metrics = {"best": {"test_accuracy": 0.875}, "test_images": 200}

    class Item:
        artifact, role = Trained(), {"model": "good_init", "checkpoint": "best"}

    make = executed("workflow_scripts/papers/information_flow/accuracies.py")["table"]
    table = make(Inputs("x", {"study": "information_flow", "caption": "Accuracy of every model."}, (Item(),)), None)
    (row,) = table.rows
    assert row.keys == {"model": "good_init"} and row.cells["accuracy"].mean == 0.875


def test_the_guides_arrays_are_a_data_set(tmp_path, monkeypatch):
    from workflow_scripts.configuration.schema.sources import SOURCES

    assert "npz" in SOURCES
    (code,) = blocks(DOCS / "how-to/own-data.md", "python")
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    exec(compile(code, "own-data.md", "exec"), {})
    import numpy as np

    with np.load("data/mine.npz") as arrays:
        assert arrays["images"].dtype == np.uint8 and arrays["images"].shape[0] == len(arrays["labels"])


def test_the_reference_has_a_table_for_every_section():
    reference = text(REFERENCE)
    shown = set(re.findall(r"<!-- keys of (\w+) -->", reference))
    assert shown == set(parts()) - {"Part"} | {"SOURCES"}
    for module in (*known("models"), *known("attacks")):
        assert f"`{module}`" in reference or f"`attack: {module}`" in reference, module


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "results.md"], ids=name)
def test_verdicts_are_those_of_the_reference_results(page):
    shown = re.findall(r"^\| `(\w+)` \| (\w+) \|" + r" (\d+) \|" * len(VERDICTS) + "$", text(page), re.MULTILINE)
    counted = set()
    for file in (ROOT / "results/reference").glob("*/tables/*/findings.csv"):
        with file.open(newline="", encoding="utf-8") as lines:
            verdicts = Counter(row["verdict"] for row in csv.DictReader(lines))
        run, study = file.parts[-4], file.parts[-2]
        counted.add((study, run, *(str(verdicts[verdict]) for verdict in VERDICTS)))
    assert set(shown) == counted
