//! Writes TensorFlow graphs, for tests and the examples of rules.

pub use stance_read::protobuf::assemble::Builder;

/// A node with its inputs.
#[must_use]
pub fn node(name: &str, operator: &str, inputs: &[&str]) -> Builder {
    let node = Builder::default().bytes(1, name).bytes(2, operator);
    inputs.iter().fold(node, |node, input| node.bytes(3, input))
}

/// A node with one attribute that is text.
#[must_use]
pub fn with_attribute(node: Builder, name: &str, value: &str) -> Builder {
    node.bytes(
        5,
        Builder::default()
            .bytes(1, name)
            .bytes(2, Builder::default().bytes(2, value)),
    )
}

/// A constant that is text.
#[must_use]
pub fn constant(name: &str, value: &str) -> Builder {
    let tensor = Builder::default().number(1, 7).bytes(8, value);
    node(name, "Const", &[]).bytes(
        5,
        Builder::default()
            .bytes(1, "value")
            .bytes(2, Builder::default().bytes(8, tensor)),
    )
}

/// A frozen graph of these nodes.
#[must_use]
pub fn graph(nodes: &[Builder]) -> Builder {
    nodes
        .iter()
        .fold(Builder::default(), |graph, node| graph.bytes(1, node))
}

/// A SavedModel whose only graph has these nodes, and a function with those.
#[must_use]
pub fn saved_model(nodes: &[Builder], function: &[Builder]) -> Vec<u8> {
    let mut body = Builder::default().bytes(1, Builder::default().bytes(1, "serving"));
    for node in function {
        body = body.bytes(3, node);
    }
    let graph = graph(nodes).bytes(2, Builder::default().bytes(1, body));
    let about = Builder::default().bytes(4, "serve").bytes(5, "2.15.0");
    Builder::default()
        .number(1, 1)
        .bytes(2, Builder::default().bytes(1, about).bytes(2, graph))
        .build()
}

/// A `keras_metadata.pb` with one layer.
#[must_use]
pub fn keras_metadata(json: &str) -> Vec<u8> {
    let object = Builder::default()
        .number(2, 1)
        .bytes(3, "root.layer-1")
        .bytes(4, "_tf_keras_layer")
        .bytes(5, json);
    Builder::default().bytes(1, object).build()
}
