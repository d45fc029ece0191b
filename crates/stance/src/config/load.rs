//! Finds and reads `stance.toml`.

use std::ops::Range;
use std::path::{Path, PathBuf};

use stance_core::evidence::Evidence;
use stance_core::policy::{
    CatalogueEntry, Policy, RecordedUse, RuleSelection, Selector, Use, Waiver,
};
use stance_inspect::Text;
use toml::Spanned;
use toml::de::DeTable;

use super::file::{self, File};
use super::{ConfigError, FILE_NAME, keys, schema};

/// A configuration file that was read, or the defaults when there is none.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Where it is; `None` when there is no file.
    pub path: Option<PathBuf>,
    /// What it says.
    pub file: File,
    text: String,
}

impl Loaded {
    /// Reads `explicit`, or the nearest `stance.toml` from `start` upwards.
    ///
    /// # Errors
    /// When the file cannot be read, is no TOML, has an unknown key or a value
    /// that does not fit.
    pub fn find(explicit: Option<&Path>, start: &Path) -> Result<Self, ConfigError> {
        let path = match explicit {
            Some(path) => Some(path.to_owned()),
            None => start
                .ancestors()
                .map(|directory| directory.join(FILE_NAME))
                .find(|candidate| candidate.is_file()),
        };
        match path {
            Some(path) => Self::read(path),
            None => Ok(Self::default()),
        }
    }

    fn read(path: PathBuf) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(&path).map_err(|error| ConfigError {
            path: path.clone(),
            place: None,
            message: format!("cannot read the configuration: {error}"),
        })?;
        let at = |span: Option<Range<usize>>, message: String| ConfigError {
            path: path.clone(),
            place: span.map(|span| place(&text, span.start)),
            message,
        };
        let table =
            DeTable::parse(&text).map_err(|error| at(error.span(), error.message().to_owned()))?;
        if let Some(unknown) = keys::unknown_keys(table.get_ref(), &schema())
            .into_iter()
            .next()
        {
            let hint = match unknown.nearest {
                Some(nearest) => format!("; did you mean `{nearest}`?"),
                None => "; `stance init` writes a file with every key".to_owned(),
            };
            return Err(at(
                Some(unknown.span),
                format!("unknown key `{}`{hint}", unknown.path),
            ));
        }
        let file: File =
            toml::from_str(&text).map_err(|error| at(error.span(), error.message().to_owned()))?;
        let loaded = Self {
            path: Some(path.clone()),
            file,
            text: text.clone(),
        };
        loaded
            .policy()
            .map_err(|(span, message)| at(Some(span), message))?;
        Ok(loaded)
    }

    /// The line, from 1, on which a span starts.
    #[must_use]
    pub fn line(&self, span: &Range<usize>) -> usize {
        place(&self.text, span.start).0
    }

    /// The directory that relative paths of the file are relative to.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        self.path.as_deref().and_then(Path::parent)
    }

    /// The decisions in the file.
    ///
    /// # Errors
    /// The bytes and the reason when a waiver or rule selection makes no sense.
    pub fn policy(&self) -> Result<Policy, (Range<usize>, String)> {
        super::discover::check(&self.file)?;
        let mut rules = RuleSelection::default();
        for rule in &self.file.rules.disable {
            known_rule(rule)?;
            rules.disabled.push(rule.get_ref().clone());
        }
        for (rule, severity) in &self.file.rules.severity {
            known_rule(rule)?;
            let severity = match severity {
                file::Severity::Critical => stance_core::Severity::Critical,
                file::Severity::High => stance_core::Severity::High,
                file::Severity::Medium => stance_core::Severity::Medium,
                file::Severity::Low => stance_core::Severity::Low,
                file::Severity::Info => stance_core::Severity::Info,
            };
            rules.severities.insert(rule.get_ref().clone(), severity);
        }
        let text = Text::new(self.text.as_str());
        let waivers = self
            .file
            .waiver
            .iter()
            .map(|waiver| self.waiver(waiver, &text));
        Ok(Policy {
            waivers: waivers.collect::<Result<_, _>>()?,
            rules,
            catalogue: self.catalogue(&text)?,
            signatures_required: self
                .file
                .provenance
                .required
                .as_ref()
                .is_some_and(|required| *required.get_ref()),
            publishers: self.publishers()?,
            sanctioned: super::discover::sanctioned(&self.file),
            sanctioned_vendors: self.sanctioned_vendors()?,
            recorded_use: self.recorded_use(),
        })
    }

    /// What models and data are used for.
    fn recorded_use(&self) -> RecordedUse {
        let said = &self.file.policy;
        let of = |word: file::Use| match word {
            file::Use::Commercial => Use::Commercial,
            file::Use::NonCommercial => Use::NonCommercial,
            file::Use::Research => Use::Research,
        };
        RecordedUse {
            general: said.recorded_use.as_ref().map(|word| of(*word.get_ref())),
            paths: said
                .path
                .iter()
                .map(|one| (one.path.clone(), of(one.recorded_use)))
                .collect(),
        }
    }

    /// Whose AI services may be called. Something that is no name at all would make every call a finding.
    fn sanctioned_vendors(&self) -> Result<Vec<String>, (Range<usize>, String)> {
        let Some(vendors) = &self.file.policy.sanctioned_vendors else {
            return Ok(Vec::new());
        };
        let is_key = |name: &str| {
            let is_part =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
            !name.is_empty() && name.chars().all(is_part)
        };
        match vendors.get_ref().iter().find(|name| !is_key(name)) {
            Some(name) => Err((
                vendors.span(),
                format!(
                    "sanctioned-vendors: `{name}` is no vendor; write the name that `stance assets --kind vendor` \
                     shows, such as `openai`"
                ),
            )),
            None => Ok(vendors.get_ref().clone()),
        }
    }

    /// Whose models may be used; nobody in particular when the list is empty. A name that is none would make every
    /// model a finding.
    fn publishers(&self) -> Result<Vec<String>, (Range<usize>, String)> {
        let Some(publishers) = &self.file.models.publishers else {
            return Ok(Vec::new());
        };
        let is_name = |name: &str| {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
            !name.is_empty() && !name.starts_with('.') && name.chars().all(is_part)
        };
        for name in publishers.get_ref() {
            if !is_name(name) {
                let message = format!(
                    "publishers: `{name}` is no publisher; write what stands before the slash in the \
                     name of a model, such as `mistralai`"
                );
                return Err((publishers.span(), message));
            }
        }
        Ok(publishers.get_ref().clone())
    }

    fn catalogue(&self, text: &Text<'_>) -> Result<Vec<CatalogueEntry>, (Range<usize>, String)> {
        let said = &self.file.catalogue;
        let allowed = said.allow.iter().map(|entry| (true, entry));
        let denied = said.deny.iter().map(|entry| (false, entry));
        allowed
            .chain(denied)
            .map(|(allow, entry)| {
                let span = entry.span();
                let file::CatalogueName { name, reason } = entry.get_ref();
                if reason.trim().is_empty() {
                    return Err((span, format!("catalogue: `{name}` has no reason")));
                }
                let refused = if allow {
                    stance_intent::why_not_allowed(name)
                } else {
                    let name = name.strip_suffix(".*").unwrap_or(name);
                    (name.is_empty() || name.contains('*'))
                        .then(|| "it is neither a dotted name nor `package.*`".to_owned())
                };
                if let Some(why) = refused {
                    let list = if allow { "allow" } else { "deny" };
                    return Err((span, format!("catalogue: cannot {list} `{name}`: {why}")));
                }
                Ok(CatalogueEntry {
                    pattern: name.clone(),
                    allow,
                    reason: reason.clone(),
                    evidence: self.evidence(text, span),
                })
            })
            .collect()
    }

    /// The first line of what stands at `span`.
    fn evidence(&self, text: &Text<'_>, span: Range<usize>) -> Evidence {
        let path = self
            .path
            .as_deref()
            .and_then(Path::file_name)
            .map_or_else(|| FILE_NAME.into(), |name| name.to_string_lossy());
        let line_end = self
            .text
            .get(span.clone())
            .map_or(0, |text| text.lines().next().unwrap_or_default().len());
        text.evidence(&path.as_ref().into(), span.start..span.start + line_end)
    }

    fn waiver(
        &self,
        waiver: &Spanned<file::Waiver>,
        text: &Text<'_>,
    ) -> Result<Waiver, (Range<usize>, String)> {
        let span = waiver.span();
        let said = waiver.get_ref();
        let fail = |message: String| (span.clone(), format!("waiver: {message}"));
        known_rule(&Spanned::new(span.clone(), said.rule.clone()))?;
        for (name, value) in [("reason", &said.reason), ("owner", &said.owner)] {
            if value.trim().is_empty() {
                return Err(fail(format!("`{name}` is empty")));
            }
        }
        let selector = match (&said.path, &said.asset) {
            (Some(path), None) => Selector::Path(path.clone()),
            (None, Some(asset)) => Selector::Asset(asset.clone()),
            _ => return Err(fail("it needs `path` or `asset`, and not both".to_owned())),
        };
        let expires = said.expires.to_string();
        let expires = expires.parse().map_err(|_| {
            fail(format!(
                "`expires` is `{expires}`, which is no day such as 2027-01-31"
            ))
        })?;
        let evidence = self.evidence(text, span.clone());
        Ok(Waiver {
            rule: said.rule.clone(),
            selector,
            reason: said.reason.clone(),
            owner: said.owner.clone(),
            expires,
            evidence,
        })
    }
}

/// A rule or area that is spelled wrong would silently do nothing.
fn known_rule(rule: &Spanned<String>) -> Result<(), (Range<usize>, String)> {
    let name = rule.get_ref();
    if stance_rules::names_a_rule(name) {
        return Ok(());
    }
    let hint = stance_rules::nearest(name)
        .map(|nearest| format!("; did you mean `{nearest}`?"))
        .unwrap_or_default();
    Err((rule.span(), format!("no rule is called `{name}`{hint}")))
}

/// Line and column in characters, from 1, of a byte of a text.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}
