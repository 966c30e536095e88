"""Writes all-MiniLM-L6-v2 as an ONNX graph: python3 write_onnx.py FOLDER_OF_THE_WEIGHTS FOLDER_TO_WRITE

The first folder holds config.json, model.safetensors and tokenizer.json; the second gets model.onnx and tokenizer.json. The same
weights give the same bytes.

    inputs   input_ids, attention_mask           int64 [batch, sequence]
    outputs  sentence_embedding                  float [batch, 384], of length 1
             attention.0 ... attention.5         float [batch, heads, sequence, sequence]: softmax over the keys

Whoever does not ask for an attention output does not pay for it. The graph is what a runtime would make of the usual export by
its own optimiser: weights stand transposed, queries are scaled in their weights, token types (always zero) are part of the
positions, and the mean over the tokens is a product with the mask whose divisor the normalisation takes away again.
"""

import json
import math
import shutil
import struct
import sys
from pathlib import Path

import numpy
from onnx import TensorProto, checker, helper, numpy_helper

OPSET = 20  # The first with Gelu.
IR_VERSION = 9  # Of the same release.


def read_weights(path):
    """Reads a safetensors file: the length of a header in JSON, the header, and the numbers it points into."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    body = memoryview(data)[8 + length :]
    weights = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            start, end = entry["data_offsets"]
            weights[name] = numpy.frombuffer(body[start:end], "<f4").reshape(entry["shape"])
    return weights


def check(config):
    """Refuses a model that this graph would compute wrongly."""
    assumed = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
    for name, value in assumed.items():
        if config[name] != value:
            sys.exit(f"config.json: {name} is {config[name]!r}, and this graph is for {value!r}")


class Graph:
    """A BERT encoder under construction: nodes and constants, in the order in which they were added."""

    def __init__(self, config, weights):
        self.config = config
        self.weights = weights
        self.heads = config["num_attention_heads"]
        self.width = config["hidden_size"]
        self.nodes = []
        self.constants = []

    def constant(self, name, values):
        values = numpy.ascontiguousarray(values)
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def integers(self, name, *values):
        return self.constant(name, numpy.array(values, numpy.int64))

    def node(self, kind, *inputs, output=None, **attributes):
        output = output or f"{kind}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def dense(self, name, x, scale=1.0):
        weight = self.weights[f"{name}.weight"].T * numpy.float32(scale)
        bias = self.weights[f"{name}.bias"] * numpy.float32(scale)
        product = self.node("MatMul", x, self.constant(f"{name}.weight", weight))
        return self.node("Add", product, self.constant(f"{name}.bias", bias))

    def normalised(self, name, x):
        scale = self.constant(f"{name}.weight", self.weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        epsilon = self.config["layer_norm_eps"]
        return self.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)

    def embeddings(self):
        """The first vectors: a word's, its position's, and the one token type's."""
        table = "embeddings.{}_embeddings.weight"
        words = self.constant("words", self.weights[table.format("word")])
        positions = self.weights[table.format("position")] + self.weights[table.format("token_type")][0]
        positions = self.constant("positions", positions)
        length = self.node("Shape", "input_ids", start=1, end=2)
        positions = self.node("Slice", positions, "zero", length, "zero")
        return self.normalised("embeddings.LayerNorm", self.node("Add", self.node("Gather", words, "input_ids"), positions))

    def split(self, x, order):
        """[batch, sequence, width] to heads, with the four axes in this order."""
        return self.node("Transpose", self.node("Reshape", x, "by_head"), perm=order)

    def layer(self, number, x, mask):
        name = f"encoder.layer.{number}"
        scale = 1 / math.sqrt(self.width // self.heads)
        query = self.split(self.dense(f"{name}.attention.self.query", x, scale), [0, 2, 1, 3])
        key = self.split(self.dense(f"{name}.attention.self.key", x), [0, 2, 3, 1])
        value = self.split(self.dense(f"{name}.attention.self.value", x), [0, 2, 1, 3])
        scores = self.node("Add", self.node("MatMul", query, key), mask)
        attention = self.node("Softmax", scores, output=f"attention.{number}", axis=-1)
        heard = self.node("Transpose", self.node("MatMul", attention, value), perm=[0, 2, 1, 3])
        heard = self.dense(f"{name}.attention.output.dense", self.node("Reshape", heard, "together"))
        x = self.normalised(f"{name}.attention.output.LayerNorm", self.node("Add", heard, x))
        thought = self.node("Gelu", self.dense(f"{name}.intermediate.dense", x))
        thought = self.dense(f"{name}.output.dense", thought)
        return self.normalised(f"{name}.output.LayerNorm", self.node("Add", thought, x))

    def sentence(self, x, kept):
        """The sum over the tokens that are kept, brought to length 1."""
        total = self.node("MatMul", self.node("Unsqueeze", kept, "one"), x)
        total = self.node("Squeeze", total, "one")
        self.node("LpNormalization", total, output="sentence_embedding", axis=-1, p=2)

    def build(self):
        self.integers("zero", 0)
        self.integers("one", 1)
        self.integers("one_and_two", 1, 2)
        self.integers("by_head", 0, 0, self.heads, self.width // self.heads)
        self.integers("together", 0, 0, self.width)
        self.constant("whole", numpy.float32(1))
        self.constant("far", numpy.float32(1e9))  # So far below every score that its exponential is zero.
        kept = self.node("Cast", "attention_mask", to=TensorProto.FLOAT)
        mask = self.node("Mul", self.node("Sub", kept, "whole"), "far")
        mask = self.node("Unsqueeze", mask, "one_and_two")
        x = self.embeddings()
        for number in range(self.config["num_hidden_layers"]):
            x = self.layer(number, x, mask)
        self.sentence(x, kept)
        return self

    def model(self):
        value = helper.make_tensor_value_info
        tokens = ["batch", "sequence"]
        inputs = [value(name, TensorProto.INT64, tokens) for name in ("input_ids", "attention_mask")]
        outputs = [value("sentence_embedding", TensorProto.FLOAT, ["batch", self.width])]
        square = ["batch", self.heads, "sequence", "sequence"]
        for number in range(self.config["num_hidden_layers"]):
            outputs.append(value(f"attention.{number}", TensorProto.FLOAT, square))
        graph = helper.make_graph(self.nodes, "all-MiniLM-L6-v2", inputs, outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def main(source, target):
    config = json.loads((source / "config.json").read_text())
    check(config)
    model = Graph(config, read_weights(source / "model.safetensors")).build().model()
    checker.check_model(model, full_check=True)
    target.mkdir(parents=True, exist_ok=True)
    (target / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
