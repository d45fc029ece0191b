//! A compiled policy: engines that were made ready once and are used again.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use regorus::Engine;
use regorus::utils::limits::ExecutionTimerConfig;
use serde_json::Value as Json;

use super::builtins::{Context, entered};
use super::convert::{Budget, rego};
use super::{faults, rewrite};
use crate::bounded;
use crate::fault::{Fault, What};
use crate::language::{Asked, Evaluation, Lines, Policy};
use crate::limits::Limits;
use crate::outline::Module;

/// How many looks the engine leaves out between two at the clock.
const STRIDE: NonZeroU32 = match NonZeroU32::new(32) {
    Some(stride) => stride,
    None => NonZeroU32::MIN,
};

/// How many engines wait for the next to ask.
const MOST_ENGINES: usize = 64;

pub(super) struct Compiled {
    modules: Vec<Module>,
    shallow: bool,
    limits: Limits,
    inner: Arc<Inner>,
}

struct Inner {
    /// Made ready, asked by nobody; copies are cheap.
    first: Mutex<Engine>,
    /// Those that were asked and can be asked again.
    waiting: Mutex<Vec<Engine>>,
    data: regorus::Value,
}

/// What is asked, on its way to another thread.
struct Question {
    input: Option<regorus::Value>,
    over: Option<regorus::Value>,
    now: Option<i64>,
    strict: bool,
    coverage: bool,
    limits: Limits,
}

impl Compiled {
    /// Makes an engine ready that has read all modules.
    pub(super) fn new(
        mut engine: Engine,
        modules: Vec<Module>,
        data: &Json,
        limits: Limits,
        shallow: bool,
    ) -> Result<Self, Fault> {
        let said = |error: anyhow::Error| faults::fault(&error, limits.time);
        let data = rego(data);
        engine.add_data(data.clone()).map_err(said)?;
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: std::time::Duration::from_secs(20),
            check_interval: STRIDE,
        });
        if !modules.is_empty() {
            // A query makes the engine ready; it looks at schedules, bindings and defaults of all rules.
            let (ready, _) = entered(Context::new(&limits, false, None), || {
                engine.eval_query("true".to_owned(), false)
            });
            ready.map_err(said)?;
        }
        Ok(Self {
            modules,
            shallow,
            limits,
            inner: Arc::new(Inner {
                first: Mutex::new(engine),
                waiting: Mutex::default(),
                data,
            }),
        })
    }

    fn question(&self, asked: &Asked<'_>) -> Question {
        Question {
            input: asked.input.map(rego),
            over: asked.data.map(rego),
            now: asked.now,
            strict: asked.strict,
            coverage: asked.coverage,
            limits: asked.limits.unwrap_or(&self.limits).clone(),
        }
    }

    fn run<T: Send + 'static>(
        &self,
        asked: &Asked<'_>,
        work: impl FnOnce(&mut Engine, &Question) -> Result<T, Fault> + Send + 'static,
    ) -> Result<(T, Context), Fault> {
        let question = self.question(asked);
        let here = asked.here && self.shallow;
        let inner = Arc::clone(&self.inner);
        let time = question.limits.time;
        let run = move || inner.run(&question, work);
        if here {
            bounded::caught(run)
        } else {
            bounded::apart(time, run)
        }
    }
}

impl Inner {
    fn run<T>(
        &self,
        question: &Question,
        work: impl FnOnce(&mut Engine, &Question) -> Result<T, Fault>,
    ) -> Result<(T, Context), Fault> {
        let waiting = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut engine = waiting.unwrap_or_else(|| {
            self.first
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        });
        let limits = &question.limits;
        engine.set_input(question.input.clone().unwrap_or(regorus::Value::Undefined));
        engine.set_execution_timer_config(ExecutionTimerConfig {
            limit: limits.time,
            check_interval: STRIDE,
        });
        engine.set_strict_builtin_errors(question.strict);
        // What is put over the data, or watched, is of this evaluation alone: such an engine is thrown away.
        let alone = question.over.is_some() || question.coverage;
        if let Some(over) = &question.over {
            engine.clear_data();
            let mut data = self.data.clone();
            put(&mut data, over);
            engine
                .add_data(data)
                .map_err(|error| faults::fault(&error, limits.time))?;
        }
        engine.set_enable_coverage(question.coverage);
        let context = Context::new(limits, question.strict, question.now);
        let (done, context) = entered(context, || work(&mut engine, question));
        if !alone && done.is_ok() {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() < MOST_ENGINES {
                waiting.push(engine);
            }
        }
        Ok((done?, context))
    }
}

/// Puts the entries of one object over those of another.
fn put(data: &mut regorus::Value, over: &regorus::Value) {
    if let (Ok(entries), Ok(new)) = (data.as_object_mut(), over.as_object()) {
        for (key, value) in new.iter() {
            match entries.get_mut(key) {
                Some(old) if old.as_object().is_ok() && value.as_object().is_ok() => {
                    // Data is JSON that was read within bounds, so it is not deep.
                    put(old, value);
                }
                _ => {
                    entries.insert(key.clone(), value.clone());
                }
            }
        }
    }
}

fn too_much(_: super::convert::TooMuch) -> Fault {
    Fault::new(What::Memory, "the result is larger than it may be")
}

impl Policy for Compiled {
    fn modules(&self) -> &[Module] {
        &self.modules
    }

    fn evaluate(&self, asked: &Asked<'_>) -> Result<Evaluation, Fault> {
        let rules = asked.rules.to_vec();
        let (mut evaluation, context) = self.run(asked, move |engine, question| {
            let limits = &question.limits;
            let mut evaluation = Evaluation::default();
            let mut budget = Budget::new(limits.nodes, limits.produced);
            for rule in rules {
                let value = engine
                    .eval_rule(rule)
                    .map_err(|error| faults::fault(&error, limits.time))?;
                evaluation
                    .values
                    .push(budget.json(&value).map_err(too_much)?);
            }
            evaluation.prints = engine.take_prints().unwrap_or_default();
            if question.coverage {
                evaluation.coverage = coverage(engine)?;
            }
            Ok(evaluation)
        })?;
        evaluation.refused = context.refused;
        Ok(evaluation)
    }

    fn query(&self, query: &str, asked: &Asked<'_>) -> Result<Vec<Json>, Fault> {
        let query = rewrite::query(query)?.into_owned();
        if query.len() > self.limits.source {
            return Err(Fault::new(What::Size, "the query is too long"));
        }
        let source = crate::Source::new("query", query.clone());
        super::bounds::check(&source, &crate::lexer::lex(&query), &self.limits)?;
        let (bindings, _) = self.run(asked, move |engine, question| {
            let limits = &question.limits;
            let results = engine
                .eval_query(query, false)
                .map_err(|error| faults::fault(&error, limits.time))?;
            let mut budget = Budget::new(limits.nodes, limits.produced);
            results
                .result
                .iter()
                .filter(|result| {
                    // A query with an undefined part has no results.
                    !result.expressions.iter().any(|it| {
                        matches!(
                            it.value,
                            regorus::Value::Undefined | regorus::Value::Bool(false)
                        )
                    })
                })
                .map(|result| {
                    budget
                        .json(&result.bindings)
                        .map(|it| it.unwrap_or(Json::Null))
                        .map_err(too_much)
                })
                .collect::<Result<Vec<_>, _>>()
        })?;
        Ok(bindings)
    }
}

fn coverage(engine: &Engine) -> Result<Vec<Lines>, Fault> {
    let report = engine
        .get_coverage_report()
        .map_err(|error| Fault::new(What::Evaluation, error.to_string()))?;
    Ok(report
        .files
        .into_iter()
        .filter(|file| file.path != super::shim::FILE)
        .map(|file| Lines {
            file: file.path,
            covered: file.covered.into_iter().collect(),
            missed: file.not_covered.into_iter().collect(),
        })
        .collect())
}
