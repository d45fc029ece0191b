//! Tokenizers and models from outside.
