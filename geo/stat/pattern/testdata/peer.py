"""K_d of 1,000 of 4,000 places with a band by 1,000 draws, with numpy and scipy: prints the
seconds that it took. Distances are counted in 16,384 bins, of which the curve is made.
"""

import time

import numpy as np
from scipy.spatial.distance import pdist


def places(n, seed, width, height):
    u = []
    for _ in range(2 * n):
        seed = seed * 48271 % 2147483647
        u.append(seed / 2147483647)
    return np.array(u).reshape(-1, 2) * [width, height]


def silverman(counts, middle):
    n = counts.sum()
    mean = (counts * middle).sum() / n
    deviation = np.sqrt((counts * (middle - mean) ** 2).sum() / (n - 1))
    low, high = np.interp([0.25 * n, 0.75 * n], np.cumsum(counts), middle)
    return 0.9 * min(deviation, (high - low) / 1.34) * n**-0.2


def curve(points, width, bins, at):
    counts = np.bincount((pdist(points) / width).astype(np.int64), minlength=bins)
    middle = (np.arange(bins) + 0.5) * width
    h = silverman(counts, middle)
    near = int((at[-1] + 6 * h) / width)
    coarse = max(1, int(h / 16 / width))
    near -= near % coarse
    counts = counts[:near].reshape(-1, coarse).sum(1)
    middle = middle[:near].reshape(-1, coarse).mean(1)
    kernel = np.exp(-((at[:, None] - middle) ** 2) / (2 * h * h)) + np.exp(-((at[:, None] + middle) ** 2) / (2 * h * h))
    return kernel @ counts / (len(points) * (len(points) - 1) / 2 * h * np.sqrt(2 * np.pi))


sites = places(4000, 13, 3e6, 2e6)
subject = sites[:1000]
best = float("inf")
for _ in range(2):
    start = time.perf_counter()
    random = np.random.default_rng(1)
    at = np.linspace(0, 1e6, 101)
    bins = 16384
    width = np.hypot(3e6, 2e6) / (bins - 1)
    observed = curve(subject, width, bins, at)
    drawn = np.array([curve(sites[random.choice(4000, 1000, replace=False)], width, bins, at) for _ in range(1000)])
    local = np.quantile(drawn, [0.05, 0.95], axis=0)
    ranks = (-np.vstack([observed, drawn])).argsort(axis=0).argsort(axis=0) + 1
    extreme = ranks.min(axis=1)
    kept = drawn[extreme[1:] > np.quantile(extreme, 0.05)]
    high = kept.max(axis=0)
    p = (extreme <= extreme[0]).mean()
    best = min(best, time.perf_counter() - start)
print(best)
