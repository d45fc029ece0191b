//! Serialised R objects for tests, as R writes them.

/// Items one after the other, in XDR.
#[derive(Clone, Debug, Default)]
pub struct Object {
    bytes: Vec<u8>,
}

impl Object {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A number.
    #[must_use]
    pub fn int(mut self, value: u32) -> Self {
        self.bytes.extend(value.to_be_bytes());
        self
    }

    /// The items of another object.
    #[must_use]
    pub fn then(mut self, other: &Self) -> Self {
        self.bytes.extend(&other.bytes);
        self
    }

    fn characters(self, text: &str) -> Self {
        let length = u32::try_from(text.len()).unwrap_or_default();
        let mut this = self.int(0x0004_0009).int(length);
        this.bytes.extend(text.as_bytes());
        this
    }

    /// A name.
    #[must_use]
    pub fn symbol(self, name: &str) -> Self {
        self.int(1).characters(name)
    }

    /// A vector of one text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.int(16).int(1).characters(text)
    }

    /// `NULL`.
    #[must_use]
    pub fn nil(self) -> Self {
        self.int(254)
    }

    /// A call of the named function with these arguments.
    #[must_use]
    pub fn call(self, name: &str, arguments: &[Self]) -> Self {
        self.call_of(&Self::new().symbol(name), arguments)
    }

    /// A call of what an item comes to.
    #[must_use]
    pub fn call_of(self, head: &Self, arguments: &[Self]) -> Self {
        let mut this = self.int(6).then(head);
        for argument in arguments {
            this = this.int(2).then(argument);
        }
        this.nil()
    }

    /// A promise that was not evaluated.
    #[must_use]
    pub fn promise(self, expression: &Self) -> Self {
        self.int(5).int(252).then(expression)
    }

    /// A promise whose value is there.
    #[must_use]
    pub fn evaluated(self, value: &Self, expression: &Self) -> Self {
        self.int(5).then(value).then(expression)
    }

    /// A function without arguments, in the global environment.
    #[must_use]
    pub fn function(self, body: &Self) -> Self {
        self.int(0x0403).int(253).nil().then(body)
    }

    /// An environment that holds one variable.
    #[must_use]
    pub fn environment(self, name: &str, value: &Self) -> Self {
        self.int(4)
            .int(0)
            .int(253)
            .int(0x0402)
            .symbol(name)
            .then(value)
            .nil()
            .nil()
            .nil()
    }

    /// An environment that holds one variable which a function computes.
    #[must_use]
    pub fn active(self, name: &str, function: &Self) -> Self {
        self.int(4)
            .int(0)
            .int(253)
            .int(0x0800_0402)
            .symbol(name)
            .then(function)
            .nil()
            .nil()
            .nil()
    }

    /// A list.
    #[must_use]
    pub fn list(self, items: &[Self]) -> Self {
        let count = u32::try_from(items.len()).unwrap_or_default();
        items.iter().fold(self.int(19).int(count), Self::then)
    }

    /// One named object of a workspace.
    #[must_use]
    pub fn named(self, name: &str, value: &Self) -> Self {
        self.int(0x0402).symbol(name).then(value).nil()
    }

    /// Raw bytes.
    #[must_use]
    pub fn raw(self, bytes: &[u8]) -> Self {
        let mut this = self
            .int(24)
            .int(u32::try_from(bytes.len()).unwrap_or_default());
        this.bytes.extend(bytes);
        this
    }

    /// The file that `saveRDS(compress = FALSE)` writes.
    #[must_use]
    pub fn rds(&self) -> Vec<u8> {
        let mut file = b"X\n".to_vec();
        let header = Self::new().int(3).int(0x0004_0201).int(0x0003_0500).int(5);
        file.extend(header.bytes);
        file.extend(b"UTF-8");
        file.extend(&self.bytes);
        file
    }

    /// The file that `save(compress = FALSE)` writes.
    #[must_use]
    pub fn workspace(&self) -> Vec<u8> {
        let mut file = b"RDX3\n".to_vec();
        file.extend(self.rds());
        file
    }
}
