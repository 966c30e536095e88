-- Which words its chunks have: 0 for none, from before. An event with others than today's is made anew, as one of another map.
ALTER TABLE embedded ADD COLUMN words_version smallint NOT NULL DEFAULT 0;
