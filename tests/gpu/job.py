"""One job's process: choose the device as every job does, attack, and write the images. A test starts it.

python -m tests.gpu.job DEVICE OUT.npz
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import numpy as np
import torch

from workflow_scripts.attacks import pgd
from workflow_scripts.jobs.realise import JobError, choose_device, parse_arguments


def main(wanted: str, out: str) -> None:
    """Print what was chosen as a line of JSON, wait for a line, attack, and save."""
    try:
        device = choose_device(
            SimpleNamespace(kind="adversarial"), parse_arguments(["recipe.json", "--device", wanted])
        )
    except JobError as error:
        print(json.dumps({"refused": str(error)}), flush=True)
        return
    number = torch.cuda.current_device() if device == "cuda" else None
    print(json.dumps({"device": device, "number": number, "count": torch.cuda.device_count()}), flush=True)
    sys.stdin.readline()
    torch.manual_seed(0)
    layers = torch.nn.Conv2d(3, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(16 * 64, 10)
    model = torch.nn.Sequential(*layers).to(device).eval()
    x = torch.rand(64, 3, 8, 8).to(device)
    with torch.no_grad():
        y = model(x).argmax(1)
    found = pgd.attack(model, x, y, epsilon=0.1, alpha=0.02, steps=10)
    np.savez(out, x_adv=found.x_adv.cpu().numpy())


if __name__ == "__main__":
    main(*sys.argv[1:])
