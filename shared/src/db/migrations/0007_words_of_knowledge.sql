-- How many words it has, and how they became terms: none and null for rows from before.
ALTER TABLE knowledge_chunks ADD COLUMN words int NOT NULL DEFAULT 0, ADD COLUMN analysis text, ADD COLUMN words_version smallint;
