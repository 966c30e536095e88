"""Rows the reference's way: one INSERT per row with the vector as text, into a table with its HNSW index, one commit per batch of 200."""

import json
import os

import psycopg

from segment_rows import insert

BATCH = 200
INSERT = """
    INSERT INTO rows (source_system, conversation_id, content, embedding, semantic_metadata)
    VALUES (%s, %s, %s, %s, %s::jsonb)
"""


def store(ids, texts, vectors):
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        for conversation_id, text, vector in zip(ids, texts, vectors, strict=True):
            tags = json.dumps({"source": "cxone_data_action", "conversation_id": conversation_id})
            cursor.execute(INSERT, ("nice_cxone", conversation_id, text, str(vector), tags))
        connection.commit()


insert(BATCH, store)
