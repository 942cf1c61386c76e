"""Prints golden-py.json: centres by pointpats, great-circle neighbours by scikit-learn, and
the density of distances written plainly from the paper of Duranton and Overman (2005).

    python golden.py > golden-py.json
"""

import json
import math
import warnings

import numpy as np

warnings.filterwarnings("ignore")
from pointpats import centrography
from sklearn.neighbors import BallTree


def uniform(n, seed):
    """Lehmer's generator, of which Go and R have the same numbers."""
    out = []
    for _ in range(n):
        seed = seed * 48271 % 2147483647
        out.append(seed / 2147483647)
    return out


def places(n, seed, width, height):
    u = uniform(2 * n, seed)
    return np.array([[u[2 * i] * width, u[2 * i + 1] * height] for i in range(n)])


def median(points, weights):
    """The median centre by Weiszfeld's iteration, then Newton's."""
    at = np.average(points, axis=0, weights=weights)
    for turn in range(300):
        to = points - at
        d = np.hypot(to[:, 0], to[:, 1])
        u = to / d[:, None]
        if turn < 200:
            at = (points * (weights / d)[:, None]).sum(0) / (weights / d).sum()
            continue
        hessian = sum(w / r * (np.eye(2) - np.outer(v, v)) for w, r, v in zip(weights, d, u))
        at = at + np.linalg.solve(hessian, (weights[:, None] * u).sum(0))
    return at


def great_circle(lonlat):
    tree = BallTree(np.radians(lonlat[:, ::-1]), metric="haversine")
    d, _ = tree.query(np.radians(lonlat[:, ::-1]), k=2)
    return d[:, 1] * 6371008.8


def silverman(d):
    """Silverman (1986), equation 3.31."""
    quartiles = np.percentile(d, [25, 75])
    a = min(np.std(d, ddof=1), (quartiles[1] - quartiles[0]) / 1.34)
    return 0.9 * a * len(d) ** -0.2


def kd(points, weights, at):
    """Equation 1 of the paper, with weights as in section 2.2; reflected at 0."""
    n = len(points)
    d, w = [], []
    for i in range(n - 1):
        for j in range(i + 1, n):
            d.append(math.sqrt((points[i][0] - points[j][0]) ** 2 + (points[i][1] - points[j][1]) ** 2))
            w.append(weights[i] * weights[j])
    d, w = np.array(d), np.array(w)
    h = silverman(d)
    f = lambda z: np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return h, [float((w * (f((r - d) / h) + f((-r - d) / h))).sum() / (h * w.sum())) for r in at]


def extreme(curves, rank):
    """The order of curves by their ranks sorted, the band without the extreme 5 %, and p of the first."""
    ranks = [sorted(rank(v, [c[k] for c in curves]) for k, v in enumerate(curve)) for curve in curves]
    share = [sum(other <= mine for other in ranks) / len(curves) for mine in ranks]
    kept = [c for c, s in zip(curves, share) if s > 0.05]
    low, high = [min(v) for v in zip(*kept)], [max(v) for v in zip(*kept)]
    return {"p": share[0], "low": low, "high": high}


up = lambda v, column: sum(o >= v for o in column)
down = lambda v, column: sum(o <= v for o in column)

points = places(60, 1, 100000, 60000)
weights = np.array([1 + math.floor(9 * u) for u in uniform(60, 7)], dtype=float)
ellipse = lambda method, *how: [float(v) for v in centrography.ellipse(points, None, method, *how)]
world = places(80, 11, 40, 20) + np.array([90, 20])
at = [1000.0 * k for k in range(51)]
h, plain = kd(points, np.ones(60), at)
_, weighted = kd(points, weights, at)
u = uniform(60 * 12, 5)
curves = [[u[12 * i + k] for k in range(12)] for i in range(60)]

print(json.dumps({
    "mean": list(centrography.mean_center(points)),
    "weighted_mean": list(centrography.weighted_mean_center(points, weights)),
    "median": list(median(points, np.ones(60))),
    "weighted_median": list(median(points, weights)),
    "standard_distance": float(centrography.std_distance(points)),
    "arcgis": ellipse("yuill", True, False),
    "crimestat": ellipse("crimestat"),
    "yuill": ellipse("yuill", False, False),
    "great_circle": great_circle(world).tolist(),
    "bandwidth": float(h),
    "kd": plain,
    "kd_weighted": weighted,
    "above": extreme(curves, up),
    "below": extreme(curves, down),
    "either": extreme(curves, lambda v, column: min(up(v, column), down(v, column))),
}, indent=1))
