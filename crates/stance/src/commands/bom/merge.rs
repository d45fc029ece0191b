//! `stance bom merge`: several bills as one.

use std::path::{Path, PathBuf};

use anyhow::bail;
use stance_bom::cyclonedx::Version;
use stance_bom::{Document, Form};

use crate::Outcome;
use crate::cli::BomFormat;

pub(super) fn run(
    files: &[PathBuf],
    format: BomFormat,
    name: &str,
    output: Option<&Path>,
) -> anyhow::Result<Outcome> {
    let mut documents: Vec<(String, Document)> = Vec::new();
    for path in files {
        let document = super::document(path)?;
        let source = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        if let Some(violation) = document.validate().first() {
            bail!(
                "{} is not valid {}: {}: {}; `stance bom check` tells all",
                path.display(),
                document.form,
                if violation.at.is_empty() {
                    "the document"
                } else {
                    &violation.at
                },
                violation.message
            );
        }
        documents.push((source, document));
    }
    let version = match format {
        BomFormat::Cyclonedx17 => Version::V1_7,
        _ => Version::V1_6,
    };
    let single = documents.len() == 1;
    let (value, notes) = match documents.pop() {
        // One alone is only written in another form.
        Some((_, document))
            if single && !matches!(format, BomFormat::Cyclonedx16 | BomFormat::Cyclonedx17) =>
        {
            super::put(
                &super::render(&stance_bom::read(&document), format)?,
                output,
            )?;
            return Ok(Outcome::Clean);
        }
        Some(last) => {
            documents.push(last);
            let merged = stance_bom::merge::merge(&documents, version, name);
            (merged.value, merged.notes)
        }
        None => bail!("nothing to merge"),
    };
    for note in notes {
        let mut stderr = anstream::stderr();
        let _ = std::io::Write::write_all(&mut stderr, format!("note: {note}\n").as_bytes());
    }
    let number = value
        .get("specVersion")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let merged = Document {
        form: Form::CycloneDx(number),
        value,
    };
    if let Some(violation) = merged.validate().first() {
        bail!(
            "the merged bill would not be valid {}: {}: {}",
            merged.form,
            violation.at,
            violation.message
        );
    }
    let text = match format {
        BomFormat::Cyclonedx16 | BomFormat::Cyclonedx17 => super::pretty(&merged.value)?,
        other => super::render(&stance_bom::read(&merged), other)?,
    };
    super::put(&text, output)?;
    Ok(Outcome::Clean)
}
