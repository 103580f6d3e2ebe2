"""Writes files/: small files as Python's safetensors and NumPy write them, each number known by its place."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parent / "files"


def main():
    FOLDER.mkdir(exist_ok=True)
    counted = torch.arange(24)
    tensors = {
        "half": (counted / 8 - 1).half().view(2, 3, 4),
        "single": (counted.float() / 3).view(4, 6),
        "double": torch.tensor([np.pi, -np.finfo(np.float64).tiny]),
        "integers": torch.tensor([-(2**31), 2**31 - 1], dtype=torch.int32),
        "images": (counted * 10).to(torch.uint8).view(2, 2, 2, 3),
        "z": (counted.float() / 8 - 2).view(6, 4),
        "scalar": torch.tensor(7.0),
        "empty": torch.zeros(0, 4),
    }
    save_file(tensors, FOLDER / "all-kinds.safetensors", {"format": "pt", "factor_names": '["größe", "κ"]'})
    save_file({"x": torch.ones(2, dtype=torch.bfloat16)}, FOLDER / "bfloat16.safetensors")
    save_file({"x": torch.tensor([1, 2])}, FOLDER / "int64.safetensors")

    grid = np.arange(6).reshape(2, 3)
    np.save(FOLDER / "float32.npy", grid.astype("<f4") / 3)
    np.save(FOLDER / "float16.npy", grid.astype("<f2") / 4)
    np.save(FOLDER / "int64.npy", grid.astype("<i8") - 3)
    np.save(FOLDER / "bool.npy", grid % 2 == 0)
    np.save(FOLDER / "fortran.npy", np.asfortranarray(grid.astype("<f4")))
    np.save(FOLDER / "big-endian.npy", grid.astype(">f4"))
    np.save(FOLDER / "text.npy", np.array(["größe", "κ"]))
    np.save(FOLDER / "objects.npy", np.array([{"a": 1}, None], dtype=object))
    arrays = {
        "imgs": (grid * 40).astype("u1"),
        "größe": grid.astype("<f8") / 3,
        "text": np.array(["größe", "κ"]),
        "bytes": np.array([b"a", b"bc"]),
        "objects": np.array([{"a": 1}, None], dtype=object),
    }
    np.savez(FOLDER / "stored.npz", **arrays)
    np.savez_compressed(FOLDER / "compressed.npz", **arrays)


if __name__ == "__main__":
    main()
