//! The page for people.

use askama::Template;
use serde::Serialize;
use serde_json::Value;

use crate::auth::Permission;
use crate::error::KINDS;
use crate::frame::Frame;
use crate::route::Listed;
use crate::view::Page;

/// All that is told about the API.
#[derive(Debug, Serialize)]
pub(super) struct DocsView {
    slices: Vec<SliceView>,
}

#[derive(Debug, Serialize)]
struct SliceView {
    name: &'static str,
    operations: Vec<OperationView>,
}

#[derive(Debug, Serialize)]
struct OperationView {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: &'static str,
    needs: &'static str,
    allows: &'static str,
    parameters: Vec<ParameterView>,
    takes: Option<String>,
    gives: Option<String>,
}

#[derive(Debug, Serialize)]
struct ParameterView {
    name: String,
    place: String,
    required: bool,
    description: String,
}

#[derive(Template)]
#[template(path = "documentation/docs.html")]
struct DocsPage<'a> {
    frame: Frame,
    view: &'a DocsView,
    kinds: &'a [(&'static str, u16, &'static str, &'static str)],
    scopes: Vec<Permission>,
}

impl Page for DocsView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        DocsPage {
            frame: frame.beside("API"),
            view: self,
            kinds: KINDS,
            scopes: Permission::scopes().collect(),
        }
        .render()
    }
}

impl DocsView {
    /// The table in words; parameters and schemas come from the document.
    pub(super) fn of(table: &[Listed], document: &Value) -> Self {
        let mut slices: Vec<SliceView> = Vec::new();
        for row in table.iter().filter(|row| row.is_api()) {
            let operation = OperationView::of(row, document);
            match slices.iter_mut().find(|slice| slice.name == row.slice) {
                Some(slice) => slice.operations.push(operation),
                None => slices.push(SliceView {
                    name: row.slice,
                    operations: vec![operation],
                }),
            }
        }
        Self { slices }
    }
}

impl OperationView {
    fn of(row: &Listed, document: &Value) -> Self {
        let method = row.method.as_str();
        let told = &document["paths"][&row.path][method.to_ascii_lowercase()];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let parameters = told["parameters"].as_array().into_iter().flatten();
        let schema = |schema: &Value| schema_text(schema, document);
        Self {
            id: text(&told["operationId"]),
            method: method.to_owned(),
            path: row.path.clone(),
            summary: row.summary.to_owned(),
            description: row.description,
            needs: row.permission.name(),
            allows: row.permission.row().allows,
            parameters: parameters
                .map(|parameter| ParameterView {
                    name: text(&parameter["name"]),
                    place: text(&parameter["in"]),
                    required: parameter["required"] == true,
                    description: text(&parameter["description"]),
                })
                .collect(),
            takes: schema(&told["requestBody"]["content"]["application/json"]["schema"]),
            gives: schema(
                &told["responses"][row.status.to_string()]["content"]["application/json"]["schema"],
            ),
        }
    }
}

/// A schema as text, with the first reference followed.
fn schema_text(schema: &Value, document: &Value) -> Option<String> {
    let name = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    let schema = match name {
        Some(name) => &document["components"]["schemas"][name],
        None => schema,
    };
    (!schema.is_null())
        .then(|| serde_json::to_string_pretty(schema).ok())
        .flatten()
}
