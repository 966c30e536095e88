"""Rows the way of langchain-postgres: a PGVectorStore without an index, a hundred texts at a time, vectors given."""

import os

from langchain_core.embeddings import Embeddings
from langchain_postgres import PGEngine, PGVectorStore

from segment_rows import insert

BATCH = 100


class Given(Embeddings):
    """Vectors are given with the texts."""

    def embed_query(self, text):
        raise NotImplementedError

    def embed_documents(self, texts):
        raise NotImplementedError


def main():
    url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+psycopg://")
    engine = PGEngine.from_connection_string(url)
    store = PGVectorStore.create_sync(engine, table_name="rows", embedding_service=Given())

    def add(ids, texts, vectors):
        tags = [{"source": "cxone_data_action", "conversation_id": one} for one in ids]
        store.add_embeddings(texts, vectors, metadatas=tags)

    insert(BATCH, add)


main()
