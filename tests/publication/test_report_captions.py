"""Captions in Snakemake's report: they are reStructuredText there, and what users name must stay text."""

from types import SimpleNamespace

import pytest
from docutils.core import publish_parts
from jinja2 import Environment

from workflow_scripts.recipes.fingerprint import ROOT

TEMPLATE = (ROOT / "rules/captions/publication.rst").read_text(encoding="utf-8")


def rendered(caption: str, folder: str = "results/store/table/t--0123456789ab") -> str:
    """As Snakemake's report makes it: Jinja without escapes, then docutils."""
    snakemake = SimpleNamespace(params=SimpleNamespace(caption=caption, folder=folder))
    return publish_parts(Environment().from_string(TEMPLATE).render(snakemake=snakemake), writer="html")["body"]


@pytest.mark.parametrize(
    ("caption", "shown"),
    [
        ("Learning curve of mine_, seed 0.", "Learning curve of mine_, seed 0."),
        ("<script>alert(1)</script> & more", "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"),
        ("`click <javascript:alert(1)>`_ here", "`click &lt;javascript:alert(1)&gt;`_ here"),
        (":raw-html:`<b>` *a* **b** |c| back\\slash", ":raw-html:`&lt;b&gt;` *a* **b** |c| back\\slash"),
    ],
)
def test_a_caption_is_text(caption, shown):
    page = rendered(caption)
    assert shown in page and "system-message" not in page and "problematic" not in page
    assert "<script" not in page and "href" not in page


def test_the_artifact_is_named():
    page = rendered("A caption.")
    assert "results/store/table/t--0123456789ab" in page and "A caption." in page
