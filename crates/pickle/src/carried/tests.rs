use std::sync::Arc;

use stance_core::fact::{CarriedCode, CodeRead, CodeRuns};

use crate::assemble::Pickle;
use stance_read::limits::Limits;

const CLOUD: &str = "cloudpickle.cloudpickle";

/// `def f(x): os.system("id")` of Python 3.8 to 3.10.
const SYSTEM: &[u8] = &[116, 0, 160, 1, 100, 1, 161, 1, 1, 0, 100, 0, 83, 0];

fn carried(bytes: &[u8]) -> Vec<CarriedCode> {
    crate::trace(&Arc::from("m.pkl"), bytes, 0, &Limits::default())
        .trace
        .carried
}

/// Pushes `CodeType(…)` as cloudpickle writes it.
fn code(pickle: Pickle, names: &[&str], text: &str) -> Pickle {
    let mut pickle = pickle
        .stack_global(CLOUD, "_builtin_type")
        .text("CodeType")
        .tuple_of(1)
        .reduce()
        .raw(b"(");
    for number in [1, 0, 0, 1, 2, 67] {
        pickle = pickle.int(number);
    }
    pickle = pickle
        .bytes(SYSTEM)
        .raw(b"N")
        .text(text)
        .tuple_of(2)
        .raw(b"(");
    for name in names {
        pickle = pickle.text(name);
    }
    pickle
        .raw(b"t)")
        .text("notebook")
        .text("predict")
        .int(1)
        .bytes(b"")
        .raw(b"))tR")
}

/// Pushes a function of that code; `globals` pushes its dictionary.
fn function(pickle: Pickle, globals: impl Fn(Pickle) -> Pickle) -> Pickle {
    let pickle = code(
        pickle.stack_global(CLOUD, "_make_function"),
        &["tool", "go"],
        "id",
    );
    globals(pickle).tuple_of(2).reduce()
}

fn tool(module: &'static str) -> impl Fn(Pickle) -> Pickle {
    move |pickle| {
        pickle
            .raw(b"}")
            .text("tool")
            .stack_global(CLOUD, "subimport")
            .text(module)
            .tuple_of(1)
            .reduce()
            .raw(b"s")
    }
}

#[test]
fn what_a_function_calls_is_told_by_the_names_it_is_given() {
    let found = carried(&function(Pickle::protocol(4), tool("os")).stop());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name, "predict");
    assert_eq!(found[0].calls, ["os.go(\"id\")"]);
    assert_eq!(found[0].runs, CodeRuns::Stored);
    assert_eq!(found[0].read, CodeRead::Whole);
    assert!(carried(b"\x80\x04N.").is_empty());
}

#[test]
fn a_function_that_the_stream_calls_runs_at_load() {
    let called = |pickle: Pickle| pickle.text("x").tuple_of(1).reduce().stop();
    let direct = called(function(Pickle::protocol(4), tool("os")));
    assert_eq!(carried(&direct)[0].runs, CodeRuns::AtLoad);
    let through = function(
        Pickle::protocol(4).stack_global("functools", "partial"),
        tool("os"),
    );
    let through = called(through.tuple_of(1).reduce());
    assert_eq!(carried(&through)[0].runs, CodeRuns::AtLoad);
    let mapped = function(
        Pickle::protocol(4).stack_global("builtins", "map"),
        tool("os"),
    );
    let mapped = mapped
        .raw(b"]")
        .text("x")
        .raw(b"a")
        .tuple_of(2)
        .reduce()
        .stop();
    assert_eq!(carried(&mapped)[0].runs, CodeRuns::AtLoad);
}

#[test]
fn methods_that_loading_calls_run_at_load() {
    for (method, runs) in [
        ("__setstate__", CodeRuns::AtLoad),
        ("__new__", CodeRuns::AtLoad),
        ("predict", CodeRuns::Stored),
    ] {
        let class = Pickle::protocol(4)
            .stack_global(CLOUD, "_make_skeleton_class")
            .raw(b"(")
            .stack_global("builtins", "type")
            .text("Model")
            .raw(b")}")
            .text(method);
        let bytes = function(class, tool("os"))
            .raw(b"stR)\x81}")
            .text("a")
            .int(1)
            .raw(b"sb")
            .stop();
        assert_eq!(carried(&bytes)[0].runs, runs, "{method}");
    }
}

#[test]
fn code_that_is_not_in_view_is_told_as_such() {
    let hidden = Pickle::protocol(4)
        .stack_global(CLOUD, "_make_function")
        .stack_global("team.vault", "fetch")
        .raw(b")R}")
        .tuple_of(2)
        .reduce()
        .stop();
    assert_eq!(carried(&hidden)[0].read, CodeRead::Nothing);
}

#[test]
fn builders_that_call_what_they_are_given_are_followed() {
    for (function, arguments) in [("_create_array", 2_u8), ("_create_ftype", 3)] {
        let mut pickle = Pickle::protocol(4)
            .stack_global("dill._dill", function)
            .stack_global("os", "system")
            .text("id");
        if arguments == 2 {
            pickle = pickle.tuple_of(1);
        } else {
            pickle = pickle.raw(b")");
        }
        let traced = crate::trace(
            &Arc::from("m.pkl"),
            &pickle.tuple_of(arguments).reduce().stop(),
            0,
            &Limits::default(),
        );
        assert!(
            traced
                .trace
                .calls
                .iter()
                .any(|call| call.callable == "os.system"),
            "{function}"
        );
    }
    // State that is given to what the stream did not make changes the process.
    let traced = crate::trace(
        &Arc::from("m.pkl"),
        &Pickle::protocol(4)
            .stack_global(CLOUD, "_class_setstate")
            .stack_global("json", "JSONEncoder")
            .raw(b"}N\x86\x86R")
            .stop(),
        0,
        &Limits::default(),
    );
    assert!(
        traced
            .trace
            .calls
            .iter()
            .any(|call| call.callable == "builtins.setattr")
    );
}

#[test]
fn every_cut_is_survived() {
    let bytes = function(Pickle::protocol(4), tool("os"))
        .text("x")
        .tuple_of(1)
        .reduce()
        .stop();
    for end in 0..bytes.len() {
        let _ = carried(&bytes[..end]);
    }
}

#[test]
fn many_functions_of_one_long_code_are_bounded() {
    // 10 MB of functions that all share one code object, each walked on its own.
    let long: Vec<u8> = [SYSTEM[..10].repeat(20_000), vec![100, 0, 83, 0]].concat();
    let mut pickle = Pickle::protocol(4)
        .stack_global(CLOUD, "_builtin_type")
        .text("CodeType")
        .tuple_of(1)
        .reduce()
        .raw(b"(");
    for number in [1, 0, 0, 1, 2, 67] {
        pickle = pickle.int(number);
    }
    let mut bytes = pickle
        .bytes(&long)
        .raw(b"N")
        .text("id")
        .tuple_of(2)
        .text("os")
        .text("system")
        .tuple_of(2)
        .raw(b")")
        .text("notebook")
        .text("f")
        .int(1)
        .bytes(b"")
        .raw(b"))tRr\x01\x00\x00\x000")
        .stack_global(CLOUD, "_make_function")
        .raw(b"r\x02\x00\x00\x000(")
        .unfinished();
    let one = b"j\x02\x00\x00\x00j\x01\x00\x00\x00}\x86R";
    while bytes.len() < 10 << 20 {
        bytes.extend_from_slice(one);
    }
    bytes.extend_from_slice(b"t.");
    let found = carried(&bytes);
    assert!(found.len() <= 4097);
    assert!(found.iter().any(|code| code.read == CodeRead::Part));
    let calls: usize = found.iter().map(|code| code.calls.len()).sum();
    assert!(calls < 20_000);
}

#[test]
fn variables_of_functions_around_are_followed_into_their_cells() {
    // `def f(x): tool.go("id")` of Python 3.8, in which `tool` is a free variable.
    let instructions = [136, 0, 160, 0, 100, 1, 161, 1, 1, 0, 100, 0, 83, 0];
    let mut pickle = Pickle::protocol(4)
        .stack_global(CLOUD, "_make_function")
        .raw(b"(")
        .stack_global(CLOUD, "_builtin_type")
        .text("CodeType")
        .tuple_of(1)
        .reduce()
        .raw(b"(");
    for number in [1, 0, 0, 1, 2, 67] {
        pickle = pickle.int(number);
    }
    let bytes = pickle
        .bytes(&instructions)
        .raw(b"N")
        .text("id")
        .tuple_of(2)
        .text("go")
        .tuple_of(1)
        .raw(b")")
        .text("notebook")
        .text("f")
        .int(1)
        .bytes(b"")
        .text("tool")
        .tuple_of(1)
        .raw(b")tR}NN")
        .stack_global(CLOUD, "_make_empty_cell")
        .raw(b")R\x85tR\x94")
        .raw(b"0")
        .stack_global(CLOUD, "_function_setstate")
        .raw(b"h\x00}}")
        .text("__closure__")
        .stack_global(CLOUD, "_make_cell")
        .stack_global(CLOUD, "subimport")
        .text("os")
        .raw(b"\x85R\x85R\x85s\x86\x86R.")
        .unfinished();
    assert_eq!(carried(&bytes)[0].calls, ["os.go(\"id\")"]);
}
