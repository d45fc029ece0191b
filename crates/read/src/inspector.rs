//! What a parser is.

use crate::input::Input;
use crate::report::Facts;

/// A parser of one format. It is asked about every file, so [`Inspector::claims`]
/// looks at the name and the head only.
pub trait Inspector: Sync {
    /// What it parses, for messages and docs: `pickle`, `safetensors`.
    fn name(&self) -> &'static str;

    /// Whether this file is of its format. By content where the format has any
    /// mark; by name where it has none. Several parsers may claim one file.
    fn claims(&self, input: &Input<'_>) -> bool;

    /// Whether it understands what a file is. One that looks for something in every text does
    /// not: such a file does not count as understood.
    fn understands(&self) -> bool {
        true
    }

    /// Says what it sees. Giving up is a gap, never silence.
    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>);
}

impl std::fmt::Debug for dyn Inspector + '_ {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}
