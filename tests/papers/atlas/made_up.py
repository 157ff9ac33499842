"""Reactions and adversarial sets with known values."""

import numpy as np

from tests.handmade import Made
from workflow_scripts.inputs.adversarial_sets import FILE, PER_SAMPLE, write_set
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact

ATTACKS = {"fgsm": "linf", "jsma": "l0", "own_attack": "l2"}
CONTROLS = ["shuffled", "gaussian"]
CLASSES = 10


class MadeUpAtlas:
    """Artifacts below `root` of `models` (name → number of layers) under `attacks` (name → norm)."""

    def __init__(self, root, models, attacks=ATTACKS, controls=CONTROLS, count=40):
        self.root, self.models, self.attacks, self.controls, self.count = root, models, attacks, controls, count
        self.rng, self.items, self.folders = np.random.default_rng(1), [], 0
        self.label = np.arange(count) % CLASSES
        for number, model in enumerate(models):
            for attack in attacks:
                self._reactions(number, model, attack)
                for kind in ("attack", *controls):
                    self._set(number, model, attack, kind)

    def inputs(self, name="table_x", **parameters):
        """A renderer's inputs."""
        plain = {"study": "atlas", "name": name, "caption": "A caption.", "notes": []}
        lists = {"models": list(self.models), "attacks": list(self.attacks), "controls": self.controls}
        return Inputs(name, {**plain, **lists, **parameters}, tuple(self.items))

    def arrays(self, model, attack):
        """What the reactions of a model to an attack were written with."""
        with np.load(self.inputs().one(name="reactions", model=model, attack=attack).file("reactions.npz")) as content:
            return dict(content)

    def skipped(self, number):
        """Every tenth image is misclassified, by each model another one."""
        return np.arange(self.count) % 10 == number

    def success(self, number, attack):
        """The first attack fails on every third image; the others always succeed."""
        fails = (np.arange(self.count) % 3 == 0) & (attack == next(iter(self.attacks)))
        return ~self.skipped(number) & ~fails

    def _add(self, role, metrics, parameters):
        folder = self.root / f"a{self.folders}"
        self.folders += 1
        folder.mkdir()
        manifest = {"metrics": metrics, "recipe": {"kind": role["name"], "parameters": parameters}}
        self.items.append(RoleArtifact(role, Made(folder, {**manifest, "run": {"seconds": 12.5}})))
        return folder

    def _reactions(self, number, model, attack):
        layers, place = self.models[model], list(self.attacks).index(attack)
        strength, shape = (1 + place) * (1 + 0.2 * number), (self.count, layers)
        depth = np.linspace(0, 1, layers)
        arrays = {"index": np.arange(self.count) * 3, "label": self.label, "skipped": self.skipped(number),
                  "success": self.success(number, attack), "controls": np.array(self.controls, dtype=str)}  # fmt: skip
        for key, stem in (("path_layers", "p"), ("layers", "r"), ("filter_layers", "f")):
            arrays[key] = np.array([f"{stem}{k}" for k in range(layers)])
        for kind, part in (("clean", 0.0), ("attack", 1.0), *((name, 0.25) for name in self.controls)):
            rng = np.random.default_rng([5, number] if kind == "clean" else [6, number, place, int(100 * part)])
            for path, sign in (("iip", -1), ("oip", 1)):
                arrays[f"{kind}/{path}_expected"] = np.full(shape, 0.05 + 0.01 * part)
                shift = 0.01 * part * strength * sign * (1 + depth)
                arrays[f"{kind}/{path}"] = (0.4 + shift + rng.normal(0, 0.004, shape)).astype(np.float32)
            tilt = 1 + part * strength * 0.2 * (depth if place % 2 else depth[::-1])
            arrays[f"{kind}/salience"] = tilt * rng.uniform(0.9, 1.1, shape)
            arrays[f"{kind}/predicted"] = np.where(arrays["success"] & (kind == "attack"), self.label + 1, self.label)
            arrays[f"{kind}/confidence"] = np.full(self.count, 0.9 - 0.1 * part)
            if kind != "clean":
                maximum = part * strength * (1 + depth) * rng.uniform(0.95, 1.05, shape)
                arrays |= {f"{kind}/maximum": maximum, f"{kind}/total": 10 * maximum}
                arrays[f"{kind}/energy"] = self._energy(rng, place if kind == "attack" else 4, arrays["skipped"])
                arrays[f"{kind}/l2"] = np.full(self.count, float(strength))
                arrays[f"{kind}/radius"] = np.where(np.arange(self.count) % 2, 0.5, np.nan)
        for other, victim in enumerate(self.models):
            if victim != model:
                success = self.success(other, attack)
                fooled = success & (np.arange(self.count) % 4 == 1)
                arrays[f"transfer/{victim}/success"] = success
                arrays[f"transfer/{victim}/predicted"] = np.where(fooled, self.label + 1, self.label)
        role = {"name": "reactions", "model": model, "attack": attack, "seed": 0}
        np.savez(self._add(role, {}, {}) / "reactions.npz", **arrays)

    def _energy(self, rng, centre, skipped):
        weights = np.exp(-((np.arange(8) - centre) ** 2) / 4) * rng.uniform(0.8, 1.2, (self.count, 8))
        energy = weights / weights.sum(1, keepdims=True)
        energy[skipped] = np.nan
        return energy

    def distances(self, number, attack):
        """In the attack's own norm: a budget for the first attack, for the others (a + 1) times the image's number."""
        place = list(self.attacks).index(attack)
        return np.full(self.count, 8.0) if not place else (place + 1) * (1.0 + np.arange(self.count) % 7) * (1 + number)

    def _set(self, number, model, attack, kind):
        role = {"name": "adversarial_set", "model": model, "attack": attack, "seed": 0}
        role |= {} if kind == "attack" else {"control": kind}
        metrics = {"norm": self.attacks[attack]}
        folder = self._add(role, metrics, {"pixel_range": ["0", "255"]})
        skipped, success = self.skipped(number), self.success(number, attack)
        columns = {name: np.zeros(self.count) for name in PER_SAMPLE}
        distance = np.where(skipped, 0, self.distances(number, attack))
        columns |= {"index": np.arange(self.count) * 3, "label": self.label, "skipped": skipped}
        columns |= {"success": success if kind == "attack" else success & (np.arange(self.count) % 5 == 0)}
        columns |= {"l0": distance / 1000, "l2": distance * 10.0, "linf": distance, "forwards": np.full(self.count, 7)}
        columns |= {"backwards": np.full(self.count, 3)}
        digests = np.array([np.void(b"0" * 32)] * self.count)
        write_set(folder / FILE, {**columns, "input_sha256": digests}, np.zeros((self.count, 1, 2, 2), np.float32))
