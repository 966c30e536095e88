"""Conversations the way of langchain-postgres: a PGVectorStore without an index, and OpenAIEmbeddings, a hundred texts at a time."""

from langchain_openai import OpenAIEmbeddings
from langchain_postgres import PGEngine, PGVectorStore

import contest
import rounds

TABLE = "langchain_embeddings"
BATCH = 100


def main():
    # Texts go as they are, not as tokens, which would need the tokenizer's file from the internet.
    embeddings = OpenAIEmbeddings(
        model=contest.MODEL,
        base_url=contest.PROVIDER_URL,
        api_key=contest.PROVIDER_KEY,
        check_embedding_ctx_length=False,
    )
    engine = PGEngine.from_connection_string(contest.DATABASE_URL.replace("postgres://", "postgresql+psycopg://"))
    engine.init_vectorstore_table(table_name=TABLE, vector_size=contest.DIMENSIONS)
    store = PGVectorStore.create_sync(engine, table_name=TABLE, embedding_service=embeddings)
    lines = contest.read_payloads()
    rounds.ready()
    for start in range(0, len(lines), BATCH):
        texts, tags = [], []
        for line in lines[start : start + BATCH]:
            payload, text = contest.read(line)
            texts.append(text)
            tags.append(contest.tags_of(text, payload["conversationId"]))
        store.add_texts(texts, tags)
    rounds.done()


main()
