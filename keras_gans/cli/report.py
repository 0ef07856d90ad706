"""The page of an evaluation: one HTML file that needs nothing else."""

import base64
import html
import itertools
import pathlib
import tempfile

import numpy as np

from keras_gans.cli.tables import format_number, protocol_line
from keras_gans.files import whole_file
from keras_gans.metrics.embedded import embed_real
from keras_gans.metrics.entries import MEANINGS
from keras_gans.metrics.nearest import nearest_in_batches, nearest_neighbors, neighbor_grid
from keras_gans.pictures import image_grid, png

TEMPLATE = pathlib.Path(__file__).with_name("report.html")
SAMPLES = 64
ROWS = 8
NEIGHBOURS = 5
BETTER = {"low": "Lower is better.", "high": "Higher is better."}


def write_report(path, scores, fake, real, embedder, history):
    """Writes the page.

    Args:
        path: The .html file.
        scores: Dict of `evaluate`.
        fake: `GeneratedImages` or `StoredImages` that were scored.
        real: `StoredImages` that they were scored against.
        embedder: The `Embedder`, or None if the scores need none.
        history: Path of the picture of the training curves, which need not exist.

    Raises:
        WriteError: If the page cannot be written.
    """
    batches = itertools.islice(fake.batches(), -(-SAMPLES // fake.batch_size))
    samples = np.concatenate(list(batches))[:SAMPLES]
    sections = [_section("Samples", _picture(image_grid(samples), "generated images"))]
    if history.is_file():
        curves = f'<img alt="training curves" src="{_url(history.read_bytes())}">'
        sections.append(_section("Training", curves))
    sections += _neighbours(samples[:ROWS], real, embedder)
    if "class_balance" in scores:
        sections.append(_classes(scores["class_balance"]))
    if "memorization" in scores:
        text = html.escape(scores["memorization"]["summary"])
        sections.append(_section("Memorisation", f"<p>{text}</p>"))
    fields = {
        "title": f"Scores of {scores['protocol']['source']}",
        "protocol_line": protocol_line(scores["protocol"]),
    }
    fields = {key: html.escape(value) for key, value in fields.items()} | {
        "rows": _rows(scores),
        "sections": "\n".join(sections),
        "protocol": _protocol(scores["protocol"]),
    }
    page = TEMPLATE.read_text("utf-8")
    for key, value in fields.items():
        page = page.replace("{{" + key + "}}", value)
    with whole_file(path) as file:
        file.write(page.encode())


def _rows(scores):
    rows = []
    for name, meaning in MEANINGS.items():
        if name not in scores:
            continue
        line = html.escape(protocol_line(scores["protocol"], name))
        spread = scores.get(f"{name}_std")
        spread = "" if spread is None else f" <small>± {format_number(spread)}</small>"
        text = " ".join(filter(None, [html.escape(meaning.sentence), BETTER.get(meaning.best)]))
        rows.append(
            f"<tr><td>{meaning.title}</td>"
            f'<td class="number">{format_number(scores[name])}{spread}</td>'
            f"<td>{text}<br><small>{line}</small></td></tr>"
        )
    return "\n".join(rows)


def _neighbours(samples, real, embedder):
    """Returns a section by pixels and, with an embedder, one by features."""
    k = min(NEIGHBOURS, real.count)
    indices, lengths = nearest_in_batches(real.batches(), samples, k, norm=1)
    grey_levels = lengths.min() / np.prod(real.shape)
    text = (
        "Each row has a generated image on the left and beside it the real images whose pixels "
        f"are nearest (L1). The closest pair is {grey_levels:.1f} grey levels apart on average. "
        "Rows of nearly equal images are copies, if these are the training images."
    )
    sections = [_neighbour_section("Nearest real images by pixels", text, samples, real, indices)]
    if embedder:
        with tempfile.TemporaryDirectory() as folder:
            features = embed_real(real, embedder, pathlib.Path(folder) / "real").features
            indices, lengths = nearest_neighbors(features, embedder(samples), k)
        text = (
            "The same by features, which also find copies that were moved, flipped or recoloured, "
            "and images of like content whose pixels are far apart. "
            f"The closest pair is {lengths.min():.3g} apart."
        )
        title = "Nearest real images by features"
        sections.append(_neighbour_section(title, text, samples, real, indices))
    return sections


def _neighbour_section(title, text, samples, real, indices):
    found, places = np.unique(indices, return_inverse=True)
    grid = neighbor_grid(real.read(found), samples, places.reshape(indices.shape))
    return _section(title, f"<p>{text}</p>" + _picture(grid, title.lower()))


def _classes(balance):
    names, real, fake = (balance[key] for key in ("class_names", "real_shares", "fake_shares"))
    most = max(*real, *fake)
    bars = []
    for name, p, q in zip(names, real, fake, strict=True):
        if p == q == 0:
            continue
        missed = ' class="missed"' if name in balance["missed"] else ""
        bars.append(
            f"<span{missed}>{html.escape(name)}</span>"
            f'<span><i class="real" style="width:{100 * p / most:.1f}%"></i>'
            f'<i style="width:{100 * q / most:.1f}%"></i></span>'
            f"<small>{100 * q:.1f} %, data {100 * p:.1f} %</small>"
        )
    text = (
        f"{html.escape(balance['summary'])} The upper, grey bar is the share in the data, the "
        "lower one the share among generated images, as the classifier sees them."
    )
    return _section("Classes", f'<p>{text}</p><div class="bars">{"".join(bars)}</div>')


def _protocol(protocol):
    items = []
    for key, value in protocol.items():
        if isinstance(value, dict):
            value = ", ".join(f"{name} {item}" for name, item in value.items())
        elif isinstance(value, list):
            value = ", ".join(map(str, value))
        items.append(f"<dt>{html.escape(key)}</dt><dd>{html.escape(str(value))}</dd>")
    return "\n".join(items)


def _section(title, content):
    return f"<h2>{title}</h2>\n{content}"


def _picture(image, words):
    return f'<img class="pixels" alt="{words}" src="{_url(png(image))}">'


def _url(content):
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
