"""Search by the hybrid search of langchain-postgres: a PGVectorStore with a tsvector column, weighted sum of both lists."""

from langchain_core.embeddings import Embeddings
from langchain_postgres import PGEngine, PGVectorStore
from langchain_postgres.v2.hybrid_search_config import HybridSearchConfig

import search_contest
from search_contest import FOUND, TABLE


class Given(Embeddings):
    """Vectors are given with the questions."""

    def embed_query(self, text):
        raise NotImplementedError

    def embed_documents(self, texts):
        raise NotImplementedError


def main():
    url = search_contest.DATABASE_URL.replace("postgres://", "postgresql+psycopg://")
    config = HybridSearchConfig(tsv_column="content_tsv", primary_top_k=FOUND, secondary_top_k=FOUND)
    store = PGVectorStore.create_sync(
        PGEngine.from_connection_string(url),
        table_name=TABLE,
        embedding_service=Given(),
        hybrid_search_config=config,
        k=FOUND,
    )

    def ask(text, vector):
        found = store.similarity_search_with_score_by_vector(vector, k=FOUND, fts_query=text)
        return [document.metadata["passage"] for document, _ in found]

    search_contest.serve(ask)


main()
