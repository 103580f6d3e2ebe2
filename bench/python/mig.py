#!/usr/bin/env python3
"""PyTorch's side of the MIG benchmark: Chen et al. 2018 with the exact aggregate posterior, written from the paper.

I(z_l; v) is the mean over images of log q(z_l|v) - log q(z_l) at a code of each, log q(z_l) being the logarithm of the
mean of all images' posteriors and log q(z_l|v) that of the images with the same value of the factor; MIG is the gap
between the two best dimensions, over the factor's entropy, averaged over factors.

Reads lines "K" from standard input, measures K times and answers {"ms": [...], "mig": x, "settings": "..."}; ends with
its input. How many codes are taken at a time, and on how many threads, is what is fastest here, tried before.
"""

import argparse
import itertools
import json
import math
import sys
import time

import torch
from safetensors.torch import load_file

CHUNKS = (128, 512, 2048)
TRIED_CODES = max(CHUNKS)
ATTEMPTS = 5

parser = argparse.ArgumentParser()
parser.add_argument("posteriors", help="safetensors with mu, logVar [images, L], noise [L, images], classes [factors, images]")
parser.add_argument("--double", action="store_true")
parser.add_argument("--compile", action="store_true", help="fuse the densities and their sum; needs a C++ compiler")
args = parser.parse_args()

file = load_file(args.posteriors)
dtype = torch.float64 if args.double else torch.float32
# Dimensions first, so that all that is read in turn lies side by side.
mu = file["mu"].to(dtype).T.contiguous()
log_var = file["logVar"].to(dtype).T.contiguous()
noise = file["noise"].to(dtype)
factors = [classes.long() for classes in file["classes"]]


def log_sum_of_densities(codes, means, inverse_sigma, log_height):
    """log sum_n N(z; mu_n, Sigma_n) of some codes, [codes], in one dimension."""
    distance = (codes[:, None] - means) * inverse_sigma
    return torch.logsumexp(log_height - 0.5 * distance * distance, dim=1)


if args.compile:
    log_sum_of_densities = torch.compile(log_sum_of_densities, dynamic=True)


def log_mixture(codes, means, log_var, chunk):
    """log (1/N) sum_n N(z; mu_n, Sigma_n) of codes [L, N], dimension by dimension, with these N posteriors."""
    images = codes.shape[1]
    inverse_sigma = torch.exp(-0.5 * log_var)
    log_height = -0.5 * (log_var + math.log(2 * math.pi))
    result = torch.empty_like(codes)
    for row, z, means_row, inverse_row, height_row in zip(result, codes, means, inverse_sigma, log_height):
        for start in range(0, images, chunk):
            part = slice(start, start + chunk)
            row[part] = log_sum_of_densities(z[part], means_row, inverse_row, height_row)
    return result - math.log(images)


def entropy(classes):
    p = torch.bincount(classes).to(dtype) / len(classes)
    p = p[p > 0]
    return -(p * p.log()).sum()


@torch.inference_mode()
def measure(chunk):
    codes = mu + torch.exp(0.5 * log_var) * noise
    marginal = log_mixture(codes, mu, log_var, chunk).sum(1)
    gaps = []
    for classes in factors:
        conditional = torch.zeros_like(marginal)
        for value in classes.unique():
            rows = (classes == value).nonzero().squeeze(1)
            conditional += log_mixture(codes[:, rows], mu[:, rows], log_var[:, rows], chunk).sum(1)
        information = ((conditional - marginal) / codes.shape[1]).clamp(min=0)
        best, second = information.topk(2).values
        gaps.append((best - second) / entropy(classes))
    return torch.stack(gaps).mean().item()


@torch.inference_mode()
def fastest_settings():
    """Threads and codes at a time, by the first dimension's densities at some codes: (seconds, threads, chunk)."""
    means, scale = mu[0], torch.exp(-0.5 * log_var[0])
    height = -0.5 * log_var[0]
    tried = []
    counts = sorted({1, torch.get_num_threads()})
    # All take turns, so that a disturbance does not choose; the first attempt compiles, or warms up.
    for attempt in range(ATTEMPTS + 1):
        for threads, chunk in itertools.product(counts, CHUNKS):
            torch.set_num_threads(threads)
            start = time.perf_counter()
            for part in mu[0, :TRIED_CODES].split(chunk):
                log_sum_of_densities(part, means, scale, height)
            if attempt > 0:
                tried.append((time.perf_counter() - start, threads, chunk))
    return min(tried)


_, threads, chunk = fastest_settings()
torch.set_num_threads(threads)
settings = f"{chunk} codes at a time on {threads} {'thread' if threads == 1 else 'threads'}"

for line in sys.stdin:
    ms = []
    for _ in range(int(line)):
        start = time.perf_counter()
        mig = measure(chunk)
        ms.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"ms": ms, "mig": mig, "settings": settings}), flush=True)
