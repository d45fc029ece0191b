//! What a source declares, from the engine's syntax tree.

use regorus::unstable::{Expr, Module as Tree, Ref, Rule as Node, RuleHead};

use crate::outline::{Form, Import, Module, Rule};
use crate::source::Version;

/// The outline of a source that the engine read.
pub(super) fn module(file: &str, tree: &Tree) -> Module {
    Module {
        file: file.to_owned(),
        version: if tree.rego_v1 {
            Version::V1
        } else {
            Version::V0
        },
        package: parts(&tree.package.refr),
        line: tree.package.span.line,
        imports: tree
            .imports
            .iter()
            .map(|import| {
                let path = parts(&import.refr);
                Import {
                    name: import.r#as.as_ref().map_or_else(
                        || path.last().cloned().unwrap_or_default(),
                        |name| name.text().to_owned(),
                    ),
                    path,
                    line: import.span.line,
                }
            })
            .collect(),
        rules: tree.policy.iter().map(|node| rule(node)).collect(),
    }
}

fn rule(node: &Node) -> Rule {
    let (refr, form, default) = match node {
        Node::Spec { head, .. } => match head {
            RuleHead::Compr { refr, .. } => (refr, Form::Value, false),
            RuleHead::Set { refr, .. } => (refr, Form::Set, false),
            RuleHead::Func { refr, .. } => (refr, Form::Function, false),
        },
        Node::Default { refr, args, .. } => {
            let form = if args.is_empty() {
                Form::Value
            } else {
                Form::Function
            };
            (refr, form, true)
        }
    };
    let span = node.span();
    Rule {
        name: parts(refr),
        form,
        default,
        line: span.line,
        column: span.col,
    }
}

/// The constant parts that a reference begins with.
fn parts(refr: &Ref<Expr>) -> Vec<String> {
    let mut reversed = Vec::new();
    let mut at = refr.clone();
    loop {
        let next = match at.as_ref() {
            Expr::Var { span, .. } => {
                reversed.push(Some(super::keyword::original(span.text()).to_owned()));
                break;
            }
            Expr::RefDot { refr, field, .. } => {
                reversed.push(Some(field.0.text().to_owned()));
                refr.clone()
            }
            Expr::RefBrack { refr, index, .. } => {
                reversed.push(match index.as_ref() {
                    Expr::String { value, .. } => value.as_string().ok().map(ToString::to_string),
                    _ => None,
                });
                refr.clone()
            }
            _ => break,
        };
        at = next;
    }
    reversed.reverse();
    reversed.into_iter().map_while(|part| part).collect()
}
