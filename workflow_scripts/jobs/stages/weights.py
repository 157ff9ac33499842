"""Weights that were trained elsewhere, copied into the store as safetensors."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from workflow_scripts.jobs.job import Job
from workflow_scripts.recipes.weights_content import TORCHVISION


def realise(job: Job) -> dict:
    """Write weights.safetensors: the tensors of a configured file, or of torchvision's weights by their name."""
    content = job.parameters["content"]
    named = content.startswith(TORCHVISION)
    state = download(content.removeprefix(TORCHVISION)) if named else read(job.source_files[0])
    save_file(state, job.out / "weights.safetensors")
    return {"tensors": len(state), "numbers": sum(tensor.numel() for tensor in state.values())}


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a .safetensors file, or of a PyTorch checkpoint, whose code is not run.

    ValueError where the checkpoint is not a mapping of names to tensors.
    """
    if path.suffix == ".safetensors":
        return load_file(path)
    state = torch.load(path, map_location="cpu", weights_only=True)
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ValueError(f"{path} is not a mapping of names to tensors: give a state dictionary")
    return {name: value.contiguous().clone() for name, value in state.items()}


def download(name: str) -> dict[str, Tensor]:
    """torchvision's weights by their name, such as ResNet50_Weights.IMAGENET1K_V1, checked against their hash."""
    from workflow_scripts.models.torchvision_operators import import_torchvision

    import_torchvision()
    from torchvision.models import get_weight

    state = get_weight(name).get_state_dict(progress=False, check_hash=True)
    return {key: value.contiguous().clone() for key, value in state.items()}
