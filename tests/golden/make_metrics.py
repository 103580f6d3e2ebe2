"""Writes metrics/: synthetic codes and factors, and the scores that disentanglement_lib gives them."""

import json
import sys
import types
from itertools import product
from pathlib import Path

import gin
import numpy as np
from safetensors.numpy import save_file

# gin.tf adds TensorFlow to gin; the metrics import it and use nothing of TensorFlow.
gin.tf = sys.modules["gin.tf"] = types.ModuleType("gin.tf")

from disentanglement_lib.data.ground_truth import ground_truth_data
from disentanglement_lib.evaluation.metrics import (
    beta_vae,
    dci,
    factor_vae,
    mig,
    modularity_explicitness,
    sap_score,
    utils,
)

FOLDER = Path(__file__).parent / "metrics"
SIZES = [3, 4, 5]
TRAIN_REPEATS, TEST_REPEATS = 6, 4
RUNS = 5


def make_factors(repeats):
    return np.array(list(product(*map(range, SIZES))) * repeats, dtype=np.uint8)


def encode(factors, rng):
    """z0 follows factor 0 with noise, z1 and z2 mix factors 1 and 2, z3 is noise only; each of another scale."""
    a, b, c = (2 * factors / (np.array(SIZES) - 1) - 1).T
    noise = rng.standard_normal((4, len(factors)))
    angle = np.radians(44)
    codes = [
        a + 0.35 * noise[0],
        2.0 * (np.cos(angle) * b + np.sin(angle) * c + 0.05 * noise[1]),
        0.5 * (np.cos(angle) * c - np.sin(angle) * b + 0.05 * noise[2]),
        0.25 * noise[3],
    ]
    return np.stack(codes, axis=1).astype(np.float16)


class Table(ground_truth_data.GroundTruthData):
    """Rows of a table, which stand for the images: an observation is the code of a row that has the factors."""

    def __init__(self, factors, codes):
        self.codes = codes
        self.rows = {}
        for row, values in enumerate(factors):
            self.rows.setdefault(tuple(int(value) for value in values), []).append(row)

    num_factors = property(lambda self: len(SIZES))
    factors_num_values = property(lambda self: SIZES)

    def sample_factors(self, num, random_state):
        return np.stack([random_state.randint(size, size=num) for size in SIZES], axis=1)

    def sample_observations_from_factors(self, factors, random_state):
        rows = [self.rows[tuple(int(value) for value in values)] for values in factors]
        chosen = random_state.randint(len(rows[0]), size=len(rows))
        return self.codes[[of[i] for of, i in zip(rows, chosen)]]


def score_runs(compute, table, **settings):
    settings = {"batch_size": 64, "num_train": 10_000, "num_eval": 5_000, **settings}
    scores = [compute(table, lambda codes: codes, np.random.RandomState(run), **settings) for run in range(RUNS)]
    return {"runs": [float(score["eval_accuracy"]) for score in scores]}


def main():
    gin.bind_parameter("discretizer.discretizer_fn", utils._histogram_discretize)
    gin.bind_parameter("discretizer.num_bins", 20)
    gin.bind_parameter("prune_dims.threshold", 0.0)
    rng = np.random.default_rng(1)
    np.random.seed(0)  # scikit-learn's trees and support vector machines draw from it
    factors = [make_factors(TRAIN_REPEATS), make_factors(TEST_REPEATS)]
    stored = [encode(values, rng) for values in factors]
    codes = [values.astype(np.float32) for values in stored]
    split = [codes[0].T, factors[0].T, codes[1].T, factors[1].T]

    information = utils.discrete_mutual_info(utils.make_discretizer(split[0]), split[1])
    importance, train, test = dci.compute_importance_gbt(*split)
    table = Table(np.concatenate(factors), np.concatenate(codes))
    scores = {
        "factor_sizes": SIZES,
        "mig": mig._compute_mig(*split[:2])["discrete_mig"],
        "sap_discrete": sap_score._compute_sap(*split, False)["SAP_score"],
        "sap_continuous": sap_score._compute_sap(*split, True)["SAP_score"],
        "dci": {
            "disentanglement": dci.disentanglement(importance),
            "completeness": dci.completeness(importance),
            "informativeness_train": train,
            "informativeness_test": test,
        },
        "modularity": modularity_explicitness.modularity(information),
        "factor_vae": score_runs(factor_vae.compute_factor_vae, table, num_variance_estimate=100_000),
        "beta_vae": score_runs(beta_vae.compute_beta_vae_sklearn, table),
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "synthetic.json").write_text(json.dumps(scores, indent=1, default=float) + "\n")
    tensors = {
        "codes_train": stored[0],
        "codes_test": stored[1],
        "factors_train": factors[0],
        "factors_test": factors[1],
        "mutual_information": information.astype(np.float32),
        "dci_importance": importance.astype(np.float32),
    }
    save_file(tensors, FOLDER / "synthetic.safetensors")


if __name__ == "__main__":
    main()
