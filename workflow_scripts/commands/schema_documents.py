"""Write the documents that are generated from the schema: the JSON schema, and the tables of keys in the reference.

python -m workflow_scripts.commands.schema_documents            write config/schema.json and the tables
                                                                of docs/reference/configuration.md
python -m workflow_scripts.commands.schema_documents --check    write nothing; fail where a file is out of date
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from workflow_scripts.commands.key_docs import keys, parts
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.configuration.schema.sources import SOURCES, TORCHVISION
from workflow_scripts.recipes.fingerprint import ROOT

FOLDER = ROOT / "config"
REFERENCE = ROOT / "docs/reference/configuration.md"
COMMAND = "python -m workflow_scripts.commands.schema_documents"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TABLE = re.compile(r"(<!-- keys of (\w+) -->\n).*?(<!-- end of keys -->)", re.DOTALL)


def documents(folder: Path = FOLDER, reference: Path = REFERENCE) -> dict[Path, str]:
    """Each generated file and its whole text; what stands between the tables of the reference is kept as it is."""
    return {folder / "schema.json": json_schema(), reference: with_tables(reference.read_text(encoding="utf-8"))}


def json_schema() -> str:
    """The schema that editors and validators read (JSON Schema 2020-12)."""
    schema = _tidied(Configuration.model_json_schema())
    return json.dumps({"$schema": DIALECT, "title": "Configuration", **schema}, indent=2, ensure_ascii=False) + "\n"


def with_tables(reference: str) -> str:
    """The text with every table between `<!-- keys of <class> -->` and `<!-- end of keys -->` replaced.

    `SOURCES` in place of a class stands for the table of image sources.
    """
    return _TABLE.sub(lambda found: found[1] + table(found[2]) + found[3], reference)


def table(part: str) -> str:
    """The keys of a section class as a Markdown table; of an attack, without the keys that every attack has."""
    if part == "SOURCES":
        return sources_table()
    if part not in parts():
        raise ValueError(f"{REFERENCE.relative_to(ROOT)}: the schema has no section class {part}")
    shown = [key for key in keys(part) if part == "Attack" or not (key.is_kind or key.owner == "Attack")]
    rows = ["| key | takes | default | meaning |", "|---|---|---|---|"]
    for key in shown:
        default = (
            "**required**" if key.default is None else "see below" if key.default[0] == "{" else f"`{key.default}`"
        )
        if key.many or (key.default == "{}" and key.part is None):
            default = "none"
        meaning = key.meaning.replace("|", "\\|")
        rows.append(f"| `{key.name}` | {key.kind} | {default} | {meaning} |")
    return "\n".join(rows) + "\n"


def sources_table() -> str:
    """The sources of images as a Markdown table."""
    columns = ("source", "images", "side in pixels", "channels", "test set of its own", "`path`")
    rows = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, facts in SOURCES.items():
        own = (
            f"{facts.test:,}" if facts.test else "where the file has one" if facts.own_test else "no: give `split.test`"
        )
        if facts.required:
            own = "yes"
        counts = f"{facts.pool:,}" if facts.pool else "yours" if facts.needs_path else "see `parameters`"
        path = "needed" if facts.needs_path or TORCHVISION in name else "none"
        if TORCHVISION in name and facts.downloadable:
            path = "this or `download`"
        size = facts.size or ("give `image_size`" if TORCHVISION in name else "yours")
        rows.append(f"| `{name}` | {counts} | {size} | {facts.channels or '1 or 3'} | {own} | {path} |")
    return "\n".join(rows) + "\n"


def _tidied(value: object) -> object:
    """Drop pydantic's titles, and refuse keys that break the rule for names."""
    if isinstance(value, list):
        return [_tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _tidied(item) for key, item in value.items() if key != "title" or not isinstance(item, str)}
    if "patternProperties" in result:
        result["additionalProperties"] = False
    return result


def main(arguments: list[str] | None = None) -> int:
    """Write or check the generated files; 1 where `--check` finds a difference."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file is out of date")
    only_check = parser.parse_args(arguments).check
    stale = []
    for path, text in documents().items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not only_check:
            path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {'is out of date' if only_check else 'written'}", file=sys.stderr)
    if only_check and stale:
        print(f"run: {COMMAND}", file=sys.stderr)
    return int(only_check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
