//! Roles of AWS in Terraform that AI services run as, or that may call them: by who may take them, and by the policies
//! that are attached to them in the same file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use stance_core::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use super::allowed::ACTIONS;
use super::blocks::Statement;
use crate::draft::Draft;

/// Services that take roles to do AI with them.
const SERVICES: &[&str] = &[
    "bedrock.amazonaws.com",
    "bedrock-agentcore.amazonaws.com",
    "sagemaker.amazonaws.com",
    "kendra.amazonaws.com",
    "lexv2.amazonaws.com",
    "qbusiness.amazonaws.com",
];
/// Policies of AWS itself that allow the use of AI, by a part of their names.
const POLICIES: &[&str] = &["AmazonBedrock", "AmazonSageMaker", "AmazonKendra"];

/// What one resource says about a role.
#[derive(Default)]
struct Said {
    /// Whether services or actions of AI stand in it.
    ai: bool,
    /// Other blocks that it speaks of: `aws_iam_role.x`, `data.aws_iam_policy_document.y`.
    names: BTreeSet<String>,
}

/// Adds the roles of a file that are for AI.
pub(super) fn add(statements: &[Statement], page: &Page<'_>, facts: &mut Facts<'_>) {
    let mut roles: BTreeMap<String, (Range<usize>, &str)> = BTreeMap::new();
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    for statement in statements {
        let words: Vec<&str> = statement.words.iter().map(|(word, _)| &**word).collect();
        let (kind, label, name) = match words.as_slice() {
            ["resource", kind, label] => (*kind, *label, format!("{kind}.{label}")),
            ["data", kind, label] => (*kind, *label, format!("data.{kind}.{label}")),
            _ => continue,
        };
        if !kind.contains("_iam_") {
            continue;
        }
        if matches!(kind, "aws_iam_role" | "awscc_iam_role") && words.first() == Some(&"resource") {
            let place = statement.words.get(2).map_or(0..0, |(_, at)| at.clone());
            roles.insert(name.clone(), (place, label));
        }
        said.insert(name, read(&statement.value));
    }
    if roles.is_empty() {
        return;
    }
    // What speaks of AI through a document or a policy; twice, as policies attach documents and roles policies.
    for _ in 0..2_u8 {
        let about: BTreeSet<String> = said
            .iter()
            .filter(|(_, one)| one.ai)
            .map(|(name, _)| name.clone())
            .collect();
        for one in said.values_mut() {
            one.ai |= one
                .names
                .iter()
                .any(|name| about.contains(name) && !name.contains("iam_role."));
        }
    }
    for (name, (place, label)) in roles {
        let own = said.get(&name).is_some_and(|one| one.ai);
        let attached = said.iter().any(|(other, one)| {
            one.ai && !other.contains("iam_role.") && one.names.contains(&name)
        });
        if own || attached {
            Draft::new(AssetKind::Identity, format!("{}#{label}", page.path), label)
                .relation(RelationKind::RunsAs)
                .role("role")
                .vendor(Some("aws"))
                .alias(&name)
                .add(place, page, facts);
        }
    }
}

fn read(root: &Node) -> Said {
    let mut said = Said::default();
    root.strings(&mut |_, _, text| {
        said.ai |= SERVICES.iter().any(|it| text.contains(it))
            || POLICIES.iter().any(|it| text.contains(it))
            || ACTIONS.iter().any(|it| text.contains(it));
        for (at, _) in text.match_indices("iam_") {
            let from = text
                .get(..at)
                .and_then(|before| before.rfind(|it: char| !is_part(it)))
                .map_or(0, |it| it.saturating_add(1));
            let rest = text.get(from..).unwrap_or_default();
            let end = rest.find(|it: char| !is_part(it)).unwrap_or(rest.len());
            let path = rest.get(..end).unwrap_or_default();
            let parts: Vec<&str> = path.split('.').collect();
            let name = match parts.as_slice() {
                ["data", kind, label, ..] => format!("data.{kind}.{label}"),
                [kind, label, ..] => format!("{kind}.{label}"),
                _ => continue,
            };
            if said.names.len() < 64 {
                said.names.insert(name);
            }
        }
    });
    said
}

const fn is_part(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '_' | '.' | '-')
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn a_role_is_of_ai_by_who_takes_it_or_by_what_it_may_do() {
        let text = "resource \"aws_iam_role\" \"agent\" {\n  assume_role_policy = jsonencode({ Statement = [{ Principal = { Service = \"bedrock.amazonaws.com\" } }] })\n}\nresource \"aws_iam_role\" \"lambda\" {\n  assume_role_policy = \"{}\"\n}\ndata \"aws_iam_policy_document\" \"ask\" {\n  statement {\n    actions = [\"bedrock:InvokeModel\"]\n  }\n}\nresource \"aws_iam_role_policy\" \"ask\" {\n  role = aws_iam_role.lambda.id\n  policy = data.aws_iam_policy_document.ask.json\n}\nresource \"aws_iam_role\" \"other\" {\n  assume_role_policy = \"{}\"\n}\n";
        let all = told("iam.tf", text);
        assert_eq!(
            all,
            [
                "identity iam.tf#agent role 1",
                "identity iam.tf#lambda role 4"
            ]
        );
    }
}
