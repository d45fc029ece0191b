//! What the messages of an object say.

use stance_core::fact::{AnomalyKind, Embedded, EmbeddedKind};

use super::data::Stored;
use super::object::Message;
use super::{Error, File, plus};
use crate::weights::Element;

/// Elements of a dataset past which no weights go: reading it takes memory for all of them, whether
/// the file holds them or not.
const ELEMENTS: u64 = 1 << 38;

/// Filters of one dataset, and the number from which on a library has to bring them.
const FILTERS: u8 = 32;
const PLUGIN: u16 = 256;

/// Mappings of one virtual dataset.
const MAPPINGS: u64 = 4096;

/// Dimensions that a dataset can have.
const DIMENSIONS: u8 = 32;

impl File<'_, '_> {
    /// Reads every message; one that is broken does not hide the others.
    pub(super) fn read_messages(&mut self, messages: &[Message]) {
        let mut elements = None;
        let mut dtype = None;
        let mut is_dataset = false;
        let mut place = 0;
        let mut stored = None;
        let mut element = (Element::Other, 1);
        let mut filters = Vec::new();
        for message in messages {
            let read = match message.kind {
                0x01 => self
                    .dataspace(message.at)
                    .map(|found| elements = Some(found)),
                0x02 => self.link_info(message.at),
                // A shared message is only a reference to the type.
                0x03 if message.flags & 2 == 0 => {
                    element = self.element(message.at).unwrap_or(element);
                    self.data_type(message.at).map(|found| dtype = Some(found))
                }
                0x06 => self.read_link(message.at),
                0x07 => self.external_files(message.at),
                0x08 => {
                    is_dataset = true;
                    place = message.at;
                    stored = self.data_layout(message.at).unwrap_or_default();
                    self.layout(message.at)
                }
                0x0b => self.filters(message.at, &mut filters),
                0x0c => self.read_attribute(message.at, message.size),
                0x11 => self.read_group(message.at),
                0x15 => self.attribute_info(message.at),
                _ => Ok(()),
            };
            if let Err(error) = read {
                self.note(error);
            }
        }
        if let Some(layout) = stored {
            self.store(Stored {
                element: element.0,
                size: element.1,
                layout,
                filters,
            });
        }
        if is_dataset {
            self.tensors = self.tensors.saturating_add(1);
            if elements.is_some_and(|elements| elements > ELEMENTS) {
                self.too_large(elements.unwrap_or(0), place);
            }
            let label = dtype.unwrap_or_else(|| "named type".to_owned());
            if label.starts_with(['f', 'i', 'u']) {
                self.parameters = self.parameters.saturating_add(elements.unwrap_or(0));
            }
            if self.artifact.dtypes.len() < 64 || self.artifact.dtypes.contains_key(&label) {
                let count = self.artifact.dtypes.entry(label).or_default();
                *count = count.saturating_add(1);
            }
        }
    }

    /// How many elements there are.
    pub(super) fn dataspace(&mut self, at: u64) -> Result<u64, Error> {
        let version = self.window.u8(at)?;
        let rank = self.window.u8(plus(at, 1_u64))?;
        let (kind, mut place) = match version {
            1 => (1, plus(at, 8_u64)),
            2 => (self.window.u8(plus(at, 3_u64))?, plus(at, 4_u64)),
            _ => return Err(Error::Unread("this version of a dataspace")),
        };
        // The kind of an empty dataspace.
        if kind == 2 && version == 2 {
            return Ok(0);
        }
        let mut elements = 1_u64;
        for _ in 0..rank.min(DIMENSIONS) {
            elements = elements.saturating_mul(self.length(place)?);
            place = plus(place, self.lengths);
        }
        Ok(elements)
    }

    /// A short name of a data type.
    fn data_type(&mut self, at: u64) -> Result<String, Error> {
        let class = self.window.u8(at)? & 0x0f;
        let signed = self.window.u8(plus(at, 1_u64))? & 8 != 0;
        let bits = self.window.u32(plus(at, 4_u64))?.saturating_mul(8);
        Ok(match class {
            0 if signed => format!("int{bits}"),
            0 => format!("uint{bits}"),
            1 => format!("float{bits}"),
            3 => "string".to_owned(),
            6 => "compound".to_owned(),
            8 => "enum".to_owned(),
            9 => "variable length".to_owned(),
            _ => format!("class {class}"),
        })
    }

    /// How the elements lie, and their bytes.
    fn element(&mut self, at: u64) -> Result<(Element, u64), Error> {
        let class = self.window.u8(at)? & 0x0f;
        let big = self.window.u8(plus(at, 1_u64))? & 1 != 0;
        let size = u64::from(self.window.u32(plus(at, 4_u64))?);
        let element = match (class, size) {
            (1, 2) if !big => Element::F16,
            (1, 4) if !big => Element::F32,
            (1, 8) if !big => Element::F64,
            _ => Element::Other,
        };
        Ok((element, size))
    }

    /// Files beside this one in which the data of a dataset lies.
    fn external_files(&mut self, at: u64) -> Result<(), Error> {
        let used = self.window.u16(plus(at, 6_u64))?;
        let heap = self.offset(plus(at, 8_u64))?;
        let names = self.local_heap(heap)?;
        let mut slot = plus(plus(at, 8_u64), self.offsets);
        for _ in 0..used {
            self.spend()?;
            let name = self.length(slot)?;
            let place = plus(names, name);
            let location = self.c_string(place, 1024)?;
            self.add_external(location, "external storage", place);
            slot = plus(slot, u64::from(self.lengths).saturating_mul(3));
        }
        Ok(())
    }

    fn too_large(&mut self, elements: u64, at: u64) {
        let detail = format!("a dataset claims {elements} elements");
        let evidence = self.input.evidence_at(at..at.saturating_add(1), &detail);
        self.artifact.anomaly(AnomalyKind::Bomb, detail, evidence);
    }

    /// What the data of a dataset goes through when it is read. Filters past the built-in ones are
    /// libraries that HDF5 looks for by their number and loads.
    fn filters(&mut self, at: u64, all: &mut Vec<u16>) -> Result<(), Error> {
        let version = self.window.u8(at)?;
        let count = self.window.u8(plus(at, 1_u64))?;
        let mut place = plus(at, if version == 1 { 8_u64 } else { 2 });
        for _ in 0..count.min(FILTERS) {
            self.spend()?;
            let start = place;
            let id = self.window.u16(place)?;
            place = plus(place, 2_u64);
            all.push(id);
            // The second version leaves out the names of the built-in filters.
            let mut name = 0;
            if version == 1 || id >= PLUGIN {
                name = u64::from(self.window.u16(place)?);
                place = plus(place, 2_u64);
            }
            let values = u64::from(self.window.u16(plus(place, 2_u64))?);
            place = plus(place, 4_u64);
            let text = self.c_string(place, usize::try_from(name).unwrap_or(0).min(64))?;
            place = plus(
                place,
                if version == 1 {
                    name.next_multiple_of(8)
                } else {
                    name
                },
            );
            let padding = if version == 1 && values % 2 == 1 {
                4_u64
            } else {
                0
            };
            place = plus(plus(place, values.saturating_mul(4)), padding);
            if id >= PLUGIN && self.plugins.len() < 64 && self.plugins.insert(id) {
                let seen = format!("filter {id} {text:?}");
                self.artifact.embedded.push(Embedded {
                    kind: EmbeddedKind::CustomOperator,
                    name: text,
                    detail: format!("filter {id}"),
                    evidence: self.input.evidence_at(start..place, seen),
                });
            }
        }
        Ok(())
    }

    /// The layout of a dataset; a virtual one is put together from other files.
    fn layout(&mut self, at: u64) -> Result<(), Error> {
        let version = self.window.u8(at)?;
        let class = self.window.u8(plus(at, 1_u64))?;
        if version < 4 || class != 3 {
            return Ok(());
        }
        let address = self.offset(plus(at, 2_u64))?;
        let index = self.window.u32(plus(plus(at, 2_u64), self.offsets))?;
        let Some((place, size)) = self.global_heap_object(address, index)? else {
            return Ok(());
        };
        // Version and number of the mappings; each begins with its file and the dataset in it.
        let end = plus(place, size);
        let count = self.length(plus(place, 1_u64))?;
        let mut at = plus(plus(place, 1_u64), self.lengths);
        for _ in 0..count.min(MAPPINGS) {
            self.spend()?;
            if at >= end {
                break;
            }
            let location = self.c_string(at, 1024)?;
            let name = at;
            at = plus(plus(at, location.len() as u64), 1_u64);
            if location != "." && !location.is_empty() {
                self.add_external(location, "virtual dataset", name);
            }
            let dataset = self.c_string(at, 1024)?;
            at = plus(plus(at, dataset.len() as u64), 1_u64);
            for _ in 0..2 {
                at = plus(at, self.selection(at)?);
            }
        }
        Ok(())
    }

    /// The length of a selection of elements.
    fn selection(&mut self, at: u64) -> Result<u64, Error> {
        let kind = self.window.u32(at)?;
        let version = self.window.u32(plus(at, 4_u64))?;
        match (kind, version) {
            // None and all of them: a head and nothing else.
            (0 | 3, _) => Ok(16),
            (1 | 2, 1) => {
                let rest = self.window.u32(plus(at, 12_u64))?;
                Ok(16_u64.saturating_add(u64::from(rest)))
            }
            (2, 2) => {
                let rest = self.window.u32(plus(at, 9_u64))?;
                Ok(13_u64.saturating_add(u64::from(rest)))
            }
            (2, 3) => {
                let regular = self.window.u8(plus(at, 8_u64))? & 1 != 0;
                let width = self.window.u8(plus(at, 9_u64))?;
                let rank = u64::from(self.window.u32(plus(at, 10_u64))?);
                let (head, numbers) = if regular {
                    (14_u64, rank.saturating_mul(4))
                } else {
                    let blocks = self.number(plus(at, 14_u64), width)?;
                    let numbers = blocks.saturating_mul(rank).saturating_mul(2);
                    (14_u64.saturating_add(u64::from(width)), numbers)
                };
                Ok(head.saturating_add(numbers.saturating_mul(u64::from(width))))
            }
            (1, 2) => {
                let width = self.window.u8(plus(at, 8_u64))?;
                let rank = u64::from(self.window.u32(plus(at, 9_u64))?);
                let points = self.number(plus(at, 13_u64), width)?;
                let numbers = points.saturating_mul(rank);
                let head = 13_u64.saturating_add(u64::from(width));
                Ok(head.saturating_add(numbers.saturating_mul(u64::from(width))))
            }
            _ => Err(Error::Unread("this form of a selection")),
        }
    }

    /// Where the links of a large group lie.
    fn link_info(&mut self, at: u64) -> Result<(), Error> {
        let flags = self.window.u8(plus(at, 1_u64))?;
        let place = plus(at, if flags & 1 != 0 { 10_u64 } else { 2 });
        let heap = self.offset(place)?;
        let index = self.offset(plus(place, self.offsets))?;
        for object in self.dense(heap, index, 4)? {
            if let Err(error) = self.read_link(object) {
                self.note(error);
            }
        }
        Ok(())
    }

    /// Where the attributes of an object lie that has many.
    fn attribute_info(&mut self, at: u64) -> Result<(), Error> {
        let flags = self.window.u8(plus(at, 1_u64))?;
        let place = plus(at, if flags & 1 != 0 { 4_u64 } else { 2 });
        let heap = self.offset(place)?;
        let index = self.offset(plus(place, self.offsets))?;
        for object in self.dense(heap, index, 0)? {
            if let Err(error) = self.read_attribute(object, u64::MAX) {
                self.note(error);
            }
        }
        Ok(())
    }
}
