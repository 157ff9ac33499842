"""The options by which every command is told a configuration: `--configfile` and `--config`, as Snakemake has them."""

from __future__ import annotations

import argparse
from pathlib import Path

from workflow_scripts.configuration.load import check, overlaid, read_yaml
from workflow_scripts.configuration.schema.root import Configuration

DEFAULT_CONFIGURATION = Path("config/config.yaml")


def add_configuration_options(parser: argparse.ArgumentParser, text: str = "a configuration") -> None:
    """Add `--configfile FILE`, which may be repeated, and `--config KEY=VALUE [KEY=VALUE …]`."""
    parser.add_argument(
        "--configfile", type=Path, action="append", default=[], metavar="FILE",
        help=f"{text} (default: {DEFAULT_CONFIGURATION})",
    )  # fmt: skip
    parser.add_argument(
        "--config", type=key_and_value, action="extend", nargs="+", default=[], metavar="KEY=VALUE",
        help="values laid over each configuration, as for snakemake: 'attacks={fgsm: {epsilon: 0.1}}'",
    )  # fmt: skip


def key_and_value(text: str) -> tuple[str, str]:
    """`KEY=VALUE` as a pair; what is no such pair is most likely a file that belongs to --configfile."""
    key, equals, value = text.partition("=")
    if not equals or not key.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE (a configuration file is given by --configfile)")
    return key, value


def load_configuration(path: Path, values: list[tuple[str, str]]) -> Configuration:
    """A configuration file with values laid over it; ConfigurationError lists the mistakes."""
    return check(overlaid(read_yaml(path), dict(values)), str(path))
