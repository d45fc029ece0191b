//! Which framework wrote a pickle, by what it imports.

use stance_core::fact::PickleTrace;

/// Packages and the framework they belong to; the first that is met names the file.
const PACKAGES: &[(&str, &str)] = &[
    ("ultralytics", "ultralytics"),
    ("pytorch_lightning", "pytorch"),
    ("lightning", "pytorch"),
    ("fastai", "fastai"),
    ("transformers", "transformers"),
    ("sentence_transformers", "sentence-transformers"),
    ("flair", "flair"),
    ("torch", "pytorch"),
    ("xgboost", "xgboost"),
    ("lightgbm", "lightgbm"),
    ("catboost", "catboost"),
    ("keras", "keras"),
    ("tensorflow", "tensorflow"),
    ("jax", "jax"),
    ("flax", "jax"),
    ("sklearn", "scikit-learn"),
    ("imblearn", "scikit-learn"),
    ("skops", "scikit-learn"),
    ("statsmodels", "statsmodels"),
    ("gensim", "gensim"),
    ("spacy", "spacy"),
    ("nltk", "nltk"),
    ("surprise", "surprise"),
    ("implicit", "implicit"),
    ("prophet", "prophet"),
    ("hmmlearn", "hmmlearn"),
    ("cupy", "cupy"),
    ("pandas", "pandas"),
    ("scipy", "scipy"),
    ("numpy", "numpy"),
];

/// The framework behind the imports of some streams.
pub fn of(traces: &[PickleTrace]) -> Option<&'static str> {
    PACKAGES
        .iter()
        .find(|(package, _)| {
            traces
                .iter()
                .flat_map(|trace| &trace.globals)
                .any(|global| {
                    global
                        .module
                        .split('.')
                        .next()
                        .is_some_and(|top| top == *package)
                })
        })
        .map(|(_, framework)| *framework)
}
