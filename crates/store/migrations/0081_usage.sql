-- How much vendors are used, as the logs of a source told it the last time. It stands beside the assets: it grows with
-- every line, and that is no change. Times are milliseconds since 1970 in UTC.
CREATE TABLE usage (
    asset     INTEGER NOT NULL REFERENCES asset (id),
    source    INTEGER NOT NULL REFERENCES source (id),
    -- A name, an address or a pseudonym; empty where lines do not tell.
    person    TEXT NOT NULL,
    requests  INTEGER NOT NULL,
    -- NULL where lines do not tell.
    bytes_out INTEGER,
    bytes_in  INTEGER,
    first     INTEGER,
    last      INTEGER,
    PRIMARY KEY (asset, source, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_of_source ON usage (source);
