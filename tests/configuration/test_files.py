"""Configuration files that cannot be read, and data that is not there: one clear line each."""

# ruff: noqa: E501  (the expected lines stand here as they are shown)

from __future__ import annotations

import pytest
from mistaken import changed

from workflow_scripts.configuration.load import ConfigurationError, check, load, overlaid, read_yaml
from workflow_scripts.planning.studies import make_plan


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nmodels: {}\nmodels: {}\n", "{path}, line 3: not valid YAML: 'models' is given twice"),
        ("attacks:\n  fgsm: [1, 2\n", "{path}, line 3: not valid YAML: while parsing a flow sequence"),
        ("attacks:\n\tfgsm: 1\n", "{path}, line 2: not valid YAML: while scanning for the next token"),
        ("? [1, 2]\n: 3\n", "{path}, line 1: not valid YAML: a key must be text"),
        ("when: 2025-13-45\n", "{path}: not valid YAML: "),
        ("x: !!python/name:os.system\n", "{path}, line 1: not valid YAML: could not determine a constructor"),
        ("", "{path}: is empty; it takes the sections numerics_epoch, store,"),
        ("# nothing\n", "{path}: is empty;"),
        ("- a\n- b\n", "{path}: must be a mapping of the sections numerics_epoch, store,"),
        ("1: 2\n", "{path}: configuration: the key 1 must be text"),
        ("attacks: {1: {attack: fgsm, epsilon: 0}}\n", "{path}: attacks.1: a name starts with"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path, text, line):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    (found,) = str(caught.value).splitlines()
    assert found.startswith(line.format(path=path))


def test_files_that_are_none(tmp_path):
    with pytest.raises(ConfigurationError, match="there is no such configuration file$"):
        load(tmp_path / "none.yaml")
    with pytest.raises(ConfigurationError, match=r"cannot be read \(Is a directory\)$"):
        load(tmp_path)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="is not UTF-8 text$"):
        load(tmp_path / "binary")


def test_merge_keys_and_anchors_are_allowed(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("x: &base {a: 1, b: 2}\ny: {<<: *base, b: 3}\n")
    assert read_yaml(path)["y"] == {"a": 1, "b": 3}


@pytest.mark.parametrize(
    ("dataset", "line"),
    [
        ({"source": "cifar10"}, "datasets.mnist: CIFAR-10 is not in {data}: unpack the binary or the Python version"),
        ({"source": "npz", "path": "a.npz"}, "datasets.mnist: {data}/a.npz does not exist: give the path of an .npz"),
        ({"source": "folder", "path": "a", "split": {"test": 500}}, "datasets.mnist: {data}/a does not exist: give a folder"),
        ({"source": "tiny_imagenet", "path": "t"}, "datasets.mnist: {data}/t/val/val_annotations.txt does not exist: unpack"),
    ],
)  # fmt: skip
def test_missing_data_is_one_line_that_says_how_to_get_it(tmp_path, dataset, line):
    content = changed("datasets.mnist", dataset)
    content["execution"] = {"data": str(tmp_path)}
    with pytest.raises(ConfigurationError) as caught:
        make_plan(check(content))
    (found,) = str(caught.value).splitlines()
    assert found.startswith(line.format(data=tmp_path))


def test_an_override_that_is_no_yaml():
    with pytest.raises(ConfigurationError, match=r"^--config attacks, line 1: not valid YAML: "):
        overlaid({}, {"attacks": "{fgsm: ["})
