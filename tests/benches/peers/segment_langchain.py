"""Rows the way of langchain-postgres: a PGVectorStore without an index, a hundred texts at a time, vectors given."""

from given import store_of
from segment_rows import insert

BATCH = 100


def main():
    store = store_of("rows")

    def add(ids, texts, vectors):
        tags = [{"source": "cxone_data_action", "conversation_id": one} for one in ids]
        store.add_embeddings(texts, vectors, metadatas=tags)

    insert(BATCH, add)


main()
