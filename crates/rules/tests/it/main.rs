//! What holds of every rule: its declaration, its registration, its examples,
//! and what all of them together do.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests read the rules' own sources to see that each is registered"
)]

mod decisions;
mod declaration;
mod examples;
mod formats;
mod honest;
mod judged;
mod menagerie;
mod pickle_bypasses;
mod registration;
mod severities;

/// Fails with all problems at once, one a line, so that one run shows everything there is to mend.
#[track_caller]
fn assert_none(problems: &[String]) {
    assert!(
        problems.is_empty(),
        "{} problems:\n  {}",
        problems.len(),
        problems.join("\n  ")
    );
}
