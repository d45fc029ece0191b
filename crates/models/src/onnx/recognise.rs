//! Whether bytes are an ONNX model: the outer fields have the right numbers and
//! wire types, the version is one there has been, and the graph begins like a graph.

use stance_read::protobuf::{Broken, Field, Message, Value};
use stance_read::source::Source;
use stance_read::window::{Stop, Window};

/// Newer versions of the format than today's that are still believed.
const NEWEST_VERSION: u64 = 64;

/// Looks at the head of a file of `size` bytes. A file that is called a model may
/// have fields that nobody knows, as every reader of protocol buffers allows.
pub(super) fn is_model(head: &dyn Source, size: u64, called_so: bool) -> bool {
    let mut window = Window::of_bytes(head);
    let mut message = Message { at: 0, end: size };
    let mut version = false;
    let mut graph = false;
    let mut opset = false;
    loop {
        if graph && (version || opset) {
            return true;
        }
        match message.next(&mut window) {
            Ok(Some(Field { number, value, .. })) => match (number, value) {
                (1, Value::Number(1..=NEWEST_VERSION)) => version = true,
                (5, Value::Number(_)) | (20 | 25 | 26, Value::Bytes(_)) => {}
                (2..=4, Value::Bytes(text)) => {
                    if !text.is_text(&mut window, 1024) {
                        return false;
                    }
                }
                (6 | 14, Value::Bytes(_)) => {}
                (7, Value::Bytes(found)) => {
                    if !called_so && !is_graph(found, &mut window) {
                        return false;
                    }
                    graph = true;
                }
                (8, Value::Bytes(found)) => {
                    if !is_opset(found, &mut window) {
                        return false;
                    }
                    opset = true;
                }
                _ if called_so => {}
                _ => return false,
            },
            Ok(None) => break,
            // The head ends here; what came before has to do.
            Err(Broken::Stop(Stop::End)) => break,
            Err(_) => return false,
        }
    }
    graph && (version || opset)
}

fn is_opset(mut message: Message, window: &mut Window<'_>) -> bool {
    loop {
        match message.next(window) {
            Ok(Some(field)) => match (field.number, field.value) {
                (1, Value::Bytes(domain)) if domain.is_text(window, 256) => {}
                (2, Value::Number(1..=100_000)) => {}
                _ => return false,
            },
            Ok(None) => return true,
            Err(broken) => return broken == Broken::Stop(Stop::End),
        }
    }
}

/// Whether the first fields are those of a graph, the first node one of a node.
fn is_graph(mut message: Message, window: &mut Window<'_>) -> bool {
    for _ in 0..4 {
        match message.next(window) {
            Ok(Some(field)) => match (field.number, field.value) {
                (1, Value::Bytes(node)) if is_node(node, window) => {}
                (2, Value::Bytes(name)) if name.is_text(window, 4096) => {}
                (5 | 10..=16, Value::Bytes(_)) => {}
                _ => return false,
            },
            Ok(None) => return true,
            Err(broken) => return broken == Broken::Stop(Stop::End),
        }
    }
    true
}

fn is_node(mut message: Message, window: &mut Window<'_>) -> bool {
    loop {
        match message.next(window) {
            Ok(Some(field)) => match (field.number, field.value) {
                (1..=4 | 7 | 8, Value::Bytes(text)) if text.is_text(window, 4096) => {}
                (5 | 6 | 9 | 10, Value::Bytes(_)) => {}
                _ => return false,
            },
            Ok(None) => return true,
            Err(broken) => return broken == Broken::Stop(Stop::End),
        }
    }
}
