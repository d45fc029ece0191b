-- The estate: what all sources together know now, and what people decided about it. Times are
-- milliseconds since 1970 in UTC.

-- Where facts come from.
CREATE TABLE source (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- What names it for good: the canonical path of a tree, the address of a repository, a chosen name.
    key         TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    -- directory, git, bom, logs, host, push
    kind        TEXT NOT NULL,
    -- What the kind needs, as JSON.
    options     TEXT NOT NULL DEFAULT '{}',
    -- An interval (`PT1H`) or five fields of cron; NULL runs only when asked.
    schedule    TEXT,
    enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    -- What its assets have unless somebody says otherwise.
    owner       TEXT,
    environment TEXT NOT NULL DEFAULT 'unknown',
    created     INTEGER NOT NULL,
    -- When it was last looked at with success, and what was looked at (JSON).
    scanned     INTEGER,
    coverage    TEXT,
    -- What was not looked at, in the units of `core::score`.
    unscanned   INTEGER NOT NULL DEFAULT 0,
    -- When its first state was taken as the approved one.
    baseline    INTEGER,
    removed     INTEGER
) STRICT;

-- One look at a source.
CREATE TABLE run (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    source    INTEGER NOT NULL REFERENCES source (id),
    -- schedule, person, push
    cause     TEXT NOT NULL,
    -- Who asked for it.
    actor     TEXT,
    state     TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    queued    INTEGER NOT NULL,
    started   INTEGER,
    finished  INTEGER,
    -- What it saw and changed, as JSON, once it succeeded.
    outcome   TEXT,
    -- What went wrong, in one sentence, and the last lines that the scanner wrote.
    error     TEXT,
    log       TEXT
) STRICT;
CREATE INDEX run_of_source ON run (source, id);
CREATE INDEX run_unfinished ON run (state, id) WHERE state IN ('queued', 'running');

CREATE TABLE asset (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- 0 for what is the same thing everywhere, otherwise the source it belongs to.
    scope       INTEGER NOT NULL,
    -- Its id inside that scope, `kind:key`.
    key         TEXT NOT NULL,
    kind        TEXT NOT NULL,
    name        TEXT NOT NULL,
    how         TEXT NOT NULL,
    part        TEXT NOT NULL,
    -- Whether any source sees it.
    present     INTEGER NOT NULL CHECK (present IN (0, 1)),
    first_seen  INTEGER NOT NULL,
    -- When the last source lost sight of it.
    gone        INTEGER,
    -- How many sources see it.
    sightings   INTEGER NOT NULL DEFAULT 0,
    -- What people say of it, or its source until they do (`owner_set`, `environment_set` 0).
    owner           TEXT,
    owner_set       INTEGER NOT NULL DEFAULT 0,
    purpose         TEXT,
    environment     TEXT NOT NULL DEFAULT 'unknown',
    environment_set INTEGER NOT NULL DEFAULT 0,
    criticality     TEXT NOT NULL DEFAULT 'unknown',
    criticality_set INTEGER NOT NULL DEFAULT 0,
    sensitivity     TEXT NOT NULL DEFAULT 'unknown',
    sensitivity_set INTEGER NOT NULL DEFAULT 0,
    -- unreviewed, approved, rejected
    approval        TEXT NOT NULL DEFAULT 'unreviewed',
    approval_reason TEXT,
    -- Counts up with every edit: who edits says which one was seen.
    revision        INTEGER NOT NULL DEFAULT 0,
    -- Open findings by severity.
    critical    INTEGER NOT NULL DEFAULT 0,
    high        INTEGER NOT NULL DEFAULT 0,
    medium      INTEGER NOT NULL DEFAULT 0,
    low         INTEGER NOT NULL DEFAULT 0,
    -- From where it can be reached, and whether all of it was looked at.
    exposure    TEXT NOT NULL DEFAULT 'unknown',
    judged      INTEGER NOT NULL DEFAULT 1,
    -- Its account in the score: importance, weight of its open findings, and what follows from them, in the units of
    -- `core::score`.
    importance  INTEGER NOT NULL DEFAULT 0,
    weight      INTEGER NOT NULL DEFAULT 0,
    risk        INTEGER NOT NULL DEFAULT 0,
    risk_known  INTEGER NOT NULL DEFAULT 0,
    risk_worst  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (scope, key)
) STRICT;
CREATE INDEX asset_by_risk ON asset (risk DESC, id) WHERE present;
CREATE INDEX asset_by_name ON asset (name COLLATE NOCASE, id) WHERE present;
CREATE INDEX asset_by_kind_risk ON asset (kind, risk DESC, id) WHERE present;
CREATE INDEX asset_by_kind_name ON asset (kind, name COLLATE NOCASE, id) WHERE present;
CREATE INDEX asset_by_first_seen ON asset (first_seen DESC, id) WHERE present;
CREATE INDEX asset_by_owner ON asset (owner, risk DESC, id) WHERE present;
CREATE INDEX asset_by_environment ON asset (environment, risk DESC, id) WHERE present;
CREATE INDEX asset_by_sensitivity ON asset (sensitivity, risk DESC, id) WHERE present;
CREATE INDEX asset_by_approval ON asset (approval, kind, risk DESC, id) WHERE present;
CREATE INDEX asset_by_findings ON asset (critical DESC, high DESC, medium DESC, low DESC, id)
    WHERE present AND critical + high + medium + low > 0;
CREATE INDEX asset_by_critical ON asset (first_seen DESC, id) WHERE present AND critical > 0;
CREATE INDEX asset_gone ON asset (gone DESC, id) WHERE NOT present;

-- Substrings of names and keys.
CREATE VIRTUAL TABLE asset_text USING fts5 (
    name, key, content = 'asset', content_rowid = 'id', tokenize = 'trigram', detail = 'none', columnsize = 0
);
CREATE TRIGGER asset_text_insert AFTER INSERT ON asset BEGIN
    INSERT INTO asset_text (rowid, name, key) VALUES (new.id, new.name, new.key);
END;
CREATE TRIGGER asset_text_update AFTER UPDATE OF name, key ON asset WHEN old.name <> new.name OR old.key <> new.key BEGIN
    INSERT INTO asset_text (asset_text, rowid, name, key) VALUES ('delete', old.id, old.name, old.key);
    INSERT INTO asset_text (rowid, name, key) VALUES (new.id, new.name, new.key);
END;

-- An asset as one source sees it.
CREATE TABLE sighting (
    id         INTEGER PRIMARY KEY,
    source     INTEGER NOT NULL REFERENCES source (id),
    asset      INTEGER NOT NULL REFERENCES asset (id),
    present    INTEGER NOT NULL CHECK (present IN (0, 1)),
    first_seen INTEGER NOT NULL,
    gone       INTEGER,
    -- Whether all files that tell it were looked at.
    judged     INTEGER NOT NULL DEFAULT 1,
    -- Digest of what counts as a change, and the asset as JSON.
    meaning    TEXT NOT NULL,
    body       TEXT NOT NULL,
    -- The approved state: whether it was there, what it meant, and its body where that is not the present one.
    approved_present INTEGER NOT NULL CHECK (approved_present IN (0, 1)),
    approved_meaning TEXT,
    approved_body    TEXT,
    UNIQUE (asset, source)
) STRICT;
CREATE INDEX sighting_of_source ON sighting (source, present, asset);

-- How assets hang together, as a source sees it.
CREATE TABLE relation (
    source  INTEGER NOT NULL REFERENCES source (id),
    origin  INTEGER NOT NULL REFERENCES asset (id),
    -- Number of the kind in `RelationKind::ALL`.
    kind    INTEGER NOT NULL,
    target  INTEGER NOT NULL REFERENCES asset (id),
    path    TEXT NOT NULL,
    line    INTEGER,
    PRIMARY KEY (origin, kind, target, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX relation_to ON relation (target, kind, origin);
CREATE INDEX relation_of_source ON relation (source, origin, kind, target);

CREATE TABLE finding (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    source     INTEGER NOT NULL REFERENCES source (id),
    -- Its id over the scans of the source.
    key        TEXT NOT NULL,
    asset      INTEGER NOT NULL REFERENCES asset (id),
    rule       TEXT NOT NULL,
    -- 4 critical, 3 high, 2 medium, 1 low, 0 info
    severity   INTEGER NOT NULL,
    -- 2 high, 1 medium, 0 low
    confidence INTEGER NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'reopened', 'accepted', 'false_positive', 'fixed', 'gone')),
    -- Whether it counts.
    counts     INTEGER NOT NULL GENERATED ALWAYS AS (state IN ('open', 'reopened')) STORED,
    message    TEXT NOT NULL,
    path       TEXT NOT NULL,
    line       INTEGER,
    first_seen INTEGER NOT NULL,
    -- Since when it is in this state.
    since      INTEGER NOT NULL,
    fixed      INTEGER,
    reopened   INTEGER NOT NULL DEFAULT 0,
    -- When it has to be dealt with; NULL once it is.
    due        INTEGER,
    assignee   TEXT,
    -- The waiver that accepts it, or asks to.
    waiver     INTEGER,
    -- What the score would gain, in its fixed-point units.
    gives_back INTEGER NOT NULL DEFAULT 0,
    -- What people decided, which outlives that a scan misses it once: accepted, false_positive.
    decided    TEXT,
    meaning    TEXT NOT NULL,
    body       TEXT NOT NULL,
    -- Repeated from the asset, so that lists are filtered and sorted by one index: its kind, which never changes, and
    -- its owner, which a trigger keeps.
    asset_kind TEXT NOT NULL,
    owner      TEXT,
    -- What has to be done, as a short digest: findings with the same fix go away together.
    fix        TEXT NOT NULL,
    area       TEXT NOT NULL GENERATED ALWAYS AS (substr(rule, 1, instr(rule, '/') - 1)) STORED,
    -- Sorts by severity, then by what it gives back.
    rank       INTEGER NOT NULL GENERATED ALWAYS AS (severity * 1000000000000 + gives_back) STORED,
    UNIQUE (source, key)
) STRICT;
CREATE INDEX finding_by_rank ON finding (rank DESC, id) WHERE counts;
CREATE INDEX finding_by_severity_age ON finding (severity, first_seen DESC, id) WHERE counts;
CREATE INDEX finding_by_severity_due ON finding (severity, due, id) WHERE counts;
CREATE INDEX finding_by_area ON finding (area, rank DESC, id) WHERE counts;
CREATE INDEX finding_by_owner ON finding (owner, rank DESC, id) WHERE counts;
CREATE INDEX finding_by_kind ON finding (asset_kind, rank DESC, id) WHERE counts;
CREATE INDEX finding_by_fix ON finding (fix, rank DESC, id) WHERE counts;
CREATE INDEX finding_of_source ON finding (source, counts, rank DESC, id);
CREATE INDEX finding_by_gain ON finding (gives_back DESC, id) WHERE counts;
CREATE INDEX finding_by_age ON finding (first_seen DESC, id) WHERE counts;
CREATE INDEX finding_by_due ON finding (due, id) WHERE counts;
CREATE INDEX finding_by_rule ON finding (rule, rank DESC, id) WHERE counts;
CREATE INDEX finding_by_assignee ON finding (assignee, rank DESC, id) WHERE counts;
CREATE INDEX finding_of_asset ON finding (asset, counts, rank DESC, id);
CREATE INDEX finding_by_state ON finding (state, since DESC, id) WHERE NOT counts;
CREATE VIRTUAL TABLE finding_text USING fts5 (
    message, path, rule, content = 'finding', content_rowid = 'id', tokenize = 'trigram', detail = 'none', columnsize = 0
);
CREATE TRIGGER finding_text_insert AFTER INSERT ON finding BEGIN
    INSERT INTO finding_text (rowid, message, path, rule) VALUES (new.id, new.message, new.path, new.rule);
END;
CREATE TRIGGER finding_text_update AFTER UPDATE OF message, path, rule ON finding
WHEN old.message <> new.message OR old.path <> new.path OR old.rule <> new.rule BEGIN
    INSERT INTO finding_text (finding_text, rowid, message, path, rule)
    VALUES ('delete', old.id, old.message, old.path, old.rule);
    INSERT INTO finding_text (rowid, message, path, rule) VALUES (new.id, new.message, new.path, new.rule);
END;

-- What became of findings by scans; what people decided stands in the audit log.
CREATE TABLE transition (
    id      INTEGER PRIMARY KEY,
    finding INTEGER NOT NULL REFERENCES finding (id),
    at      INTEGER NOT NULL,
    state   TEXT NOT NULL,
    run     INTEGER
) STRICT;
CREATE INDEX transition_of ON transition (finding, id);
CREATE INDEX transition_at ON transition (at);

-- A risk that somebody asks to accept, for some findings, until a day.
CREATE TABLE waiver (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    reason    TEXT NOT NULL,
    requester TEXT NOT NULL,
    requested INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'withdrawn', 'expired')),
    decider   TEXT,
    decided   INTEGER,
    note      TEXT
) STRICT;
CREATE INDEX waiver_by_state ON waiver (state, expires);
CREATE TABLE waived (
    waiver  INTEGER NOT NULL REFERENCES waiver (id),
    finding INTEGER NOT NULL REFERENCES finding (id),
    PRIMARY KEY (waiver, finding)
) STRICT, WITHOUT ROWID;
CREATE INDEX waived_finding ON waived (finding);

-- Where a source differs from its approved state, field by field, and what became of it.
CREATE TABLE change (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    source   INTEGER NOT NULL REFERENCES source (id),
    asset    INTEGER NOT NULL REFERENCES asset (id),
    run      INTEGER,
    at       INTEGER NOT NULL,
    -- appeared, changed, vanished
    kind     TEXT NOT NULL,
    field    TEXT NOT NULL,
    -- JSON.
    before   TEXT,
    after    TEXT,
    -- 2 weakening, 1 neutral, 0 strengthening
    effect   INTEGER NOT NULL,
    relevant INTEGER NOT NULL CHECK (relevant IN (0, 1)),
    reason   TEXT NOT NULL,
    -- pending, approved, expected, noted, undone, replaced
    state    TEXT NOT NULL,
    actor    TEXT,
    decided  INTEGER,
    note     TEXT,
    expected INTEGER,
    finding  INTEGER
) STRICT;
CREATE INDEX change_pending ON change (effect DESC, id DESC) WHERE state = 'pending';
CREATE INDEX change_waiting ON change (source, asset) WHERE state = 'pending';
CREATE INDEX change_of_run ON change (run, id DESC);
CREATE INDEX change_of_asset ON change (asset, id DESC);
CREATE INDEX change_of_source ON change (source, state, id DESC);
CREATE INDEX change_at ON change (at DESC, id DESC);

-- Changes that somebody approved before they are seen.
CREATE TABLE expected_change (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    source   INTEGER REFERENCES source (id),
    -- Glob over the id of the asset, and name of the field or `*`.
    asset    TEXT NOT NULL,
    field    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    requester TEXT NOT NULL,
    approver TEXT,
    state    TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'rejected', 'withdrawn')),
    opens    INTEGER NOT NULL,
    closes   INTEGER NOT NULL
) STRICT;

-- How the estate stood over time.
CREATE TABLE posture (
    at       INTEGER PRIMARY KEY,
    score    INTEGER NOT NULL,
    lower    INTEGER NOT NULL,
    upper    INTEGER NOT NULL,
    -- Counts and what moved it, as JSON.
    body     TEXT NOT NULL
) STRICT;

-- Filters that people named, and when they last looked.
CREATE TABLE saved_view (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL,
    page   TEXT NOT NULL,
    name   TEXT NOT NULL,
    query  TEXT NOT NULL,
    UNIQUE (person, page, name)
) STRICT;
CREATE TABLE visit (
    person   TEXT PRIMARY KEY,
    at       INTEGER NOT NULL,
    previous INTEGER
) STRICT, WITHOUT ROWID;

-- Sums over the estate, kept by the triggers below: what every page shows must not be counted anew for each.
-- `asset:KIND` and `finding:SEVERITY` count what is present and what is open; `importance`, `risk`,
-- `risk_known` and `risk_worst` add up the columns of the same names over what is present; `change` counts what waits for a decision.
CREATE TABLE tally (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER asset_tally_insert AFTER INSERT ON asset WHEN new.present BEGIN
    INSERT INTO tally VALUES
        ('asset:' || new.kind, 1), ('importance', new.importance), ('risk', new.risk),
        ('risk_known', new.risk_known), ('risk_worst', new.risk_worst)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
END;
CREATE TRIGGER asset_tally_update AFTER UPDATE OF present, kind, importance, risk, risk_known, risk_worst ON asset BEGIN
    INSERT INTO tally VALUES
        ('asset:' || old.kind, -old.present),
        ('importance', -old.present * old.importance),
        ('risk', -old.present * old.risk),
        ('risk_known', -old.present * old.risk_known),
        ('risk_worst', -old.present * old.risk_worst)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    INSERT INTO tally VALUES
        ('asset:' || new.kind, new.present),
        ('importance', new.present * new.importance),
        ('risk', new.present * new.risk),
        ('risk_known', new.present * new.risk_known),
        ('risk_worst', new.present * new.risk_worst)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
END;
CREATE TRIGGER finding_tally_insert AFTER INSERT ON finding WHEN new.counts BEGIN
    INSERT INTO tally VALUES ('finding:' || new.severity, 1)
    ON CONFLICT (name) DO UPDATE SET value = value + 1;
END;
CREATE TRIGGER finding_tally_update AFTER UPDATE OF state, severity ON finding
WHEN old.counts <> new.counts OR old.severity <> new.severity BEGIN
    INSERT INTO tally VALUES ('finding:' || old.severity, -old.counts)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
    INSERT INTO tally VALUES ('finding:' || new.severity, new.counts)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
END;
CREATE TRIGGER change_tally_insert AFTER INSERT ON change WHEN new.state = 'pending' BEGIN
    INSERT INTO tally VALUES ('change', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1;
END;
CREATE TRIGGER change_tally_update AFTER UPDATE OF state ON change WHEN old.state <> new.state BEGIN
    INSERT INTO tally VALUES ('change', (new.state = 'pending') - (old.state = 'pending'))
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
END;

-- Open findings in groups, for the lists that show groups of all of them. Dimensions: rule, owner, fix.
CREATE TABLE finding_group (
    dimension  TEXT NOT NULL,
    key        TEXT NOT NULL,
    severity   INTEGER NOT NULL,
    findings   INTEGER NOT NULL,
    gives_back INTEGER NOT NULL,
    PRIMARY KEY (dimension, key, severity)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER finding_group_insert AFTER INSERT ON finding WHEN new.counts BEGIN
    INSERT INTO finding_group VALUES
        ('rule', new.rule, new.severity, 1, new.gives_back),
        ('owner', coalesce(new.owner, ''), new.severity, 1, new.gives_back),
        ('fix', new.fix, new.severity, 1, new.gives_back)
    ON CONFLICT DO UPDATE SET findings = findings + 1, gives_back = gives_back + excluded.gives_back;
END;
CREATE TRIGGER finding_group_leave AFTER UPDATE OF state, severity, owner, fix, gives_back ON finding WHEN old.counts BEGIN
    INSERT INTO finding_group VALUES
        ('rule', old.rule, old.severity, -1, -old.gives_back),
        ('owner', coalesce(old.owner, ''), old.severity, -1, -old.gives_back),
        ('fix', old.fix, old.severity, -1, -old.gives_back)
    ON CONFLICT DO UPDATE SET findings = findings - 1, gives_back = gives_back + excluded.gives_back;
END;
CREATE TRIGGER finding_group_enter AFTER UPDATE OF state, severity, owner, fix, gives_back ON finding WHEN new.counts BEGIN
    INSERT INTO finding_group VALUES
        ('rule', new.rule, new.severity, 1, new.gives_back),
        ('owner', coalesce(new.owner, ''), new.severity, 1, new.gives_back),
        ('fix', new.fix, new.severity, 1, new.gives_back)
    ON CONFLICT DO UPDATE SET findings = findings + 1, gives_back = gives_back + excluded.gives_back;
END;
CREATE TRIGGER finding_owner AFTER UPDATE OF owner ON asset WHEN old.owner IS NOT new.owner BEGIN
    UPDATE finding SET owner = new.owner WHERE asset = new.id;
END;
