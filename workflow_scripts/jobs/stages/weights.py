"""Weights that were trained elsewhere, copied into the store as safetensors."""

from __future__ import annotations

from safetensors.torch import save_file
from torch import Tensor

from workflow_scripts.jobs.job import Job
from workflow_scripts.models.published_weights import read_archive, read_published
from workflow_scripts.recipes.weights_content import TORCHVISION


def realise(job: Job) -> dict:
    """Write weights.safetensors: the tensors of a configured file, or of torchvision's weights by their name; of an
    archive of a whole network its bytes, as one tensor.
    """
    content = job.parameters["content"]
    named = content.startswith(TORCHVISION)
    if named:
        state = download(content.removeprefix(TORCHVISION))
    elif "archive" in job.parameters:
        state = read_archive(job.source_files[0])
    else:
        state = read_published(job.source_files[0], job.parameters.get("key"))
    save_file(state, job.out / "weights.safetensors")
    return {"tensors": len(state), "numbers": sum(tensor.numel() for tensor in state.values())}


def download(name: str) -> dict[str, Tensor]:
    """torchvision's weights by their name, such as ResNet50_Weights.IMAGENET1K_V1, checked against their hash."""
    from workflow_scripts.models.torchvision_operators import import_torchvision

    import_torchvision()
    from torchvision.models import get_weight

    state = get_weight(name).get_state_dict(progress=False, check_hash=True)
    return {key: value.contiguous().clone() for key, value in state.items()}
