//! Writes ONNX models, for tests and the examples of rules.

pub use crate::protobuf::assemble::Builder;

/// A node with this operator.
#[must_use]
pub fn node(domain: &str, operator: &str) -> Builder {
    let node = Builder::default()
        .bytes(1, "x")
        .bytes(2, "y")
        .bytes(4, operator);
    if domain.is_empty() {
        node
    } else {
        node.bytes(7, domain)
    }
}

/// A tensor of 32-bit floats whose data stands in the model.
#[must_use]
pub fn tensor(name: &str, dimensions: &[u64], data: &[u8]) -> Builder {
    described(name, dimensions).bytes(9, data)
}

/// A tensor whose data lies in another file.
#[must_use]
pub fn external(name: &str, dimensions: &[u64], location: &str) -> Builder {
    described(name, dimensions)
        .bytes(
            13,
            Builder::default().bytes(1, "location").bytes(2, location),
        )
        .number(14, 1)
}

fn described(name: &str, dimensions: &[u64]) -> Builder {
    dimensions
        .iter()
        .fold(Builder::default(), |tensor, size| tensor.number(1, *size))
        .number(2, 1)
        .bytes(8, name)
}

/// A model of these nodes and initializers.
#[must_use]
pub fn model(nodes: &[Builder], initializers: &[Builder]) -> Vec<u8> {
    let mut graph = Builder::default();
    for node in nodes {
        graph = graph.bytes(1, node);
    }
    graph = graph.bytes(2, "g");
    for tensor in initializers {
        graph = graph.bytes(5, tensor);
    }
    Builder::default()
        .number(1, 8)
        .bytes(2, "pytorch")
        .bytes(7, graph)
        .bytes(8, Builder::default().bytes(1, "").number(2, 17))
        .build()
}
