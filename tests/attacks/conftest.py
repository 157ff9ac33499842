"""Victims for the attacks' tests: a small network trained for seconds, and the same in double precision."""

from __future__ import annotations

import pytest
import torch
from affine_victims import Case
from sklearn.datasets import load_digits
from torch import Tensor, nn

torch.set_num_threads(1)


class InDouble(nn.Module):
    """The same network in double precision: what is left of a difference is then not rounding."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model.double()

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x.double())


def network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(12, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )


@pytest.fixture(scope="session")
def trained() -> Case:
    """The digits of scikit-learn, padded to 10 x 10, and a network that gets nearly all of them right."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        digits = load_digits()
        images = nn.functional.pad(torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16, (1, 1, 1, 1))
        labels = torch.tensor(digits.target, dtype=torch.int64)
        model = network()
        optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
        for _ in range(12):
            for rows in torch.randperm(1500).split(64):
                loss = nn.functional.cross_entropy(model(images[rows]), labels[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
    model.eval()
    assert (model(images[1500:]).argmax(1) == labels[1500:]).float().mean() > 0.9
    return Case(model, images, labels)


@pytest.fixture
def victim(trained: Case) -> Case:
    """48 test images, at least one of which the network gets wrong."""
    wrong = 1500 + (trained.model(trained.x[1500:]).argmax(1) != trained.y[1500:]).nonzero()[:2, 0]
    rows = torch.cat([wrong, torch.arange(1500, 1548 - len(wrong))])
    return Case(trained.model, trained.x[rows], trained.y[rows])


@pytest.fixture
def victim_in_double(victim: Case) -> Case:
    copy = network()
    copy.load_state_dict(victim.model.state_dict())
    return Case(InDouble(copy).eval(), victim.x, victim.y)
