#!/usr/bin/env python3
"""Pillow's side of the import benchmark: a folder of JPEGs to packed bytes [N, 64, 64, 3] with a pool of processes.

The pool is started once and stays warm, and the result stays in memory. Reads lines "K" from standard input, packs
the folder K times and answers {"ms": [...]}; ends with its input. CelebA's box (30, 50, 148, 168) is cut out.
"""

import argparse
import json
import os
import sys
import time
from multiprocessing import Pool

from PIL import Image

CELEBA_BOX = (30, 50, 148, 168)
CHUNK = 50


def load(paths):
    pixels = []
    for path in paths:
        with Image.open(path) as image:
            square = image.convert("RGB").resize((64, 64), Image.Resampling.BILINEAR, box=CELEBA_BOX)
            pixels.append(square.tobytes())
    return b"".join(pixels)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    paths = sorted(os.path.join(args.folder, name) for name in os.listdir(args.folder) if name.endswith(".jpg"))
    chunks = [paths[i : i + CHUNK] for i in range(0, len(paths), CHUNK)]
    with Pool(args.workers) as pool:
        pool.map(load, chunks[: args.workers])
        for line in sys.stdin:
            ms = []
            for _ in range(int(line)):
                start = time.perf_counter()
                packed = b"".join(pool.imap(load, chunks))
                ms.append((time.perf_counter() - start) * 1e3)
            assert len(packed) == len(paths) * 64 * 64 * 3
            print(json.dumps({"ms": ms, "images": len(paths)}), flush=True)


if __name__ == "__main__":
    main()
