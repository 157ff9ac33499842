"""A configuration's content as YAML in which every key is explained where it first appears."""

from __future__ import annotations

import textwrap

from workflow_scripts.commands.key_docs import ROOT_PART, Key, attack_kinds, flow, keys

WIDTH = 118


class Commented:
    """Writes one document; remembers what it has explained."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._explained: set[tuple[str, str]] = set()
        self._listed: set[str] = set()

    def document(self, content: dict) -> str:
        """The YAML text of a whole configuration."""
        for key in keys(ROOT_PART):
            self.lines.append("")
            if key.name in content:
                self._key(key, content[key.name], 0)
            else:
                self._left_out(key, 0)
        return "\n".join(self.lines).lstrip("\n") + "\n"

    def _section(self, part: str, content: dict, depth: int) -> None:
        """The keys of one section, and, where its class appears first, the optional ones that it leaves out."""
        if part == "Attack":
            part = attack_kinds()[content["attack"]]
        table = {key.name: key for key in keys(part)}
        for name, value in content.items():
            self._key(table[name], value, depth)
        if part not in self._listed:
            self._listed.add(part)
            for key in table.values():
                if key.name not in content and (key.owner, key.name) not in self._explained:
                    self._explained.add((key.owner, key.name))
                    self._left_out(key, depth)

    def _key(self, key: Key, value: object, depth: int) -> None:
        meaning = "" if (key.owner, key.name) in self._explained else key.meaning
        self._explained.add((key.owner, key.name))
        if key.many and isinstance(value, dict):
            self._line(f"{key.name}:", meaning, depth)
            for name, entry in value.items():
                self._line(f"{name}:", "", depth + 1)
                self._section(key.part or "", entry, depth + 2)
            if key.part == "Attack":
                used = {entry["attack"] for entry in value.values()}
                others = ", ".join(kind for kind in attack_kinds() if kind not in used and kind != "own")
                self._comment(f"Other attacks: {others}, or a module of your own (config/README.md).", depth + 1)
        elif key.part is not None and isinstance(value, dict):
            self._line(f"{key.name}:", meaning, depth)
            self._section(key.part, value, depth + 1)
        else:
            self._line(f"{key.name}: {flow(value)}", meaning, depth)

    def _left_out(self, key: Key, depth: int) -> None:
        self._line(f"# {key.name}: {key.default}", key.meaning, depth)

    def _line(self, text: str, meaning: str, depth: int) -> None:
        line = "  " * depth + text
        if meaning and len(line) + len(meaning) + 4 <= WIDTH:
            line += f"  # {meaning}"
        elif meaning:
            self._comment(meaning, depth)
        self.lines.append(line)

    def _comment(self, text: str, depth: int) -> None:
        indent = "  " * depth + "# "
        self.lines.extend(textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent))
