//! The members of a zip file where one reader sees what every other sees; anything else is refused.

use std::collections::HashSet;
use std::sync::Arc;

use stance_core::fact::AnomalyKind;

use super::error::Error;
use super::place::{self, Place};
use crate::zip::directory::Directory;
use crate::zip::entry::{DEFLATED, Entry, Local, STORED};
use stance_read::input::Input;
use stance_read::interests::Interests;
use stance_read::limits::{Limits, Options};
use stance_read::report::Facts;
use stance_read::source::Source;

/// How much of a local header is read: its fixed part, an ordinary name, and extra fields.
const HEADER: u64 = 512;
/// Longest local header, with the longest name and the longest extra field.
const LONGEST_HEADER: u64 = 30 + 2 * 65_535;

/// A member whose local header says the same as the directory.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) entry: Entry,
    /// Where its data starts, as it is stored.
    pub(crate) data: u64,
    pub(crate) packed: u64,
}

/// All members, in the order of the directory.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) members: Vec<Member>,
}

impl Archive {
    pub(crate) fn read(source: &dyn Source) -> Result<Self, Error> {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: &[],
        };
        let mut facts = Facts::new(&options);
        let input = Input::new(Arc::from(""), source, &options, &mut facts);
        let directory = Directory::read(&input, &mut facts)
            .ok_or_else(|| Error::Broken("the zip file has no directory at its end".to_owned()))?;
        let doubtful = directory.anomalies.iter().find(|(kind, _, _)| {
            matches!(
                kind,
                AnomalyKind::ReaderDisagreement | AnomalyKind::LyingHeader | AnomalyKind::Truncated
            )
        });
        if let Some((_, what, _)) = doubtful {
            return Err(Error::Refused(format!("of the zip file, {what}")));
        }
        let mut names = HashSet::new();
        let mut members = Vec::new();
        for entry in directory.entries {
            if !names.insert(entry.name.clone()) {
                return Err(Error::Refused(format!(
                    "`{}` is in it twice, and readers take the first or the last",
                    entry.name
                )));
            }
            members.push(Member::open(entry, source)?);
        }
        Ok(Self { members })
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.entry.name == name)
    }
}

impl Member {
    fn open(entry: Entry, source: &dyn Source) -> Result<Self, Error> {
        let name = entry.name.clone();
        let broken = |what: &str| Error::Broken(format!("`{name}` {what}"));
        let mut header = place::read(source, entry.offset, HEADER)?;
        let mut local = Local::parse(&header).ok_or_else(|| broken("has no header"))?;
        if local.length > header.len() as u64 {
            header = place::read(source, entry.offset, LONGEST_HEADER)?;
            local = Local::parse(&header).ok_or_else(|| broken("has no header"))?;
        }
        if local.name != entry.name || local.method != entry.method {
            return Err(Error::Refused(format!(
                "the directory calls a member `{}` that its own header calls `{}`, or says that it \
                 is compressed in another way",
                entry.name, local.name
            )));
        }
        if entry.is_encrypted() {
            return Err(broken("is encrypted"));
        }
        let data = entry.offset.saturating_add(local.length);
        let packed = entry.packed;
        if data.saturating_add(packed) > source.len() {
            return Err(broken("reaches past the end of the file"));
        }
        if entry.method == STORED && packed != entry.unpacked {
            return Err(broken("is stored in another size than its own"));
        }
        Ok(Self {
            entry,
            data,
            packed,
        })
    }

    /// Where its content is.
    pub(crate) fn place(&self) -> Result<Place, Error> {
        match self.entry.method {
            STORED => Ok(Place::Raw {
                start: self.data,
                length: self.packed,
            }),
            DEFLATED => Ok(Place::Packed {
                start: self.data,
                packed: self.packed,
                length: self.entry.unpacked,
                crc: self.entry.crc,
            }),
            method => Err(Error::Refused(format!(
                "`{}` is compressed with method {method}, which no checkpoint is",
                self.entry.name
            ))),
        }
    }
}
