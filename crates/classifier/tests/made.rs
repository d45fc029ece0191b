//! A classifier that tests make: it adds up a weight for each token, so what it says can be reckoned by hand.

use serde_json::json;

/// Words that it takes for an attack, and what each of them adds.
pub(crate) const WORDS: [(&str, f32); 6] = [
    ("hello", -1.0),
    ("weather", -1.0),
    ("nice", -1.0),
    ("ignore", 3.0),
    ("previous", 2.0),
    ("instructions", 2.0),
];

/// Marks and what is unknown come first.
const MARKS: [&str; 4] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"];

/// A length-delimited member of a protobuf message.
fn bytes(number: u64, value: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    varint(number << 3 | 2, &mut out);
    varint(value.len() as u64, &mut out);
    out.extend_from_slice(value);
    out
}

fn int(number: u64, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    varint(number << 3, &mut out);
    varint(value, &mut out);
    out
}

fn varint(value: u64, out: &mut Vec<u8>) {
    let mut value = value;
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A node with inputs, outputs and attributes.
pub(crate) fn node(kind: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for input in inputs {
        out.extend(bytes(1, input.as_bytes()));
    }
    out.extend(bytes(2, output.as_bytes()));
    out.extend(bytes(4, kind.as_bytes()));
    for attribute in attributes {
        out.extend(bytes(5, attribute));
    }
    out
}

/// An attribute that is a whole number.
pub(crate) fn attribute(name: &str, value: u64) -> Vec<u8> {
    [bytes(1, name.as_bytes()), int(3, value), int(20, 2)].concat()
}

/// A tensor of numbers.
pub(crate) fn floats(name: &str, shape: &[u64], values: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|it| it.to_le_bytes()).collect();
    tensor(name, shape, 1, &bytes(9, &raw))
}

/// A tensor of whole numbers.
pub(crate) fn ints(name: &str, shape: &[u64], values: &[i64]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|it| it.to_le_bytes()).collect();
    tensor(name, shape, 7, &bytes(9, &raw))
}

fn tensor(name: &str, shape: &[u64], kind: u64, data: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = shape.iter().flat_map(|size| int(1, *size)).collect();
    out.extend(int(2, kind));
    out.extend(bytes(8, name.as_bytes()));
    out.extend_from_slice(data);
    out
}

/// A tensor whose numbers lie in a file, from its first byte on.
pub(crate) fn outside(name: &str, shape: &[u64], location: &str) -> Vec<u8> {
    let length = (shape.iter().product::<u64>() * 4).to_string();
    let mut data = Vec::new();
    for (key, value) in [("location", location), ("offset", "0"), ("length", &length)] {
        let entry = [bytes(1, key.as_bytes()), bytes(2, value.as_bytes())].concat();
        data.extend(bytes(13, &entry));
    }
    data.extend(int(14, 1));
    tensor(name, shape, 1, &data)
}

/// An input or output of a graph, `shape` long where a size is above zero.
fn value(name: &str, kind: u64, shape: &[u64]) -> Vec<u8> {
    let mut sizes = Vec::new();
    for (at, size) in shape.iter().enumerate() {
        let size = match size {
            0 => bytes(2, format!("axis{at}").as_bytes()),
            size => int(1, *size),
        };
        sizes.extend(bytes(1, &size));
    }
    let tensor = [int(1, kind), bytes(2, &sizes)].concat();
    [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat()
}

/// A model of these nodes and tensors, from `input_ids` and `attention_mask` to two `logits`.
pub(crate) fn model(nodes: &[Vec<u8>], tensors: &[Vec<u8>]) -> Vec<u8> {
    let mut graph = Vec::new();
    for node in nodes {
        graph.extend(bytes(1, node));
    }
    graph.extend(bytes(2, b"classifier"));
    for tensor in tensors {
        graph.extend(bytes(5, tensor));
    }
    graph.extend(bytes(11, &value("input_ids", 7, &[0, 0])));
    graph.extend(bytes(11, &value("attention_mask", 7, &[0, 0])));
    graph.extend(bytes(12, &value("logits", 1, &[0, 2])));
    let opset = int(2, 17);
    [int(1, 8), bytes(7, &graph), bytes(8, &opset)].concat()
}

/// The weights of all tokens: a column for each label.
fn weights() -> Vec<f32> {
    let mut out = vec![0.0; MARKS.len() * 2];
    for (_, weight) in WORDS {
        out.extend([0.0, weight]);
    }
    out
}

/// Adds up the weights of the tokens that the mask leaves.
pub(crate) fn adding() -> Vec<u8> {
    let count = (MARKS.len() + WORDS.len()) as u64;
    model(
        &added(),
        &[
            floats("weights", &[count, 2], &weights()),
            ints("one", &[1], &[1]),
            ints("two", &[1], &[2]),
        ],
    )
}

fn added() -> [Vec<u8>; 5] {
    [
        node("Gather", &["weights", "input_ids"], "rows", &[]),
        node("Cast", &["attention_mask"], "mask", &[attribute("to", 1)]),
        node("Unsqueeze", &["mask", "two"], "column", &[]),
        node("Mul", &["rows", "column"], "seen", &[]),
        node(
            "ReduceSum",
            &["seen", "one"],
            "logits",
            &[attribute("keepdims", 0)],
        ),
    ]
}

/// The same with its weights in a file.
pub(crate) fn adding_from(location: &str) -> Vec<u8> {
    let count = (MARKS.len() + WORDS.len()) as u64;
    model(
        &added(),
        &[
            outside("weights", &[count, 2], location),
            ints("one", &[1], &[1]),
            ints("two", &[1], &[2]),
        ],
    )
}

/// Their bytes.
pub(crate) fn weight_bytes() -> Vec<u8> {
    weights().iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// `tokenizer.json` of whole words in lower case.
pub(crate) fn tokenizer() -> Vec<u8> {
    let words = MARKS
        .iter()
        .copied()
        .chain(WORDS.iter().map(|(word, _)| *word));
    let vocabulary: serde_json::Map<String, serde_json::Value> = words
        .enumerate()
        .map(|(id, word)| (word.to_owned(), json!(id)))
        .collect();
    json!({
        "normalizer": {"type": "BertNormalizer", "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": vocabulary},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]},
    })
    .to_string()
    .into_bytes()
}

/// `config.json` with these labels.
pub(crate) fn config(labels: [&str; 2]) -> Vec<u8> {
    json!({"id2label": {"0": labels[0], "1": labels[1]}})
        .to_string()
        .into_bytes()
}
