-- What the states of controls are made of, beside the sums of open findings: hints, accepted findings and fixed ones by
-- rule.
CREATE INDEX finding_hint ON finding (rule, severity) WHERE counts AND confidence = 0;
CREATE INDEX finding_accepted ON finding (rule, severity) WHERE state = 'accepted';
CREATE INDEX finding_fixed ON finding (rule, asset) WHERE state = 'fixed';
