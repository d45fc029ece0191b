//! What the functions of one evaluation share: how much may be produced yet, the time, and what was refused.

use std::cell::RefCell;

use regorus::Value;
use regorus::unstable::{Expr, Ref, Span};

use super::Refused;
use crate::limits::Limits;
use crate::rego::convert::Budget;

/// How many refusals are told.
const MOST_REFUSALS: usize = 32;

/// What the functions of one evaluation share.
#[derive(Clone, Debug, Default)]
pub(in crate::rego) struct Context {
    /// How many bytes may be produced yet.
    pub(in crate::rego) produced: u64,
    /// How many values an argument may unfold to.
    pub(in crate::rego) nodes: u64,
    /// Whether a refusal ends the evaluation.
    pub(in crate::rego) strict: bool,
    /// The time, in nanoseconds since 1970.
    pub(in crate::rego) now: Option<i64>,
    /// What was refused.
    pub(in crate::rego) refused: Vec<String>,
}

impl Context {
    pub(in crate::rego) const fn new(limits: &Limits, strict: bool, now: Option<i64>) -> Self {
        Self {
            produced: limits.produced,
            nodes: limits.nodes,
            strict,
            now,
            refused: Vec::new(),
        }
    }
}

thread_local! {
    static CONTEXT: RefCell<Context> = RefCell::new(Context::default());
    static PLACES: RefCell<Option<(Span, Vec<Ref<Expr>>)>> = const { RefCell::new(None) };
}

/// Works with this context, and gives back what became of it.
pub(in crate::rego) fn entered<T>(context: Context, work: impl FnOnce() -> T) -> (T, Context) {
    CONTEXT.with(|place| place.replace(context));
    let done = work();
    let left = CONTEXT.with(RefCell::take);
    (done, left)
}

/// Notes a refusal, and says whether it ends the evaluation.
pub(super) fn refused(words: &str) -> bool {
    CONTEXT.with(|place| {
        let mut context = place.borrow_mut();
        if context.refused.len() < MOST_REFUSALS && !context.refused.iter().any(|it| it == words) {
            context.refused.push(words.to_owned());
        }
        context.strict
    })
}

/// The time that the policy reads.
pub(super) fn now() -> Option<i64> {
    CONTEXT.with(|place| place.borrow().now)
}

/// Takes off so many bytes that are to be produced.
pub(super) fn produce(bytes: usize) -> Result<(), Refused> {
    CONTEXT.with(|place| {
        let mut context = place.borrow_mut();
        let left = u64::try_from(bytes)
            .ok()
            .and_then(|bytes| context.produced.checked_sub(bytes));
        match left {
            Some(left) => {
                context.produced = left;
                Ok(())
            }
            None => Err(Refused::Memory(
                "the policy would produce more than it may".to_owned(),
            )),
        }
    })
}

/// Counts the bytes of arguments, with all that they unfold to, and takes them off.
pub(super) fn counted(given: &[Value]) -> Result<(), Refused> {
    let (nodes, produced) = CONTEXT.with(|place| {
        let context = place.borrow();
        (context.nodes, context.produced)
    });
    let mut budget = Budget::new(nodes, produced);
    for value in given {
        budget
            .count(value)
            .map_err(|_| Refused::Memory("an argument is larger than it may be".to_owned()))?;
    }
    let bytes = budget.used(nodes, produced);
    produce(bytes)
}

/// A place that stands for none, which functions of the engine want for their messages.
pub(super) fn with_places<T>(
    arguments: usize,
    work: impl FnOnce(&Span, &[Ref<Expr>]) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    PLACES.with(|cell| {
        let mut cell = cell.borrow_mut();
        let (span, parameters) = match &mut *cell {
            Some(places) => places,
            empty => {
                let source = regorus::Source::from_contents(String::new(), "_ ".to_owned())?;
                let span = Span {
                    source,
                    line: 1,
                    col: 1,
                    start: 0,
                    end: 1,
                };
                empty.insert((span, Vec::new()))
            }
        };
        while parameters.len() < arguments {
            parameters.push(Ref::new(Expr::Null {
                span: span.clone(),
                value: Value::Null,
                eidx: 0,
            }));
        }
        work(span, parameters.get(..arguments).unwrap_or_default())
    })
}
