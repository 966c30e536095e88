"""A store of langchain-postgres whose vectors are given: no model computes them."""

import os

from langchain_core.embeddings import Embeddings
from langchain_postgres import PGEngine, PGVectorStore


class Given(Embeddings):
    """Vectors come with their texts, and with the questions."""

    def embed_query(self, text):
        raise NotImplementedError

    def embed_documents(self, texts):
        raise NotImplementedError


def store_of(table, **options):
    """The store over this table of DATABASE_URL, with further options."""
    url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+psycopg://")
    engine = PGEngine.from_connection_string(url)
    return PGVectorStore.create_sync(engine, table_name=table, embedding_service=Given(), **options)
