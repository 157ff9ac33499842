"""What the results page shows, in the papers' order and words; without artifacts."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from workflow_scripts.rendering.names import display_name

QUESTIONS = {
    "information_flow": "How does mutual information flow from the input through the layers to the output?",
    "local_properties": "Which frequencies do the damage, and how far do local responses move, in standard and in "
    "adversarially trained models?",
    "attack_signatures": "Which attack made an image, and which filters does it affect?",
    "atlas": "Which attacks act alike, on which models, and how much is the attack and how much the model?",
}
"""Study → its question; other studies have none."""
HEADLINES = {
    "information_flow": "figure_4",
    "local_properties": "figure_1",
    "attack_signatures": "figure_1",
    "atlas": "map",
}
"""Study → the figure that stands on the first screen, or the first of its parts; of another study its first figure."""
VERDICTS = ("supported", "not supported", "undecided", "not measured")
"""The verdicts as published, in the order in which they are counted; others follow."""
BEYOND_CONTROL = ("survives", "no more than its control", "undecided", "not measured", "none applies")
"""The verdicts beyond the control, likewise."""
FIRST = {"findings": 0, "survival": 1}
"""Tables that come before all others of their study."""
DOWNLOADS = {"pdf": "PDF", "png": "PNG", "csv": "CSV", "tex": "TeX", "md": "Markdown", "html": "HTML"}
"""Suffix of a publication's file → what its link says, in this order."""
NORMAL = "normal"
"""Stands for an attack in the roles of what was measured on clean images."""
_NUMBERED = re.compile(r"(table|figure)_(\d+)(?:_(.+))?")


@dataclass(frozen=True)
class Shown:
    """A table or figure on the page.

    title: without its number. table: its HTML, from `table_part`; empty for a figure. size: a figure's width and height
    in pixels. suffixes: of the files that lie in the page's folder. sources, entries: the artifacts that it was made
    from, and the keys of the configuration that they name.
    """

    kind: str
    study: str
    name: str
    title: str
    caption: str
    artifact: str
    digest: str
    suffixes: Sequence[str]
    sources: Sequence[str] = ()
    entries: Sequence[str] = ()
    table: str = ""
    size: tuple[int, int] = (0, 0)

    @property
    def id(self) -> str:
        """The anchor on the page; a figure may have the name of a table, unless it is numbered."""
        numbered = _NUMBERED.fullmatch(self.name) is not None
        kind = "figure-" if self.kind == "figure" and not numbered else ""
        return re.sub(r"\s", "_", f"{self.study}-{kind}{self.name}")

    @property
    def label(self) -> str:
        """The number in the paper, or a name: `Table 2`, `Figure 3, IGSM`, `Findings`."""
        found = _NUMBERED.fullmatch(self.name)
        if found is None:
            return capitalised(display_name(self.name))
        suffix = f", {display_name(found[3])}" if found[3] else ""
        return f"{found[1].capitalize()} {found[2]}{suffix}"

    @property
    def path(self) -> str:
        """The files' path without a suffix, as part of an address."""
        return quote(f"page/{self.kind}s/{self.study}/{self.name}")

    @property
    def downloads(self) -> list[tuple[str, str]]:
        """Texts and addresses of the links to the files."""
        return [(text, f"{self.path}.{suffix}") for suffix, text in DOWNLOADS.items() if suffix in self.suffixes]

    @property
    def command(self) -> str:
        """What makes it again."""
        suffix = "html" if self.kind == "table" else "pdf"
        return f"snakemake {shlex.quote(f'results/{self.kind}s/{self.study}/{self.name}.{suffix}')}"

    @property
    def place(self) -> tuple:
        """Where it stands in its study: the findings and what survives, the numbered tables, other tables as they come,
        then figures likewise.
        """
        found = _NUMBERED.fullmatch(self.name)
        number = (0, int(found[2]), found[3] or "") if found else (1, 0, "")
        return (FIRST.get(self.name, len(FIRST)), self.kind != "table", *number)


@dataclass(frozen=True)
class Claim:
    """A finding. verdict: as published; beyond_control: that of the effect beyond its control, and control: which one
    that is; both empty where the study has no table of survival.
    """

    study: str
    finding: str
    claim: str
    effect: str
    interval: str
    verdict: str
    beyond_control: str = ""
    control: str = ""


@dataclass(frozen=True)
class Study:
    """A study's part of the page."""

    name: str
    publications: Sequence[Shown]
    claims: Sequence[Claim] = field(default=())

    @property
    def title(self) -> str:
        return capitalised(self.name.replace("_", " "))

    @property
    def question(self) -> str:
        return QUESTIONS.get(self.name, "")

    @property
    def headline(self) -> Shown | None:
        """The figure on the first screen; None where the study has no figure."""
        figures = [each for each in self.publications if each.kind == "figure"]
        wanted = HEADLINES.get(self.name, "")
        named = [each for each in figures if each.name == wanted or each.name.startswith(f"{wanted}_")]
        return next(iter([*named, *figures]), None)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Verdicts as published and how many claims have them."""
        return counted((claim.verdict for claim in self.claims), VERDICTS)

    @property
    def counts_beyond_control(self) -> list[tuple[str, int]]:
        """Verdicts beyond the control and how many claims have them; empty where there is no control."""
        return counted((claim.beyond_control for claim in self.claims if claim.beyond_control), BEYOND_CONTROL)


def capitalised(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def counted(verdicts: Iterable[str], order: Sequence[str]) -> list[tuple[str, int]]:
    """Each verdict that occurs and how often: those of `order` first, then as they come."""
    counts = Counter(verdicts)
    known = [verdict for verdict in order if verdict in counts]
    return [(verdict, counts[verdict]) for verdict in dict.fromkeys([*known, *counts])]


def studies_of(publications: Iterable[Shown], claims: Iterable[Claim]) -> list[Study]:
    """The studies as they come, each with its publications in the paper's order."""
    claims, parts = list(claims), {}
    for publication in publications:
        parts.setdefault(publication.study, []).append(publication)
    return [
        Study(name, sorted(part, key=lambda each: each.place), [each for each in claims if each.study == name])
        for name, part in parts.items()
    ]


def entries_of(roles: Iterable[dict]) -> list[str]:
    """The keys of the configuration that inputs' roles name: `models.good_init`, `attacks.fgsm`, `datasets.digits`."""
    sections = {"dataset": "datasets", "model": "models", "victim": "models", "target": "models", "attack": "attacks"}
    found = {
        f"{section}.{role[key]}": None
        for role in roles
        for key, section in sections.items()
        if isinstance(role.get(key), str) and role[key] not in ("", NORMAL)
    }
    return sorted(found)
