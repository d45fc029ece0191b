//! Models that classes of frameworks take when they are given none, as their packages document it.

/// A class, by how its module begins, and its model.
type Default = (&'static str, &'static str, &'static str);

/// For Python: the references of LangChain, LlamaIndex, Chroma and FastEmbed.
const PYTHON: [Default; 14] = [
    ("langchain", "OpenAIEmbeddings", "text-embedding-ada-002"),
    ("langchain", "ChatOpenAI", "gpt-3.5-turbo"),
    ("langchain", "OpenAI", "gpt-3.5-turbo-instruct"),
    (
        "langchain",
        "HuggingFaceEmbeddings",
        "sentence-transformers/all-mpnet-base-v2",
    ),
    ("langchain", "HuggingFaceBgeEmbeddings", "BAAI/bge-large-en"),
    (
        "langchain",
        "HuggingFaceInstructEmbeddings",
        "hkunlp/instructor-large",
    ),
    (
        "langchain",
        "SentenceTransformerEmbeddings",
        "sentence-transformers/all-mpnet-base-v2",
    ),
    ("langchain", "FastEmbedEmbeddings", "BAAI/bge-small-en-v1.5"),
    ("llama_index", "OpenAIEmbedding", "text-embedding-ada-002"),
    ("llama_index", "OpenAI", "gpt-3.5-turbo"),
    ("llama_index", "HuggingFaceEmbedding", "BAAI/bge-small-en"),
    (
        "llama_index",
        "FastEmbedEmbedding",
        "BAAI/bge-small-en-v1.5",
    ),
    (
        "chromadb",
        "SentenceTransformerEmbeddingFunction",
        "sentence-transformers/all-MiniLM-L6-v2",
    ),
    ("fastembed", "TextEmbedding", "BAAI/bge-small-en-v1.5"),
];

/// For JavaScript: <https://v03.api.js.langchain.com/classes/_langchain_openai.OpenAIEmbeddings.html> and the like.
const JAVASCRIPT: [Default; 2] = [
    ("", "OpenAIEmbeddings", "text-embedding-ada-002"),
    ("", "OpenAIEmbedding", "text-embedding-ada-002"),
];

/// The model of a class of Python by its dotted name.
#[must_use]
pub fn of_python(callee: &str) -> Option<&'static str> {
    find(&PYTHON, callee)
}

/// The model of a class of JavaScript by its package and name.
#[must_use]
pub fn of_javascript(callee: &str) -> Option<&'static str> {
    find(&JAVASCRIPT, callee.trim_end_matches("()"))
}

fn find(table: &[Default], callee: &str) -> Option<&'static str> {
    let class = callee.rsplit('.').next().unwrap_or_default();
    let found = table
        .iter()
        .find(|(module, name, _)| *name == class && callee.starts_with(module))?;
    Some(found.2)
}

#[cfg(test)]
mod tests {
    use super::{of_javascript, of_python};

    #[test]
    fn a_class_has_the_model_of_its_own_framework() {
        assert_eq!(
            of_python("langchain_openai.OpenAIEmbeddings"),
            Some("text-embedding-ada-002")
        );
        assert_eq!(
            of_python("llama_index.llms.openai.OpenAI"),
            Some("gpt-3.5-turbo")
        );
        assert_eq!(of_python("openai.OpenAI"), None);
        assert_eq!(of_python("langchain_openai.AzureOpenAIEmbeddings"), None);
        assert!(of_javascript("@langchain/openai.OpenAIEmbeddings").is_some());
    }
}
