//! Numbers, constants and the memo.

use super::Emitter;
use crate::convert::Error;
use crate::convert::tree::{Constant, Object, Value};
use stance_pickle::opcode::*;

impl Emitter<'_, '_> {
    pub(super) fn integer(&mut self, number: i64) -> Result<(), Error> {
        if let Ok(one) = u8::try_from(number) {
            return self.op(&[BININT1, one]);
        }
        if let Ok(two) = u16::try_from(number) {
            self.op(&[BININT2])?;
            return self.op(&two.to_le_bytes());
        }
        if let Ok(four) = i32::try_from(number) {
            self.op(&[BININT])?;
            return self.op(&four.to_le_bytes());
        }
        self.op(&[LONG1, 8])?;
        self.op(&number.to_le_bytes())
    }

    pub(super) fn recall(&mut self, at: u32) -> Result<(), Error> {
        match u8::try_from(at) {
            Ok(at) => self.op(&[BINGET, at]),
            Err(_) => {
                self.op(&[LONG_BINGET])?;
                self.op(&at.to_le_bytes())
            }
        }
    }

    /// Puts an object into the memo where it may be met again: those that are referred to more than
    /// once, and those that can be changed, which may hold themselves.
    pub(super) fn remember(&mut self, index: u32) -> Result<(), Error> {
        let may_hold_itself = matches!(
            self.tree.get(Value::Object(index)),
            Some(Object::List(_) | Object::Dict(_) | Object::Set(_) | Object::Call(_))
        );
        if !may_hold_itself && !self.shared.contains(&index) {
            return Ok(());
        }
        let at = u32::try_from(self.memo.len()).unwrap_or(u32::MAX);
        self.memo.insert(index, at);
        match u8::try_from(at) {
            Ok(at) => self.op(&[BINPUT, at]),
            Err(_) => {
                self.op(&[LONG_BINPUT])?;
                self.op(&at.to_le_bytes())
            }
        }
    }

    /// A constant behind the opcode that fits its length.
    pub(super) fn constant(
        &mut self,
        constant: Constant,
        short: Option<u8>,
        middle: u8,
        long: u8,
    ) -> Result<(), Error> {
        let length = constant.length();
        match (short, u8::try_from(length), u32::try_from(length)) {
            (Some(short), Ok(one), _) => self.op(&[short, one])?,
            (_, _, Ok(four)) => {
                self.op(&[middle])?;
                self.op(&four.to_le_bytes())?;
            }
            _ if long == middle => {
                return Err(Error::Refused(
                    "a constant is too long for its type".to_owned(),
                ));
            }
            _ => {
                self.op(&[long])?;
                self.op(&length.to_le_bytes())?;
            }
        }
        self.content(constant)
    }

    pub(super) fn content(&mut self, constant: Constant) -> Result<(), Error> {
        match constant {
            Constant::There { start, length } => self.out.copy(self.source, start, length),
            Constant::Kept { .. } => {
                let bytes = self.tree.bytes(constant).unwrap_or_default();
                self.out.write(bytes)
            }
        }
    }
}
