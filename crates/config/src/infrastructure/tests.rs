use crate::testing::{HARNESS, gaps, references, relations, told};

#[test]
fn terraform_names_services_and_models_through_defaults() {
    let text = r#"
variable "chat_model" {
  type    = string
  default = "anthropic.claude-3-5-sonnet-20240620-v1:0"
}
variable "open" { type = string }
resource "aws_bedrockagent_agent" "helper" {
  agent_name       = "support-agent"
  foundation_model = var.chat_model
}
resource "aws_bedrockagent_knowledge_base" "kb" {
  name = "docs"
  knowledge_base_configuration {
    vector_knowledge_base_configuration {
      embedding_model_arn = "arn:aws:bedrock:${data.aws_region.x.name}::foundation-model/amazon.titan-embed-text-v2:0"
    }
    type = "VECTOR"
  }
}
resource "awscc_bedrock_guardrail" "g" { name = "no-secrets" }
resource "aws_bedrockagent_agent" "other" { foundation_model = var.open }
resource "azurerm_cognitive_deployment" "d" {
  name = "chat"
  model {
    format  = "OpenAI"
    name    = "gpt-4o"
    version = "2024-08-06"
  }
}
resource "aws_lambda_function" "f" {
  function_name = "f"
  environment { variables = { MODEL_ID = "anthropic.claude-3-haiku-20240307-v1:0" } }
}
resource "aws_s3_bucket" "b" { bucket = "model-bucket" }
"#;
    assert_eq!(
        told("main.tf", text),
        [
            "model anthropic/claude-3-5-sonnet-20240620-v1:0 chat 4",
            "agent main.tf#helper agent 7",
            "model anthropic/claude-3-5-sonnet-20240620-v1:0 chat 9",
            "vector_store main.tf#kb retrieval 11",
            "model aws/titan-embed-text-v2:0 embedding 15",
            "guardrail main.tf#g guardrail 20",
            "agent main.tf#other agent 21",
            "model unresolved/main.tf#foundation_model chat 21",
            "model openai/gpt-4o - 26",
            "endpoint azure/deployment/chat deployment 23",
            "model anthropic/claude-3-haiku-20240307-v1:0 chat 32",
        ]
    );
    assert_eq!(references("main.tf", text)[1].name, "support-agent");
    assert!(
        relations("main.tf", text)
            .contains(&"endpoint:azure/deployment/chat serves model:openai/gpt-4o".to_owned())
    );
}

#[test]
fn bicep_tells_deployment_from_model() {
    let text = r#"
@description('it\'s {')
param modelName string = 'gpt-4o-mini' // the default
param location string
var lists = [
  {
    name: 'embed'
    model: {
      format: 'OpenAI'
      name: 'text-embedding-3-large'
      version: '1'
    }
  }
]
resource account 'Microsoft.CognitiveServices/accounts@2023-05-01' = if (x) {
  name: !empty(n) ? n : 'aoai-${token}'
  kind: 'OpenAI'
  resource inner 'deployments' = {
    name: 'chat'
    properties: { model: { format: 'OpenAI', name: modelName } }
  }
}
resource old 'Microsoft.CognitiveServices/accounts@2023-05-01' existing = {
  name: 'old'
}
resource many 'Microsoft.CognitiveServices/accounts/deployments@2023-05-01' = [for d in lists: {
  name: d.name
  properties: { model: d.model }
}]
resource search 'Microsoft.Search/searchServices@2023-11-01' = {
  name: 'docs-search'
}
module role 'core/role.bicep' = {
  params: {
    principalId: apiIdentity.outputs.principalId
    roleDefinitionId: '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd'
  }
}
"#;
    assert_eq!(
        told("infra/main.bicep", text),
        [
            "model openai/gpt-4o-mini chat 3",
            "model openai/text-embedding-3-large - 10",
            "endpoint azure/deployment/embed deployment 7",
            "endpoint infra/main.bicep#account inference 15",
            "model openai/gpt-4o-mini - 20",
            "endpoint azure/deployment/chat deployment 19",
            "vector_store infra/main.bicep#search retrieval 30",
            "identity infra/main.bicep#apiIdentity role assignment 36",
        ]
    );
}

#[test]
fn identities_hold_roles_and_empty_names_deploy_nothing() {
    let text = "param deployment string = ''\nvar readerRole = '1407120a-92aa-4202-b7e9-c0e197c71c8f'\nresource api 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {\n  name: 'id-api'\n}\nmodule openAi 'ai.bicep' = {\n  params: {\n    deployments: [\n      {\n        name: deployment\n        model: { format: 'OpenAI', name: 'gpt-4o' }\n      }\n    ]\n  }\n}\nmodule one 'role.bicep' = {\n  params: {\n    principalId: api.properties.principalId\n    roleDefinitionId: '8ebe5a00-799e-43f5-93ac-243d3dce84a7'\n  }\n}\nmodule two 'role.bicep' = {\n  params: {\n    principalId: principalId\n    roleDefinitionId: '7ca78c08-252a-4471-8644-bb5ff32d4ba0'\n  }\n}\n";
    assert_eq!(
        told("a.bicep", text),
        [
            "identity a.bicep#api managed identity 3",
            "identity a.bicep#api role assignment 19",
        ]
    );
    assert_eq!(
        together(&[("a.bicep", text)]),
        [
            "identity a.bicep#api configuration a.bicep",
            "model openai/gpt-4o default a.bicep",
        ]
    );
}

#[test]
fn templates_as_trees_say_the_same() {
    let arm = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
"parameters": {"m": {"type": "string", "defaultValue": "gpt-4o"}},
"resources": [{"type": "Microsoft.CognitiveServices/accounts", "name": "acc", "kind": "OpenAI",
 "resources": [{"type": "deployments", "name": "chat", "properties": {"model": {"format": "OpenAI", "name": "[parameters('m')]"}}}]}]}"#;
    assert_eq!(
        told("azuredeploy.json", arm),
        [
            "endpoint azuredeploy.json#acc inference 3",
            "model openai/gpt-4o - 4",
            "endpoint azure/deployment/chat deployment 4"
        ]
    );
    let cfn = "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  Fm:\n    Default: anthropic.claude-3-haiku-20240307-v1:0\nResources:\n  Bot:\n    Type: AWS::Bedrock::Agent\n    Properties:\n      AgentName: bot\n      FoundationModel: !Ref Fm\n  B:\n    Type: AWS::S3::Bucket\n";
    assert_eq!(
        told("template.yaml", cfn),
        [
            "model anthropic/claude-3-haiku-20240307-v1:0 chat 4",
            "agent template.yaml#Bot agent 7",
            "model anthropic/claude-3-haiku-20240307-v1:0 chat 10",
        ]
    );
    let ai =
        "deployments:\n  - name: gpt-4\n    model:\n      format: OpenAI\n      name: gpt-4o\n";
    assert_eq!(
        told("infra/ai.yaml", ai),
        [
            "model openai/gpt-4o - 5",
            "endpoint azure/deployment/gpt-4 deployment 2"
        ]
    );
    let pulumi = "name: p\nruntime: yaml\nresources:\n  s:\n    type: azure-native:search:Service\n    properties:\n      searchServiceName: x\n";
    assert_eq!(
        told("Pulumi.yaml", pulumi),
        ["vector_store Pulumi.yaml#s retrieval 5"]
    );
}

#[test]
fn kubernetes_serves_models() {
    let kserve = "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: llama\nspec:\n  predictor:\n    model:\n      modelFormat: {name: huggingface}\n      storageUri: hf://meta-llama/Llama-3.1-8B\n---\napiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - image: vllm/vllm-openai:v0.9\n          args: [\"--model\", \"Qwen/Qwen3-4B\"]\n        - image: nginx\n          args: [\"--model\", \"a/b\"]\n";
    assert_eq!(
        told("k.yaml", kserve),
        [
            "endpoint k.yaml#llama inference 4",
            "model pkg:huggingface/meta-llama/Llama-3.1-8B inference 9",
            "compute pkg:docker/vllm/vllm-openai inference server 17",
            "model pkg:huggingface/Qwen/Qwen3-4B inference 18",
        ]
    );
    let values = "servingEngineSpec:\n  modelSpec:\n    - name: m\n      repository: lmcache/vllm-openai\n      tag: latest\n      modelURL: mistralai/Mistral-7B-Instruct-v0.2\n";
    assert_eq!(
        told("chart/values.yaml", values),
        [
            "model pkg:huggingface/mistralai/Mistral-7B-Instruct-v0.2 inference 6",
            "compute pkg:docker/lmcache/vllm-openai inference server 4"
        ]
    );
    let adapter = "apiVersion: production-stack.vllm.ai/v1alpha1\nkind: LoraAdapter\nspec:\n  baseModel: m\n  adapterSource:\n    type: huggingface\n    repository: acme/m-lora\n";
    assert_eq!(
        told("adapter.yaml", adapter),
        ["model pkg:huggingface/acme/m-lora adapter 7"]
    );
    assert_eq!(
        told(
            "k.yaml",
            "apiVersion: v1\nkind: ConfigMap\ndata:\n  uri: hf://a/b\n"
        ),
        [] as [&str; 0]
    );
}

#[test]
fn hostile_blocks_end_in_a_gap() {
    for path in ["a.tf", "a.bicep"] {
        let deep = format!("a = {}", "[".repeat(200_000));
        assert!(
            !gaps(&HARNESS.report(path, deep.as_bytes())).is_empty(),
            "{path}"
        );
        let many = format!("a = [{}]", "1,".repeat(400_000));
        assert!(
            !gaps(&HARNESS.report(path, many.as_bytes())).is_empty(),
            "{path}"
        );
    }
    let text = "resource \"aws_bedrockagent_agent\" \"a\" {\n foundation_model = \"${x}\"\n y = <<EOT\nabc\nEOT\n z = [for a in b : {q = 1}]\n}\n";
    HARNESS.survives_truncation("a.tf", text.as_bytes());
    HARNESS.survives_truncation(
        "a.bicep",
        "param a string = '''x'''\nresource a 'b@c' = [for i in j: {\n  name: 'x'\n}]\n".as_bytes(),
    );
}

/// `kind key how line` of what the files of a tree tell together.
fn together(files: &[(&str, &str)]) -> Vec<String> {
    let mut facts = Vec::new();
    let mut modules = Vec::new();
    for (path, text) in files {
        let report = HARNESS.report(path, text.as_bytes());
        facts.extend(report.facts.into_iter().map(|(_, fact)| fact));
        modules.extend(report.modules);
    }
    let linked = stance_read::link::link(modules, stance_read::link::Bounds::default());
    facts.extend(linked.into_iter().map(|(_, fact)| fact));
    let mut told: Vec<String> = facts
        .iter()
        .filter_map(|fact| match fact {
            stance_core::fact::Fact::Reference(one) => Some(format!(
                "{} {} {} {}",
                one.kind, one.key, one.how, one.evidence.path
            )),
            _ => None,
        })
        .collect();
    told.sort();
    told.dedup();
    told
}

#[test]
fn parameters_are_looked_up_in_the_files_beside() {
    let main = "param chatModel string\nparam chatName string = ''\nmodule ai 'ai.bicep' = {\n  params: {\n    deployments: [\n      {\n        name: chatName\n        model: { format: 'OpenAI', name: chatModel, version: '1' }\n      }\n    ]\n  }\n}\n";
    let values = r#"{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
"parameters": {"chatModel": {"value": "${CHAT_MODEL=gpt-4o-mini}"}, "chatName": {"value": "${CHAT_NAME=talk}"}}}"#;
    let deployment = "endpoint azure/deployment/talk default infra/main.bicep";
    let model = "model openai/gpt-4o-mini default infra/main.bicep";
    let with_json = together(&[
        ("infra/main.bicep", main),
        ("infra/main.parameters.json", values),
    ]);
    for wanted in [deployment, model] {
        assert!(with_json.iter().any(|it| it == wanted), "{with_json:?}");
    }
    assert!(!with_json.iter().any(|it| it.contains("unresolved")));
    let typed = "using './main.bicep'\nparam chatModel = readEnvironmentVariable('M', 'gpt-4o-mini')\nparam chatName = 'talk'\n";
    let with_bicep = together(&[("infra/main.bicep", main), ("infra/main.bicepparam", typed)]);
    for wanted in [deployment, model] {
        assert!(with_bicep.iter().any(|it| it == wanted), "{with_bicep:?}");
    }
    // Without such a file it stays open, and is told.
    assert_eq!(
        together(&[("infra/main.bicep", main)]),
        ["model unresolved/infra/main.bicep#model name unresolved infra/main.bicep"]
    );
    let resource = "resource \"azurerm_cognitive_deployment\" \"chat\" {\n  name = var.name\n  model {\n    format = \"OpenAI\"\n    name = var.which\n  }\n}\n";
    let variables = "variable \"name\" {\n  default = \"talk\"\n}\nvariable \"which\" {\n  default = \"gpt-4o-mini\"\n}\n";
    let terraform = together(&[("tf/openai.tf", resource), ("tf/variables.tf", variables)]);
    for wanted in [
        "endpoint azure/deployment/talk default tf/openai.tf",
        "model openai/gpt-4o-mini default tf/openai.tf",
    ] {
        assert!(terraform.iter().any(|it| it == wanted), "{terraform:?}");
    }
}

#[test]
fn modules_of_the_public_registry_are_what_they_make() {
    let text = "module ai 'br/public:avm/ptn/ai-ml/ai-foundry:0.4.0' = {\n  params: {\n    baseName: x\n  }\n}\nmodule find 'br/public:avm/res/search/search-service:0.1.0' = {\n  params: {\n    name: 'finder'\n  }\n}\nmodule web 'br/public:avm/res/web/site:0.1.0' = {}\nmodule local 'avm/res/search/search-service.bicep' = {}\n";
    assert_eq!(
        told("a.bicep", text),
        [
            "compute a.bicep#ai workspace 1",
            "vector_store a.bicep#find retrieval 6",
        ]
    );
}

#[test]
fn terraform_in_json_says_the_same() {
    let text = r#"{"variable": {"chat_model": {"default": "anthropic.claude-3-5-sonnet-20240620-v1:0"}},
"resource": [{
"aws_bedrockagent_agent": {"helper": {"agent_name": "support-agent", "foundation_model": "${var.chat_model}"}},
"azurerm_cognitive_deployment": {"d": [{"name": "chat", "model": [{"format": "OpenAI", "name": "gpt-4o"}]}]},
"aws_lambda_function": {"f": {"environment": [{"variables": {"EMBEDDER": "amazon.titan-embed-text-v2:0", "STAGE": "amazon.prod"}}]}}
}]}"#;
    assert_eq!(
        told("main.tf.json", text),
        [
            "model anthropic/claude-3-5-sonnet-20240620-v1:0 chat 1",
            "agent main.tf.json#helper agent 3",
            "model anthropic/claude-3-5-sonnet-20240620-v1:0 chat 3",
            "model openai/gpt-4o - 4",
            "endpoint azure/deployment/chat deployment 4",
            "model aws/titan-embed-text-v2:0 embedding 5",
        ]
    );
    assert_eq!(told("main.json", text), [] as [&str; 0]);
    for count in [1, 10_000] {
        let deep = format!(
            "{{\"resource\": {}\"aws_x\"{}}}",
            "[".repeat(count),
            "]".repeat(count)
        );
        let _ = told("main.tf.json", &deep);
    }
}

#[test]
fn a_container_of_the_hub_loads_what_its_variable_names() {
    let text = "module \"sagemaker\" {\n  source = \"../..\"\n  hf_model_id = \"distilbert-base-cased\"\n  hf_model_revision = \"main-1\"\n  hf_task = \"text-classification\"\n}\n";
    assert_eq!(
        told("main.tf", text),
        ["model pkg:huggingface/distilbert-base-cased - 3"]
    );
}

#[test]
fn a_role_is_given_to_who_is_named_first_besides_who_deploys() {
    let text = "module ai 'br/public:avm/ptn/ai-ml/ai-foundry:0.4.0' = {\n  params: {\n    roleAssignments: [\n      {\n        principalId: principalId\n        roleDefinitionIdOrName: 'Cognitive Services OpenAI User'\n      }\n      {\n        principalId: api.outputs.?systemAssignedMIPrincipalId!\n        roleDefinitionIdOrName: 'Cognitive Services OpenAI User'\n      }\n    ]\n  }\n}\n";
    let all = told("main.bicep", text);
    assert!(
        all.iter()
            .any(|it| it.starts_with("identity main.bicep#api")),
        "{all:?}"
    );
}
