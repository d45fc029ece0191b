//! Blocks and assignments.

use std::sync::Arc;

use super::{Attribute, Bad, Block, Body, Reader};

impl Reader<'_, '_> {
    /// Everything up to a closing brace, or the end of the file.
    pub(super) fn body(&mut self, inner: bool) -> Body {
        let mut body = Body::default();
        loop {
            self.skip_blank(true);
            match self.peek() {
                None => {
                    if inner {
                        self.fail("a block does not end");
                    }
                    return body;
                }
                Some(b'}') if inner => return body,
                _ => {}
            }
            let before = self.at;
            if self.item(&mut body).is_err() {
                self.lines = false;
                self.recover(before);
            }
        }
    }

    fn item(&mut self, body: &mut Body) -> Result<(), Bad> {
        let start = self.at;
        let Some(name) = self.word() else {
            return Err(self.fail("neither a block nor an assignment"));
        };
        let name_span = self.from(start);
        let name: Arc<str> = name.into();
        let mut labels: Vec<Arc<str>> = Vec::new();
        loop {
            self.skip_blank(false);
            match self.peek() {
                Some(b'=') if labels.is_empty() && !self.ahead("==") => {
                    self.at = self.at.saturating_add(1);
                    let value = self.expression()?;
                    self.skip_blank(false);
                    body.attributes.push(Attribute {
                        name,
                        name_span,
                        value,
                    });
                    return match self.peek() {
                        None | Some(b'\n' | b'}') => Ok(()),
                        _ => Err(self.fail("something follows the value on its line")),
                    };
                }
                Some(b'{') => {
                    self.at = self.at.saturating_add(1);
                    self.enter()?;
                    let inner = self.body(true);
                    self.leave();
                    self.eat("}");
                    body.blocks.push(Block {
                        kind: name,
                        labels,
                        body: inner,
                        span: self.from(start),
                    });
                    return Ok(());
                }
                Some(b'"') => {
                    let rest = self.rest().get(1..).unwrap_or_default();
                    let Some(length) = rest.find(['"', '\n']) else {
                        return Err(self.fail("a label does not end"));
                    };
                    labels.push(rest.get(..length).unwrap_or_default().into());
                    self.at = self
                        .at
                        .saturating_add(length)
                        .saturating_add(2)
                        .min(self.end);
                }
                _ => match self.word() {
                    Some(word) => labels.push(word.into()),
                    None => return Err(self.fail("`=` or `{` is missing")),
                },
            }
        }
    }

    /// Behind the line of a mistake and the brackets that open in it.
    fn recover(&mut self, from: usize) {
        let mut open = 0_usize;
        // Brackets that opened between the start and the mistake are still open.
        for byte in self.text.get(from..self.at).unwrap_or_default().bytes() {
            match byte {
                b'{' | b'[' | b'(' => open = open.saturating_add(1),
                b'}' | b']' | b')' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        while let Some(byte) = self.peek() {
            match byte {
                b'{' | b'[' | b'(' => open = open.saturating_add(1),
                b'}' if open == 0 && self.depth > 0 => return,
                b'}' | b']' | b')' => open = open.saturating_sub(1),
                b'\n' if open == 0 => return,
                _ => {}
            }
            self.bump();
        }
    }
}
