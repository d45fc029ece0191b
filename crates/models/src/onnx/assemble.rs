//! Writes ONNX models, for tests and the examples of rules.

pub use stance_read::protobuf::assemble::Builder;

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

/// A node of ONNX Runtime that takes a graph compiled for one machine from a file.
#[must_use]
pub fn compiled(file: &str) -> Builder {
    let attribute = Builder::default()
        .bytes(1, "ep_cache_context")
        .bytes(4, file)
        .number(20, 3);
    node("com.microsoft", "EPContext").bytes(5, attribute)
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

/// A tensor whose data lies in another file, with an entry of its own beside the location.
#[must_use]
pub fn external_with(
    name: &str,
    dimensions: &[u64],
    location: &str,
    key: &str,
    value: &str,
) -> Builder {
    external(name, dimensions, location).bytes(13, Builder::default().bytes(1, key).bytes(2, value))
}

/// Whole numbers, such as a shape.
#[must_use]
pub fn numbers(name: &str, values: &[i64]) -> Builder {
    let data: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    Builder::default()
        .number(1, values.len() as u64)
        .number(2, 7)
        .bytes(8, name)
        .bytes(9, data)
}

/// A node of ONNX with these inputs and this output.
#[must_use]
pub fn call(operator: &str, inputs: &[&str], output: &str) -> Builder {
    inputs
        .iter()
        .fold(Builder::default(), |node, input| node.bytes(1, input))
        .bytes(2, output)
        .bytes(4, operator)
}

/// A loop whose body passes its condition on through a node with this operator.
#[must_use]
pub fn endless_loop(operator: &str) -> Builder {
    let value = |name: &str| Builder::default().bytes(1, name);
    let body = Builder::default()
        .bytes(1, call(operator, &["going"], "goes_on"))
        .bytes(2, "body")
        .bytes(11, value("trip"))
        .bytes(11, value("going"))
        .bytes(12, value("goes_on"));
    call("Loop", &["", "true"], "out").bytes(5, Builder::default().bytes(1, "body").bytes(6, body))
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
