#!/usr/bin/env python3
"""Reads with Python's own libraries what Unravel wrote, and writes tables of codes for Unravel to read.

    interchange.py read <manifest.json>    checks the files that the manifest lists
    interchange.py write <folder>          writes codes as Parquet, AnnData and arrays, with a manifest

Nothing of Unravel is used: onnxruntime, PyTorch, pyarrow, pandas and anndata are the judges. One JSON line a check.
"""

import contextlib
import io
import json
import os
import re
import sys
import warnings
from pathlib import Path

import anndata
import h5py
import numpy as np
import onnxruntime
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file as load_arrays, save_file as save_arrays
from safetensors.torch import load_file as load_tensors
from scipy import sparse

warnings.filterwarnings("ignore", category=FutureWarning)
warnings.filterwarnings("ignore", category=UserWarning)

# Largest difference from the engine, relative to max(|value|, 1).
TOLERANCE = 1e-4
BATCH_NORM_EPSILON = 1e-3


def say(what, with_, apart=None, allowed=None, problem=None):
    """apart: the largest difference; allowed: how large it may be; problem: what is wrong, where it is no number."""
    if apart is not None:
        apart = float(apart)
    is_close = apart is None or (np.isfinite(apart) and apart <= allowed)
    line = {"what": what, "with": with_, "equal": problem is None and is_close}
    if apart is not None:
        line |= {"apart": apart if np.isfinite(apart) else None, "allowed": allowed}
    if problem is not None:
        line["problem"] = problem
    print(json.dumps(line), flush=True)


def apart(found, expected):
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    if found.shape != expected.shape:
        return np.inf
    return np.max(np.abs(found - expected) / np.maximum(np.abs(expected), 1)) if found.size else 0.0


def same(what, with_, found, expected):
    """Two values that must be equal in every part."""
    say(what, with_, problem=None if found == expected else f"{found!r:.300} is not {expected!r:.300}")


def attempt(what, with_, check):
    """A check that fails with an exception is a difference like any other."""
    try:
        check()
    except Exception as error:  # noqa: BLE001
        say(what, with_, problem=f"{type(error).__name__}: {error}")


# What Unravel wrote


def check_onnx(model):
    expected = load_arrays(model["expected"])
    # Images that are all alike would be equal whatever the decoder did.
    spread = expected["decoded"].std(0).max()
    problem = None if spread > 0.01 else f"the decoded images are too alike to be compared (deviation {spread:.1g})"
    say(f"{model['title']}: codes have images of their own", "numpy", problem=problem)
    sessions = {
        name: onnxruntime.InferenceSession(str(Path(model["onnx"]) / f"{name}.onnx")) for name in ("encoder", "decoder")
    }
    names = ["mu", "log_var"] if "log_var" in expected else ["mu"]
    found = [output.name for output in sessions["encoder"].get_outputs()]
    same(f"{model['title']}: outputs of encoder.onnx", "onnxruntime", found, names)
    for count in (1, len(expected["image"])):
        extra = {"condition": expected["condition"][:count]} if "condition" in expected else {}
        encoded = sessions["encoder"].run(names, {"image": expected["image"][:count], **extra})
        for name, value in zip(names, encoded):
            what = f"{model['title']}: {name} of {count}"
            say(what, "onnxruntime", apart(value, expected[name][:count]), TOLERANCE)
        (image,) = sessions["decoder"].run(["image"], {"z": expected["z"][:count], **extra})
        what = f"{model['title']}: decoded images of {count}"
        say(what, "onnxruntime", apart(image, expected["decoded"][:count]), TOLERANCE)


def run_readme(folder):
    """Runs the Python of an exported README.md as it stands, in its folder. Returns what its variables are then."""
    (code,) = re.findall(r"```python\n(.*?)```", (Path(folder) / "README.md").read_text("utf8"), re.DOTALL)
    variables = {}
    with chdir(folder):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, "README.md", "exec"), variables)
    return variables


@contextlib.contextmanager
def chdir(folder):
    """contextlib.chdir, for Python 3.10."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def check_onnx_readme(model):
    variables = run_readme(model["onnx"])
    expected = load_arrays(model["expected"])
    what = f"{model['title']}: README.md of ONNX"
    say(what, "onnxruntime", apart(variables["mu"], expected["zero_mu"]), TOLERANCE)
    say(what + ", decoded", "onnxruntime", apart(variables["decoded"], expected["zero_decoded"]), TOLERANCE)


def same_padding(size, kernel, stride):
    """TensorFlow's padding `same` before and behind an image, as the exported README.md has it."""
    whole = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return whole // 2, whole - whole // 2


def run_layers(layers, weights, x):
    """The layers of mapping.json in plain PyTorch."""
    for layer in layers:
        kind = layer["layer"]
        w, b = (weights.get(f"{layer.get('weights')}.{part}") for part in ("weight", "bias"))
        if kind == "conv":
            stride, padding, kernel = layer["stride"], layer["padding"], w.shape[-1]
            if padding == "same":
                (top, bottom), (left, right) = (same_padding(n, kernel, stride) for n in x.shape[2:])
                x, padding = F.pad(x, (left, right, top, bottom)), 0
            x = F.conv2d(x, w, b, stride=stride, padding=padding)
        elif kind == "conv-transpose":
            stride, padding, kernel = layer["stride"], layer["padding"], w.shape[-1]
            if padding == "same":
                size = x.shape[-1] * stride
                before, _ = same_padding(size, kernel, stride)
                x = F.conv_transpose2d(x, w, b, stride=stride)
                # Where the stride exceeds the kernel the result is smaller than the image.
                x = F.pad(x, (0, max(0, size + before - x.shape[-1]), 0, max(0, size + before - x.shape[-2])))
                x = x[:, :, before : before + size, before : before + size]
            else:
                x = F.conv_transpose2d(x, w, b, stride=stride, padding=padding, output_padding=layer["outputPadding"])
        elif kind == "dense":
            x = F.linear(x.flatten(1), w, b)
        elif kind == "reshape":
            x = x.reshape(-1, *layer["to"])
        elif kind == "leaky-relu":
            x = F.leaky_relu(x, layer["slope"])
        elif kind in ("relu", "sigmoid", "tanh", "silu", "elu"):
            x = getattr(F if kind in ("relu", "silu", "elu") else torch, kind)(x)
        else:
            raise ValueError(f"there is no layer {kind}")
    return x


@torch.no_grad()
def check_torch(model):
    weights = load_tensors(str(Path(model["weights"]) / "model.safetensors"))
    mapping = json.loads((Path(model["weights"]) / "mapping.json").read_text("utf8"))
    expected = load_arrays(model["expected"])
    latent = expected["z"].shape[1]
    posterior = mapping["posterior"]
    last = {"layer": "dense", "weights": posterior.get("both") or posterior["code"]}
    h = run_layers([*mapping["encoder"], last], weights, torch.from_numpy(expected["image"]))
    found = {"mu": h[:, :latent]}
    if "both" in posterior:
        found["log_var"] = h[:, latent:]
    # As README.md says: a decoder that ends linearly is cut off.
    found["decoded"] = run_layers(mapping["decoder"], weights, torch.from_numpy(expected["z"])).clip(0, 1)
    for name, value in found.items():
        what = f"{model['title']}: {name} by the weights and mapping.json"
        say(what, "safetensors, PyTorch", apart(value.numpy(), expected[name]), TOLERANCE)


def channels_first(rows, shape):
    """Rows that are a volume with its channels last, as PyTorch has them."""
    channels, height, width = shape
    rest = rows.shape[1:]
    return rows.reshape(height, width, channels, *rest).permute(2, 0, 1, *range(3, 3 + len(rest))).reshape(-1, *rest)


def check_weights(model):
    """Every exported weight against the checkpoint, whose layouts are TensorFlow's, with its batch norms folded here."""
    weights = load_tensors(str(Path(model["weights"]) / "model.safetensors"))
    own = load_tensors(str(Path(model["checkpoint"]) / "checkpoint.safetensors"))
    mapping = json.loads((Path(model["weights"]) / "mapping.json").read_text("utf8"))
    posterior = mapping["posterior"]
    chains = [
        [*mapping["encoder"], {"layer": "dense", "weights": posterior.get("both") or posterior["code"]}],
        mapping["decoder"],
    ]
    size, channels = mapping["image"]["size"], mapping["image"]["channels"]
    left, worst = set(weights), 0.0
    for layers in chains:
        # The encoder begins with an image, the decoder with a code.
        volume = (channels, size, size) if layers is chains[0] else None
        for at, layer in enumerate(layers):
            if layer["layer"] == "reshape":
                volume = tuple(layer["to"])
            if "weights" not in layer:
                continue
            name = layer["weights"]
            weight, bias = weights[name + ".weight"].double(), weights[name + ".bias"].double()
            left -= {name + ".weight", name + ".bias"}
            if layer["layer"] == "dense":
                matrix, offset = own[name + ".matrix"].double(), own[name + ".bias"].double()
                if volume:
                    side = round((matrix.shape[0] // volume[0]) ** 0.5)
                    matrix = channels_first(matrix, (volume[0], side, side))
                behind = next((one for one in layers[at + 1 :] if one["layer"] not in ("relu", "leaky-relu")), {})
                if behind.get("layer") == "reshape":
                    matrix = channels_first(matrix.T.contiguous(), behind["to"]).T
                    offset = channels_first(offset, behind["to"])
                expected, offset, volume = matrix.T, offset, None
            else:
                kernel = own[name + ".filter"].double()
                out = 2 if layer["layer"] == "conv-transpose" else 3
                offset = torch.zeros(kernel.shape[out], dtype=torch.float64)
                if name + ".scale" in own:
                    scale, shift, mean, variance = (
                        own[f"{name}.{part}"].double() for part in ("scale", "offset", "mean", "variance")
                    )
                    factor = scale / torch.sqrt(variance + BATCH_NORM_EPSILON)
                    offset = shift - mean * factor
                    kernel = kernel * (factor[:, None] if out == 2 else factor)
                elif name + ".bias" in own:
                    offset = own[name + ".bias"].double()
                expected = kernel.permute(3, 2, 0, 1)
                volume = (kernel.shape[out], 0, 0)
            worst = max(worst, apart(weight, expected), apart(bias, offset))
    if left:
        say(f"{model['title']}: weights", "safetensors", problem=f"without a place: {', '.join(sorted(left))}")
    is_normed = any(name.endswith(".scale") for name in own)
    # Folding a batch norm rounds once; everything else is the same number.
    say(f"{model['title']}: weights", "safetensors, PyTorch", worst, 1e-6 if is_normed else 0.0)


def check_weights_readme(model):
    variables = run_readme(model["weights"])
    count = sum(1 for layer in variables["mapping"]["encoder"] + variables["mapping"]["decoder"] if "weights" in layer)
    problem = None if count > 3 else f"it lists {count} layers with weights"
    say(f"{model['title']}: README.md of safetensors", "safetensors, PyTorch", problem=problem)


def principal_components(codes):
    """Three principal components of each code, whose signs are free."""
    codes = codes.astype(np.float64)
    centred = codes - codes.mean(0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    return centred @ directions[:3].T


def check_labels(what, with_, column, expected):
    """A column of labels: words, or numbers; None is unknown."""
    found = [None if pd.isna(value) else value for value in column]
    if all(isinstance(value, (int, float)) or value is None for value in expected):
        say(what, with_, apart(*(pd.Series(one, dtype=float).fillna(-1e9) for one in (found, expected))), 0.0)
    else:
        same(what, with_, found, expected)


def check_parquet(tables):
    codes, names = load_arrays(tables["codes"]), tables["names"]
    dimensions = range(codes["mu"].shape[1])
    columns = ["name", *(f"{part}_{j}" for part in ("mu", "log_var") for j in dimensions), *tables["labels"]]
    for with_, frame in (
        ("pyarrow", pq.read_table(tables["parquet"]).to_pandas()),
        ("pandas", pd.read_parquet(tables["parquet"])),
    ):
        same("encode --out x.parquet: columns", with_, list(frame.columns), columns)
        same("encode --out x.parquet: names", with_, list(frame["name"]), names)
        for part in ("mu", "log_var"):
            found = frame[[f"{part}_{j}" for j in dimensions]]
            problem = None if all(kind == np.float32 for kind in found.dtypes) else "its type is not float32"
            say(f"encode --out x.parquet: {part}", with_, apart(found, codes[part]), 0.0, problem)
        for name, expected in tables["labels"].items():
            check_labels(f"encode --out x.parquet: label {name}", with_, frame[name], expected)


def check_h5ad(tables):
    codes, names = load_arrays(tables["codes"]), tables["names"]
    read = anndata.read_h5ad(tables["h5ad"])
    same("encode --out x.h5ad: names", "anndata", list(read.obs_names), names)
    same("encode --out x.h5ad: labels", "anndata", list(read.obs.columns), list(tables["labels"]))
    for part in ("mu", "log_var"):
        say(f"encode --out x.h5ad: obsm {part}", "anndata", apart(read.obsm[part], codes[part]), 0.0)
    say("encode --out x.h5ad: X", "anndata", apart(read.X, codes["mu"]), 0.0)
    found, expected = read.obsm["X_pca"], principal_components(codes["mu"])
    signs = np.sign((found * expected).sum(0))
    say("encode --out x.h5ad: obsm X_pca", "anndata", apart(found, expected * signs), TOLERANCE)
    for name, expected in tables["labels"].items():
        what = f"encode --out x.h5ad: label {name}"
        check_labels(what, "anndata", read.obs[name], expected)
        if any(isinstance(value, str) for value in expected):
            kind = isinstance(read.obs[name].dtype, pd.CategoricalDtype)
            words = sorted({value for value in expected if value is not None})
            same(what + ", categories", "anndata", kind and sorted(read.obs[name].cat.categories), words)
    # A file that anndata writes again and reads again is one that it understands wholly.
    again = Path(tables["h5ad"]).with_name("again.h5ad")
    read.write_h5ad(again)
    difference = apart(anndata.read_h5ad(again).obsm["mu"], codes["mu"])
    say("encode --out x.h5ad: written again", "anndata", difference, 0.0)


def read_all(manifest):
    for model in manifest["models"]:
        attempt(f"{model['title']}: ONNX", "onnxruntime", lambda: check_onnx(model))
        attempt(f"{model['title']}: README.md of ONNX", "onnxruntime", lambda: check_onnx_readme(model))
        if "weights" in model:
            attempt(f"{model['title']}: model", "safetensors, PyTorch", lambda: check_torch(model))
            attempt(f"{model['title']}: weights", "safetensors, PyTorch", lambda: check_weights(model))
            attempt(f"{model['title']}: README.md", "safetensors, PyTorch", lambda: check_weights_readme(model))
    attempt("encode --out x.parquet", "pyarrow", lambda: check_parquet(manifest["tables"]))
    attempt("encode --out x.h5ad", "anndata", lambda: check_h5ad(manifest["tables"]))


# What Python writes for Unravel

ROWS, DIMENSIONS = 60, 4
KINDS = ["cat", "dög", None, "a, b"]


def write_all(folder):
    """Writes the same codes and labels in many forms. The manifest says which must be read, and which may be refused."""
    random = np.random.default_rng(13)
    codes = random.standard_normal((ROWS, DIMENSIONS)).astype(np.float32)
    names = [f"pictures/image {i:03}.png" for i in range(ROWS)]
    kinds = [KINDS[i % len(KINDS)] for i in range(ROWS)]
    ages = [None if i % 7 == 0 else 0.5 + i for i in range(ROWS)]
    save_arrays({"mu": codes}, str(folder / "expected.safetensors"))
    files = []

    def add(file, what, refusal=None, key=None, labels=("kind", "age")):
        """refusal: what the error must name, where the file need not be read."""
        files.append({"file": file, "what": what, "refusal": refusal, "key": key, "labels": list(labels)})

    def frame(dtype=np.float32, kind=lambda values: values):
        columns = {"name": names} | {f"z_{j}": codes[:, j].astype(dtype) for j in range(DIMENSIONS)}
        return pd.DataFrame(columns | {"kind": kind(kinds), "age": ages})

    for compression in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
        file = f"{compression}.parquet"
        pq.write_table(pa.Table.from_pandas(frame()), folder / file, compression=compression)
        add(file, f"Parquet, {compression}")
    frame(kind=pd.Categorical).to_parquet(folder / "categorical.parquet")
    add("categorical.parquet", "Parquet, categories of pandas")
    frame().set_index("name").to_parquet(folder / "indexed.parquet")
    add("indexed.parquet", "Parquet, names as index of pandas")
    frame(np.float64).to_parquet(folder / "float64.parquet")
    add("float64.parquet", "Parquet, float64")
    table = pa.Table.from_pandas(frame(), preserve_index=False)
    for version in ("1.0", "2.0"):
        for dictionary in (True, False):
            file = f"pages-{version}-{dictionary}.parquet"
            options = {"data_page_version": version, "use_dictionary": dictionary, "row_group_size": 17}
            pq.write_table(table, folder / file, **options)
            encoded = "dictionary-encoded" if dictionary else "plain"
            add(file, f"Parquet, pages of version {version}, {encoded}, row groups of 17")
    kind = table.schema.get_field_index("kind")
    dictionary = table.set_column(kind, "kind", table.column("kind").dictionary_encode())
    pq.write_table(dictionary, folder / "arrow-dictionary.parquet")
    add("arrow-dictionary.parquet", "Parquet, dictionary type of Arrow")
    delta = {"use_dictionary": False, "column_encoding": {"name": "DELTA_BYTE_ARRAY", "z_0": "BYTE_STREAM_SPLIT"}}
    pq.write_table(table, folder / "delta.parquet", **delta)
    add("delta.parquet", "Parquet, delta and byte-stream encodings")
    lists = pa.table({"name": names, "embedding": list(codes), "kind": kinds, "age": pa.array(ages, pa.float64())})
    pq.write_table(lists, folder / "lists.parquet")
    add("lists.parquet", "Parquet, a column of lists", refusal="embedding")

    def cells(**parts):
        obs = pd.DataFrame({"kind": pd.Categorical(kinds), "age": ages}, index=names)
        return anndata.AnnData(obs=obs, **parts)

    counts = sparse.random(ROWS, 20, density=0.2, random_state=1, format="csr", dtype=np.float32)
    for compression in (None, "gzip", "lzf"):
        file = f"cells-{compression}.h5ad"
        cells(X=counts.toarray(), obsm={"X_scVI": codes}).write_h5ad(folder / file, compression=compression)
        add(file, f"AnnData, compression {compression or 'none'}", refusal="lzf" if compression == "lzf" else None)
    for form in ("csr", "csc"):
        file = f"sparse-{form}.h5ad"
        cells(X=counts.asformat(form), obsm={"X_scVI": codes}).write_h5ad(folder / file)
        add(file, f"AnnData, codes in obsm beside a sparse X ({form})")
    cells(X=codes).write_h5ad(folder / "x.h5ad")
    add("x.h5ad", "AnnData, codes in X")
    cells(X=codes.astype(np.float64)).write_h5ad(folder / "x64.h5ad")
    add("x64.h5ad", "AnnData, codes in X as float64")
    cells(X=sparse.csr_matrix(codes)).write_h5ad(folder / "sparse-x.h5ad")
    add("sparse-x.h5ad", "AnnData, codes in a sparse X", refusal="sparse")
    both = cells(obsm={"X_scVI": codes, "X_umap": codes[:, :2], "X_pca": codes[:, ::-1].copy()})
    both.write_h5ad(folder / "several.h5ad")
    add("several.h5ad", "AnnData, one of several in obsm by --key", key="X_scVI")
    obsm = pd.DataFrame(codes, index=names, columns=[f"z_{j}" for j in range(DIMENSIONS)])
    cells(obsm={"X_frame": obsm}).write_h5ad(folder / "frame.h5ad")
    add("frame.h5ad", "AnnData, a data frame in obsm", refusal="X_frame")
    full = cells(X=counts, obsm={"X_scVI": codes})
    full.obs["is_old"] = [i % 2 == 0 for i in range(ROWS)]
    full.obs["count"] = np.arange(ROWS, dtype=np.int64)
    full.obs["nullable"] = pd.array([None if i % 5 == 0 else i % 3 for i in range(ROWS)], dtype="Int64")
    full.uns["log"] = {"steps": np.arange(3), "words": "text"}
    full.obsp["distances"] = sparse.identity(ROWS, format="csr")
    full.raw = full.copy()
    full.write_h5ad(folder / "full.h5ad")
    add("full.h5ad", "AnnData with uns, obsp, raw and nullable labels")

    with h5py.File(folder / "latents.h5", "w") as file:
        file.create_dataset("z_mean", data=codes.astype(">f8"), chunks=(7, DIMENSIONS), compression="gzip", shuffle=True)
        file.create_dataset("names", data=names, dtype=h5py.string_dtype())
    add("latents.h5", "HDF5 by h5py, big-endian, gzip and shuffle", labels=())
    (folder / "manifest.json").write_text(
        json.dumps({"names": names, "labels": {"kind": kinds, "age": ages}, "files": files}), "utf8"
    )


def main():
    task, path = sys.argv[1:]
    if task == "read":
        read_all(json.loads(Path(path).read_text("utf8")))
    elif task == "write":
        write_all(Path(path))
    else:
        raise SystemExit("usage: interchange.py read <manifest.json> | write <folder>")


if __name__ == "__main__":
    main()
