//! Terraform in its JSON form: `{"resource": {"type": {"name": {…}}}}`.
//!
//! See <https://developer.hashicorp.com/terraform/language/syntax/json>.

use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::{Entry, Node, Value};

use super::blocks::{Blocks, Statement};
use super::cloud::MOST;
use crate::document::Format;

pub(crate) const TERRAFORM_JSON: Format = Format {
    title: "Terraform in JSON",
    loose: false,
    marks: &[
        "\"aws_",
        "\"awscc_",
        "\"azurerm_",
        "\"databricks_",
        "\"google_",
        "\"pinecone_",
        "\"snowflake_",
    ],
    read,
};

fn read(root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) -> bool {
    if !(page.path.ends_with(".tf.json") || page.path.ends_with(".tofu.json")) {
        return false;
    }
    let mut statements = Vec::new();
    // A block that comes more than once is a list of objects.
    for part in each(root) {
        for entry in part.entries().iter().filter(|entry| !entry.shadowed) {
            let labels = match &*entry.key {
                "resource" | "data" => 2,
                "variable" | "module" => 1,
                "locals" => 0,
                _ => continue,
            };
            let word = (entry.key.to_string(), entry.key_span.clone());
            below(&entry.value, labels, &mut vec![word], &mut statements);
        }
    }
    let found = !statements.is_empty();
    let blocks = Blocks {
        statements,
        limit: None,
    };
    super::read_terraform(&blocks, page, facts);
    found
}

/// An object, or the objects of a list.
fn each(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::Array(items) => items.iter().collect(),
        _ => vec![node],
    }
}

/// The blocks below so many labels.
fn below(
    node: &Node,
    labels: usize,
    words: &mut Vec<(String, std::ops::Range<usize>)>,
    statements: &mut Vec<Statement>,
) {
    for part in each(node) {
        let Some(left) = labels.checked_sub(1) else {
            if statements.len() < MOST {
                statements.push(Statement {
                    words: words.clone(),
                    value: part.clone(),
                });
            }
            continue;
        };
        for Entry {
            key,
            key_span,
            value,
            ..
        } in part.entries().iter().filter(|entry| !entry.shadowed)
        {
            words.push((key.to_string(), key_span.clone()));
            below(value, left, words, statements);
            words.pop();
        }
    }
}
