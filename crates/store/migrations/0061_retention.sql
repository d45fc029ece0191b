-- For how many days what passes is kept.
CREATE TABLE retention (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    runs       INTEGER NOT NULL,
    logs       INTEGER NOT NULL,
    jobs       INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    changes    INTEGER NOT NULL,
    score      INTEGER NOT NULL,
    -- Counts up with every edit.
    revision   INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO retention (id, runs, logs, jobs, deliveries, changes, score) VALUES (1, 400, 90, 14, 90, 730, 400);

-- What is old is found without looking at what is not.
CREATE INDEX run_finished ON run (finished) WHERE finished IS NOT NULL;
CREATE INDEX run_with_log ON run (finished) WHERE log IS NOT NULL;
CREATE INDEX upload_received ON upload (received) WHERE document IS NULL;
CREATE INDEX notice_at ON notice (at) WHERE delivery IS NOT NULL;
