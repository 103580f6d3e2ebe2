"""Writes metrics/udr.json: UDR of made-up codes of three models, computed as disentanglement_lib does.

The codes are simple enough to be made again by the test: sines of the row's number. The estimators are those of
disentanglement_lib/evaluation/udr/metrics/udr.py (Duan et al. 2020): absolute Spearman correlations, or weights of a
lasso of strength 0.1 on standardised codes; dimensions with a KL of at most 0.01 are left out.
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import linear_model, preprocessing

ROWS = 400


def factors():
    rows = np.arange(ROWS)[:, None]
    return np.sin(rows * np.array([1.0, 1.7, 2.9, 0.37]) + np.array([0.0, 1.0, 2.0, 3.0]))


def make_codes():
    a, b, c, d = factors().T
    return [
        np.stack([a, 2 * b, c**3, 0.01 * d], axis=1).astype(np.float32),
        np.stack([-b, c + 0.3 * a, a + 0.1 * d, d], axis=1).astype(np.float32),
        np.stack([a + b, a - b, 0.02 * d, c], axis=1).astype(np.float32),
    ]


KL = [[2.0, 1.5, 0.7, 0.001], [1.0, 1.0, 2.0, 0.5], [1.1, 0.9, 0.01, 0.8]]


def strength(matrix):
    def side(axis):
        sums = matrix.sum(axis=axis)
        return np.nanmean(np.nan_to_num(matrix.max(axis=axis) ** 2 / sums, nan=0))

    return (side(0) + side(1)) / 2


def correlations(kind, x, y):
    if kind == "lasso":
        return np.abs(linear_model.Lasso(alpha=0.1).fit(x, y).coef_).T
    return np.array([[abs(stats.spearmanr(p, q)[0]) for q in y.T] for p in x.T])


def main():
    kl = np.array(KL)
    codes = [
        preprocessing.StandardScaler().fit_transform(z.astype(np.float64)) * (own > 0.01) for z, own in zip(make_codes(), kl)
    ]
    n = len(codes)
    results = {}
    for kind in ["spearman", "lasso"]:
        pairs = np.zeros((n, n))
        for i in range(n):
            for j in range(n):
                if i != j:
                    matrix = correlations(kind, codes[i], codes[j])[kl[i] > 0.01][:, kl[j] > 0.01]
                    pairs[i, j] = strength(matrix)
        scores = [float(np.median(np.delete(pairs[:, i], i))) for i in range(n)]
        results[kind] = {"scores": scores, "pairs": pairs.ravel().tolist()}
    path = Path(__file__).parent / "metrics" / "udr.json"
    path.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
