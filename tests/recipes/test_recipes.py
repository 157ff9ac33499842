"""Recipes: equal values have one digest, and a file that was tampered with is refused."""

import hashlib
import json
from fractions import Fraction
from pathlib import Path

import pytest

from workflow_scripts.configuration.load import load
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.exact_numbers import parse_exact
from workflow_scripts.recipes.recipe import Input, Recipe, RecipeError, canonical_json, plain, read_recipe, write_recipe


def recipe(parameters: dict, **changes) -> Recipe:
    inputs = (Input({"name": "dataset"}, "dataset", "digits", "ab" * 32),)
    given = {"kind": "model", "label": "good_init", "inputs": inputs, "modules": {"m": "0" * 16}, "numerics_epoch": "1"}
    return Recipe(parameters=parameters, **(given | changes))


def test_digest_ignores_the_order_of_keys():
    assert recipe({"a": 1, "b": {"c": 2, "d": 3}}).digest == recipe({"b": {"d": 3, "c": 2}, "a": 1}).digest


def test_digest_is_the_same_on_every_machine():
    made = recipe({"epsilon": Fraction(8, 255), "seeds": (0, 1), "name": "ä", "none": None, "yes": True})
    assert canonical_json(made.content["parameters"]) == (
        '{"epsilon":"8/255","name":"\\u00e4","none":null,"seeds":[0,1],"yes":true}'
    )
    assert made.digest == "462756e4e42fd3aa29e2aa4a76661a9350e2184cf2edafb1299c16062b24f20d"


@pytest.mark.parametrize(
    ("one", "other"), [("1e-3", 0.001), ("8/255", Fraction(8, 255)), ("0.10", "1/10"), (1, "1.0"), ("16/510", "8/255")]
)
def test_numbers_are_exact(one, other):
    assert recipe({"x": parse_exact(one)}).digest == recipe({"x": parse_exact(other)}).digest


def test_nearby_numbers_differ():
    assert recipe({"x": parse_exact("8/255")}).digest != recipe({"x": parse_exact(8 / 255)}).digest


@pytest.mark.parametrize("value", [0.1, float("nan"), {1, 2}, b"x"])
def test_what_has_no_canonical_text_is_refused(value):
    with pytest.raises(TypeError, match="cannot stand in a recipe"):
        plain({"x": [value]})


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "features"},
        {"modules": {"m": "1" * 16}},
        {"numerics_epoch": "2"},
        {"inputs": ()},
        {"inputs": (Input({"name": "dataset"}, "dataset", "digits", "cd" * 32),)},
    ],
)
def test_everything_that_decides_the_bytes_decides_the_digest(changes):
    assert recipe({"x": 1}, **changes).digest != recipe({"x": 1}).digest


def test_the_label_does_not_decide_the_digest():
    assert recipe({"x": 1}, label="other").digest == recipe({"x": 1}).digest


@pytest.mark.parametrize("label", ["", "../up", "A", "a b", "-a", "a" * 81])
def test_labels_are_file_names(label):
    with pytest.raises(RecipeError, match="label"):
        recipe({}, label=label)


@pytest.mark.parametrize("kind", ["", "../up", "a/b", ".making"])
def test_kinds_are_folder_names(kind):
    with pytest.raises(RecipeError, match="kind"):
        recipe({}, kind=kind)


def test_round_trip(tmp_path: Path):
    made = recipe({"epsilon": Fraction(8, 255), "nested": {"list": [1, "x", None]}})
    path = write_recipe(made, tmp_path)
    again = read_recipe(path)
    assert path.relative_to(tmp_path).as_posix() == f"model/good_init--{made.digest[:12]}.json"
    assert again.digest == made.digest
    assert again.content == made.content
    assert again.inputs == made.inputs


def test_a_written_recipe_is_not_touched_again(tmp_path: Path):
    path = write_recipe(recipe({"x": 1}), tmp_path)
    before = path.stat().st_mtime_ns, path.stat().st_ino
    write_recipe(recipe({"x": 1}), tmp_path)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_truncated_recipe_is_written_again(tmp_path: Path):
    path = write_recipe(recipe({"x": 1}), tmp_path)
    path.write_text(path.read_text()[:40])
    assert read_recipe(write_recipe(recipe({"x": 1}), tmp_path)).digest == recipe({"x": 1}).digest


def tampered(document: dict, change) -> dict:
    change(document)
    return document


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["recipe"]["parameters"].update(x=2),
        lambda d: d["recipe"]["parameters"].update(x=0.5),
        lambda d: d["recipe"].update(kind="../../up"),
        lambda d: d["recipe"].update(more=1),
        lambda d: d["recipe"].update(inputs=[{"role": {}}]),
        lambda d: d["recipe"].pop("modules"),
        lambda d: d.pop("digest"),
        lambda d: d.update(digest="0" * 64),
        lambda d: d.update(recipe=[1, 2]),
        lambda d: d.update(label=None),
    ],
)
def test_a_tampered_recipe_is_refused(tmp_path: Path, change):
    path = write_recipe(recipe({"x": 1}), tmp_path)
    path.write_text(json.dumps(tampered(json.loads(path.read_text()), change)))
    with pytest.raises(RecipeError, match="plan again"):
        read_recipe(path)


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b"null", b"\xff\xfe", b"{"])
def test_a_foreign_file_is_refused_in_one_line(tmp_path: Path, content: bytes):
    path = tmp_path / "foreign.json"
    path.write_bytes(content)
    with pytest.raises(RecipeError) as caught:
        read_recipe(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_recipe_says_how_to_get_it(tmp_path: Path):
    with pytest.raises(RecipeError, match="no such recipe"):
        read_recipe(tmp_path / "none.json")


def test_the_text_put_together_from_parts_is_the_contents_canonical_json():
    plan = make_plan(load(Path(__file__).resolve().parents[2] / "config" / "config.yaml"))
    for made in plan.recipes.values():
        assert made.text == canonical_json(made.content)
        assert made.digest == hashlib.sha256(made.text.encode()).hexdigest()


@pytest.mark.parametrize("label", ['a"b', "ü", "back\\slash", "line\nbreak"])
def test_inputs_texts_are_quoted(label: str):
    given = Input({"name": label, "weight": Fraction(1, 3)}, "model", label, "d" * 64)
    content = {"role": {"name": label, "weight": "1/3"}, "kind": "model", "label": label, "digest": "d" * 64}
    assert given.text == canonical_json(content)


def test_a_recipe_whose_end_is_lost_to_zeros_is_written_again(tmp_path: Path):
    path = write_recipe(recipe({"x": 1}), tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-20] + bytes(20))
    write_recipe(recipe({"x": 1}), tmp_path)
    assert path.read_bytes() == whole
