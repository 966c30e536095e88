"""Conversations as psycopg3 does it best: requests in flight on every connection, base64 answers decoded by numpy, COPY BINARY
into the same table as ours, a hundred rows to a transaction. It runs in PROCESSES processes.

With WHOLE=1 it also does what makes a repeat harmless and history replayable: the event's key, a look whether it is known, the raw
event and its mark, in the tables and the transaction in which ours has them.
"""

import asyncio
import base64
import hashlib
import multiprocessing
import os
import uuid
from datetime import UTC, datetime

import aiohttp
import numpy
import orjson
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types import TypeInfo
from psycopg.types.json import Json, Jsonb, set_json_dumps

import contest
import rounds

BATCH = 100
PROCESSES = int(os.environ["PROCESSES"])
IN_FLIGHT = int(os.environ["IN_FLIGHT"])
SEGMENT, MODEL_ID = int(os.environ["SEGMENT"]), int(os.environ["MODEL_ID"])
WHOLE = os.environ["WHOLE"] == "1"
COPY = """
    COPY conversation_embeddings (segment, model_id, event_id, chunk, source_system, conversation_id, occurred_at,
        text_content, content_hash, embedding, semantic_metadata) FROM STDIN (FORMAT BINARY)
"""
TYPES = ["int4", "int2", "int8", "int4", "text", "text", "timestamptz", "text", "bytea", "vector", "jsonb"]
COPY_EVENTS = """
    COPY conversation_events (id, event_key, conversation_id, event, occurred_at, received_at, receipt_id, raw_event, raw_masked,
        supersedes, state) FROM STDIN (FORMAT BINARY)
"""
EVENT_TYPES = ["int8", "bytea", "text", "text", "timestamptz", "timestamptz", "uuid", "json", "bool", "bool", "text"]
COPY_MARKS = "COPY embedded (event_id, model_id, map_version, chunks, without_vector) FROM STDIN (FORMAT BINARY)"
MARK_TYPES = ["int8", "int2", "text", "int4", "int4"]
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
    read = [Read(number, line) for number, line in numbered]
    if WHOLE:
        keys = [one.key() for one in read]
        cursor = await connection.execute("SELECT event_key FROM conversation_events WHERE event_key = ANY(%b)", [keys])
        known = {key for (key,) in await cursor.fetchall()}
        await connection.commit()
        read = [one for one, key in zip(read, keys, strict=True) if key not in known]
    vectors = await request(client, [one.text for one in read])
    async with connection.transaction():
        if WHOLE:
            await copy(connection, COPY_EVENTS, EVENT_TYPES, (one.event() for one in read))
            await copy(connection, COPY_MARKS, MARK_TYPES, ((one.number, MODEL_ID, "default", 1, 0) for one in read))
        pairs = zip(read, vectors, strict=True)
        await copy(connection, COPY, TYPES, (one.chunk(embedding) for one, embedding in pairs))


async def copy(connection, statement, types, rows):
    async with connection.cursor().copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            await copy.write_row(row)


class Read:
    """A payload that was read."""

    def __init__(self, number, line):
        self.number, self.line = number, line
        self.payload = orjson.loads(line)
        self.text = contest.text_of(self.payload["data"])
        self.conversation_id = self.payload["conversationId"]
        self.occurred = datetime.fromisoformat(self.payload["timestamp"].replace("Z", "+00:00"))

    def key(self):
        """What makes a repeat a repeat."""
        body = orjson.dumps(self.payload, option=orjson.OPT_SORT_KEYS)
        names = [self.conversation_id, self.payload["event"], self.payload["timestamp"]]
        self.event_key = hashlib.sha256("\0".join(names).encode() + body).digest()
        return self.event_key

    def event(self):
        row = (self.number, self.event_key, self.conversation_id, self.payload["event"], self.occurred, datetime.now(UTC))
        return (*row, uuid.uuid4(), Json(self.line), False, True, "searchable")

    def chunk(self, embedding):
        row = (SEGMENT, MODEL_ID, self.number, 0, "nice_cxone", self.conversation_id, self.occurred, self.text)
        digest = hashlib.sha256(self.text.encode()).digest()
        return (*row, digest, embedding, Jsonb(contest.tags_of(self.text, self.conversation_id)))


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
    # The raw event is text already.
    set_json_dumps(lambda value: value if isinstance(value, str) else orjson.dumps(value))
    numbered = list(enumerate(contest.read_payloads(), 1))
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(PROCESSES + 1)
    share = -(-len(numbered) // PROCESSES)
    shares = [numbered[start : start + share] for start in range(0, len(numbered), share)]
    processes = [context.Process(target=process, args=(share, barrier)) for share in shares]
    for one in processes:
        one.start()
    rounds.ready()
    barrier.wait()
    for one in processes:
        one.join()
        if one.exitcode != 0:
            raise SystemExit("a process of the peer failed")
    rounds.done()


main()
