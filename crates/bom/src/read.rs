//! Bills of anybody: which standard a document is written in, whether it keeps its rules, and what it says.

use std::fmt;

use serde_json::Value;

use crate::bill::Bill;
use crate::json::{self, Limits, ReadError};
use crate::schema::{self, Violation};
use crate::{cyclonedx, spdx};

/// A standard in one of its editions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// CycloneDX, by the number of its edition.
    CycloneDx(String),
    /// SPDX 2, by the number of its edition.
    Spdx2(String),
    /// SPDX 3, by the number of its edition.
    Spdx3(String),
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CycloneDx(number) => write!(f, "CycloneDX {number}"),
            Self::Spdx2(number) | Self::Spdx3(number) => write!(f, "SPDX {number}"),
        }
    }
}

/// A document as it was read, whatever it says.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it says it is.
    pub form: Form,
    /// All of it.
    pub value: Value,
}

/// Reads JSON and tells which standard it claims.
///
/// # Errors
/// When it is no JSON, crosses a limit, or claims nothing that is known here.
pub fn document(data: &[u8], limits: &Limits) -> Result<Document, ReadError> {
    let value = json::parse(data, limits)?;
    let form = form(&value)?;
    Ok(Document { form, value })
}

fn form(value: &Value) -> Result<Form, ReadError> {
    let unknown = |text: String| Err(ReadError::Unknown(text));
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    if !value.is_object() {
        return unknown("the document is no JSON object, so no bill of materials".to_owned());
    }
    if let Some(context) = value.get("@context") {
        let context = context.as_str().unwrap_or_default();
        let number = context
            .strip_prefix("https://spdx.org/rdf/")
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_default();
        return match number {
            "3.0.0" | "3.0.1" => Ok(Form::Spdx3(number.to_owned())),
            _ => unknown(format!(
                "JSON-LD with the context {context:?}; of SPDX 3, 3.0.0 and 3.0.1 are read"
            )),
        };
    }
    if let Some(version) = text("spdxVersion") {
        return match version.strip_prefix("SPDX-") {
            Some(number @ ("2.2" | "2.3")) => Ok(Form::Spdx2(number.to_owned())),
            _ => unknown(format!(
                "SPDX version {version:?}; 2.2, 2.3 and 3.0.1 are read"
            )),
        };
    }
    match (text("bomFormat"), text("specVersion")) {
        (Some("CycloneDX"), Some(number)) if cyclonedx::schema(number).is_some() => {
            Ok(Form::CycloneDx(number.to_owned()))
        }
        (Some("CycloneDX"), Some(number)) => {
            unknown(format!("CycloneDX {number:?}; 1.4 to 1.7 are read"))
        }
        (Some("CycloneDX"), None) => unknown("CycloneDX without a specVersion".to_owned()),
        // A document that is meant to be one, and says so in its schema only.
        (_, Some(number)) if cyclonedx::schema(number).is_some() => {
            Ok(Form::CycloneDx(number.to_owned()))
        }
        _ => unknown(
            "neither CycloneDX (bomFormat, specVersion) nor SPDX (spdxVersion, @context)"
                .to_owned(),
        ),
    }
}

impl Document {
    /// Every rule of its standard that it breaks, as far as a schema can tell.
    #[must_use]
    pub fn validate(&self) -> Vec<Violation> {
        match &self.form {
            Form::CycloneDx(number) => cyclonedx::schema(number)
                .and_then(|name| schema::validate(name, &self.value))
                .unwrap_or_default(),
            Form::Spdx2(_) => spdx::validate2(&self.value),
            Form::Spdx3(_) => spdx::validate3(&self.value),
        }
    }
}

/// What a document says, as far as a bill has words for it. Members of the wrong type are passed over:
/// [`Document::validate`] tells them.
#[must_use]
pub fn read(document: &Document) -> Bill {
    match &document.form {
        Form::CycloneDx(_) => cyclonedx::read(&document.value),
        Form::Spdx2(_) => spdx::read2(&document.value),
        Form::Spdx3(_) => spdx::read3(&document.value),
    }
}
