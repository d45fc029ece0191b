//! Patterns over many requests: extraction, membership inference, probing, unbounded consumption, change of habits.
