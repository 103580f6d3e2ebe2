"""Writes pytorch/: what models of disentangling-vae (Dubois et al. 2019) give, computed by PyTorch.

The weights are no part of the files: random_values() makes them here and in tests/fixtures/pytorch-model.ts.
"""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = Path(__file__).parent / "pytorch"
LATENT_DIM = 4
IMAGES = 2
CHANNELS = 32
HIDDEN = 256
VOLUME = (CHANNELS, 4, 4)


def random_values(seed, count):
    """Numbers from 0 up to 2³² − 1: the finaliser of MurmurHash3 applied to seed, seed + 1, …, seed + count − 1."""
    h = (np.arange(count, dtype=np.uint64) + np.uint64(seed)).astype(np.uint32)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


class Encoder(nn.Module):
    def __init__(self, size, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, CHANNELS, 4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(CHANNELS, CHANNELS, 4, stride=2, padding=1)
        self.conv3 = nn.Conv2d(CHANNELS, CHANNELS, 4, stride=2, padding=1)
        if size == 64:
            self.conv_64 = nn.Conv2d(CHANNELS, CHANNELS, 4, stride=2, padding=1)
        self.lin1 = nn.Linear(int(np.prod(VOLUME)), HIDDEN)
        self.lin2 = nn.Linear(HIDDEN, HIDDEN)
        self.mu_logvar_gen = nn.Linear(HIDDEN, 2 * LATENT_DIM)

    def forward(self, x):
        for name in ("conv1", "conv2", "conv3", "conv_64"):
            if hasattr(self, name):
                x = torch.relu(getattr(self, name)(x))
        x = torch.relu(self.lin1(x.flatten(1)))
        x = torch.relu(self.lin2(x))
        # The posterior's numbers alternate between mu and log_var.
        return self.mu_logvar_gen(x).view(-1, LATENT_DIM, 2).unbind(-1)


class Decoder(nn.Module):
    def __init__(self, size, channels):
        super().__init__()
        self.lin1 = nn.Linear(LATENT_DIM, HIDDEN)
        self.lin2 = nn.Linear(HIDDEN, HIDDEN)
        self.lin3 = nn.Linear(HIDDEN, int(np.prod(VOLUME)))
        if size == 64:
            self.convT_64 = nn.ConvTranspose2d(CHANNELS, CHANNELS, 4, stride=2, padding=1)
        self.convT1 = nn.ConvTranspose2d(CHANNELS, CHANNELS, 4, stride=2, padding=1)
        self.convT2 = nn.ConvTranspose2d(CHANNELS, CHANNELS, 4, stride=2, padding=1)
        self.convT3 = nn.ConvTranspose2d(CHANNELS, channels, 4, stride=2, padding=1)

    def forward(self, z):
        x = torch.relu(self.lin1(z))
        x = torch.relu(self.lin2(x))
        x = torch.relu(self.lin3(x)).view(-1, *VOLUME)
        for name in ("convT_64", "convT1", "convT2"):
            if hasattr(self, name):
                x = torch.relu(getattr(self, name)(x))
        return torch.sigmoid(self.convT3(x))


class Model(nn.Module):
    def __init__(self, size, channels):
        super().__init__()
        self.encoder = Encoder(size, channels)
        self.decoder = Decoder(size, channels)


def largest_weight(name, tensor):
    """He's uniform bound, which keeps the numbers' size from layer to layer; biases stay small."""
    if name.endswith("bias"):
        return 0.1
    outputs, inputs = tensor.shape[:2]
    # Of a transposed convolution with stride 2, a quarter of the 4×4 kernel meets each pixel.
    fan_in = outputs * 4 if "convT" in name else inputs * tensor[0][0].numel()
    return round(float(np.sqrt(6 / fan_in)), 6)


def make(size, channels, pixel_step):
    model = Model(size, channels)
    weights = []
    seed = 0
    for name, tensor in model.state_dict().items():
        bound = largest_weight(name, tensor)
        units = random_values(seed, tensor.numel()) / 2**31 - 1
        tensor.copy_(torch.from_numpy((units * bound).astype(np.float32)).view(tensor.shape))
        weights.append([name, list(tensor.shape), bound])
        seed += tensor.numel()

    images = (random_values(seed, IMAGES * size * size * channels) >> np.uint32(24)).astype(np.uint8)
    images = torch.from_numpy(images).view(IMAGES, size, size, channels)
    z = torch.tensor([[1.5, -0.5, 0.25, -2.0], [-1.0, 0.75, 2.0, 0.5]])
    with torch.no_grad():
        mu, log_var = model.encoder(images.permute(0, 3, 1, 2).float() / 255)
        decoded = model.decoder(z).permute(0, 2, 3, 1).reshape(len(z), -1)

    name = f"burgess-{size}-{channels}"
    FOLDER.mkdir(exist_ok=True)
    tensors = {"mu": mu, "log_var": log_var, "z": z, "decoded": decoded[:, ::pixel_step]}
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, FOLDER / f"{name}.safetensors")
    described = {
        "specs": {"img_size": [channels, size, size], "latent_dim": LATENT_DIM, "model_type": "Burgess"},
        "images": IMAGES,
        "pixel_step": pixel_step,
        "weights": weights,
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(described, indent=1) + "\n")


if __name__ == "__main__":
    make(32, 1, 7)
    make(64, 3, 37)
