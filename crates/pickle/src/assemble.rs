//! A small assembler for pickles, so that examples and tests are made by code and no hostile file
//! lies in the tree. Not part of the interface.

use super::opcode::*;

/// A stream under construction.
#[derive(Clone, Debug, Default)]
pub struct Pickle(Vec<u8>);

impl Pickle {
    /// An empty stream without a header.
    #[must_use]
    pub fn bare() -> Self {
        Self::default()
    }

    /// A stream that announces `version`.
    #[must_use]
    pub fn protocol(version: u8) -> Self {
        Self(vec![PROTO, version])
    }

    /// Any bytes.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// `module.name` by GLOBAL.
    #[must_use]
    pub fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n").as_bytes())
    }

    /// `module.name` by STACK_GLOBAL.
    #[must_use]
    pub fn stack_global(self, module: &str, name: &str) -> Self {
        self.text(module).text(name).raw(&[STACK_GLOBAL])
    }

    /// A text constant.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.raw(&[BINUNICODE])
            .raw(&length.to_le_bytes())
            .raw(text.as_bytes())
    }

    /// A bytes constant.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.raw(&[BINBYTES]).raw(&length.to_le_bytes()).raw(bytes)
    }

    /// A small integer.
    #[must_use]
    pub fn int(self, number: i32) -> Self {
        self.raw(&[BININT]).raw(&number.to_le_bytes())
    }

    /// MARK.
    #[must_use]
    pub fn mark(self) -> Self {
        self.raw(&[MARK])
    }

    /// TUPLE down to the last mark.
    #[must_use]
    pub fn tuple(self) -> Self {
        self.raw(&[TUPLE])
    }

    /// TUPLE1, TUPLE2 or TUPLE3.
    #[must_use]
    pub fn tuple_of(self, count: u8) -> Self {
        self.raw(&[TUPLE1.saturating_add(count.saturating_sub(1))])
    }

    /// REDUCE.
    #[must_use]
    pub fn reduce(self) -> Self {
        self.raw(&[REDUCE])
    }

    /// NEWOBJ.
    #[must_use]
    pub fn new_object(self) -> Self {
        self.raw(&[NEWOBJ])
    }

    /// BUILD.
    #[must_use]
    pub fn build(self) -> Self {
        self.raw(&[BUILD])
    }

    /// STOP, and the bytes.
    #[must_use]
    pub fn stop(self) -> Vec<u8> {
        self.raw(&[STOP]).0
    }

    /// The bytes without STOP.
    #[must_use]
    pub fn unfinished(self) -> Vec<u8> {
        self.0
    }
}

/// A whole pickle that calls `module.name` with one text.
#[must_use]
pub fn call(module: &str, name: &str, argument: &str) -> Vec<u8> {
    Pickle::protocol(4)
        .stack_global(module, name)
        .text(argument)
        .tuple_of(1)
        .reduce()
        .stop()
}
