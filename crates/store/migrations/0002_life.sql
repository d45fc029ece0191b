-- What became of assets and findings over the scans of a target. Outlives the
-- scans that retention removes.

CREATE TABLE finding_life (
    target     INTEGER NOT NULL REFERENCES targets (id),
    finding    TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'reopened', 'accepted', 'fixed')),
    -- When it came into this state.
    since      TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    last_seen  TEXT NOT NULL,
    -- As it was last seen.
    payload    INTEGER NOT NULL REFERENCES payloads (id),
    PRIMARY KEY (target, finding)
) STRICT, WITHOUT ROWID;

CREATE TABLE asset_life (
    target     INTEGER NOT NULL REFERENCES targets (id),
    asset      TEXT NOT NULL,
    present    INTEGER NOT NULL CHECK (present IN (0, 1)),
    first_seen TEXT NOT NULL,
    last_seen  TEXT NOT NULL,
    payload    INTEGER NOT NULL REFERENCES payloads (id),
    PRIMARY KEY (target, asset)
) STRICT, WITHOUT ROWID;

-- Scans recorded before this version tell the beginning of each life.
CREATE TEMP TABLE seen AS
SELECT scans.target AS target, part, key, min(scans.id) AS first, max(scans.id) AS last
FROM contents JOIN scans ON scans.id = contents.scan
GROUP BY scans.target, part, key;

INSERT INTO finding_life (target, finding, state, since, first_seen, last_seen, payload)
SELECT seen.target, seen.key,
    CASE
        WHEN seen.last < (SELECT max(id) FROM scans WHERE target = seen.target) THEN 'fixed'
        WHEN json_extract(payloads.body, '$.status') IN ('accepted', 'suppressed') THEN 'accepted'
        ELSE 'open'
    END,
    CASE
        WHEN seen.last < (SELECT max(id) FROM scans WHERE target = seen.target)
        THEN (SELECT finished FROM scans WHERE target = seen.target AND id > seen.last ORDER BY id LIMIT 1)
        ELSE first_scan.finished
    END,
    first_scan.finished, last_scan.finished, payloads.id
FROM seen
JOIN scans AS first_scan ON first_scan.id = seen.first
JOIN scans AS last_scan ON last_scan.id = seen.last
JOIN contents ON contents.scan = seen.last AND contents.part = seen.part AND contents.key = seen.key
JOIN payloads ON payloads.id = contents.payload
WHERE seen.part = 'finding';

INSERT INTO asset_life (target, asset, present, first_seen, last_seen, payload)
SELECT seen.target, seen.key,
    seen.last = (SELECT max(id) FROM scans WHERE target = seen.target),
    first_scan.finished, last_scan.finished, contents.payload
FROM seen
JOIN scans AS first_scan ON first_scan.id = seen.first
JOIN scans AS last_scan ON last_scan.id = seen.last
JOIN contents ON contents.scan = seen.last AND contents.part = seen.part AND contents.key = seen.key
WHERE seen.part = 'asset';

DROP TABLE temp.seen;
