"""Tables in four formats: nothing rounded in the CSV, nothing unescaped elsewhere, nothing dropped."""

import csv
import io
import math
import re
from html.parser import HTMLParser

import pytest

from workflow_scripts.rendering.html import html_text, markdown_text
from workflow_scripts.rendering.latex import escape, latex_text
from workflow_scripts.rendering.table import (
    Cell,
    Column,
    Key,
    Row,
    Table,
    all_notes,
    csv_text,
    number_text,
    pool,
)
from workflow_scripts.rendering.table_files import write_table

HOSTILE = "<script>alert('x')</script> & \"q\" | 50% $a_b$ {c} \\d ~ ^ # [e] *f* `g`"
VALUES = [0.1, 0.2, 0.30000000000000004, 1 / 3]


def attacks_table(**changes):
    """Two attacks on one model; the second never succeeded, and the paper has no confidence for the first."""
    fields = {
        "study": "information_flow",
        "number": "2",
        "title": "Attacks",
        "caption": "Distortion ‖r‖₂/‖x‖₂ for ε ≤ 0.5 & more.",
        "keys": [Key("model", "Model"), Key("attack", "Attack")],
        "columns": [Column("distortion", "Distortion", 4), Column("confidence", "Confidence", 2, "%")],
        "rows": [
            Row(
                {"model": "original", "attack": "fgsm"},
                {"distortion": pool(VALUES, 84, 0.0263), "confidence": pool(VALUES, 84)},
            ),
            Row(
                {"model": "original", "attack": HOSTILE},
                {"distortion": pool([None, math.nan], 0, 0.0069), "confidence": pool([57.0], 12, 57.16)},
            ),
        ],
    }
    return Table(**{**fields, **changes})


def read_csv(table):
    return list(csv.DictReader(io.StringIO(csv_text(table))))


def test_pool_takes_mean_and_sample_deviation():
    cell = pool([1, 2, 6], samples=10, published=3)
    assert (cell.mean, cell.seeds, cell.samples, cell.published) == (3.0, 3, 10, 3.0)
    assert cell.deviation == pytest.approx(math.sqrt(7))
    assert pool([0.1]) == Cell(0.1, None, 1)
    assert pool([None, math.nan, 0.5]) == Cell(0.5, None, 1)
    assert pool([], published=2.0) == Cell(published=2.0)


@pytest.mark.parametrize(
    "fields",
    [
        {"mean": math.nan, "seeds": 1},
        {"mean": math.inf, "seeds": 1},
        {"mean": 1.0},
        {"seeds": 2},
        {"mean": 1.0, "deviation": 0.1, "seeds": 1},
    ],
)
def test_a_cell_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ValueError, match="Cell"):
        Cell(**fields)


def test_a_row_must_fit_its_table():
    with pytest.raises(ValueError, match="row 0: its cells"):
        attacks_table(rows=[Row({"model": "a", "attack": "b"}, {"distortion": Cell()})])
    with pytest.raises(ValueError, match="share a name"):
        attacks_table(columns=[Column("model", "Model", 1)], rows=[])


def test_csv_reads_back_exactly():
    first, second = read_csv(attacks_table())
    cell = attacks_table().rows[0].cells["distortion"]
    assert float(first["distortion"]) == cell.mean
    assert float(first["distortion_deviation"]) == cell.deviation
    assert float(first["distortion_published"]) == 0.0263
    assert (first["seeds"], first["samples"]) == ("4", "84")
    assert second["attack"] == HOSTILE
    assert (second["distortion"], second["distortion_deviation"]) == ("", "")
    assert (second["distortion_published"], second["confidence_published"]) == ("0.0069", "57.16")
    assert first["confidence_published"] == ""


def test_csv_gives_a_column_its_own_counts_only_where_they_differ():
    header = csv_text(attacks_table()).splitlines()[0].split(",")
    assert header[-2:] == ["seeds", "samples"]
    cells = {"distortion": pool([0.1, 0.2], 50), "confidence": pool([0.1], 200)}
    table = attacks_table(rows=[Row({"model": "a", "attack": "b"}, cells)])
    (row,) = read_csv(table)
    assert (row["seeds"], row["samples"]) == ("2", "200")
    assert (row["confidence_seeds"], row["distortion_samples"]) == ("1", "50")
    assert all_notes(table)[-2:] == [
        "Fewer seeds than their row (Confidence: 1); the CSV has each number.",
        "Fewer samples than their row (Distortion: 50); the CSV has each number.",
    ]


def test_numbers_in_print():
    assert number_text(1071542, 0) == "1,071,542"
    assert number_text(-0.00001, 2) == "0.00"
    assert number_text(-0.5, 2) == "−0.50"
    assert number_text(None, 2) == "–"


@pytest.mark.parametrize("write", [latex_text, markdown_text, html_text])
def test_missing_values_are_shown_and_named(write):
    text = write(attacks_table(), [])
    assert "No measured value" in text
    assert "The paper gives no value" in text and "original, FGSM: Confidence" in text
    assert ("--" if write is latex_text else "–") in text


@pytest.mark.parametrize("write", [latex_text, markdown_text, html_text])
def test_a_column_that_the_paper_lacks_has_no_place_for_it_and_a_note(write):
    time, size = Column("time", "Time", 1), Column("size", "Size", 1)
    cells = {"time": pool([1.0], 3), "size": pool([1.0], 3, published=2.0)}
    text = write(attacks_table(columns=[time, size], rows=[Row({"model": "a", "attack": "b"}, cells)]), [])
    assert "The paper gives no values for: Time." in text
    alone = attacks_table(columns=[time], rows=[Row({"model": "a", "attack": "b"}, {"time": cells["time"]})])
    text = write(alone, [])
    assert "gives no values" not in text  # none of its columns: the table is not the paper's
    assert "paper</th>" not in text and "& paper" not in text and ", paper" not in text


def test_what_does_not_apply_is_not_named_as_missing():
    columns = [Column("time", "Time", 1, optional=True), Column("size", "Size", 1)]
    rows = [Row({"model": "a", "attack": "b"}, {"time": pool([]), "size": pool([])})]
    keys = (Key("model", "Model"), Key("attack", "Attack", verdict=True))
    assert all_notes(attacks_table(keys=keys, columns=columns, rows=rows)) == ["No measured value (–): a: Size."]


def test_latex_escapes_every_special_character():
    assert escape("50% & $a_b$ #1 {x}") == r"50\% \& \$a\_b\$ \#1 \{x\}"
    assert escape("\\ ~ ^") == r"\textbackslash{} \textasciitilde{} \textasciicircum{}"
    assert escape("ε ≤ 2 ± ∞ – 3×3") == (
        r"\ensuremath{\varepsilon} \ensuremath{\le} 2 \ensuremath{\pm} \ensuremath{\infty} -- "
        r"3\ensuremath{\times}3"
    )
    # A bracket after \\ would be its argument.
    assert escape("[e]*") == "{[}e{]}{*}"


def test_latex_structure():
    text = latex_text(attacks_table(), ["store/attack/a--0123\nevil"])
    # A line break in a source would end the comment.
    assert "% from store/attack/a--0123 evil\n" in text
    body = re.sub(r"(?<!\\)%.*", "", text)
    unescaped = re.sub(r"\\[{}]", "", body)
    assert unescaped.count("{") == unescaped.count("}")
    assert body.isascii()
    spec = re.search(r"\\begin\{tabular\}\{@\{\}(\w+)@\{\}\}", body).group(1)
    assert spec.startswith("ll") and set(spec[2:]) == {"r"}
    rows = re.search(r"\\midrule\n(.*)\\bottomrule", body, re.DOTALL).group(1).strip().splitlines()
    rows = [row for row in rows if "addlinespace" not in row]
    assert len(rows) == 2
    for row in rows:
        assert row.endswith(r"\\")
        assert len(re.findall(r"(?<!\\)&", row)) == len(spec) - 1
    # A group's name stands once.
    assert rows[0].split("&")[0].strip() == "original" and rows[1].split("&")[0].strip() == ""
    for command in (
        r"\toprule",
        r"\caption[{Attacks}]",
        r"\label{tab:information-flow-2}",
        r"\cmidrule(lr){3-4}",
    ):
        assert command in body


def test_latex_puts_counts_in_notes_where_all_rows_share_them():
    row = Row({"model": "a", "attack": "b"}, {"distortion": pool([1, 2], 9), "confidence": pool([1, 2], 9)})
    text = latex_text(attacks_table(rows=[row]), [])
    assert "Training seeds: 2. Samples: 9." in text and "& samples" not in text


class Texts(HTMLParser):
    """The tags and texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_html_escapes_a_hostile_label_wherever_it_stands():
    table = attacks_table(title=HOSTILE, caption=HOSTILE, notes=[HOSTILE])
    page = html_text(table, [HOSTILE])
    parsed = Texts(page)
    assert "script" not in parsed.tags
    assert parsed.texts.count(HOSTILE) >= 4


def test_html_shows_published_values_muted_counts_and_sources():
    page = html_text(attacks_table(), ["store/attack/a--0123456789ab"])
    assert '<td class="published">0.0263</td>' in page
    assert '<td class="count">4</td><td class="count">84</td>' in page
    assert "<details>" in page and "<code>store/attack/a--0123456789ab</code>" in page
    # Self-contained: no request goes anywhere.
    assert not re.search(r"(src|href)=|@import|url\(", page)
    columns = [len(re.findall("<td", row)) for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL)]
    assert columns[2:] == [8, 8]


def test_markdown_rows_keep_their_columns():
    lines = [line for line in markdown_text(attacks_table(), []).splitlines() if line.startswith("|")]
    assert len(lines) == 4
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {9}
    assert "<script>" not in "\n".join(lines)


def test_write_all_gives_the_same_bytes_each_time(tmp_path):
    first = write_table(attacks_table(), tmp_path / "a", "table_2", ["x"])
    second = write_table(attacks_table(), tmp_path / "b", "table_2", ["x"])
    assert [path.name for path in first] == [f"table_2.{end}" for end in ("csv", "tex", "md", "html")]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert all(b"\r" not in path.read_bytes() for path in first)
