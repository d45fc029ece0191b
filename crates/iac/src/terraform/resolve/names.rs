//! What names mean in a module: its variables, locals, calls of others, data and resources.

use std::sync::Arc;

use super::{Resolver, bracket, scope};
use crate::evaluate::evaluate;
use crate::expression::Step;
use crate::terraform::policy;
use crate::value::{Node, Reference, Span, Value, Why};

impl Resolver<'_, '_> {
    pub(super) fn variable(&mut self, name: &Arc<str>, span: Span) -> Node {
        let at = self.current;
        self.once(at, 0, name, span, |this| {
            let caller = this.instances.get(at).and_then(|one| one.caller.clone());
            let names = this.here();
            if let Some((parent, call, bound)) = caller {
                if let Some(value) = call.body.get(name) {
                    let node = this.within(parent, bound, |this| evaluate(this, value));
                    if !node.is_null() {
                        return node;
                    }
                }
            } else if let Some(value) = names.and_then(|names| names.values.get(&**name)) {
                return this.within(at, Vec::new(), |this| evaluate(this, value));
            }
            let block = names.and_then(|names| names.variables.get(&**name));
            match block.and_then(|block| block.body.get("default")) {
                Some(default) => this.within(at, Vec::new(), |this| evaluate(this, default)),
                None => Node::unknown(Why::Input, format!("var.{name}"), span),
            }
        })
    }

    pub(super) fn local(&mut self, name: &Arc<str>, span: Span) -> Node {
        let at = self.current;
        let found = self
            .here()
            .and_then(|names| names.locals.get(&**name))
            .copied();
        let Some(value) = found else {
            return Node::unknown(Why::Mistake, format!("local.{name}"), span);
        };
        self.once(at, 1, name, span, |this| {
            this.within(at, Vec::new(), |this| evaluate(this, value))
        })
    }

    pub(super) fn output(&mut self, at: usize, name: &Arc<str>, span: Span) -> Node {
        let instance = self.instances.get(at).map(|one| one.directory);
        let names = instance.and_then(|directory| self.names.get(directory));
        let block = names.and_then(|names| names.outputs.get(&**name)).copied();
        let Some(value) = block.and_then(|block| block.body.get("value")) else {
            return Node::unknown(Why::Mistake, format!("output {name}"), span);
        };
        self.once(at, 2, name, span, |this| {
            this.within(at, Vec::new(), |this| evaluate(this, value))
        })
    }

    pub(super) fn module(&mut self, steps: &[Step], span: Span) -> (Node, usize) {
        let Some(Step::Attribute(name, _)) = steps.first() else {
            return (Node::unknown(Why::Mistake, "module", span), steps.len());
        };
        let children = self.children(self.current, name);
        let mut used = 1;
        let mut child = match children.as_slice() {
            [(None, only)] => Some(*only),
            _ => None,
        };
        if let Some(Step::Index(index)) = steps.get(1) {
            let index = evaluate(self, index).scalar();
            let found = children
                .iter()
                .find(|(key, _)| index.is_some() && key.as_ref().and_then(Node::scalar) == index);
            child = found.map(|(_, at)| *at);
            used = 2;
        }
        let Some(Step::Attribute(attribute, _)) = steps.get(used) else {
            let written = format!("module.{name}");
            return (Node::unknown(Why::Elsewhere, written, span), steps.len());
        };
        match child {
            Some(at) => (self.output(at, attribute, span), used.saturating_add(1)),
            None => {
                let written = format!("module.{name}.{attribute}");
                (Node::unknown(Why::Elsewhere, written, span), steps.len())
            }
        }
    }

    pub(super) fn data(&mut self, steps: &[Step], span: Span) -> (Node, usize) {
        let (Some(Step::Attribute(kind, _)), Some(Step::Attribute(name, _))) =
            (steps.first(), steps.get(1))
        else {
            return (Node::unknown(Why::Mistake, "data", span), steps.len());
        };
        let mut used = 2;
        if let Some(Step::Index(_)) = steps.get(used) {
            used = 3;
        }
        let attribute = match steps.get(used) {
            Some(Step::Attribute(attribute, _)) => &**attribute,
            _ => "",
        };
        let block = self
            .here()
            .and_then(|names| names.data.get(&(&**kind, &**name)));
        if let ("aws_iam_policy_document", "json" | "minified_json", Some(block)) =
            (&**kind, attribute, block)
        {
            let block = *block;
            let at = self.current;
            let key: Arc<str> = format!("data.{kind}.{name}").into();
            let node = self.once(at, 3, &key, span, |this| {
                let bound = vec![scope("count", "index", Node::new(Value::Number(0.0), span))];
                let body = this.within(at, bound, |this| this.body(&block.body, block.span, 0));
                Node::new(Value::json(policy::document(&body)), block.span)
            });
            return (node, used.saturating_add(1));
        }
        let written = format!("data.{kind}.{name}.{attribute}");
        (Node::unknown(Why::Outside, written, span), steps.len())
    }

    pub(super) fn reference(
        &mut self,
        kind: &Arc<str>,
        steps: &[Step],
        span: Span,
    ) -> (Node, usize) {
        let Some(Step::Attribute(name, _)) = steps.first() else {
            return (
                Node::unknown(Why::Mistake, Arc::clone(kind), span),
                steps.len(),
            );
        };
        let prefix = self
            .instances
            .get(self.current)
            .map(|one| one.prefix.as_str());
        let mut address = format!("{}{kind}.{name}", prefix.unwrap_or_default());
        let mut used = 1;
        let mut indexed = false;
        if let Some(Step::Index(index)) = steps.get(1) {
            let index = evaluate(self, index);
            address.push_str(&bracket(Some(&index)));
            used = 2;
            indexed = true;
        }
        let mut reference = Reference {
            address: address.into(),
            attribute: "".into(),
        };
        let block = self
            .here()
            .and_then(|names| names.by_address.get(&(&**kind, &**name)))
            .copied();
        if let Some(Step::Attribute(attribute, _)) = steps.get(used) {
            used = used.saturating_add(1);
            reference.attribute = Arc::clone(attribute);
            let body = block.map(|block| &block.body);
            let body = body.filter(|body| {
                !indexed && body.get("count").is_none() && body.get("for_each").is_none()
            });
            if let Some(value) = body.and_then(|body| body.get(attribute)) {
                let at = self.current;
                let key: Arc<str> = format!("{kind}.{name}.{attribute}").into();
                let mut node = self.once(at, 4, &key, span, |this| {
                    this.within(at, Vec::new(), |this| evaluate(this, value))
                });
                node.from = Some(Arc::new(reference));
                return (node, used);
            }
        }
        (Node::new(Value::Reference(Arc::new(reference)), span), used)
    }
}
