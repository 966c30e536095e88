-- From what words find to the row.
CREATE INDEX conversation_embeddings_doc ON conversation_embeddings (doc);
