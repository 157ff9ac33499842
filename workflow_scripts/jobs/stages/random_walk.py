"""Random walks with an attack's steps: the control of a trajectory.

trajectory.npz, as the stage trajectory writes it: every walk starts at the image that was followed and takes the
attack's steps in their order, the pixels of each in a random order, so that a step has the attack's size and no aim.
"""

from __future__ import annotations

import numpy as np

from workflow_scripts.jobs.job import Job


def realise(job: Job) -> dict:
    """Walk from every followed image; return how many there are and the share of values that were clipped."""
    with np.load(job.one(name="trajectory").file("trajectory.npz")) as content:
        columns = dict(content)
    frames = columns.pop("images")
    walked, clipped = np.empty_like(frames), []
    for place in dict.fromkeys(columns["followed"].tolist()):
        rows = columns["followed"] == place
        walked[rows], share = random_walk(frames[rows], np.random.default_rng(place))
        clipped.append(share)
    np.savez(job.out / "trajectory.npz", images=walked, **columns)
    return {"followed": len(clipped), "clipped": float(np.mean(clipped))}


def random_walk(frames: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """The walk (T, C, H, W) with the steps between frames (T, C, H, W), and the share of values that were clipped.

    The pixels of each step are permuted, channels together, and every image of the walk is clipped to [0, 1].
    """
    walk, clipped = np.empty_like(frames), 0
    walk[0] = frames[0]
    for step in range(1, len(frames)):
        difference = (frames[step] - frames[step - 1]).reshape(len(frames[0]), -1)
        shuffled = difference[:, rng.permutation(difference.shape[1])].reshape(frames[0].shape)
        moved = walk[step - 1] + shuffled
        walk[step] = np.clip(moved, 0, 1)
        clipped += int((walk[step] != moved).sum())
    return walk, clipped / max(1, walk[1:].size)
