//! Tools, templates and models by what stands beside their names.

use stance_core::AssetKind;

use super::names;

#[test]
fn a_name_with_a_description_and_what_it_takes_is_a_tool() {
    let ruby = "require 'langchain'\nfunctions = [{ name: \"create_page\", description: \"Creates a page\", parameters: { type: :object, properties: { name: { type: :string, description: \"the name\" } } } }, { name: \"plain\", description: \"Says nothing about input\" }]\n";
    assert_eq!(names("a.rb", ruby, AssetKind::Tool), ["create_page"]);
    let go = "package main\nimport \"github.com/cloudwego/eino/schema\"\nfunc tools() { info := &schema.ToolInfo{ Name: \"add_item\", Desc: \"Adds an item\", ParamsOneOf: schema.NewParams() }; other, err := utils.InferTool(\"change_item\", \"Changes an item of the list\", change); log.NewTool(\"not one\", x) }\n";
    assert_eq!(
        names("a.go", go, AssetKind::Tool),
        ["add_item", "change_item"]
    );
    let php = "<?php\nuse OpenAI\\Client;\n$tools = [['name' => 'find_page', 'description' => 'Finds a page', 'parameters' => ['type' => 'object']]];\n";
    assert_eq!(names("a.php", php, AssetKind::Tool), ["find_page"]);
}

#[test]
fn templates_are_prompts_however_short() {
    let ruby = "require 'langchain'\njoke = Langchain::Prompt::PromptTemplate.new(template: \"Tell me a {adjective} joke.\", input_variables: [\"adjective\"])\n";
    assert_eq!(names("a.rb", ruby, AssetKind::Prompt), ["joke"]);
    let java = "import org.springframework.ai.chat.prompt.PromptTemplate;\nclass A { void run() { var question = new PromptTemplate(\"What does {topic} mean to people?\"); } }\n";
    assert_eq!(names("A.java", java, AssetKind::Prompt), ["question"]);
}

#[test]
fn ruby_tells_stores_vendors_and_models_by_their_modules() {
    let ruby = "require 'langchain'\nllm = Langchain::LLM::Ollama.new(default_options: { chat_model: \"llava\" })\nstore = Langchain::Vectorsearch::Chroma.new(url: ENV[\"CHROMA_URL\"], index_name: \"documents\", llm: llm)\nclerk = Langchain::Assistant.new(llm: llm, instructions: \"You help people with their forms and letters.\")\n";
    assert_eq!(names("a.rb", ruby, AssetKind::Model), ["llava"]);
    assert_eq!(names("a.rb", ruby, AssetKind::Vendor), ["ollama"]);
    assert_eq!(names("a.rb", ruby, AssetKind::VectorStore), ["documents"]);
    assert_eq!(names("a.rb", ruby, AssetKind::Agent), ["clerk"]);
    assert_eq!(names("a.rb", ruby, AssetKind::Endpoint), ["CHROMA_URL"]);
}

#[test]
fn agents_of_go_have_the_names_that_they_are_given() {
    let go = "package main\nimport \"github.com/cloudwego/eino/adk\"\nfunc build(ctx context.Context) { clerk, err := adk.NewChatModelAgent(ctx, &adk.ChatModelAgentConfig{ Name: \"front_desk\", Instruction: \"You answer the door and the telephone, and write down who called.\" }); other, err := react.NewAgent(ctx, config) }\n";
    assert_eq!(names("a.go", go, AssetKind::Agent), ["front_desk", "other"]);
}

#[test]
fn a_model_that_only_a_variable_names_is_listed() {
    let go = "package main\nimport \"github.com/cloudwego/eino-ext/components/model/openai\"\nfunc a() { c := openai.Config{ Model: os.Getenv(\"CHAT_MODEL\"), BaseURL: os.Getenv(\"MODEL_URL\") } }\nfunc b() { name := os.Getenv(\"OTHER_MODEL\"); if name == \"\" { name = \"gpt-4o\" } }\n";
    assert_eq!(
        names("a.go", go, AssetKind::Model),
        ["CHAT_MODEL", "gpt-4o"]
    );
}
