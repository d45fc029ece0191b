//! Every call of a file with the moment at which it runs: when the file is imported, or in
//! which function. For code that a loader imports, where the moment decides.

use std::collections::BTreeSet;

use stance_core::fact::Value;

use super::Dialect;
use super::known::Known;
use super::parts;
use super::sink::{CallSite, Sink, TextRole};
use super::syntax::{Expr, ExprKind, Function, Module, Span, Stmt};

/// Most calls of one file that are kept.
const CALLS: usize = 20_000;
/// Most values that the arguments of all these calls are told by, a long text counting as several.
const VALUES: usize = 200_000;

/// What stands for a function around a block that only runs when the file is started.
pub(crate) const MAIN: &str = "__main__";

/// The name that tells whether a file was started.
const NAME: &str = "__name__";

/// A call and when it runs.
#[derive(Debug)]
pub(crate) struct Run {
    /// The dotted callee, see [`stance_core::fact::CodeCall`].
    pub(crate) callee: String,
    /// The arguments in order, with their keywords.
    pub(crate) arguments: Vec<(Option<String>, Value)>,
    /// The function in whose body it stands, [`MAIN`] in a block that only runs when the file is started; none when
    /// the module is imported.
    pub(crate) function: Option<String>,
    /// Whether it runs when the module is imported, by itself or through functions of the file.
    pub(crate) at_import: bool,
    /// Whether nothing is done with the result.
    pub(crate) bare: bool,
    pub(crate) span: Span,
}

/// The calls of a source, in the order in which they are walked; also whether some were left out.
pub(crate) fn runs(source: &str) -> (Vec<Run>, bool) {
    let listener = Listener {
        left: VALUES,
        ..Listener::default()
    };
    let walked = parts::walk(source, Dialect::Plain, listener);
    let incomplete =
        walked.error.is_some() || walked.too_deep.is_some() || walked.cut.is_some() || walked.full;
    let mut found = walked.sink.found;
    // A file that says itself what it is called, or may, decides about such a block.
    let told = ["globals", "sys.modules", "'__name__'", "\"__name__\""];
    if walked.sink.renamed || told.iter().any(|way| source.contains(way)) {
        for run in found
            .iter_mut()
            .filter(|run| run.function.as_deref() == Some(MAIN))
        {
            (run.function, run.at_import) = (None, true);
        }
    }
    spread(&mut found);
    (found, incomplete || walked.sink.full)
}

#[derive(Default)]
struct Listener {
    found: Vec<Run>,
    function: Option<String>,
    /// Where the callees of calls stand whose results nobody takes.
    bare: BTreeSet<usize>,
    full: bool,
    /// How many blocks around the statement at hand only run when the file is started.
    main: u32,
    /// Whether the file binds [`NAME`] itself.
    renamed: bool,
    /// Values that may still be told.
    left: usize,
}

impl Sink for Listener {
    fn begins(&mut self, module: &Module) {
        self.function = None;
        self.main = 0;
        self.bare = bare_calls(module);
    }

    fn import(&mut self, _module: &str, _span: &Span) {}

    fn call(&mut self, site: &CallSite<'_>) {
        if self.found.len() >= CALLS || self.left == 0 {
            self.full = true;
            return;
        }
        let arguments = site
            .arguments
            .iter()
            .take(16)
            .map(|given| {
                let value = given.value.value(&mut self.left);
                (given.name.map(str::to_owned), value)
            })
            .collect();
        self.full |= self.left == 0;
        self.found.push(Run {
            callee: site.callee.to_owned(),
            arguments,
            at_import: self.function.is_none() && self.main == 0,
            function: match &self.function {
                None if self.main > 0 => Some(MAIN.to_owned()),
                function => function.clone(),
            },
            bare: self.bare.contains(&site.callee_span.start),
            span: site.callee_span.clone(),
        });
    }

    fn decorated(&mut self, site: &CallSite<'_>, _function: &Function) {
        self.call(site);
    }

    fn text(&mut self, _text: &str, _role: TextRole<'_>, _span: &Span) {}

    fn environment(&mut self, _variable: &str, _span: &Span) {}

    fn constant(&mut self, _name: &str, _value: &Known, _name_span: &Span, _in_class: bool) {}

    fn enters(&mut self, function: &Function) {
        self.function = Some(function.name.clone());
    }

    fn enters_main(&mut self) {
        self.main = self.main.saturating_add(1);
    }

    fn leaves_main(&mut self) {
        self.main = self.main.saturating_sub(1);
    }

    fn binds(&mut self, name: &str) {
        self.renamed |= name == NAME;
    }

    fn has_enough(&self) -> bool {
        self.full
    }

    /// Ways around an import or a name: `__import__("os")`, `getattr(os, "system")`.
    fn result(&mut self, site: &CallSite<'_>) -> Option<Known> {
        let given = |at: usize| site.arguments.get(at).map(|given| &given.value);
        let callee = site.callee.trim_start_matches("builtins.");
        match callee {
            "__import__" | "importlib.import_module" | "importlib.__import__" => match given(0)? {
                Known::Text { text, .. } if !text.starts_with('.') => {
                    let module = match callee {
                        "__import__" => text.split('.').next().unwrap_or_default(),
                        _ => text,
                    };
                    Some(Known::path(module))
                }
                _ => None,
            },
            "getattr" => match (given(0)?, given(1)?) {
                (base @ (Known::Path { .. } | Known::Object(_)), Known::Text { text, .. }) => {
                    Some(base.member(text))
                }
                _ => None,
            },
            "functools.partial" | "functools.partialmethod" => match given(0)? {
                path @ Known::Path { .. } => Some(path.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Where the callees stand of calls that are statements by themselves.
fn bare_calls(module: &Module) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&[Stmt]> = vec![&module.body];
    while let Some(body) = open.pop() {
        for statement in body {
            match statement {
                Stmt::Effects(all) => found.extend(all.iter().filter_map(callee)),
                Stmt::Blocks { blocks, .. } => open.extend(blocks.iter().map(Vec::as_slice)),
                Stmt::Main(body) => open.push(body),
                Stmt::Class(class) => open.push(&class.body),
                Stmt::Function(function) => open.push(&function.body),
                Stmt::With { body, .. } | Stmt::For { body, .. } => open.push(body),
                _ => {}
            }
        }
    }
    found
}

fn callee(expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Call(call) => Some(call.function.span.start),
        _ => None,
    }
}

/// Marks what runs at import because a function of the file is called there.
fn spread(found: &mut [Run]) {
    let mut reached: BTreeSet<String> = BTreeSet::new();
    // Each round reaches one function more, or ends it.
    for _ in 0..8 {
        let mut more = false;
        for run in found.iter().filter(|run| run.at_import) {
            let own = run.callee.trim_start_matches('.').trim_end_matches("()");
            let last = own.rsplit('.').next().unwrap_or_default();
            if run.callee.starts_with('.') && !reached.contains(last) {
                more |= reached.insert(last.to_owned());
            }
        }
        if !more {
            return;
        }
        for run in found.iter_mut() {
            let inside = run.function.as_ref();
            run.at_import |= inside.is_some_and(|function| reached.contains(function));
        }
    }
}
