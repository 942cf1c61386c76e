"""The numbers that geo/stat/share is held to: Gini and Theil by PySAL's
inequality, the rest written plainly from the papers with numpy.

The input is made by formulas that share_test.go has too.
"""

import json

import numpy as np
from inequality.gini import Gini
from inequality.theil import Theil, TheilD

UNITS = 40
TRADES = 6


def table(year):
    """Values of [unit][trade], some of them zero."""
    u, k = np.meshgrid(np.arange(UNITS), np.arange(TRADES), indexing="ij")
    v = (u * 7919 + k * 104729 + year * 31 + u * u * k) % (11 + 3 * k)
    return np.where(v < 5, 0, v).astype(float)


def items():
    """Unit, value and whether in the subset, of 300 items."""
    i = np.arange(300)
    return (i * i * 17 + i) % UNITS, 1.0 + (i * 37) % 23, (i * 53 + i * i) % 7 < 2


class PCG:
    """PCG-DXSM with 128 bits of state, as Go's math/rand/v2 has it."""

    MULTIPLIER = (2549297995355413924 << 64) + 4865540595714422341
    INCREMENT = (6364136223846793005 << 64) + 1442695040888963407
    CHEAP = 0xDA942042E4DD58B5
    MASK = (1 << 64) - 1

    def __init__(self, high, low):
        self.state = (high << 64) + low

    def uint64(self):
        self.state = (self.state * self.MULTIPLIER + self.INCREMENT) & ((1 << 128) - 1)
        high, low = self.state >> 64, self.state & self.MASK
        high ^= high >> 32
        high = (high * self.CHEAP) & self.MASK
        high ^= high >> 48
        return (high * (low | 1)) & self.MASK

    def below(self, n):
        """Lemire's way."""
        while True:
            product = self.uint64() * n
            if (product & self.MASK) >= (2**64 - n) % n:
                return product >> 64


def quotients(part, all_):
    with np.errstate(invalid="ignore", divide="ignore"):
        return (part / all_) / (part.sum() / all_.sum())


def standardised(lq):
    logs = np.log(lq[lq > 0])
    return [(np.log(q) - logs.mean()) / logs.std(ddof=1) if q > 0 else None for q in lq]


def intervals(draws, seed):
    unit, value, inside = items()
    root = PCG(seed, 0)
    drawn = []
    for _ in range(draws):
        random = PCG(root.uint64(), root.uint64())
        chosen = np.array([random.below(len(unit)) for _ in unit])
        all_ = np.bincount(unit[chosen], value[chosen], UNITS)
        part = np.bincount(unit[chosen], value[chosen] * inside[chosen], UNITS)
        drawn.append(quotients(part, all_))
    drawn = np.array(drawn)
    result = []
    for column in drawn.T:
        column = column[np.isfinite(column)]
        if 2 * len(column) < draws:
            result.append([None, None])
        else:
            result.append(list(np.quantile(column, [0.025, 0.975])))
    return result


def relative_gini(s, x):
    """Half the mean difference of the ratios s/x, weighted by x."""
    s, x = s / s.sum(), x / x.sum()
    ratio = s / x
    return 0.5 * np.sum(np.outer(x, x) * np.abs(ratio[:, None] - ratio[None, :]))


def ellison_glaeser():
    unit, value, inside = items()
    z = value[inside] / value[inside].sum()
    s = np.bincount(unit[inside], z, UNITS)
    x = np.bincount(unit, value, UNITS)
    x = x / x.sum()
    g = np.sum((s - x) ** 2)
    h = np.sum(z**2)
    room = 1 - np.sum(x**2)
    return {"gamma": (g - room * h) / (room * (1 - h)), "raw": g, "herfindahl": h}


def shift_share():
    before, after = table(0), table(1)
    rows = []
    total = after.sum() / before.sum() - 1
    trade = after.sum(axis=0) / before.sum(axis=0) - 1
    for b, a in zip(before, after):
        own = a - b * (1 + trade)
        rows.append([np.sum(b * total), np.sum(b * (trade - total)), own.sum(), (a - b).sum()])
    return rows


def main():
    t = table(0)
    part, all_ = t[:, 2], t.sum(axis=1)
    partition = np.arange(UNITS) % 5
    s = part / part.sum()
    n = len(s)
    decomposed = TheilD(all_, partition)
    a, b = t[3] / t[3].sum(), t[7] / t[7].sum()
    lq = quotients(part, all_)
    print(json.dumps({
        "lq": list(lq),
        "standardised": standardised(lq),
        "intervals": intervals(199, 7),
        "herfindahl": np.sum(s**2),
        "normalised": (np.sum(s**2) - 1 / n) / (1 - 1 / n),
        "cr4": np.sort(s)[-4:].sum(),
        "gini": Gini(all_).g,
        "gini_with_zeros": Gini(part).g,
        "gini_relative": relative_gini(part, all_),
        "theil": Theil(all_).T,
        "theil_between": float(np.squeeze(decomposed.bg)),
        "theil_within": float(np.squeeze(decomposed.wg)),
        "ellison_glaeser": ellison_glaeser(),
        "krugman": np.sum(np.abs(a - b)),
        "shift_share": shift_share(),
    }, indent=1, default=float))


main()
