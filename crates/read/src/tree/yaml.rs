//! YAML 1.2, several documents, aliases expanded, merge keys applied.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use stance_core::fact::GapReason;

use super::Tree;
use super::node::{Entry, Node, Value, mark_shadowed};
use crate::limits::Limits;

/// Most of a text that is read: the parser keeps a scalar several times.
const TEXT: usize = 4 << 20;

pub(super) fn parse(text: &str, limits: &Limits, short_tags: bool) -> Tree {
    let kept = text.get(..text.floor_char_boundary(TEXT)).unwrap_or(text);
    let mut tree = read(kept, limits, short_tags);
    if kept.len() < text.len() {
        let message = "longer than is read of one file";
        tree.fail(GapReason::Limit, kept.len(), message);
    }
    tree
}

fn read(text: &str, limits: &Limits, short_tags: bool) -> Tree {
    let places = Places::new(text);
    let mut building = Building {
        tree: Tree::default(),
        open: Vec::new(),
        anchors: HashMap::new(),
        tag_names: HashSet::new(),
        nodes_left: limits.tree_nodes,
        depth: usize::from(limits.tree_depth),
        short_tags,
    };
    // A byte-order mark inside a string is content; at the start it is not.
    for event in Parser::new_from_str(text) {
        match event {
            Ok((event, span)) => {
                let span = places.byte(span.start.index())..places.byte(span.end.index());
                if let Err(stop) = building.event(event, span) {
                    building.tree.fail(GapReason::Limit, stop.0, stop.1);
                    break;
                }
            }
            Err(error) => {
                let offset = places.byte(error.marker().index());
                let deep = error.info().contains("recursion limit");
                let reason = if deep {
                    GapReason::Limit
                } else {
                    GapReason::Malformed
                };
                building.tree.fail(reason, offset, error.info());
                break;
            }
        }
    }
    // What was begun when the text ended or broke stays.
    while !building.open.is_empty() {
        // A limit that is met again costs this container, not those around it.
        let closed = building.close(text.len());
        drop(closed);
    }
    building.tree
}

/// From characters, which the YAML parser counts, to bytes.
struct Places<'t> {
    text: &'t str,
    /// Byte of every [`Places::STEP`]th character; empty when all characters are one byte.
    steps: Vec<usize>,
}

impl<'t> Places<'t> {
    const STEP: usize = 64;

    fn new(text: &'t str) -> Self {
        let steps = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .step_by(Self::STEP)
                .map(|(byte, _)| byte)
                .collect()
        };
        Self { text, steps }
    }

    fn byte(&self, character: usize) -> usize {
        if self.steps.is_empty() {
            return character.min(self.text.len());
        }
        let step = character.checked_div(Self::STEP).unwrap_or_default();
        let Some(start) = self.steps.get(step) else {
            return self.text.len();
        };
        self.text
            .get(*start..)
            .unwrap_or_default()
            .char_indices()
            .nth(character.checked_rem(Self::STEP).unwrap_or_default())
            .map_or(self.text.len(), |(byte, _)| start.saturating_add(byte))
    }
}

/// A limit that ends reading: where, and which.
struct Stop(usize, &'static str);

const TOO_DEEP: &str = "nested deeper than is read of one file";
const TOO_MANY: &str = "more values than are read of one file, aliases expanded";

struct Building {
    tree: Tree,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchor>,
    /// Names of tags that are kept already.
    tag_names: HashSet<String>,
    nodes_left: u32,
    depth: usize,
    /// Whether a node with a tag of its own becomes an object with the tag as its key.
    short_tags: bool,
}

/// A node that can be repeated.
struct Anchor {
    node: Node,
    nodes: u32,
    /// Levels in it: 0 for a scalar.
    height: usize,
}

/// A container whose end was not met yet.
struct Open {
    start: usize,
    short_tag: Option<Arc<str>>,
    anchor: usize,
    nodes: u32,
    height: usize,
    items: Items,
}

enum Items {
    Document,
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        key: Option<(Arc<str>, Range<usize>)>,
        merges: Vec<Node>,
    },
}

impl Building {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(_) => {
                // Anchors hold within their document only.
                self.anchors.clear();
                self.open.push(Open {
                    start: span.start,
                    short_tag: None,
                    anchor: 0,
                    nodes: 0,
                    height: 0,
                    items: Items::Document,
                });
                Ok(())
            }
            Event::SequenceStart(anchor, tag) => {
                self.tag(tag.as_deref(), &span);
                let short = self.short_tag(tag.as_deref());
                self.begin(span.start, anchor, short, Items::Sequence(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.tag(tag.as_deref(), &span);
                let short = self.short_tag(tag.as_deref());
                self.begin(
                    span.start,
                    anchor,
                    short,
                    Items::Mapping {
                        entries: Vec::new(),
                        key: None,
                        merges: Vec::new(),
                    },
                )
            }
            Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd => self.close(span.end),
            Event::Scalar(text, style, anchor, tag) => {
                self.take(1, span.start)?;
                self.tag(tag.as_deref(), &span);
                let node = Node {
                    value: scalar(&text, style, tag.as_deref()),
                    span,
                };
                let short = self.short_tag(tag.as_deref());
                let height = usize::from(short.is_some());
                self.put(under(short, node), anchor, 1, height)
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd => Ok(()),
        }
    }

    /// Keeps a tag that means something beyond YAML.
    fn tag(&mut self, tag: Option<&Tag>, span: &Range<usize>) {
        let Some(tag) = tag else { return };
        let plain = tag.is_yaml_core_schema() && !tag.suffix.starts_with("python/");
        if plain || self.tree.tags.len() >= Tree::MAX_TAGS {
            return;
        }
        let name = format!("{}{}", tag.handle, tag.suffix);
        if self.tag_names.insert(name.clone()) {
            self.tree.tags.push(super::Tag {
                name,
                span: span.clone(),
            });
        }
    }

    fn short_tag(&self, tag: Option<&Tag>) -> Option<Arc<str>> {
        let tag = tag.filter(|tag| self.short_tags && tag.handle == "!")?;
        Some(format!("!{}", tag.suffix).into())
    }

    fn begin(
        &mut self,
        start: usize,
        anchor: usize,
        short_tag: Option<Arc<str>>,
        items: Items,
    ) -> Result<(), Stop> {
        self.take(1, start)?;
        if self.open.len() > self.depth {
            return Err(Stop(start, TOO_DEEP));
        }
        self.open.push(Open {
            start,
            short_tag,
            anchor,
            nodes: 1,
            height: 0,
            items,
        });
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Range<usize>) -> Result<(), Stop> {
        let Some(known) = self.anchors.get(&anchor) else {
            // An alias inside its own anchor; nothing finite is meant.
            self.tree.fail(
                GapReason::Malformed,
                span.start,
                "an alias of something that is not complete",
            );
            let node = Node {
                value: Value::Null,
                span,
            };
            return self.put(node, 0, 1, 0);
        };
        let (nodes, height) = (known.nodes, known.height);
        if self.open.len().saturating_add(height) > self.depth {
            return Err(Stop(span.start, TOO_DEEP));
        }
        // Before the copy, so that nobody pays for one that is too large.
        self.nodes_left = self
            .nodes_left
            .checked_sub(nodes)
            .ok_or(Stop(span.start, TOO_MANY))?;
        let node = known.node.clone();
        self.put(node, 0, nodes, height)
    }

    fn take(&mut self, nodes: u32, offset: usize) -> Result<(), Stop> {
        self.nodes_left = self
            .nodes_left
            .checked_sub(nodes)
            .ok_or(Stop(offset, TOO_MANY))?;
        Ok(())
    }

    /// Ends the innermost container at byte `end`.
    fn close(&mut self, end: usize) -> Result<(), Stop> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let span = open.start..end.max(open.start);
        let value = match open.items {
            Items::Document => return Ok(()),
            Items::Sequence(mut items) => {
                items.shrink_to_fit();
                Value::Array(items)
            }
            Items::Mapping {
                mut entries,
                key,
                merges,
            } => {
                if let Some((key, key_span)) = key {
                    let at = key_span.end;
                    entries.push(Entry {
                        key,
                        key_span,
                        value: Node {
                            value: Value::Null,
                            span: at..at,
                        },
                        shadowed: false,
                    });
                }
                mark_shadowed(&mut entries);
                merge(&mut entries, merges);
                entries.shrink_to_fit();
                Value::Object(entries)
            }
        };
        let height = if open.short_tag.is_some() { 2 } else { 1 };
        let node = under(open.short_tag, Node { value, span });
        self.put(
            node,
            open.anchor,
            open.nodes,
            open.height.saturating_add(height),
        )
    }

    fn put(&mut self, node: Node, anchor: usize, nodes: u32, height: usize) -> Result<(), Stop> {
        if anchor != 0 {
            self.take(nodes, node.span.start)?;
            let node = node.clone();
            self.anchors.insert(
                anchor,
                Anchor {
                    node,
                    nodes,
                    height,
                },
            );
        }
        let Some(open) = self.open.last_mut() else {
            return Ok(());
        };
        open.nodes = open.nodes.saturating_add(nodes);
        open.height = open.height.max(height);
        match &mut open.items {
            Items::Document => self.tree.documents.push(node),
            Items::Sequence(items) => items.push(node),
            Items::Mapping {
                entries,
                key,
                merges,
            } => match key.take() {
                None => {
                    let name = match &node.value {
                        Value::String(text) | Value::Number(text) => Arc::clone(text),
                        Value::Bool(value) => value.to_string().into(),
                        // A key that is a collection; no configuration of ours has one.
                        Value::Null | Value::Array(_) | Value::Object(_) => "".into(),
                    };
                    *key = Some((name, node.span));
                }
                Some((name, _)) if &*name == "<<" => match node.value {
                    Value::Array(items) => merges.extend(items),
                    _ => merges.push(node),
                },
                Some((key, key_span)) => entries.push(Entry {
                    key,
                    key_span,
                    value: node,
                    shadowed: false,
                }),
            },
        }
        Ok(())
    }
}

/// A node under its tag, if it has one.
fn under(tag: Option<Arc<str>>, node: Node) -> Node {
    let Some(key) = tag else { return node };
    let span = node.span.clone();
    let entry = Entry {
        key,
        key_span: span.start..span.start,
        value: node,
        shadowed: false,
    };
    Node {
        value: Value::Object(vec![entry]),
        span,
    }
}

/// Adds the entries of `merges` that are not there yet; earlier ones win.
fn merge(entries: &mut Vec<Entry>, merges: Vec<Node>) {
    if merges.is_empty() {
        return;
    }
    let mut known: HashSet<Arc<str>> = entries.iter().map(|e| Arc::clone(&e.key)).collect();
    for node in merges {
        let Value::Object(merged) = node.value else {
            continue;
        };
        for entry in merged.into_iter().filter(|entry| !entry.shadowed) {
            if known.insert(Arc::clone(&entry.key)) {
                entries.push(entry);
            }
        }
    }
}

/// What a scalar means in the core schema (YAML 1.2, section 10.3).
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let core = tag.filter(|tag| tag.is_yaml_core_schema());
    if style != ScalarStyle::Plain || core.is_some_and(|tag| tag.suffix == "str") {
        return Value::String(text.into());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.into()),
        _ => Value::String(text.into()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = |prefix, radix| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|digits| u64::from_str_radix(digits, radix).is_ok())
    };
    matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
        || radix("0x", 16)
        || radix("0o", 8)
        || (digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && digits.parse::<f64>().is_ok())
}
