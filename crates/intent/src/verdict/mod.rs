//! What the imports and calls of a pickle amount to. The rules of pickles pick their part.

mod call;
mod names;

use std::collections::{HashMap, HashSet};

use stance_core::fact::{Artifact, PickleCall, PickleGlobal, PickleOrigin, PickleTrace};
use stance_core::policy::CatalogueEntry;
use stance_core::{Confidence, Evidence, Severity};

use call::{
    builds_code, changes_shared, cut, folds_harmlessly, is_expression, is_method_opcode,
    is_plain_name, names_a_method, names_runner, only_attacks_call, reaches_unknown, trace_follows,
};
use names::{Names, owners};

use super::catalogue::{
    Capability, Danger, Standing, acts, is_class, is_common_reference, names_actor,
    reads_as_action, reads_as_command, reads_as_order, reads_as_rebuilder,
};

/// What kind of thing was seen; each rule speaks of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Loading runs something dangerous.
    Exec,
    /// Something dangerous is within reach, but whether it runs is not certain.
    Import,
    /// Something runs that nobody knows.
    UnknownCall,
    /// Another pickle or model is loaded.
    NestedLoader,
}

/// One judged import or call.
#[derive(Debug)]
struct Verdict<'a> {
    kind: Kind,
    severity: Severity,
    confidence: Confidence,
    /// The dotted name it is about.
    name: &'a str,
    message: String,
    evidence: &'a Evidence,
    /// Where the same name comes up again.
    also: Vec<&'a Evidence>,
    notes: Vec<String>,
}

/// A verdict as rules share it, apart from the artefact it is about.
#[derive(Debug)]
pub struct Told {
    /// What kind of verdict it is.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// How sure that is.
    pub confidence: Confidence,
    /// The dotted name it is about.
    pub name: String,
    /// One sentence.
    pub message: String,
    /// Where.
    pub evidence: Evidence,
    /// Where the same name comes up again.
    pub also: Vec<Evidence>,
    /// What else was seen.
    pub notes: Vec<String>,
}

impl From<Verdict<'_>> for Told {
    fn from(verdict: Verdict<'_>) -> Self {
        Self {
            kind: verdict.kind,
            severity: verdict.severity,
            confidence: verdict.confidence,
            name: verdict.name.to_owned(),
            message: verdict.message,
            evidence: verdict.evidence.clone(),
            also: verdict.also.into_iter().cloned().collect(),
            notes: verdict.notes,
        }
    }
}

/// Most verdicts of one artefact; the worst stay.
const MOST: usize = 100;

/// Everything worth saying about the pickles of an artefact, each name once per kind.
pub fn verdicts(artifact: &Artifact, catalogue: &[CatalogueEntry]) -> Vec<Told> {
    let mut found: Vec<Verdict<'_>> = Vec::new();
    let mut places = HashMap::new();
    for trace in &artifact.pickles {
        let mut of_trace = Vec::new();
        let names = Names::of(trace, catalogue);
        for call in &trace.calls {
            of_trace.extend(judge_call(call, trace, &names));
        }
        for global in &trace.globals {
            of_trace.extend(judge_global(global, trace, &names));
        }
        drop_steps(&mut of_trace);
        if trace.origin == PickleOrigin::Dormant {
            of_trace = dormant(of_trace).into_iter().collect();
        }
        for verdict in of_trace {
            let place = *places
                .entry((verdict.kind, verdict.name))
                .or_insert(found.len());
            match found.get_mut(place) {
                Some(known) => {
                    if known.also.len() < 8 && known.evidence != verdict.evidence {
                        known.also.push(verdict.evidence);
                    }
                    known.severity = known.severity.max(verdict.severity);
                }
                None => found.push(verdict),
            }
        }
    }
    let left_out = found.len().saturating_sub(MOST);
    if left_out > 0 {
        found.sort_by_key(|verdict| std::cmp::Reverse(verdict.severity));
        found.truncate(MOST);
        if let Some(first) = found.first_mut() {
            first.notes.push(format!(
                "{left_out} further calls and imports of no worse kind are left out"
            ));
        }
    }
    found.into_iter().map(Told::from).collect()
}

/// An import that is only a step to a call that is judged itself says nothing more.
fn drop_steps(verdicts: &mut Vec<Verdict<'_>>) {
    let called: HashSet<&str> = verdicts
        .iter()
        .filter(|verdict| verdict.kind != Kind::Import)
        .map(|verdict| verdict.name)
        .collect();
    let steps: HashSet<&str> = called.iter().flat_map(|name| owners(name)).collect();
    verdicts.retain(|verdict| {
        verdict.kind != Kind::Import
            || !steps.contains(verdict.name)
                && !owners(verdict.name).any(|owner| called.contains(owner))
    });
}

/// A payload that nothing in view loads is one finding, whatever it would do.
fn dormant(verdicts: Vec<Verdict<'_>>) -> Option<Verdict<'_>> {
    verdicts
        .into_iter()
        .filter(|verdict| verdict.severity >= Severity::Medium)
        .max_by_key(|verdict| verdict.severity)
        .map(|verdict| Verdict {
            kind: Kind::NestedLoader,
            severity: Severity::High,
            confidence: Confidence::Medium,
            message: format!(
                "a constant of the pickle is itself a pickle that would call `{}`",
                verdict.name
            ),
            notes: vec![
                "nothing in view loads the constant; code that does would run it".to_owned(),
            ],
            ..verdict
        })
}

fn judge_call<'a>(
    call: &'a PickleCall,
    trace: &'a PickleTrace,
    names: &Names<'a>,
) -> Option<Verdict<'a>> {
    let name = &*call.callable;
    let shown = format!("{name}({})", call.arguments.join(", "));
    let verdict = |kind, severity, confidence, message: String| Verdict {
        kind,
        severity,
        confidence,
        name,
        message,
        evidence: &call.evidence,
        also: Vec::new(),
        notes: Vec::new(),
    };
    // BUILD and the container opcodes call methods; on an instance its class defines them. What an
    // earlier BUILD put in their place goes by its own name.
    if is_method_opcode(call.opcode) && !changes_shared(call) {
        let method = name.rsplit('.').next().unwrap_or_default();
        let own = matches!(
            method,
            "__setstate__" | "append" | "extend" | "add" | "__setitem__"
        );
        return if own {
            None
        } else {
            judge_plain(call, trace, names, &shown, &verdict)
        };
    }
    if changes_shared(call) {
        return Some(verdict(
            Kind::Import,
            Severity::High,
            Confidence::High,
            format!(
                "loading changes `{}`, which the whole process shares",
                name.trim_end_matches(".__dict__.update")
            ),
        ));
    }
    judge_plain(call, trace, names, &shown, &verdict)
}

fn judge_plain<'a>(
    call: &'a PickleCall,
    trace: &'a PickleTrace,
    names: &Names<'a>,
    shown: &str,
    verdict: &dyn Fn(Kind, Severity, Confidence, String) -> Verdict<'a>,
) -> Option<Verdict<'a>> {
    // Protocols 2 and 3 write NEWOBJ_EX as a call of `__new__`.
    let made = call.callable.strip_suffix(".__new__");
    let name = made.unwrap_or(&call.callable);
    let new_object = made.is_some() || matches!(call.opcode, "NEWOBJ" | "NEWOBJ_EX");
    let class = made.is_some() || is_class(name);
    let standing = names.standing(name);
    if !new_object
        && matches!(
            standing,
            Standing::Safe | Standing::Unknown | Standing::Standard
        )
        && let Some((handed, danger)) = names.handed_over(call)
    {
        return Some(verdict(
            Kind::Exec,
            Severity::High,
            Confidence::Medium,
            format!(
                "loading hands `{handed}`, which {}, to `{}`",
                danger.does,
                cut(shown)
            ),
        ));
    }
    match standing {
        Standing::Standard if name == "abc.ABCMeta" && !trace.carried.is_empty() => None,
        Standing::Safe if name.ends_with("builtins.type") || name == "__builtin__.type" => {
            (call.arguments.len() >= 3).then(|| {
                verdict(
                    Kind::UnknownCall,
                    // What a class is built of is judged where it is code that the file carries.
                    if trace.carried.is_empty() {
                        Severity::High
                    } else {
                        Severity::Low
                    },
                    Confidence::Medium,
                    format!("loading builds a class with `{}`", cut(shown)),
                )
            })
        }
        Standing::Safe => None,
        Standing::Dangerous(danger) if danger.capability == Capability::Carry => {
            // What is built is judged where it is in view.
            (trace.carried.is_empty() && builds_code(name, call)).then(|| {
                verdict(
                    Kind::Exec,
                    Severity::High,
                    Confidence::Medium,
                    format!(
                        "loading calls `{}`, which builds code that is not in view",
                        cut(shown)
                    ),
                )
            })
        }
        Standing::Dangerous(_) if name.ends_with("._eval_repr") && is_plain_name(call) => None,
        Standing::Dangerous(_) if name == "dill._dill._getattr" && names_a_method(call) => None,
        // dill gives classes their names so, and objects of modules their loader.
        Standing::Dangerous(_)
            if name == "builtins.setattr"
                && call
                    .arguments
                    .get(1)
                    .is_some_and(|name| name == "'__qualname__'")
                || new_object
                    && matches!(
                        name,
                        "_frozen_importlib_external.SourceFileLoader"
                            | "_frozen_importlib.ModuleSpec"
                    ) =>
        {
            None
        }
        Standing::Dangerous(danger) if danger.capability == Capability::Reach => {
            let order = call.arguments.iter().any(|argument| {
                argument != "'__new__'"
                    && (reads_as_order(argument) && !is_expression(argument)
                        || names_runner(argument))
            });
            let attacks = only_attacks_call(name) && !folds_harmlessly(call, names);
            (order || reaches_unknown(call) || attacks).then(|| {
                verdict(
                    Kind::Import,
                    Severity::High,
                    Confidence::Medium,
                    format!(
                        "loading calls `{}`, and what it reaches is not in view",
                        cut(shown)
                    ),
                )
            })
        }
        Standing::Dangerous(danger) if danger.capability == Capability::Import => Some(verdict(
            Kind::Import,
            Severity::High,
            Confidence::Medium,
            format!("loading calls `{}`, which {}", cut(shown), danger.does),
        )),
        Standing::Dangerous(danger)
            if danger.wide && class && (new_object || !call.constant_text) =>
        {
            // The default way to pickle an object does not call its class; this one was written.
            let reaches_out =
                matches!(danger.capability, Capability::Network | Capability::Execute);
            (reaches_out && !new_object).then(|| {
                verdict(
                    Kind::Exec,
                    Severity::High,
                    Confidence::Medium,
                    format!("loading calls `{}`, which {}", cut(shown), danger.does),
                )
            })
        }
        Standing::Dangerous(danger) if new_object => Some(verdict(
            Kind::Import,
            Severity::High,
            Confidence::Medium,
            format!("loading makes an object of `{name}`, which {}", danger.does),
        )),
        Standing::Dangerous(danger) if danger.capability == Capability::Load => {
            let followed = trace_follows(trace, call);
            Some(verdict(
                Kind::NestedLoader,
                Severity::High,
                if followed {
                    Confidence::High
                } else {
                    Confidence::Medium
                },
                format!("loading calls `{}`, which {}", cut(shown), danger.does),
            ))
        }
        Standing::Dangerous(danger) => Some(exec(danger, call, class, shown, verdict)),
        Standing::Standard | Standing::Unknown if new_object => None,
        Standing::Standard => Some(verdict(
            Kind::UnknownCall,
            if call.constant_text || !class {
                Severity::High
            } else {
                Severity::Low
            },
            Confidence::Medium,
            format!(
                "loading calls `{}` of the standard library, which honest pickles do not need",
                cut(shown)
            ),
        )),
        Standing::Unknown => unknown(call, class, shown, verdict),
    }
}

fn exec<'a>(
    danger: Danger,
    call: &'a PickleCall,
    class: bool,
    shown: &str,
    verdict: &dyn Fn(Kind, Severity, Confidence, String) -> Verdict<'a>,
) -> Verdict<'a> {
    let severity = match danger.capability {
        Capability::Execute | Capability::Code | Capability::Network | Capability::Write => {
            Severity::Critical
        }
        _ => Severity::High,
    };
    let last = call.callable.rsplit('.').next().unwrap_or_default();
    // Of a whole package only some functions do harm; without a text there is nothing to aim with.
    let (severity, confidence) = if danger.wide {
        (
            if call.constant_text {
                severity.min(Severity::High)
            } else if acts(&call.callable) || !class && !reads_as_rebuilder(last) {
                // Of these packages honest pickles hold objects, and call no functions.
                Severity::High
            } else {
                Severity::Low
            },
            Confidence::Medium,
        )
    } else {
        (severity, Confidence::High)
    };
    verdict(
        Kind::Exec,
        severity,
        confidence,
        format!("loading calls `{}`, which {}", cut(shown), danger.does),
    )
}

/// Libraries of models, of which the catalogue lists what their own files call.
const LISTED: &[&str] = &[
    "PIL",
    "catboost",
    "jax",
    "joblib",
    "keras",
    "lightgbm",
    "matplotlib",
    "networkx",
    "numba",
    "numpy",
    "pandas",
    "scipy",
    "skimage",
    "sklearn",
    "sympy",
    "tensorflow",
    "torch",
    "torchvision",
    "transformers",
    "xgboost",
];

fn unknown<'a>(
    call: &'a PickleCall,
    class: bool,
    shown: &str,
    verdict: &dyn Fn(Kind, Severity, Confidence, String) -> Verdict<'a>,
) -> Option<Verdict<'a>> {
    let name = &*call.callable;
    if name.contains('?') || name.starts_with("extension()") {
        return Some(verdict(
            Kind::Import,
            Severity::High,
            Confidence::Medium,
            format!(
                "loading calls `{}`, a callable that is not in view",
                cut(shown)
            ),
        ));
    }
    let order = call
        .arguments
        .iter()
        .any(|argument| reads_as_order(argument));
    let commanded = call
        .arguments
        .iter()
        .any(|argument| reads_as_command(argument));
    let action = reads_as_action(name);
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.starts_with("__pyx_unpickle_") || name.starts_with("persistent_load") {
        return None;
    }
    let method = name.contains("().") || name.ends_with("()");
    // What honest pickles of these libraries call is known, and listed.
    let listed = LISTED.contains(&name.split('.').next().unwrap_or_default());
    let severity = match (class && !method, call.constant_text) {
        // Building an object of an unknown class is what pickles are for.
        // A class of the script that wrote the file exists nowhere else.
        (true, true) if name.starts_with("__main__.") => Severity::Low,
        (true, true) if commanded || order && (action || listed) || names_actor(name) => {
            Severity::High
        }
        (true, true) => Severity::Low,
        (true, false) => return None,
        // Cython and pandas give their classes functions that put them together.
        (false, true) if reads_as_rebuilder(last) && !order && !method => Severity::Low,
        (false, true) => Severity::High,
        (false, false) if (acts(name) || listed) && !reads_as_rebuilder(last) => Severity::High,
        (false, false) => Severity::Low,
    };
    Some(verdict(
        Kind::UnknownCall,
        severity,
        Confidence::Medium,
        if class {
            format!("loading builds `{}`, a class that is not known", cut(shown))
        } else {
            format!(
                "loading calls `{}`, a function that is not known",
                cut(shown)
            )
        },
    ))
}

fn judge_global<'a>(
    global: &'a PickleGlobal,
    trace: &'a PickleTrace,
    names: &Names<'a>,
) -> Option<Verdict<'a>> {
    let verdict = |severity, confidence, message: String| Verdict {
        kind: Kind::Import,
        severity,
        confidence,
        name: &global.name,
        message,
        evidence: &global.evidence,
        also: Vec::new(),
        notes: Vec::new(),
    };
    if !global.resolved {
        let extension = global.attribute.starts_with("extension_");
        return Some(verdict(
            Severity::High,
            Confidence::Medium,
            if extension {
                format!(
                    "loading imports `{}` of the extension registry, whose meaning is not in view",
                    global.attribute
                )
            } else {
                "loading imports a name that is put together while it loads".to_owned()
            },
        ));
    }
    if global.called || is_common_reference(&global.name) {
        return None;
    }
    // Code by value hands its modules over, and what it does with them is judged itself.
    let module = matches!(&*global.attribute, "" | "__dict__");
    if !trace.carried.is_empty() && module {
        return None;
    }
    match names.standing(&global.name) {
        Standing::Dangerous(Danger {
            capability: Capability::Load | Capability::Network | Capability::Process,
            ..
        }) if !trace.carried.is_empty() => None,
        Standing::Dangerous(danger)
            if !danger.wide
                && !matches!(
                    danger.capability,
                    Capability::Carry | Capability::Reach | Capability::Import | Capability::Read
                ) =>
        {
            Some(verdict(
                Severity::High,
                Confidence::Medium,
                format!(
                    "loading imports `{}`, which {}, though no call of it is in view",
                    global.name, danger.does
                ),
            ))
        }
        _ => None,
    }
}
