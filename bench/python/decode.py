#!/usr/bin/env python3
"""PyTorch's side of the decoding benchmark: latents through the paper's decoder, images read into NumPy.

Reads lines "K" from standard input, decodes K times and answers {"ms": [...]}; ends with its input.
"""

import argparse
import json
import sys
import time

import torch

from networks import VAE

parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, default=1)
parser.add_argument("--latent", type=int, default=32)
parser.add_argument("--channels-last", action="store_true")
args = parser.parse_args()

torch.manual_seed(0)
model = VAE(latent=args.latent, in_place=True).eval()
if args.channels_last:
    model.to(memory_format=torch.channels_last)


@torch.inference_mode()
def decode():
    z = torch.rand(args.batch, args.latent) * 2 - 1
    return model.decode(z).permute(0, 2, 3, 1).contiguous().numpy()


for line in sys.stdin:
    ms = []
    for _ in range(int(line)):
        start = time.perf_counter()
        decode()
        ms.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"ms": ms}), flush=True)
