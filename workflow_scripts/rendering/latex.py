"""A table as LaTeX for an article; it needs only the packages booktabs and, for columns of sentences, array."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_scripts.rendering.table import (
    MISSING,
    Table,
    all_notes,
    key_texts,
    measured_text,
    number_text,
    row_count,
)

# A one-column float holds about this many characters of footnotesize text; a wider table spans both columns.
ONE_COLUMN = 60

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "{''}",  # \textquotedbl is not in the default font encoding.
    "`": r"\textasciigrave{}",
    # After a row's \\ these would be read as its optional argument or its star.
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    MISSING: "--",
    "—": "---",
    "−": r"\ensuremath{-}",
    "±": r"\ensuremath{\pm}",
    "×": r"\ensuremath{\times}",
    "≤": r"\ensuremath{\le}",
    "≥": r"\ensuremath{\ge}",
    "≈": r"\ensuremath{\approx}",
    "→": r"\ensuremath{\to}",
    "∞": r"\ensuremath{\infty}",
    "‖": r"\ensuremath{\Vert}",
    "ℓ": r"\ensuremath{\ell}",
    "₀": r"\textsubscript{0}",
    "₁": r"\textsubscript{1}",
    "₂": r"\textsubscript{2}",
    "²": r"\textsuperscript{2}",
    "\N{COMBINING CIRCUMFLEX ACCENT}": r"\textasciicircum{}",
    "·": r"\textperiodcentered{}",
    "…": r"\dots{}",
    "’": "'",
    "\n": " ",
    "\r": " ",
}
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "π": "pi", "σ": "sigma", "τ": "tau", "φ": "phi", "Δ": "Delta",
    "Φ": "Phi", "Ψ": "Psi", "Σ": "Sigma",
}  # fmt: skip
_TRANSLATION = str.maketrans({**_ESCAPES, **{char: rf"\ensuremath{{\{name}}}" for char, name in _GREEK.items()}})


def escape(text: str) -> str:
    """`text` escaped for LaTeX: TeX's special characters, symbols and Greek letters become commands.

    Other characters beyond ASCII are kept: pdfLaTeX supports accented Latin letters, LuaLaTeX the rest.
    """
    return text.translate(_TRANSLATION)


def source_comments(sources: Sequence[str]) -> list[str]:
    """One TeX comment per source artifact."""
    return ["% from " + " ".join(source.split()) for source in sources]


def _spec(table: Table) -> tuple[str, str, str, str]:
    """Column specification, upper header, the rules below it, and lower header.

    A column with published values is a pair, headed `here` and `paper` in the lower header.
    """
    wide = sum(key.wide for key in table.keys)
    sentences = rf">{{\raggedright\arraybackslash}}p{{{0.5 / max(1, wide):.3g}\linewidth}}"
    spec = "".join(sentences if key.wide else "l" for key in table.keys)
    upper, rules, lower = [""] * len(table.keys), [], [escape(key.header) for key in table.keys]
    at = len(table.keys) + 1
    for column in table.columns:
        pair = table.has_published[column.key]
        width = 1 + pair
        spec += "r" * width
        upper.append(rf"\multicolumn{{{width}}}{{c}}{{{escape(column.heading)}}}")
        lower += ["here", "paper"][:width]
        rules.append(rf"\cmidrule(lr){{{at}-{at + width - 1}}}")
        at += width
    return spec, " & ".join(upper), " ".join(rules), " & ".join(lower)


def _uniform(table: Table, what: str) -> int | None:
    """The number of `what` if all rows have the same, else None: then it needs a column of its own."""
    counts = {row_count(row, what) for row in table.rows}
    return counts.pop() if len(counts) == 1 else None


def _body(table: Table, counted: Sequence[str]) -> list[str]:
    lines: list[str] = []
    previous: list[str] = []
    for row in table.rows:
        keys = key_texts(table, row)
        # As is usual in print, the name of a group of rows appears only in its first row; the last key always appears.
        shared = 0
        while shared < len(keys) - 1 and keys[: shared + 1] == previous[: shared + 1]:
            shared += 1
        if lines and len(keys) > 1 and not shared:
            lines.append(r"\addlinespace")
        fields = [""] * shared + [escape(text) for text in keys[shared:]]
        for column in table.columns:
            cell = row.cells[column.key]
            fields.append(escape(measured_text(cell, column)))
            if table.has_published[column.key]:
                fields.append(escape(number_text(cell.published, column.decimals)))
        fields += [escape(number_text(row_count(row, what), 0)) for what in counted]
        lines.append(" & ".join(fields) + r" \\")
        previous = keys
    return lines


def latex_text(table: Table, sources: Sequence[str]) -> str:
    """The table as a LaTeX float with caption (the title is its short form) and label, `tab:<study>-<number>`
    with hyphens for underscores.

    Needs `\\usepackage{booktabs}`, and `\\usepackage{array}` where a key column holds sentences. A wide table is a
    `table*`: both columns of a two-column paper. The numbers of seeds and samples are in the notes where all rows
    share them, else in columns. `sources` become TeX comments.
    """
    spec, upper, rules, lower = _spec(table)
    notes = all_notes(table)
    if any(table.has_published.values()):
        notes.insert(0, "Here: measured by this workflow; paper: the published value.")
    counted = []
    for what, name in (("seeds", "Training seeds"), ("samples", "Samples")):
        shared = _uniform(table, what)
        if shared is not None:
            notes.append(f"{name}: {shared:,}.")
        elif any(row_count(row, what) is not None for row in table.rows):
            counted.append(what)
    spec += "r" * len(counted)
    upper += " & " * len(counted)
    lower += "".join(f" & {what}" for what in counted)
    body = _body(table, counted)
    wide = max(map(len, [lower, *(line.replace(r"\ensuremath{\pm}", "±") for line in body)])) > ONE_COLUMN
    name, size = ("table*", "scriptsize") if wide else ("table", "footnotesize")
    label = f"{table.study}-{table.number}".replace("_", "-")
    lines = [
        "% needs \\usepackage{booktabs}" + (" and \\usepackage{array}" if any(key.wide for key in table.keys) else ""),
        *source_comments(sources),
        rf"\begin{{{name}}}[tb]",
        rf"  \centering\{size}\setlength{{\tabcolsep}}{{3pt}}",
        rf"  \caption[{{{escape(table.title)}}}]{{{escape(table.caption)}}}",
        rf"  \label{{tab:{label}}}",
        rf"  \begin{{tabular}}{{@{{}}{spec}@{{}}}}",
        r"    \toprule",
        rf"    {upper} \\",
        f"    {rules}",
        rf"    {lower} \\",
        r"    \midrule",
        *(f"    {line}" for line in body),
        r"    \bottomrule",
        r"  \end{tabular}",
    ]
    if notes:
        lines += [r"  \par\smallskip", rf"  \parbox{{\linewidth}}{{\raggedright {escape(' '.join(notes))}}}"]
    return "\n".join([*lines, rf"\end{{{name}}}", ""])
