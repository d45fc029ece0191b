//! Marshalled code objects, made for tests.

pub fn short(text: &str) -> Vec<u8> {
    let mut out = vec![0xda, u8::try_from(text.len()).unwrap_or_default()];
    out.extend(text.as_bytes());
    out
}

fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0xa9, u8::try_from(items.len()).unwrap_or_default()];
    out.extend(items.concat());
    out
}

pub fn bytes(length: usize) -> Vec<u8> {
    let mut out = vec![b's'];
    out.extend(u32::try_from(length).unwrap_or_default().to_le_bytes());
    out.extend(vec![1; length]);
    out
}

/// A code object as this many numbers at its start make it: 4, 5 (3.4 or 3.11), 6.
pub fn code(numbers: usize, packed: bool, names: &[&str], constants: &[Vec<u8>]) -> Vec<u8> {
    let texts = |names: &[&str]| tuple(&names.iter().map(|name| short(name)).collect::<Vec<_>>());
    let mut out = vec![0xe3];
    out.extend(vec![0; numbers.saturating_mul(4)]);
    out.extend(bytes(10));
    out.extend(tuple(constants));
    out.extend(texts(names));
    out.extend(texts(&["x"]));
    if packed {
        out.extend(bytes(1));
    } else {
        out.extend(tuple(&[]));
        out.extend(tuple(&[]));
    }
    out.extend(short("file.py"));
    out.extend(short("<lambda>"));
    if packed {
        out.extend(short("<lambda>"));
    }
    out.extend([1, 0, 0, 0]);
    out.extend(bytes(2));
    if packed {
        out.extend(bytes(0));
    }
    out
}

/// `lambda inputs, scale: inputs[0] * scale` as Python 3.8 marshals it.
#[must_use]
pub fn expression() -> Vec<u8> {
    let instructions = [124, 0, 100, 1, 25, 0, 124, 1, 20, 0, 83, 0];
    let mut out = vec![0xe3];
    out.extend(vec![0; 24]);
    out.extend([b's', 12, 0, 0, 0]);
    out.extend(instructions);
    out.extend(tuple(&[vec![b'N'], vec![b'i', 0, 0, 0, 0]]));
    out.extend(tuple(&[]));
    out.extend(tuple(&[short("inputs"), short("scale")]));
    out.extend(tuple(&[]));
    out.extend(tuple(&[]));
    out.extend(short("layers.py"));
    out.extend(short("<lambda>"));
    out.extend([1, 0, 0, 0]);
    out.extend(bytes(2));
    out
}
