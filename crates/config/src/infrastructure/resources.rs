//! Types of resources that are AI: facts from the references of Terraform's providers, CloudFormation,
//! Azure Resource Manager and Pulumi.

use stance_core::AssetKind;
use stance_core::AssetKind::{
    Agent, Compute, Dataset, Endpoint, Guardrail, Identity, Model, Pipeline, Prompt, Tool,
    VectorStore,
};

/// What a type of resource is.
pub(super) struct Resource {
    pub(super) kind: AssetKind,
    pub(super) vendor: &'static str,
    pub(super) role: &'static str,
}

#[rustfmt::skip]
static TYPES: &[(&str, AssetKind, &str, &str)] = &[
    // Terraform and OpenTofu; `awscc_` stands for `aws_` here.
    ("aws_bedrock_agent", Agent, "aws", "agent"),
    ("aws_bedrockagent_agent", Agent, "aws", "agent"),
    ("aws_bedrockagentcore_agent_runtime", Agent, "aws", "agent"),
    ("aws_bedrockagentcore_runtime", Agent, "aws", "agent"),
    ("aws_bedrockagentcore_gateway", Endpoint, "aws", "gateway"),
    ("aws_bedrockagent_agent_action_group", Tool, "aws", "action group"),
    ("aws_bedrockagent_data_source", Dataset, "aws", "retrieval"),
    ("aws_bedrock_data_source", Dataset, "aws", "retrieval"),
    ("aws_bedrockagent_flow", Pipeline, "aws", "flow"),
    ("aws_bedrock_flow", Pipeline, "aws", "flow"),
    ("aws_bedrockagent_knowledge_base", VectorStore, "aws", "retrieval"),
    ("aws_bedrock_knowledge_base", VectorStore, "aws", "retrieval"),
    ("aws_bedrockagent_prompt", Prompt, "aws", "prompt"),
    ("aws_bedrock_prompt", Prompt, "aws", "prompt"),
    ("aws_bedrock_custom_model", Model, "aws", "output"),
    ("aws_bedrock_guardrail", Guardrail, "aws", "guardrail"),
    ("aws_bedrock_application_inference_profile", Endpoint, "aws", "inference"),
    ("aws_bedrock_inference_profile", Endpoint, "aws", "inference"),
    ("aws_bedrock_provisioned_model_throughput", Endpoint, "aws", "inference"),
    ("aws_kendra_index", VectorStore, "aws", "retrieval"),
    ("aws_lexv2models_bot", Agent, "aws", "agent"),
    ("aws_qbusiness_application", Agent, "aws", "agent"),
    ("aws_s3vectors_index", VectorStore, "aws", "retrieval"),
    ("aws_s3vectors_vector_bucket", VectorStore, "aws", "retrieval"),
    ("aws_sagemaker_domain", Compute, "aws", "workspace"),
    ("aws_sagemaker_endpoint", Endpoint, "aws", "inference"),
    ("aws_sagemaker_model", Model, "aws", "inference"),
    ("aws_sagemaker_notebook_instance", Compute, "aws", "notebook"),
    ("aws_sagemaker_pipeline", Pipeline, "aws", "training"),
    ("azurerm_ai_foundry", Compute, "azure", "workspace"),
    ("azurerm_ai_foundry_project", Compute, "azure", "workspace"),
    ("azurerm_ai_services", Endpoint, "azure", "inference"),
    ("azurerm_cognitive_account", Endpoint, "azure", "inference"),
    ("azurerm_machine_learning_compute_cluster", Compute, "azure", "training"),
    ("azurerm_machine_learning_inference_cluster", Compute, "azure", "inference"),
    ("azurerm_machine_learning_workspace", Compute, "azure", "workspace"),
    ("azurerm_search_service", VectorStore, "azure", "retrieval"),
    ("databricks_mlflow_model", Model, "databricks", "output"),
    ("databricks_model_serving", Endpoint, "databricks", "inference"),
    ("databricks_registered_model", Model, "databricks", "output"),
    ("databricks_vector_search_endpoint", VectorStore, "databricks", "retrieval"),
    ("databricks_vector_search_index", VectorStore, "databricks", "retrieval"),
    ("google_dialogflow_agent", Agent, "google", "agent"),
    ("google_dialogflow_cx_agent", Agent, "google", "agent"),
    ("google_discovery_engine_chat_engine", Agent, "google", "agent"),
    ("google_discovery_engine_data_store", VectorStore, "google", "retrieval"),
    ("google_discovery_engine_search_engine", VectorStore, "google", "retrieval"),
    ("google_vertex_ai_dataset", Dataset, "google", "training"),
    ("google_vertex_ai_endpoint", Endpoint, "google", "inference"),
    ("google_vertex_ai_endpoint_with_model_garden_deployment", Endpoint, "google", "inference"),
    ("google_vertex_ai_index", VectorStore, "google", "retrieval"),
    ("google_vertex_ai_index_endpoint", Endpoint, "google", "retrieval"),
    ("google_vertex_ai_rag_engine_config", VectorStore, "google", "retrieval"),
    ("google_vertex_ai_reasoning_engine", Agent, "google", "agent"),
    ("google_workbench_instance", Compute, "google", "notebook"),
    ("pinecone_index", VectorStore, "pinecone", "retrieval"),
    ("qdrant-cloud_accounts_cluster", VectorStore, "qdrant", "retrieval"),
    ("snowflake_cortex_search_service", VectorStore, "snowflake", "retrieval"),
    // CloudFormation and SAM.
    ("AWS::Bedrock::Agent", Agent, "aws", "agent"),
    ("AWS::Bedrock::ApplicationInferenceProfile", Endpoint, "aws", "inference"),
    ("AWS::Bedrock::DataSource", Dataset, "aws", "retrieval"),
    ("AWS::Bedrock::Flow", Pipeline, "aws", "flow"),
    ("AWS::Bedrock::Guardrail", Guardrail, "aws", "guardrail"),
    ("AWS::Bedrock::KnowledgeBase", VectorStore, "aws", "retrieval"),
    ("AWS::Bedrock::Prompt", Prompt, "aws", "prompt"),
    ("AWS::BedrockAgentCore::Gateway", Endpoint, "aws", "gateway"),
    ("AWS::BedrockAgentCore::Runtime", Agent, "aws", "agent"),
    ("AWS::Kendra::Index", VectorStore, "aws", "retrieval"),
    ("AWS::Lex::Bot", Agent, "aws", "agent"),
    ("AWS::QBusiness::Application", Agent, "aws", "agent"),
    ("AWS::S3Vectors::Index", VectorStore, "aws", "retrieval"),
    ("AWS::SageMaker::Domain", Compute, "aws", "workspace"),
    ("AWS::SageMaker::Endpoint", Endpoint, "aws", "inference"),
    ("AWS::SageMaker::Model", Model, "aws", "inference"),
    ("AWS::SageMaker::NotebookInstance", Compute, "aws", "notebook"),
    ("AWS::SageMaker::Pipeline", Pipeline, "aws", "training"),
    // Azure Resource Manager and Bicep.
    ("Microsoft.CognitiveServices/accounts", Endpoint, "azure", "inference"),
    ("Microsoft.CognitiveServices/accounts/projects", Compute, "azure", "workspace"),
    ("Microsoft.CognitiveServices/accounts/raiPolicies", Guardrail, "azure", "guardrail"),
    ("Microsoft.MachineLearningServices/workspaces", Compute, "azure", "workspace"),
    ("Microsoft.MachineLearningServices/workspaces/onlineEndpoints", Endpoint, "azure", "inference"),
    ("Microsoft.MachineLearningServices/workspaces/serverlessEndpoints", Endpoint, "azure", "inference"),
    ("Microsoft.MachineLearningServices/workspaces/computes", Compute, "azure", "training"),
    ("Microsoft.ManagedIdentity/userAssignedIdentities", Identity, "azure", "managed identity"),
    ("Microsoft.Search/searchServices", VectorStore, "azure", "retrieval"),
    // Pulumi.
    ("aws:bedrock:AgentAgent", Agent, "aws", "agent"),
    ("aws:bedrock:AgentKnowledgeBase", VectorStore, "aws", "retrieval"),
    ("aws:bedrock:Guardrail", Guardrail, "aws", "guardrail"),
    ("aws:sagemaker:Endpoint", Endpoint, "aws", "inference"),
    ("aws:sagemaker:Model", Model, "aws", "inference"),
    ("aws:kendra:Index", VectorStore, "aws", "retrieval"),
    ("azure-native:cognitiveservices:Account", Endpoint, "azure", "inference"),
    ("azure-native:machinelearningservices:Workspace", Compute, "azure", "workspace"),
    ("azure-native:search:Service", VectorStore, "azure", "retrieval"),
    ("gcp:vertex:AiEndpoint", Endpoint, "google", "inference"),
    ("gcp:vertex:AiIndex", VectorStore, "google", "retrieval"),
];

/// What this type of resource is, if it is AI. Versions behind `@` do not matter, nor does the
/// module part that Pulumi puts into its longer names.
pub(super) fn of_type(name: &str) -> Option<Resource> {
    let name = plain(name);
    TYPES
        .iter()
        .find(|(known, ..)| known.eq_ignore_ascii_case(&name))
        .map(|(_, kind, vendor, role)| Resource {
            kind: *kind,
            vendor,
            role,
        })
}

/// What a module of the public registry makes: `br/public:avm/res/search/search-service:0.1.0`.
pub(super) fn of_module(source: &str) -> Option<Resource> {
    const MODULES: &[(&str, AssetKind, &str)] = &[
        ("avm/ptn/ai-ml/", Compute, "workspace"),
        ("avm/res/cognitive-services/account", Endpoint, "inference"),
        (
            "avm/res/machine-learning-services/workspace",
            Compute,
            "workspace",
        ),
        ("avm/res/search/search-service", VectorStore, "retrieval"),
        (
            "avm/res/managed-identity/user-assigned-identity",
            Identity,
            "managed identity",
        ),
    ];
    let path = source.split_once(':').map_or(source, |(_, path)| path);
    let path = path.strip_prefix("bicep/").unwrap_or(path);
    MODULES
        .iter()
        .find(|(module, ..)| path.starts_with(module))
        .map(|(_, kind, role)| Resource {
            kind: *kind,
            vendor: "azure",
            role,
        })
}

/// Whether this type deploys a model of Azure's under a name.
pub(super) fn is_deployment(name: &str) -> bool {
    let name = plain(name);
    [
        "Microsoft.CognitiveServices/accounts/deployments",
        "azurerm_cognitive_deployment",
        "azure-native:cognitiveservices:Deployment",
    ]
    .iter()
    .any(|known| known.eq_ignore_ascii_case(&name))
}

fn plain(name: &str) -> String {
    let name = name.split('@').next().unwrap_or_default();
    if let Some(rest) = name.strip_prefix("awscc_") {
        return format!("aws_{rest}");
    }
    // `aws:bedrock/agentAgent:AgentAgent`
    let mut parts = name.split(':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(provider), Some(module), Some(kind)) if !kind.is_empty() && !name.contains("::") => {
            let module = module.split('/').next().unwrap_or_default();
            format!("{provider}:{module}:{kind}")
        }
        _ => name.to_owned(),
    }
}

/// Roles of Azure that let an identity use AI services, by the ids of Azure's list of built-in roles.
#[rustfmt::skip]
pub(super) static ROLES: &[(&str, &str)] = &[
    ("5e0bd9bd-7b93-4f28-af87-19fc36ad61bd", "Cognitive Services OpenAI User"),
    ("a001fd3d-188f-4b5d-821b-7da978bf7442", "Cognitive Services OpenAI Contributor"),
    ("a97b65f3-24c7-4388-baec-2e87135dc908", "Cognitive Services User"),
    ("25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68", "Cognitive Services Contributor"),
    ("64702f94-c441-49e6-a78b-ef80e0188fee", "Azure AI Developer"),
    ("1407120a-92aa-4202-b7e9-c0e197c71c8f", "Search Index Data Reader"),
    ("8ebe5a00-799e-43f5-93ac-243d3dce84a7", "Search Index Data Contributor"),
    ("7ca78c08-252a-4471-8644-bb5ff32d4ba0", "Search Service Contributor"),
    ("f6c7c914-8db3-469d-8ca1-694a8f32e121", "AzureML Data Scientist"),
];
