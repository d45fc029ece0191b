//! Recorded exchanges with providers (VCR cassettes: YAML, gzip), which are not part of the project.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use saphyr_parser::{Event, Parser};

/// One request and its answer.
pub(crate) struct Recorded {
    pub(crate) file: String,
    pub(crate) method: String,
    pub(crate) host: String,
    pub(crate) target: String,
    pub(crate) request: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) answer: Vec<u8>,
}

/// A value of a cassette.
#[derive(Clone, Debug)]
enum Node {
    Scalar(Vec<u8>),
    List(Vec<Node>),
    Map(HashMap<String, Node>),
}

impl Node {
    fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    fn list(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Scalar(bytes) => bytes.clone(),
            Self::List(list) => list.first().map(Self::bytes).unwrap_or_default(),
            Self::Map(_) => Vec::new(),
        }
    }

    fn text(&self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }
}

/// All that are there, or nothing where there are none, which is said.
pub(crate) fn all() -> Vec<Recorded> {
    let root = std::env::var_os("STANCE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    let mut files = Vec::new();
    find(&root.join("wire"), &mut files);
    files.sort();
    if files.is_empty() {
        eprintln!("skipped: no recorded exchanges in {}/wire", root.display());
    }
    files.iter().flat_map(|file| read(file)).collect()
}

fn find(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|end| end == "gz") {
            files.push(path);
        }
    }
}

fn read(file: &Path) -> Vec<Recorded> {
    let text = gunzip(&fs::read(file).unwrap());
    let text = indented(&String::from_utf8(text).unwrap());
    let cassette = parse(&text);
    let interactions = cassette.get("interactions").unwrap();
    interactions
        .list()
        .iter()
        .map(|interaction| {
            let request = interaction.get("request").unwrap();
            let response = interaction.get("response").unwrap();
            let uri = request.get("uri").unwrap().text();
            let (_, rest) = uri.split_once("://").unwrap();
            let (host, target) = rest.split_at(rest.find('/').unwrap());
            let header = |name: &str| {
                let Some(Node::Map(headers)) = response.get("headers") else {
                    return String::new();
                };
                let found = headers
                    .iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.text()).unwrap_or_default()
            };
            let answer = response.get("body").unwrap();
            let answer = answer.get("string").unwrap_or(answer).bytes();
            Recorded {
                file: file.file_stem().unwrap().to_string_lossy().into_owned(),
                method: request.get("method").unwrap().text(),
                host: host.to_owned(),
                target: target.to_owned(),
                request: request.get("body").map(Node::bytes).unwrap_or_default(),
                status: response
                    .get("status")
                    .unwrap()
                    .get("code")
                    .unwrap()
                    .text()
                    .parse()
                    .unwrap(),
                content_type: header("content-type"),
                answer: if answer.starts_with(b"\x1f\x8b") {
                    gunzip(&answer)
                } else {
                    answer
                },
            }
        })
        .collect()
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(bytes)
        .read_to_end(&mut out)
        .unwrap();
    out
}

/// The text with the further lines of quoted strings moved in: some stand no deeper than their key, which the parser does
/// not take. White space there is folded, and means nothing.
fn indented(text: &str) -> String {
    let mut out = String::new();
    let mut open = None;
    for line in text.lines() {
        let mut rest = line;
        if open.is_some() {
            if !line.trim().is_empty() {
                out.push_str("    ");
            }
        } else {
            let value = line.trim_start().trim_start_matches("- ");
            let value = match value.split_once(": ") {
                Some((key, value)) if !key.contains(['\'', '"']) => value,
                _ => value,
            };
            let first = value.chars().next();
            open = first.filter(|quote| matches!(quote, '\'' | '"'));
            rest = value.get(1..).unwrap_or_default();
        }
        if let Some(quote) = open
            && closes(rest, quote)
        {
            open = None;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// Whether a quoted string ends on this line.
fn closes(line: &str, quote: char) -> bool {
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if quote == '"' && character == '\\' {
            characters.next();
        } else if character == quote {
            if quote == '\'' && characters.peek() == Some(&'\'') {
                characters.next();
            } else {
                return true;
            }
        }
    }
    false
}

fn parse(text: &str) -> Node {
    let mut open: Vec<(Option<String>, Node, usize)> = Vec::new();
    let mut anchors: HashMap<usize, Node> = HashMap::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (node, anchor) = match event.unwrap().0 {
            Event::SequenceStart(anchor, _) => {
                open.push((None, Node::List(Vec::new()), anchor));
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push((None, Node::Map(HashMap::new()), anchor));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (_, node, anchor) = open.pop().unwrap();
                (node, anchor)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let binary = tag.is_some_and(|tag| tag.suffix.contains("binary"));
                let bytes = if binary {
                    let coded: String = text.split_whitespace().collect();
                    base64::engine::general_purpose::STANDARD
                        .decode(coded)
                        .unwrap()
                } else if style == saphyr_parser::ScalarStyle::Plain
                    && (text == "null" || text == "~")
                {
                    Vec::new()
                } else {
                    text.as_bytes().to_vec()
                };
                (Node::Scalar(bytes), anchor)
            }
            Event::Alias(anchor) => (anchors[&anchor].clone(), 0),
            _ => continue,
        };
        if anchor > 0 {
            anchors.insert(anchor, node.clone());
        }
        match open.last_mut() {
            None => root = Some(node),
            Some((_, Node::List(list), _)) => list.push(node),
            Some((key, Node::Map(map), _)) => match key.take() {
                None => *key = Some(node.text()),
                Some(key) => {
                    map.insert(key, node);
                }
            },
            Some(_) => unreachable!(),
        }
    }
    root.unwrap()
}
