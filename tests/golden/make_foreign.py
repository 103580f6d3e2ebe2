"""Writes foreign/: what models of other projects give, computed by PyTorch.

The layers are those of 1Konny/Beta-VAE, AntixK/PyTorch-VAE and pythae, with random weights, which are no part of the
files: random_values() makes them here and in tests/fixtures/foreign-model.ts.
"""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

from make_pytorch import random_values

FOLDER = Path(__file__).parent / "foreign"
LATENT_DIM = 4
IMAGES = 2


class View(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.reshape(-1, *self.shape)


def down(a, b, stride=2, padding=1):
    return nn.Conv2d(a, b, 4, stride, padding)


def up(a, b, stride=2, padding=1):
    return nn.ConvTranspose2d(a, b, 4, stride, padding)


class KonnyH(nn.Module):
    """BetaVAE_H: its indices in nn.Sequential are those of the project."""

    def __init__(self, channels):
        super().__init__()
        relu = nn.ReLU()
        self.encoder = nn.Sequential(
            down(channels, 32), relu, down(32, 32), relu, down(32, 64), relu, down(64, 64), relu,
            down(64, 256, 1, 0), relu, View(256), nn.Linear(256, 2 * LATENT_DIM),
        )
        self.decoder = nn.Sequential(
            nn.Linear(LATENT_DIM, 256), View(256, 1, 1), relu, up(256, 64, 1, 0), relu, up(64, 64), relu,
            up(64, 32), relu, up(32, 32), relu, up(32, channels),
        )

    def encode(self, x):
        return self.encoder(x).chunk(2, 1)

    def decode(self, z):
        return torch.sigmoid(self.decoder(z))


class KonnyB(KonnyH):
    """BetaVAE_B."""

    def __init__(self, channels):
        super().__init__(channels)
        relu = nn.ReLU()
        self.encoder = nn.Sequential(
            down(channels, 32), relu, down(32, 32), relu, down(32, 32), relu, down(32, 32), relu, View(512),
            nn.Linear(512, 256), relu, nn.Linear(256, 256), relu, nn.Linear(256, 2 * LATENT_DIM),
        )
        self.decoder = nn.Sequential(
            nn.Linear(LATENT_DIM, 256), relu, nn.Linear(256, 256), relu, nn.Linear(256, 512), relu, View(32, 4, 4),
            up(32, 32), relu, up(32, 32), relu, up(32, 32), relu, up(32, channels),
        )


def halving(a, b):
    return nn.Sequential(nn.Conv2d(a, b, 3, 2, 1), nn.BatchNorm2d(b), nn.LeakyReLU())


def doubling(a, b):
    return [nn.ConvTranspose2d(a, b, 3, 2, 1, output_padding=1), nn.BatchNorm2d(b), nn.LeakyReLU()]


class PytorchVae(nn.Module):
    """VanillaVAE, with narrower layers than its default, and images in [-1, 1]."""

    def __init__(self):
        super().__init__()
        dims = [8, 16, 32, 64, 512]
        self.encoder = nn.Sequential(*[halving(a, b) for a, b in zip([3] + dims, dims)])
        self.fc_mu = nn.Linear(2048, LATENT_DIM)
        self.fc_var = nn.Linear(2048, LATENT_DIM)
        self.decoder_input = nn.Linear(LATENT_DIM, 2048)
        back = dims[::-1]
        self.decoder = nn.Sequential(*[nn.Sequential(*doubling(a, b)) for a, b in zip(back, back[1:])])
        self.final_layer = nn.Sequential(*doubling(8, 8), nn.Conv2d(8, 3, 3, padding=1), nn.Tanh())

    def encode(self, x):
        features = self.encoder(2 * x - 1).flatten(1)
        return self.fc_mu(features), self.fc_var(features)

    def decode(self, z):
        images = self.final_layer(self.decoder(self.decoder_input(z).view(-1, 512, 2, 2)))
        return (images + 1) / 2


class PythaeEncoder(nn.Module):
    def __init__(self, channels, pixels):
        super().__init__()
        widths = [channels, 128, 256, 512, 1024]
        self.layers = nn.ModuleList(
            nn.Sequential(down(a, b), nn.BatchNorm2d(b), nn.ReLU()) for a, b in zip(widths, widths[1:])
        )
        self.embedding = nn.Linear(1024 * pixels, LATENT_DIM)
        self.log_var = nn.Linear(1024 * pixels, LATENT_DIM)


class PythaeDecoder(nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList(layers)


def pythae_block(a, b, kernel, padding, output_padding):
    return nn.Sequential(
        nn.ConvTranspose2d(a, b, kernel, 2, padding, output_padding), nn.BatchNorm2d(b), nn.ReLU()
    )


class Pythae(nn.Module):
    """Encoder_Conv_VAE_… and Decoder_Conv_AE_… of CelebA, or of MNIST, whose images of 28 pixels are resized."""

    def __init__(self, is_celeba):
        super().__init__()
        self.is_celeba = is_celeba
        if is_celeba:
            self.encoder = PythaeEncoder(3, 16)
            self.decoder = PythaeDecoder([
                nn.Sequential(nn.Linear(LATENT_DIM, 1024 * 8 * 8)),
                pythae_block(1024, 512, 5, 2, 0),
                pythae_block(512, 256, 5, 1, 0),
                pythae_block(256, 128, 5, 2, 1),
                nn.Sequential(nn.ConvTranspose2d(128, 3, 5, 1, padding=1), nn.Sigmoid()),
            ])
        else:
            self.encoder = PythaeEncoder(1, 1)
            self.decoder = PythaeDecoder([
                nn.Linear(LATENT_DIM, 1024 * 4 * 4),
                pythae_block(1024, 512, 3, 1, 0),
                pythae_block(512, 256, 3, 1, 1),
                nn.Sequential(nn.ConvTranspose2d(256, 1, 3, 2, 1, output_padding=1), nn.Sigmoid()),
            ])

    def resized(self, images, size):
        return images if self.is_celeba else F.interpolate(images, size=(size, size), mode="bilinear")

    def encode(self, x):
        x = self.resized(x, 28)
        for layer in self.encoder.layers:
            x = layer(x)
        return self.encoder.embedding(x.flatten(1)), self.encoder.log_var(x.flatten(1))

    def decode(self, z):
        side = 8 if self.is_celeba else 4
        x = self.decoder.layers[0](z).view(-1, 1024, side, side)
        for layer in list(self.decoder.layers)[1:]:
            x = layer(x)
        return self.resized(x, 32)


def spread(name, tensor, module):
    """Offset and bound of a weight's values, which keep the numbers' size from layer to layer."""
    if name.endswith("running_var"):
        return 1.0, 0.5
    if tensor.ndim == 1:
        is_scale = name.endswith("weight")
        return (1.0, 0.25) if is_scale else (0.0, 0.1)
    transposed = isinstance(module, nn.ConvTranspose2d)
    area = tensor[0][0].numel()
    fan_in = tensor.shape[0] * area / module.stride[0] ** 2 if transposed else tensor[0].numel()
    return 0.0, round(float(np.sqrt(6 / fan_in)), 6)


def make(name, model, size, channels, pixel_step):
    model.eval()
    modules = dict(model.named_modules())
    weights = []
    seed = 0
    for key, tensor in model.state_dict().items():
        if key.endswith("num_batches_tracked"):
            continue
        offset, bound = spread(key, tensor, modules[key.rpartition(".")[0]])
        units = random_values(seed, tensor.numel()) / 2**31 - 1
        tensor.copy_(torch.from_numpy((offset + units * bound).astype(np.float32)).view(tensor.shape))
        weights.append([key, list(tensor.shape), offset, bound])
        seed += tensor.numel()

    images = (random_values(seed, IMAGES * size * size * channels) >> np.uint32(24)).astype(np.uint8)
    images = torch.from_numpy(images).view(IMAGES, size, size, channels)
    z = torch.tensor([[1.5, -0.5, 0.25, -2.0], [-1.0, 0.75, 2.0, 0.5]])
    with torch.no_grad():
        mu, log_var = model.encode(images.permute(0, 3, 1, 2).float() / 255)
        decoded = model.decode(z).permute(0, 2, 3, 1).reshape(len(z), -1)

    FOLDER.mkdir(exist_ok=True)
    tensors = {"mu": mu, "log_var": log_var, "z": z, "decoded": decoded[:, ::pixel_step]}
    save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, FOLDER / f"{name}.safetensors")
    described = {"image": [channels, size], "images": IMAGES, "pixel_step": pixel_step, "weights": weights}
    (FOLDER / f"{name}.json").write_text(json.dumps(described, indent=1) + "\n")


if __name__ == "__main__":
    make("konny-h", KonnyH(3), 64, 3, 37)
    make("konny-b", KonnyB(1), 64, 1, 13)
    make("pytorch-vae", PytorchVae(), 64, 3, 37)
    make("pythae-celeba", Pythae(True), 64, 3, 37)
    make("pythae-mnist", Pythae(False), 32, 1, 7)
