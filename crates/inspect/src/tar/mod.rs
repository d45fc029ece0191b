//! Tar archives, among them the oldest PyTorch checkpoints, NeMo models and
//! container layers.

#[doc(hidden)]
pub mod assemble;
mod legacy;
mod list;
mod nemo;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use stance_core::fact::{Artifact, ArtifactFormat, GapReason};

use stance_models::magic::{Magic, recognise};
use stance_models::members::{extension, finish, is_archive_name, is_model_name};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::interests::Interests;
use stance_read::limits::{Limits, Options};
use stance_read::report::Facts;
use stance_read::source::{Slice, Source};

use list::Listing;
pub use stance_models::tar_header::is_header;

pub(crate) static INSPECTOR: Tar = Tar;

/// Most links and devices of one archive that are kept.
const SPECIALS: usize = 65_536;
const BLOCK: u64 = 512;

pub(crate) struct Tar;

impl Inspector for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        is_header(input.head())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let outer = Artifact::new(ArtifactFormat::Archive, input.len(), input.evidence());
        look(input, outer, facts);
    }
}

/// Name, start and length of the files of an archive that every reader reads alike.
///
/// # Errors
/// In words, why readers may differ about it.
pub(crate) fn files(source: &dyn Source) -> Result<Vec<(String, u64, u64)>, String> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: &[],
    };
    let mut facts = Facts::new(&options);
    let input = Input::new("".into(), source, &options, &mut facts);
    let mut outer = Artifact::new(ArtifactFormat::Archive, input.len(), input.evidence());
    let listing = Listing::read(&input, &mut outer, &mut facts);
    if let Some(anomaly) = outer.anomalies.first() {
        return Err(format!("of the tar archive, {}", anomaly.detail));
    }
    let files = listing.files.into_iter();
    Ok(files
        .map(|file| (file.name, file.start, file.size))
        .collect())
}

/// A file in the archive, with where its data is.
struct File {
    name: String,
    start: u64,
    size: u64,
}

/// Looks at the members of the archive that `input` is; `outer` is what it is known as.
pub(crate) fn look(input: &Input<'_>, mut outer: Artifact, facts: &mut Facts<'_>) {
    let mark = facts.mark();
    let listing = Listing::read(input, &mut outer, facts);
    let files = &listing.files;
    let names: BTreeSet<&str> = files
        .iter()
        .map(|file| file.name.trim_start_matches("./"))
        .collect();
    let mut wanted = is_model_name(input.file_name());
    let format = format_of(&names, input.extension() == "nemo");
    if format != ArtifactFormat::Archive {
        outer.format = format;
        outer.framework = format.framework().map(str::to_owned);
        wanted = true;
    }
    // In the tree of an operating system, links from its root are the rule, and some of them in an archive
    // of anything; but no tool that packs one puts members below a link.
    let system = is_system(&names);
    let anything = outer.format == ArtifactFormat::Archive;
    for special in &listing.specials {
        let entered = special.is_entered(&names);
        let usual = system || anything && special.is_customary();
        if !usual || entered {
            special.note(input, &mut outer);
        }
        wanted |= entered && special.leaves() || !system && special.is_one_with_outside();
    }
    for (seen, file) in files.iter().enumerate() {
        if facts.members_left() == 0 {
            facts.gap(
                GapReason::Limit,
                format!("only {seen} of {} members were looked at", files.len()),
                input.evidence(),
            );
            break;
        }
        look_at(file, input, &mut outer, facts);
    }
    finish(outer, mark, wanted, facts);
}

/// What the names of the members make of an archive.
fn format_of(names: &BTreeSet<&str>, nemo: bool) -> ArtifactFormat {
    let old = ["pickle", "tensors", "storages"];
    if old.iter().all(|name| names.contains(name)) {
        return ArtifactFormat::PytorchLegacy;
    }
    let configured = names.contains("model_config.yaml");
    if configured && (nemo || names.iter().any(|name| is_model_name(name))) {
        return ArtifactFormat::Nemo;
    }
    let layers = || names.iter().any(|name| name.ends_with("/layer.tar"));
    if names.contains("oci-layout") || names.contains("manifest.json") && layers() {
        return ArtifactFormat::OciImage;
    }
    ArtifactFormat::Archive
}

/// Whether this is the tree of an operating system, as images of containers hold it.
fn is_system(names: &BTreeSet<&str>) -> bool {
    const PLACES: [&str; 8] = [
        "bin/", "etc/", "lib/", "opt/", "root/", "sbin/", "usr/", "var/",
    ];
    let holds = |place: &&&str| {
        let next = names.range(**place..).next();
        next.is_some_and(|name| name.starts_with(**place))
    };
    let removes = names.iter().any(|name| {
        let file = name.rsplit('/').next().unwrap_or_default();
        file.starts_with(".wh.")
    });
    removes || PLACES.iter().filter(holds).count() >= 2
}

fn look_at(file: &File, input: &Input<'_>, outer: &mut Artifact, facts: &mut Facts<'_>) {
    let inner = file.name.trim_start_matches("./");
    match outer.format {
        ArtifactFormat::PytorchLegacy if matches!(inner, "storages" | "tensors") => {
            if facts.count_member() {
                legacy::look(file, input, outer, facts);
            }
            return;
        }
        ArtifactFormat::Nemo if matches!(extension(inner).as_str(), "yaml" | "yml") => {
            let limit = input.options().limits.text;
            let yaml = input.read(file.start, file.size.min(limit), facts);
            nemo::look(&yaml.unwrap_or_default(), &file.name, input, outer, facts);
        }
        _ => {}
    }
    let named = outer.format == ArtifactFormat::PytorchLegacy
        || is_model_name(&file.name)
        || is_archive_name(&file.name);
    let Some(head) = input.read(file.start, file.size.min(BLOCK), facts) else {
        return;
    };
    let magic = recognise(&head);
    // Images hold descriptions of models beside their layers.
    let described = outer.format == ArtifactFormat::OciImage && head.starts_with(b"{");
    if named || described || magic.is_some_and(Magic::may_hold_model) {
        let content = Slice::new(input.source(), file.start, file.size);
        stance_read::scan_member(input, &file.name, &content, facts);
    }
}
