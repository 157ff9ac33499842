"""The results page in a headless Chromium: what loads, what a reader can choose, and how it fits a window.

Skipped where there is no Chromium. RESULTS_PAGE=<index.html> looks at another page than the one made here, too.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tests.browser import CHROMIUM, browser
from tests.handmade_page import ATTACK, CLASSES, CONTROLLED, MODEL, OTHER, SHOWN, make_page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium")
DRAWN = "document.querySelectorAll('#explored .views figure').length && ![...document.querySelectorAll('.chart > div')]"
DRAWN += ".some(each => !each.querySelector('svg'))"
"""Whether the explorer shows a pair with all its charts."""


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    made, _ = make_page(tmp_path_factory.mktemp("page"))
    return (made.path / "index.html").as_uri()


@pytest.fixture(scope="module")
def tab():
    with browser() as page:
        yield page


@pytest.fixture
def page(tab):
    """The tab; at the end of a test nothing may have gone wrong in it."""
    tab.problems.clear()
    tab.loaded.clear()
    yield tab
    assert tab.problems == []
    assert all(each.startswith(("file:", "data:", "about:")) for each in tab.loaded)
    assert tab.evaluate("typeof hacked") == "undefined"


def explore(page, address: str, **state: str) -> None:
    """Open the explorer with a state in the address, and wait until it shows a pair."""
    page.evaluate(f"location.href = {json.dumps(address)}")
    parts = "".join(
        f"&{key}=" + page.evaluate(f"encodeURIComponent({json.dumps(value)})") for key, value in state.items()
    )
    page.open(f"{address}#explorer{parts}")
    page.until(DRAWN)


def choose(page, select: str, value: str) -> None:
    page.evaluate(
        f"const s = document.getElementById('{select}'); s.value = {json.dumps(value)}; "
        "s.dispatchEvent(new Event('change')); document.getElementById('explored').replaceChildren()"
    )
    page.until(DRAWN)


def shown(page) -> str:
    return page.evaluate("document.getElementById('explored').innerText")


def column(page, table: str, index: int) -> list[str]:
    cells = f"[...document.querySelector({json.dumps(table)}).tBodies[0].rows].map(r => r.cells[{index}].innerText)"
    return page.evaluate(cells)


def test_every_image_loads_and_every_link_leads_somewhere(page, address):
    page.open(address)
    page.evaluate("document.querySelectorAll('img').forEach(each => { each.loading = 'eager' })")
    page.until("[...document.images].every(each => each.complete)")
    assert page.evaluate("[...document.images].filter(each => !each.naturalWidth).length") == 0
    links = page.evaluate("[...document.links].map(each => each.href)")
    assert len(links) > 30
    anchors = {each.partition("#")[2].partition("&")[0] for each in links if "#" in each}
    assert all(page.evaluate(f"!!document.getElementById(decodeURIComponent({json.dumps(each)}))") for each in anchors)
    assert all(page.evaluate(f"decodeURI({json.dumps(each)})").startswith("file:///") for each in links)


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(page, address, width):
    page.open(f"{address}#explorer", width)
    page.until(DRAWN)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    boxes = "[...document.querySelectorAll('#explored :not(svg *), .choice :not(svg *)')]"
    assert (
        page.evaluate(
            f"{boxes}.filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth + 1).length"
        )
        == 0
    )


def test_the_first_paint_takes_less_than_a_second(page, address):
    page.open(address)
    page.until("performance.getEntriesByType('paint').length")
    assert page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime") < 1000
    assert not [each for each in page.loaded if "vega" in each or "/pairs/" in each], "read when it is looked at"


def test_choosing_an_attack_and_an_image_changes_what_is_shown(page, address):
    explore(page, address)
    first = shown(page)
    assert "Information path of the output" in first and "Saliency of the filters" in first
    choose(page, "choose-attack", OTHER)
    second = shown(page)
    assert (
        second != first and "did not measure here: information paths, response differences, filter saliency" in second
    )
    assert page.evaluate("document.querySelectorAll('#choose-image input').length") == SHOWN
    page.evaluate("document.querySelectorAll('#choose-image input')[3].click()")
    page.until(DRAWN)
    index = page.evaluate("document.querySelectorAll('#choose-image input')[3].value")
    assert shown(page) != second and f"{index} of its split" in shown(page)


def test_the_images_are_chosen_by_keys(page, address):
    explore(page, address)
    before = page.evaluate("document.querySelector('#choose-image input:checked').value")
    page.evaluate("document.querySelector('#choose-image input:checked').focus()")
    page.press("ArrowRight", 39)
    after = page.evaluate("document.querySelector('#choose-image input:checked').value")
    page.until(DRAWN)
    assert after != before and f"{after} of its split" in shown(page)


def test_a_shared_link_restores_what_was_chosen_and_sorted(page, address):
    explore(page, address)
    choose(page, "choose-attack", OTHER)
    page.evaluate("document.querySelectorAll('#choose-image input')[2].click()")
    page.evaluate("document.querySelectorAll('#information_flow-table_2 th button')[1].click()")
    order, text = column(page, "#information_flow-table_2 table", 1), shown(page)
    link = page.evaluate("location.href")
    page.open("about:blank")
    page.open(link)
    page.until(DRAWN)
    assert page.evaluate("document.getElementById('choose-model').value") == MODEL
    assert page.evaluate("document.getElementById('choose-attack').value") == OTHER
    assert shown(page) == text and column(page, "#information_flow-table_2 table", 1) == order


def test_a_link_in_the_table_of_attacks_leads_to_the_pair(page, address):
    page.open(address)
    page.evaluate("[...document.querySelectorAll('#attacks td a')].at(-1).click()")
    page.until(DRAWN)
    assert page.evaluate("document.getElementById('choose-attack').value") == CONTROLLED
    assert "its control, shuffled" in shown(page) and "this image, clean" in shown(page)
    page.evaluate("document.querySelector('#attacks td a').click()")
    page.until(f"document.getElementById('choose-attack').value === {json.dumps(ATTACK)}")


def test_a_link_to_what_is_not_there_shows_what_is(page, address):
    explore(page, address, model="another", attack="<b>", image="99", sort="x~1~up", verdict="odd")
    assert page.evaluate("document.getElementById('choose-model').value") == MODEL
    page.open(f"{address}#%E0%A4%A&image=%")
    page.until("document.querySelectorAll('#claims tbody tr:not([hidden])').length === 6")


def test_tables_are_sorted_as_numbers_with_what_is_missing_last(page, address):
    page.open(address)
    table, press = "#information_flow-table_2 table", "document.querySelectorAll('#information_flow-table_2 th button')"
    assert column(page, table, 1) == ["0.25", "1,000.00", "−3.50"]
    page.evaluate(f"[...{press}].find(each => each.innerText === 'here').click()")
    assert column(page, table, 1) == ["−3.50", "0.25", "1,000.00"]
    page.evaluate(f"[...{press}].find(each => each.innerText === 'here').click()")
    assert column(page, table, 1) == ["1,000.00", "0.25", "−3.50"]
    assert page.evaluate("document.querySelectorAll('#information_flow-table_2 [aria-sort=descending]').length") == 1
    for _ in range(2):
        page.evaluate("[...document.querySelectorAll('#claims th button')][3].click()")
        assert column(page, "#claims", 3)[-2:] == ["–", "–"]


def test_verdicts_can_be_filtered(page, address):
    page.open(address)
    choose_verdict = "const f = document.getElementById('verdict-filter'); f.value = 'undecided'; "
    page.evaluate(f"{choose_verdict} f.dispatchEvent(new Event('change'))")
    visible = "[...document.querySelectorAll('#claims tbody tr')].filter(r => !r.hidden).map(r => r.cells[1].innerText)"
    assert page.evaluate(visible) == ["undecided", "undecided"]
    assert page.evaluate("document.getElementById('verdict-count').innerText") == "2 of 6 claims"
    assert "verdict=undecided" in page.evaluate("location.hash")


def test_names_are_shown_letter_by_letter(page, address):
    explore(page, address)
    options = page.evaluate("[...document.querySelectorAll('#choose-attack option')].map(each => each.textContent)")
    assert options == [ATTACK, OTHER, CONTROLLED]
    titles = page.evaluate("[...document.querySelectorAll('.prediction span[title]')].map(each => each.title)")
    assert set(titles) == set(CLASSES)


def test_it_can_be_printed(page, address):
    explore(page, address)
    content = page.call("Page.printToPDF", printBackground=True)["data"]
    assert len(content) > 20_000


@pytest.mark.skipif("RESULTS_PAGE" not in os.environ, reason="RESULTS_PAGE names no page to look at")
def test_another_page_loads_and_explores(page):
    address = Path(os.environ["RESULTS_PAGE"]).resolve().as_uri()
    begun = time.monotonic()
    page.open(f"{address}#explorer")
    page.until(DRAWN)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    print(f"first paint {paint:.0f} ms, a pair {time.monotonic() - begun:.1f} s")
    for model in page.evaluate("[...document.querySelectorAll('#choose-model option')].map(each => each.value)"):
        choose(page, "choose-model", model)
        for attack in page.evaluate("[...document.querySelectorAll('#choose-attack option')].map(each => each.value)"):
            choose(page, "choose-attack", attack)
            assert "Prediction, adversarial" in shown(page)
    for width in (390, 1440):
        page.open(address, width)
        assert page.evaluate("document.documentElement.scrollWidth") == width
