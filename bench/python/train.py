#!/usr/bin/env python3
"""PyTorch's side of the training benchmark: one VAE step of the paper's network on random images, Adam 1e-4.

Channels last, fused Adam and in-place LeakyReLU: PyTorch's fastest on a CPU. The allocator settings that belong to
it (MALLOC_*) come from whoever starts this. Reads lines "K" from standard input, runs K steps and answers
{"ms": [...], "loss": x}; ends with its input.
"""

import argparse
import contextlib
import json
import sys
import time

import torch

from networks import VAE

parser = argparse.ArgumentParser()
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--latent", type=int, default=32)
parser.add_argument("--width", type=int, help="cut every hidden layer to so many channels")
parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16")
args = parser.parse_args()

torch.manual_seed(0)
last = {"memory_format": torch.channels_last}
model = VAE(latent=args.latent, in_place=True, width=args.width).to(**last)
images = torch.rand(args.batch, 3, 64, 64).to(**last)
optimiser = torch.optim.Adam(model.parameters(), 1e-4, fused=True)
precision = torch.autocast("cpu", torch.bfloat16) if args.bf16 else contextlib.nullcontext()


def step():
    with precision:
        mu, log_var = model.encode(images)
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        reconstruction = model.decode(z).float()
    mu, log_var = mu.float(), log_var.float()
    error = ((images - reconstruction) ** 2).flatten(1).sum(1)
    kl = 0.5 * (mu**2 + torch.exp(log_var) - 1 - log_var).sum(1)
    loss = (error + kl).mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


for line in sys.stdin:
    ms = []
    for _ in range(int(line)):
        start = time.perf_counter()
        loss = step()
        ms.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({"ms": ms, "loss": loss}), flush=True)
