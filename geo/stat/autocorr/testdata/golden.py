"""Moran's I, the general G, local Moran and Gi* of PySAL's esda, and neighbours of
libpysal, for the places and values that golden_test.go makes by the same formulas."""

import json
import math
import sys
import warnings

warnings.simplefilter("ignore")

import esda  # noqa: E402
import numpy as np  # noqa: E402
from libpysal import weights  # noqa: E402
from shapely.geometry import Polygon  # noqa: E402

RADIUS = 6371.0088  # km
DRAWS = 9999


def fraction(v):
    return v - math.floor(v)


def points(n):
    return [(100 + 20 * fraction((i + 1) * 0.6180339887498949), 20 + 20 * fraction((i + 1) * 0.7548776662466927)) for i in range(n)]


def values(n):
    """Counts, skewed, some of them zero, higher in the first places than in the last."""
    return np.array([float((i * i * 37 + 11 * i + 5) % 101 // 9 * ((i * 7) % 5) + (n - i) // 8) for i in range(n)])


def hexagon(row, column):
    """One of a honeycomb; its vertices are multiples of a quarter."""
    x, y = 100 + 0.75 * column, 30 + 0.5 * row + 0.25 * (column % 2)
    return Polygon([(x - 0.5, y), (x - 0.25, y - 0.25), (x + 0.25, y - 0.25), (x + 0.5, y), (x + 0.25, y + 0.25), (x - 0.25, y + 0.25)])


def lists(w):
    return [sorted(int(j) for j in w.neighbors[i]) for i in range(w.n)]


def two_sided(observed, simulated):
    high = (simulated >= observed[:, None] - 1e-12).sum(axis=1)
    low = (simulated <= observed[:, None] + 1e-12).sum(axis=1)
    return np.minimum(1, 2 * (np.minimum(high, low) + 1) / (simulated.shape[1] + 1))


def numbers(v):
    return [float(x) for x in np.asarray(v).ravel()]


def statistics(w, x):
    out = {}
    for name, style in (("binary", "B"), ("standardised", "R")):
        np.random.seed(1)
        m = esda.Moran(x, w, transformation=style, permutations=DRAWS)
        w.transform = style
        g = esda.G(x, w, permutations=0)
        out[name] = {
            "moran": {
                "value": float(m.I), "expected": float(m.EI),
                "variance": float(m.VI_rand), "z": float(m.z_rand), "p": float(m.p_rand),
                "normal_variance": float(m.VI_norm), "normal_z": float(m.z_norm), "normal_p": float(m.p_norm),
                "p_permutation": float(two_sided(np.array([m.I]), m.sim[None, :])[0]),
            },
        }
        if style == "B":
            out[name]["general"] = {"value": float(g.G), "expected": float(g.EG), "variance": float(g.VG), "z": float(g.z_norm)}
    lm = esda.Moran_Local(x, w, transformation="r", permutations=DRAWS, seed=1, keep_simulations=True, n_jobs=1)
    n = len(x)
    out["local_moran"] = {
        "value": numbers(lm.Is * n / (n - 1)),  # esda divides by n - 1
        "quadrant": [("HH", "LH", "LL", "HL")[q - 1] for q in lm.q],
        "p": numbers(two_sided(lm.Is, lm.sim.T if lm.sim.shape[0] == DRAWS else lm.sim)),
    }
    for name, star in (("g", False), ("g_star", True)):
        g = esda.G_Local(x, w, transform="B", star=star, permutations=DRAWS, seed=1, keep_simulations=True, n_jobs=1)
        sim = g.rGs.T if g.rGs.shape[0] == DRAWS else g.rGs
        out[name] = {"z": numbers(g.Zs), "p": numbers(two_sided(g.Gs, sim))}
    return out


def main():
    p = points(60)
    k6 = weights.KNN(np.array(p), k=6, distance_metric="arc", radius=RADIUS)
    band = weights.DistanceBand(np.array(p), 400, binary=True, distance_metric="arc", radius=RADIUS, silence_warnings=True)
    comb = weights.Rook.from_iterable([hexagon(r, c) for r in range(7) for c in range(8)])
    p_values = [0.001, 0.2, 0.013, 0.04, 0.04, 0.9, 0.005, 0.03, 0.5, 0.0004]
    json.dump(
        {
            "neighbours": {"k6": lists(k6), "band400": lists(band), "honeycomb": lists(comb)},
            "k6": statistics(k6, values(60)),
            "honeycomb": statistics(comb, values(56)),
            "fdr": {"p": p_values, "at05": float(esda.fdr(np.array(p_values), 0.05))},
        },
        sys.stdout,
    )


main()
