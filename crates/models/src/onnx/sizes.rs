//! How large what a graph makes is, where constants fix it: shapes that no machine holds, loops without end.

use std::collections::BTreeMap;

use stance_core::fact::AnomalyKind;

use super::Model;
use stance_read::protobuf::{Broken, Message, Value};
use stance_read::window::Window;

/// Elements of one tensor past which no machine of today can go on.
const ELEMENTS: u64 = 1 << 40;

/// Trips of a loop that only make sense when its condition ends it.
const TRIPS: i64 = 1 << 32;

/// Constants and nodes of a model that are remembered.
const REMEMBERED: usize = 50_000;
const CALLS: usize = 10_000;

/// Nodes of the body of a loop that are looked at.
const BODY: usize = 10_000;

/// A node with what decides how large its output is.
#[derive(Debug)]
pub(super) struct Call {
    at: u64,
    inputs: Vec<String>,
    output: String,
    /// The numbers of its tensor attribute.
    pub(super) value: Option<Vec<i64>>,
    /// Its last graph.
    pub(super) body: Option<Message>,
}

impl Call {
    pub(super) fn new(at: u64) -> Self {
        Self {
            at,
            inputs: Vec::new(),
            output: String::new(),
            value: None,
            body: None,
        }
    }

    pub(super) fn input(&mut self, text: Message, window: &mut Window<'_>) -> Result<(), Broken> {
        if self.inputs.len() < 2 {
            self.inputs.push(text.text(window, 256)?);
        }
        Ok(())
    }

    pub(super) fn output(&mut self, text: Message, window: &mut Window<'_>) -> Result<(), Broken> {
        if self.output.is_empty() {
            self.output = text.text(window, 256)?;
        }
        Ok(())
    }
}

/// What is known of the sizes in a model.
#[derive(Debug, Default)]
pub(super) struct Sizes {
    constants: BTreeMap<String, Vec<i64>>,
    shapes: Vec<(&'static str, Call)>,
    loops: Vec<Call>,
}

impl Sizes {
    pub(super) fn constant(&mut self, name: String, numbers: Vec<i64>) {
        if self.constants.len() < REMEMBERED {
            self.constants.insert(name, numbers);
        }
    }

    pub(super) fn node(&mut self, operator: &str, mut call: Call) {
        let shape = match operator {
            "Constant" => {
                if let Some(numbers) = call.value.take() {
                    self.constant(call.output, numbers);
                }
                return;
            }
            "Loop" => {
                if self.loops.len() < CALLS {
                    self.loops.push(call);
                }
                return;
            }
            "ConstantOfShape" => "ConstantOfShape",
            "Expand" => "Expand",
            "Tile" => "Tile",
            _ => return,
        };
        if self.shapes.len() < CALLS {
            self.shapes.push((shape, call));
        }
    }

    /// The elements that a shape makes, or the factor of a `Tile`.
    fn elements(&self, operator: &str, call: &Call) -> Option<u64> {
        let input = usize::from(operator != "ConstantOfShape");
        let numbers = self.constants.get(call.inputs.get(input)?)?;
        let mut elements = 1_u64;
        for number in numbers {
            elements = elements.saturating_mul(u64::try_from(*number).ok()?);
        }
        Some(elements)
    }
}

impl Model<'_, '_> {
    /// Says what is too large, once everything was read.
    pub(super) fn weigh(&mut self) {
        let sizes = std::mem::take(&mut self.sizes);
        for (operator, call) in &sizes.shapes {
            if let Some(elements) = sizes.elements(operator, call)
                && elements > ELEMENTS
            {
                let detail = format!("{operator} makes {elements} times the values of its input");
                self.bomb(detail, call.at);
            }
        }
        for call in &sizes.loops {
            let trips = call.inputs.first().map(String::as_str).unwrap_or_default();
            let trips = sizes
                .constants
                .get(trips)
                .and_then(|numbers| numbers.first());
            let endless = call.inputs.first().is_some_and(String::is_empty)
                || trips.is_some_and(|trips| *trips >= TRIPS);
            if endless
                && let Some(body) = call.body
                && self.never_ends(body).unwrap_or(false)
            {
                let detail = "a Loop whose condition never changes runs without end".to_owned();
                self.bomb(detail, call.at);
            }
        }
    }

    fn bomb(&mut self, detail: String, at: u64) {
        let evidence = self.input.evidence_at(at..at.saturating_add(1), &detail);
        self.artifact.anomaly(AnomalyKind::Bomb, detail, evidence);
    }

    /// Whether the first output of a body, which says whether to go on, is its second input.
    fn never_ends(&mut self, mut body: Message) -> Result<bool, Broken> {
        let mut inputs = Vec::new();
        let mut outputs = Vec::new();
        let mut passes = BTreeMap::new();
        let mut nodes = 0_usize;
        while let Some(field) = body.next(&mut self.window)? {
            let Value::Bytes(message) = field.value else {
                continue;
            };
            match field.number {
                1 if nodes < BODY => {
                    nodes = nodes.saturating_add(1);
                    if let Some((from, to)) = self.identity(message)? {
                        passes.insert(to, from);
                    }
                }
                11 if inputs.len() < 2 => inputs.push(self.value_name(message)?),
                12 if outputs.is_empty() => outputs.push(self.value_name(message)?),
                _ => {}
            }
        }
        let (Some(condition), Some(goes_on)) = (inputs.get(1), outputs.first()) else {
            return Ok(false);
        };
        let mut name = goes_on;
        for _ in 0..8 {
            if name == condition {
                return Ok(true);
            }
            match passes.get(name) {
                Some(before) => name = before,
                None => break,
            }
        }
        Ok(false)
    }

    /// What a node that does nothing passes on, and as what.
    fn identity(&mut self, mut node: Message) -> Result<Option<(String, String)>, Broken> {
        let mut call = Call::new(node.at);
        let mut operator = String::new();
        while let Some(field) = node.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(text)) => call.input(text, &mut self.window)?,
                (2, Value::Bytes(text)) => call.output(text, &mut self.window)?,
                (4, Value::Bytes(text)) => operator = text.text(&mut self.window, 32)?,
                _ => {}
            }
        }
        let input = call.inputs.into_iter().next();
        Ok(input
            .filter(|_| operator == "Identity")
            .map(|input| (input, call.output)))
    }

    fn value_name(&mut self, mut value: Message) -> Result<String, Broken> {
        while let Some(field) = value.next(&mut self.window)? {
            if let (1, Value::Bytes(text)) = (field.number, field.value) {
                return text.text(&mut self.window, 256);
            }
        }
        Ok(String::new())
    }
}
