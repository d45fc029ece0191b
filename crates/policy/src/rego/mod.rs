//! Rego, evaluated by `regorus` behind our own trait.
//!
//! Before the engine sees a source it is looked at ([`bounds`]), and what is newer than the engine is said in words that it
//! knows ([`rewrite`]). Compiling, and evaluating what is not shallow, happens on a thread with a stack of known size; how deep
//! a policy can go at most is known from its text ([`depth`]), because rules and functions of Rego cannot need themselves.

mod bounds;
mod builtins;
mod circle;
mod compiled;
mod convert;
mod declared;
mod depth;
mod described;
mod faults;
mod keyword;
mod rewrite;
mod shim;
mod template;

use std::sync::Arc;

use regorus::{Engine, PolicyLengthConfig};
use serde_json::Value as Json;

use crate::bounded;
use crate::fault::{Fault, What};
use crate::language::{Language, Policy};
use crate::lexer::{self, Token};
use crate::limits::Limits;
use crate::outline::Module;
use crate::source::{Source, Version};

pub use builtins::{forbidden, names as functions};

/// Rego, versions 0 and 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rego;

/// The time that compiling may take.
const COMPILING: std::time::Duration = std::time::Duration::from_secs(30);

impl Language for Rego {
    fn compile(
        &self,
        sources: &[Source],
        data: Json,
        version: Version,
        limits: &Limits,
    ) -> Result<Arc<dyn Policy>, Vec<Fault>> {
        bounded::set_clock();
        let bytes: usize = sources.iter().map(|it| it.text.len()).sum();
        if bytes > limits.sources {
            return Err(vec![Fault::new(
                What::Size,
                format!(
                    "the sources have more than {} bytes together",
                    limits.sources
                ),
            )]);
        }
        let (sources, limits) = (sources.to_vec(), limits.clone());
        let compiled = bounded::apart(COMPILING, move || {
            Ok(compile(&sources, &data, version, limits))
        });
        match compiled {
            Ok(Ok(policy)) => Ok(Arc::new(policy)),
            Ok(Err(faults)) => Err(faults),
            Err(fault) => Err(vec![fault]),
        }
    }
}

fn compile(
    sources: &[Source],
    data: &Json,
    version: Version,
    limits: Limits,
) -> Result<compiled::Compiled, Vec<Fault>> {
    let mut engine = engine(&limits).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let mut modules = Vec::new();
    let mut read: Vec<(&Source, Vec<Token>)> = Vec::new();
    let mut texts = Vec::new();
    for source in sources {
        match add(&mut engine, source, version, &limits) {
            Ok((module, tokens, text)) => {
                modules.push(module);
                texts.push(text);
                read.push((source, tokens));
            }
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if texts
        .iter()
        .any(|text: &String| text.contains("data.__builtin."))
    {
        engine.set_rego_v0(false);
        engine
            .add_policy(shim::FILE.to_owned(), shim::source())
            .map_err(|error| vec![faults::syntax(&error)])?;
    }
    circle::check(&modules, &texts).map_err(|fault| vec![fault])?;
    let depth = depth::of(&read, &modules);
    if depth.rules > limits.rules_in_a_row {
        return Err(vec![Fault::new(
            What::Size,
            format!(
                "more than {} rules need each other in a row",
                limits.rules_in_a_row
            ),
        )]);
    }
    let shallow = depth.is_shallow();
    compiled::Compiled::new(engine, modules, data, limits, shallow).map_err(|fault| vec![fault])
}

/// An engine with our functions and limits.
fn engine(limits: &Limits) -> Result<Engine, Fault> {
    let mut engine = Engine::new();
    engine.set_gather_prints(true);
    engine.set_policy_length_config(PolicyLengthConfig {
        max_col: std::num::NonZeroU32::MAX,
        max_file_bytes: std::num::NonZeroUsize::new(limits.source.saturating_mul(4).max(1))
            .unwrap_or(std::num::NonZeroUsize::MIN),
        max_lines: std::num::NonZeroUsize::new(limits.source.max(1))
            .unwrap_or(std::num::NonZeroUsize::MIN),
    });
    builtins::add(&mut engine).map_err(|message| Fault::new(What::Panic, message))?;
    Ok(engine)
}

/// Reads a source into the engine.
fn add(
    engine: &mut Engine,
    source: &Source,
    version: Version,
    limits: &Limits,
) -> Result<(Module, Vec<Token>, String), Fault> {
    if source.text.len() > limits.source {
        return Err(Fault::new(
            What::Size,
            format!("the source has more than {} bytes", limits.source),
        )
        .at(&source.name, 1, 0));
    }
    let tokens = lexer::lex(&source.text);
    bounds::check(source, &tokens, limits)?;
    let described = described::with_constants(source, &tokens, version, limits)?;
    let (source, tokens) = described.as_ref().map_or((source, tokens), |source| {
        (source, lexer::lex(&source.text))
    });
    let text = rewrite::rewritten(source, &tokens)?.into_owned();
    let first = |engine: &mut Engine, old: bool| {
        engine.set_rego_v0(old);
        engine.add_policy(source.name.clone(), text.clone())
    };
    let read = match version {
        Version::V1 => first(engine, false),
        Version::V0 => first(engine, true),
        Version::Either => first(engine, false).or_else(|error| {
            // What is said about version 1 is what whoever writes today wants to know.
            first(engine, true).map_err(|_| error)
        }),
    };
    read.map_err(|error| {
        let mut fault = faults::syntax(&error);
        if fault.place.is_none() {
            fault = fault.at(&source.name, 1, 0);
        }
        fault
    })?;
    let tree = engine
        .get_modules()
        .last()
        .map(|tree| declared::module(&source.name, tree))
        .ok_or_else(|| Fault::new(What::Syntax, "the source is empty").at(&source.name, 1, 0))?;
    Ok((tree, tokens, text))
}
