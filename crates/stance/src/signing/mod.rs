//! Signatures of models on disk: where they lie, whether they hold, and whether the files are what was signed.

pub(crate) mod files;
pub(crate) mod scan;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use stance_govern::signature::{
    self, Bundle, Certificate, Difference, Manifest, Piece, PublicKey, Refusal, Trust, TrustRoot,
    Verified,
};

use crate::output::printable;
use files::{Listing, Selection};

/// The name of the signature of a directory.
pub(crate) const FILE_NAME: &str = "model.sig";

/// The largest file of keys or certificates.
pub(crate) const LARGEST_KEY: u64 = 4 << 20;

/// Where the signature of a model lies by convention: `model.sig` in a directory; behind a file, its
/// name with `.sig`, or `model.sig` beside it.
pub(crate) fn place(model: &Path) -> PathBuf {
    if model.is_dir() {
        return model.join(FILE_NAME);
    }
    let mut behind = model.as_os_str().to_owned();
    behind.push(".sig");
    let beside = model.with_file_name(FILE_NAME);
    if !Path::new(&behind).exists() && beside.exists() {
        return beside;
    }
    behind.into()
}

/// Reads a file of at most `most` bytes.
pub(crate) fn read_bounded(path: &Path, most: u64) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let metadata = std::fs::metadata(path).with_context(cannot)?;
    ensure!(metadata.is_file(), "{} is no file", path.display());
    ensure!(
        metadata.len() <= most,
        "{} has {} bytes, and {most} is the most",
        path.display(),
        metadata.len()
    );
    std::fs::read(path).with_context(cannot)
}

pub(crate) fn public_key(path: &Path) -> anyhow::Result<PublicKey> {
    usable(PublicKey::from_pem(&read_bounded(path, LARGEST_KEY)?), path)
}

pub(crate) fn certificates(path: &Path) -> anyhow::Result<Vec<Certificate>> {
    usable(
        Certificate::all_from_pem(&read_bounded(path, LARGEST_KEY)?),
        path,
    )
}

pub(crate) fn trust_root(path: &Path) -> anyhow::Result<TrustRoot> {
    usable(TrustRoot::read(&read_bounded(path, LARGEST_KEY)?), path)
}

/// What is wrong with a file that the user gave, rather than with a signature.
pub(crate) fn usable<T>(read: signature::Result<T>, path: &Path) -> anyhow::Result<T> {
    read.map_err(|refusal| {
        let (Refusal::Malformed(what)
        | Refusal::Unsupported(what)
        | Refusal::Untrusted(what)
        | Refusal::Invalid(what)) = refusal;
        anyhow::anyhow!("cannot use {}: {what}", path.display())
    })
}

/// What came of holding a model against its signature.
pub(crate) enum Outcome {
    /// The signature holds; the model is what was signed when there are no differences.
    Holds(Box<Compared>),
    /// The signature is not accepted.
    Refused(Refusal),
}

/// A model held against a signature that holds.
pub(crate) struct Compared {
    pub(crate) verified: Verified,
    /// In which ways the model is not what was signed.
    pub(crate) differences: Vec<Difference>,
    /// Bytes that were compared.
    pub(crate) bytes: u64,
    /// What was left out, in order.
    pub(crate) ignored: Vec<String>,
    /// Empty files, which a signature over shards cannot name.
    pub(crate) uncovered: usize,
}

/// Holds a model against a signature by somebody trusted.
pub(crate) fn check(
    model: &Path,
    bundle: &[u8],
    trust: &Trust,
    selection: Selection,
    ignore_unsigned: bool,
) -> anyhow::Result<Outcome> {
    match Bundle::read(bundle).and_then(|bundle| signature::verify(&bundle, trust)) {
        Ok(verified) => compare(model, verified, selection, ignore_unsigned)
            .map(|compared| Outcome::Holds(Box::new(compared))),
        Err(refusal) => Ok(Outcome::Refused(refusal)),
    }
}

/// Holds a model against what was signed.
pub(crate) fn compare(
    model: &Path,
    verified: Verified,
    mut selection: Selection,
    ignore_unsigned: bool,
) -> anyhow::Result<Compared> {
    let signed = &verified.manifest;
    let by_user = selection.clone();
    selection.also_ignore(&signed.serialization.ignored);
    selection.allow_symlinks |= signed.serialization.allow_symlinks;
    match (model.is_dir(), signed.is_one_file()) {
        (true, true) => bail!(
            "the signature is about one file, `{}`, and {} is a directory; name the file",
            printable(&signed.name),
            model.display()
        ),
        (false, false) => bail!(
            "the signature is about a directory, and {} is a file; name the directory",
            model.display()
        ),
        _ => {}
    }
    let signed_files = signed.files();
    let method = signed.serialization.method;
    let mut listing = Listing::of(model, &selection)?;
    if ignore_unsigned {
        let is_signed = |path: &str| signed_files.contains(path);
        listing.files.retain(|path, _| is_signed(path));
        listing.problems.retain(|problem| is_signed(problem.path()));
    }
    // A signature over shards names no shard of an empty file.
    let before = listing.files.len();
    listing.files.retain(|path, size| {
        Piece::count(*size, method) > 0 || signed_files.contains(path.as_str())
    });
    let uncovered = before - listing.files.len();

    let mut differences = listing.problems;
    differences.extend(
        signed_files
            .iter()
            .filter(|path| by_user.ignores(path))
            .map(|path| {
                Difference::NotAFile((*path).to_owned(), "was signed and is left out here")
            }),
    );
    // Only what was signed and has its size is worth reading.
    let (worth, rest): (BTreeMap<_, _>, BTreeMap<_, _>) =
        listing.files.into_iter().partition(|(path, size)| {
            Piece::count(*size, method) <= signed.digests.len() as u64
                && Piece::of_file(path, *size, method)
                    .iter()
                    .all(|piece| signed.digests.contains_key(piece))
        });
    let bytes = worth.values().sum();
    let mut found = files::hash(model, &worth, &signed.name, &signed.serialization)?;
    for path in rest.into_keys() {
        // Named without a digest: it is there, and it is not what was signed.
        found.digests.insert(Piece::file(path), Vec::new());
    }
    for difference in signed.differences(&found) {
        // What is there and no file is no missing one.
        let known = differences
            .iter()
            .any(|known| known.path() == difference.path());
        if !known {
            differences.push(difference);
        }
    }
    differences.sort();
    Ok(Compared {
        differences,
        bytes,
        ignored: selection.ignored(),
        uncovered,
        verified,
    })
}

/// The manifest of a model as it is, to be signed.
pub(crate) fn manifest(
    model: &Path,
    selection: &Selection,
    mut serialization: signature::Serialization,
) -> anyhow::Result<(Manifest, u64)> {
    let listing = Listing::of(model, selection)?;
    if let Some(problem) = listing.problems.first() {
        bail!(
            "cannot sign {}: `{}` {}",
            model.display(),
            printable(problem.path()),
            problem.what()
        );
    }
    ensure!(
        !listing.files.is_empty(),
        "cannot sign {}: there is no file in it",
        model.display()
    );
    let pieces: u64 = listing
        .files
        .values()
        .map(|size| Piece::count(*size, serialization.method))
        .sum();
    ensure!(
        pieces <= 1_000_000,
        "cannot sign {}: it has {pieces} pieces, and a million is the most; use a larger --shard-size",
        model.display()
    );
    serialization.allow_symlinks = selection.allow_symlinks;
    if model.is_dir() {
        serialization.ignored = selection.ignored();
    }
    let absolute = model.canonicalize().unwrap_or_else(|_| model.to_owned());
    let name = absolute.file_name().map_or_else(
        || "model".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let manifest = files::hash(model, &listing.files, &name, &serialization)?;
    Ok((manifest, listing.bytes()))
}
