"""Attacks of other libraries give what the library gives when it is called directly, counted, seeded and checked."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest
import torch
from torch import nn

from workflow_scripts.attacks import external
from workflow_scripts.attacks.distances import distances
from workflow_scripts.models.torchvision_operators import import_torchvision

EPSILON = 0.1


@pytest.fixture
def right(victim):
    rows = victim.model(victim.x).argmax(1) == victim.y
    return type(victim)(victim.model, victim.x[rows], victim.y[rows])


def foolbox_directly(case, name, parameters, epsilon):
    foolbox = pytest.importorskip("foolbox")
    attack = getattr(foolbox.attacks, name)(**parameters)
    return attack(foolbox.PyTorchModel(case.model, bounds=(0, 1)), case.x, case.y, epsilons=epsilon)[1]


def art_directly(case, name, parameters, epsilon):
    evasion = pytest.importorskip("art.attacks.evasion")
    from art.estimators.classification import PyTorchClassifier

    classifier = PyTorchClassifier(
        case.model, nn.CrossEntropyLoss(), case.x.shape[1:], 10, clip_values=(0.0, 1.0), device_type="cpu"
    )
    given = {} if epsilon is None else {"eps": epsilon}
    attack = getattr(evasion, name)(classifier, verbose=False, **given, **parameters)
    return torch.from_numpy(attack.generate(case.x.numpy(), y=case.y.numpy()))


def torchattacks_directly(case, name, parameters, epsilon):
    torchattacks = pytest.importorskip("torchattacks", reason="torchattacks is not installed")
    given = {} if epsilon is None else {"eps": epsilon}
    return getattr(torchattacks, name)(case.model, **given, **parameters)(case.x, case.y)


def adv_lib_attacks():
    pytest.importorskip("adv_lib", reason="adv_lib is not installed")
    import_torchvision()  # adv_lib imports it, where it may lack compiled operators
    return pytest.importorskip("adv_lib.attacks", reason="a package that adv_lib imports is not installed")


def adv_lib_directly(case, name, parameters, epsilon):
    attacks = adv_lib_attacks()
    given = {} if epsilon is None else {"ε": epsilon}
    return getattr(attacks, name)(case.model, case.x, case.y, **given, **parameters)


DIRECTLY = {
    "foolbox": foolbox_directly,
    "art": art_directly,
    "torchattacks": torchattacks_directly,
    "adv_lib": adv_lib_directly,
}


@pytest.mark.parametrize(
    ("name", "parameters", "epsilon", "norm"),
    [
        ("foolbox:L2DeepFoolAttack", {"steps": 30}, None, "l2"),
        ("foolbox:LinfPGD", {"steps": 5, "abs_stepsize": 0.03}, EPSILON, "linf"),
        ("art:DeepFool", {"max_iter": 10, "batch_size": 48}, None, "l2"),
        ("art:SquareAttack", {"max_iter": 20}, EPSILON, "linf"),
        ("torchattacks:Square", {"n_queries": 20, "n_restarts": 1, "seed": 3}, EPSILON, "linf"),
        ("torchattacks:DeepFool", {"steps": 10}, None, "l2"),
        ("adv_lib:ddn", {"steps": 20}, None, "l2"),
        ("adv_lib:pgd_linf", {"steps": 5}, EPSILON, "linf"),
    ],
)
def test_the_result_is_that_of_the_library_called_directly(right, name, parameters, epsilon, norm):
    library, _, attack = name.partition(":")
    with external.seeded(external.seed_of(5, torch.arange(len(right.x)))):
        theirs = DIRECTLY[library](right, attack, parameters, epsilon).detach().float()
    ours = external.run(
        right.model, right.x, right.y, name=name, parameters=parameters, epsilon=epsilon, norm=norm, seed=5
    )
    assert torch.equal(ours.success, right.model(theirs).argmax(1) != right.y)
    assert ours.success.any()
    for norm_name in ("l2", "linf"):
        here, there = (distances(right.x, images)[norm_name] for images in (ours.x_adv, theirs))
        assert (here - there).abs().max() <= 1e-5
    assert (ours.forwards >= 2).all()


def test_wrong_images_are_left_out_and_generators_and_hooks_restored(victim):
    before, drawn = torch.random.get_rng_state(), np.random.get_state()[1].copy()
    outcome = external.run(
        victim.model, victim.x, victim.y, name="foolbox:LinfPGD", parameters={"steps": 3}, epsilon=EPSILON, norm="linf"
    )
    wrong = victim.model(victim.x).argmax(1) != victim.y
    assert wrong.sum() > 0 and torch.equal(outcome.skipped, wrong)
    assert torch.equal(outcome.x_adv[wrong], victim.x[wrong])
    assert not outcome.extra["outside_box"].any() and not outcome.extra["outside_ball"].any()
    assert torch.equal(before, torch.random.get_rng_state()) and (drawn == np.random.get_state()[1]).all()
    assert not victim.model._forward_hooks and all(p.requires_grad for p in victim.model.parameters())
    # Three steps are three forward and backward passes; Foolbox looks at the result once more, as the project does.
    assert (outcome.forwards[~wrong] == 3 + 1 + 2).all() and (outcome.backwards[~wrong] == 3).all()


def test_a_pixel_range_and_a_seed(right):
    def run(**more):
        return external.run(right.model, right.x, right.y, name="foolbox:LinfPGD", norm="linf", **more).x_adv

    assert torch.equal(run(epsilon=0.2, pixel_range=(-1.0, 1.0)), run(epsilon=0.1))
    assert not torch.equal(run(epsilon=0.1, seed=1), run(epsilon=0.1))


@pytest.mark.parametrize("library", ["foolbox", "art", "torchattacks", "adv_lib"])
def test_targets_are_reached_by_every_library(right, library):
    pytest.importorskip(library, reason=f"{library} is not installed")
    if library == "adv_lib":
        adv_lib_attacks()
    name, parameters = {
        "foolbox": ("foolbox:LinfPGD", {"steps": 20}),
        "art": ("art:ProjectedGradientDescent", {"max_iter": 20, "eps_step": 0.03}),
        "torchattacks": ("torchattacks:PGD", {"steps": 20, "alpha": 0.03}),
        "adv_lib": ("adv_lib:pgd_linf", {"steps": 20}),
    }[library]
    outcome = external.run(
        right.model, right.x, right.y, name=name, parameters=parameters, epsilon=0.4, norm="linf", target="next"
    )
    assert torch.equal(outcome.extra["target"], (right.y + 1) % 10)
    assert (outcome.predicted_after == outcome.extra["target"]).float().mean() > 0.5


@pytest.fixture
def own(monkeypatch):
    """A module `mylab` of functions."""
    module = types.ModuleType("mylab")
    monkeypatch.setitem(sys.modules, "mylab", module)

    def far(model, x, y, *, epsilon, times=1.0):
        assert torch.is_grad_enabled() and isinstance(model, nn.Module)
        (gradient,) = torch.autograd.grad(nn.functional.cross_entropy(model(x.requires_grad_()), y), x)
        return x + times * epsilon * gradient.sign()

    module.far = far
    module.noise = lambda model, x, y, seed: x + 0.01 * torch.rand_like(x) + 0 * seed
    module.half = lambda model, x, y: x[: len(x) // 2]
    module.nothing = lambda model, x, y: None
    module.broken = lambda model, x, y: x * torch.nan
    return module


def test_an_attack_that_leaves_its_ball_is_reported_and_clipped_only_if_asked(right, own):
    def run(**more):
        return external.run(
            right.model, right.x, right.y, name="mylab:far", parameters={"times": 3}, epsilon=0.05, norm="linf", **more
        )

    left = run()
    assert left.extra["outside_ball"].all() and left.extra["outside_box"].all()
    assert left.x_adv.min() < 0 and distances(right.x, left.x_adv)["linf"].max() > 0.1
    clipped = run(clip=True)
    assert clipped.extra["outside_ball"].all(), "what is reported is what the attack returned"
    assert clipped.x_adv.min() >= 0 and clipped.x_adv.max() <= 1
    assert distances(right.x, clipped.x_adv)["linf"].max() <= 0.05 + 1e-6
    in_l2 = external.run(
        right.model, right.x, right.y, name="mylab:far", parameters={"times": 3, "epsilon": 0.5}, norm="l2", clip=True
    )
    assert distances(right.x, in_l2.x_adv)["l2"].max() <= 0.5 + 1e-5 and in_l2.extra["outside_ball"].all()


@pytest.mark.parametrize(
    ("name", "message"),
    [("half", "returned"), ("nothing", "returned NoneType"), ("broken", "returned pixels that are not finite")],
)
def test_what_is_not_images_is_refused(right, own, name, message):
    with pytest.raises(ValueError, match=f"mylab:{name} {message}"):
        external.run(right.model, right.x, right.y, name=f"mylab:{name}")


def test_a_function_gets_the_seed_that_it_takes(right, own):
    one, other = (external.run(right.model, right.x, right.y, name="mylab:noise", seed=s).x_adv for s in (1, 2))
    assert not torch.equal(one, other)
    with pytest.raises(ValueError, match="record"):
        external.run(right.model, right.x, right.y, name="mylab:noise", record=True)
    with pytest.raises(ValueError, match="torch.nn.Module"):
        external.run(right.model.forward, right.x, right.y, name="mylab:noise")
