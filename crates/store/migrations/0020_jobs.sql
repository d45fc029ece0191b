-- Work that is done in the background, and what sources need for being looked at again. Times are milliseconds
-- since 1970 in UTC.

CREATE TABLE job (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,
    -- What the kind needs, as JSON.
    body         TEXT NOT NULL,
    -- What is not to be done twice at a time; NULL may be.
    key          TEXT,
    -- Jobs of one lane are done one after the other, in the order in which they were asked for.
    lane         TEXT,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    -- Higher goes first.
    priority     INTEGER NOT NULL,
    -- When it may start, and when that was decided: a clock that is set back must not hold it up.
    run_at       INTEGER NOT NULL,
    decided      INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    -- How long the first pause after a failure is.
    backoff      INTEGER NOT NULL,
    -- Who does it, and until when that is believed without a sign of life.
    worker       TEXT,
    lease        INTEGER,
    -- How far it is, as JSON.
    progress     TEXT,
    error        TEXT,
    cancel       INTEGER NOT NULL DEFAULT 0 CHECK (cancel IN (0, 1)),
    created      INTEGER NOT NULL,
    started      INTEGER,
    finished     INTEGER
) STRICT;
CREATE UNIQUE INDEX job_unfinished_key ON job (kind, key) WHERE key IS NOT NULL AND state IN ('waiting', 'running');
CREATE INDEX job_waiting ON job (priority DESC, run_at, id) WHERE state = 'waiting';
CREATE INDEX job_running ON job (lease) WHERE state = 'running';
CREATE INDEX job_of_lane ON job (lane, id) WHERE lane IS NOT NULL AND state IN ('waiting', 'running');
CREATE INDEX job_by_state ON job (state, id);
CREATE INDEX job_finished ON job (finished) WHERE finished IS NOT NULL;

-- Who edits a source says which state was seen.
ALTER TABLE source ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX source_by_name ON source (name COLLATE NOCASE, id) WHERE removed IS NULL;

-- The job that does a run.
ALTER TABLE run ADD COLUMN job INTEGER REFERENCES job (id) ON DELETE SET NULL;
CREATE INDEX run_of_job ON run (job) WHERE job IS NOT NULL;
CREATE INDEX run_by_state ON run (state, id);

-- When a source is due next. The schedule stands beside it so that an edit is noticed.
CREATE TABLE due (
    source   INTEGER PRIMARY KEY REFERENCES source (id),
    schedule TEXT NOT NULL,
    at       INTEGER NOT NULL
) STRICT;

-- Documents that were pushed. The key (chosen by the sender, or the digest) makes a second push of the same thing the
-- first one; the document itself goes once its run has ended.
CREATE TABLE upload (
    id       INTEGER PRIMARY KEY,
    source   INTEGER NOT NULL REFERENCES source (id),
    key      TEXT NOT NULL,
    run      INTEGER NOT NULL REFERENCES run (id),
    received INTEGER NOT NULL,
    document BLOB,
    UNIQUE (source, key)
) STRICT;
CREATE INDEX upload_of_run ON upload (run);
