//! `stance verify`

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};
use stance_govern::signature::{LARGEST, Method, Refusal, Signer, Trust, Verified};

use crate::Outcome;
use crate::cli::{Cli, TextOrJson, VerifyArguments};
use crate::output::printable;
use crate::signing::{self, files::Selection};

pub(crate) fn run(cli: &Cli, arguments: &VerifyArguments) -> anyhow::Result<Outcome> {
    let model = &arguments.model;
    let place = arguments
        .signature
        .clone()
        .unwrap_or_else(|| signing::place(model));
    std::fs::metadata(model).with_context(|| format!("cannot read {}", model.display()))?;
    let bundle = signing::read_bounded(&place, LARGEST)
        .with_context(|| format!("there is no signature of {} to verify", model.display()))?;
    let trust = trust(arguments)?;
    let mut selection = Selection::new(model, &arguments.ignore, &place, arguments.with_git)?;
    selection.allow_symlinks = arguments.allow_symlinks;
    let outcome = signing::check(
        model,
        &bundle,
        &trust,
        selection,
        arguments.ignore_unsigned_files,
    )?;
    let verified =
        matches!(&outcome, signing::Outcome::Holds(compared) if compared.differences.is_empty());
    match arguments.format {
        TextOrJson::Json => {
            super::print_json(&mut super::stdout(cli), &report(model, &place, &outcome))?;
        }
        TextOrJson::Text if verified && cli.global.quiet => {}
        TextOrJson::Text => print(cli, model, &place, &outcome)?,
    }
    Ok(if verified {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn trust(arguments: &VerifyArguments) -> anyhow::Result<Trust> {
    if let Some(path) = &arguments.public_key {
        return Ok(Trust::Key(signing::public_key(path)?));
    }
    if let (Some(identity), Some(provider), Some(root)) = (
        &arguments.identity,
        &arguments.identity_provider,
        &arguments.trust_root,
    ) {
        return Ok(Trust::Identity {
            identity: identity.clone(),
            provider: provider.clone(),
            root: Box::new(signing::trust_root(root)?),
        });
    }
    let mut anchors = Vec::new();
    for path in &arguments.certificate_chain {
        anchors.extend(signing::certificates(path)?);
    }
    Ok(Trust::Certificates(anchors))
}

fn print(cli: &Cli, model: &Path, place: &Path, outcome: &signing::Outcome) -> anyhow::Result<()> {
    const SHOWN: usize = 20;
    let mut out = super::stdout(cli);
    let shown = |path: &Path| printable(&path.display().to_string()).into_owned();
    let green = anstyle::AnsiColor::Green.on_default().bold();
    let red = anstyle::AnsiColor::Red.on_default().bold();
    match outcome {
        signing::Outcome::Refused(refusal) => {
            writeln!(out, "{red}NOT verified{red:#} {}", shown(model))?;
            writeln!(out, "  because    {}", printable(&refusal.to_string()))?;
            writeln!(out, "  signature  {}", shown(place))?;
        }
        signing::Outcome::Holds(compared) => {
            let signing::Compared {
                verified,
                differences,
                bytes,
                ignored,
                uncovered,
            } = &**compared;
            if differences.is_empty() {
                writeln!(
                    out,
                    "{green}verified{green:#} {}: {}, {}",
                    shown(model),
                    files(verified.manifest.files().len()),
                    indicatif::BinaryBytes(*bytes)
                )?;
            } else {
                writeln!(
                    out,
                    "{red}NOT verified{red:#} {}: the signature holds, and the model is not what was signed",
                    shown(model)
                )?;
                let most = if cli.global.verbose > 0 {
                    usize::MAX
                } else {
                    SHOWN
                };
                for difference in differences.iter().take(most) {
                    writeln!(
                        out,
                        "  {}  {}",
                        printable(difference.path()),
                        difference.what()
                    )?;
                }
                if let Some(more) = differences.len().checked_sub(most).filter(|more| *more > 0) {
                    writeln!(out, "  and {more} more; --verbose shows them all")?;
                }
            }
            writeln!(out, "  signed by  {}", printable(&signer(&verified.signer)))?;
            writeln!(out, "  signature  {}", shown(place))?;
            if !ignored.is_empty() && !verified.manifest.is_one_file() {
                writeln!(out, "  left out   {}", printable(&ignored.join(", ")))?;
            }
            for note in notes(verified, *uncovered) {
                writeln!(out, "  note       {note}")?;
            }
        }
    }
    Ok(())
}

/// `1 file`, `2 files`.
pub(crate) fn files(count: usize) -> String {
    match count {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}

/// Who signed, in one line.
pub(crate) fn signer(signer: &Signer) -> String {
    match signer {
        Signer::Key { kind, fingerprint } => format!("{kind} key, sha256 {fingerprint}"),
        Signer::Certificate {
            name, fingerprint, ..
        } => format!(
            "certificate `{}`, sha256 {fingerprint}",
            name.as_deref().unwrap_or("without a name")
        ),
        Signer::Identity {
            identity,
            provider,
            at,
            log_index,
        } => format!("{identity} (by {provider}), at {at}, log entry {log_index}"),
    }
}

fn notes(verified: &Verified, uncovered: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if let Signer::Certificate { validity, .. } = &verified.signer
        && validity.1 < jiff::Timestamp::now()
    {
        notes.push(format!(
            "the certificate expired at {}; nothing tells whether the signature is older than that",
            validity.1
        ));
    }
    if verified.is_of_old_form {
        notes.push(
            "signed with `model-signing` before 1.0; sign it again to be read by other tools"
                .to_owned(),
        );
    }
    if uncovered > 0 {
        notes.push(format!(
            "a signature over shards does not cover empty files, of which there {}",
            match uncovered {
                1 => "is 1".to_owned(),
                count => format!("are {count}"),
            }
        ));
    }
    notes
}

fn report(model: &Path, place: &Path, outcome: &signing::Outcome) -> Value {
    let mut report = json!({
        "verified": false,
        "model": model.display().to_string(),
        "signature": place.display().to_string(),
    });
    match outcome {
        signing::Outcome::Refused(refusal) => {
            report["reason"] = json!({ "kind": kind(refusal), "message": refusal.to_string() });
        }
        signing::Outcome::Holds(compared) => {
            let signing::Compared {
                verified,
                differences,
                bytes,
                ignored,
                uncovered,
            } = &**compared;
            let serialization = &verified.manifest.serialization;
            report["verified"] = differences.is_empty().into();
            report["signer"] = signer_object(&verified.signer);
            report["signed"] = json!({
                "name": verified.manifest.name,
                "files": verified.manifest.files().len(),
                "bytes": bytes,
                "hash": serialization.algorithm.name(),
                "shard_size": match serialization.method {
                    Method::Files => None,
                    Method::Shards(size) => Some(size),
                },
            });
            report["ignored"] = json!(ignored);
            report["differences"] = differences
                .iter()
                .map(|difference| {
                    json!({
                        "kind": difference.kind(),
                        "path": difference.path(),
                        "what": difference.what(),
                    })
                })
                .collect();
            report["notes"] = json!(notes(verified, *uncovered));
        }
    }
    report
}

fn kind(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Malformed(_) => "malformed",
        Refusal::Unsupported(_) => "unsupported",
        Refusal::Untrusted(_) => "untrusted",
        Refusal::Invalid(_) => "invalid",
    }
}

fn signer_object(signer: &Signer) -> Value {
    match signer {
        Signer::Key { kind, fingerprint } => json!({
            "method": "key",
            "kind": kind,
            "sha256": fingerprint,
        }),
        Signer::Certificate {
            name,
            fingerprint,
            validity,
        } => json!({
            "method": "certificate",
            "name": name,
            "sha256": fingerprint,
            "valid_from": validity.0,
            "valid_until": validity.1,
        }),
        Signer::Identity {
            identity,
            provider,
            at,
            log_index,
        } => json!({
            "method": "identity",
            "identity": identity,
            "identity_provider": provider,
            "signed_at": at,
            "log_index": log_index,
        }),
    }
}
