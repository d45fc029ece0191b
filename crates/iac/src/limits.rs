//! How far reading and resolving may go.

/// Bounds on work and memory. Meeting one leaves a [`Problem`](crate::Problem), never silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file that is read, in bytes; of a longer one nothing is.
    pub file: usize,
    /// Deepest nesting of blocks and expressions in one file.
    pub depth: u16,
    /// Most expressions and blocks of one file.
    pub nodes: u32,
    /// Most steps that resolving the values of one root (a module that nobody calls, a template) may take.
    pub steps: u64,
    /// Deepest chain of values that wait for each other.
    pub chain: u16,
    /// Longest text that a value may become, in bytes.
    pub text: usize,
    /// Most values in one value, shared parts counted as often as they are seen.
    pub size: u32,
    /// Deepest nesting of modules and of templates in templates.
    pub modules: u16,
    /// Most resources of one root, and most instances of one `for_each`, `count` or loop.
    pub resources: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file: 16 << 20,
            depth: 64,
            nodes: 500_000,
            steps: 20_000_000,
            chain: 96,
            text: 1 << 20,
            size: 100_000,
            modules: 16,
            resources: 5_000,
        }
    }
}
