//! Statements: what is declared, imported, exported and run.

use std::borrow::Cow;

use oxc_ast::ast as js;

use super::{Convert, span, text_of_name, type_name};
use crate::script::syntax::{Expr, ExprKind, Imported, Stmt};

impl Convert {
    pub(super) fn statements<'a>(
        &mut self,
        all: &[js::Statement<'a>],
        depth: u32,
    ) -> Vec<Stmt<'a>> {
        let mut found = Vec::new();
        for one in all {
            self.statement(one, depth, &mut found);
        }
        found
    }

    pub(super) fn nested<'a>(&mut self, one: &js::Statement<'a>, depth: u32) -> Stmt<'a> {
        let mut found = Vec::new();
        self.statement(one, depth, &mut found);
        Stmt::Block(found)
    }

    pub(super) fn statement<'a>(
        &mut self,
        one: &js::Statement<'a>,
        depth: u32,
        found: &mut Vec<Stmt<'a>>,
    ) {
        let Some(depth) = self.deeper(depth) else {
            return;
        };
        match one {
            js::Statement::BlockStatement(block) => {
                found.push(Stmt::Block(self.statements(&block.body, depth)));
            }
            js::Statement::ExpressionStatement(effect) => {
                found.push(Stmt::Effect(self.expression(&effect.expression, depth)));
            }
            js::Statement::ReturnStatement(returned) => {
                if let Some(value) = &returned.argument {
                    found.push(Stmt::Return(self.expression(value, depth)));
                }
            }
            js::Statement::IfStatement(branch) => {
                found.push(Stmt::Effect(self.expression(&branch.test, depth)));
                found.push(self.nested(&branch.consequent, depth));
                if let Some(other) = &branch.alternate {
                    found.push(self.nested(other, depth));
                }
            }
            js::Statement::TryStatement(attempt) => {
                found.push(Stmt::Block(self.statements(&attempt.block.body, depth)));
                if let Some(handler) = &attempt.handler {
                    found.push(Stmt::Block(self.statements(&handler.body.body, depth)));
                }
                if let Some(last) = &attempt.finalizer {
                    found.push(Stmt::Block(self.statements(&last.body, depth)));
                }
            }
            js::Statement::SwitchStatement(switch) => {
                found.push(Stmt::Effect(self.expression(&switch.discriminant, depth)));
                for case in &switch.cases {
                    if let Some(test) = &case.test {
                        found.push(Stmt::Effect(self.expression(test, depth)));
                    }
                    found.push(Stmt::Block(self.statements(&case.consequent, depth)));
                }
            }
            js::Statement::ForOfStatement(repeat) => {
                let pattern = match &repeat.left {
                    js::ForStatementLeft::VariableDeclaration(names) => names
                        .declarations
                        .first()
                        .and_then(|first| self.pattern(&first.id, depth)),
                    _ => None,
                };
                let iterable = self.expression(&repeat.right, depth);
                let mut body = Vec::new();
                self.statement(&repeat.body, depth, &mut body);
                found.push(Stmt::ForOf {
                    pattern,
                    iterable,
                    body,
                });
            }
            js::Statement::ForInStatement(repeat) => {
                found.push(Stmt::Effect(self.expression(&repeat.right, depth)));
                found.push(self.nested(&repeat.body, depth));
            }
            js::Statement::ForStatement(repeat) => {
                let mut all = Vec::new();
                match &repeat.init {
                    Some(js::ForStatementInit::VariableDeclaration(names)) => {
                        self.declare(names, depth, &mut all);
                    }
                    Some(other) => {
                        if let Some(init) = other.as_expression() {
                            all.push(Stmt::Effect(self.expression(init, depth)));
                        }
                    }
                    None => {}
                }
                for part in repeat.test.iter().chain(&repeat.update) {
                    all.push(Stmt::Effect(self.expression(part, depth)));
                }
                self.statement(&repeat.body, depth, &mut all);
                found.push(Stmt::Block(all));
            }
            js::Statement::WhileStatement(repeat) => {
                found.push(Stmt::Effect(self.expression(&repeat.test, depth)));
                found.push(self.nested(&repeat.body, depth));
            }
            js::Statement::DoWhileStatement(repeat) => {
                found.push(self.nested(&repeat.body, depth));
                found.push(Stmt::Effect(self.expression(&repeat.test, depth)));
            }
            js::Statement::LabeledStatement(labeled) => {
                self.statement(&labeled.body, depth, found);
            }
            js::Statement::WithStatement(with) => self.statement(&with.body, depth, found),
            js::Statement::ThrowStatement(thrown) => {
                found.push(Stmt::Effect(self.expression(&thrown.argument, depth)));
            }
            js::Statement::ImportDeclaration(import) => found.push(imports(import)),
            js::Statement::ExportAllDeclaration(export) => found.push(Stmt::ExportFrom {
                module: export.source.value.as_str(),
                span: span(export.source.span),
                names: export
                    .exported
                    .iter()
                    .map(|name| ("*", text_of_name(name)))
                    .collect(),
            }),
            js::Statement::ExportFromDeclaration(export) => found.push(Stmt::ExportFrom {
                module: export.source.value.as_str(),
                span: span(export.source.span),
                names: pairs(&export.specifiers),
            }),
            js::Statement::ExportNamedDeclaration(export) => {
                found.push(Stmt::ExportNames(pairs(&export.specifiers)));
            }
            js::Statement::ExportDefaultDeclaration(export) => {
                self.export_default(export, depth, found);
            }
            js::Statement::ExportDeclaration(export) => {
                self.declaration(&export.declaration, depth, found);
            }
            js::Statement::TSExportAssignment(export) => {
                found.push(Stmt::ExportDefault(
                    self.expression(&export.expression, depth),
                ));
            }
            other => {
                if let Some(declaration) = other.as_declaration() {
                    self.declaration(declaration, depth, found);
                }
            }
        }
    }

    pub(super) fn export_default<'a>(
        &mut self,
        export: &js::ExportDefaultDeclaration<'a>,
        depth: u32,
        found: &mut Vec<Stmt<'a>>,
    ) {
        let at = span(export.span);
        let value = match &export.declaration {
            js::ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                let function = self.function(function, depth);
                match function.name {
                    Some(name) => {
                        found.push(Stmt::Function { function });
                        ExprKind::Name(name)
                    }
                    None => ExprKind::Function(Box::new(function)),
                }
            }
            js::ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                let class = self.class(class, depth);
                match class.name {
                    Some(name) => {
                        found.push(Stmt::Class { class });
                        ExprKind::Name(name)
                    }
                    None => ExprKind::Class(Box::new(class)),
                }
            }
            other => {
                if let Some(value) = other.as_expression() {
                    let value = self.expression(value, depth);
                    found.push(Stmt::ExportDefault(value));
                }
                return;
            }
        };
        found.push(Stmt::ExportDefault(Expr {
            span: at,
            kind: value,
        }));
    }

    pub(super) fn declaration<'a>(
        &mut self,
        one: &js::Declaration<'a>,
        depth: u32,
        found: &mut Vec<Stmt<'a>>,
    ) {
        match one {
            js::Declaration::VariableDeclaration(names) => {
                self.declare(names, depth, found);
            }
            js::Declaration::FunctionDeclaration(function) => found.push(Stmt::Function {
                function: self.function(function, depth),
            }),
            js::Declaration::ClassDeclaration(class) => found.push(Stmt::Class {
                class: self.class(class, depth),
            }),
            js::Declaration::TSEnumDeclaration(one) => {
                let mut members = Vec::new();
                for member in &one.body.members {
                    let name = match &member.id {
                        js::TSEnumMemberName::Identifier(name) => name.name.as_str(),
                        js::TSEnumMemberName::String(text)
                        | js::TSEnumMemberName::ComputedString(text) => text.value.as_str(),
                        js::TSEnumMemberName::ComputedTemplateString(_) => continue,
                    };
                    let value = member.initializer.as_ref();
                    let value = value.map(|value| self.expression(value, depth));
                    members.push((Cow::Borrowed(name), value));
                }
                found.push(Stmt::Enum {
                    name: one.id.name.as_str(),
                    span: span(one.id.span),
                    members,
                });
            }
            js::Declaration::TSNamespaceDeclaration(_)
            | js::Declaration::TSTypeAliasDeclaration(_)
            | js::Declaration::TSInterfaceDeclaration(_)
            | js::Declaration::TSExternalModuleDeclaration(_)
            | js::Declaration::TSGlobalDeclaration(_) => {}
            js::Declaration::TSImportEqualsDeclaration(import) => {
                if let js::TSModuleReference::ExternalModuleReference(module) =
                    &import.module_reference
                {
                    found.push(Stmt::Import {
                        module: module.expression.value.as_str(),
                        span: span(module.expression.span),
                        names: vec![Imported {
                            name: "*",
                            local: import.id.name.as_str(),
                        }],
                    });
                }
            }
        }
    }

    pub(super) fn declare<'a>(
        &mut self,
        names: &js::VariableDeclaration<'a>,
        depth: u32,
        found: &mut Vec<Stmt<'a>>,
    ) {
        for one in &names.declarations {
            let value = one.init.as_ref();
            let value = value.map(|value| self.expression(value, depth));
            match self.pattern(&one.id, depth) {
                Some(pattern) => found.push(Stmt::Declare {
                    pattern,
                    annotation: type_name(one.type_annotation.as_deref()),
                    value,
                }),
                None => found.extend(value.map(Stmt::Effect)),
            }
        }
    }
}

fn pairs<'a>(all: &[js::ExportSpecifier<'a>]) -> Vec<(&'a str, &'a str)> {
    all.iter()
        .filter(|one| !one.export_kind.is_type())
        .map(|one| (text_of_name(&one.local), text_of_name(&one.exported)))
        .collect()
}

fn imports<'a>(import: &js::ImportDeclaration<'a>) -> Stmt<'a> {
    let all = import.specifiers.iter().flatten();
    let names = all.map(|one| match one {
        js::ImportDeclarationSpecifier::ImportSpecifier(one) => Imported {
            name: text_of_name(&one.imported),
            local: one.local.name.as_str(),
        },
        js::ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => Imported {
            name: "default",
            local: one.local.name.as_str(),
        },
        js::ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => Imported {
            name: "*",
            local: one.local.name.as_str(),
        },
    });
    Stmt::Import {
        module: import.source.value.as_str(),
        span: span(import.source.span),
        names: names.collect(),
    }
}
