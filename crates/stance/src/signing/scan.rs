//! Signatures in a scan: held against those whom `stance.toml` trusts.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use stance_collect::Target;
use stance_core::fact::{Provenance, ProvenanceKind, Signature, SignatureState};
use stance_core::{Fact, Observation};
use stance_govern::signature::{self, Bundle, Refusal, Trust};

use super::files::Selection;
use crate::config::Settings;

/// The largest signature that a scan reads: it comes from whoever wrote the tree.
const LARGEST: u64 = 16 << 20;

/// Whom the configuration trusts to sign models.
pub(crate) struct Signers {
    trusted: Vec<Trust>,
    follow_links: bool,
}

impl Signers {
    /// Reads the keys, certificates and the trust root that the configuration names.
    pub(crate) fn read(settings: &Settings) -> anyhow::Result<Self> {
        let mut trusted = Vec::new();
        for path in &settings.public_keys.value {
            trusted.push(Trust::Key(super::public_key(path)?));
        }
        let mut anchors = Vec::new();
        for path in &settings.certificates.value {
            anchors.extend(super::certificates(path)?);
        }
        if !anchors.is_empty() {
            trusted.push(Trust::Certificates(anchors));
        }
        for text in &settings.identities.value {
            let (identity, provider) = text.rsplit_once(" by ").with_context(|| {
                format!("`{text}` in provenance.identities is not `IDENTITY by PROVIDER`")
            })?;
            let path = settings.trust_root.value.as_ref().context(
                "provenance.identities needs provenance.trust-root, the trusted_root.json of the Sigstore instance",
            )?;
            trusted.push(Trust::Identity {
                identity: identity.trim().to_owned(),
                provider: provider.trim().to_owned(),
                root: Box::new(super::trust_root(path)?),
            });
        }
        Ok(Self {
            trusted,
            follow_links: settings.follow_links.value,
        })
    }

    /// Judges every signature among what was collected of a target.
    pub(crate) fn judge(&self, target: &Target, collected: &[Observation]) -> Vec<Observation> {
        collected
            .iter()
            .filter(|observation| is_signature(observation))
            .filter_map(|observation| {
                let path = Arc::clone(&observation.subject);
                let (model, state) = self.state(target, &path)?;
                let Fact::Provenance(provenance) = &observation.fact else {
                    return None;
                };
                Some(Observation {
                    source: "signature",
                    subject: path,
                    fact: Fact::Signature(Box::new(Signature {
                        model,
                        state,
                        evidence: provenance.evidence.clone(),
                    })),
                })
            })
            .collect()
    }

    /// The path of the model and what came of its signature; `None` for a file that only looks like one.
    fn state(&self, target: &Target, path: &str) -> Option<(String, SignatureState)> {
        let place = target.on_disk(path);
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let named = path.rsplit('/').next() == Some(super::FILE_NAME);
        let bytes = match super::read_bounded(&place, LARGEST) {
            Ok(bytes) => bytes,
            Err(error) if named => {
                let reason = format!("{error:#}");
                return Some((directory.to_owned(), SignatureState::Malformed { reason }));
            }
            Err(_) => return None,
        };
        let bundle = match Bundle::read(&bytes) {
            Ok(bundle) => bundle,
            // Signatures of other kinds have the same endings.
            Err(Refusal::Malformed(reason)) if named || looks_like_bundle(&bytes) => {
                return Some((directory.to_owned(), SignatureState::Malformed { reason }));
            }
            Err(_) => return None,
        };
        let claimed = match signature::consistent(&bundle) {
            Ok(claimed) => claimed,
            Err(Refusal::Unsupported(_)) => return None,
            Err(refusal) => {
                let reason = message(refusal);
                let state = if self.trusted.is_empty() {
                    SignatureState::Malformed { reason }
                } else {
                    SignatureState::Invalid { reason }
                };
                return Some((directory.to_owned(), state));
            }
        };
        let model = if claimed.is_one_file() {
            one_file(&place, path, &claimed.name)?
        } else {
            directory.to_owned()
        };
        if self.trusted.is_empty() {
            return Some((model, SignatureState::Unchecked));
        }
        let state = self.held_against(&target.on_disk(&model), &place, &bundle);
        Some((model, state))
    }

    fn held_against(&self, model: &Path, place: &Path, bundle: &Bundle) -> SignatureState {
        let verified = match signature::verify_any(bundle, &self.trusted) {
            Ok(verified) => verified,
            Err(Refusal::Invalid(reason)) => return SignatureState::Invalid { reason },
            Err(Refusal::Malformed(reason)) => return SignatureState::Malformed { reason },
            Err(refusal) => {
                return SignatureState::Untrusted {
                    reason: message(refusal),
                };
            }
        };
        let signer = crate::commands::verify::signer(&verified.signer);
        let compared = Selection::new(model, &[], place, false).and_then(|mut selection| {
            selection.allow_symlinks = self.follow_links;
            super::compare(model, verified, selection, false)
        });
        match compared {
            Ok(compared) if compared.differences.is_empty() => SignatureState::Verified { signer },
            Ok(compared) => SignatureState::Changed {
                signer,
                differences: compared
                    .differences
                    .iter()
                    .take(100)
                    .map(|difference| format!("`{}` {}", difference.path(), difference.what()))
                    .collect(),
            },
            Err(error) => SignatureState::Changed {
                signer,
                differences: vec![format!("it cannot be compared: {error:#}")],
            },
        }
    }
}

fn is_signature(observation: &Observation) -> bool {
    matches!(
        &observation.fact,
        Fact::Provenance(provenance) if matches!(**provenance, Provenance { kind: ProvenanceKind::Signature, .. })
    ) && !observation.subject.contains('!')
}

fn looks_like_bundle(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..4096).unwrap_or(bytes)).into_owned();
    head.contains("dev.sigstore.bundle") && head.contains("dsseEnvelope")
}

/// The file that a signature about one file lies behind or beside.
fn one_file(place: &Path, path: &str, name: &str) -> Option<String> {
    let without = [".sigstore.json", ".sigstore", ".sig"]
        .iter()
        .find_map(|ending| path.strip_suffix(ending));
    let beside = Path::new(name).file_name().and_then(|name| name.to_str());
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let in_directory = |name: &str| {
        if directory.is_empty() {
            name.to_owned()
        } else {
            format!("{directory}/{name}")
        }
    };
    let candidates = [without.map(str::to_owned), beside.map(in_directory)];
    candidates.into_iter().flatten().find(|candidate| {
        let name = candidate.rsplit('/').next().unwrap_or(candidate);
        let file: PathBuf = place.with_file_name(name);
        file.is_file() && file != place
    })
}

fn message(refusal: Refusal) -> String {
    match refusal {
        Refusal::Malformed(reason)
        | Refusal::Unsupported(reason)
        | Refusal::Untrusted(reason)
        | Refusal::Invalid(reason) => reason,
    }
}
