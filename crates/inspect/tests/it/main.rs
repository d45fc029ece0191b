//! What all parsers promise, asked of each of them.

mod worst_cases;
