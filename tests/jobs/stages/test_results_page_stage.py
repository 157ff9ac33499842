"""The results page's stage: what the page and its explorer say, against the artifacts that they are made from."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from urllib.parse import unquote

import h5py
import numpy as np
import pytest
import torch
from PIL import Image

from tests.handmade_page import ATTACK, CLASSES, CONTROLLED, IMAGES, MODEL, OTHER, SHOWN, SIDE, make_page, victim
from workflow_scripts.inputs.adversarial_sets import FILE, read_images
from workflow_scripts.jobs.page_explorer import short_names
from workflow_scripts.jobs.stages import results_page
from workflow_scripts.planning.studies.results_page import page_files


class Elements(HTMLParser):
    """A page's elements as (tag, attributes), and its text."""

    def __init__(self, text: str):
        super().__init__()
        self.found, self.text = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return make_page(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def elements(page):
    return Elements((page[0].path / "index.html").read_text(encoding="utf-8"))


def pair(page, name: str) -> dict:
    """What a pair's script hands to the explorer."""
    text = (page[0].path / f"page/pairs/{name}.js").read_text(encoding="utf-8")
    start = f'explorer.pair("{name}",'
    assert text.startswith(start) and text.endswith(");\n")
    return json.loads(text[len(start) : -3])


def artifact(page, **role):
    kept = [(each, made) for each, made in page[1].inputs if "control" not in each]
    (found,) = (made for each, made in kept if role.items() <= each.items())
    return found


def test_publications_stand_in_the_papers_order(elements):
    ids = [attributes["id"] for tag, attributes in elements.found if tag == "article" and "id" in attributes]
    flow = [f"information_flow-{name}" for name in ("findings", "table_2", "table_10", "figure_1", "figure_3_igsm")]
    flow += ["information_flow-figure_11", f"information_flow-figure-learning_curve_{OTHER}"]
    assert ids == [*flow, "local_properties-findings", "local_properties-survival"]


def test_every_address_on_the_page_is_a_file_or_an_anchor(page, elements):
    addresses = [each[key] for _, each in elements.found for key in ("href", "src") if key in each]
    anchors = {each["id"] for _, each in elements.found if "id" in each}
    assert len(addresses) > 40
    for address in addresses:
        if address.startswith("#"):
            assert unquote(address[1:].partition("&")[0]) in anchors, address
        elif not address.startswith("data:"):
            assert (page[0].path / unquote(address)).stat().st_size > 0, address


def test_names_are_text_and_nothing_else(elements):
    assert not {tag for tag, _ in elements.found} & {"u", "iframe", "object", "style"}
    assert not [each for _, each in elements.found if {"onerror", "onload"} & each.keys()]
    scripts = [each for tag, each in elements.found if tag == "script"]
    assert all("src" in each or each["type"] == "application/json" for each in scripts)
    sources = [each["src"] for _, each in elements.found if "src" in each]
    assert sources and all(source.startswith("page/") for source in sources)
    text = "".join(elements.text)
    assert CLASSES[0] in text and MODEL in text and ATTACK in text and "<u>mine</u>" in text


def test_verdicts_are_counted_as_published_and_beyond_control(elements):
    text = " ".join("".join(elements.text).split())
    assert "3 claims, as published" in text and "Beyond their controls" in text
    assert text.count("supported1 undecided1 not measured") == 2
    assert "1 survives" in text


def test_how_a_table_was_made(page, elements):
    text = " ".join("".join(elements.text).split())
    assert "snakemake results/tables/information_flow/table_10.html" in text
    assert artifact(page, publication="table_10").digest in text
    assert f"studies.information_flow attacks.{ATTACK} models.{MODEL} " in text and "attacks.normal" not in text
    assert f"snakemake 'results/figures/information_flow/learning_curve_{OTHER}.pdf'" in text


def test_the_published_files_are_copied(page):
    for role, made in page[1].inputs:
        if role["name"] == "publication":
            for name in made.manifest["payload"]:
                copy = page[0].path / f"page/{role['kind']}s/{role['study']}/{name}"
                assert copy.read_bytes() == (made.path / name).read_bytes()


def test_the_images_shown_are_those_with_saliency_first_and_never_one_that_was_not_attacked(page):
    shown = [image["index"] for image in pair(page, "0")["images"]]
    assert len(shown) == SHOWN and shown == sorted(shown) and {5, 7, 11, 22} <= set(shown) and 2 not in shown
    others = [image["index"] for image in pair(page, "1")["images"]]
    assert others[0] == 0 and others[-1] == IMAGES - 1 and np.ptp(np.diff(others)) <= 1


def test_the_sprite_has_the_pixels(page):
    shown, made = pair(page, "0"), artifact(page, name="set", attack=ATTACK)
    sprite = np.asarray(Image.open(page[0].path / "page/pairs/0.webp").convert("RGB"))
    assert sprite.shape == (6 * SIDE, SHOWN * SIDE, 3) and shown["side"] == SIDE
    assert shown["views"] == ["clean", "adversarial", "perturbation", "spectrum", "heat_clean", "heat"]
    clean = np.load(artifact(page, name="dataset").path / "test/images.npy")
    adversarial = read_images(made.path / FILE)
    for column, image in enumerate(shown["images"]):
        cells = sprite[:, column * SIDE : (column + 1) * SIDE].reshape(6, SIDE, SIDE, 3)
        k = image["index"]
        assert np.array_equal(cells[0], clean[k].transpose(1, 2, 0))
        assert np.abs(cells[1] / 255.0 - adversarial[k].transpose(1, 2, 0)).max() <= 0.5 / 255 + 1e-6
        delta = (adversarial[k] - clean[k] / np.float32(255)).transpose(1, 2, 0)
        assert image["largest"] == pytest.approx(np.abs(delta).max(), rel=1e-3)
        assert np.abs((cells[2] / 255.0 - 0.5) * 2 * np.abs(delta).max() - delta).max() < 0.01 * np.abs(delta).max()


def test_predictions_are_the_networks(page):
    network, made = victim(page[1]), artifact(page, name="set", attack=OTHER)
    images = read_images(made.path / FILE)
    for image in pair(page, "1")["images"]:
        with torch.no_grad():
            expected = network(torch.from_numpy(images[image["index"]][None])).softmax(1)[0]
        order = expected.argsort(descending=True).tolist()
        assert [name for name, _ in image["after"]] == [CLASSES[k] for k in order]
        assert [share for _, share in image["after"]] == pytest.approx(expected[order].tolist(), abs=1e-4)
        assert image["label"] == CLASSES[image["index"] % 3]


def test_the_charts_are_the_measurements(page):
    shown = pair(page, "0")
    by_name = {chart["name"]: chart for chart in shown["charts"]}
    assert list(by_name) == ["iip", "oip", "maximum", "total", "saliency"]
    with np.load(artifact(page, name="paths").path / "aggregate.npz") as content:
        rows = {
            int(k): values
            for k, values in zip(content["own/attacked/images"], content["own/attacked/oip_inputs"], strict=True)
        }
    with np.load(artifact(page, name="clean_paths").path / "aggregate.npz") as content:
        clean = content["own/all/oip_inputs"]
    for image, own in zip(shown["images"], by_name["oip"]["own"][0]["values"], strict=True):
        assert own == pytest.approx(rows[image["index"]], rel=1e-3)
    assert by_name["oip"]["common"][0]["low"] == pytest.approx(np.quantile(clean, 0.05, axis=0), rel=1e-3)
    with np.load(artifact(page, name="responses").path / "responses.npz") as content:
        mean = np.delete(content["total"], 2, axis=0).mean(0)
    assert by_name["total"]["common"][0]["values"] == pytest.approx(mean, rel=1e-3)
    saliency = by_name["saliency"]
    own = zip(shown["images"], saliency["own"][0]["values"], strict=True)
    assert [image["index"] for image, values in own if values[0] is not None] == [5, 7, 11, 22]
    assert saliency["layers"] == ["conv1", "conv2", "conv3"]
    lines = {name: [line["name"] for line in chart["own"]] for name, chart in by_name.items()}
    assert lines["total"] == ["this image", "its control, shuffled"] and lines["oip"] == ["this image"]


def test_what_was_measured_in_one_stands_beside_the_clean_image_and_the_control(page):
    shown = pair(page, "2")
    with np.load(artifact(page, name="reactions", attack=CONTROLLED).path / "reactions.npz") as content:
        arrays = dict(content)
    names = {"iip": "iip", "oip": "oip", "maximum": "maximum", "total": "total", "saliency": "salience"}
    assert [chart["name"] for chart in shown["charts"]] == list(names)
    for chart in shown["charts"]:
        array, (attacked, *others) = names[chart["name"]], chart["own"]
        rows = [image["index"] for image in shown["images"]]
        assert np.allclose(attacked["values"], arrays[f"attack/{array}"][rows], rtol=1e-3)
        assert np.allclose(others[-1]["values"], arrays[f"shuffled/{array}"][rows], rtol=1e-3)
        clean = [] if chart["logarithmic"] else ["this image, clean"]
        assert [line["name"] for line in others] == [*clean, "its control, shuffled"]
        expected = np.delete(arrays[f"attack/{array}"], 2, axis=0).mean(0)
        assert np.allclose(chart["common"][0]["values"], expected, rtol=1e-3)


def test_the_most_salient_filters_of_a_profile(page):
    with h5py.File(artifact(page, name="saliency").path / "image_profiles.h5") as file:
        profile = file["pgd"][:][1]
    places = [("conv1", 1), ("conv1", 2), ("conv2", 1), ("conv2", 2), ("conv2", 3)] + [
        ("conv3", k) for k in range(1, 5)
    ]
    expected = sorted(zip(profile, places, strict=True), reverse=True)[:5]
    (image,) = (image for image in pair(page, "0")["images"] if image["index"] == 7)
    assert [(layer, rank) for layer, rank, _ in image["filters"]] == [place for _, place in expected]
    assert [value for _, _, value in image["filters"]] == pytest.approx([value for value, _ in expected], rel=1e-3)
    assert image["mapped"] and not pair(page, "1")["charts"] and not pair(page, "1")["images"][0]["filters"]


def test_the_same_inputs_give_the_same_bytes(page, tmp_path):
    again, _ = make_page(tmp_path)
    files = sorted(p.relative_to(again.path) for p in again.path.rglob("*") if p.is_file())
    assert files and all((again.path / f).read_bytes() == (page[0].path / f).read_bytes() for f in files)


def test_another_template_than_planned_is_refused(tmp_path):
    with pytest.raises(RuntimeError, match="page.css changed since planning: run snakemake again"):
        results_page.copy_page_files(page_files() | {"page.css": "0" * 64}, tmp_path)


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["network.a.weight", "network.b.0.weight"], ["a", "b.0"]),
        (["conv1", "conv2"], ["conv1", "conv2"]),
        (["only.one"], ["one"]),
        (["a.b", "a.b.c"], ["b", "b.c"]),
        ([], []),
    ],
)
def test_layers_lose_what_all_of_them_share(names, short):
    assert short_names(names) == short
