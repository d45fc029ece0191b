-- Figures by which an organisation steers, day by day. Days are `YYYY-MM-DD` in UTC, times milliseconds since 1970.

-- A day on which figures were measured, the last time on that day, and how long fixing took by severity, as JSON.
CREATE TABLE measured_day (
    day         TEXT PRIMARY KEY,
    at          INTEGER NOT NULL,
    remediation TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What a figure was on a day; NULL where it was not known.
CREATE TABLE measure (
    kpi   TEXT NOT NULL,
    day   TEXT NOT NULL,
    value REAL,
    PRIMARY KEY (kpi, day)
) STRICT, WITHOUT ROWID;

-- What the organisation aims for, in place of the defaults.
CREATE TABLE aim (
    kpi       TEXT PRIMARY KEY,
    target    REAL,
    threshold REAL
) STRICT, WITHOUT ROWID;

-- Days until a finding has to be fixed, in place of the defaults.
CREATE TABLE deadlines (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    critical INTEGER NOT NULL,
    high     INTEGER NOT NULL,
    medium   INTEGER NOT NULL,
    low      INTEGER NOT NULL
) STRICT;

-- For the measures: each is made of one index, read from end to end or from a time on. The columns of the conditions are
-- part of them, or else each row would be fetched; `counts` would not do, for SQLite always fetches the row of a column
-- that is generated.
CREATE INDEX finding_open_since ON finding (severity, first_seen, due, state)
    WHERE state IN ('open', 'reopened');
CREATE INDEX finding_fixed_at ON finding (state, fixed, severity, first_seen) WHERE state = 'fixed';
CREATE INDEX asset_figures ON asset (present, judged, approval, owner) WHERE present;
