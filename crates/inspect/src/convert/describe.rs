//! What a value that stays behind was, in words.

use super::tree::{Call, How, Object, Tree, Value};

/// What a value is, in words.
pub(super) fn describe(tree: &Tree, value: Value) -> String {
    match value {
        Value::None => return "None".to_owned(),
        Value::Bool(_) => return "a boolean".to_owned(),
        Value::Int(_) => return "an integer".to_owned(),
        Value::Float(_) => return "a float".to_owned(),
        Value::Object(_) => {}
    }
    match tree.get(value) {
        Some(Object::Text(_)) => "a text".to_owned(),
        Some(Object::Bytes(..)) => "bytes".to_owned(),
        Some(Object::Long(_)) => "an integer".to_owned(),
        Some(Object::Tuple(_)) => "a tuple".to_owned(),
        Some(Object::List(_)) => "a list".to_owned(),
        Some(Object::Dict(_)) => "a dict".to_owned(),
        Some(Object::Set(_) | Object::FrozenSet(_)) => "a set".to_owned(),
        Some(Object::Global(_)) => format!(
            "a reference to `{}`",
            stance_core::evidence::shorten(tree.name(value).unwrap_or("?"))
        ),
        Some(Object::Persistent(_)) => "a storage without a tensor".to_owned(),
        Some(Object::Outside(what)) => (*what).to_owned(),
        Some(Object::Call(call)) => made(tree, call),
        None => "nothing".to_owned(),
    }
}

fn made(tree: &Tree, call: &Call) -> String {
    let of = tree.name(call.function).unwrap_or("?");
    let reconstructed = matches!(
        of,
        "copy_reg._reconstructor" | "copyreg._reconstructor" | "copyreg.__newobj__"
    );
    if reconstructed
        && let Some(class) = tree
            .items(call.arguments)
            .and_then(<[Value]>::first)
            .and_then(|class| tree.name(*class))
    {
        return format!("an object of `{}`", stance_core::evidence::shorten(class));
    }
    let of = stance_core::evidence::shorten(of);
    match call.how {
        How::Call => format!("what a call of `{of}` would give"),
        How::New | How::Instance => format!("an object of `{of}`"),
    }
}
