"""Network trimming by the average percentage of zeros (Hu et al. 2016, the information_flow paper's reference [27]).

For chains: networks whose architecture lists the outputs of its hidden layers as SIZES and builds any `sizes`. A
"neuron" is an output channel of a convolution or an output of a dense layer.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.models.classifier import Classifier, build_classifier, count_parameters
from workflow_scripts.models.hooks import output_hooks

BATCH = 500
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def weight_layers(network: nn.Module) -> list[nn.Module]:
    """The convolutions and dense layers from input to output; the last one gives the logits."""
    return [part for part in network.modules() if isinstance(part, nn.Conv2d | nn.Linear)]


@torch.no_grad()
def average_zeros(classifier: Classifier, images: Tensor) -> list[Tensor]:
    """APoZ of every hidden layer's neurons: the share of zeros behind the ReLU over inputs and positions.

    images: uint8 (N, C, H, W). Returns float64 tensors (neurons,) in [0, 1], one per hidden layer.
    """
    relus = [part for part in classifier.network.modules() if isinstance(part, nn.ReLU)]
    sums: list[Tensor | None] = [None] * len(relus)

    def count(index: int, output: Tensor) -> None:
        zeros = (output == 0).flatten(2).double().mean(2) if output.ndim == 4 else (output == 0).double()
        total = zeros.sum(0).cpu()
        sums[index] = total if sums[index] is None else sums[index] + total

    classifier.eval()
    with output_hooks(dict(enumerate(relus)), count):
        for batch in images.split(BATCH):
            classifier(to_unit_range(batch))
    return [total / len(images) for total in sums]


def ranked(zeros: list[Tensor]) -> list[tuple[int, int]]:
    """(layer, neuron) from the most to the least dispensable: by deviations of APoZ above the layer's mean.

    The published rule trims what lies one deviation above its layer's mean; the order by deviations extends it to any
    number of neurons. Each layer's best neuron is left out, so that no layer is emptied.
    """
    scored = []
    for layer, values in enumerate(zeros):
        scores = (values - values.mean()) / values.std(unbiased=False).clamp_min(1e-12)
        kept = int(values.argmin())
        scored += [(-float(score), layer, neuron) for neuron, score in enumerate(scores) if neuron != kept]
    return [(layer, neuron) for _, layer, neuron in sorted(scored)]


def keep_at_most(parameters: int, zeros: list[Tensor], description: dict) -> list[Tensor]:
    """The neurons of each hidden layer to keep, ascending, so that at most `parameters` are left.

    Trims as few as possible, in the order of `ranked`. ValueError where even one neuron per layer is too many.
    """
    order = ranked(zeros)
    low, high = 0, len(order)
    if _left(order, zeros, description) > parameters:
        raise ValueError(f"no trimming leaves {parameters} parameters: raise compression.share")
    while low < high:
        middle = (low + high) // 2
        if _left(order[:middle], zeros, description) <= parameters:
            high = middle
        else:
            low = middle + 1
    return _kept(order[:low], zeros)


def _kept(dropped: list[tuple[int, int]], zeros: list[Tensor]) -> list[Tensor]:
    kept = [torch.ones(len(values), dtype=torch.bool) for values in zeros]
    for layer, neuron in dropped:
        kept[layer][neuron] = False
    return [mask.nonzero().flatten() for mask in kept]


def _left(dropped: list[tuple[int, int]], zeros: list[Tensor], description: dict) -> int:
    sizes = [len(kept) for kept in _kept(dropped, zeros)]
    with torch.device("meta"):
        return count_parameters(build_classifier(resized(description, sizes)).network)


def resized(description: dict, sizes: list[int]) -> dict:
    """The description of the same network with hidden layers of these sizes."""
    return {**description, "parameters": {**description["parameters"], "sizes": sizes}}


def trimmed(classifier: Classifier, description: dict, kept: list[Tensor]) -> tuple[Classifier, dict]:
    """The network without the neurons that are not kept, and its description.

    kept: indices of every hidden layer's kept neurons. The weights of what is kept are copied: the trimmed network
    computes what the whole one computes with the other neurons' outputs set to zero.
    """
    description = resized(description, [len(indices) for indices in kept])
    small = build_classifier(description)
    state = copy.deepcopy(classifier.state_dict())
    layers = {id(part): index for index, part in enumerate(weight_layers(classifier.network))}
    incoming, index, size = None, -1, 0
    for name, part in classifier.network.named_modules():
        if id(part) in layers:
            index = layers[id(part)]
            outgoing = kept[index] if index < len(kept) else torch.arange(len(part.weight))
            state |= _slices(f"network.{name}", part, outgoing, incoming, size)
            incoming, size = outgoing, len(part.weight)
        elif isinstance(part, NORMS):
            for key in ("weight", "bias", "running_mean", "running_var"):
                state[f"network.{name}.{key}"] = getattr(part, key)[incoming]
    small.load_state_dict({key: value.detach().clone() for key, value in state.items()})
    return small, description


def _slices(name: str, part: nn.Module, outgoing: Tensor, incoming: Tensor | None, size: int) -> dict[str, Tensor]:
    """The kept weights of one layer; a dense layer behind `size` maps takes every position of each kept map."""
    weight = part.weight[outgoing]
    if incoming is not None:
        positions = weight.shape[1] // size
        columns = (incoming[:, None] * positions + torch.arange(positions)).flatten()
        weight = weight[:, columns]
    return {f"{name}.weight": weight, f"{name}.bias": part.bias[outgoing]}
