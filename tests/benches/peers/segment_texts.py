"""Short texts and their vectors by all-MiniLM-L6-v2, for the bench `segments`: python3 segment_texts.py MODEL ROOT FOLDER COUNT

Each text is two sentences out of what the repository has for other purposes (articles, questions, calls, intents), drawn by a seeded
generator, and no two are the same. FOLDER gets `segments.txt`, a text per line, and `segments.f32`, the vectors one after the other. What
an earlier run has done stays done, also if it was broken off; the first texts are the same ones however many are asked for.
"""

import json
import os
import random
import re
import sys
from pathlib import Path

import numpy

from minilm import Embedder, slimmed

SHORTEST, LONGEST = 15, 90
STEP = 2000
DIMENSIONS = 384


def texts_of(root):
    """All that anybody says there."""
    for name in ["corpus.jsonl", "queries-gate.jsonl", "queries-tune.jsonl"]:
        for line in (root / "tests/evaluation/data" / name).read_text().splitlines():
            yield json.loads(line)["text"]
    for name in ["intents.jsonl", "intents.blind.jsonl"]:
        for line in (root / "tests/data" / name).read_text().splitlines():
            yield re.sub(r"\b(Subject|Customer|Agent):", "", json.loads(line)["text"])
    for path in sorted((root / "tests/data/calls").glob("*.json")):
        for turn in json.loads(path.read_text())["turns"]:
            yield turn["text"]


def sentences(root):
    """Those that are neither long nor next to nothing, each once, in an order that does not change."""
    found = {}
    for text in texts_of(root):
        for sentence in re.split(r"(?<=[.!?])\s+|\n", text):
            sentence = " ".join(sentence.split())
            if SHORTEST <= len(sentence) <= LONGEST:
                found[sentence] = None
    return list(found)


def pairs(known, count):
    rng, drawn = random.Random(20261121), {}
    while len(drawn) < count:
        drawn[rng.choice(known) + " " + rng.choice(known)] = None
    return list(drawn)


def main(model, root, folder, count):
    texts = pairs(sentences(root), count)
    path, size = folder / "segments.f32", STEP * DIMENSIONS * 4
    done = path.stat().st_size // size if path.exists() else 0
    if done * STEP >= count:
        return
    (folder / "segments.txt").write_text("".join(text + "\n" for text in texts))
    embedder = Embedder(model, slimmed(model), os.cpu_count())
    with path.open("ab") as file:
        file.truncate(done * size)
        for start in range(done * STEP, count, STEP):
            vectors = numpy.stack(embedder.embed(texts[start : start + STEP])).astype("<f4")
            vectors /= numpy.linalg.norm(vectors, axis=1, keepdims=True)
            file.write(vectors.tobytes())
            file.flush()
            print(f"\r{start + len(vectors)} of {count} texts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]), int(sys.argv[4]))
