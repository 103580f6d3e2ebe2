#!/usr/bin/env python3
"""Trains one of the four models in PyTorch from given weights, batches and noise, and prints every step's terms.

Written from the papers, with autograd, torch.optim.Adam and torch.distributions, and nothing ported: it is there to
agree with Unravel's hand-written passes or to show that they are wrong. One JSON line a step.
"""

import argparse
import json
import math

import torch
from safetensors.torch import load_file
from torch.distributions import Normal, kl_divergence

from networks import VAE, load_unravel_weights


def minibatch_weighted_sampling(posterior, z, dataset_size):
    """Chen et al. 2018, section 4.1: log q(z) and the sum over j of log q(z_j), estimated from the batch itself.

    The densities of every code under every image's posterior make one tensor [code, image, dimension].
    """
    batch = z.shape[0]
    level = math.log(dataset_size * batch)
    pairwise = Normal(posterior.mean[None], posterior.stddev[None]).log_prob(z[:, None])
    log_qz = torch.logsumexp(pairwise.sum(2), 1) - level
    log_prod_qz = (torch.logsumexp(pairwise, 1) - level).sum(1)
    return log_qz, log_prod_qz


def penalty(args, mu, log_var, z):
    # In doubles: estimates of hundreds of nats cancel, and what is compared is the formula, not the rounding.
    mu, log_var, z = mu.double(), log_var.double(), z.double()
    posterior = Normal(mu, torch.exp(log_var / 2))
    prior = Normal(torch.zeros_like(mu), torch.ones_like(mu))
    if args.model in ("vae", "beta-vae"):
        kl = kl_divergence(posterior, prior).sum(1).mean()
        return {"kl": kl}, args.beta * kl
    log_qz_x = posterior.log_prob(z).sum(1)
    log_pz = prior.log_prob(z).sum(1)
    log_qz, log_prod_qz = minibatch_weighted_sampling(posterior, z, args.dataset_size)
    terms = {
        "mutualInformation": (log_qz_x - log_qz).mean(),
        "totalCorrelation": (log_qz - log_prod_qz).mean(),
        "dimensionwiseKl": (log_prod_qz - log_pz).mean(),
    }
    weights = (args.alpha, args.beta, args.gamma)
    return terms, sum(weight * term for weight, term in zip(weights, terms.values()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", choices=["ae", "vae", "beta-vae", "beta-tcvae"], required=True)
    parser.add_argument("--architecture", choices=["paper", "burgess"], required=True)
    parser.add_argument("--weights", required=True, help="safetensors with Unravel's initial weights")
    parser.add_argument("--batches", required=True, help="safetensors with images [steps, batch, 64, 64, C] and noise")
    parser.add_argument("--dataset-size", type=int, required=True)
    parser.add_argument("--alpha", type=float, default=1)
    parser.add_argument("--beta", type=float, default=1)
    parser.add_argument("--gamma", type=float, default=1)
    parser.add_argument("--double", action="store_true", help="compute in float64: the truth that float32 rounds")
    args = parser.parse_args()

    batches = load_file(args.batches)
    images, noise = batches["images"], batches["noise"]
    model = VAE(
        architecture=args.architecture,
        latent=noise.shape[-1],
        channels=images.shape[-1],
        variational=args.model != "ae",
    )
    load_unravel_weights(model, load_file(args.weights))
    model.to(memory_format=torch.channels_last)
    if args.double:
        model.double()
        noise = noise.double()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-4, eps=1e-8)

    for step in range(len(images)):
        x = images[step].permute(0, 3, 1, 2).to(noise.dtype) / 255
        mu, log_var = model.encode(x)
        z = mu if log_var is None else mu + torch.exp(log_var / 2) * noise[step]
        error = (x - model.decode(z)).square().sum((1, 2, 3)).mean()
        terms, weighted = {}, 0
        if log_var is not None:
            terms, weighted = penalty(args, mu, log_var, z)
        total = error + weighted
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        values = {"total": total, "reconstruction": error, **terms}
        print(json.dumps({name: value.item() for name, value in values.items()}), flush=True)


if __name__ == "__main__":
    main()
