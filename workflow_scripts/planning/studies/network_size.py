"""A note for tables whose networks are smaller than the published ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflow_scripts.configuration.schema.models import Model


def reduced_network_notes(models: Mapping[str, Model], names: Iterable[str]) -> list[str]:
    """One note that lists the networks of reduced width or depth among `names`; empty where there are none."""
    reduced_networks = []
    for name in dict.fromkeys(names):
        sizes = {"width": models[name].width, "depth": models[name].parameters.get("depth", 1)}
        shares = [f"{share} of the {size}" for size, share in sizes.items() if share != 1]
        if shares:
            reduced_networks.append(f"{name} ({' and '.join(shares)})")
    return [f"Smaller than the published networks: {', '.join(reduced_networks)}."] if reduced_networks else []
