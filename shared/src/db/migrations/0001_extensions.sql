-- Vectors live beside the rows they belong to. pgvector 0.8.4 or newer: older ones lack fixes of index corruption.
CREATE EXTENSION IF NOT EXISTS vector;
