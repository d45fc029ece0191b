-- Interactions that were acknowledged and of which more may come within seconds, each as it is known by now, in JSON. They
-- are kept for good when they are done, or when the service starts again.
CREATE TABLE interaction_waiting (
    id   TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL
) STRICT;
