"""Aggregated information paths: Gaussian-process regression over the layers (information_flow paper,
section III-C).

Each measure is a random variable indexed by the layer k, and each input's path a noisy sample of one
Gaussian process over k. Replicates at one k enter the likelihood of the process only by their mean, with
noise σ_k²/n, so the regression is over K points for any number of inputs; the scatter of the replicates
around their mean is a factor that does not depend on the process's hyperparameters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KERNELS = ("rbf", "matern52")
_NOISE_FLOOR = 1e-6  # share of the mean path's variance; keeps the K × K matrix well conditioned
_OUTPUTSCALES = (1e-3, 1e3)  # bounds on the process's variance, in units of the mean path's variance
_SHORTEST = 0.1  # bound on the length scale, in layers: neighbouring layers are independent by then
_LONGEST = 10.0  # bound on the length scale, in units of the whole range of k
_OPTIMISER = {"maxiter": 200, "gtol": 1e-9, "ftol": 1e-12}  # L-BFGS-B's; the likelihood is found to about 1e-9


@dataclass(frozen=True)
class GaussianProcess:
    """The fitted process: constant + outputscale · kernel(|k − k'| / lengthscale), with noise (K,) at the
    K means.

    constant in nats; outputscale and noise in nats²; lengthscale in layers; log_marginal_likelihood of
    the K means. outputscale is 0 for a path that is known exactly and flat: then there is nothing to fit.
    """

    kernel: str
    constant: float
    outputscale: float
    lengthscale: float
    noise: np.ndarray
    log_marginal_likelihood: float


@dataclass(frozen=True)
class PathPosterior:
    """An aggregated path: the posterior mean (K,) of the process at each layer, and the bounds (K,) of its central 95%
    credible interval, in nats. The interval is that of the mean path, not that of a single input's path.
    """

    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    hyperparameters: GaussianProcess


def collapse(paths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (K,) of paths (N, K) and the noise σ_k²/N (K,) of that mean, σ_k² being the unbiased sample
    variance at k.

    A single path gives no estimate of its noise, which is then zero: its aggregate passes through it.
    """
    count = len(paths)
    variance = paths.var(axis=0, ddof=1) if count > 1 else np.zeros(paths.shape[1])
    return paths.mean(axis=0), variance / count


def aggregate_paths(paths, kernel: str = "rbf") -> PathPosterior:
    """Aggregate the information paths of similar inputs by Gaussian-process regression over the layer
    index.

    paths (N, K): one measure (IIP or OIP) of N inputs at K ≥ 2 layers, in nats. The process has a
    constant mean and a scaled kernel over k = 0 … K − 1: "rbf" or "matern52" (the paper names none). The
    noise at k is σ_k²/N, at least 1e-6 of the mean path's variance over k. Constant, scale and length
    scale maximise the marginal likelihood: float64, L-BFGS from three fixed length scales, deterministic.
    The length scale stays within 0.1 layers and ten times the range of k, the scale within 10^±3 times
    the mean path's variance, so that two layers are enough.

    N = 1: no noise estimate, so the floor alone is the noise. Every mean equal: the noise sets the scale;
    where it is zero too, the result is that constant with an empty band. ValueError: another layout, N <
    1, K < 2, values that are not finite, or an unknown kernel.
    """
    paths = np.asarray(paths, dtype=np.float64)
    if paths.ndim != 2 or paths.shape[0] < 1 or paths.shape[1] < 2:
        raise ValueError(f"paths must have the layout (N, K) with N ≥ 1 and K ≥ 2, not shape {paths.shape}")
    if not np.isfinite(paths).all():
        raise ValueError("paths hold a NaN or an infinite value")
    if kernel not in KERNELS:
        raise ValueError(f"kernel must be one of {', '.join(KERNELS)}, not {kernel!r}")
    means, noise = collapse(paths)
    centre = means.mean()
    scale = float(means.std())
    if scale <= 1e-12 * np.abs(means).max():  # flat but for rounding
        scale = float(np.sqrt(noise.mean()))
    if scale <= 1e-12 * np.abs(means).max():
        return PathPosterior(means, means, means, _flat(kernel, centre, noise))
    noise = np.maximum(noise, _NOISE_FLOOR * scale**2)
    fit = _regress((means - centre) / scale, noise / scale**2, kernel)
    mean = centre + scale * fit.mean
    half = 1.959963984540054 * scale * fit.deviation  # the normal distribution's 97.5% quantile
    process = GaussianProcess(
        kernel=kernel,
        constant=float(centre + scale * fit.constant),
        outputscale=scale**2 * fit.outputscale,
        lengthscale=fit.lengthscale,
        noise=noise,
        log_marginal_likelihood=fit.log_likelihood - len(means) * float(np.log(scale)),
    )
    return PathPosterior(mean, mean - half, mean + half, process)


def _flat(kernel: str, constant: float, noise: np.ndarray) -> GaussianProcess:
    return GaussianProcess(kernel, float(constant), 0.0, float(len(noise) - 1), noise, float("inf"))


@dataclass(frozen=True)
class _Fit:
    mean: np.ndarray
    deviation: np.ndarray
    constant: float
    outputscale: float
    lengthscale: float
    log_likelihood: float


def _regress(y: np.ndarray, noise: np.ndarray, kernel: str) -> _Fit:
    """The most likely process for standardised means y (K,) with known noise (K,), and its posterior at
    the K layers.
    """
    span = len(y) - 1
    starts = sorted({1.0, max(1.0, span / 4), float(span)})
    fits = [_fit_from(start, y, noise, kernel) for start in starts]
    return max(fits, key=lambda fit: fit.log_likelihood)


def _fit_from(lengthscale: float, y: np.ndarray, noise: np.ndarray, kernel: str) -> _Fit:
    import gpytorch
    import torch
    from scipy.optimize import minimize

    train_x = torch.arange(len(y), dtype=torch.float64)
    train_y, train_noise = torch.from_numpy(y), torch.from_numpy(noise)

    class Process(gpytorch.models.ExactGP):
        def __init__(self, likelihood):
            super().__init__(train_x, train_y, likelihood)
            lengths = gpytorch.constraints.Interval(_SHORTEST, _LONGEST * (len(y) - 1))
            scales = gpytorch.constraints.Interval(*_OUTPUTSCALES)
            self.mean_module = gpytorch.means.ConstantMean()
            base = (
                gpytorch.kernels.RBFKernel(lengthscale_constraint=lengths)
                if kernel == "rbf"
                else gpytorch.kernels.MaternKernel(nu=2.5, lengthscale_constraint=lengths)
            )
            self.covar_module = gpytorch.kernels.ScaleKernel(base, outputscale_constraint=scales)

        def forward(self, x):
            return gpytorch.distributions.MultivariateNormal(self.mean_module(x), self.covar_module(x))

    likelihood = gpytorch.likelihoods.FixedNoiseGaussianLikelihood(noise=train_noise)
    model = Process(likelihood).double()
    model.covar_module.base_kernel.lengthscale = lengthscale
    model.covar_module.outputscale = 1.0
    marginal = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
    parameters = list(model.parameters())

    # SciPy's optimiser: PyTorch's first step imports its compiler, which takes longer than the fits of a job.
    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        for parameter, value in zip(parameters, torch.from_numpy(values), strict=True):
            parameter.data.fill_(value)
        negative = -marginal(model(train_x), train_y)
        gradients = torch.autograd.grad(negative, parameters)
        return negative.item(), torch.stack([gradient.squeeze() for gradient in gradients]).numpy()

    model.train()
    start = np.array([parameter.item() for parameter in parameters])
    # K is small: exact factorisations, not conjugate gradients, which are random. The debug mode warns of a
    # posterior at the training points, which is intended here.
    with gpytorch.settings.fast_computations(False, False, False), gpytorch.settings.debug(False):
        best = minimize(loss, start, jac=True, method="L-BFGS-B", options=_OPTIMISER)
        loss(best.x)
        with torch.no_grad():
            likeliest = float(marginal(model(train_x), train_y)) * len(y)
            model.eval()
            posterior = model(train_x)
            return _Fit(
                mean=posterior.mean.numpy(),
                deviation=posterior.variance.clamp(min=0).sqrt().numpy(),
                constant=float(model.mean_module.constant),
                outputscale=float(model.covar_module.outputscale),
                lengthscale=float(model.covar_module.base_kernel.lengthscale),
                log_likelihood=likeliest,
            )
