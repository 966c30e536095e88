"""The rows of the bench `segments`, the same ones as on every side: FIRST and those after it, until SECONDS are over."""

import os
import time
from pathlib import Path

import numpy

import rounds

FOLDER = Path(os.environ["FOLDER"])
QUESTIONS, TEXTS = int(os.environ["QUESTIONS"]), int(os.environ["TEXTS"])
DIMENSIONS, FIRST = int(os.environ["DIMENSIONS"]), int(os.environ["FIRST"])
PART = 384


class Rows:
    """What corpus.rs says of rows beyond the texts, and of vectors of more parts, holds here too."""

    def __init__(self):
        count = QUESTIONS + TEXTS
        self.vectors = numpy.fromfile(FOLDER / "segments.f32", "<f4", count=count * PART).reshape(-1, PART)[QUESTIONS:]
        with (FOLDER / "segments.txt").open(encoding="utf-8") as lines:
            self.texts = [line.rstrip("\n") for line, _ in zip(lines, range(count))][QUESTIONS:]

    def second(self, row):
        place, turn = row % TEXTS, row // TEXTS
        return (place * 7_919 + turn * 104_729) % TEXTS if turn else None

    def text(self, row):
        second = self.second(row)
        return self.texts[row % TEXTS] + ("" if second is None else " " + self.texts[second])

    def part(self, row):
        second = self.second(row)
        if second is None:
            return self.vectors[row % TEXTS]
        return normalised(self.vectors[row % TEXTS] + 0.5 * self.vectors[second])

    def vector(self, row):
        parts = DIMENSIONS // PART
        return normalised(numpy.concatenate([self.part(row + part * (TEXTS // parts)) for part in range(parts)])).tolist()


def normalised(numbers):
    return numbers / numpy.linalg.norm(numbers)


def insert(batch, store):
    """Says when it is ready, waits for the signal, stores batch after batch, and says when time is up."""
    rows, first = Rows(), FIRST
    rounds.ready()
    end = time.monotonic() + float(os.environ["SECONDS"])
    while time.monotonic() < end:
        numbers = range(first, first + batch)
        store([f"conv-{row}" for row in numbers], [rows.text(row) for row in numbers], [rows.vector(row) for row in numbers])
        first += batch
    rounds.done()
