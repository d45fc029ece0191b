//! Rules about model files.

rules! {
    pickle_exec,
}
