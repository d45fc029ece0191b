//! What identifies people and what must stay secret: entities in text, and their redaction in streams.
