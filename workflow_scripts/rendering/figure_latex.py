"""A figure as LaTeX for an article that loads graphicx."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_scripts.rendering.figure_style import DOUBLE_COLUMN, SINGLE_COLUMN
from workflow_scripts.rendering.latex import escape, source_comments


def figure_latex_text(study: str, name: str, caption: str, width: float, sources: Sequence[str]) -> str:
    """A LaTeX float that includes `name`.pdf, with caption and label `fig:<study>-<number>` (hyphens for underscores).

    Needs `\\usepackage{graphicx}`. A figure wider than one column (`width` in inches) is a `figure*`, which spans both
    columns of a two-column paper; narrower figures take their share of the line. `sources` become TeX comments.
    """
    environment, full_width = ("figure*", DOUBLE_COLUMN) if width > SINGLE_COLUMN else ("figure", SINGLE_COLUMN)
    share = min(1.0, width / full_width)
    label = f"{study}-{name.removeprefix('figure_')}".replace("_", "-")
    lines = [
        "% needs \\usepackage{graphicx}",
        *source_comments(sources),
        rf"\begin{{{environment}}}[tb]",
        r"  \centering",
        rf"  \includegraphics[width={share:.2f}\linewidth]{{{name}.pdf}}",
        rf"  \caption{{{escape(caption)}}}",
        rf"  \label{{fig:{label}}}",
        rf"\end{{{environment}}}",
        "",
    ]
    return "\n".join(lines)
