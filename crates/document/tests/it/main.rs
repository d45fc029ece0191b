//! What others rely on: documents are read back as they were, and nothing that anybody sends does harm.

mod content;
mod hostile;
