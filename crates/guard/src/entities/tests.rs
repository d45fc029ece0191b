//! Entities in words as people write them.
