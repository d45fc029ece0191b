use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use stance_core::fact::{Fact, Language, Value};
use stance_core::{Evidence, How};

use super::*;

static SETTLED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Tells each settled call as one line.
fn told(path: &Arc<str>, settled: &[Settled<'_>]) -> Vec<Fact> {
    let mut lines = SETTLED.lock().unwrap();
    for one in settled {
        let arguments: Vec<String> = one
            .arguments
            .iter()
            .map(|answers| {
                let answers = answers.iter().map(|answer| {
                    let at = answer.at.first().map_or("", |at| &at.path);
                    match &answer.term {
                        Term::Value(Value::Text { text, .. }) => format!("{text}@{at}"),
                        other => format!("{other:?}"),
                    }
                });
                answers.collect::<Vec<_>>().join("|")
            })
            .collect();
        lines.push(format!("{path} {} {}", one.callee, arguments.join(" ")));
    }
    Vec::new()
}

fn module(path: &str, names: Vec<(&str, Term)>) -> Module {
    let at = Arc::new(Evidence::file(path));
    Module {
        path: path.into(),
        language: Language::Python,
        whole: true,
        names: names
            .into_iter()
            .map(|(name, term)| {
                let at = Some(Arc::clone(&at));
                (name.to_owned(), Named { term, at })
            })
            .collect(),
        all_of: Vec::new(),
        calls: Vec::new(),
        waiting: Vec::new(),
        settle: told,
    }
}

fn import(module: &str) -> Term {
    Term::Import {
        module: module.to_owned(),
        names: Vec::new(),
    }
}

fn text(text: &str) -> Term {
    Term::text(text, How::Literal)
}

fn parameter(function: &str, name: &str, default: Option<Term>) -> Term {
    Term::Parameter {
        function: function.to_owned(),
        name: name.to_owned(),
        default: default.map(Box::new),
    }
}

fn waits(callee: Term, arguments: Vec<Term>) -> Waiting {
    let at = Arc::new(Evidence::file("w"));
    Waiting {
        callee,
        arguments: arguments
            .into_iter()
            .map(|term| Argument {
                name: None,
                term,
                written: String::new(),
                at: Arc::clone(&at),
            })
            .collect(),
        open_ended: false,
        assigned: None,
        origin: Vec::new(),
        at,
        notes: BTreeMap::new(),
        noted_at: None,
    }
}

fn linked(modules: Vec<Module>, bounds: Bounds) -> (Vec<String>, Vec<Fact>) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    SETTLED.lock().unwrap().clear();
    let facts = link(modules, bounds).into_iter().map(|(_, fact)| fact).collect();
    (SETTLED.lock().unwrap().clone(), facts)
}

fn lines(modules: Vec<Module>) -> Vec<String> {
    linked(modules, Bounds::default()).0
}

#[test]
fn a_constant_is_followed_through_packages_and_stars() {
    let config = module("src/app/config.py", vec![("MODEL", text("m-1"))]);
    let mut package = module("src/app/__init__.py", vec![("CHOSEN", import(".config.MODEL"))]);
    package.all_of.push(".config".to_owned());
    let mut main = module("main.py", vec![]);
    main.waiting = vec![
        waits(import("lib.call"), vec![import("app.config.MODEL")]),
        waits(import("lib.call"), vec![import("app.CHOSEN")]),
        waits(import("lib.call"), vec![import("app.MODEL")]),
        waits(import("lib.call"), vec![import("elsewhere.MODEL")]),
    ];
    assert_eq!(
        lines(vec![main, package, config]),
        [
            "main.py lib.call m-1@src/app/config.py",
            "main.py lib.call m-1@src/app/__init__.py",
            "main.py lib.call m-1@src/app/config.py",
            "main.py lib.call Value(Name(\"elsewhere.MODEL\"))",
        ]
    );
}

#[test]
fn a_parameter_is_what_the_tree_passes_or_its_default() {
    let function = Term::Function(Box::new(Function {
        name: "make".to_owned(),
        parameters: vec!["model".to_owned()],
        returns: Term::Made {
            callee: Box::new(import("sdk.Client")),
            arguments: vec![(Some("model".to_owned()), parameter("make", "model", Some(text("d"))))],
        },
    }));
    let mut llm = module("llm.py", vec![("make", function)]);
    llm.waiting = vec![waits(import("sdk.Client"), vec![parameter("make", "model", Some(text("d")))])];
    let mut main = module("main.py", vec![]);
    let at = Arc::new(Evidence::file("main.py"));
    main.calls.push(Handed {
        callee: import("llm.make"),
        arguments: vec![Argument {
            name: None,
            term: text("given"),
            written: String::new(),
            at,
        }],
    });
    let made = Term::Made {
        callee: Box::new(import("llm.make")),
        arguments: vec![(None, text("other"))],
    };
    main.waiting = vec![waits(Term::Member(Box::new(made), "chat".to_owned()), vec![])];
    assert_eq!(
        lines(vec![llm, main]),
        [
            "llm.py sdk.Client given@main.py|d@",
            "main.py sdk.Client().chat ",
        ]
    );
}

#[test]
fn members_of_classes_maps_and_instances_are_found() {
    let class = |bases: Vec<Term>, members: Vec<(&str, Term)>| {
        let members = members.into_iter();
        Term::Class(Box::new(Class {
            name: "C".to_owned(),
            bases,
            parameters: vec!["model".to_owned()],
            members: members.map(|(name, term)| (name.to_owned(), term)).collect(),
        }))
    };
    let base = module("base.py", vec![("C", class(vec![], vec![("size", text("big"))]))]);
    let made = |arguments| Term::Made {
        callee: Box::new(Term::Local("C".to_owned())),
        arguments,
    };
    let own = class(
        vec![import("base.C")],
        vec![("model", text("m")), ("deep", Term::Map([("k".to_owned(), text("v"))].into()))],
    );
    let settings = module(
        "settings.py",
        vec![
            ("C", own),
            ("plain", made(vec![])),
            ("set", made(vec![(None, text("given"))])),
        ],
    );
    let mut main = module("main.py", vec![]);
    let asked = ["set.model", "plain.model", "plain.size", "C.deep.k"];
    main.waiting = asked
        .iter()
        .map(|asked| waits(import("x.f"), vec![import(&format!("settings.{asked}"))]))
        .collect();
    let found = lines(vec![base, settings, main]);
    let values: Vec<&str> = found
        .iter()
        .map(|line| line.rsplit(' ').next().unwrap().split('@').next().unwrap())
        .collect();
    assert_eq!(values, ["given", "m", "big", "v"]);
}

#[test]
fn circles_and_limits_end_in_what_is_open() {
    let a = module("a.py", vec![("X", import("b.X"))]);
    let b = module("b.py", vec![("X", import("a.X"))]);
    let mut main = module("main.py", vec![]);
    main.waiting = vec![waits(import("x.f"), vec![import("a.X")])];
    let modules = vec![a, b, main];
    let (found, gaps) = linked(modules.clone(), Bounds::default());
    assert_eq!(found.len(), 1);
    assert!(gaps.is_empty());
    let bounds = Bounds {
        steps: 3,
        ..Bounds::default()
    };
    assert!(matches!(linked(modules.clone(), bounds).1[..], [Fact::Gap(_)]));
    let bounds = Bounds {
        modules: 2,
        ..Bounds::default()
    };
    assert!(matches!(linked(modules, bounds).1[..], [Fact::Gap(_)]));
}

#[test]
fn relative_imports_of_scripts_find_files_and_indexes() {
    let javascript = |path: &str, names| Module {
        language: Language::JavaScript,
        ..module(path, names)
    };
    let index = javascript("web/src/lib/index.ts", vec![("a", text("A"))]);
    let other = javascript("web/src/names.ts", vec![("b", text("B"))]);
    let mut main = javascript("web/src/app/main.tsx", vec![]);
    let asked = [("../lib", "a"), ("../names.js", "b"), ("@/names", "b"), ("names", "b")];
    main.waiting = asked
        .iter()
        .map(|(module, name)| {
            let argument = Term::Import {
                module: (*module).to_owned(),
                names: vec![(*name).to_owned()],
            };
            waits(import("f"), vec![argument])
        })
        .collect();
    let found = lines(vec![index, other, main]);
    assert!(found[0].contains("A@") && found[1].contains("B@") && found[2].contains("B@"));
    assert!(found[3].contains("names.b"), "{}", found[3]);
}
