//! A bill in our own JSON, for programs: the [`Bill`] as it is, below the name of the format.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

use crate::bill::Bill;

/// Name and version; names and meanings stay, new members may come.
pub const SCHEMA: &str = "stance/bom-v1";

#[derive(Serialize, JsonSchema)]
#[schemars(title = "stance/bom-v1")]
struct Document<'b> {
    /// Name and version of this format: always `stance/bom-v1`.
    schema: &'static str,
    /// What was found.
    bill: &'b Bill,
}

/// The bill as a document.
#[must_use]
pub fn write(bill: &Bill) -> Value {
    let document = Document {
        schema: SCHEMA,
        bill,
    };
    serde_json::to_value(document).unwrap_or_default()
}

/// The JSON Schema of what [`write`] makes.
#[must_use]
pub fn schema() -> Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Document<'_>>()
        .to_value()
}
