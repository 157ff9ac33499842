"""Attacks on image classifiers: one module per attack, each with a function `attack` and a constant `NORM`.

Each is called as `attack(model, x, y, **parameters, **options)` and returns an `AttackResult`; the options are the same
for all (`options.AttackOptions`). Import an attack by its module (`fgsm`, `igsm`, `pgd`, `patch`, `jsma`, `deepfool`,
`carlini_wagner_l2`, `carlini_wagner_linf`, `random_signs`, and the controls `gaussian` and `shuffled`), so that what
depends on one does not depend on the others.
"""
