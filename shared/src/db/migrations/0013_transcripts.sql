-- Transcripts that wait to be injected.
SELECT 1;
