"""Attacks on image classifiers: one module an attack, each with a function `attack`.

All of them take `attack(model, x, y, *, <parameters>, space, seed, indices, record, batch_size, progress)`
and return an `interface.Outcome`. A module is imported by its name (`fgsm`, `igsm`, `pgd`, `patch`, `jsma`,
`deepfool`, `carlini_wagner_l2`, `carlini_wagner_linf`, `random_signs`), so that what depends on one attack
does not depend on the others.
"""
