"""all-MiniLM-L6-v2 by ONNX Runtime, the peer of the bench `minilm`: python3 minilm.py FOLDER TEXTS THREADS

Loads the model, says how long that took, embeds all texts once per line of input and says how long that took, and shows the
vectors when the input ends. The graph is ours without its attention outputs, which would forbid ONNX Runtime some of its own
fusions; with contrib operators (MultiHeadAttention, SkipLayerNormalization, BiasGelu) in it, it was no faster.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy
import onnx
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer

BATCH = 8


def slimmed(folder):
    """The model's bytes, with the first output only."""
    model = onnx.load(folder / "model.onnx")
    del model.graph.output[1:]
    return model.SerializeToString()


class Embedder:
    def __init__(self, folder, model, threads):
        options = SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def embed(self, texts):
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch_fast(texts)]
        places = sorted(range(len(texts)), key=lambda place: len(tokens[place]))
        vectors = [None] * len(texts)
        for start in range(0, len(places), BATCH):
            batch = places[start : start + BATCH]
            width = len(tokens[batch[-1]])
            ids = numpy.zeros((len(batch), width), numpy.int64)
            mask = numpy.zeros_like(ids)
            for row, place in enumerate(batch):
                ids[row, : len(tokens[place])] = tokens[place]
                mask[row, : len(tokens[place])] = 1
            (numbers,) = self.session.run(["sentence_embedding"], {"input_ids": ids, "attention_mask": mask})
            for place, vector in zip(batch, numbers):
                vectors[place] = vector
        return vectors


def main(folder, texts, threads):
    os.environ["RAYON_NUM_THREADS"] = str(threads)  # Read by tokenizers at its first batch.
    texts = json.loads(texts.read_text())
    model = slimmed(folder)
    started = time.perf_counter_ns()
    embedder = Embedder(folder, model, threads)
    print(time.perf_counter_ns() - started, flush=True)
    vectors = []
    for _ in sys.stdin:
        started = time.perf_counter_ns()
        vectors = embedder.embed(texts)
        print(time.perf_counter_ns() - started, flush=True)
    print(json.dumps([vector.tolist() for vector in vectors]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
