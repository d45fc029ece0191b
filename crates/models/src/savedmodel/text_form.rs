//! Graphs in the text form of protocol buffers: `saved_model.pbtxt`, `graph.pbtxt`.
//!
//! What is known of the text is written as the bytes that it stands for, and these are read like those of
//! any other graph. The rest is passed over.

use memchr::memmem;

use super::recognise::Kind;
use stance_read::input::Input;

/// Most bytes that one text constant stands for.
const LONGEST: usize = 1 << 20;

/// What a field holds.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    Message(&'static [Known]),
    /// Nothing that matters.
    Other,
}

/// A field by its name: its number, and what it holds.
type Known = (&'static str, u32, Holds);

const SAVED_MODEL: &[Known] = &[("meta_graphs", 2, Holds::Message(META_GRAPH))];
const META_GRAPH: &[Known] = &[
    ("meta_info_def", 1, Holds::Message(ABOUT)),
    ("graph_def", 2, Holds::Message(GRAPH)),
    ("asset_file_def", 6, Holds::Message(ASSET)),
    ("object_graph_def", 7, Holds::Message(OBJECTS)),
];
const ABOUT: &[Known] = &[
    ("tags", 4, Holds::Text),
    ("tensorflow_version", 5, Holds::Text),
];
const ASSET: &[Known] = &[
    (
        "tensor_info",
        1,
        Holds::Message(&[("name", 1, Holds::Text)]),
    ),
    ("filename", 2, Holds::Text),
];
const OBJECTS: &[Known] = &[("nodes", 1, Holds::Message(OBJECT))];
const OBJECT: &[Known] = &[(
    "user_object",
    4,
    Holds::Message(&[("identifier", 1, Holds::Text), ("metadata", 3, Holds::Text)]),
)];
const GRAPH: &[Known] = &[
    ("node", 1, Holds::Message(NODE)),
    (
        "library",
        2,
        Holds::Message(&[("function", 1, Holds::Message(FUNCTION))]),
    ),
];
const FUNCTION: &[Known] = &[
    ("signature", 1, Holds::Message(&[("name", 1, Holds::Text)])),
    ("node_def", 3, Holds::Message(NODE)),
];
const NODE: &[Known] = &[
    ("name", 1, Holds::Text),
    ("op", 2, Holds::Text),
    ("input", 3, Holds::Text),
    (
        "attr",
        5,
        Holds::Message(&[("key", 1, Holds::Text), ("value", 2, Holds::Message(VALUE))]),
    ),
];
const VALUE: &[Known] = &[
    ("s", 2, Holds::Text),
    ("list", 1, Holds::Message(&[("s", 2, Holds::Text)])),
    (
        "tensor",
        8,
        Holds::Message(&[("string_val", 8, Holds::Text)]),
    ),
];

/// The graph that a text is, by its name and its first words.
pub(super) fn kind(input: &Input<'_>) -> Option<Kind> {
    let named = matches!(
        input.extension(),
        "pbtxt" | "pbtext" | "prototxt" | "textproto" | "textpb" | "txtpb"
    );
    if !named || !input.is_text() {
        return None;
    }
    let has = |word: &str| memmem::find(input.head(), word.as_bytes()).is_some();
    if has("meta_graphs") {
        Some(Kind::SavedModel)
    } else if has("meta_info_def") || has("graph_def") {
        Some(Kind::MetaGraph)
    } else if (has("node") || has("library")) && (has("op:") || has("op :") || has("node_def")) {
        Some(Kind::Graph)
    } else {
        None
    }
}

/// The bytes that a text stands for.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    /// Where a message begins in the bytes, and where in the text.
    places: Vec<(u64, usize)>,
    /// Where the text is not what it should be, and in what way.
    pub(super) broken: Option<(usize, &'static str)>,
}

impl Written {
    /// The place in the text of what stands at `at` in the bytes.
    pub(super) fn place(&self, at: u64) -> usize {
        let next = self.places.partition_point(|(start, _)| *start <= at);
        next.checked_sub(1)
            .and_then(|index| self.places.get(index))
            .map_or(0, |(_, place)| *place)
    }
}

/// A message that is open.
#[derive(Default)]
struct Open {
    /// Its fields; those of a message that does not matter are not looked at.
    known: &'static [Known],
    number: u32,
    start: usize,
    written: Written,
    /// The field whose list is open.
    list: Option<Field>,
}

#[derive(Clone, Copy)]
struct Field {
    pub number: u32,
    holds: Holds,
}

/// Writes a text as the bytes it stands for; messages more than `depth` deep end it.
pub(super) fn write(text: &str, kind: Kind, depth: usize) -> Written {
    let known = match kind {
        Kind::SavedModel => SAVED_MODEL,
        Kind::MetaGraph => META_GRAPH,
        Kind::Graph | Kind::KerasMetadata => GRAPH,
    };
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
        open: vec![Open {
            known,
            ..Open::default()
        }],
        depth,
    };
    let broken = reader.read().err().map(|what| (reader.at, what));
    // What is open at the end of a cut text counts as far as it goes.
    while reader.open.len() > 1 {
        reader.close();
    }
    let mut written = reader.open.pop().unwrap_or_default().written;
    written.broken = broken;
    written
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    open: Vec<Open>,
    depth: usize,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), &'static str> {
        loop {
            self.skip();
            let Some(byte) = self.peek() else {
                return if self.open.len() > 1 {
                    Err("it ends inside of a message")
                } else {
                    Ok(())
                };
            };
            match byte {
                b'}' | b'>' => {
                    self.step();
                    if self.open.len() < 2 {
                        return Err("a message is closed that was never opened");
                    }
                    self.close();
                }
                b']' => {
                    self.step();
                    if let Some(open) = self.open.last_mut() {
                        open.list = None;
                    }
                }
                _ => {
                    let field = match self.open.last().and_then(|open| open.list) {
                        Some(field) => field,
                        None => self.name()?,
                    };
                    self.value(field)?;
                }
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    const fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Passes over spaces, separators and comments.
    fn skip(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                    self.at = self.at.saturating_add(line);
                }
                b',' | b';' => self.step(),
                byte if byte.is_ascii_whitespace() => self.step(),
                _ => return,
            }
        }
    }

    /// The name of a field, and what follows it up to its value.
    fn name(&mut self) -> Result<Field, &'static str> {
        let start = self.at;
        if self.peek() == Some(b'[') {
            // An extension, by its full name.
            let rest = self.bytes.get(start..).unwrap_or_default();
            let length = memchr::memchr(b']', rest).ok_or("the name of an extension has no end")?;
            self.at = start.saturating_add(length).saturating_add(1);
        } else {
            while self
                .peek()
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                self.step();
            }
        }
        let name = self.bytes.get(start..self.at).unwrap_or_default();
        if name.is_empty() {
            return Err("where the name of a field should stand is none");
        }
        let known = self.open.last().map_or(&[][..], |open| open.known);
        let field = known.iter().find(|(known, _, _)| known.as_bytes() == name);
        self.skip();
        if self.peek() == Some(b':') {
            self.step();
            self.skip();
        }
        Ok(field.map_or(
            Field {
                number: 0,
                holds: Holds::Other,
            },
            |(_, number, holds)| Field {
                number: *number,
                holds: *holds,
            },
        ))
    }

    /// A value of a field, or the beginning of one that has parts.
    fn value(&mut self, field: Field) -> Result<(), &'static str> {
        match self.peek().ok_or("it ends before a value")? {
            b'{' | b'<' => {
                if self.open.len() >= self.depth {
                    return Err("its messages are nested too deep");
                }
                self.step();
                self.open.push(Open {
                    known: match field.holds {
                        Holds::Message(known) => known,
                        Holds::Text | Holds::Other => &[],
                    },
                    number: field.number,
                    start: self.at,
                    ..Open::default()
                });
            }
            b'[' => {
                self.step();
                if let Some(open) = self.open.last_mut() {
                    open.list = Some(field);
                }
            }
            b'"' | b'\'' => {
                let text = self.text()?;
                if matches!(field.holds, Holds::Text)
                    && let Some(open) = self.open.last_mut()
                {
                    append(&mut open.written.bytes, field.number, &text);
                }
            }
            _ => {
                let start = self.at;
                while self.peek().is_some_and(|byte| {
                    !byte.is_ascii_whitespace()
                        && !matches!(byte, b',' | b';' | b'}' | b'>' | b']' | b'#')
                }) {
                    self.step();
                }
                if self.at == start {
                    return Err("where a value should stand is none");
                }
            }
        }
        Ok(())
    }

    /// Quoted texts, which are one where they follow each other.
    fn text(&mut self) -> Result<Vec<u8>, &'static str> {
        let mut text = Vec::new();
        while let Some(quote @ (b'"' | b'\'')) = self.peek() {
            self.step();
            loop {
                let byte = self.peek().ok_or("a text has no end")?;
                self.step();
                let byte = match byte {
                    b'\\' => self.escaped(),
                    byte if byte == quote => break,
                    byte => byte,
                };
                if text.len() < LONGEST {
                    text.push(byte);
                }
            }
            // Only spaces and comments may stand between; a separator begins another value.
            while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
                self.step();
            }
        }
        Ok(text)
    }

    /// What a backslash stands for with what follows it.
    fn escaped(&mut self) -> u8 {
        let byte = self.peek().unwrap_or_default();
        self.step();
        match byte {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'0'..=b'7' => {
                self.at = self.at.saturating_sub(1);
                self.digits(8, 3)
            }
            b'x' | b'X' => self.digits(16, 2),
            byte => byte,
        }
    }

    /// The byte that at most `most` digits name.
    fn digits(&mut self, base: u32, most: usize) -> u8 {
        let mut value = 0_u32;
        for _ in 0..most {
            let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(base)) else {
                break;
            };
            value = value.saturating_mul(base).saturating_add(digit);
            self.step();
        }
        u8::try_from(value & 0xff).unwrap_or_default()
    }

    /// Ends the innermost message: its bytes become a field of the one around it.
    fn close(&mut self) {
        let Some(done) = self.open.pop() else {
            return;
        };
        let Some(outer) = self.open.last_mut() else {
            return;
        };
        if done.number == 0 {
            return;
        }
        let inside = append(&mut outer.written.bytes, done.number, &done.written.bytes);
        let shifted = done
            .written
            .places
            .iter()
            .map(|(start, place)| (start.saturating_add(inside), *place));
        outer.written.places.push((inside, done.start));
        outer.written.places.extend(shifted);
    }
}

/// Appends a field of bytes, and says where its content begins.
fn append(out: &mut Vec<u8>, number: u32, content: &[u8]) -> u64 {
    varint(out, u64::from(number) << 3 | 2);
    varint(out, content.len() as u64);
    let at = out.len() as u64;
    out.extend_from_slice(content);
    at
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let seven = u8::try_from(value & 0x7f).unwrap_or_default();
        value >>= 7;
        if value == 0 {
            out.push(seven);
            return;
        }
        out.push(seven | 0x80);
    }
}
