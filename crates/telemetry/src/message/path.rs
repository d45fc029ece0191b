//! Where a text stands, as a JSON pointer (RFC 6901).

/// A pointer that grows and shrinks while a value is walked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    text: String,
    /// Whether steps are parts of the name of one attribute, which dots join.
    flat: bool,
}

impl Path {
    /// Begins at a pointer that is already written.
    pub(crate) const fn at(text: String) -> Self {
        Self { text, flat: false }
    }

    /// The value of an attribute.
    pub(crate) fn attribute(name: &str) -> Self {
        let mut path = Self::at("/attributes".to_owned());
        path.push(name);
        path
    }

    /// An attribute whose name begins so, and goes on with the steps.
    pub(crate) fn flattened(prefix: &str) -> Self {
        let mut path = Self::attribute(prefix.trim_end_matches('.'));
        path.flat = true;
        path
    }

    /// Goes one step; gives what to go back to.
    pub(crate) fn push(&mut self, name: &str) -> usize {
        let before = self.text.len();
        self.text.push(if self.flat { '.' } else { '/' });
        for character in name.chars() {
            match character {
                '~' => self.text.push_str("~0"),
                '/' => self.text.push_str("~1"),
                other => self.text.push(other),
            }
        }
        before
    }

    pub(crate) fn back(&mut self, before: usize) {
        self.text.truncate(before);
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}
