"""Conversations as psycopg3 does it best: requests in flight on every connection, base64 answers decoded by numpy, COPY BINARY
into the same table as ours, a hundred rows to a transaction. It runs in PROCESSES processes."""

import asyncio
import base64
import hashlib
import multiprocessing
import os
from datetime import datetime

import aiohttp
import numpy
import orjson
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types import TypeInfo
from psycopg.types.json import Jsonb, set_json_dumps

import contest

BATCH = 100
PROCESSES = int(os.environ["PROCESSES"])
IN_FLIGHT = int(os.environ["IN_FLIGHT"])
SEGMENT, MODEL_ID = int(os.environ["SEGMENT"]), int(os.environ["MODEL_ID"])
COPY = """
    COPY conversation_embeddings (segment, model_id, event_id, chunk, source_system, conversation_id, occurred_at,
        text_content, content_hash, embedding, semantic_metadata) FROM STDIN (FORMAT BINARY)
"""
TYPES = ["int4", "int2", "int8", "int4", "text", "text", "timestamptz", "text", "bytea", "vector", "jsonb"]
HEAD = contest.DIMENSIONS.to_bytes(2, "big") + bytes(2)


class Vector(bytes):
    """A vector as the wire has it."""


class VectorDumper(Dumper):
    """Sends it as it is."""

    format = Format.BINARY

    def dump(self, obj):
        return obj


def vector(item):
    numbers = numpy.frombuffer(base64.b64decode(item["embedding"]), "<f4")
    return Vector(HEAD + numbers.astype(">f4").tobytes())


async def request(client, texts):
    body = orjson.dumps({"model": contest.MODEL, "input": texts, "encoding_format": "base64"})
    async with client.post("/v1/embeddings", data=body) as response:
        response.raise_for_status()
        return [vector(item) for item in orjson.loads(await response.read())["data"]]


async def connect():
    connection = await psycopg.AsyncConnection.connect(contest.DATABASE_URL)
    info = await TypeInfo.fetch(connection, "vector")
    info.register(connection)
    dumper = type("Registered", (VectorDumper,), {"oid": info.oid})
    connection.adapters.register_dumper(Vector, dumper)
    return connection


async def embed(client, connection, numbered):
    """A hundred conversations, from their payloads to the commit."""
    read = [(number, *prepare(line)) for number, line in numbered]
    vectors = await request(client, [text for _, _, text in read])
    async with connection.transaction(), connection.cursor().copy(COPY) as copy:
        copy.set_types(TYPES)
        for (number, payload, text), embedding in zip(read, vectors, strict=True):
            conversation_id = payload["conversationId"]
            row = (SEGMENT, MODEL_ID, number, 0, "nice_cxone", conversation_id)
            row += (datetime.fromisoformat(payload["timestamp"].replace("Z", "+00:00")), text)
            row += (hashlib.sha256(text.encode()).digest(), embedding, Jsonb(contest.tags_of(text, conversation_id)))
            await copy.write_row(row)


def prepare(line):
    payload = orjson.loads(line)
    return payload, contest.text_of(payload["data"])


async def work(numbered, barrier):
    batches = iter([numbered[start : start + BATCH] for start in range(0, len(numbered), BATCH)])
    headers = {"Authorization": f"Bearer {contest.PROVIDER_KEY}", "Content-Type": "application/json"}
    async with aiohttp.ClientSession(os.environ["EMBEDDING_BASE_URL"], headers=headers) as client:
        connections = [await connect() for _ in range(IN_FLIGHT)]

        async def go_on(connection):
            for batch in batches:
                await embed(client, connection, batch)

        barrier.wait()
        await asyncio.gather(*(go_on(connection) for connection in connections))
        for connection in connections:
            await connection.close()


def process(numbered, barrier):
    asyncio.run(work(numbered, barrier))


def main():
    set_json_dumps(orjson.dumps)
    numbered = list(enumerate(contest.read_payloads(), 1))
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(PROCESSES + 1)
    share = -(-len(numbered) // PROCESSES)
    shares = [numbered[start : start + share] for start in range(0, len(numbered), share)]
    processes = [context.Process(target=process, args=(share, barrier)) for share in shares]
    for one in processes:
        one.start()
    contest.ready()
    barrier.wait()
    for one in processes:
        one.join()
        if one.exitcode != 0:
            raise SystemExit("a process of the peer failed")
    contest.done()


main()
