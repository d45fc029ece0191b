//! Calls whose result is known without running them.

use std::collections::BTreeMap;

use super::known::Known;
use super::sink::{Given, Sink};
use super::syntax::{Expr, ExprKind, FormatPart, Span};
use super::walk::Walk;

impl<'t, S: Sink> Walk<'t, S> {
    /// Calls whose result is known without running them.
    pub(super) fn special(
        &mut self,
        callee: &str,
        base: Option<&(Known, &str)>,
        arguments: &[Given<'_>],
        span: &Span,
    ) -> Option<Known> {
        let argument = |at: usize, name: &str| {
            arguments
                .iter()
                .find(|argument| argument.name == Some(name))
                .or_else(|| {
                    arguments
                        .iter()
                        .filter(|argument| argument.name.is_none())
                        .nth(at)
                })
                .map(|argument| &argument.value)
        };
        match callee {
            "os.getenv" | "os.environ.get" | "os.environ.setdefault" | "os.environ.pop" => {
                let variable = argument(0, "key")?.clone();
                let default = argument(1, "default").cloned();
                return Some(self.environment(&variable, default.as_ref(), span));
            }
            "textwrap.dedent" | "inspect.cleandoc" | "textwrap.fill" => {
                return argument(0, "text").cloned();
            }
            "str" | "pydantic.SecretStr" | "typing.cast" => {
                let last = arguments.last()?;
                return Some(last.value.clone());
            }
            // What a text of somebody else says is still theirs once it is parsed.
            "json.loads" => {
                let text = argument(0, "s")?;
                return text.comes_from_outside().then(|| text.clone());
            }
            "dict" => {
                let fields = arguments
                    .iter()
                    .filter_map(|it| Some((it.name?.to_owned(), it.value.clone())))
                    .collect();
                return Some(Known::map(fields));
            }
            "pydantic.Field" | "dataclasses.field" | "typer.Option" | "typer.Argument"
            | "fastapi.Query" | "fastapi.Body" => {
                return Some(argument(0, "default")?.as_default());
            }
            _ => {}
        }
        let (base, method) = base?;
        match (base, *method) {
            (Known::Map(map), "get") => {
                let key = argument(0, "key")?;
                let Known::Text { text, .. } = key else {
                    return Some(Known::Unknown);
                };
                let found = map.content.get(&**text).map(Known::followed);
                Some(
                    found
                        .or_else(|| argument(1, "default").cloned())
                        .unwrap_or(Known::Unknown),
                )
            }
            // `config["x"].get("model", "default")`
            (Known::Path { path, .. }, "get") if path.starts_with('?') => {
                let default = argument(1, "default")?;
                matches!(default, Known::Text { .. }).then(|| default.as_default())
            }
            (Known::Text { .. } | Known::Environment { .. }, "strip" | "rstrip" | "lstrip") => {
                Some(base.clone())
            }
            (Known::Text { .. }, "format") => {
                let values = arguments.iter().map(|it| it.value.clone());
                let all = [base.clone()].into_iter().chain(values);
                Some(Known::joined(all.collect()))
            }
            // Lines and words put together: what the list holds is in the text.
            (Known::Text { .. }, "join") => match argument(0, "iterable") {
                Some(Known::List(list)) => Some(Known::joined(list.content.clone())),
                Some(one @ (Known::Path { .. } | Known::Object(_))) => {
                    Some(Known::joined(vec![base.clone(), one.clone()]))
                }
                _ => Some(Known::Unknown),
            },
            (
                Known::Joined(_),
                "strip" | "rstrip" | "lstrip" | "lower" | "upper" | "replace" | "encode",
            ) => Some(base.clone()),
            (_, "add_argument") => {
                self.declare_option(arguments);
                None
            }
            _ => None,
        }
    }

    /// `{"role": "system", "content": f"You are {name}."}`
    pub(super) fn tell_system_message(
        &mut self,
        items: &'t [(Option<Expr>, Expr)],
        map: &BTreeMap<String, Known>,
    ) {
        let system = matches!(map.get("role"), Some(Known::Text { text, .. }) if matches!(&**text, "system" | "developer"));
        if !system {
            return;
        }
        for (key, value) in items {
            let named =
                matches!(key, Some(Expr { kind: ExprKind::Text(key), .. }) if key == "content");
            if let (true, ExprKind::Format(parts)) = (named, &value.kind) {
                let text: String = parts
                    .iter()
                    .map(|part| match part {
                        FormatPart::Text(text) => text.as_str(),
                        _ => "{}",
                    })
                    .collect();
                self.sink.system_message(&text, &value.span);
            }
        }
    }

    /// `add_argument("--model", default="x")`
    pub(super) fn declare_option(&mut self, arguments: &[Given<'_>]) {
        let default = arguments.iter().find(|it| it.name == Some("default"));
        let destination = arguments.iter().find(|it| it.name == Some("dest"));
        let names = arguments.iter().filter(|it| it.name.is_none());
        if let Some(default) = default {
            for name in names.chain(destination) {
                if let Known::Text { text, .. } = &name.value {
                    let key = text.trim_start_matches('-').replace('-', "_");
                    self.options.insert(key, default.value.clone());
                }
            }
        }
    }
}
