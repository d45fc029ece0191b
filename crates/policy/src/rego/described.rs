//! `rego.metadata.rule()` and `rego.metadata.chain()`: what stands in METADATA blocks, put into the text as constants.

use regorus::Engine;

use super::{declared, faults, rewrite};
use crate::fault::Fault;
use crate::lexer::Token;
use crate::limits::Limits;
use crate::metadata;
use crate::source::{Source, Version};

/// The source with constants in place of such calls, or none if it has no such calls.
pub(super) fn with_constants(
    source: &Source,
    tokens: &[Token],
    version: Version,
    limits: &Limits,
) -> Result<Option<Source>, Fault> {
    let text = &source.text;
    let words: Vec<&str> = tokens.iter().map(|it| it.text(text)).collect();
    let calls: Vec<usize> = words
        .windows(7)
        .enumerate()
        .filter(|(_, window)| {
            matches!(
                window,
                ["rego", ".", "metadata", ".", "rule" | "chain", "(", ")"]
            )
        })
        .map(|(at, _)| at)
        .collect();
    if calls.is_empty() {
        return Ok(None);
    }
    let mut engine = Engine::new();
    let known = rewrite::rewritten(source, tokens)?.into_owned();
    let old = matches!(version, Version::V0);
    engine.set_rego_v0(old);
    let read = engine
        .add_policy(source.name.clone(), known.clone())
        .or_else(|error| {
            if version == Version::Either {
                engine.set_rego_v0(true);
                return engine
                    .add_policy(source.name.clone(), known)
                    .map_err(|_| error);
            }
            Err(error)
        });
    read.map_err(|error| faults::syntax(&error))?;
    let Some(tree) = engine.get_modules().last() else {
        return Ok(None);
    };
    let module = declared::module(&source.name, tree);
    let (blocks, _) = metadata::read(source, tokens, &module, limits);
    let mut new = String::new();
    let mut taken = 0;
    for at in calls {
        let (Some(first), Some(last)) = (tokens.get(at), tokens.get(at.saturating_add(6))) else {
            continue;
        };
        let rule = module
            .rules
            .iter()
            .rposition(|rule| (rule.line, rule.column) <= (first.line, first.column));
        let constant = match (words.get(at.saturating_add(4)), rule) {
            (Some(&"rule"), Some(rule)) => metadata::of_rule(&blocks, rule),
            (_, Some(rule)) => metadata::chain(&blocks, &module, rule),
            _ => serde_json::json!([]),
        };
        new.push_str(text.get(taken..first.range.start).unwrap_or_default());
        new.push_str(&constant.to_string());
        let between = text
            .get(first.range.start..last.range.end)
            .unwrap_or_default();
        new.extend(between.chars().filter(|it| *it == '\n'));
        taken = last.range.end;
    }
    new.push_str(text.get(taken..).unwrap_or_default());
    Ok(Some(Source::new(source.name.clone(), new)))
}
