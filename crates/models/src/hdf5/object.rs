//! Object headers: a list of messages, spread over blocks.

use super::{Error, File, plus};

/// Messages of one object, and blocks they are spread over.
const MESSAGES: usize = 20_000;
const BLOCKS: usize = 1024;

/// A message of an object header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) kind: u16,
    pub(super) flags: u8,
    pub at: u64,
    pub(super) size: u64,
}

const CONTINUATION: u16 = 0x10;

impl File<'_, '_> {
    /// Visits one object: its messages say what it is.
    pub(super) fn read_object(&mut self, address: u64) -> Result<(), Error> {
        let Some(at) = self.place(address) else {
            return Ok(());
        };
        let messages = if self.window.get(at, 4)? == b"OHDR" {
            self.messages_of_version_2(at)?
        } else {
            self.messages_of_version_1(at)?
        };
        self.read_messages(&messages);
        Ok(())
    }

    fn messages_of_version_1(&mut self, at: u64) -> Result<Vec<Message>, Error> {
        if self.window.u8(at)? != 1 {
            return Err(Error::Missing("object header"));
        }
        let size = u64::from(self.window.u32(plus(at, 8_u64))?);
        let mut blocks = vec![(plus(at, 16_u64), size)];
        let mut messages = Vec::new();
        let mut next = 0;
        while let Some((mut at, size)) = blocks.get(next).copied() {
            next = next.saturating_add(1);
            let end = plus(at, size);
            while plus(at, 8_u64) <= end {
                let message = Message {
                    kind: self.window.u16(at)?,
                    size: u64::from(self.window.u16(plus(at, 2_u64))?),
                    flags: self.window.u8(plus(at, 4_u64))?,
                    at: plus(at, 8_u64),
                };
                at = plus(message.at, message.size);
                self.take(message, &mut messages, &mut blocks)?;
            }
        }
        Ok(messages)
    }

    fn messages_of_version_2(&mut self, at: u64) -> Result<Vec<Message>, Error> {
        let flags = self.window.u8(plus(at, 5_u64))?;
        let mut from = plus(at, 6_u64);
        if flags & 0x20 != 0 {
            from = plus(from, 16_u64);
        }
        if flags & 0x10 != 0 {
            from = plus(from, 4_u64);
        }
        let width = 1_u8 << (flags & 3);
        let size = self.number(from, width)?;
        let ordered = flags & 4 != 0;
        let head = if ordered { 6_u64 } else { 4 };
        let mut blocks = vec![(plus(from, width), size)];
        let mut messages = Vec::new();
        let mut next = 0;
        while let Some((mut at, size)) = blocks.get(next).copied() {
            next = next.saturating_add(1);
            let end = plus(at, size);
            if next > 1 {
                // A further block has a mark before its messages and a checksum behind them.
                self.expect(at, b"OCHK", "continuation block")?;
                at = plus(at, 4_u64);
            }
            let end = if next > 1 { end.saturating_sub(4) } else { end };
            while plus(at, head) <= end {
                let message = Message {
                    kind: u16::from(self.window.u8(at)?),
                    size: u64::from(self.window.u16(plus(at, 1_u64))?),
                    flags: self.window.u8(plus(at, 3_u64))?,
                    at: plus(at, head),
                };
                at = plus(message.at, message.size);
                self.take(message, &mut messages, &mut blocks)?;
            }
        }
        Ok(messages)
    }

    fn take(
        &mut self,
        message: Message,
        messages: &mut Vec<Message>,
        blocks: &mut Vec<(u64, u64)>,
    ) -> Result<(), Error> {
        self.spend()?;
        if message.kind != CONTINUATION {
            if messages.len() >= MESSAGES {
                return Err(Error::Unread("an object with more than 20000 messages"));
            }
            messages.push(message);
            return Ok(());
        }
        let address = self.offset(message.at)?;
        let size = self.length(plus(message.at, self.offsets))?;
        if let Some(at) = self.place(address) {
            // A block that was there before is a cycle.
            if blocks.iter().any(|(known, _)| *known == at) {
                return Err(Error::Missing("new continuation block"));
            }
            if blocks.len() >= BLOCKS {
                return Err(Error::Unread("an object spread over more than 1024 blocks"));
            }
            blocks.push((at, size));
        }
        Ok(())
    }
}
