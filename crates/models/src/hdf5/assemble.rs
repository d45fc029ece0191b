//! Writes small HDF5 files, for tests and the examples of rules.

/// How the data of a dataset lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In one piece.
    Piece,
    /// In its description.
    Compact,
    /// In one chunk, after these filters.
    Chunk(&'static [u16]),
}

/// A file under construction.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    stored: Vec<(String, Vec<u8>, u64, Form)>,
    attributes: Vec<(String, String, bool)>,
    datasets: Vec<(String, Vec<u64>, Option<String>)>,
    filters: Vec<(String, u16)>,
    links: Vec<(String, String)>,
    hard_links: Vec<(String, u64)>,
    old_groups: bool,
    cycle: bool,
}

const NOWHERE: u64 = u64::MAX;

impl Builder {
    /// Adds a text as attribute of the root; it lies in the global heap.
    #[must_use]
    pub fn attribute(mut self, name: &str, text: &str) -> Self {
        self.attributes.push((name.into(), text.into(), true));
        self
    }

    /// Adds a text of fixed length as attribute of the root.
    #[must_use]
    pub fn fixed_attribute(mut self, name: &str, text: &str) -> Self {
        self.attributes.push((name.into(), text.into(), false));
        self
    }

    /// Adds a dataset of 32-bit floats.
    #[must_use]
    pub fn dataset(mut self, name: &str, dimensions: &[u64]) -> Self {
        self.datasets.push((name.into(), dimensions.into(), None));
        self
    }

    /// Adds a dataset of bytes that lie in the file; `data` is what stands there, `bytes` how many it
    /// stands for.
    #[must_use]
    pub fn stored(mut self, name: &str, data: &[u8], bytes: u64, form: Form) -> Self {
        self.stored.push((name.into(), data.into(), bytes, form));
        self
    }

    /// Adds a dataset whose data lies in another file.
    #[must_use]
    pub fn external_dataset(mut self, name: &str, dimensions: &[u64], file: &str) -> Self {
        self.datasets
            .push((name.into(), dimensions.into(), Some(file.into())));
        self
    }

    /// Adds a dataset whose data passes through a filter.
    #[must_use]
    pub fn filtered_dataset(mut self, name: &str, dimensions: &[u64], filter: u16) -> Self {
        self.filters.push((name.into(), filter));
        self.dataset(name, dimensions)
    }

    /// Adds a link to another file.
    #[must_use]
    pub fn external_link(mut self, name: &str, file: &str) -> Self {
        self.links.push((name.into(), file.into()));
        self
    }

    /// Adds a link to whatever stands at an address.
    #[must_use]
    pub fn link_to(mut self, name: &str, address: u64) -> Self {
        self.hard_links.push((name.into(), address));
        self
    }

    /// Lists the datasets in a tree of symbols, as the first versions do.
    #[must_use]
    pub fn old_groups(mut self) -> Self {
        self.old_groups = true;
        self
    }

    /// Adds a link of the root to itself.
    #[must_use]
    pub fn cycle(mut self) -> Self {
        self.cycle = true;
        self
    }

    /// The bytes.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        self.build_behind(vec![0; 96])
    }

    /// The bytes, behind those of another file whose superblock is replaced.
    #[must_use]
    pub fn build_behind(&self, start: Vec<u8>) -> Vec<u8> {
        let mut file = File(start);
        let mut messages = Vec::new();
        for (name, text, variable) in &self.attributes {
            messages.push(file.attribute(name, text, *variable));
        }
        let mut children = Vec::new();
        for (name, dimensions, external) in &self.datasets {
            let filter = self.filters.iter().find(|(filtered, _)| filtered == name);
            let filter = filter.map(|(_, filter)| *filter);
            children.push((name, file.dataset(dimensions, external.as_deref(), filter)));
        }
        for (name, data, bytes, form) in &self.stored {
            children.push((name, file.stored(data, *bytes, *form)));
        }
        if self.old_groups {
            messages.push(file.symbols(&children));
        } else {
            for (name, address) in children {
                messages.push((6, link(name, None, &address.to_le_bytes())));
            }
        }
        for (name, target) in &self.links {
            let value = [b"\0", target.as_bytes(), b"\0/\0"].concat();
            let mut body = length(&value, 2);
            body.extend(value);
            messages.push((6, link(name, Some(64), &body)));
        }
        for (name, address) in &self.hard_links {
            messages.push((6, link(name, None, &address.to_le_bytes())));
        }
        let root = file.0.len() as u64;
        if self.cycle {
            messages.push((6, link("again", None, &root.to_le_bytes())));
        }
        file.object(&messages);
        file.superblock(root);
        file.0
    }
}

/// The length of `value` in `width` bytes.
fn length(value: &[u8], width: usize) -> Vec<u8> {
    (value.len() as u64)
        .to_le_bytes()
        .into_iter()
        .take(width)
        .collect()
}

fn link(name: &str, kind: Option<u8>, value: &[u8]) -> Vec<u8> {
    let mut out = vec![1, if kind.is_some() { 8 } else { 0 }];
    out.extend(kind);
    out.extend(length(name.as_bytes(), 1));
    out.extend(name.as_bytes());
    out.extend(value);
    out
}

fn dataspace(dimensions: &[u64]) -> Vec<u8> {
    let mut out = vec![1];
    out.extend(length(&vec![0; dimensions.len()], 1));
    out.extend([0; 6]);
    out.extend(dimensions.iter().flat_map(|size| size.to_le_bytes()));
    out
}

/// A data type: class and version, bits, size, properties.
fn data_type(class: u8, bits: u8, size: u32, properties: &[u8]) -> Vec<u8> {
    let mut out = vec![0x10 | class, bits, 0, 0];
    out.extend(size.to_le_bytes());
    out.extend(properties);
    out
}

fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

struct File(Vec<u8>);

impl File {
    fn add(&mut self, bytes: Vec<u8>) -> u64 {
        let at = self.0.len() as u64;
        self.0.extend(padded(bytes));
        at
    }

    fn object(&mut self, messages: &[(u16, Vec<u8>)]) -> u64 {
        let mut body = Vec::new();
        for (kind, data) in messages {
            let data = padded(data.clone());
            body.extend(kind.to_le_bytes());
            body.extend(length(&data, 2));
            body.extend([0; 4]);
            body.extend(data);
        }
        let mut out = vec![1, 0];
        out.extend(length(&vec![0; messages.len()], 2));
        out.extend(1_u32.to_le_bytes());
        out.extend(length(&body, 4));
        out.extend([0; 4]);
        out.extend(body);
        self.add(out)
    }

    fn attribute(&mut self, name: &str, text: &str, variable: bool) -> (u16, Vec<u8>) {
        let (kind, data) = if variable {
            let heap = self.global_heap(text);
            let mut data = length(text.as_bytes(), 4);
            data.extend(heap.to_le_bytes());
            data.extend(1_u32.to_le_bytes());
            (data_type(9, 1, 16, &data_type(3, 0, 1, &[])), data)
        } else {
            let size = u32::try_from(text.len()).unwrap_or(u32::MAX);
            (data_type(3, 0, size, &[]), text.as_bytes().to_vec())
        };
        let name = [name.as_bytes(), b"\0"].concat();
        let space = dataspace(&[]);
        let mut out = vec![1, 0];
        out.extend(length(&name, 2));
        out.extend(length(&kind, 2));
        out.extend(length(&space, 2));
        for part in [name, kind, space, data] {
            out.extend(padded(part));
        }
        (0x0c, out)
    }

    fn global_heap(&mut self, text: &str) -> u64 {
        let text_bytes = padded(text.as_bytes().to_vec());
        let size = text_bytes.len().saturating_add(48) as u64;
        let mut out = b"GCOL\x01\0\0\0".to_vec();
        out.extend(size.to_le_bytes());
        out.extend([1, 0, 1, 0, 0, 0, 0, 0]);
        out.extend(length(text.as_bytes(), 8));
        out.extend(text_bytes);
        out.extend([0; 16]);
        self.add(out)
    }

    fn local_heap(&mut self, names: &[u8]) -> u64 {
        let data = self.add(names.to_vec());
        let mut out = b"HEAP\0\0\0\0".to_vec();
        out.extend(length(names, 8));
        out.extend(NOWHERE.to_le_bytes());
        out.extend(data.to_le_bytes());
        self.add(out)
    }

    fn dataset(&mut self, dimensions: &[u64], external: Option<&str>, filter: Option<u16>) -> u64 {
        let mut messages = vec![
            (1, dataspace(dimensions)),
            (3, data_type(1, 0x20, 4, &[0; 12])),
        ];
        let mut layout = vec![3, 1];
        layout.extend(NOWHERE.to_le_bytes());
        layout.extend([0; 8]);
        messages.push((8, layout));
        if let Some(filter) = filter {
            let mut out = vec![1, 1, 0, 0, 0, 0, 0, 0];
            out.extend(filter.to_le_bytes());
            out.extend([8, 0, 0, 0, 1, 0]);
            out.extend(b"change\0\0\x01\0\0\0\0\0\0\0");
            messages.push((0x0b, out));
        }
        if let Some(name) = external {
            let heap = self.local_heap(&[&[0; 8], name.as_bytes(), b"\0"].concat());
            let mut out = vec![1, 0, 0, 0, 1, 0, 1, 0];
            out.extend(heap.to_le_bytes());
            for number in [8_u64, 0, NOWHERE] {
                out.extend(number.to_le_bytes());
            }
            messages.push((7, out));
        }
        self.object(&messages)
    }

    fn stored(&mut self, data: &[u8], bytes: u64, form: Form) -> u64 {
        let mut messages = vec![
            (1, dataspace(&[bytes])),
            (3, data_type(0, 0, 1, &[0, 0, 8, 0])),
        ];
        let mut layout = vec![3];
        match form {
            Form::Piece => {
                let at = self.add(data.to_vec());
                layout.push(1);
                layout.extend(at.to_le_bytes());
                layout.extend(bytes.to_le_bytes());
            }
            Form::Compact => {
                layout.push(0);
                layout.extend(length(data, 2));
                layout.extend(data);
            }
            Form::Chunk(filters) => {
                let at = self.add(data.to_vec());
                let mut tree = b"TREE\x01\0\x01\0".to_vec();
                for number in [NOWHERE, NOWHERE, data.len() as u64, 0, 0, at] {
                    tree.extend(number.to_le_bytes());
                }
                let tree = self.add(tree);
                layout.extend([2, 2]);
                layout.extend(tree.to_le_bytes());
                for size in [bytes, 1] {
                    layout.extend(u32::try_from(size).unwrap_or_default().to_le_bytes());
                }
                let mut out = vec![1, u8::try_from(filters.len()).unwrap_or_default()];
                out.extend([0; 6]);
                for filter in filters {
                    out.extend(filter.to_le_bytes());
                    out.extend([0; 6]);
                }
                messages.push((0x0b, out));
            }
        }
        messages.push((8, layout));
        self.object(&messages)
    }

    fn symbols(&mut self, children: &[(&String, u64)]) -> (u16, Vec<u8>) {
        let mut names = vec![0; 8];
        let mut node = b"SNOD\x01\0".to_vec();
        node.extend(length(&vec![0; children.len()], 2));
        for (name, address) in children {
            node.extend(length(&names, 8));
            node.extend(address.to_le_bytes());
            node.extend([0; 24]);
            names.extend(padded([name.as_bytes(), b"\0"].concat()));
        }
        let heap = self.local_heap(&names);
        let node = self.add(node);
        let mut tree = b"TREE\0\0\x01\0".to_vec();
        for number in [NOWHERE, NOWHERE, 0, node, 0] {
            tree.extend(number.to_le_bytes());
        }
        let tree = self.add(tree);
        (0x11, [tree.to_le_bytes(), heap.to_le_bytes()].concat())
    }

    fn superblock(&mut self, root: u64) {
        let mut out = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0\x04\0\x10\0\0\0\0\0".to_vec();
        let end = self.0.len() as u64;
        for number in [0, NOWHERE, end, NOWHERE, 0, root, 0, 0, 0] {
            out.extend(number.to_le_bytes());
        }
        self.0.splice(0..96, out.into_iter().take(96));
    }
}
