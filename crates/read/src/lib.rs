//! Hostile bytes, read within bounds: what the parsers of all formats have in common.
//!
//! A parser is an [`Inspector`]. It gets an [`Input`] with a [`Source`] that reads at most what it asks for,
//! says what it sees as [`Fact`](stance_core::fact::Fact)s, and says where it gave up as a
//! [`Gap`](stance_core::fact::Gap). It never panics, never recurses without a bound, never allocates what a
//! header claims. [`scan`] hands one file to every parser of the [`Options`].
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

pub mod active;
pub mod address;
pub mod credential;
pub mod description;
pub mod external;
pub mod input;
pub mod inspector;
pub mod interests;
pub mod json;
pub mod limits;
pub mod link;
pub mod little_endian;
pub mod personal;
pub mod protobuf;
pub mod redact;
pub mod report;
pub mod secrets;
pub mod source;
pub mod stores;
#[doc(hidden)]
pub mod testing;
pub mod text;
pub mod tree;
pub mod unpack;
pub mod vendors;
pub mod window;
pub mod words;

use std::sync::Arc;

use stance_core::fact::GapReason;

pub use input::Input;
pub use inspector::Inspector;
pub use interests::Interests;
pub use limits::{Limits, Options};
pub use report::{Facts, Report};
pub use source::{Bytes, Source};
pub use text::Text;

/// The parsers of this crate, in the order in which they are asked.
pub const PARSERS: &[&dyn Inspector] = &[&personal::INSPECTOR, &secrets::INSPECTOR];

/// Looks at one file and says what it is and holds.
///
/// `path` is what evidence will carry: relative to the scanned root, `/`
/// between its parts. The same bytes under the same path give the same report.
#[must_use]
pub fn scan(path: impl Into<Arc<str>>, source: &dyn Source, options: &Options<'_>) -> Report {
    let mut facts = Facts::new(options);
    let input = Input::new(path.into(), source, options, &mut facts);
    scan_input(&input, &mut facts);
    facts.into_report()
}

/// Looks at the member of a container, one level deeper than `outer`.
///
/// `name` is the member's own path; the member's evidence path becomes
/// `outer!name`. Past the limit of nesting it leaves a gap and looks no further.
pub fn scan_member(outer: &Input<'_>, name: &str, source: &dyn Source, facts: &mut Facts<'_>) {
    let depth = outer.depth().saturating_add(1);
    let path: Arc<str> = format!("{}!{name}", outer.path()).into();
    if depth > outer.options().limits.depth {
        facts.gap(
            GapReason::Limit,
            format!(
                "containers are nested more than {} deep",
                outer.options().limits.depth
            ),
            stance_core::Evidence::file(path),
        );
        return;
    }
    if !facts.count_member() {
        return;
    }
    let input = Input::member(outer, path, source, facts);
    scan_input(&input, facts);
}

fn scan_input(input: &Input<'_>, facts: &mut Facts<'_>) {
    for inspector in input.options().parsers {
        if inspector.claims(input) {
            inspector.inspect(input, facts);
            if inspector.understands() {
                facts.understood();
            }
        }
    }
}
