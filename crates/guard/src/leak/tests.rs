//! What must not leave, and what may.
