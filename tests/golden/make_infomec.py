"""Writes metrics/infomec.json: InfoM, InfoE and InfoC of tables, computed with scikit-learn as their authors' code does.

The estimators and settings are those of disentangle/metrics/infomec.py in kylehkhsu/latent_quantization (Hsu et al.
2023), whose `multi_class` and `n_jobs` scikit-learn no longer has. Further tables are named as arguments.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from sklearn import feature_selection, linear_model, metrics, preprocessing

FOLDER = Path(__file__).parent / "metrics"


def normalised_information(factors, codes, is_discrete):
    """`[factors, dimensions]`."""
    result = np.empty((factors.shape[1], codes.shape[1]))
    for f, own in enumerate(factors.T):
        for d, values in enumerate(codes.T):
            if is_discrete:
                result[f, d] = metrics.mutual_info_score(own, values)
            else:
                scaled = preprocessing.StandardScaler().fit_transform(values[:, None])
                result[f, d] = feature_selection.mutual_info_classif(
                    scaled, own, discrete_features=False, n_neighbors=10, random_state=0
                )[0]
        result[f] /= metrics.mutual_info_score(own, own)
    return result


def cross_entropy(points, labels):
    probe = linear_model.LogisticRegression(C=np.inf, tol=1e-4, class_weight="balanced", solver="lbfgs", max_iter=100)
    return metrics.log_loss(labels, probe.fit(points, labels).predict_proba(points))


def infomec(factors, codes, is_discrete=False):
    information = normalised_information(factors, codes, is_discrete)
    ranges = codes.max(axis=0) - codes.min(axis=0)
    active = ranges > (0 if is_discrete else ranges.max() / 20)
    kept = information[:, active]
    even = [1 / factors.shape[1], 1 / active.sum()]
    shares = [(kept.max(axis=axis) / kept.sum(axis=axis)).mean() for axis in (0, 1)]
    scaler = preprocessing.OneHotEncoder() if is_discrete else preprocessing.StandardScaler()
    points = scaler.fit_transform(codes)
    explicit = []
    for own in factors.T:
        null = cross_entropy(np.zeros_like(codes), own)
        explicit.append((null - cross_entropy(points, own)) / null)
    return {
        "infom": (shares[0] - even[0]) / (1 - even[0]),
        "infoc": (shares[1] - even[1]) / (1 - even[1]),
        "infoe": float(np.mean(explicit)),
        "infoe_per_factor": explicit,
        "information": information.T.ravel().tolist(),
        "active": active.tolist(),
    }


def main():
    warnings.filterwarnings("ignore")
    results = {}
    for path in [FOLDER / "synthetic.safetensors", *map(Path, sys.argv[1:])]:
        table = load_file(path)
        factors, codes = table["factors_train"].astype(int), table["codes_train"].astype(np.float64)
        results[path.stem] = infomec(factors, codes)
        # The same codes with eight values a dimension, as a quantised autoencoder has.
        edges = [np.quantile(values, np.arange(1, 8) / 8) for values in codes.T]
        levels = np.stack([np.searchsorted(e, values, "right") for e, values in zip(edges, codes.T)], axis=1)
        results[path.stem]["quantised"] = infomec(factors, levels.astype(np.float64), True)
        results[path.stem]["quantised_edges"] = np.stack(edges).tolist()
    (FOLDER / "infomec.json").write_text(json.dumps(results, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
