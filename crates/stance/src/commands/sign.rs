//! `stance sign`

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use stance_govern::signature::{self, Algorithm, Bundle, Method, PrivateKey, Serialization};

use crate::Outcome;
use crate::cli::{Cli, SignArguments, SignedHash};
use crate::output::printable;
use crate::signing::{self, files::Selection};

/// Where a password comes from when no file is given: it never stands on the command line, which others see.
const PASSWORD: &str = "STANCE_SIGN_PASSWORD";

pub(crate) fn run(cli: &Cli, arguments: &SignArguments) -> anyhow::Result<Outcome> {
    let model = &arguments.model;
    let key = private_key(arguments)?;
    let mut certificates = Vec::new();
    for path in arguments.certificate.iter().chain(&arguments.chain) {
        certificates.extend(signing::certificates(path)?);
    }
    let output = arguments.output.clone().unwrap_or_else(|| {
        if model.is_dir() {
            signing::place(model)
        } else {
            let mut behind = model.as_os_str().to_owned();
            behind.push(".sig");
            behind.into()
        }
    });
    replaceable(&output)?;

    let mut selection = Selection::new(model, &arguments.ignore, &output, arguments.with_git)?;
    selection.allow_symlinks = arguments.allow_symlinks;
    let serialization = Serialization {
        method: arguments.shard_size.map_or(Method::Files, Method::Shards),
        algorithm: match arguments.hash {
            SignedHash::Sha256 => Algorithm::Sha256,
            SignedHash::Blake2b => Algorithm::Blake2b,
            SignedHash::Blake3 => Algorithm::Blake3,
        },
        ..Serialization::default()
    };
    let (manifest, bytes) = signing::manifest(model, &selection, serialization)?;
    let bundle = signature::sign(&manifest, &key, &certificates)
        .map_err(|refusal| anyhow::anyhow!("cannot sign {}: {refusal}", model.display()))?;
    std::fs::write(&output, bundle)
        .with_context(|| format!("cannot write {}", output.display()))?;

    if cli.global.quiet {
        return Ok(Outcome::Clean);
    }
    let mut out = super::stdout(cli);
    let green = anstyle::AnsiColor::Green.on_default().bold();
    writeln!(
        out,
        "{green}signed{green:#} {}: {}, {}",
        printable(&model.display().to_string()),
        super::verify::files(manifest.files().len()),
        indicatif::BinaryBytes(bytes)
    )?;
    writeln!(
        out,
        "  key        {}, sha256 {}",
        key.public().kind(),
        key.public().fingerprint()
    )?;
    if !manifest.serialization.ignored.is_empty() {
        let ignored = manifest.serialization.ignored.join(", ");
        writeln!(out, "  left out   {}", printable(&ignored))?;
    }
    writeln!(
        out,
        "  signature  {}",
        printable(&output.display().to_string())
    )?;
    for note in compatibility(&key, arguments) {
        writeln!(out, "  note       {note}")?;
    }
    Ok(Outcome::Clean)
}

/// What `model-signing` 1.1 does not accept of it.
fn compatibility(key: &PrivateKey, arguments: &SignArguments) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if key.public().kind() == "Ed25519" {
        notes.push(
            "`model-signing` 1.1 verifies ECDSA keys only, so only Stance verifies this signature",
        );
    }
    if arguments.hash == SignedHash::Blake2b {
        notes.push("`model-signing` 1.1 does not verify manifests with BLAKE2b, its own included");
    }
    if arguments.hash == SignedHash::Blake3 && arguments.shard_size.is_some() {
        notes.push("`model-signing` 1.1 does not verify shards with BLAKE3");
    }
    notes
}

fn private_key(arguments: &SignArguments) -> anyhow::Result<PrivateKey> {
    let path = &arguments.private_key;
    let text = signing::read_bounded(path, signing::LARGEST_KEY)?;
    let password = match &arguments.password_file {
        Some(file) => {
            let text = signing::read_bounded(file, signing::LARGEST_KEY)?;
            let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            Some(text[..end.unwrap_or(text.len())].to_vec())
        }
        None => std::env::var_os(PASSWORD).map(std::ffi::OsString::into_encoded_bytes),
    };
    if password.is_none() && signing::usable(signature::is_encrypted(&text), path)? {
        bail!(
            "{} is encrypted; give its password in the environment variable {PASSWORD} or with --password-file",
            path.display()
        );
    }
    signing::usable(PrivateKey::from_pem(&text, password.as_deref()), path)
}

/// An older signature is replaced; any other file may be a model whose name was mistyped.
fn replaceable(output: &Path) -> anyhow::Result<()> {
    let Ok(metadata) = std::fs::symlink_metadata(output) else {
        return Ok(());
    };
    let is_signature = metadata.is_file()
        && metadata.len() <= signature::LARGEST
        && std::fs::read(output).is_ok_and(|bytes| Bundle::read(&bytes).is_ok());
    ensure!(
        is_signature,
        "{} is there and is no model signature; remove it or choose another --output",
        output.display()
    );
    Ok(())
}
