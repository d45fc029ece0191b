//! OpenVINO: a graph as XML, its weights in a `.bin` beside it.
//!
//! See <https://docs.openvino.ai/2025/documentation/openvino-ir-format/operation-sets.html>.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use stance_core::fact::{
    Anomaly, AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact,
};

use crate::xml::{Hazards, Token, Tokens, attributes, begins_with_root, local};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::text::Text;

pub(crate) static INSPECTOR: Openvino = Openvino;

/// Operators that are kept of one graph.
const KEPT: usize = 64;
/// Bytes of the name of a layer that are told.
const NAME: usize = 200;

/// Sets of operators that the runtime brings itself, besides `opset1` and its successors.
const OWN_SETS: &[&str] = &[
    "experimental",
    "ie_internal_opset",
    "type_relaxed_opset",
    "util",
];

pub(crate) struct Openvino;

impl Inspector for Openvino {
    fn name(&self) -> &'static str {
        "openvino"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        matches!(
            head.first(),
            Some(b'<' | b' ' | b'\r' | b'\n' | b'\t' | 0xef | 0xfe | 0xff)
        ) && begins_with_root(head, "net")
            && (memchr::memmem::find(head, b"layer").is_some() || !head.is_ascii())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(bytes) = input.whole(input.options().limits.text, facts) else {
            return;
        };
        let text = crate::xml::decode(bytes);
        let mut reader = Reader {
            input,
            text: &text,
            artifact: Artifact::new(ArtifactFormat::Openvino, input.len(), input.evidence()),
            layer: Layer::default(),
            layers: 0,
            tensors: 0,
            parameters: 0,
        };
        reader.read();
        let Reader {
            mut artifact,
            layers,
            tensors,
            parameters,
            ..
        } = reader;
        artifact
            .metadata
            .insert("layers".to_owned(), layers.to_string());
        artifact.tensors = Some(tensors);
        artifact.parameters = Some(parameters);
        artifact
            .anomalies
            .extend(crate::xml::behind_root(input, bytes, "net"));
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// The layer whose description is open.
#[derive(Default)]
struct Layer<'t> {
    name: &'t str,
    kind: &'t str,
}

struct Reader<'i, 'a> {
    input: &'i Input<'a>,
    text: &'i Text<'i>,
    artifact: Artifact,
    layer: Layer<'i>,
    layers: u64,
    tensors: u64,
    parameters: u64,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        let mut hazards = Hazards::new(self.input, self.text);
        let mut converted = false;
        for (token, span) in Tokens::new(self.text.as_str()) {
            hazards.see(&token, &span, &mut self.artifact);
            let Token::Start { name, .. } = token else {
                continue;
            };
            match local(self.text.as_str().get(name).unwrap_or_default()) {
                "net" => self.net(&span),
                "layer" => self.layer(span),
                "data" if self.layer.kind == "Const" => self.constant(span),
                "data" => self.libraries(self.layer.kind, span),
                // What a graph has most of, none of which names a file.
                "dim" | "edge" | "input" | "output" | "port" => {}
                // How it was converted, which nothing reads again.
                "cli_parameters" | "conversion_parameters" => converted = true,
                "layers" | "edges" | "rt_info" | "meta_data" => converted = false,
                _ if converted => {}
                element => self.libraries(element, span),
            }
        }
    }

    fn net(&mut self, span: &Range<usize>) {
        for (name, value, _) in attributes(self.text.as_str(), span.clone()) {
            match name {
                "name" => self.artifact.architecture = Some(shown(value)),
                "version" => {
                    self.artifact
                        .metadata
                        .insert("ir.version".to_owned(), shown(value));
                }
                _ => {}
            }
        }
    }

    fn layer(&mut self, span: Range<usize>) {
        self.layers = self.layers.saturating_add(1);
        let mut version = None;
        self.layer = Layer::default();
        for (name, value, _) in attributes(self.text.as_str(), span.clone()) {
            match name {
                // It is told with each of its tensors, of which a layer may have millions.
                "name" => {
                    self.layer.name = value
                        .get(..value.floor_char_boundary(NAME))
                        .unwrap_or(value);
                }
                "type" => self.layer.kind = value,
                "version" => version = Some(value),
                _ => {}
            }
        }
        self.libraries(self.layer.kind, span.clone());
        let lower = self.layer.kind.to_ascii_lowercase();
        let python = matches!(&*lower, "python" | "pythonop" | "pyop" | "pyfunc");
        if python || version.is_some_and(|set| !is_own(set)) {
            let detail = format!("of the set `{}`", version.unwrap_or_default());
            self.operator(self.layer.kind, &detail, span);
        }
    }

    /// Attributes that name a library or a source file: a runtime that knows the operator or the element
    /// loads it.
    fn libraries(&mut self, of: &str, span: Range<usize>) {
        for (name, value, place) in attributes(self.text.as_str(), span) {
            let lower = value.to_ascii_lowercase();
            let file = [".so", ".dll", ".dylib", ".py", ".cl", ".pyc"];
            if file.iter().any(|end| lower.ends_with(end)) && name != "name" {
                let detail = format!("{name}: {value}");
                self.operator(of, &detail, place);
            }
        }
    }

    fn operator(&mut self, name: &str, detail: &str, place: Range<usize>) {
        let known = self.artifact.embedded.iter();
        let same = |known: &Embedded| known.name == name && known.detail == detail;
        if self.artifact.embedded.len() < KEPT && !known.into_iter().any(same) {
            self.artifact.embedded.push(Embedded {
                kind: EmbeddedKind::CustomOperator,
                name: shown(name),
                detail: shown(detail),
                evidence: self.text.evidence(self.input.path(), place),
            });
        }
    }

    /// Where the weights of a constant lie, and whether that can be.
    fn constant(&mut self, span: Range<usize>) {
        let (mut kind, mut shape, mut offset, mut size) = ("", None, None, None);
        for (name, value, _) in attributes(self.text.as_str(), span.clone()) {
            match name {
                "element_type" => kind = value,
                "shape" => shape = elements(value),
                "offset" => offset = Some(value),
                "size" => size = Some(value),
                _ => {}
            }
        }
        self.tensors = self.tensors.saturating_add(1);
        if let Some(elements) = shape {
            self.parameters = self.parameters.saturating_add(elements);
        }
        if self.artifact.dtypes.len() < KEPT && !kind.is_empty() {
            let count = self.artifact.dtypes.entry(shown(kind)).or_default();
            *count = count.saturating_add(1);
        }
        let (Some(offset), Some(size)) = (offset, size) else {
            return;
        };
        let numbers = (offset.parse::<u64>().ok(), size.parse::<u64>().ok());
        let (Some(start), Some(length)) = numbers else {
            let detail = format!(
                "the layer `{}` has its weights at `{offset}`, `{size}` bytes long",
                self.layer.name
            );
            self.lie(detail, span);
            return;
        };
        if start.checked_add(length).is_none_or(|end| end > 1 << 48) {
            let detail = format!(
                "the weights of the layer `{}` end behind byte {start} + {length}",
                self.layer.name
            );
            self.lie(detail, span);
        } else if let (Some(elements), Some(bits)) = (shape, bits(kind)) {
            let needed = elements.checked_mul(bits).map(|bits| bits.div_ceil(8));
            if needed != Some(length) {
                let detail = format!(
                    "the layer `{}` has {length} bytes for {elements} elements of {kind}",
                    self.layer.name
                );
                self.lie(detail, span);
            }
        }
    }

    fn lie(&mut self, detail: String, place: Range<usize>) {
        // Where a lie stands is sought in the text, which is dear for more of them than are told.
        let same = |known: &&Anomaly| known.kind == AnomalyKind::LyingHeader;
        let told = self.artifact.anomalies.iter().filter(same).count();
        if told >= Artifact::ANOMALIES_PER_KIND {
            return;
        }
        let evidence = self.text.evidence(self.input.path(), place);
        self.artifact
            .anomaly(AnomalyKind::LyingHeader, shown(&detail), evidence);
    }
}

/// Whether the runtime brings this set of operators itself.
fn is_own(set: &str) -> bool {
    let numbered = set.strip_prefix("opset").is_some_and(|number| {
        (1..=2).contains(&number.len()) && number.bytes().all(|digit| digit.is_ascii_digit())
    });
    numbered || set.is_empty() || OWN_SETS.contains(&set)
}

/// The product of a shape such as `1,3,224,224`; nothing when it overflows or is no list of numbers.
fn elements(shape: &str) -> Option<u64> {
    let mut parts = shape
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts.try_fold(1_u64, |product, part| {
        product.checked_mul(part.parse().ok()?)
    })
}

/// Bits of one element; nothing for types of no fixed size.
fn bits(kind: &str) -> Option<u64> {
    Some(match kind {
        "u1" => 1,
        "u2" => 2,
        "i4" | "u4" | "nf4" | "f4e2m1" => 4,
        "boolean" | "i8" | "u8" | "f8e4m3" | "f8e5m2" | "f8e8m0" => 8,
        "f16" | "bf16" | "i16" | "u16" => 16,
        "f32" | "i32" | "u32" => 32,
        "f64" | "i64" | "u64" => 64,
        _ => return None,
    })
}
