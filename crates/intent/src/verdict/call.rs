//! What a call that a pickle makes looks like, whatever it calls.

use stance_core::fact::{PickleCall, PickleTrace};

use super::names::Names;
use crate::carried::TAKEN;
use crate::catalogue::Standing;

/// Whether a function of cloudpickle or dill builds functions, or gives the type that does.
pub(super) fn builds_code(name: &str, call: &PickleCall) -> bool {
    match name.rsplit('.').next().unwrap_or_default() {
        "_make_function"
        | "_make_skel_func"
        | "_create_function"
        | "_create_code"
        | "reduce_graph_module"
        | "reduce_deploy_graph_module"
        | "reduce_package_graph_module" => true,
        "_builtin_type" | "_load_type" => call.arguments.first().is_some_and(|kind| {
            ["'CodeType'", "'FunctionType'", "'LambdaType'"].contains(&&**kind)
        }),
        _ => false,
    }
}

/// Whether what dill takes out of a text and evaluates is the name of a class: of
/// `<method 'split' of 'str' objects>` that is `str`.
pub(super) fn names_a_method(call: &PickleCall) -> bool {
    let [_, name, text] = call.arguments.as_slice() else {
        return false;
    };
    let plain = |text: &str| {
        !text.is_empty()
            && text.chars().all(|character| {
                character.is_ascii_alphanumeric() || matches!(character, '_' | '.')
            })
    };
    // Quotes inside of the text are printed behind a backslash.
    let text = text.replace('\\', "");
    let parts: Vec<&str> = text.trim_matches('\'').split('\'').collect();
    plain(name.trim_matches('\''))
        && matches!(parts.as_slice(), [_, method, _, class, ..] if plain(method) && plain(class))
}

/// Whether the one argument is a name, which evaluates to what it stands for.
pub(super) fn is_plain_name(call: &PickleCall) -> bool {
    matches!(call.arguments.as_slice(), [name] if name
        .trim_matches('\'')
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || character == '_'))
}

pub(super) fn is_method_opcode(opcode: &str) -> bool {
    matches!(
        opcode,
        "BUILD" | "APPEND" | "APPENDS" | "ADDITEMS" | "SETITEM" | "SETITEMS"
    )
}

/// Whether an opcode changes an import itself, not an instance.
pub(super) fn changes_shared(call: &PickleCall) -> bool {
    if !is_method_opcode(call.opcode) || call.callable.contains("()") {
        return false;
    }
    let method = call.callable.rsplit('.').next().unwrap_or_default();
    call.callable.ends_with(".__dict__.update")
        || matches!(method, "append" | "extend" | "add" | "__setitem__")
            && call.callable.split('.').count() > 2
}

/// Whether a reaching call is given something that could not be told.
pub(super) fn reaches_unknown(call: &PickleCall) -> bool {
    let name = call.callable.rsplit('.').next().unwrap_or_default();
    let matters = matches!(
        name,
        "getattr" | "__import__" | "import_module" | "resolve_name" | "locate" | "apply" | "call"
    );
    matters
        && call
            .arguments
            .iter()
            .take(2)
            .any(|argument| argument.contains('?') && !argument.contains('\''))
}

/// Whether an argument is a compiled regular expression, of which the text is no order to anybody.
pub(super) fn is_expression(argument: &str) -> bool {
    argument.starts_with("re._compile(")
}

/// Whether `reduce` is given a function that does no harm, as types of a union are joined.
pub(super) fn folds_harmlessly(call: &PickleCall, names: &Names<'_>) -> bool {
    call.callable.ends_with(".reduce")
        && call
            .arguments
            .first()
            .is_some_and(|function| matches!(names.standing(function), Standing::Safe))
}

/// Whether an argument is the name of a function that runs what it is given.
pub(super) fn names_runner(argument: &str) -> bool {
    argument.starts_with('\'') && TAKEN.contains(&argument.trim_matches('\''))
}

/// Whether a function that only leads to others is called by no honest pickle.
pub(super) fn only_attacks_call(name: &str) -> bool {
    let (module, function) = name.rsplit_once('.').unwrap_or(("", name));
    match module {
        "builtins" | "__builtin__" => {
            matches!(
                function,
                "globals" | "locals" | "vars" | "dir" | "apply" | "reduce"
            )
        }
        "functools" | "_functools" => function == "reduce",
        "operator" | "_operator" => function == "call",
        _ => false,
    }
}

/// Whether the pickle that a call loads was followed.
pub(super) fn trace_follows(trace: &PickleTrace, call: &PickleCall) -> bool {
    trace.path == call.evidence.path
        && call
            .arguments
            .iter()
            .any(|argument| argument.starts_with("b'"))
}

pub(super) fn cut(text: &str) -> String {
    const WIDTH: usize = 120;
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(WIDTH).collect();
    short.push('…');
    short
}
