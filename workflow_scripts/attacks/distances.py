"""How far an adversarial example is from its input."""

from __future__ import annotations

from torch import Tensor

from workflow_scripts.attacks.options import range_width


def distances(x: Tensor, x_adv: Tensor, pixel_range: tuple[float, float] = (0.0, 1.0)) -> dict[str, Tensor]:
    """Distances of images `x` and `x_adv` (N, C, H, W) in [0, 1], measured in `pixel_range`: each float32 (N,).

    l0: share of changed features, in [0, 1]. l2, linf: norms of r = x_adv - x, with images rescaled to
    `pixel_range`. l2_normalised, linf_normalised: ||r||_p / ||x||_p in `pixel_range` (Table II of "information flow"
    reports these); 0 where r is 0, infinite for another change of an image that is zero in `pixel_range`. Sums are
    in double precision.
    """
    low, width = float(pixel_range[0]), range_width(pixel_range)
    x, x_adv = x.detach().double().flatten(1), x_adv.detach().double().flatten(1)
    r, image = (x_adv - x) * width, x * width + low
    l2, linf = r.norm(dim=1), r.abs().amax(1)
    return {
        "l0": (r != 0).double().mean(1).float(),
        "l2": l2.float(),
        "linf": linf.float(),
        "l2_normalised": _ratio(l2, image.norm(dim=1)),
        "linf_normalised": _ratio(linf, image.abs().amax(1)),
    }


def _ratio(part: Tensor, whole: Tensor) -> Tensor:
    return (part / whole).where(part > 0, part).float()
