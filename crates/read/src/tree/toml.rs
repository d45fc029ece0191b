//! TOML 1.0 and 1.1.

use std::ops::Range;

use stance_core::fact::GapReason;
use toml::de::{DeTable, DeValue};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::Tree;
use super::node::{Entry, Node, Value};
use crate::limits::Limits;

/// Most parts of one dotted key. Each part is a level of nesting, and the parser below frees what it
/// made by recursion.
const KEY_PARTS: usize = 24;

/// Tokens that one node may take: key, equals sign, value, white space, line end.
const TOKENS_PER_NODE: usize = 6;

/// Most tokens of one text: the parser below keeps a hundred bytes for each, and six hundred for
/// one that is a mistake.
const TOKENS: usize = 80_000;

pub(super) fn parse(text: &str, limits: &Limits) -> Tree {
    let mut tree = Tree::default();
    let most = (limits.tree_nodes as usize)
        .saturating_mul(TOKENS_PER_NODE)
        .min(TOKENS);
    let kept = match tame(text, most) {
        Ok(()) => text,
        Err((offset, message)) => {
            tree.fail(GapReason::Limit, offset, message);
            text.get(..offset).unwrap_or_default()
        }
    };
    let (table, errors) = DeTable::parse_recoverable(kept);
    for error in errors {
        let offset = error.span().map_or(0, |span| span.start);
        let deep = error.message().contains("recurs");
        let reason = if deep {
            GapReason::Limit
        } else {
            GapReason::Malformed
        };
        tree.fail(reason, offset, error.message());
    }
    let mut building = Building {
        tree,
        nodes_left: limits.tree_nodes,
    };
    let span = table.span();
    let root = building.table(table.into_inner(), span, usize::from(limits.tree_depth));
    let mut tree = building.tree;
    tree.documents.push(root);
    tree
}

/// Looks at the tokens for what would make the parser work or nest too much; gives the start of the
/// line where that is.
fn tame(text: &str, most: usize) -> Result<(), (usize, &'static str)> {
    let mut line = 0_usize;
    let mut dots = 0_usize;
    for (count, token) in Source::new(text).lex().enumerate() {
        if count >= most {
            return Err((line, "more tokens than are read of one file"));
        }
        match token.kind() {
            TokenKind::Newline => {
                line = token.span().end();
                dots = 0;
            }
            TokenKind::Dot => dots = dots.saturating_add(1),
            TokenKind::Equals | TokenKind::Comma | TokenKind::LeftCurlyBracket => dots = 0,
            _ => {}
        }
        if dots >= KEY_PARTS {
            return Err((line, "a key of too many parts"));
        }
    }
    Ok(())
}

struct Building {
    tree: Tree,
    nodes_left: u32,
}

impl Building {
    fn table(&mut self, table: DeTable<'_>, span: Range<usize>, depth: usize) -> Node {
        let mut entries = Vec::new();
        for (key, value) in table {
            let key_span = key.span();
            if self.nodes_left == 0 {
                self.tree.fail(
                    GapReason::Limit,
                    key_span.start,
                    "more values than are read of one file",
                );
                break;
            }
            let value_span = value.span();
            entries.push(Entry {
                key: key.into_inner().into(),
                key_span,
                value: self.value(value.into_inner(), value_span, depth.saturating_sub(1)),
                shadowed: false,
            });
        }
        // The parser sorts by name; a reader expects the order of the text.
        entries.sort_by_key(|entry| entry.key_span.start);
        Node {
            value: Value::Object(entries),
            span,
        }
    }

    /// Recursion is bounded by `depth`.
    fn value(&mut self, value: DeValue<'_>, span: Range<usize>, depth: usize) -> Node {
        self.nodes_left = self.nodes_left.saturating_sub(1);
        let value = match value {
            DeValue::String(text) => Value::String(text.into()),
            DeValue::Integer(number) => Value::Number(number.to_string().into()),
            DeValue::Float(number) => Value::Number(number.to_string().into()),
            DeValue::Boolean(value) => Value::Bool(value),
            DeValue::Datetime(date) => Value::Number(date.to_string().into()),
            DeValue::Array(_) | DeValue::Table(_) if depth == 0 => {
                self.tree
                    .fail(GapReason::Limit, span.start, "nested too deep");
                Value::Null
            }
            DeValue::Array(items) => {
                let mut nodes = Vec::new();
                for item in items {
                    if self.nodes_left == 0 {
                        self.tree.fail(
                            GapReason::Limit,
                            span.start,
                            "more values than are read of one file",
                        );
                        break;
                    }
                    let item_span = item.span();
                    nodes.push(self.value(item.into_inner(), item_span, depth.saturating_sub(1)));
                }
                Value::Array(nodes)
            }
            DeValue::Table(table) => return self.table(table, span, depth),
        };
        Node { value, span }
    }
}
