"""The networks in PyTorch, written from the papers: what Unravel's own are timed against and compared with.

Schik's network ("paper") and Burgess et al. 2018 ("burgess"), for 64x64 images. Batch norm with epsilon 1e-3 and
momentum 0.99 (PyTorch counts it the other way round: 0.01) and LeakyReLU(0.3) stand between Schik's layers, after
every convolution but each network's last.
"""

import torch
from torch import nn


class VAE(nn.Module):
    """An encoder to mu and log variance, and a decoder with a sigmoid. Without a posterior: an AE, linear at its end."""

    def __init__(self, architecture="paper", latent=32, channels=3, variational=True, in_place=False, width=None):
        """width: cuts every hidden layer to so many channels, for measuring what a step costs without arithmetic."""
        super().__init__()
        self.latent = latent
        self.variational = variational
        build = {"paper": build_paper, "burgess": build_burgess}[architecture]
        self.encoder, self.decoder, features = build(latent, channels, in_place, width)
        self.mu = nn.Linear(features, latent)
        self.log_var = nn.Linear(features, latent) if variational else None

    def encode(self, x):
        h = self.encoder(x)
        return (self.mu(h), self.log_var(h)) if self.variational else (self.mu(h), None)

    def decode(self, z):
        logits = self.decoder(z)
        return torch.sigmoid(logits) if self.variational else logits


def build_paper(latent, channels, in_place, width):
    def hidden(n):
        return width or n

    def normed(layer):
        return [layer, nn.BatchNorm2d(layer.out_channels, eps=1e-3, momentum=0.01), nn.LeakyReLU(0.3, inplace=in_place)]

    down = [channels, *(hidden(n) for n in (64, 128, 128, 256, 512))]
    encoder = []
    for i, o in zip(down, down[1:]):
        encoder += normed(nn.Conv2d(i, o, 4, stride=2, padding=1, bias=False))
    encoder += [nn.Conv2d(down[-1], latent, 4, stride=2, padding=1, bias=False), nn.Flatten()]

    up = [*(hidden(n) for n in (256, 128, 128, 64)), channels]
    decoder = [nn.Unflatten(1, (latent, 1, 1))]
    decoder += normed(nn.ConvTranspose2d(latent, hidden(512), 1, bias=False))
    decoder += normed(nn.ConvTranspose2d(hidden(512), up[0], 4, bias=False))
    for i, o in zip(up, up[1:]):
        decoder += normed(nn.ConvTranspose2d(i, o, 4, stride=2, padding=1, bias=False))
    decoder += [nn.Conv2d(channels, channels, 5, padding=2, bias=False)]
    return nn.Sequential(*encoder), nn.Sequential(*decoder), latent


def build_burgess(latent, channels, in_place, width):
    c, d = width or 32, width or 256

    def relu(layer):
        return [layer, nn.ReLU(inplace=in_place)]

    encoder = []
    for i in (channels, c, c, c):
        encoder += relu(nn.Conv2d(i, c, 4, stride=2, padding=1))
    encoder += [nn.Flatten(), *relu(nn.Linear(c * 4 * 4, d)), *relu(nn.Linear(d, d))]
    decoder = [*relu(nn.Linear(latent, d)), *relu(nn.Linear(d, d)), *relu(nn.Linear(d, c * 4 * 4))]
    decoder += [nn.Unflatten(1, (c, 4, 4))]
    for _ in range(3):
        decoder += relu(nn.ConvTranspose2d(c, c, 4, stride=2, padding=1))
    decoder += [nn.ConvTranspose2d(c, channels, 4, stride=2, padding=1)]
    return nn.Sequential(*encoder), nn.Sequential(*decoder), d


@torch.no_grad()
def load_unravel_weights(model, tensors):
    """Copies weights that Unravel wrote, by name and in TensorFlow's layouts, and checks that none is left over.

    Unravel numbers a network's layers (a convolution with its norm and activation is one, a reshape is one) and
    keeps images channels last, so rows or columns of a matrix beside a volume come in another order here.
    """
    left = dict(tensors)
    posterior = load_sequence(model.encoder, "encoder", left)
    matrix, bias = left.pop(posterior + ".matrix"), left.pop(posterior + ".bias")
    heads = [model.mu] + ([model.log_var] if model.variational else [])
    for at, head in enumerate(heads):
        part = slice(at * model.latent, (at + 1) * model.latent)
        head.weight.copy_(matrix[:, part].T)
        head.bias.copy_(bias[part])
    if matrix.shape[1] != len(heads) * model.latent:
        raise ValueError(f"the posterior has {matrix.shape[1]} columns for {len(heads)} heads of {model.latent}")
    load_sequence(model.decoder, "decoder", left)
    if left:
        raise ValueError("weights without a place: " + ", ".join(sorted(left)))


def load_sequence(sequence, network, left):
    """Returns the name of the layer that would come next."""
    index = -1
    volume = None
    for module in sequence:
        if isinstance(module, nn.Unflatten):
            index += 1
            volume = tuple(module.unflattened_size)
            if index > 0:
                previous = f"{network}.{index - 1}"
                reorder_outputs(linear, previous, volume)
        elif isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            index += 1
            name = f"{network}.{index}"
            # A convolution's [k, k, in, out] and a transposed one's [k, k, out, in] turn round in the same way:
            # PyTorch stores [out, in, k, k] and [in, out, k, k].
            module.weight.copy_(left.pop(name + ".filter").permute(3, 2, 0, 1))
            if module.bias is not None:
                module.bias.copy_(left.pop(name + ".bias"))
            channels = module.out_channels
        elif isinstance(module, nn.BatchNorm2d):
            module.weight.copy_(left.pop(f"{network}.{index}.scale"))
            module.bias.copy_(left.pop(f"{network}.{index}.offset"))
        elif isinstance(module, nn.Flatten):
            volume = channels
        elif isinstance(module, nn.Linear):
            index += 1
            linear = module
            matrix = left.pop(f"{network}.{index}.matrix")
            if isinstance(volume, int):
                side = round((matrix.shape[0] // volume) ** 0.5)
                matrix = matrix.reshape(side, side, volume, -1).permute(2, 0, 1, 3).flatten(0, 2)
            module.weight.copy_(matrix.T)
            module.bias.copy_(left.pop(f"{network}.{index}.bias"))
            volume = None
    return f"{network}.{index + 1}"


def reorder_outputs(linear, name, volume):
    """A matrix that gives a volume gives it as height, width, channels; here channels come first."""
    channels, height, width = volume
    for parameter in (linear.weight, linear.bias):
        rows = parameter.reshape(height, width, channels, -1).permute(2, 0, 1, 3).flatten(0, 2)
        parameter.copy_(rows.reshape(parameter.shape))
