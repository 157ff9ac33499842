"""Table X: the architecture of the original model, as the trained network itself reports it."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool

KEYS = (
    Key("layer", "Layer"),
    Key("info", "Layer info"),
    Key("output", "Output"),
    Key("published_info", "Published layer"),
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per layer, the input first, beside the published layer of the same position."""
    metrics = inputs.one(name="model").metrics
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
    columns = (Column("parameters", "Parameters", 0),)
    return paper_table(inputs, "Architecture of the original model", KEYS, columns, rows)
