//! What a document makes its reader do besides reading: entities, inclusions, scripts.

use std::collections::HashMap;
use std::ops::Range;

use stance_core::fact::{AnomalyKind, Artifact, Embedded, EmbeddedKind, External};

use super::doctype::{read, references};
use super::{Token, attributes, local};
use stance_read::active::is_active;
use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::text::Text;

/// What is kept of each kind.
const KEPT: usize = 64;

/// Expansion that no honest document comes to, in bytes and as a multiple of what is written: much of
/// it, or entities that name entities over and over.
const EXPANSION: [(u64, u64); 2] = [(4 << 20, 8), (64 << 10, 64)];

/// Looks at every token of a document for what acts.
pub(crate) struct Hazards<'i, 'a> {
    input: &'i Input<'a>,
    text: &'i Text<'i>,
    sizes: HashMap<String, u64>,
    expanded: u64,
    told: bool,
    script: bool,
}

impl<'i, 'a> Hazards<'i, 'a> {
    pub(crate) fn new(input: &'i Input<'a>, text: &'i Text<'i>) -> Self {
        Self {
            input,
            text,
            sizes: HashMap::new(),
            expanded: 0,
            told: false,
            script: false,
        }
    }

    /// Looks at the next token.
    pub(crate) fn see(&mut self, token: &Token, span: &Range<usize>, artifact: &mut Artifact) {
        let text = self.text.as_str();
        let content = text.get(span.clone()).unwrap_or_default();
        match token {
            Token::Doctype => self.doctype(span, artifact),
            Token::Instruction => self.instruction(content, span, artifact),
            Token::Start { name, .. } => {
                let name = local(text.get(name.clone()).unwrap_or_default());
                self.script = name.eq_ignore_ascii_case("script");
                for (attribute, value, place) in attributes(text, span.clone()) {
                    if attribute == "href" && matches!(name, "include" | "import") {
                        self.external(value, &place, artifact);
                    }
                    self.string(attribute, value, &place, artifact);
                }
            }
            Token::Text | Token::CData => {
                if self.script {
                    let detail = format!("<script> {}", content.trim());
                    self.code("script", &detail, span, artifact);
                    self.script = false;
                } else if content.len() > 8 {
                    self.string("text", content, span, artifact);
                }
            }
            Token::End => self.script = false,
            // Readers act on a document type before they see that it does not end.
            Token::Broken
                if content
                    .get(..9)
                    .is_some_and(|open| open.eq_ignore_ascii_case("<!DOCTYPE")) =>
            {
                self.doctype(span, artifact);
            }
            Token::Comment | Token::Broken => {}
        }
    }

    /// A value of an attribute or a text.
    fn string(&mut self, name: &str, value: &str, place: &Range<usize>, artifact: &mut Artifact) {
        if !self.sizes.is_empty() {
            for entity in references(value) {
                let size = self.sizes.get(entity).copied().unwrap_or_default();
                self.expanded = self.expanded.saturating_add(size);
            }
            self.bomb(place, artifact);
        }
        if is_active(value) {
            self.code(name, value.trim(), place, artifact);
        }
    }

    fn code(&self, name: &str, detail: &str, place: &Range<usize>, artifact: &mut Artifact) {
        let same = artifact.embedded.iter();
        let kept = same
            .filter(|known| known.kind == EmbeddedKind::DocumentCode)
            .count();
        if kept < KEPT {
            artifact.embedded.push(Embedded {
                kind: EmbeddedKind::DocumentCode,
                name: shown(name),
                detail: shown(detail),
                evidence: self.text.evidence(self.input.path(), place.clone()),
            });
        }
    }

    fn external(&self, location: &str, place: &Range<usize>, artifact: &mut Artifact) {
        if artifact.external.len() < KEPT {
            artifact.external.push(External {
                location: shown(location),
                escapes: escapes(location) || location.contains(':'),
                evidence: self.text.evidence(self.input.path(), place.clone()),
            });
        }
    }

    fn doctype(&mut self, span: &Range<usize>, artifact: &mut Artifact) {
        let doctype = read(self.text.as_str(), span);
        for outside in &doctype.outside {
            self.external(&outside.location, &outside.span, artifact);
        }
        let entities = doctype.sizes.len().saturating_add(doctype.parameters);
        let named = doctype
            .outside
            .iter()
            .filter_map(|outside| outside.entity.as_ref());
        let entities = entities.saturating_add(named.count());
        if entities > 0 {
            artifact
                .metadata
                .insert("xml.entities".to_owned(), entities.to_string());
        }
        if let Some((size, place)) = doctype.largest {
            self.expanded = size;
            self.bomb(&place, artifact);
            self.expanded = 0;
        }
        self.sizes = doctype.sizes;
    }

    /// Says once that expansion passes every measure.
    fn bomb(&mut self, place: &Range<usize>, artifact: &mut Artifact) {
        let written = self.text.as_str().len() as u64;
        let passes = |(bytes, ratio): &(u64, u64)| {
            self.expanded >= *bytes && self.expanded >= written.saturating_mul(*ratio)
        };
        if self.told || !EXPANSION.iter().any(passes) {
            return;
        }
        self.told = true;
        artifact.anomaly(
            AnomalyKind::Bomb,
            format!(
                "its entities expand {written} bytes to more than {}",
                self.expanded
            ),
            self.text.evidence(self.input.path(), place.clone()),
        );
    }

    /// The XML declaration may name an encoding in which filters see nothing of the markup.
    fn instruction(&self, content: &str, span: &Range<usize>, artifact: &mut Artifact) {
        if !content.starts_with("<?xml ") {
            return;
        }
        for (name, value, place) in attributes(self.text.as_str(), span.clone()) {
            let lower = value.to_ascii_lowercase();
            let hides = [
                "utf-7", "utf7", "ibm", "cp037", "cp1047", "ebcdic", "utf-32", "ucs-4", "utf-1",
            ];
            let plain = lower == "utf-16" || lower == "utf-16le" || lower == "utf-16be";
            if name == "encoding" && !plain && hides.iter().any(|odd| lower.starts_with(odd)) {
                artifact.anomaly(
                    AnomalyKind::LyingHeader,
                    format!(
                        "it says that it is written in {}, which it does not look like",
                        shown(value)
                    ),
                    self.text.evidence(self.input.path(), place),
                );
            }
        }
    }
}
