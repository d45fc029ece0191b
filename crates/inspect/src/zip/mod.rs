//! Zip files, and the models that are zip files: PyTorch, TorchScript, NumPy
//! npz, Keras 3, skops, TorchServe.
//!
//! The reader is our own, over random access: it reads the directory and the
//! members that matter, never tensor data. It is as tolerant as the loaders
//! that load these files (Python's `zipfile`, PyTorch's miniz), and notes
//! where one of them would see something else than the other.

#[doc(hidden)]
pub mod assemble;
pub(crate) mod directory;
pub(crate) mod entry;
mod layout;
mod member;
mod names;
mod prologue;
pub mod python_source;
mod shape;
mod source_code;
mod storages;
#[cfg(test)]
mod tests;
mod torchserve;

use std::sync::Arc;

use stance_core::fact::{Anomaly, AnomalyKind, Artifact, ArtifactFormat, Embedded, GapReason};
use stance_models::magic::Recognise as _;

use crate::convert::listing;
use crate::zip::directory::{Directory, ends_like_zip};
use crate::zip::entry::Entry;
use crate::zip::member::Member;
use crate::zip::shape::{Role, Shape};
use crate::zip::storages::Storages;
use stance_models::magic::{Magic, is_portable_executable};
use stance_models::members::{
    finish, is_certain_model_name, is_model_name, link_escapes, member_evidence,
};
use stance_models::unclaimed;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::limits::Limits;
use stance_read::report::Facts;
use stance_read::source::{Bytes, Source};

pub use prologue::PROLOGUE;

pub(crate) static INSPECTOR: Zip = Zip;

/// Most members whose first bytes are read, whatever is done with them.
const PEEKS: usize = 65_536;

/// Most members that are read as their own headers describe them too.
const ALTERNATIVES: usize = 64;
/// Most members of ordinary names whose first bytes are read.
const ORDINARY: usize = 4096;
/// Most bytes of a compressed array of numbers that are unpacked to look for what is no number.
const SMALL_ARRAY: u64 = 4 << 20;

pub(crate) struct Zip;

impl Inspector for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        if input.magic() == Some(Magic::Zip) {
            return true;
        }
        // Readers look for the end of the archive: anything may stand before it.
        // A zip file has zeros in its records, a text has none.
        (is_model_name(input.file_name()) || memchr::memchr(0, head).is_some())
            && ends_like_zip(head, input.source())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let directory = match Directory::read(input, facts) {
            Some(directory) => directory,
            None => Directory::recover(input, facts),
        };
        Visit::new(input, directory, facts).run(facts);
    }
}

/// Looks at a JSON text at a path.
type Configuration = fn(&[u8], &Arc<str>, &Limits, &mut Facts<'_>) -> Vec<Embedded>;

/// One walk over the members.
struct Visit<'i, 'a> {
    input: &'i Input<'a>,
    directory: Directory,
    shape: Shape,
    outer: Artifact,
    mark: usize,
    /// Where each member opened starts and ends in the file, with its place in the directory.
    spans: Vec<(u64, u64, usize)>,
    /// Whether there is something to tell although it may hold no model.
    telling: bool,
    /// How many members may still be read in a second way.
    alternatives: usize,
    /// Members that are storages of tensors.
    storages: Storages,
}

impl<'i, 'a> Visit<'i, 'a> {
    fn new(input: &'i Input<'a>, directory: Directory, facts: &Facts<'_>) -> Self {
        let head = input.head();
        let executable =
            is_portable_executable(head) || input.magic().is_some_and(Magic::is_executable);
        let shape = Shape::of(&directory.entries, executable, input.extension());
        let outer = Artifact::new(shape.format, input.len(), input.evidence());
        Self {
            input,
            directory,
            shape,
            outer,
            mark: facts.mark(),
            spans: Vec::new(),
            telling: false,
            alternatives: ALTERNATIVES,
            storages: Storages::new(input),
        }
    }

    fn run(mut self, facts: &mut Facts<'_>) {
        let entries = std::mem::take(&mut self.directory.entries);
        self.note_directory(facts);
        if self.shape.format == ArtifactFormat::Llamafile {
            self.outer.embedded.extend(prologue::of(self.input, facts));
        }
        names::note(self.input, &entries, &mut self.outer);
        self.storages.expect(&self.shape, &entries);
        self.look_at(&entries, facts);
        self.storages.examine(self.input, &mut self.outer, facts);
        if self.shape.is_torch() {
            let most = self.input.options().limits.tensors;
            listing::list(self.input.source(), most, &mut self.outer);
        }
        let wanted = self.shape.is_model()
            || self.telling
            || (is_certain_model_name(self.input.file_name()) && !entries.is_empty());
        if wanted || facts.has_artifacts(self.mark) {
            self.account_for_bytes(&entries, facts);
        }
        finish(self.outer, self.mark, wanted, facts);
    }

    fn note_directory(&mut self, facts: &mut Facts<'_>) {
        if self.directory.recovered {
            self.outer.anomaly(
                AnomalyKind::Truncated,
                "it has no directory: its end is missing",
                self.input.evidence(),
            );
            facts.gap(
                GapReason::Malformed,
                "the zip file has no directory: its members were read from its start on",
                self.input.evidence(),
            );
        }
        if let Some(magic) = self.directory.comment {
            let detail = format!(
                "the comment at its end belongs to nothing; {}{}",
                unclaimed::STARTS_AS,
                magic.title()
            );
            let evidence = self.input.evidence();
            self.outer
                .anomaly(AnomalyKind::UnclaimedBytes, detail, evidence);
        }
        for (kind, detail, offset) in std::mem::take(&mut self.directory.anomalies) {
            let evidence = self
                .input
                .evidence_at(offset..offset.saturating_add(4), &detail);
            self.outer.anomaly(kind, detail, evidence);
        }
    }

    /// Looks at the members: first at those that matter most, so that no number
    /// of others can hide them behind a limit.
    fn look_at(&mut self, entries: &[Entry], facts: &mut Facts<'_>) {
        let mut order: Vec<(Role, usize)> = entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| !entry.is_directory())
            .filter_map(|(index, entry)| {
                let role = entry.all_names().map(|name| self.shape.role(name)).min()?;
                Some((role, index))
            })
            .collect();
        order.sort_by_key(|(role, index)| {
            let named = entries
                .get(*index)
                .is_some_and(|entry| entry.all_names().any(is_model_name));
            (!named, *role, *index)
        });
        let ordinary = order.partition_point(|(role, _)| *role != Role::Ordinary);
        order.truncate(ordinary.saturating_add(ORDINARY));
        let all = order.len();
        for (seen, (role, index)) in order.into_iter().enumerate() {
            if seen >= PEEKS || facts.members_left() == 0 {
                // A model that the limit keeps from view still is one.
                self.telling |= entries
                    .get(index)
                    .is_some_and(|entry| is_certain_model_name(&entry.name));
                facts.gap(
                    GapReason::Limit,
                    format!("only {seen} of {all} members were looked at"),
                    self.input.evidence(),
                );
                break;
            }
            if let Some(entry) = entries.get(index) {
                self.look(entry, index, role, facts);
            }
        }
    }

    fn look(&mut self, entry: &Entry, index: usize, role: Role, facts: &mut Facts<'_>) {
        let before = self.outer.anomalies.len();
        let Some(member) = Member::open(entry, self.input, &mut self.outer, facts) else {
            self.telling |= is_model_name(&entry.name);
            return;
        };
        // What is read in a second way, or from between the others, has no place of its own.
        if index != usize::MAX {
            self.spans.push((entry.offset, member.data.1, index));
        }
        if entry.is_link {
            self.note_link(&member);
            return;
        }
        if let Some(other) = &member.alternative
            && let Some(left) = self.alternatives.checked_sub(1)
        {
            self.alternatives = left;
            self.look(other, usize::MAX, Role::Look, facts);
        }
        let magic = member.magic();
        if magic.is_some_and(Magic::is_executable) && role != Role::Source {
            self.note_executable(&member, magic);
        }
        let input = self.input;
        let name = entry.name.as_str();
        let known = facts.mark();
        match role {
            Role::Look => {
                let (storages, shape) = (&mut self.storages, &self.shape);
                member.with_content(input, &mut self.outer, facts, |source, facts| {
                    storages.learn(shape, name, source);
                    stance_read::scan_member(input, name, source, facts);
                });
            }
            Role::Peek | Role::Ordinary => {
                if magic.is_some_and(Magic::may_hold_model) {
                    member.with_content(input, &mut self.outer, facts, |source, facts| {
                        stance_read::scan_member(input, name, source, facts);
                    });
                } else if entry.is_encrypted() {
                    member.with_content(input, &mut self.outer, facts, |_, _| {});
                }
            }
            Role::Array => self.look_at_array(&member, facts),
            Role::KerasConfig => {
                self.look_at_configuration(&member, stance_models::keras::look, facts);
            }
            Role::SkopsSchema => {
                self.look_at_configuration(&member, stance_models::skops::look, facts);
            }
            Role::Source => self.look_at_source(&member, facts),
            Role::Manifest => {
                let manifest = self.text_of(&member, facts);
                torchserve::look(&manifest, input, name, &mut self.outer);
            }
            Role::Arguments => {
                let arguments = self.text_of(&member, facts);
                let arguments = String::from_utf8_lossy(&arguments).replace('\n', " ");
                let shown =
                    stance_core::evidence::shorten(&stance_read::redact::redact(&arguments));
                self.outer.metadata.insert("arguments".to_owned(), shown);
            }
        }
        // What it starts as was told already, as a program or as a file of its own; anything else in
        // the place of a storage is numbers.
        if let Some(inner) = Storages::name(&self.shape, name)
            && matches!(role, Role::Look | Role::Peek)
            && !magic.is_some_and(Magic::is_executable)
            && !facts.has_artifacts(known)
            && !entry.is_encrypted()
        {
            if entry.method == entry::STORED {
                self.storages.add(&member, inner);
            } else if role == Role::Peek && magic.is_none() {
                self.storages
                    .unpack(&member, inner, input, &mut self.outer, facts);
            }
        }
        let unreadable = |anomaly: &Anomaly| {
            matches!(
                anomaly.kind,
                AnomalyKind::UnreadableMember | AnomalyKind::Bomb | AnomalyKind::Truncated
            )
        };
        let new = self.outer.anomalies.get(before..).unwrap_or_default();
        self.telling |= is_model_name(name) && new.iter().any(unreadable);
    }

    fn note_link(&mut self, member: &Member<'_>) {
        let target = String::from_utf8_lossy(&member.head);
        if link_escapes(&member.entry.name, &target) {
            // Zip archives with links are rare, and those of a whole system are none.
            self.telling = true;
            self.outer.anomaly(
                AnomalyKind::PathTraversal,
                format!(
                    "`{}` is a link to `{target}`, outside of the directory",
                    member.entry.name
                ),
                member_evidence(self.input, &member.entry.name),
            );
        }
    }

    fn note_executable(&mut self, member: &Member<'_>, magic: Option<Magic>) {
        let ordinary = self.shape.format == ArtifactFormat::Archive;
        if let Some(magic) = magic
            // Under the name of a model it is looked at as a file of its own.
            && !ordinary
            && !is_certain_model_name(&member.entry.name)
        {
            self.outer.anomaly(
                AnomalyKind::Polyglot,
                format!("`{}` starts as {}", member.entry.name, magic.title()),
                member_evidence(self.input, &member.entry.name),
            );
        }
    }

    /// An array costs its header, unless it is small or can be read in place; one of objects is a pickle
    /// and is unpacked whole.
    fn look_at_array(&mut self, member: &Member<'_>, facts: &mut Facts<'_>) {
        let input = self.input;
        let name = member.entry.name.as_str();
        if member.magic() == Some(Magic::Npy)
            && !member.entry.is_encrypted()
            && let Some(array) =
                stance_models::numpy::header_only(&member.head, member.entry.unpacked)
        {
            let in_place = member.entry.method == 0;
            if !in_place && member.entry.unpacked > SMALL_ARRAY {
                self.outer.absorb(array);
                return;
            }
            let mut parts = Vec::new();
            member.with_content(input, &mut self.outer, facts, |source, facts| {
                let mark = facts.mark();
                stance_read::scan_member(input, name, source, facts);
                parts = facts.take_artifacts(mark);
            });
            for part in parts {
                self.outer.absorb(part);
            }
            return;
        }
        member.with_content(input, &mut self.outer, facts, |source, facts| {
            stance_read::scan_member(input, name, source, facts);
        });
    }

    /// A JSON text that says what the loader builds.
    fn look_at_configuration(
        &mut self,
        member: &Member<'_>,
        look: Configuration,
        facts: &mut Facts<'_>,
    ) {
        let config = self.text_of(member, facts);
        let path = member_evidence(self.input, &member.entry.name).path;
        let limits = &self.input.options().limits;
        let found = look(&config, &path, limits, facts);
        self.outer.embedded.extend(found);
    }

    /// The content of a member that is a text.
    fn text_of(&mut self, member: &Member<'_>, facts: &mut Facts<'_>) -> Vec<u8> {
        let mut text = Vec::new();
        let limit = self.input.options().limits.text;
        member.with_content(self.input, &mut self.outer, facts, |source, _| {
            text = read_all(source, limit);
        });
        text
    }

    fn look_at_source(&mut self, member: &Member<'_>, facts: &mut Facts<'_>) {
        let input = self.input;
        let name = member.entry.name.as_str();
        let code = self.text_of(member, facts);
        let evidence = member_evidence(input, name);
        if self.shape.format == ArtifactFormat::Torchscript {
            source_code::look(&code, name, &evidence, &mut self.outer);
            // TorchScript is no Python file, but what stands in its place may be anything.
            if member.magic().is_none() {
                return;
            }
        } else if self.shape.format != ArtifactFormat::PytorchZip {
            python_source::look(&code, name, &evidence, &mut self.outer);
        }
        stance_read::scan_member(input, name, &Bytes(&code), facts);
    }

    fn account_for_bytes(&mut self, entries: &[Entry], facts: &mut Facts<'_>) {
        let hidden = layout::account(
            self.input,
            &self.directory,
            entries,
            &mut self.spans,
            &mut self.outer,
            facts,
        );
        for entry in &hidden {
            self.outer.anomaly(
                AnomalyKind::ReaderDisagreement,
                format!(
                    "`{}` is in the file but not in its directory: only readers of streams see it",
                    entry.name
                ),
                member_evidence(self.input, &entry.name),
            );
            self.look(entry, usize::MAX, Role::Look, facts);
        }
    }
}

/// Up to `limit` bytes of a source that is in memory or on local storage.
fn read_all(source: &dyn Source, limit: u64) -> Vec<u8> {
    let length = usize::try_from(source.len().min(limit)).unwrap_or_default();
    let mut bytes = vec![0; length];
    let mut filled = 0_usize;
    while let Some(free) = bytes.get_mut(filled..).filter(|free| !free.is_empty()) {
        match source.read_at(filled as u64, free) {
            Ok(count) if count > 0 => filled = filled.saturating_add(count),
            _ => break,
        }
    }
    bytes.truncate(filled);
    bytes
}
