//! The text that an expression is as the source writes it, whatever fills its holes.

use super::syntax::{Expr, ExprKind, FormatPart};

/// Deepest expression that is looked into.
const DEPTH: u32 = 16;
/// Longest text that is put together.
const TEXT: usize = 64 * 1024;

/// The text that stands in `expr`, with `{}` for each hole; `None` when it is no text.
pub(super) fn written(expr: &Expr) -> Option<String> {
    let mut text = String::new();
    add(expr, &mut text, DEPTH).then_some(text)
}

fn add(expr: &Expr, text: &mut String, depth: u32) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    if text.len() > TEXT {
        return false;
    }
    match &expr.kind {
        ExprKind::Text(own) => text.push_str(own),
        ExprKind::Format(parts) => {
            for part in parts {
                match part {
                    FormatPart::Text(own) => text.push_str(own),
                    FormatPart::Hole(_) => text.push_str("{}"),
                }
            }
        }
        ExprKind::Percent(left, _) => return add(left, text, depth),
        ExprKind::Add(left, right) => {
            let before = text.len();
            let left = add(left, text, depth);
            if !left {
                text.truncate(before);
                text.push_str("{}");
            }
            let middle = text.len();
            let right = add(right, text, depth);
            if !right {
                text.truncate(middle);
                text.push_str("{}");
            }
            return left || right;
        }
        ExprKind::Call(call) => match &call.function.kind {
            // `"…".format(x)`, `"…".strip()`
            ExprKind::Attribute(base, name)
                if matches!(
                    name.as_str(),
                    "format" | "strip" | "lstrip" | "rstrip" | "replace" | "format_map"
                ) =>
            {
                return add(base, text, depth);
            }
            ExprKind::Name(name) | ExprKind::Attribute(_, name)
                if matches!(name.as_str(), "dedent" | "cleandoc") =>
            {
                return match call.arguments.first() {
                    Some(first) => add(&first.value, text, depth),
                    None => false,
                };
            }
            _ => return false,
        },
        _ => return false,
    }
    true
}
