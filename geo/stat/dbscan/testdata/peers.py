"""Seconds that scikit-learn takes for DBSCAN and HDBSCAN of 20,000 points on the sphere,
and what it finds: the least of three runs of DBSCAN, by one job or by all, and one run
of HDBSCAN, which is slow."""

import json
import sys
import time

from golden import HDBSCAN, DBSCAN, RADIUS, blobs, radians


def least(run, times=3):
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        labels = run()
        seconds.append(time.perf_counter() - begin)
    return min(seconds), labels


def summary(runs, times=3):
    seconds, labels = min((least(r, times) for r in runs), key=lambda r: r[0])
    return {"seconds": seconds, "clusters": int(labels.max()) + 1, "noise": int((labels < 0).sum())}


def main():
    x = radians(blobs(20000, 1, 115, 32, 1))
    json.dump({
        "dbscan": summary([
            lambda jobs=jobs: DBSCAN(eps=10000 / RADIUS, min_samples=10, metric="haversine", algorithm="ball_tree", n_jobs=jobs).fit(x).labels_
            for jobs in (1, -1)]),
        "hdbscan": summary([
            lambda: HDBSCAN(min_cluster_size=20, min_samples=2, metric="haversine", algorithm="ball_tree", copy=True, n_jobs=-1).fit(x).labels_], 1),
    }, sys.stdout)


main()
