"""Cards the reference's way: a frame of the stream becomes key phrases by the attention of all-MiniLM-L6-v2, twenty candidates out of the
vector store, BM25 over these twenty, 60 % cosine and 40 % BM25 divided by its best, and three cards in one post.

Kinder than the document: ONNX Runtime instead of torch, one pass for both the phrases and the vector, and pgvector through psycopg in binary
as the store, which is there before. It says `ready`, and after each post how many nanoseconds the model took.
"""

import asyncio
import json
import os
import time
from pathlib import Path

import numpy
import psycopg
import requests
import websockets
from onnxruntime import InferenceSession
from pgvector.psycopg import register_vector
from rank_bm25 import BM25Okapi
from tokenizers import Tokenizer

CXONE_URL = os.environ["CXONE_URL"]
PHRASES, CANDIDATES, CARDS = 5, 20, 3
LAYERS = [f"attention.{layer}" for layer in range(6)]
SEARCH = f"SELECT title, content, embedding <=> %s AS distance FROM peer_passages ORDER BY distance LIMIT {CANDIDATES}"


class Auth:
    """The bearer token, kept until five minutes before it expires."""

    def __init__(self):
        self.token, self.expires_at = None, 0.0

    def headers(self):
        if not self.token or time.time() >= self.expires_at:
            form = {
                "grant_type": "client_credentials",
                "client_id": "local-client",
                "client_secret": "local-secret",
                "scope": "interactions:read assist:write knowledge:read",
            }
            # Without the header CXone answers in XML.
            response = requests.post(f"{CXONE_URL}/oauth/token", data=form, headers={"Accept": "application/json"}, timeout=10)
            response.raise_for_status()
            payload = response.json()
            self.token = payload["access_token"]
            self.expires_at = time.time() + payload["expires_in"] - 300
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}


class Model:
    def __init__(self, folder):
        self.session = InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(512)

    def read(self, text):
        """The vector, and the tokens that are attended to most."""
        encoding = self.tokenizer.encode(text)
        ids = numpy.array([encoding.ids], numpy.int64)
        inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids)}
        vector, *layers = self.session.run(["sentence_embedding", *LAYERS], inputs)
        # Mean over layers and heads, then over the tokens that attend.
        weights = numpy.concatenate(layers, axis=1)[0].mean(axis=0).mean(axis=0)
        pairs = zip(encoding.ids, weights, encoding.special_tokens_mask, strict=True)
        scores = [(token, weight) for token, weight, is_special in pairs if not is_special]
        scores.sort(key=lambda one: one[1], reverse=True)
        phrases = [self.tokenizer.decode([token]).strip() for token, _ in scores[:PHRASES]]
        return vector[0], list(dict.fromkeys(phrases))


def rank(connection, vector, phrases):
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(SEARCH, (vector,)).fetchall()
    scores = BM25Okapi([content.split() for _, content, _ in rows]).get_scores(phrases)
    best = max(scores) if max(scores) > 0 else 1.0
    hybrid = [0.6 * (1.0 - row[2]) + 0.4 * score / best for row, score in zip(rows, scores, strict=True)]
    ranked = sorted(zip(rows, hybrid, strict=True), key=lambda one: one[1], reverse=True)
    return [(title, content, round(float(score), 4)) for (title, content, _), score in ranked[:CARDS]]


def send_cards(auth, interaction, results):
    cards = []
    for place, (title, content, score) in enumerate(results, 1):
        body = f"**{title}**\n{content[:200]}..."
        cards.append({"type": "card", "content": {"title": f"KB Result {place}", "body": body, "score": max(0.0, min(1.0, score))}})
    url = f"{CXONE_URL}/api/v2/interactions/{interaction}/assist"
    response = requests.post(url, json={"messages": cards}, headers=auth.headers(), timeout=15)
    response.raise_for_status()


def handle(auth, model, connection, interaction, transcript):
    started = time.perf_counter_ns()
    vector, phrases = model.read(transcript)
    spent = time.perf_counter_ns() - started
    send_cards(auth, interaction, rank(connection, vector, phrases))
    print(spent, flush=True)


async def stream(auth, on_interaction):
    url = CXONE_URL.replace("http", "ws", 1) + "/api/v2/interactions/events"
    async with websockets.connect(url, additional_headers=auth.headers(), ping_interval=20, ping_timeout=10) as socket:
        print("ready", flush=True)
        async for message in socket:
            event = json.loads(message)
            if event.get("type") != "interaction" or event.get("data", {}).get("state") != "active":
                continue
            data = event["data"]
            transcript = " ".join(channel["transcript"] for channel in data.get("channels", []) if "transcript" in channel)
            if transcript.strip():
                on_interaction(data["id"], transcript.strip())


def main():
    auth, model = Auth(), Model(Path(os.environ["LOCAL_MODEL_DIR"]))
    connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    register_vector(connection)
    asyncio.run(stream(auth, lambda interaction, transcript: handle(auth, model, connection, interaction, transcript)))


main()
