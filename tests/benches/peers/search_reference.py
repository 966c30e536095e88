"""Search the reference's way: twenty candidates out of the vector store, then BM25 over these twenty in Python, 60 % cosine and 40 %
BM25 divided by its best. The store is pgvector, asked through psycopg in binary, which is its fastest way."""

import numpy
import psycopg
from pgvector.psycopg import register_vector
from rank_bm25 import BM25Okapi

import search_contest
from search_contest import FOUND, TABLE

CANDIDATES = f"""
    SELECT langchain_metadata->>'passage', content, embedding <=> %s AS distance
    FROM {TABLE} ORDER BY distance LIMIT {FOUND}
"""


def main():
    connection = psycopg.connect(search_contest.DATABASE_URL, autocommit=True)
    register_vector(connection)

    def ask(text, vector):
        with connection.cursor(binary=True) as cursor:
            rows = cursor.execute(CANDIDATES, (numpy.array(vector, dtype=numpy.float32),)).fetchall()
        if not rows:
            return []
        # The words as they are written, cut at blanks.
        scores = BM25Okapi([content.split() for _, content, _ in rows]).get_scores(text.split())
        best = max(scores)
        best = best if best > 0 else 1.0
        ranked = [(0.6 * (1 - row[2]) + 0.4 * score / best, row[0]) for row, score in zip(rows, scores, strict=True)]
        ranked.sort(key=lambda one: one[0], reverse=True)
        return [name for _, name in ranked]

    search_contest.serve(ask)


main()
