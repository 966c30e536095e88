"""Conversations the reference's way: httpx, a new client per request, one request at a time, JSON floats, one INSERT per row
with the vector as text, one commit at the end, into a table with its HNSW index."""

import json
import random
import time

import httpx
import psycopg

import contest
import rounds

MAX_BATCH_SIZE = 200
MAX_TOKENS_PER_REQUEST = 8000
MAX_RETRIES = 5

TABLE = f"""
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE reference_embeddings (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        source_system varchar(50) NOT NULL,
        conversation_id varchar(255) NOT NULL,
        text_content text NOT NULL,
        embedding vector({contest.DIMENSIONS}) NOT NULL,
        semantic_metadata jsonb NOT NULL,
        created_at timestamptz DEFAULT now()
    );
    CREATE INDEX ON reference_embeddings USING hnsw (embedding vector_cosine_ops)
"""
INSERT = """
    INSERT INTO reference_embeddings (source_system, conversation_id, text_content, embedding, semantic_metadata)
    VALUES (%s, %s, %s, %s, %s::jsonb)
"""


def batches(texts):
    """At most so many texts and so many estimated tokens in each."""
    batch, tokens = [], 0
    for text in texts:
        estimate = len(text.split()) * 1.3
        if batch and (tokens + estimate > MAX_TOKENS_PER_REQUEST or len(batch) >= MAX_BATCH_SIZE):
            yield batch
            batch, tokens = [], 0
        batch.append(text)
        tokens += estimate
    if batch:
        yield batch


def request(texts):
    """One request, tried again when the provider is busy."""
    headers = {"Authorization": f"Bearer {contest.PROVIDER_KEY}"}
    for attempt in range(MAX_RETRIES):
        with httpx.Client(timeout=30.0) as client:
            response = client.post(
                f"{contest.PROVIDER_URL}/embeddings", headers=headers, json={"model": contest.MODEL, "input": texts}
            )
        if response.status_code == 429 or response.status_code >= 500:
            time.sleep(float(response.headers.get("Retry-After", 2**attempt + random.uniform(0, 1))))
            continue
        response.raise_for_status()
        return [item["embedding"] for item in response.json()["data"]]
    raise RuntimeError("the provider stays busy")


def store(records):
    with psycopg.connect(contest.DATABASE_URL) as connection, connection.cursor() as cursor:
        for conversation_id, text, vector in records:
            tags = json.dumps(contest.tags_of(text, conversation_id))
            cursor.execute(INSERT, ("nice_cxone", conversation_id, text, str(vector), tags))
        connection.commit()


def main():
    with psycopg.connect(contest.DATABASE_URL) as connection:
        connection.execute(TABLE)
    lines = contest.read_payloads()
    rounds.ready()
    ids, texts, vectors = [], [], []
    for line in lines:
        payload, text = contest.read(line)
        ids.append(payload["conversationId"])
        texts.append(text)
    for batch in batches(texts):
        vectors.extend(request(batch))
    store(zip(ids, texts, vectors, strict=True))
    rounds.done()


main()
