//! Who a program is, models that classes are called after, evaluations, and where services answer.

use stance_core::AssetKind;

use super::names;

#[test]
fn secrets_of_a_configuration_and_credentials_of_clouds_are_identities() {
    let source = r#"
using Azure.AI.OpenAI;
using Azure.Identity;
var key = configuration["AzureOpenAI:ApiKey"];
var other = config["OPENAI_APIKEY"];
var page = configuration["Site:Title"];
var client = new AzureOpenAIClient(uri, new DefaultAzureCredential());
var model = config["AZURE_OPENAI_MODEL"];
class ShortEval : PromptEval { }
class PromptEval { }
"#;
    assert_eq!(
        names("a.cs", source, AssetKind::Identity),
        [
            "AzureOpenAI:ApiKey",
            "DefaultAzureCredential",
            "OPENAI_APIKEY"
        ]
    );
    assert_eq!(
        names("a.cs", source, AssetKind::Model),
        ["AZURE_OPENAI_MODEL"]
    );
    assert_eq!(names("a.cs", source, AssetKind::Evaluator), ["ShortEval"]);
    let other = source.replace("using Azure.AI.OpenAI;", "");
    assert!(names("a.cs", &other, AssetKind::Evaluator).is_empty());
}

#[test]
fn classes_are_called_after_models() {
    let java = "import dev.langchain4j.model.openai.OpenAiChatModel;\nvar one = new BgeSmallEnV15QuantizedEmbeddingModel();\nvar two = new GPT4oTokenizer();\nDocument it = loadDocument(toPath(\"terms.txt\"), parser);\n";
    assert_eq!(
        names("a.java", java, AssetKind::Model),
        ["bge-small-en-v1.5"]
    );
    assert_eq!(names("a.java", java, AssetKind::Dataset), ["terms.txt"]);
    let php = "<?php\nuse LLPhant\\Embeddings\\X;\n$one = new OpenAI3SmallEmbeddingGenerator();\n";
    assert_eq!(
        names("a.php", php, AssetKind::Model),
        ["text-embedding-3-small"]
    );
}

#[test]
fn constants_of_go_name_models_and_addresses() {
    let source = "package ai\nimport \"github.com/ollama/ollama/api\"\nconst (\n\tdefaultModel = \"llama3\"\n\tproxyBaseURL = \"http://localhost:4000/v1\"\n\tcolour = \"red\"\n)\n";
    assert_eq!(names("a.go", source, AssetKind::Model), ["llama3"]);
    assert_eq!(
        names("a.go", source, AssetKind::Endpoint),
        ["http://localhost:4000/v1"]
    );
}
