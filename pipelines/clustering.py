"""Clusters of members: k-means fitted on a sample, numbered and named by what the members do.

Every member is assigned in SQL, by `intermediate.member_clusters`; nothing here reads orders.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.raw import RAW_TABLES

FEATURES = ("log_recency", "log_occasions", "log_spend")
COUNTS = range(3, 8)
JUDGED_ROWS = 2_000
# Sums of floats differ in the last digits by where in memory they lie; these digits do not.
SETTLED_DECIMALS = 6
# A centre further than this many standard deviations from the mean is called high or low.
NOTABLE = 0.35
# Words compare with the other members of the shop, for "recent" is days here and years elsewhere.
WORDS = {
    "recency": (
        ("较近到店", "more recent"),
        ("远近居中", "average recency"),
        ("较久未到", "less recent"),
    ),
    "occasions": (
        ("频次较低", "fewer visits"),
        ("频次居中", "average visits"),
        ("频次较高", "more visits"),
    ),
    "amount": (
        ("金额较低", "lower spend"),
        ("金额居中", "average spend"),
        ("金额较高", "higher spend"),
    ),
}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Centres:
    """Cluster centres in the scaled space, one row a cluster, with the scaling of the features."""

    centres: Floats
    means: Floats
    scales: Floats


def fit_centres(sample: pa.Table, count: int | Literal["auto"]) -> Centres:
    """Fit k-means on a sample in a deterministic order, from a deterministic start.

    `sample` has one row per member and the columns of FEATURES, sorted by the hash of the member.
    Fewer members than clusters give as many clusters as there are different members.
    """
    import sklearn.cluster
    import sklearn.metrics  # noqa: F401  loaded now, for the limit reaches only what is loaded
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    rows = np.column_stack([sample.column(name).to_numpy() for name in FEATURES])
    if not len(rows):
        return Centres(np.empty((0, 3)), np.zeros(3), np.ones(3))
    means = np.round(rows.mean(axis=0), SETTLED_DECIMALS)
    scales = np.round(rows.std(axis=0), SETTLED_DECIMALS)
    scales[scales == 0] = 1.0
    scaled = (rows - means) / scales
    distinct = count_distinct(scaled)
    # The order in which threads add up decides the last digits, and so now and then a member.
    with threadpool_limits(1):
        wanted = choose_count(scaled, distinct) if count == "auto" else count
        centres = run_kmeans(scaled, min(wanted, distinct))[0]
    return Centres(np.round(centres, SETTLED_DECIMALS), means, scales)


def count_distinct(scaled: Floats) -> int:
    """Return how many rows differ by more than what rounding leaves behind."""
    return len(np.unique(np.round(scaled, SETTLED_DECIMALS), axis=0))


def choose_count(scaled: Floats, distinct: int) -> int:
    """Return the number of clusters with the best mean silhouette, the smallest among equals."""
    from sklearn.metrics import silhouette_score

    best_count, best_score = min(COUNTS.start, distinct), -1.0
    judged = scaled[:JUDGED_ROWS]
    judged_distinct = count_distinct(judged)
    for count in COUNTS:
        if count >= min(judged_distinct, len(judged)):
            break
        labels = run_kmeans(judged, count)[1]
        if len(np.unique(labels)) < 2:
            continue
        score = round(float(silhouette_score(judged, labels)), 6)
        if score > best_score:
            best_count, best_score = count, score
    return best_count


def run_kmeans(scaled: Floats, count: int) -> tuple[Floats, npt.NDArray[np.int32]]:
    """Return the centres and labels of Lloyd's k-means from the deterministic start."""
    from sklearn.cluster import KMeans

    model = KMeans(n_clusters=count, init=choose_start(scaled, count), n_init=1, max_iter=300)
    labels = model.fit_predict(scaled)
    return np.asarray(model.cluster_centers_, dtype=np.float64), labels


def choose_start(scaled: Floats, count: int) -> Floats:
    """Return starting centres: first the row nearest the mean, then always the farthest row.

    Of rows equally far the first in the sample's order is taken.
    """
    first = int(np.argmin((scaled**2).sum(axis=1)))
    chosen = [first]
    distances = ((scaled - scaled[first]) ** 2).sum(axis=1)
    while len(chosen) < count:
        farthest = int(np.argmax(distances))
        chosen.append(farthest)
        distances = np.minimum(distances, ((scaled - scaled[farthest]) ** 2).sum(axis=1))
    return scaled[chosen]


def list_centres(fitted: Centres) -> pa.Table:
    """Return the rows of raw.cluster_centres: numbered by spend, highest first, and named."""
    ranked = sorted(
        (tuple(float(value) for value in centre) for centre in fitted.centres),
        key=lambda centre: (-centre[2], -centre[1], centre[0]),
    )
    names = name_centres(ranked)
    rows: list[dict[str, Any]] = []
    for number, (centre, (zh, en)) in enumerate(zip(ranked, names, strict=True), start=1):
        row: dict[str, Any] = {"cluster": number, "cluster_zh": zh, "cluster_en": en}
        for place, feature in enumerate(("recency", "occasions", "amount")):
            row[feature] = centre[place]
            row[f"{feature}_mean"] = float(fitted.means[place])
            row[f"{feature}_scale"] = float(fitted.scales[place])
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=RAW_TABLES["raw.cluster_centres"].schema)


def name_centres(ranked: list[tuple[float, ...]]) -> list[tuple[str, str]]:
    """Return (Chinese, English) names from each centre's profile; equal profiles get a number."""
    names: list[tuple[str, str]] = []
    for centre in ranked:
        levels = [1 + int(np.sign(value)) * (abs(value) > NOTABLE) for value in centre]
        words = [WORDS[feature][level] for feature, level in zip(WORDS, levels, strict=True)]
        zh, en = (
            "·".join(word[0] for word in words),
            ", ".join(word[1] for word in words).capitalize(),
        )
        twins = sum(1 for name in names if name[0].split(" ")[0] == zh)
        names.append((f"{zh} {twins + 1}", f"{en} {twins + 1}") if twins else (zh, en))
    return names
