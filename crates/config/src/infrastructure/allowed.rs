//! Who may call AI services of AWS, by the policies that stand beside a function or role.

use stance_core::AssetKind;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use crate::draft::Draft;

/// Actions that call models, agents or knowledge, by how they begin.
pub(super) const ACTIONS: &[&str] = &[
    "bedrock:",
    "bedrock-agent:",
    "bedrock-agentcore:",
    "sagemaker:InvokeEndpoint",
    "sagemaker:*",
    "kendra:Query",
    "kendra:Retrieve",
    "kendra:*",
    "qbusiness:",
    "s3vectors:",
];
/// Policies of AWS that allow the same, by a part of their names.
const POLICIES: &[&str] = &["AmazonBedrock", "AmazonSageMakerFullAccess"];
/// Most actions that are told of one resource.
const MOST: usize = 64;

/// A function or role with policies for AI is an identity. Whether it was one.
pub(super) fn identity(
    kind: &str,
    label: &str,
    properties: &Node,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) -> bool {
    let role = match kind {
        "AWS::Serverless::Function" | "AWS::Serverless::StateMachine" => "execution role",
        "AWS::IAM::Role" => "role",
        "AWS::IAM::User" => "user",
        _ => return false,
    };
    let mut actions: Vec<&str> = Vec::new();
    let mut place = None;
    for policies in [
        properties.get("Policies"),
        properties.get("ManagedPolicyArns"),
    ]
    .into_iter()
    .flatten()
    {
        policies.strings(&mut |_, node, text| {
            let allows = ACTIONS.iter().any(|action| text.starts_with(action))
                || POLICIES.iter().any(|policy| text.contains(policy));
            if allows && actions.len() < MOST {
                place.get_or_insert_with(|| node.span.clone());
                actions.push(text);
            }
        });
    }
    let Some(place) = place else { return false };
    actions.sort_unstable();
    actions.dedup();
    Draft::new(AssetKind::Identity, format!("{}#{label}", page.path), label)
        .relation(RelationKind::RunsAs)
        .role(role)
        .vendor(Some("aws"))
        .with("actions", actions)
        .add(place, page, facts);
    true
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn functions_and_roles_that_may_call_models_are_identities() {
        let text = "Resources:\n  Answer:\n    Type: AWS::Serverless::Function\n    Properties:\n      Policies:\n        - S3ReadPolicy: {BucketName: docs}\n        - Statement:\n          - Effect: Allow\n            Action: bedrock:InvokeModel\n            Resource: '*'\n  Store:\n    Type: AWS::Serverless::Function\n    Properties:\n      Policies:\n        - Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]\n  Runner:\n    Type: AWS::IAM::Role\n    Properties:\n      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonBedrockFullAccess']\n";
        assert_eq!(
            told("template.yaml", text),
            [
                "identity template.yaml#Answer execution role 9",
                "identity template.yaml#Runner role 19",
            ]
        );
    }
}
