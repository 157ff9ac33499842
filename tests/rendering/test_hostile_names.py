"""Names that come from strangers' folders (a data set's classes): figures draw them as text, whatever they hold."""

import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from workflow_scripts.rendering.figure_files import write_figure
from workflow_scripts.rendering.figures.adversarial_images import adversarial_images
from workflow_scripts.rendering.figures.confusion_matrices import confusion_matrices
from workflow_scripts.rendering.figures.image_grid import image_grid
from workflow_scripts.rendering.figures.input_saliency import SaliencyMap, input_saliency
from workflow_scripts.rendering.figures.perturbations import AttackedImages, perturbations

NAMES = [
    "<script>alert(1)</script>",
    "$x^{$",
    r"\frac{a}{$b$}",
    r"\$",
    '=HYPERLINK("x")',
    "a & b; --",
    "雪\u202eabc",
    "two\nlines",
    "../../etc",
]


def images(count: int) -> np.ndarray:
    return np.random.default_rng(0).random((count, 3, 8, 8), dtype=np.float32)


def made(name: str) -> dict:
    """Each figure that shows a class by name, drawn with this one: (figure, frame)."""
    x, classes = images(2), [name, "cat"]
    answers = AttackedImages(x, classes, np.array([True, False]))
    saliency_map = SaliencyMap(x[0], np.random.default_rng(1).random((8, 8)), name, True)
    return {
        "adversarial_images": adversarial_images(x, {"fgsm": x}, classes, {"fgsm": classes}),
        "perturbations": perturbations(x, classes, {"standard": answers}, 0.1),
        "confusion": confusion_matrices({"A": np.eye(2) + 1}, classes),
        "image_grid": image_grid({"one": [x[0], x[1]]}, classes),
        "input_saliency": input_saliency([{"clean": saliency_map}]),
    }


@pytest.mark.filterwarnings("ignore:Glyph")
@pytest.mark.parametrize("name", NAMES)
def test_a_class_of_any_name_is_drawn_as_text(name, tmp_path):
    for key, (figure, frame) in made(name).items():
        page = io.BytesIO()
        figure.savefig(page, format="svg", metadata={"Date": None})
        tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(page.getvalue()).iter()}
        assert "script" not in tags, key
        write_figure(figure, frame, tmp_path, key)


def test_no_name_is_read_as_mathematics():
    """The text that is drawn has as many glyphs as the name has letters: nothing of it was a command."""
    for name in (r"$x^2$", r"$\frac{1}{2}$", "$$"):
        figure, _ = image_grid({"one": [images(1)[0]]}, [name])
        figure.canvas.draw()
        texts = [text for axes in figure.axes for text in axes.texts]
        shown = next(text for text in texts if text.get_text().replace("\\$", "$") == name)
        assert shown._preprocess_math(shown.get_text()) == (name, False)
