//! Policies as users write them, and as attackers do.
#![expect(
    clippy::disallowed_methods,
    reason = "tests measure that limits end what they are to end"
)]

mod conventions;
mod described;
mod hostile;
mod newer;
mod unit;

use serde_json::{Value, json};
use stance_policy::rego::Rego;
use stance_policy::{Bundle, Fault, Limits, Source, Version};

/// Compiles one source.
fn compile(text: &str) -> Result<Bundle, Vec<Fault>> {
    within(text, &Limits::default())
}

fn within(text: &str, limits: &Limits) -> Result<Bundle, Vec<Fault>> {
    let sources = [Source::new("policy.rego", text)];
    Bundle::compile(&Rego, &sources, json!({}), Version::Either, limits)
}

fn bundle(text: &str) -> Bundle {
    compile(text).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The value of `data.t.p`.
fn value(text: &str) -> Result<Option<Value>, Fault> {
    let bundle = bundle(text);
    let rules = ["data.t.p".to_owned()];
    bundle
        .policy
        .evaluate(&stance_policy::Asked::new(&rules, Some(&json!({}))))
        .map(|evaluation| evaluation.values.into_iter().next().flatten())
}
