"""The identity of a data set's source, and what can be refused of it before a job runs."""

from __future__ import annotations

from pathlib import Path

from workflow_scripts.configuration.load import ConfigurationError
from workflow_scripts.configuration.schema.data import Dataset
from workflow_scripts.data import torchvision_files
from workflow_scripts.data.npz_layout import check_arrays
from workflow_scripts.data.source_files import content_hash, locate


def source_content(where: str, dataset: Dataset, folder: Path, cache: Path | None) -> str:
    """The content hash of the files of the data set at the key `where`, below `folder`.

    ConfigurationError, one line, where files are missing, or arrays are not what a data set is made of. `cache`: as
    `content_hash` takes it.
    """
    source = {"name": dataset.source, "path": dataset.path}
    try:
        if dataset.source == "npz":
            (file,) = locate(source, folder)
            roles = check_arrays(file, array_names(dataset))
            if "test_images" not in roles and dataset.split.test is None:
                raise ConfigurationError(f"{where}.split.test: is missing: {file} has no test set of its own")
        if torchvision_files.is_torchvision(dataset.source):
            return torchvision_files.content_hash(source, folder, cache)
        return content_hash(source, folder, cache, download=dataset.download)
    except ConfigurationError:
        raise
    except ValueError as error:
        raise ConfigurationError(f"{where}: {error}") from None


def array_names(dataset: Dataset) -> dict[str, str] | None:
    """`keys` as a recipe has them: role → array."""
    return None if dataset.keys is None else dataset.keys.model_dump(exclude_none=True)


def reader(source: str) -> str:
    """The module of workflow_scripts.data that reads a source."""
    return "torchvision_sets" if torchvision_files.is_torchvision(source) else source
