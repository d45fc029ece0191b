//! Writes a small TensorFlow Lite model for tests.

/// A model with one custom operator and one graph of one 8-bit tensor.
#[must_use]
pub fn model(custom: &str) -> Vec<u8> {
    // Every part is a list of 32-bit words; a table of n fields is preceded by
    // the list of their places, so that all of it can be laid out in words.
    let mut words: Vec<u32> = vec![0, u32::from_le_bytes(*b"TFL3")];
    let model = table(&mut words, &[3, 0, 0]);
    point(&mut words, 0, model);
    let codes = vector(&mut words);
    point(&mut words, field(model, 1), codes);
    let code = table(&mut words, &[0, 0]);
    point(&mut words, codes.saturating_add(1), code);
    let graphs = vector(&mut words);
    point(&mut words, field(model, 2), graphs);
    let graph = table(&mut words, &[0]);
    point(&mut words, graphs.saturating_add(1), graph);
    let tensors = vector(&mut words);
    point(&mut words, field(graph, 0), tensors);
    let tensor = table(&mut words, &[0, 9]);
    point(&mut words, tensors.saturating_add(1), tensor);
    let name = words.len();
    point(&mut words, field(code, 1), name);
    // The builtin code of the operator and the shape of the tensor are absent.
    for table in [code, tensor] {
        if let Some(place) = words.get_mut(table.saturating_sub(2)) {
            *place &= 0xffff_0000;
        }
    }
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend(
        u32::try_from(custom.len())
            .unwrap_or_default()
            .to_le_bytes(),
    );
    bytes.extend(custom.as_bytes());
    bytes.push(0);
    bytes
}

/// The word of a field of a table.
fn field(table: usize, index: usize) -> usize {
    table.saturating_add(index).saturating_add(1)
}

/// Adds a table of these words and gives its place. Its field list holds three
/// places: as many as any table here has.
fn table(words: &mut Vec<u32>, fields: &[u32]) -> usize {
    // Sizes of the list and of the table, then the places of the fields, two to a word.
    let count = u32::try_from(fields.len()).unwrap_or_default();
    let place = |index: u32| {
        if index < count {
            index.saturating_add(1).saturating_mul(4)
        } else {
            0
        }
    };
    words.push(10 | (count.saturating_add(1).saturating_mul(4) << 16));
    words.push(place(1) << 16 | place(0));
    let third = place(2);
    // The list is padded to whole words; the table follows.
    words.push(third);
    let at = words.len();
    words.push(12);
    words.extend(fields);
    at
}

/// Adds a vector of one entry and gives its place.
fn vector(words: &mut Vec<u32>) -> usize {
    let at = words.len();
    words.extend([1, 0]);
    at
}

/// Lets the word at `from` point to the word at `to`.
fn point(words: &mut [u32], from: usize, to: usize) {
    let distance = to.saturating_sub(from).saturating_mul(4);
    if let Some(word) = words.get_mut(from) {
        *word = u32::try_from(distance).unwrap_or_default();
    }
}
