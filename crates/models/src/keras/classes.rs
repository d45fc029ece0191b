//! The classes that Keras itself has, by name.

use std::sync::LazyLock;

/// Names of layers, losses, optimizers and all else that Keras 1 to 3 registers, in order.
static CLASSES: LazyLock<Vec<&str>> = LazyLock::new(|| {
    include_str!("../../tables/keras_classes.txt")
        .lines()
        .collect()
});

/// Packages before the `>` of a registered name that belong to the family.
const PACKAGES: &[&str] = &[
    "keras",
    "Keras",
    "keras_core",
    "keras_cv",
    "keras_hub",
    "keras_nlp",
    "Vision",
    "Text",
];

/// Whether Keras has a class or kind of object with this name; `>` parts the package from it.
pub(super) fn is_known(name: &str) -> bool {
    let name = match name.split_once('>') {
        Some((package, _)) if PACKAGES.iter().any(|known| package.starts_with(known)) => {
            return true;
        }
        Some(_) => return false,
        None => name,
    };
    // Kinds of values, not classes: `__tensor__`, `__tuple__`.
    name.starts_with("__") || CLASSES.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_knows_the_common_ones() {
        assert!(CLASSES.is_sorted());
        for known in [
            "Dense",
            "Functional",
            "LSTM",
            "Adam",
            "CuDNNLSTM",
            "GlorotUniform",
            "__tuple__",
            "keras_hub>GPT2Backbone",
        ] {
            assert!(is_known(known), "{known}");
        }
        for unknown in ["MaliciousLayer", "Custom>Dense", "AttentionGate"] {
            assert!(!is_known(unknown), "{unknown}");
        }
    }
}
