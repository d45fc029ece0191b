-- What systems tell in metrics, added up: of minutes, hours and days (`level`, in seconds), by service, model and operation.
-- 0 stands for a name that is not told, and all three for what is beyond the names that one minute, hour or day may have.
CREATE TABLE measure_sum (
    level       INTEGER NOT NULL,
    -- When the minute, hour or day begins, in seconds since 1970.
    at          INTEGER NOT NULL,
    service     INTEGER NOT NULL,
    model       INTEGER NOT NULL,
    operation   INTEGER NOT NULL,
    -- Calls as whoever made them saw it, and how long they took; then as whoever answered them did.
    calls       INTEGER NOT NULL,
    calls_us    INTEGER NOT NULL,
    served      INTEGER NOT NULL,
    served_us   INTEGER NOT NULL,
    failed      INTEGER NOT NULL,
    -- Calls whose tokens were counted.
    counted     INTEGER NOT NULL,
    tokens_in   INTEGER NOT NULL,
    tokens_out  INTEGER NOT NULL,
    first       INTEGER NOT NULL,
    first_us    INTEGER NOT NULL,
    -- Millionths of a US dollar.
    cost        INTEGER NOT NULL,
    PRIMARY KEY (level, at, service, model, operation)
) STRICT, WITHOUT ROWID;

-- The last point of each series, so that what comes again counts nothing and of what counts from its beginning only what was
-- added does.
CREATE TABLE measure_series (
    series BLOB NOT NULL PRIMARY KEY,
    -- When it was taken, in milliseconds since 1970.
    at     INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    sum    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX measure_series_at ON measure_series (at);

-- The first 63 bits of a SHA-256 of the provider's id of the answer: the same exchange, whoever tells it.
ALTER TABLE interaction ADD COLUMN answer INTEGER;
CREATE INDEX interaction_answer ON interaction (answer) WHERE answer IS NOT NULL;
