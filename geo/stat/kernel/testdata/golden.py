"""Prints as JSON densities of points that kernel_test.go makes by the same formula: of
Gaussian kernels by scikit-learn's KernelDensity, the effective number by SciPy's
gaussian_kde, and the quartic ones, which neither has, term by term in NumPy."""

import json
import sys

import numpy as np
from scipy.stats import gaussian_kde
from sklearn.neighbors import KernelDensity


def uniform(n, seed):
    out = []
    for _ in range(n):
        seed = seed * 48271 % 2147483647
        out.append(seed / 2147483647)
    return np.array(out)


def places(n, seed, width, height):
    return uniform(2 * n, seed).reshape(n, 2) * [width, height]


def gaussian(points, weights, h, at):
    """The sum over points of the densities of scikit-learn, each with its bandwidth."""
    if np.isscalar(h):
        kde = KernelDensity(bandwidth=h, kernel="gaussian", atol=0, rtol=0).fit(points, sample_weight=weights)
        return np.exp(kde.score_samples(at)) * weights.sum()
    return sum(w * np.exp(KernelDensity(bandwidth=b).fit([p]).score_samples(at)) for p, w, b in zip(points, weights, h))


def quartic(points, weights, h, at):
    r2 = ((at[:, None, :] - points[None, :, :]) ** 2).sum(axis=2) / np.square(h)
    return (weights * 3 / (np.pi * np.square(h)) * np.where(r2 < 1, (1 - r2) ** 2, 0)).sum(axis=1)


def main():
    points = places(60, 1, 100000, 60000)
    weights = 1 + np.floor(9 * uniform(60, 7))
    width, height = 21, 13
    x, y = np.meshgrid((np.arange(width) + 0.5) * 100000 / width, (np.arange(height) + 0.5) * 60000 / height)
    grid = np.column_stack([x.ravel(), y.ravel()])
    sigma = np.sqrt(sum(np.cov(points[:, a], aweights=weights, ddof=0) for a in (0, 1)) / 2)
    n = gaussian_kde(points.T, weights=weights).neff
    out = {"effective_n": n}
    for name, density, best in (("gaussian", gaussian, 1), ("quartic", quartic, 460.8 ** (1 / 6))):
        h = sigma * best * n ** (-1 / 6)
        pilot = density(points, weights, h, points)
        mean = np.exp((weights * np.log(pilot)).sum() / weights.sum())
        adapted = h * np.sqrt(mean / pilot)
        out[name] = {
            "silverman": h, "points": pilot.tolist(), "grid": density(points, weights, h, grid).tolist(),
            "adaptive_points": density(points, weights, adapted, points).tolist(),
            "adaptive_grid": density(points, weights, adapted, grid).tolist(),
        }
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main()
