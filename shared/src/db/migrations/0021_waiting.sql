-- Since when a part waits that was brought back after it was dead; else since it was taken in. What waits for longer than is kept goes.
ALTER TABLE transcripts ADD COLUMN waits_since timestamptz;
