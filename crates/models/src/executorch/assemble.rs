//! Writes small ExecuTorch programs for tests.

/// A program with one method of one operator and one delegate, one constant and one segment.
#[must_use]
pub fn program(operator: &str, delegate: &str, constant: &[u8], segment: &[u8]) -> Vec<u8> {
    let mut out = Buffer(vec![0; 32]);
    let program = out.table(&[4, 4, 4, 4, 4]);
    out.number(program, 0, 0);
    let plans = out.vector(program, 1, 1);
    let plan = out.table(&[4; 8]);
    out.point(plans, plan);
    out.text(plan, 0, "forward");
    let values = out.vector(plan, 2, 1);
    let value = out.table(&[4, 4]);
    out.point(values, value);
    out.byte(value, 0, 5);
    let tensor = out.table(&[4; 6]);
    out.point_field(value, 1, tensor);
    out.byte(tensor, 0, 6);
    out.number(tensor, 5, 1);
    let sizes = out.vector(tensor, 2, 2);
    out.put(sizes, 3);
    out.put(sizes.saturating_add(4), 2);
    let operators = out.vector(plan, 6, 1);
    let entry = out.table(&[4, 4]);
    out.point(operators, entry);
    out.text(entry, 0, operator);
    let delegates = out.vector(plan, 7, 1);
    let entry = out.table(&[4]);
    out.point(delegates, entry);
    out.text(entry, 0, delegate);
    let buffers = out.vector(program, 2, 1);
    let buffer = out.table(&[4]);
    out.point(buffers, buffer);
    out.bytes(buffer, 0, constant);
    let segments = out.vector(program, 4, 1);
    let place = out.table(&[8, 8]);
    out.point(segments, place);
    out.number(place, 1, u32::try_from(segment.len()).unwrap_or_default());
    let mut bytes = out.0;
    let size = bytes.len().next_multiple_of(16);
    bytes.resize(size, 0);
    let head = [
        u32::try_from(program)
            .unwrap_or_default()
            .to_le_bytes()
            .to_vec(),
        b"ET12eh00\x18\0\0\0".to_vec(),
        (size as u64).to_le_bytes().to_vec(),
        (size as u64).to_le_bytes().to_vec(),
    ]
    .concat();
    bytes.splice(0..32, head);
    bytes.extend(segment);
    bytes
}

/// A flat buffer under construction: parts are added at the end and point forward.
struct Buffer(Vec<u8>);

impl Buffer {
    fn put(&mut self, at: usize, value: u32) {
        let places = self.0.iter_mut().skip(at);
        for (place, byte) in places.zip(value.to_le_bytes()) {
            *place = byte;
        }
    }

    /// Adds a table whose fields have these sizes, behind the list of their places.
    fn table(&mut self, sizes: &[u16]) -> usize {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let list = self.0.len();
        let all: u16 = sizes.iter().sum();
        let head = u16::try_from(sizes.len())
            .unwrap_or_default()
            .saturating_mul(2)
            .saturating_add(4);
        let mut words = vec![head, all.saturating_add(8)];
        let mut place = 8_u16;
        for size in sizes {
            words.push(place);
            place = place.saturating_add(*size);
        }
        self.0
            .extend(words.iter().flat_map(|word| word.to_le_bytes()));
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let at = self.0.len();
        self.0.resize(at.saturating_add(usize::from(place)), 0);
        self.put(
            at,
            u32::try_from(at.saturating_sub(list)).unwrap_or_default(),
        );
        at
    }

    /// Where a field of a table lies.
    fn field(&self, table: usize, index: usize) -> usize {
        let back = self.0.get(table..).and_then(|rest| rest.first_chunk::<4>());
        let back = u32::from_le_bytes(back.copied().unwrap_or_default());
        let list = table.saturating_sub(usize::try_from(back).unwrap_or_default());
        let entry = list
            .saturating_add(4)
            .saturating_add(index.saturating_mul(2));
        let place = self.0.get(entry..).and_then(|rest| rest.first_chunk::<2>());
        table.saturating_add(u16::from_le_bytes(place.copied().unwrap_or_default()).into())
    }

    fn number(&mut self, table: usize, index: usize, value: u32) {
        self.put(self.field(table, index), value);
    }

    fn byte(&mut self, table: usize, index: usize, value: u8) {
        self.put(self.field(table, index), u32::from(value));
    }

    /// Lets the word at `from` point to `to`.
    fn point(&mut self, from: usize, to: usize) {
        let distance = u32::try_from(to.saturating_sub(from)).unwrap_or_default();
        self.put(from, distance);
    }

    fn point_field(&mut self, table: usize, index: usize, to: usize) {
        self.point(self.field(table, index), to);
    }

    /// Adds a vector of so many words as a field, and gives the place of the first.
    fn vector(&mut self, table: usize, index: usize, count: u32) -> usize {
        let at = self.0.len().next_multiple_of(4);
        let words = usize::try_from(count).unwrap_or_default().saturating_add(1);
        self.0.resize(at.saturating_add(words.saturating_mul(4)), 0);
        self.put(at, count);
        self.point_field(table, index, at);
        at.saturating_add(4)
    }

    fn bytes(&mut self, table: usize, index: usize, bytes: &[u8]) {
        let at = self.vector(table, index, 0).saturating_sub(4);
        self.put(at, u32::try_from(bytes.len()).unwrap_or_default());
        self.0.extend(bytes);
        self.0.push(0);
    }

    fn text(&mut self, table: usize, index: usize, text: &str) {
        self.bytes(table, index, text.as_bytes());
    }
}
