//! The configuration: flags before environment before file before default,
//! and for each value where it comes from.

pub(crate) mod discover;
pub mod file;
mod keys;
mod load;
mod settings;

use std::path::PathBuf;

pub use load::Loaded;
pub use settings::{Origin, Setting, Settings};

/// The name that is looked for, from the scanned directory upwards.
pub const FILE_NAME: &str = "stance.toml";

/// The JSON Schema of `stance.toml`.
#[must_use]
pub fn schema() -> serde_json::Value {
    let generator = schemars::generate::SchemaSettings::draft2020_12().into_generator();
    generator.into_root_schema_for::<file::File>().to_value()
}

/// What is wrong with a configuration file.
#[derive(Debug)]
pub struct ConfigError {
    path: PathBuf,
    /// Line and column, from 1.
    place: Option<(usize, usize)>,
    message: String,
}

impl std::error::Error for ConfigError {}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}
