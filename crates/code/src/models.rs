//! Names of models that say by themselves whose they are, for the parsers of all languages.

pub use crate::python::catalogue::{
    Recognised, by_constant, model_beginnings, model_id, recognise, with_provider,
};
