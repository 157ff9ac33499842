"""A table as Markdown, for repository pages, and as HTML, for the report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment

from workflow_scripts.rendering.table import Table, all_notes, key_texts, measured_text, number_text, row_count

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ heading }}</title>
<style>
body { font: 14px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 1.5rem; }
h1 { font-size: 1.15rem; margin: 0 0 .75rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; border-top: 2px solid #1a1a1a; border-bottom: 2px solid #1a1a1a; }
caption { caption-side: top; text-align: left; max-width: 60rem; padding-bottom: .6rem; }
th, td { padding: .25rem .7rem; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
th.text, td.text { text-align: left; font-weight: normal; }
td.wide { white-space: normal; min-width: 16rem; }
td { vertical-align: top; }
thead th { font-weight: 600; }
thead th.group { text-align: center; }
thead tr:last-child th { border-bottom: 1px solid #1a1a1a; }
tbody tr.first td { border-top: 1px solid #ccc; }
.published, .count { color: #6b6b6b; }
thead .published, thead .count { font-weight: normal; }
ul.notes, details { max-width: 60rem; font-size: .9em; color: #444; }
code { font-size: .92em; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>{{ heading }}</h1>
<div class="scroll">
<table>
<caption>{{ caption }}</caption>
<thead>
<tr>
{%- for key in keys %}<th class="text" rowspan="2" scope="col">{{ key.header }}</th>{% endfor %}
{%- for column, pair in columns %}<th class="group" colspan="{{ 2 if pair else 1 }}" scope="colgroup">\
{{ column.heading }}</th>{% endfor -%}
<th class="count" rowspan="2" scope="col">seeds</th>\
<th class="count" rowspan="2" scope="col">samples</th></tr>
<tr>
{%- for column, pair in columns %}<th scope="col">here</th>\
{% if pair %}<th class="published" scope="col">paper</th>{% endif %}{% endfor -%}
</tr>
</thead>
<tbody>
{% for row in rows -%}
<tr{% if row.first %} class="first"{% endif %}>
{%- for key, text in keys | zip(row.texts) %}<td class="text{{ " wide" if key.wide }}">{{ text }}</td>{% endfor %}
{%- for text, published in row.pairs %}<td>{{ text }}</td>\
{% if published is not none %}<td class="published">{{ published }}</td>{% endif %}{% endfor %}
{%- for text in row.counts %}<td class="count">{{ text }}</td>{% endfor -%}
</tr>
{% endfor -%}
</tbody>
</table>
</div>
{% if notes -%}
<ul class="notes">
{% for note in notes %}<li>{{ note }}</li>
{% endfor -%}
</ul>
{% endif -%}
{% if sources -%}
<details><summary>Made from {{ sources | length }} artifact{{ "s" if sources | length > 1 }}</summary>
<ul>
{% for source in sources %}<li><code>{{ source }}</code></li>
{% endfor -%}
</ul>
</details>
{% endif -%}
</body>
</html>
"""
_ENVIRONMENT = Environment(autoescape=True, keep_trailing_newline=True)
_ENVIRONMENT.filters["zip"] = zip
_TEMPLATE = _ENVIRONMENT.from_string(_PAGE)


def _heading(table: Table) -> str:
    name = table.number.replace("_", " ")
    return f"{'Table ' if name[:1].isdigit() else ''}{name}: {table.title} ({table.study.replace('_', ' ')})"


@dataclass(frozen=True)
class _RowTexts:
    """The texts of a row: its keys; for each column the measured and the published value (None where no row has one);
    the numbers of seeds and samples; and whether a new group of rows begins here.
    """

    texts: list[str]
    pairs: list[tuple[str, str | None]]
    counts: list[str]
    first: bool


def _row_texts(table: Table) -> list[_RowTexts]:
    rows: list[_RowTexts] = []
    for row in table.rows:
        texts = key_texts(table, row)
        pairs = []
        for column in table.columns:
            cell, published = row.cells[column.key], table.has_published[column.key]
            paper = number_text(cell.published, column.decimals) if published else None
            pairs.append((measured_text(cell, column), paper))
        counts = [number_text(row_count(row, what), 0) for what in ("seeds", "samples")]
        first = bool(rows) and len(texts) > 1 and texts[0] != rows[-1].texts[0]
        rows.append(_RowTexts(texts, pairs, counts, first))
    return rows


def html_text(table: Table, sources: Sequence[str]) -> str:
    """The table as one self-contained HTML page.

    All texts are escaped, published values are muted, the numbers of seeds and samples are columns, and the names of
    the source artifacts (`sources`) are in a list that unfolds.
    """
    return _TEMPLATE.render(
        heading=_heading(table),
        caption=table.caption,
        keys=table.keys,
        columns=[(column, table.has_published[column.key]) for column in table.columns],
        rows=_row_texts(table),
        notes=all_notes(table),
        sources=sources,
    )


def escape_markdown(text: str) -> str:
    """`text` on one line, escaped so that Markdown prints it literally, also inside a table cell."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_{}\[\]|~$])", r"\\\1", text)
    return "\\" + text if text.startswith(("#", "+", "-")) else text


def markdown_text(table: Table, sources: Sequence[str]) -> str:
    """The table as GitHub-flavoured Markdown: published values in columns of their own, then notes and `sources`."""
    header = [escape_markdown(key.header) for key in table.keys]
    for column in table.columns:
        header.append(escape_markdown(column.heading))
        if table.has_published[column.key]:
            header.append(f"{escape_markdown(column.header)}, paper")
    header += ["seeds", "samples"]
    rules = [":---"] * len(table.keys) + ["---:"] * (len(header) - len(table.keys))
    lines = [f"### {escape_markdown(_heading(table))}", "", escape_markdown(table.caption), ""]
    lines += [f"| {' | '.join(fields)} |" for fields in (header, rules)]
    for row in _row_texts(table):
        fields = [escape_markdown(text) for text in row.texts]
        fields += [text for pair in row.pairs for text in pair if text is not None]
        lines.append(f"| {' | '.join(fields + row.counts)} |")
    if notes := all_notes(table):
        lines += ["", *(f"- {escape_markdown(note)}" for note in notes)]
    if sources:
        lines += ["", "Made from:", "", *(f"- {escape_markdown(source)}" for source in sources)]
    return "\n".join([*lines, ""])
