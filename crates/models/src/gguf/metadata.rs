//! The typed metadata: what is kept of it, and the rest passed by.

use stance_core::fact::{Anomaly, AnomalyKind, Embedded, EmbeddedKind, GapReason};

use super::types::file_type;
use super::{Error, File};
use stance_code::huggingface::{LONGEST_TEMPLATE, template};
use stance_read::report::Facts;

const WHAT: &str = "the metadata";

/// Entries whose values are kept.
const KEPT: usize = 64;

/// Keys that are remembered; models have less than a hundred.
const KEYS: usize = 4096;

/// Deepest nesting of arrays.
const DEPTH: u8 = 4;

const STRING: u32 = 8;
const ARRAY: u32 = 9;

impl File<'_, '_> {
    pub(super) fn read_metadata(
        &mut self,
        entries: u64,
        facts: &mut Facts<'_>,
    ) -> Result<(), Error> {
        for _ in 0..entries {
            let (start, length) = self.text(WHAT)?;
            let key = self.kept((start, length), 256)?;
            if length <= 256 {
                self.note_key(&key, start);
            }
            let kind = self.u32(WHAT)?;
            match kind {
                STRING => self.string(&key, facts)?,
                ARRAY => {
                    let length = self.skip_array(DEPTH)?;
                    self.keep(&key, format!("{length} values"));
                }
                _ => {
                    let value = self.number(kind)?;
                    self.take_number(&key, &value);
                }
            }
        }
        Ok(())
    }

    fn string(&mut self, key: &str, facts: &mut Facts<'_>) -> Result<(), Error> {
        let place = self.text(WHAT)?;
        let (start, length) = place;
        if key == "tokenizer.chat_template" || key.starts_with("tokenizer.chat_template.") {
            let source = self.kept(place, LONGEST_TEMPLATE)?;
            let evidence = self
                .input
                .evidence_at(start..start.saturating_add(length), &source);
            if length > LONGEST_TEMPLATE as u64 {
                facts.gap(
                    GapReason::TooLarge,
                    format!(
                        "of a chat template of {length} bytes only {LONGEST_TEMPLATE} are read"
                    ),
                    evidence.clone(),
                );
            }
            template::add_hidden(self.input.path(), key, &source, &evidence, facts);
            if self.artifact.embedded.len() < KEPT {
                self.artifact.embedded.push(Embedded {
                    kind: EmbeddedKind::ChatTemplate,
                    name: key.to_owned(),
                    detail: stance_read::redact::redact(&source).into_owned(),
                    evidence,
                });
            }
            return Ok(());
        }
        let value = self.kept(place, 400)?;
        match key {
            "general.architecture" => self.artifact.architecture = Some(value.clone()),
            "general.license" => self.artifact.licence = Some(value.clone()),
            _ => {}
        }
        self.keep(key, value);
        Ok(())
    }

    /// llama.cpp refuses a file that has a key twice; other readers take the first or the last value.
    fn note_key(&mut self, key: &str, at: u64) {
        if self.keys.contains(key) {
            if self.artifact.anomalies.len() < KEPT {
                self.artifact.anomalies.push(Anomaly {
                    kind: AnomalyKind::ReaderDisagreement,
                    detail: format!("the metadata has the key {key:?} more than once, and which one counts depends on the reader"),
                    evidence: self.input.evidence_at(
                        at..at.saturating_add(key.len() as u64),
                        format!("{key:?} again"),
                    ),
                });
            }
        } else if self.keys.len() < KEYS {
            self.keys.insert(key.to_owned());
        }
    }

    fn take_number(&mut self, key: &str, value: &str) {
        match key {
            "general.alignment" => {
                let alignment = value.parse().unwrap_or(0_u64);
                if alignment.is_power_of_two() && alignment >= 8 {
                    self.alignment = alignment;
                } else {
                    let at = self.at.saturating_sub(4);
                    self.lie(format!("the alignment {value} is no power of two"), at);
                }
            }
            "general.file_type" => {
                let name = value.parse().ok().and_then(file_type);
                return self.keep(key, name.unwrap_or(value).to_owned());
            }
            _ => {}
        }
        self.keep(key, value.to_owned());
    }

    fn keep(&mut self, key: &str, value: String) {
        if self.artifact.metadata.len() < KEPT {
            let value = stance_read::redact::redact(&value).into_owned();
            self.artifact.metadata.insert(key.to_owned(), value);
        }
    }

    /// A number or boolean as text.
    fn number(&mut self, kind: u32) -> Result<String, Error> {
        let width = self.width(kind)?;
        let at = self.at;
        let bytes = self
            .window
            .get(at, usize::try_from(width).unwrap_or(8))
            .map_err(|stop| Error::Stop(stop, WHAT))?;
        let mut wide = [0; 8];
        for (to, from) in wide.iter_mut().zip(bytes) {
            *to = *from;
        }
        let bits = u64::from_le_bytes(wide);
        self.at = at.saturating_add(width);
        let low = u32::try_from(bits & 0xffff_ffff).unwrap_or_default();
        // Signed numbers keep their bits in a wider word; sign them again.
        let signed = |shift: u32| (bits.wrapping_shl(shift).cast_signed() >> shift).to_string();
        Ok(match kind {
            1 => signed(56),
            3 => signed(48),
            5 => signed(32),
            11 => bits.cast_signed().to_string(),
            6 => f32::from_bits(low).to_string(),
            12 => f64::from_bits(bits).to_string(),
            7 => (bits != 0).to_string(),
            _ => bits.to_string(),
        })
    }

    /// Bytes of a value of fixed size.
    fn width(&mut self, kind: u32) -> Result<u64, Error> {
        Ok(match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            _ => {
                return Err(Error::Unknown(format!(
                    "the value type {kind} is not known"
                )));
            }
        })
    }

    /// Passes an array and gives its length.
    fn skip_array(&mut self, depth: u8) -> Result<u64, Error> {
        let from = self.at;
        let kind = self.u32(WHAT)?;
        let length = self.count(WHAT)?;
        let rest = self.input.len().saturating_sub(self.at);
        let least = match kind {
            STRING => {
                if self.narrow {
                    4
                } else {
                    8
                }
            }
            ARRAY => 8,
            _ => self.width(kind)?,
        };
        if length.saturating_mul(least) > rest {
            let detail = format!("an array claims {length} values, and {rest} bytes follow");
            return Err(Error::Lie(detail, from));
        }
        match kind {
            STRING => {
                for _ in 0..length {
                    self.text(WHAT)?;
                }
            }
            ARRAY => {
                let Some(depth) = depth.checked_sub(1) else {
                    // No tool writes even two of them in each other.
                    let detail = "arrays are nested in each other without end".to_owned();
                    return Err(Error::Lie(detail, from));
                };
                for _ in 0..length {
                    self.skip_array(depth)?;
                }
            }
            _ => self.at = self.at.saturating_add(length.saturating_mul(least)),
        }
        Ok(length)
    }
}
