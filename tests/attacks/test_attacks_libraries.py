"""The same parameters give the same results, or better ones, as in Foolbox and ART where those are sound."""

from __future__ import annotations

import foolbox
import pytest
import torch

from workflow_scripts.attacks import carlini_wagner_l2, deepfool, fgsm, jsma, pgd
from workflow_scripts.attacks.distances import distances


@pytest.fixture
def right(victim):
    rows = victim.model(victim.x).argmax(1) == victim.y
    return type(victim)(victim.model, victim.x[rows], victim.y[rows])


def by_foolbox(case, attack, epsilon=None):
    model = foolbox.PyTorchModel(case.model, bounds=(0, 1))
    _, x_adv, _ = attack(model, case.x, case.y, epsilons=epsilon)
    return x_adv.detach(), case.model(x_adv).argmax(1) != case.y


def test_fgsm_is_foolbox_fgsm(right):
    theirs, _ = by_foolbox(right, foolbox.attacks.FGSM(), 0.1)
    ours = fgsm.attack(right.model, right.x, right.y, epsilon=0.1).x_adv
    # The sign of a gradient within rounding of zero is anyone's; Foolbox's is zero where p_y rounds to 1.
    assert ((ours - theirs).abs() < 1e-6).float().mean() > 0.99


def test_pgd_succeeds_no_less_than_foolbox(right):
    attack = foolbox.attacks.LinfPGD(abs_stepsize=0.02, steps=10, random_start=False)
    _, theirs = by_foolbox(right, attack, 0.08)
    ours = pgd.attack(right.model, right.x, right.y, epsilon=0.08, alpha=0.02, steps=10, random_start=False)
    assert not (theirs & ~ours.success).any()


def test_deepfool_is_as_near_as_foolbox(right):
    x_adv, theirs = by_foolbox(right, foolbox.attacks.L2DeepFoolAttack(steps=50, candidates=10, overshoot=0.02))
    ours = deepfool.attack(right.model, right.x, right.y)
    assert theirs.all() and ours.success.all()
    ratio = distances(right.x, ours.x_adv)["l2"] / distances(right.x, x_adv)["l2"]
    assert ratio.mean() <= 1.01 and ratio.max() < 1.2


def test_carlini_wagner_is_nearer_than_foolbox(right):
    attack = foolbox.attacks.L2CarliniWagnerAttack(
        binary_search_steps=4, steps=60, stepsize=0.05, initial_const=1, confidence=0
    )
    x_adv, theirs = by_foolbox(right, attack)
    ours = carlini_wagner_l2.attack(
        right.model, right.x, right.y, learning_rate=0.05, initial_const=1, binary_search_steps=4, steps=60
    )
    assert ours.success.all()
    ratio = distances(right.x, ours.x_adv)["l2"][theirs] / distances(right.x, x_adv)["l2"][theirs]
    assert ratio.mean() <= 0.9 and ratio.max() < 1.25


def test_jsma_is_art_jsma(right):
    """With theta = 1 each feature is used once in ART too; on probabilities its ranking is the exact one."""
    art = pytest.importorskip("art.attacks.evasion")
    from art.estimators.classification import PyTorchClassifier

    target = 3
    rows = right.y != target
    x, y = right.x[rows][:16], right.y[rows][:16]
    probabilities = torch.nn.Sequential(right.model, torch.nn.Softmax(1)).eval()
    classifier = PyTorchClassifier(
        probabilities, torch.nn.NLLLoss(), x.shape[1:], 10, clip_values=(0.0, 1.0), device_type="cpu"
    )
    gamma = 0.3
    theirs = art.SaliencyMapMethod(classifier, theta=1.0, gamma=gamma, batch_size=16, verbose=False)
    x_adv = torch.from_numpy(theirs.generate(x.numpy(), y=torch.full_like(y, target).numpy()))
    reached = right.model(x_adv).argmax(1) == target
    ours = jsma.attack(right.model, x, y, theta=1.0, gamma=gamma, targets=[target])
    within = reached & ((x_adv != x).flatten(1).sum(1) <= 100 * gamma)
    assert within.sum() >= 8
    assert (ours.predicted_after[within] == target).all()
    same = ((x_adv - ours.x_adv).abs().flatten(1).amax(1) < 1e-6)[within]
    assert same.float().mean() > 0.8
