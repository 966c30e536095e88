"""Search by the hybrid search of langchain-postgres: a PGVectorStore with a tsvector column, weighted sum of both lists."""

from langchain_postgres.v2.hybrid_search_config import HybridSearchConfig

import search_contest
from given import store_of
from search_contest import FOUND, TABLE


def main():
    config = HybridSearchConfig(tsv_column="content_tsv", primary_top_k=FOUND, secondary_top_k=FOUND)
    store = store_of(TABLE, hybrid_search_config=config, k=FOUND)

    def ask(text, vector):
        found = store.similarity_search_with_score_by_vector(vector, k=FOUND, fts_query=text)
        return [document.metadata["passage"] for document, _ in found]

    search_contest.serve(ask)


main()
