"""Table X: the architecture of the original model, as the trained network itself reports it."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a layer, the input first; what is published for the same position stands beside it."""
    metrics = inputs.artifacts[0].artifact.metrics
    size, channels = metrics["description"]["image_size"], metrics["description"]["in_channels"]
    layers = [{"kind": "Input", "output": [channels, size, size], "parameters": 0}, *metrics["layers"]]
    same = metrics["description"]["architecture"] == "good_init"  # the paper's table is of this network alone
    rows = []
    for index, layer in enumerate(layers):
        keys = {"layer": str(index)}
        shape = " × ".join(str(n) for n in layer["output"])
        cell = pool([layer["parameters"]], None, published.lookup(keys, "parameters") if same else None)
        rows.append(
            Row(
                {
                    **keys,
                    "info": layer["kind"],
                    "output": shape,
                    "published_info": (published.label(keys, "info") if same else None) or "–",
                },
                {"parameters": cell},
            )
        )
    return Table(
        study="information_flow",
        number="10",
        title="Architecture of the original model",
        caption=inputs.parameters["caption"],
        keys=(
            Key("layer", "Layer"),
            Key("info", "Layer info"),
            Key("output", "Output"),
            Key("published_info", "Published layer"),
        ),
        columns=(Column("parameters", "Parameters", 0),),
        rows=rows,
        notes=inputs.parameters["notes"],
    )
