//! Which of TensorFlow's protocol buffers a file is; none of them has a mark.

use stance_read::protobuf::{Broken, Message, Value};
use stance_read::source::Source;
use stance_read::window::{Stop, Window};

/// What the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    SavedModel,
    Graph,
    /// The graph beside a checkpoint, `.meta`.
    MetaGraph,
    KerasMetadata,
}

/// Looks at the head of a file of `size` bytes.
pub(super) fn kind(head: &dyn Source, size: u64, name: &str) -> Option<Kind> {
    let mut window = Window::of_bytes(head);
    let whole = Message { at: 0, end: size };
    if is_saved_model(whole, &mut window, name == "saved_model.pb") {
        Some(Kind::SavedModel)
    } else if is_keras_metadata(whole, &mut window) {
        Some(Kind::KerasMetadata)
    } else if is_graph(whole, &mut window) {
        Some(Kind::Graph)
    } else if name.ends_with(".meta") && is_meta_graph(whole, &mut window, false) {
        Some(Kind::MetaGraph)
    } else {
        None
    }
}

fn is_saved_model(mut message: Message, window: &mut Window<'_>, called_so: bool) -> bool {
    for _ in 0..8 {
        match message.next(window) {
            Ok(Some(field)) => match (field.number, field.value) {
                (1, Value::Number(0..=100)) => {}
                (2, Value::Bytes(found)) => return is_meta_graph(found, window, called_so),
                // A reader skips what it does not know; the name says what it is.
                _ if called_so => {}
                _ => return false,
            },
            _ => return false,
        }
    }
    false
}

/// Whether a field of a meta graph holds what it should.
fn is_meta_graph(mut message: Message, window: &mut Window<'_>, called_so: bool) -> bool {
    let mut known = false;
    for _ in 0..8 {
        match message.next(window) {
            Ok(Some(field)) => match (field.number, field.value) {
                (1, Value::Bytes(about)) if is_about(about, window) => known = true,
                (2, Value::Bytes(graph)) if is_graph(graph, window) => return true,
                (2..=7, Value::Bytes(_)) => {}
                _ if called_so => {}
                _ => return false,
            },
            Ok(None) => return known,
            Err(broken) => return known && broken == Broken::Stop(Stop::End),
        }
    }
    known
}

/// Whether it is a description of a meta graph: tags and versions, a list of operators.
fn is_about(mut message: Message, window: &mut Window<'_>) -> bool {
    loop {
        match message.next(window) {
            Ok(Some(field)) => match (field.number, field.value) {
                (1 | 4 | 5 | 6, Value::Bytes(text)) if text.is_text(window, 1024) => {}
                (2 | 3 | 8, Value::Bytes(_)) | (7, Value::Number(0 | 1)) => {}
                _ => return false,
            },
            Ok(None) => return true,
            Err(broken) => return broken == Broken::Stop(Stop::End),
        }
    }
}

/// Whether it begins with a node of a graph: a name, and an operator that looks like one.
fn is_graph(mut message: Message, window: &mut Window<'_>) -> bool {
    for _ in 0..4 {
        match message.next(window) {
            Ok(Some(field)) => match (field.number, field.value) {
                (1, Value::Bytes(node)) => return is_node(node, window),
                (2 | 4, Value::Bytes(_)) | (3, Value::Number(_)) => {}
                _ => return false,
            },
            _ => return false,
        }
    }
    false
}

fn is_node(mut message: Message, window: &mut Window<'_>) -> bool {
    let mut named = false;
    while let Ok(Some(field)) = message.next(window) {
        match (field.number, field.value) {
            (1, Value::Bytes(name)) if name.length() > 0 && name.is_text(window, 4096) => {
                named = true;
            }
            (2, Value::Bytes(operator)) => return named && is_operator(operator, window),
            _ => return false,
        }
    }
    false
}

/// Operators are written in camel case.
fn is_operator(name: Message, window: &mut Window<'_>) -> bool {
    let Ok(name) = name.text(window, 128) else {
        return false;
    };
    let mut letters = name.trim_start_matches('_').chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_uppercase())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '>'))
}

/// Whether the first object is one that Keras has saved.
fn is_keras_metadata(mut message: Message, window: &mut Window<'_>) -> bool {
    let Ok(Some(field)) = message.next(window) else {
        return false;
    };
    let (1, Value::Bytes(mut object)) = (field.number, field.value) else {
        return false;
    };
    while let Ok(Some(field)) = object.next(window) {
        match (field.number, field.value) {
            (2, Value::Number(_)) | (1 | 3, Value::Bytes(_)) => {}
            (4, Value::Bytes(identifier)) => {
                return identifier
                    .text(window, 64)
                    .is_ok_and(|identifier| identifier.starts_with("_tf_keras_"));
            }
            _ => return false,
        }
    }
    false
}
