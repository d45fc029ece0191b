-- Interactions that are over: what passed the gateway, and what telemetry told. Many rows, so rows are small: names stand
-- once in a list of their own, what only the page of one interaction needs is kept apart and compressed.

-- Names that rows speak of. `last` is when one was met the last time, in seconds since 1970, to the hour.
CREATE TABLE traffic_name (
    id   INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    last INTEGER NOT NULL,
    UNIQUE (kind, name)
) STRICT;

CREATE TABLE interaction (
    -- Milliseconds since 1970, times 2^21, and a number that tells those of one millisecond apart: the order of time is
    -- the order of rows, in the table and in every index.
    key        INTEGER PRIMARY KEY,
    -- Bytes where it is hexadecimal, text otherwise.
    id         ANY NOT NULL UNIQUE,
    teller     INTEGER NOT NULL,
    decision   INTEGER NOT NULL,
    place      INTEGER,
    operation  INTEGER,
    identity   INTEGER,
    model      INTEGER,
    -- The rule of its first reason.
    rule       INTEGER,
    -- The first 63 bits of a SHA-256 of it; the text stands in the detail.
    session    INTEGER,
    trace      INTEGER,
    -- How many tools were called.
    calls      INTEGER NOT NULL,
    unjudged   INTEGER NOT NULL,
    status     INTEGER,
    -- 1 where it went wrong.
    failed     INTEGER NOT NULL,
    tokens_in  INTEGER,
    tokens_out INTEGER,
    -- Millionths of a US dollar.
    cost       INTEGER,
    total_us   INTEGER,
    judging_us INTEGER
) STRICT;
CREATE INDEX interaction_place ON interaction (place) WHERE place IS NOT NULL;
CREATE INDEX interaction_operation ON interaction (operation) WHERE operation IS NOT NULL;
CREATE INDEX interaction_identity ON interaction (identity) WHERE identity IS NOT NULL;
CREATE INDEX interaction_model ON interaction (model) WHERE model IS NOT NULL;
CREATE INDEX interaction_session ON interaction (session) WHERE session IS NOT NULL;
CREATE INDEX interaction_trace ON interaction (trace) WHERE trace IS NOT NULL;
CREATE INDEX interaction_teller ON interaction (teller) WHERE teller > 0;
-- Those that people look for, in the order of time.
CREATE INDEX interaction_decided ON interaction (key) WHERE decision > 0;
CREATE INDEX interaction_stopped ON interaction (key) WHERE decision > 2;
CREATE INDEX interaction_unjudged ON interaction (key) WHERE unjudged > 0;
CREATE INDEX interaction_failed ON interaction (key) WHERE failed = 1;

CREATE TABLE interaction_rule (
    rule INTEGER NOT NULL,
    key  INTEGER NOT NULL,
    PRIMARY KEY (rule, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE interaction_tool (
    tool INTEGER NOT NULL,
    key  INTEGER NOT NULL,
    PRIMARY KEY (tool, key)
) STRICT, WITHOUT ROWID;

-- What the columns above do not say, compressed.
CREATE TABLE interaction_detail (
    key  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;
-- The words of its pieces, where they are kept.
CREATE TABLE interaction_words (
    key  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;

-- Running sums: of minutes, hours and days (`level`, in seconds), of everything and of each name.
CREATE TABLE traffic_sum (
    level         INTEGER NOT NULL,
    dimension     INTEGER NOT NULL,
    -- When the minute, hour or day begins, in seconds since 1970.
    at            INTEGER NOT NULL,
    -- 0 for everything, and for what is beyond the names that one minute, hour or day may have.
    name          INTEGER NOT NULL,
    -- The second name of a pair, 0 where there is none.
    other         INTEGER NOT NULL,
    requests      INTEGER NOT NULL,
    flagged       INTEGER NOT NULL,
    redacted      INTEGER NOT NULL,
    asked         INTEGER NOT NULL,
    blocked       INTEGER NOT NULL,
    unjudged      INTEGER NOT NULL,
    failed        INTEGER NOT NULL,
    tokens_in     INTEGER NOT NULL,
    tokens_out    INTEGER NOT NULL,
    cost          INTEGER NOT NULL,
    -- Those with tokens and no known price.
    unpriced      INTEGER NOT NULL,
    request_bytes INTEGER NOT NULL,
    answer_bytes  INTEGER NOT NULL,
    -- When the first and the last one began, in milliseconds since 1970.
    first         INTEGER NOT NULL,
    last          INTEGER NOT NULL,
    PRIMARY KEY (level, dimension, at, name, other)
) STRICT, WITHOUT ROWID;

-- How long things took: how many fall into which class of a logarithmic scale.
CREATE TABLE traffic_latency (
    level INTEGER NOT NULL,
    kind  INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    class INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (level, kind, at, class)
) STRICT, WITHOUT ROWID;

CREATE TABLE traffic_state (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    rows    INTEGER NOT NULL,
    -- Counts up with every interaction that is kept; what pages compare to know whether there is news.
    counter INTEGER NOT NULL
) STRICT;
INSERT INTO traffic_state VALUES (1, 0, 0);

-- For how many days, and at most how many rows.
ALTER TABLE retention ADD COLUMN traffic INTEGER NOT NULL DEFAULT 30;
ALTER TABLE retention ADD COLUMN words INTEGER NOT NULL DEFAULT 7;
ALTER TABLE retention ADD COLUMN traffic_sums INTEGER NOT NULL DEFAULT 400;
ALTER TABLE retention ADD COLUMN traffic_rows INTEGER NOT NULL DEFAULT 10000000;
