//! What callers of the guard rely on.

mod text;
