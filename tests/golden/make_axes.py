"""Writes metrics/axes.safetensors: mixed independent sources, and the axes that scikit-learn's FastICA finds in them."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from sklearn.decomposition import FastICA

ROWS = 1200


def main():
    rng = np.random.default_rng(3)
    sources = np.stack(
        [
            rng.uniform(-1, 1, ROWS),
            rng.laplace(size=ROWS),
            np.where(rng.random(ROWS) < 0.5, -1.0, 1.0) + 0.2 * rng.standard_normal(ROWS),
            rng.uniform(-1, 1, ROWS) ** 3,
        ],
        axis=1,
    )
    mixing = rng.standard_normal((4, 4))
    codes = (sources @ mixing.T + [1, -2, 0, 3]).astype(np.float16).astype(np.float32)
    ica = FastICA(
        algorithm="parallel", fun="logcosh", whiten="unit-variance", whiten_solver="eigh", tol=1e-10, max_iter=2000, random_state=0
    )
    found = ica.fit_transform(codes.astype(np.float64))
    # scikit-learn's components have unit variance with 1/n, as the ones here.
    assert np.allclose(found.std(axis=0), 1, atol=1e-6)
    save_file(
        {"codes": codes.astype(np.float16), "unmixing": ica.components_, "mixing": np.ascontiguousarray(ica.mixing_)},
        Path(__file__).parent / "metrics" / "axes.safetensors",
    )


if __name__ == "__main__":
    main()
