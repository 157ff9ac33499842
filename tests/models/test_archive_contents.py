"""Files that are no archive of a network, or would run code, are refused in one line."""

from __future__ import annotations

import io
import json
import pickle
import zipfile

import pytest
import torch

from tests.models.archives import made, opened, saved
from workflow_scripts.models.network_file import ArchiveError


@pytest.mark.parametrize("form", ["traced", "exported"])
def test_other_files_are_refused(form):
    for content in (b"", b"no archive", pickle.dumps({"a": 1})):
        with pytest.raises(ArchiveError, match="is no (TorchScript archive|archive of torch.export)"):
            opened(torch.frombuffer(bytearray(content + b" "), dtype=torch.uint8), form)


def changed(archive: torch.Tensor, name: str, change) -> torch.Tensor:
    """The archive with one of its files changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive.numpy().tobytes())) as old, zipfile.ZipFile(file, "w") as new:
        for each in old.namelist():
            content = old.read(each)
            new.writestr(each, change(content) if each.endswith(name) else content)
    return torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8)


class Trap:
    """A pickle of it writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def replaced(before: str, after: str):
    def change(content: bytes) -> bytes:
        text = content.decode()
        assert before in text
        return text.replace(before, after).encode()

    return change


def test_no_code_in_an_archive_of_torch_export_is_run(tmp_path):
    archive, trap = saved(made("plain"), "exported"), str(tmp_path / "trap")
    program = next(
        n for n in zipfile.ZipFile(io.BytesIO(archive.numpy().tobytes())).namelist() if "/models/" in n
    ).rpartition("/")[2]
    content = zipfile.ZipFile(io.BytesIO(archive.numpy().tobytes()))
    text = next(content.read(n).decode() for n in content.namelist() if n.endswith(program))
    size = next(each for each in _values(json.loads(text), "expr_str"))
    attacks = {
        "which is not evaluated": changed(
            archive, program, replaced(json.dumps(size), json.dumps(f"Add(\"open('{trap}', 'w')\")"))
        ),
        "no operator of PyTorch": changed(archive, program, replaced("torch.ops.aten.conv2d.default", "torch.load")),
        "pickled tensors or objects": changed(
            archive, "model_weights_config.json", replaced('"use_pickle": false', '"use_pickle": true')
        ),
        "pickled objects": changed(archive, "sample_inputs/model.pt", lambda _: pickle.dumps(Trap(trap))),
    }
    for said, attack in attacks.items():
        with pytest.raises(ArchiveError, match=said):
            opened(attack, "exported")
    assert not (tmp_path / "trap").exists()


def _values(content, wanted: str):
    if isinstance(content, dict):
        yield from (value for key, value in content.items() if key == wanted)
    for value in content.values() if isinstance(content, dict) else content if isinstance(content, list) else ():
        yield from _values(value, wanted)
