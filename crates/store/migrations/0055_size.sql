-- What a large estate needs.

-- Filters that had no index, and the order of findings that no longer count.
CREATE INDEX asset_by_criticality ON asset (criticality, risk DESC, id) WHERE present;
CREATE INDEX asset_by_part ON asset (part, risk DESC, id) WHERE present;
CREATE INDEX asset_by_owner_name ON asset (owner, name COLLATE NOCASE, id) WHERE present;
CREATE INDEX finding_closed_by_rank ON finding (rank DESC, id) WHERE NOT counts;

-- The sums of 0004, kept with fewer steps: ingestion spends much of its time in them.

-- The kind of an asset never changes.
DROP TRIGGER asset_tally_update;
CREATE TRIGGER asset_tally_update AFTER UPDATE OF present, importance, risk, risk_known, risk_worst ON asset
WHEN old.present <> new.present OR old.importance <> new.importance OR old.risk <> new.risk
    OR old.risk_known <> new.risk_known OR old.risk_worst <> new.risk_worst
BEGIN
    INSERT INTO tally VALUES
        ('asset:' || new.kind, new.present - old.present),
        ('importance', new.present * new.importance - old.present * old.importance),
        ('risk', new.present * new.risk - old.present * old.risk),
        ('risk_known', new.present * new.risk_known - old.present * old.risk_known),
        ('risk_worst', new.present * new.risk_worst - old.present * old.risk_worst)
    ON CONFLICT (name) DO UPDATE SET value = value + excluded.value;
END;

-- A finding that only gives back otherwise stays in its groups.
DROP TRIGGER finding_group_leave;
DROP TRIGGER finding_group_enter;
CREATE TRIGGER finding_group_stay AFTER UPDATE OF gives_back ON finding
WHEN old.counts AND new.counts AND old.gives_back <> new.gives_back
    AND old.severity = new.severity AND old.owner IS new.owner AND old.fix = new.fix
BEGIN
    INSERT INTO finding_group VALUES
        ('rule', new.rule, new.severity, 0, new.gives_back - old.gives_back),
        ('owner', coalesce(new.owner, ''), new.severity, 0, new.gives_back - old.gives_back),
        ('fix', new.fix, new.severity, 0, new.gives_back - old.gives_back)
    ON CONFLICT DO UPDATE SET gives_back = gives_back + excluded.gives_back;
END;
CREATE TRIGGER finding_group_leave AFTER UPDATE OF state, severity, owner, fix, gives_back ON finding
WHEN old.counts AND NOT (new.counts AND old.severity = new.severity AND old.owner IS new.owner AND old.fix = new.fix)
BEGIN
    INSERT INTO finding_group VALUES
        ('rule', old.rule, old.severity, -1, -old.gives_back),
        ('owner', coalesce(old.owner, ''), old.severity, -1, -old.gives_back),
        ('fix', old.fix, old.severity, -1, -old.gives_back)
    ON CONFLICT DO UPDATE SET findings = findings - 1, gives_back = gives_back + excluded.gives_back;
END;
CREATE TRIGGER finding_group_enter AFTER UPDATE OF state, severity, owner, fix, gives_back ON finding
WHEN new.counts AND NOT (old.counts AND old.severity = new.severity AND old.owner IS new.owner AND old.fix = new.fix)
BEGIN
    INSERT INTO finding_group VALUES
        ('rule', new.rule, new.severity, 1, new.gives_back),
        ('owner', coalesce(new.owner, ''), new.severity, 1, new.gives_back),
        ('fix', new.fix, new.severity, 1, new.gives_back)
    ON CONFLICT DO UPDATE SET findings = findings + 1, gives_back = gives_back + excluded.gives_back;
END;
