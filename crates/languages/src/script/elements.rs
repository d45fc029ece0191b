//! Functions that are handed the elements of a list: `list.forEach((one) => …)`.

use super::scope::{FunctionAt, Scopes, Step, What};
use super::syntax::{Expr, Pattern};

impl<'t> Scopes<'t> {
    /// Makes the first parameter of a function what a list holds: `list.forEach((one) => …)`.
    pub(super) fn fill_with_elements(&mut self, number: usize, of: &'t Expr<'t>) {
        let Some(FunctionAt { function, scope }) = self.functions.get(number).copied() else {
            return;
        };
        let Some(first) = function.parameters.first() else {
            return;
        };
        self.element(&first.pattern, of, scope, &mut Vec::new());
    }

    fn element(
        &mut self,
        pattern: &'t Pattern<'t>,
        of: &'t Expr<'t>,
        scope: usize,
        steps: &mut Vec<Step<'t>>,
    ) {
        match pattern {
            Pattern::Name(name, _) => {
                let number = self.scopes.get(scope).and_then(|at| at.names.get(name));
                let Some(number) = number.copied() else {
                    return;
                };
                if let Some(binding) = self.bindings.get_mut(number)
                    && let What::Parameter { function, .. } = &binding.what
                    && function.is_empty()
                {
                    binding.what = What::Element {
                        of,
                        steps: steps.clone(),
                    };
                    binding.known = None;
                }
            }
            Pattern::Default(inner, _) => self.element(inner, of, scope, steps),
            Pattern::Object(entries) => {
                for (key, inner) in entries {
                    steps.push(Step::Key(key));
                    self.element(inner, of, scope, steps);
                    steps.pop();
                }
            }
            Pattern::Array(_) => {}
        }
    }
}
