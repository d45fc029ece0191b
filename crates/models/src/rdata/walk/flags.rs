//! What stands before each item: its type, and what comes with it.

/// Numbers of the types, as R gives them.
pub(super) mod kind {
    pub(in super::super) const SYMBOL: u32 = 1;
    pub(in super::super) const LIST: u32 = 2;
    pub(in super::super) const CLOSURE: u32 = 3;
    pub(in super::super) const ENVIRONMENT: u32 = 4;
    pub(in super::super) const PROMISE: u32 = 5;
    pub(in super::super) const CALL: u32 = 6;
    pub(in super::super) const SPECIAL: u32 = 7;
    pub(in super::super) const BUILTIN: u32 = 8;
    pub(in super::super) const CHARACTERS: u32 = 9;
    pub(in super::super) const DOTS: u32 = 17;
    pub(in super::super) const BYTE_CODE: u32 = 21;
    pub(in super::super) const NIL: u32 = 254;
    pub(in super::super) const CODE_DEFINITION: u32 = 244;
    pub(in super::super) const CODE_REFERENCE: u32 = 243;
    pub(in super::super) const CALL_WITH_ATTRIBUTES: u32 = 240;
    pub(in super::super) const LIST_WITH_ATTRIBUTES: u32 = 239;
}

/// The first number of an item.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flags(pub(super) u32);

impl Flags {
    pub(super) const fn kind(self) -> u32 {
        self.0 & 0xff
    }
    pub(super) const fn has_attributes(self) -> bool {
        self.0 & 0x200 != 0
    }
    pub(super) const fn has_tag(self) -> bool {
        self.0 & 0x400 != 0
    }
    /// The bit by which a cell of an environment says that its value is a function to be called.
    pub(super) const fn is_active(self) -> bool {
        (self.0 >> 12) & 0x8000 != 0
    }
}
