//! Walking over the headers of a tar archive, as its readers do: those that
//! stop at the first end, those that go on behind it, those that look for the
//! next header behind a broken one.

use std::collections::BTreeSet;

use stance_core::fact::{AnomalyKind, Artifact, GapReason};

use stance_models::members::{escapes, link_escapes, member_evidence};
use stance_models::unclaimed;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::window::Window;

use super::{BLOCK, File};
use stance_models::tar_header::{Header, Kind, Names};

/// Most headers of one archive that are read.
const HEADERS: u64 = 65_536;
/// Most bytes of names that are kept.
const NAMES: usize = 16 << 20;
/// How far the next header is looked for behind an end or a broken one.
const SEARCH: u64 = 1 << 20;
/// How many times as far zeros are passed over.
const ZEROS: u32 = 32;
/// How often that is done.
const SEARCHES: u32 = 16;
/// Below this size the header itself has room for it.
const OCTAL: u64 = 1 << 33;

/// Something that is no file, by its name.
pub(super) struct Special {
    name: String,
    link: String,
    kind: Kind,
}

/// What an archive holds.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) files: Vec<File>,
    pub(super) specials: Vec<Special>,
    seen: BTreeSet<u64>,
    /// Places where some readers see a header and others do not.
    pending: Vec<u64>,
    searches: u32,
    count: u64,
    /// Bytes of all names so far.
    text: usize,
}

impl Listing {
    pub(super) fn read(input: &Input<'_>, outer: &mut Artifact, facts: &mut Facts<'_>) -> Self {
        let mut listing = Self::default();
        listing.pending.push(0);
        while let Some(at) = listing.pending.pop() {
            listing.walk(at, input, outer, facts);
        }
        listing
    }

    fn walk(&mut self, start: u64, input: &Input<'_>, outer: &mut Artifact, facts: &mut Facts<'_>) {
        let mut names = Names::default();
        let mut at = start;
        while at < input.len() && self.seen.insert(at) {
            let block = input.read(at, BLOCK, facts).unwrap_or_default();
            if block.iter().all(|byte| *byte == 0) {
                match self.behind_end(at, input, outer, facts) {
                    Some(next) => at = next,
                    None => break,
                }
                continue;
            }
            let Some(header) = Header::parse(&block) else {
                match self.behind_broken(at, input, outer, facts) {
                    Some(next) => at = next,
                    None => break,
                }
                continue;
            };
            self.count = self.count.saturating_add(1);
            if self.count > HEADERS || self.text > NAMES {
                facts.gap(
                    GapReason::Limit,
                    format!(
                        "only the first {} members of a tar archive were listed",
                        self.count
                    ),
                    input.evidence(),
                );
                self.pending.clear();
                break;
            }
            let data = at.saturating_add(BLOCK);
            let size = names.size(&header);
            if header.kind == Kind::Extension {
                // Names and paths of the next member; a megabyte of them is no name.
                let text = input.read(data, size.min(1 << 20), facts);
                names.note(&header, &text.unwrap_or_default());
            } else {
                self.add(&header, &mut names, data, size, input, outer);
            }
            let padded = size.checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX);
            at = data.saturating_add(padded);
        }
    }

    fn add(
        &mut self,
        header: &Header,
        names: &mut Names,
        data: u64,
        size: u64,
        input: &Input<'_>,
        outer: &mut Artifact,
    ) {
        let name = names.take_name(header);
        self.text = self.text.saturating_add(name.len());
        if data.saturating_add(size) > input.len() {
            outer.anomaly(
                AnomalyKind::Truncated,
                format!("`{name}` claims {size} bytes, the archive ends before"),
                member_evidence(input, &name),
            );
        }
        if escapes(&name) {
            outer.anomaly(
                AnomalyKind::PathTraversal,
                format!("`{name}` would be unpacked outside of the directory"),
                member_evidence(input, &name),
            );
        }
        if header.kind == Kind::File {
            // Readers that do not know the longer size go on at another place.
            let plain = header.plain_size();
            if size < OCTAL && plain != 0 && plain != size {
                outer.anomaly(
                    AnomalyKind::ReaderDisagreement,
                    format!("`{name}` has {size} bytes by its extended header, {plain} by its own"),
                    member_evidence(input, &name),
                );
                let padded = plain.checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX);
                self.pending.push(data.saturating_add(padded));
            }
            self.files.push(File {
                name,
                start: data,
                size,
            });
        } else if self.specials.len() < super::SPECIALS && header.kind != Kind::Other {
            let link = names.take_link(header);
            self.text = self.text.saturating_add(link.len());
            self.specials.push(Special {
                name,
                link,
                kind: header.kind,
            });
        }
    }

    /// What stands behind the zeros that end an archive: nothing as a rule.
    fn behind_end(
        &mut self,
        at: u64,
        input: &Input<'_>,
        outer: &mut Artifact,
        facts: &mut Facts<'_>,
    ) -> Option<u64> {
        let next = self.behind_zeros(at, input, outer, facts)?;
        let block = input.read(next, BLOCK, facts).unwrap_or_default();
        if Header::parse(&block).is_some() {
            outer.anomaly(
                AnomalyKind::ReaderDisagreement,
                format!(
                    "members follow its end at byte {at}: some readers stop there, others go on"
                ),
                input.evidence_at(at..next, "the end of a tar archive"),
            );
            return Some(next);
        }
        let mut window = Window::new(input, SEARCH);
        let place = "behind the end of the archive";
        let anomaly = unclaimed::anomaly(input, &mut window, next, input.len(), place);
        outer.anomalies.extend(anomaly);
        window.finish(facts);
        self.files.push(File {
            name: "behind its end".to_owned(),
            start: next,
            size: input.len().saturating_sub(next),
        });
        None
    }

    /// The first block behind zeros that is not zeros.
    fn behind_zeros(
        &mut self,
        at: u64,
        input: &Input<'_>,
        outer: &mut Artifact,
        facts: &mut Facts<'_>,
    ) -> Option<u64> {
        let mut from = at;
        for _ in 0..ZEROS {
            let found = self.next(from, input, facts, |block| {
                block.iter().any(|byte| *byte != 0)
            });
            from = from.saturating_add(SEARCH);
            if found.is_some() || from >= input.len() {
                return found;
            }
            self.searches = self.searches.saturating_sub(1);
        }
        let mut window = Window::new(input, SEARCH);
        let place = "behind the end of the archive";
        let anomaly = unclaimed::anomaly(input, &mut window, at, input.len(), place);
        outer.anomalies.extend(anomaly);
        window.finish(facts);
        None
    }

    /// The next header behind one that is broken.
    fn behind_broken(
        &mut self,
        at: u64,
        input: &Input<'_>,
        outer: &mut Artifact,
        facts: &mut Facts<'_>,
    ) -> Option<u64> {
        outer.anomaly(
            AnomalyKind::LyingHeader,
            "a member's header has a wrong checksum: readers stop before it",
            input.evidence_at(at..at.saturating_add(BLOCK), "no tar header"),
        );
        facts.gap(
            GapReason::Malformed,
            format!("the tar archive breaks off at byte {at}"),
            input.evidence(),
        );
        self.next(at, input, facts, |block| Header::parse(block).is_some())
    }

    /// The next block of a kind, not far behind `at`.
    fn next(
        &mut self,
        at: u64,
        input: &Input<'_>,
        facts: &mut Facts<'_>,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> Option<u64> {
        self.searches = self.searches.saturating_add(1);
        if self.searches > SEARCHES {
            return None;
        }
        let from = at.saturating_add(BLOCK);
        let bytes = input.read(from, SEARCH, facts)?;
        let index = bytes.chunks(512).position(wanted)?;
        Some(from.saturating_add((index as u64).saturating_mul(BLOCK)))
    }
}

impl Special {
    /// Whether one of the files has its name or lies below it: it would be written to where the link leads.
    pub(super) fn is_entered(&self, files: &BTreeSet<&str>) -> bool {
        let name = self.name.trim_start_matches("./").trim_end_matches('/');
        let below = format!("{name}/");
        let next = files.range(below.as_str()..).next();
        files.contains(name) || next.is_some_and(|name| name.starts_with(&below))
    }

    /// Whether it is a symbolic link of the kind that people pack: the interpreter of a virtual environment, the
    /// directory with the data of a run. Nothing of the system or of its user is read or written by it.
    pub(super) fn is_customary(&self) -> bool {
        const SYSTEM: &[&str] = &[
            "boot", "etc", "home", "proc", "root", "run", "sys", "users", "var",
        ];
        const SHARED: &[&str] = &[
            "etc/alternatives",
            "etc/pki/tls",
            "etc/ssl",
            "home/linuxbrew",
            "usr",
        ];
        // Hidden directories in which interpreters and what they need are kept.
        const HIDDEN: &[&str] = &[
            ".cache",
            ".conda",
            ".local",
            ".pyenv",
            ".venv",
            ".virtualenvs",
        ];
        let Some(target) = self.link.strip_prefix('/') else {
            return false;
        };
        let target = target.to_ascii_lowercase();
        let mut parts = target
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".");
        let secret = |part: &str| part == ".." || part.starts_with('.') && !HIDDEN.contains(&part);
        if self.kind != Kind::SymbolicLink || parts.clone().any(secret) {
            return false;
        }
        let below = |place: &str| {
            let rest = target.strip_prefix(place);
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        SHARED.iter().any(|place| below(place))
            || match (parts.next(), parts.next()) {
                // A directory of the user's own, not the user's directory.
                (Some("home" | "users"), Some(_)) => parts.next().is_some(),
                (Some(first), Some(_)) => !SYSTEM.contains(&first),
                _ => false,
            }
    }

    /// Whether it is a link that leaves the directory.
    pub(super) fn leaves(&self) -> bool {
        match self.kind {
            Kind::SymbolicLink => link_escapes(&self.name, &self.link),
            Kind::HardLink => escapes(&self.link),
            _ => false,
        }
    }

    /// Whether whoever writes to it writes to a file outside, as one that is the same as another.
    pub(super) fn is_one_with_outside(&self) -> bool {
        self.kind == Kind::HardLink && self.leaves()
    }

    /// Notes a link that leaves the directory, or a device.
    pub(super) fn note(&self, input: &Input<'_>, outer: &mut Artifact) {
        let detail = if self.leaves() {
            format!(
                "`{}` is a link to `{}`, outside of the directory",
                self.name, self.link
            )
        } else if self.kind == Kind::Device {
            format!("`{}` would be unpacked as a device", self.name)
        } else {
            return;
        };
        outer.anomaly(
            AnomalyKind::PathTraversal,
            detail,
            member_evidence(input, &self.name),
        );
    }
}
