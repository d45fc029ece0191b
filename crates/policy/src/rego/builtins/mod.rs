//! Functions that policies may call beside those of the engine: what it lacks, what it does without a bound, and what it must
//! not do here.
//!
//! A function of ours comes before one of the engine with the same name. Arguments are counted before they are worked on, and
//! what is produced is taken off what the evaluation may produce, so that doubling a string forty times is an error.

mod arrays;
mod cidr;
mod context;
mod crypto;
mod encode;
mod forbidden;
mod guards;
mod objects;
mod patterns;
mod strings;
mod time;
mod zone;

use regorus::unstable::BUILTINS;
use regorus::{Engine, Value};

pub(super) use context::{Context, entered};

use super::faults::{FORBIDDEN, MEMORY};

/// Why a function gives no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The arguments mean nothing to it.
    Argument(String),
    /// It would produce too much.
    Memory(String),
    /// Policies may not do that.
    Forbidden(&'static str),
}

impl Refused {
    fn argument(words: impl Into<String>) -> Self {
        Self::Argument(words.into())
    }
}

type Outcome = Result<Value, Refused>;

/// A function: its name, how many arguments it takes, and what it does.
type Function = (&'static str, u8, fn(&[Value]) -> Outcome);

/// All functions of ours.
fn functions() -> impl Iterator<Item = Function> {
    [
        arrays::FUNCTIONS,
        cidr::FUNCTIONS,
        crypto::FUNCTIONS,
        encode::FUNCTIONS,
        guards::FUNCTIONS,
        objects::FUNCTIONS,
        patterns::FUNCTIONS,
        strings::FUNCTIONS,
        time::FUNCTIONS,
        forbidden::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The names of all functions of ours, with how many arguments they take.
pub(super) fn signatures() -> impl Iterator<Item = (&'static str, u8)> {
    functions().map(|(name, arguments, _)| (name, arguments))
}

/// Gives the engine our functions.
pub(super) fn add(engine: &mut Engine) -> Result<(), String> {
    for (name, arguments, function) in functions() {
        engine
            .add_extension(
                super::shim::name(name),
                arguments,
                Box::new(move |given: Vec<Value>| finish(name, function(&given))),
            )
            .map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// The names of all functions that policies may call.
pub fn names() -> Vec<&'static str> {
    let mut all: Vec<&'static str> = functions().map(|(name, ..)| name).collect();
    all.extend(BUILTINS.keys().copied());
    all.extend(["print", "rego.metadata.chain", "rego.metadata.rule"]);
    all.retain(|name| !name.starts_with("internal.") && !name.starts_with("__"));
    all.sort_unstable();
    all.dedup();
    all
}

/// Why a function of OPA is none here, if that is on purpose.
pub fn forbidden(name: &str) -> Option<&'static str> {
    forbidden::why(name)
}

fn finish(name: &str, outcome: Outcome) -> anyhow::Result<Value> {
    match outcome {
        Ok(value) => Ok(value),
        Err(Refused::Memory(words)) => Err(anyhow::anyhow!("{MEMORY}{name}: {words}")),
        Err(Refused::Forbidden(words)) => Err(anyhow::anyhow!("{FORBIDDEN}{name}: {words}")),
        Err(Refused::Argument(words)) => {
            let words = format!("{name}: {words}");
            if context::refused(&words) {
                Err(anyhow::anyhow!(words))
            } else {
                Ok(Value::Undefined)
            }
        }
    }
}

/// What the engine's own function of that name does.
fn engines(name: &str, given: &[Value]) -> Outcome {
    let Some((function, _)) = BUILTINS.get(name) else {
        return Err(Refused::argument("there is no such function"));
    };
    context::with_places(given.len(), |span, parameters| {
        function(span, parameters, given, true)
    })
    .map_err(|error| {
        let said = error.to_string();
        let words = said.rsplit("error: ").next().unwrap_or_default();
        Refused::argument(words.trim())
    })
}

fn argument(given: &[Value], number: usize) -> &Value {
    given.get(number).unwrap_or(&Value::Undefined)
}

fn string(given: &[Value], number: usize) -> Result<&str, Refused> {
    match argument(given, number) {
        Value::String(text) => Ok(text),
        other => Err(Refused::argument(format!(
            "operand {} must be a string but is {}",
            number.saturating_add(1),
            kind(other)
        ))),
    }
}

fn whole(given: &[Value], number: usize) -> Result<i64, Refused> {
    let value = argument(given, number);
    value.as_i64().map_err(|_| {
        Refused::argument(format!(
            "operand {} must be a whole number but is {}",
            number.saturating_add(1),
            kind(value)
        ))
    })
}

/// The elements of an array or a set.
fn elements(given: &[Value], number: usize) -> Result<Vec<&Value>, Refused> {
    match argument(given, number) {
        Value::Array(items) => Ok(items.iter().collect()),
        Value::Set(items) => Ok(items.iter_sorted().collect()),
        other => Err(Refused::argument(format!(
            "operand {} must be an array or a set but is {}",
            number.saturating_add(1),
            kind(other)
        ))),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Set(_) => "a set",
        Value::Object(_) => "an object",
        Value::Undefined => "undefined",
    }
}
