//! The descriptions of the tensors, and whether they fit the file.

use stance_core::fact::{Anomaly, AnomalyKind, Tensor as Described};

use super::types::tensor_type;
use super::{Error, File};
use crate::unclaimed;
use crate::weights::{self, Element};
use stance_read::report::Facts;

const WHAT: &str = "the tensor descriptions";

/// Untrue descriptions that are reported.
const MOST: usize = 16;

/// Dimensions that a tensor can have.
const DIMENSIONS: u32 = 4;

struct Tensor {
    pub name: String,
    described_at: u64,
    offset: u64,
    /// Bytes, where the type is known.
    pub bytes: Option<u64>,
    pub element: Element,
}

impl File<'_, '_> {
    pub(super) fn read_tensors(&mut self, count: u64, facts: &mut Facts<'_>) -> Result<(), Error> {
        let limit = u64::from(self.input.options().limits.tree_nodes);
        let mut tensors = Vec::new();
        let mut parameters = 0_u64;
        for _ in 0..count.min(limit) {
            let (tensor, elements) = self.read_tensor()?;
            parameters = parameters.saturating_add(elements);
            tensors.push(tensor);
            self.artifact.tensors = Some(tensors.len() as u64);
            self.artifact.parameters = Some(parameters);
        }
        if count > limit {
            return Err(Error::Unknown(format!(
                "only {limit} of {count} tensors are looked at"
            )));
        }
        if count == 0 {
            self.artifact.tensors = Some(0);
        }
        self.check(&mut tensors);
        let data = self.at.next_multiple_of(self.alignment);
        let places = tensors.iter().filter_map(|tensor| {
            Some(weights::Tensor {
                name: &tensor.name,
                element: tensor.element,
                at: data.saturating_add(tensor.offset),
                bytes: tensor.bytes?,
                row: None,
            })
        });
        weights::examine(self.input, places, &mut self.artifact, facts);
        Ok(())
    }

    fn read_tensor(&mut self) -> Result<(Tensor, u64), Error> {
        let described_at = self.at;
        let name = self.text(WHAT)?;
        let name = self.kept(name, 80)?;
        let place = described_at..described_at.saturating_add(8);
        let input = self.input;
        let evidence = |seen: &str| input.evidence_at(place, seen);
        crate::names::note(&name, evidence, &mut self.artifact);
        let dimensions = self.u32(WHAT)?;
        if dimensions > DIMENSIONS {
            let detail = format!("the tensor {name:?} claims {dimensions} dimensions");
            return Err(Error::Lie(detail, described_at));
        }
        let mut elements = Some(1_u64);
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            let size = self.count(WHAT)?;
            shape.push(size);
            elements = elements.and_then(|elements| elements.checked_mul(size));
        }
        let kind = self.u32(WHAT)?;
        let offset = self.u64(WHAT)?;
        let Some(elements) = elements else {
            self.lie(
                format!("the dimensions of the tensor {name:?} multiply to more than 64 bits hold"),
                described_at,
            );
            return Ok((
                Tensor {
                    name,
                    described_at,
                    offset,
                    bytes: None,
                    element: Element::Other,
                },
                0,
            ));
        };
        let known = tensor_type(kind);
        let label = known.map_or_else(|| format!("type {kind}"), |known| known.name.to_owned());
        if self.artifact.dtypes.len() < 64 || self.artifact.dtypes.contains_key(&label) {
            let count = self.artifact.dtypes.entry(label).or_default();
            *count = count.saturating_add(1);
        }
        let bytes = known.and_then(|known| elements.div_ceil(known.block).checked_mul(known.bytes));
        let most = self.input.options().limits.tensors;
        self.artifact.list_tensor(most, || Described {
            name: name.clone(),
            dtype: known.map_or_else(|| format!("type {kind}"), |known| known.name.to_owned()),
            shape,
            // Counted from the start of the data for now, of which the place is not known yet.
            offset: Some(offset),
            bytes,
        });
        let tensor = Tensor {
            name,
            described_at,
            offset,
            bytes,
            element: known.map_or(Element::Other, |known| Element::of(known.name)),
        };
        Ok((tensor, elements))
    }

    /// Every tensor inside the file, side by side, nothing behind the last.
    fn check(&mut self, tensors: &mut [Tensor]) {
        let size = self.input.len();
        let data = self.at.next_multiple_of(self.alignment);
        for tensor in &mut self.artifact.tensor_list {
            tensor.offset = tensor.offset.map(|offset| data.saturating_add(offset));
        }
        tensors.sort_by_key(|tensor| tensor.offset);
        let mut claimed = 0_u64;
        let mut all_known = true;
        let mut lies = self.artifact.anomalies.len();
        let mut cut = None;
        for tensor in tensors.iter() {
            let start = data.saturating_add(tensor.offset);
            let end = start.saturating_add(tensor.bytes.unwrap_or_default());
            all_known &= tensor.bytes.is_some();
            let overlaps = tensor.offset < claimed && tensor.bytes.unwrap_or_default() > 0;
            let far = tensor.offset.saturating_sub(claimed) > self.alignment;
            let detail = if overlaps {
                format!(
                    "the tensor {:?} starts at {}, inside another one",
                    tensor.name, tensor.offset
                )
            } else if end > size
                && (far || start > size.saturating_add(self.alignment))
                && all_known
                && cut.is_none()
            {
                format!(
                    "the tensor {:?} claims the bytes {start} to {end} of a file of {size}",
                    tensor.name
                )
            } else {
                if end > size && cut.is_none() {
                    cut = Some((tensor.described_at, end));
                }
                claimed = claimed.max(
                    tensor
                        .offset
                        .saturating_add(tensor.bytes.unwrap_or_default()),
                );
                continue;
            };
            lies = lies.saturating_add(1);
            if lies <= MOST {
                let evidence = self.input.evidence_at(
                    tensor.described_at..tensor.described_at.saturating_add(8),
                    &detail,
                );
                self.artifact.anomalies.push(Anomaly {
                    kind: AnomalyKind::LyingHeader,
                    detail,
                    evidence,
                });
            }
        }
        if let Some((at, end)) = cut {
            let detail = format!("the tensors need {end} bytes and the file has {size}");
            self.artifact.anomalies.push(Anomaly {
                kind: AnomalyKind::Truncated,
                evidence: self.input.evidence_at(at..at.saturating_add(8), &detail),
                detail,
            });
        } else if all_known && lies == 0 {
            let end = data.saturating_add(claimed.next_multiple_of(self.alignment));
            // A file without tensors may end before the place where they would begin.
            let end = if tensors.is_empty() {
                self.at
            } else {
                end.min(size)
            };
            let found = unclaimed::anomaly(
                self.input,
                &mut self.window,
                end,
                size,
                "behind the last tensor",
            );
            self.artifact.anomalies.extend(found);
        }
    }
}
