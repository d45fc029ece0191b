use crate::{Limits, Model, Node, Reason, Resource, Source, Value, read};

fn model(files: &[(&str, &str)]) -> Model {
    let sources: Vec<Source<'_>> = files
        .iter()
        .map(|(path, text)| Source {
            path,
            bytes: text.as_bytes(),
        })
        .collect();
    read(&sources, &Limits::default())
}

fn only(model: &Model) -> &Resource {
    assert_eq!(model.problems, []);
    assert_eq!(model.resources.len(), 1, "{:?}", model.resources);
    &model.resources[0]
}

fn text<'m>(resource: &'m Resource, path: &str) -> Option<&'m str> {
    resource.attributes.path(path).and_then(Node::as_str)
}

#[test]
fn the_table_of_kinds_is_understood() {
    assert_eq!(crate::kinds::bad(), &[] as &[&str]);
}

#[test]
fn the_same_notebook_in_terraform_and_cloudformation() {
    let terraform = model(&[(
        "main.tf",
        "variable \"access\" {\n  default = \"Disabled\"\n}\nresource \"aws_sagemaker_notebook_instance\" \"n\" {\n  name = \"n\"\n  direct_internet_access = var.access\n  instance_metadata_service_configuration {\n    minimum_instance_metadata_service_version = \"2\"\n  }\n}\n",
    )]);
    let cloudformation = model(&[(
        "t.yaml",
        "Parameters:\n  Access:\n    Type: String\n    Default: Disabled\nResources:\n  N:\n    Type: AWS::SageMaker::NotebookInstance\n    Properties:\n      NotebookInstanceName: n\n      DirectInternetAccess: !Ref Access\n      InstanceMetadataServiceConfiguration:\n        MinimumInstanceMetadataServiceVersion: '2'\n",
    )]);
    for model in [&terraform, &cloudformation] {
        let one = only(model);
        assert_eq!(&*one.kind, "aws/sagemaker/notebook-instance");
        let access = one
            .attributes
            .path("direct_internet_access")
            .and_then(Node::as_bool);
        assert_eq!(access, Some(false));
        let version =
            "instance_metadata_service_configuration.minimum_instance_metadata_service_version";
        assert_eq!(text(one, version), Some("2"));
        assert_eq!(text(one, "name"), Some("n"));
    }
    let one = only(&terraform);
    let place = terraform.place(one.locate("/attributes/name"));
    assert_eq!(place, Some(("main.tf", 5)));
}

#[test]
fn the_same_account_in_terraform_and_arm() {
    let terraform = model(&[(
        "main.tf",
        "resource \"azurerm_cognitive_account\" \"a\" {\n  local_auth_enabled = false\n  public_network_access_enabled = true\n}\n",
    )]);
    let arm = model(&[(
        "t.json",
        r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "parameters": {"off": {"type": "bool", "defaultValue": true}},
        "resources": [{"type": "Microsoft.CognitiveServices/accounts", "apiVersion": "2023-05-01", "name": "[concat('a', '-it''s')]",
          "properties": {"disableLocalAuth": "[parameters('off')]", "publicNetworkAccess": "Enabled"}}]}"#,
    )]);
    for model in [&terraform, &arm] {
        let one = only(model);
        assert_eq!(&*one.kind, "azure/cognitive/account");
        assert_eq!(
            one.attributes.path("local_auth").and_then(Node::as_bool),
            Some(false)
        );
        assert_eq!(
            one.attributes
                .path("public_network_access")
                .and_then(Node::as_bool),
            Some(true)
        );
    }
    assert_eq!(&*only(&arm).name, "a-it's");
}

#[test]
fn modules_loops_and_dynamic_blocks() {
    let model = model(&[
        (
            "main.tf",
            "module \"m\" {\n  source = \"./m\"\n  for_each = toset([\"a\", \"b\"])\n  prefix = \"x-${each.key}\"\n}\nresource \"aws_sns_topic\" \"t\" {\n  name = module.m[\"a\"].made\n}\n",
        ),
        (
            "m/m.tf",
            "variable \"prefix\" {}\nlocals {\n  rules = [for n in range(2) : { port = n + 80 } if n > 0]\n}\nresource \"aws_x_y\" \"z\" {\n  count = 2\n  name = format(\"%s-%d\", upper(var.prefix), count.index)\n  dynamic \"rule\" {\n    for_each = local.rules\n    content {\n      port = rule.value.port\n    }\n  }\n}\noutput \"made\" {\n  value = \"${var.prefix}!\"\n}\n",
        ),
    ]);
    assert_eq!(model.problems, []);
    let found: Vec<_> = model
        .resources
        .iter()
        .map(|one| (&*one.address, text(one, "name").unwrap_or_default()))
        .collect();
    assert_eq!(
        found,
        [
            ("aws_sns_topic.t", "x-a!"),
            ("module.m[\"a\"].aws_x_y.z[0]", "X-A-0"),
            ("module.m[\"a\"].aws_x_y.z[1]", "X-A-1"),
            ("module.m[\"b\"].aws_x_y.z[0]", "X-B-0"),
            ("module.m[\"b\"].aws_x_y.z[1]", "X-B-1"),
        ]
    );
    let port = model.resources[1].attributes.path("rule.port");
    assert_eq!(port.and_then(Node::as_number), Some(81.0));
}

#[test]
fn references_lead_on_and_the_unknown_stays() {
    let model = model(&[(
        "main.tf",
        "variable \"v\" {}\nresource \"aws_s3_bucket\" \"b\" {\n  bucket = \"logs\"\n}\nresource \"aws_s3_bucket_policy\" \"p\" {\n  bucket = aws_s3_bucket.b.bucket\n  secret = var.v\n  policy = jsonencode({ Statement = [{ Resource = \"${aws_s3_bucket.b.arn}/*\", Action = \"s3:*\" }] })\n}\n",
    )]);
    assert_eq!(model.problems, []);
    let policy = &model.resources[1];
    assert_eq!(text(policy, "bucket"), Some("logs"));
    assert!(matches!(
        policy.attributes.get("secret").unwrap().value,
        Value::Unknown(_)
    ));
    let json = policy.to_json();
    assert_eq!(
        json["attributes"]["policy"]["Statement"][0]["Action"],
        "s3:*"
    );
    let resource = &json["attributes"]["policy"]["Statement"][0]["Resource"];
    assert_eq!(resource["written"], "${aws_s3_bucket.b.arn}/*");
    assert_eq!(policy.links.len(), 2);
    for link in &policy.links {
        let linked = model.linked(policy, &link.to).expect("the bucket");
        assert_eq!(&*linked.address, "aws_s3_bucket.b");
    }
}

#[test]
fn hostile_files_end_in_a_problem() {
    let deep = format!("a = {}", "[".repeat(100_000));
    let blocks = "a {".repeat(100_000);
    let doubling: String = (0..200)
        .map(|n: u32| {
            let before = if n == 0 {
                "\"xx\"".to_owned()
            } else {
                format!("local.l{}", n - 1)
            };
            format!(
                "locals {{\n  l{n} = [{before}, {before}]\n  t{n} = \"${{{0}}}${{{0}}}\"\n}}\n",
                before.replace(".l", ".t")
            )
        })
        .collect();
    let doubling =
        format!("{doubling}resource \"a_b\" \"c\" {{\n  x = local.l199\n  y = local.t199\n}}\n");
    let huge = "resource \"a_b\" \"c\" {\n  count = 1000000000\n}\n".to_owned();
    for text in [deep, blocks, doubling, huge] {
        let model = model(&[("main.tf", &text)]);
        let limits = model
            .problems
            .iter()
            .filter(|one| one.reason == Reason::Limit);
        assert!(limits.count() > 0, "{:?}", &text[..40]);
        for one in &model.resources {
            assert!(one.attributes.to_json().to_string().len() < 1 << 20);
        }
    }
}

#[test]
fn circles_end() {
    let model = model(&[
        (
            "a/a.tf",
            "module \"b\" {\n  source = \"../b\"\n}\nlocals {\n  x = local.y\n  y = local.x\n}\nresource \"a_b\" \"c\" {\n  v = local.x\n}\n",
        ),
        ("b/b.tf", "module \"a\" {\n  source = \"../a\"\n}\n"),
    ]);
    assert!(model.problems.iter().any(|one| one.reason == Reason::Limit));
    let value = &model.resources[0].attributes.get("v").unwrap().value;
    assert!(matches!(value, Value::Unknown(_)));
}

#[test]
fn a_heredoc_without_end_and_a_bad_line_cost_only_themselves() {
    let model = model(&[(
        "main.tf",
        "resource \"a_b\" \"c\" {\n  x = = 3\n  y = 4\n}\nresource \"a_b\" \"d\" {\n  z = <<EOT\nnever ends\n",
    )]);
    assert!(
        model
            .problems
            .iter()
            .any(|one| one.message.contains("heredoc does not end"))
    );
    let first = model.resources[0]
        .attributes
        .get("y")
        .and_then(Node::as_number);
    assert_eq!(first, Some(4.0));
}
