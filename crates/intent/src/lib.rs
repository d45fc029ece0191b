//! What models would do if they were loaded or used: names, calls, carried code, Python and templates of model files,
//! judged by what is known of them. Rules report it.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod callable;
pub mod carried;
pub mod catalogue;
pub mod commands;
pub mod deed;
pub mod jinja;
pub mod names;
pub mod verdict;

pub use callable::{Callable, callable, why_not_allowed};

/// Libraries whose objects, made without calling their class and filled with their state, are what
/// honest pickles of models consist of.
const LIBRARIES: &[&str] = &[
    "catboost",
    "imblearn",
    "lightgbm",
    "pandas",
    "scipy",
    "skl2onnx",
    "sklearn",
    "statsmodels",
    "xgboost",
];

/// Whether a name that pickles import, `module.attribute`, is known and safe: what a disarmed copy of a
/// file may still hold. A class of a known library is safe where an object of it is only made, not
/// called.
#[must_use]
pub fn is_safe_import(name: &str, purpose: stance_inspect::disarm::Use) -> bool {
    match catalogue::standing(name) {
        catalogue::Standing::Safe => true,
        catalogue::Standing::Unknown => {
            let library = name.split('.').next().unwrap_or_default();
            purpose == stance_inspect::disarm::Use::New
                && LIBRARIES.contains(&library)
                && catalogue::is_class(name)
        }
        _ => false,
    }
}
