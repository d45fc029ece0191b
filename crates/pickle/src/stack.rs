//! What every machine that reads pickles has: a stack, and marks that fence its top off.

use super::cursor::Break;

/// Most values on the stack, and most marks.
const MOST: usize = 1 << 20;

/// The opcode at work, for what is said when it finds too little.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// The opcode that asks.
    pub opcode: &'static str,
    /// Where it stands.
    pub offset: u64,
}

impl At {
    /// It needs more values than there are.
    pub(crate) fn underflow(self) -> Break {
        Break::Malformed(format!(
            "{} at byte {:#x} needs more values than the stack holds",
            self.opcode, self.offset
        ))
    }
}

/// Values, and where marks stand among them.
#[derive(Debug)]
pub struct Stack<V> {
    values: Vec<V>,
    marks: Vec<usize>,
}

impl<V> Default for Stack<V> {
    fn default() -> Self {
        Self {
            values: Vec::new(),
            marks: Vec::new(),
        }
    }
}

impl<V: Copy> Stack<V> {
    /// Puts a value on top.
    ///
    /// # Errors
    /// When the stack is full.
    pub fn push(&mut self, value: V) -> Result<(), Break> {
        if self.values.len() >= MOST {
            return Err(Break::Limit("values on the stack".to_owned()));
        }
        self.values.push(value);
        Ok(())
    }

    /// Puts a mark on top.
    ///
    /// # Errors
    /// When there are too many marks.
    pub fn mark(&mut self) -> Result<(), Break> {
        if self.marks.len() >= MOST {
            return Err(Break::Limit("marks".to_owned()));
        }
        self.marks.push(self.values.len());
        Ok(())
    }

    /// The topmost value, whatever fences it off.
    pub(crate) fn last(&self) -> Option<V> {
        self.values.last().copied()
    }

    fn is_bare(&self) -> bool {
        self.values.len() <= self.marks.last().copied().unwrap_or(0)
    }

    /// The value on top.
    ///
    /// # Errors
    /// When there is none.
    pub fn top(&self, at: At) -> Result<V, Break> {
        self.last()
            .filter(|_| !self.is_bare())
            .ok_or_else(|| at.underflow())
    }

    /// Takes the value on top.
    ///
    /// # Errors
    /// When there is none.
    pub fn pop(&mut self, at: At) -> Result<V, Break> {
        if self.is_bare() {
            return Err(at.underflow());
        }
        self.values.pop().ok_or_else(|| at.underflow())
    }

    /// What POP does: a mark on top is taken before a value.
    pub fn discard(&mut self, at: At) -> Result<(), Break> {
        if self.marks.last() == Some(&self.values.len()) {
            self.marks.pop();
            return Ok(());
        }
        self.pop(at).map(drop)
    }

    /// Everything above the last mark, which goes as well.
    pub fn pop_mark(&mut self, at: At) -> Result<Vec<V>, Break> {
        let mark = self.marks.pop().ok_or_else(|| {
            Break::Malformed(format!(
                "{} at byte {:#x} finds no MARK",
                at.opcode, at.offset
            ))
        })?;
        Ok(self.values.split_off(mark.min(self.values.len())))
    }

    /// The last `count` values, in their order.
    pub fn pop_some(&mut self, count: usize, at: At) -> Result<Vec<V>, Break> {
        let mut values = Vec::with_capacity(count.min(3));
        for _ in 0..count {
            values.push(self.pop(at)?);
        }
        values.reverse();
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: At = At {
        opcode: "POP",
        offset: 7,
    };

    #[test]
    fn marks_fence_values_off() {
        let mut stack = Stack::default();
        stack.push(1).unwrap();
        stack.mark().unwrap();
        assert_eq!(stack.last(), Some(1));
        assert!(stack.pop(HERE).is_err() && stack.top(HERE).is_err());
        stack.push(2).unwrap();
        stack.push(3).unwrap();
        assert_eq!(stack.top(HERE).ok(), Some(3));
        assert_eq!(stack.pop_mark(HERE).ok(), Some(vec![2, 3]));
        assert!(stack.pop_mark(HERE).is_err());
        stack.mark().unwrap();
        stack.discard(HERE).unwrap();
        stack.discard(HERE).unwrap();
        assert!(stack.discard(HERE).is_err());
        for value in 4..7 {
            stack.push(value).unwrap();
        }
        assert_eq!(stack.pop_some(2, HERE).ok(), Some(vec![5, 6]));
    }
}
