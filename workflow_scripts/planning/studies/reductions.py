"""What a table must say of networks that are smaller than the published ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflow_scripts.configuration.schema.models import Model


def reduced(models: Mapping[str, Model], names: Iterable[str]) -> list[str]:
    """One note on the networks of reduced width or depth among `names`; none where there are none."""
    found = []
    for name in dict.fromkeys(names):
        depth = models[name].parameters.get("depth", 1)
        sizes = {"width": models[name].width, "depth": depth}
        shares = [f"{share} of the {size}" for size, share in sizes.items() if share != 1]
        if shares:
            found.append(f"{name} ({' and '.join(shares)})")
    return [f"Smaller than the published networks: {', '.join(found)}."] if found else []
