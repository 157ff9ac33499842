"""Small networks of every kind, and archives of them."""

from __future__ import annotations

import io

import torch
import torch.nn.functional as F
from torch import nn

from tests.models.test_analyses_by_kind import CLASSES, SIDE, Transformer, plain
from workflow_scripts.models import torch_export, torchscript
from workflow_scripts.models.classifier import Classifier


class Residual(nn.Module):
    """Two stages that add, functions instead of modules, a loop, a choice, and a second use of one module."""

    def __init__(self):
        super().__init__()
        self.stem, self.norm, self.act = nn.Conv2d(3, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU()
        self.stage1 = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.stage2 = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())
        self.head = nn.Linear(4, CLASSES)

    def forward(self, x, scale: float = 1.0):
        x = self.act(self.norm(self.stem(x)))
        if x.size(2) > 4:
            x = F.max_pool2d(x, 2)
        x = self.act(self.stage1(x) + x)
        x = self.stage2(x) + scale * x
        total = torch.zeros_like(x)
        for _ in range(3):
            total = total + x / 3
        return self.head(total.mean((2, 3)))


class Dense(nn.Module):
    """Two blocks whose maps are concatenated."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, 2, 1)
        self.block1 = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU())
        self.block2 = nn.Sequential(nn.Conv2d(8, 4, 3, padding=1), nn.ReLU())
        self.head = nn.Linear(12, CLASSES)

    def forward(self, x):
        maps = [self.stem(x)]
        maps.append(self.block1(maps[0]))
        maps.append(self.block2(torch.cat(maps, 1)))
        return self.head(torch.cat(maps, 1).mean((2, 3)))


class AnyBatch(Transformer):
    """The transformer, for batches of any size where it is traced or exported, too."""

    def forward(self, x):
        tokens = self.embed(x).flatten(2).transpose(1, 2)
        return self.head(self.blocks(torch.cat([self.token.expand(x.shape[0], -1, -1), tokens], 1))[:, 0])


KINDS = {"plain": plain, "residual": Residual, "dense": Dense, "transformer": AnyBatch}
NORMALISATION = {"mean": [0.5] * 3, "std": [0.25] * 3}


def made(kind: str) -> nn.Module:
    torch.manual_seed(0)
    network = KINDS[kind]()
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):  # statistics that a training leaves
            part.running_mean.uniform_(-0.3, 0.3)
            part.running_var.uniform_(0.5, 2)
    return network.eval()


def saved(network: nn.Module, form: str) -> torch.Tensor:
    """The archive of a network, as its bytes."""
    x, file = torch.rand(2, 3, SIDE, SIDE), io.BytesIO()
    if form == "exported":
        batch = ({0: torch.export.Dim("batch")},)
        torch.export.save(torch.export.export(network, (x,), dynamic_shapes=batch), file)
    else:
        torch.jit.save(torch.jit.script(network) if form == "scripted" else torch.jit.trace(network, x), file)
    return torch.frombuffer(bytearray(file.getvalue()), dtype=torch.uint8)


def opened(archive: torch.Tensor, form: str) -> Classifier:
    module = torch_export if form == "exported" else torchscript
    network = module.build(in_channels=3, classes=CLASSES, image_size=SIDE)
    network.open(archive)
    return Classifier(network, *NORMALISATION.values(), image_size=SIDE).eval().requires_grad_(False)
