"""Prints as JSON what scikit-learn's DBSCAN and HDBSCAN say of points on the sphere
that dbscan_test.go makes by the same formula."""

import json
import sys

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN
from sklearn.cluster._hdbscan._linkage import MST_edge_dtype, make_single_linkage
from sklearn.cluster._hdbscan._tree import tree_to_labels
from sklearn.metrics.pairwise import haversine_distances
from sklearn.neighbors import BallTree

RADIUS = 6371008.8


def uniform(n, seed):
    out = []
    for _ in range(n):
        seed = seed * 48271 % 2147483647
        out.append(seed / 2147483647)
    return out


def blobs(n, seed, lon, lat, spread):
    """Points about seven centres, the more the nearer, and some anywhere."""
    u = uniform(4 * n, seed)
    out = []
    for i in range(n):
        a, b, c, d = u[4 * i : 4 * i + 4]
        k = int(c * 8)
        if k == 7:
            x, y = (a - 0.5) * 12, (b - 0.5) * 12
        else:
            x, y = (k * 5) % 7 - 3 + (a - 0.5) * d, (k * 3) % 7 - 3 + (b - 0.5) * d
        x = (lon + x * spread + 540) % 360 - 180
        out.append((x, lat + y * spread))
    return out


def radians(points):
    return np.radians([(lat, lon) for lon, lat in points])


def dbscan(points, eps, min_points, weights=None):
    d = DBSCAN(eps=eps / RADIUS, min_samples=min_points, metric="haversine", algorithm="ball_tree")
    d.fit(radians(points), sample_weight=weights)
    core = np.zeros(len(points), dtype=int)
    core[d.core_sample_indices_] = 1
    return {"eps": eps, "min_points": min_points, "labels": d.labels_.tolist(), "core": core.tolist()}


def hdbscan(points, size, samples, method):
    """HDBSCAN of scikit-learn. Links of one reach are in no order there, so that its
    answer depends on the order of the points where more than two parts meet at a point's
    reach. With more than two samples its hierarchy is therefore given the links in the
    order of their reach and then their length."""
    x = radians(points)
    distance, _ = BallTree(x, metric="haversine").query(x, k=samples)
    reach = distance[:, -1]
    if samples == 2:
        h = HDBSCAN(min_cluster_size=size, min_samples=samples, metric="haversine", algorithm="ball_tree",
                    cluster_selection_method=method, copy=True).fit(x)
        labels, probability = h.labels_, h.probabilities_
    else:
        labels, probability = tree_to_labels(make_single_linkage(links(x, reach)), min_cluster_size=size,
                                             cluster_selection_method=method)
    return {"size": size, "samples": samples, "method": method, "labels": labels.tolist(),
            "probability": probability.tolist(), "reach": (reach * RADIUS).tolist()}


def links(x, reach):
    """The minimum spanning tree, by Kruskal's method over all pairs."""
    a, b = np.triu_indices(len(x), 1)
    d = haversine_distances(x)[a, b]
    mutual = np.maximum(d, np.maximum(reach[a], reach[b]))
    root = list(range(len(x)))

    def find(i):
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    out = []
    for k in np.lexsort((d, mutual)):
        i, j = find(a[k]), find(b[k])
        if i != j:
            root[i] = j
            out.append((a[k], b[k], mutual[k]))
    return np.array(out, dtype=MST_edge_dtype)


def main():
    out = {"dbscan": [], "hdbscan": []}
    for n, seed, lon, lat, spread, eps, least in (
        (300, 1, 115, 32, 1, 30000, 5),
        (300, 2, 179.5, 0, 1, 35000, 6),
        (400, 3, -30, 75, 1, 22000, 4),
        (300, 4, 10, 50, 0.01, 300, 5),
    ):
        points = blobs(n, seed, lon, lat, spread)
        place = {"n": n, "seed": seed, "lon": lon, "lat": lat, "spread": spread}
        weights = [1 + int(4 * u) for u in uniform(n, 7)]
        out["dbscan"].append(place | {"weighted": False} | dbscan(points, eps, least))
        out["dbscan"].append(place | {"weighted": True} | dbscan(points, eps, 3 * least, weights))
        for size, samples in ((5, 2), (8, 5), (12, 12)):
            for method in ("eom", "leaf"):
                out["hdbscan"].append(place | hdbscan(points, size, samples, method))
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main()
