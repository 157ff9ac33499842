"""What a model's recipe says of its network."""

from __future__ import annotations

from workflow_scripts.configuration.network_callables import is_callable
from workflow_scripts.configuration.schema.root import Configuration


def network_parameters(name: str, configuration: Configuration) -> tuple[dict, dict[str, str]]:
    """What the recipe of the model `name` says of its network, and the keys of the configuration where that stands."""
    entry = configuration.models[name]
    dataset = configuration.datasets[entry.dataset]
    width = {} if is_callable(entry.architecture) else {"width": entry.width}
    parameters = {
        "architecture": entry.architecture,
        "build": {**width, **entry.parameters},
        "mean": entry.mean or dataset.mean,
        "std": entry.std or dataset.std,
    }
    chosen = {key: getattr(entry, key) for key in ("layers", "initialisation")}
    parameters |= {key: value for key, value in chosen.items() if value is not None}
    keys = {
        key: f"datasets.{entry.dataset}.{key}" if getattr(entry, key) is None else f"models.{name}.{key}"
        for key in ("mean", "std")
    }
    keys |= {"build": f"models.{name}.parameters", "build.width": f"models.{name}.width"}
    return parameters, keys | {key: f"models.{name}.{key}" for key in chosen}
