//! A program: blocks of operators.

use std::collections::BTreeSet;
use std::sync::Arc;

use stance_core::fact::{
    Artifact, ArtifactFormat, Embedded, EmbeddedKind, External, Fact, GapReason,
};

use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::protobuf::{Broken, Message, Value};
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

/// Operators that are kept.
const KEPT: usize = 64;

/// Names of operators that are told; the largest programs have about a hundred.
const KINDS: usize = 256;

/// Operators that reach out of the program, with what they do.
const REACHING: &[(&str, &str)] = &[
    ("py_func", "calls a Python function of the process"),
    ("run_program", "runs a program that stands in an attribute"),
    ("pylayer", "calls a Python function of the process"),
    ("PythonOp", "calls a Python function of the process"),
    ("load", "reads a file"),
    ("load_combine", "reads a file"),
    ("read_file", "reads a file"),
    ("save", "writes a file"),
    ("save_combine", "writes a file"),
    ("listen_and_serv", "listens for connections"),
    ("send", "connects to another machine"),
    ("send_barrier", "connects to another machine"),
    ("recv", "connects to another machine"),
    ("fetch_barrier", "connects to another machine"),
    ("prefetch", "connects to another machine"),
    ("distributed_lookup_table", "connects to another machine"),
    ("checkpoint_notify", "makes other machines write files"),
    ("gen_nccl_id", "connects to another machine"),
    ("c_gen_nccl_id", "connects to another machine"),
];

/// The fact that lists the names of all operators.
pub const OPERATORS: &str = "operator.kinds";

/// Attributes that name files and machines.
const PLACES: &[&str] = &[
    "file_path",
    "filename",
    "dirname",
    "dir",
    "endpoint",
    "endpoints",
    "epmap",
    "table_names",
];

/// Whether a program starts here: its first block is number 0 and has no parent (-1).
pub(super) fn starts(head: &[u8]) -> bool {
    const ROOT: &[u8] = &[
        0x08, 0, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
    ];
    // Loaders do not look at the parent of the root, so that a file may name any; then variables or
    // operators have to follow.
    const ORPHAN: [&[u8]; 2] = [&[0x08, 0, 0x10, 0, 0x1a], &[0x08, 0, 0x10, 0, 0x22]];
    let Some((0x0a, rest)) = head.split_first() else {
        return false;
    };
    let length = rest.iter().take(10).take_while(|byte| **byte & 0x80 != 0);
    let behind = length.count().saturating_add(1);
    rest.get(behind..).is_some_and(|block| {
        block.starts_with(ROOT) || ORPHAN.iter().any(|orphan| block.starts_with(orphan))
    })
}

pub(super) fn inspect(input: &Input<'_>, facts: &mut Facts<'_>) {
    let mut program = Program {
        input,
        window: Window::new(input, input.options().limits.header),
        artifact: Artifact::new(ArtifactFormat::Paddle, input.len(), input.evidence()),
        told: BTreeSet::new(),
        kinds: BTreeSet::new(),
        blocks: 0,
        operators: 0,
    };
    let whole = Message::whole(&program.window);
    if let Err(broken) = program.read(whole) {
        let (reason, detail) = match broken {
            Broken::Malformed(at) => (
                GapReason::Malformed,
                format!("what stands at byte {at:#x} is no field of a message"),
            ),
            Broken::Stop(Stop::End) => (
                GapReason::Malformed,
                "the file ends inside a field".to_owned(),
            ),
            Broken::Stop(Stop::Limit) => (
                GapReason::Limit,
                "it is longer than the limit for headers".to_owned(),
            ),
            Broken::Stop(Stop::Failed) => (GapReason::Unreadable, "it cannot be read".to_owned()),
        };
        facts.gap(
            reason,
            format!("Paddle program: {detail}"),
            input.evidence(),
        );
    }
    for (key, count) in [("blocks", program.blocks), ("operators", program.operators)] {
        program
            .artifact
            .metadata
            .insert(key.to_owned(), count.to_string());
    }
    if !program.kinds.is_empty() {
        let kinds: Vec<&str> = program.kinds.iter().map(String::as_str).collect();
        let kinds = stance_read::redact::redact(&kinds.join(", ")).into_owned();
        program
            .artifact
            .metadata
            .insert(OPERATORS.to_owned(), kinds);
    }
    program.window.finish(facts);
    let path = Arc::clone(input.path());
    facts.add(&path, Fact::Artifact(Box::new(program.artifact)));
}

struct Program<'i, 'a> {
    input: &'i Input<'a>,
    window: Window<'a>,
    artifact: Artifact,
    /// Operators and places that were told, so that copies are told once.
    told: BTreeSet<(String, String)>,
    /// The names of all its operators.
    kinds: BTreeSet<String>,
    blocks: u64,
    operators: u64,
}

impl Program<'_, '_> {
    fn read(&mut self, mut program: Message) -> Result<(), Broken> {
        while let Some(field) = program.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(block)) => {
                    self.blocks = self.blocks.saturating_add(1);
                    self.read_block(block)?;
                }
                (4, Value::Bytes(mut version)) => {
                    while let Some(part) = version.next(&mut self.window)? {
                        if let (1, Value::Number(number)) = (part.number, part.value) {
                            self.artifact
                                .metadata
                                .insert("version".to_owned(), number.to_string());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_block(&mut self, mut block: Message) -> Result<(), Broken> {
        while let Some(field) = block.next(&mut self.window)? {
            if let (4, Value::Bytes(operator)) = (field.number, field.value) {
                self.operators = self.operators.saturating_add(1);
                self.read_operator(operator)?;
            }
        }
        Ok(())
    }

    fn read_operator(&mut self, operator: Message) -> Result<(), Broken> {
        let mut kind = String::new();
        let mut rest = operator;
        while let Some(field) = rest.next(&mut self.window)? {
            if let (3, Value::Bytes(name)) = (field.number, field.value) {
                kind = name.text(&mut self.window, 100)?;
            }
        }
        if self.kinds.len() < KINDS && !kind.is_empty() {
            self.kinds.insert(kind.clone());
        }
        let Some((_, does)) = REACHING.iter().find(|(name, _)| *name == kind) else {
            return Ok(());
        };
        let mut places = Vec::new();
        let mut rest = operator;
        while let Some(field) = rest.next(&mut self.window)? {
            if let (4, Value::Bytes(attribute)) = (field.number, field.value) {
                self.read_attribute(attribute, &mut places)?;
            }
        }
        self.tell(&kind, does, &places, operator);
        Ok(())
    }

    /// The texts of an attribute that names a place.
    fn read_attribute(
        &mut self,
        mut attribute: Message,
        places: &mut Vec<String>,
    ) -> Result<(), Broken> {
        let mut name = String::new();
        let mut texts = Vec::new();
        while let Some(field) = attribute.next(&mut self.window)? {
            if let (number @ (1 | 5 | 8), Value::Bytes(text)) = (field.number, field.value) {
                let text = text.text(&mut self.window, 300)?;
                match number {
                    1 => name = text,
                    _ if texts.len() < KEPT => texts.push(text),
                    _ => {}
                }
            }
        }
        if PLACES.contains(&&*name) {
            let room = KEPT.saturating_sub(places.len());
            places.extend(texts.into_iter().filter(|text| !text.is_empty()).take(room));
        }
        Ok(())
    }

    fn tell(&mut self, kind: &str, does: &str, places: &[String], operator: Message) {
        let shown = places.join(", ");
        if self.told.len() >= KEPT || !self.told.insert((kind.to_owned(), shown.clone())) {
            return;
        }
        let detail = if shown.is_empty() {
            does.to_owned()
        } else {
            format!("{does}: {}", stance_read::redact::redact(&shown))
        };
        let evidence = self
            .input
            .evidence_at(operator.at..operator.end, format!("{kind}: {shown}"));
        for place in places {
            self.artifact.external.push(External {
                location: place.clone(),
                escapes: escapes(place),
                evidence: evidence.clone(),
            });
        }
        self.artifact.embedded.push(Embedded {
            kind: EmbeddedKind::PaddleOperator,
            name: kind.to_owned(),
            detail,
            evidence,
        });
    }
}
