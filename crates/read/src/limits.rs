//! How far a parser may go.

use crate::inspector::Inspector;
use crate::interests::Interests;

/// Bounds on work and memory, per file. Meeting one leaves a gap, never silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest text that is read whole, in bytes.
    pub text: u64,
    /// Largest structure header (safetensors, GGUF, zip directory, …) that is read, in bytes.
    pub header: u64,
    /// Largest member of a container that is unpacked into memory, in bytes.
    pub member: u64,
    /// Most bytes unpacked from one outermost file in all.
    pub unpacked: u64,
    /// Most members looked into in one outermost file.
    pub members: u64,
    /// Deepest nesting of containers.
    pub depth: u8,
    /// Largest allowed ratio of unpacked to packed size, of a member too large to be unpacked whole.
    pub ratio: u64,
    /// Most opcodes of one pickle stream that are interpreted.
    pub pickle_opcodes: u64,
    /// Deepest nesting of a configuration tree (JSON, YAML, TOML).
    pub tree_depth: u16,
    /// Most nodes of a configuration tree, aliases expanded.
    pub tree_nodes: u32,
    /// Most opcodes of one pickle stream that are told one by one; none by default.
    pub trail: usize,
    /// Bytes of the data of tensors that are looked at in one file.
    pub tensor_bytes: u64,
    /// Tensors beyond that of which the first bytes are looked at.
    pub tensor_heads: usize,
    /// Most tensors of one file that are told one by one; none by default, only their number.
    pub tensors: usize,
    /// Most facts from one outermost file.
    pub facts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            text: 16 * MIB,
            header: 32 * MIB,
            member: 32 * MIB,
            unpacked: 256 * MIB,
            members: 4096,
            depth: 4,
            ratio: 200,
            pickle_opcodes: 4_000_000,
            tree_depth: 128,
            tree_nodes: 250_000,
            trail: 0,
            tensor_bytes: MIB,
            tensor_heads: 64,
            tensors: 0,
            facts: 20_000,
        }
    }
}

/// What a scan asks of the parsers.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// How far they may go.
    pub limits: Limits,
    /// Whether to compute SHA-256 of model files, which reads them whole.
    pub hash: bool,
    /// The calls that rules want to see.
    pub interests: &'a Interests,
    /// Who is asked about every file and every member of a container, in this order.
    pub parsers: &'a [&'a dyn Inspector],
}
