"""The published values: as the paper prints them, and a mistake in a file is one clear line."""

import json
from inspect import signature
from pathlib import Path

import pytest
import yaml

from workflow_scripts.papers.attack_signatures import findings as attack_signatures
from workflow_scripts.papers.information_flow import findings as information_flow
from workflow_scripts.papers.local_properties import findings as local_properties
from workflow_scripts.papers.published_table import load, parse
from workflow_scripts.planning.studies.findings import paper_claims

FOLDER = Path(__file__).parents[2] / "config" / "published" / "information_flow"


def table(number):
    return load(FOLDER / f"table_{number}.yaml")


def test_every_table_of_the_study_is_there_and_says_where_it_is_from():
    numerals = {2: "II", 3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII", 8: "VIII", 9: "IX", 10: "X"}
    for number, numeral in numerals.items():
        loaded = table(number)
        assert (loaded.study, loaded.table) == ("information_flow", str(number))
        assert loaded.source.endswith(f"Table {numeral}")
        assert loaded.caption


@pytest.mark.parametrize(
    ("number", "rows", "values"),
    [(2, 8, 32), (3, 8, 8), (4, 2, 4), (5, 6, 18), (6, 6, 6), (7, 3, 6), (8, 9, 36), (9, 9, 9), (10, 25, 25)],
)
def test_no_value_is_missing(number, rows, values):
    loaded = table(number)
    assert len(loaded.values) == rows
    assert sum(map(len, loaded.values.values())) == values
    assert all(set(row) == set(loaded.columns) for row in loaded.values.values())


@pytest.mark.parametrize(
    ("number", "row", "column", "value"),
    [
        (2, {"model": "original", "attack": "igsm"}, "distortion", 0.0069),
        (2, {"model": "original", "attack": "carlini_wagner"}, "distortion", 0.0433),
        (2, {"model": "compressed", "attack": "jsma"}, "success_rate", 0.3261),
        (3, {"path": "output", "attack": "deepfool"}, "distance", 0.0157),
        (4, {"model": "compressed"}, "parameters", 890411),
        (5, {"attack": "jsma", "model": "compressed"}, "oip_distance", 0.0116),
        (6, {"attack": "fgsm", "target": "compressed", "measured_on": "original"}, "transferability", 0.86),
        (7, {"model": "vgg_like"}, "parameters", 15001418),
        (8, {"attack": "carlini_wagner", "model": "good_init"}, "distortion", 0.0443),
        (8, {"attack": "jsma", "model": "deep_conv"}, "confidence", 0.3699),
        (9, {"inference": "deep_conv", "target": "good_init"}, "oip_distance", 0.002),
        (9, {"inference": "vgg_like", "target": "good_init"}, "oip_distance", 0.058),
        (10, {"layer": 22}, "parameters", 64500),
    ],
)
def test_values_are_the_paper_s(number, row, column, value):
    assert table(number).lookup(row, column) == value


def test_the_architecture_adds_up_to_the_paper_s_total():
    total = sum(row["parameters"] for row in table(10).values.values())
    assert total == table(4).lookup({"model": "original"}, "parameters") == 1071542
    assert table(10).label({"layer": "13"}, "info") == "MaxPooling2D: 2 × 2 kernel"


def test_inputs_that_target_the_inference_model_deviate_furthest():
    loaded = table(9)
    models = ("good_init", "deep_conv", "vgg_like")
    for inference in models:
        row = {target: loaded.lookup({"inference": inference, "target": target}, "oip_distance") for target in models}
        assert max(row, key=row.get) == inference


def test_the_distilled_models_numbers_of_the_text():
    found = load(FOLDER / "distillation.yaml")
    assert found.lookup({"attack": "adaptive_jsma"}, "success_rate") == 0.3132
    assert found.lookup({"attack": "regular_jsma"}, "oip_distance") == 0.0033
    assert found.lookup({"attack": "adaptive_jsma"}, "oip_distance") == 0.0219
    assert found.lookup({"attack": "adaptive_jsma"}, "accuracy") == 0.9124


def published_effects() -> dict[str, float]:
    """Each claim's effect, computed from the paper's tables."""
    three, four, five, six, nine = (table(number) for number in (3, 4, 5, 6, 9))

    def path(kind, attack):
        return three.lookup({"path": kind, "attack": attack}, "distance")

    def gap(attack, model):
        return five.lookup({"attack": attack, "model": model}, "oip_distance")

    def moved(attack, target, seen):
        return six.lookup({"attack": attack, "target": target, "measured_on": seen}, "transferability")

    def far(inference, target):
        return nine.lookup({"inference": inference, "target": target}, "oip_distance")

    attacks, models = ("fgsm", "igsm", "deepfool", "carlini_wagner"), ("good_init", "deep_conv", "vgg_like")
    others = {model: [far(model, other) for other in models if other != model] for model in models}
    accuracy = [four.lookup({"model": model}, "accuracy") for model in ("compressed", "original")]
    effects = {
        "oip_beyond_iip": sum(path("output", a) - path("input", a) for a in attacks) / 4,
        "fgsm_closest": min(path("output", a) for a in attacks[1:]) - path("output", "fgsm"),
        "compression_keeps_accuracy": accuracy[0] - accuracy[1] + 0.01,
        "target_deviates_most": min(far(m, m) - sum(others[m]) / 2 for m in models),
        "adaptive_deviates": 0.0219 - 0.0033,
        "adaptive_deceives": 0.3132,
    }
    for attack in ("fgsm", "jsma", "carlini_wagner"):
        effects[f"gap_on_compressed_{attack}"] = gap(attack, "compressed") - gap(attack, "original")
        effects[f"transfers_to_original_{attack}"] = moved(attack, "compressed", "original") - moved(
            attack, "original", "compressed"
        )
    return effects


def test_the_claims_published_effects_are_those_of_the_papers_tables():
    claims = {claim["finding"]: claim for claim in json.loads(paper_claims("information_flow"))}
    given = {name: claim["published"] for name, claim in claims.items() if "published" in claim}
    expected = published_effects()
    assert set(given) == set(expected)
    for name, value in given.items():
        assert value == pytest.approx(expected[name], abs=6e-5), name


@pytest.mark.parametrize("study", [attack_signatures, information_flow, local_properties])
def test_claims_and_statistics_of_a_study_match(study):
    statistics = {statistic.__name__: signature(statistic).parameters for statistic in study.STATISTICS}
    claims = json.loads(paper_claims(study.__name__.split(".")[-2]))
    assert len({claim["finding"] for claim in claims}) == len(claims)
    assert {claim["statistic"] for claim in claims} == set(statistics)
    for claim in claims:
        required = {name for name, each in statistics[claim["statistic"]].items() if each.default is each.empty}
        given = {"inputs", *claim.get("arguments", {})}
        assert required <= given <= set(statistics[claim["statistic"]])


def test_what_the_paper_lacks_is_none_and_a_wrong_key_is_a_mistake():
    loaded = table(2)
    assert loaded.lookup({"model": "my_model", "attack": "fgsm"}, "distortion") is None
    assert loaded.lookup({"model": "original", "attack": "fgsm"}, "time") is None
    assert loaded.label({"model": "original", "attack": "fgsm"}, "norm") == "linf"
    with pytest.raises(ValueError, match=r"named by \['model', 'attack'\]"):
        loaded.lookup({"model": "original"}, "distortion")


def test_a_document_from_elsewhere_is_checked_like_a_file():
    path = FOLDER / "table_9.yaml"
    document = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    assert parse(document, "a recipe") == load(path)
    with pytest.raises(ValueError, match="^a recipe: lacks rows"):
        parse({key: value for key, value in document.items() if key != "rows"}, "a recipe")


GOOD = "study: s\ntable: 1\ncaption: c\nsource: t\nkeys: [model]\ncolumns: [accuracy]\nrows:\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "is a list, and should be a mapping"),
        ("study: s\n", "lacks table, caption, source, keys, columns, rows"),
        (GOOD + "  - {model: a, accuracy: 0.1}\nextra: 1\n", "has extra; known are"),
        (GOOD + "  - {accuracy: 0.1}\n", r"rows\[0\] lacks model"),
        (GOOD + "  - {model: a, acuracy: 0.1}\n", r"rows\[0\] has acuracy; known are model, accuracy"),
        (GOOD + "  - {model: a, accuracy: yes}\n", r"rows\[0\].accuracy is True, and should be a number"),
        (GOOD + "  - {model: a, accuracy: 1e-3}\n", r"rows\[0\].accuracy is '1e-3', and should be a number"),
        (GOOD + "  - {model: a, accuracy: .nan}\n", "accuracy is nan"),
        (GOOD + "  - {model: a}\n  - {model: a}\n", r"rows\[1\] names a a second time"),
        (GOOD + "  - a\n", r"rows\[0\] is 'a', and should be a mapping"),
        (GOOD, "rows should be a list"),
        (GOOD.replace("[model]", "model"), "keys is 'model', and should be a list of names"),
    ],
)
def test_a_mistake_in_a_file_is_one_line_that_names_it(tmp_path, text, message):
    path = tmp_path / "table_1.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as error:
        load(path)
    assert str(error.value).startswith(str(path)) and "\n" not in str(error.value)
