//! Environment variables that by convention hold the id or name of a store of vectors.

/// What keeps vectors, and how the names of its variables begin.
const STORES: &[(&str, &str, &str)] = &[
    ("OPENAI_", "openai", "openai"),
    ("AZURE_OPENAI_", "openai", "azure"),
    ("PINECONE_", "pinecone", "pinecone"),
    ("QDRANT_", "qdrant", "qdrant"),
    ("CHROMA_", "chroma", ""),
    ("CHROMADB_", "chroma", ""),
    ("WEAVIATE_", "weaviate", "weaviate"),
    ("MILVUS_", "milvus", ""),
    ("ZILLIZ_", "milvus", "zilliz"),
    ("AZURE_SEARCH_", "azure-ai-search", "azure"),
    ("AZURE_AI_SEARCH_", "azure-ai-search", "azure"),
    ("ASTRA_DB_", "astra-db", "datastax"),
    ("ASTRADB_", "astra-db", "datastax"),
    ("LANCEDB_", "lancedb", ""),
    ("PGVECTOR_", "pgvector", ""),
    ("BEDROCK_", "bedrock-knowledge-base", "aws"),
    ("VECTARA_", "vectara", "vectara"),
    ("UPSTASH_VECTOR_", "upstash-vector", "upstash"),
    ("TURBOPUFFER_", "turbopuffer", ""),
    ("VERTEX_VECTOR_SEARCH_", "vertex-vector-search", "google"),
];

/// How the names of variables end that hold which store of them is meant.
const IDS: &[&str] = &[
    "VECTOR_STORE_ID",
    "VECTOR_STORE_IDS",
    "VECTORSTORE_ID",
    "INDEX",
    "INDEX_NAME",
    "INDEX_ID",
    "COLLECTION",
    "COLLECTION_NAME",
    "CORPUS_ID",
    "KNOWLEDGE_BASE_ID",
    "KB_ID",
    "TABLE_NAME",
    "NAMESPACE",
];

/// A store that a variable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store {
    /// What keeps the vectors: `pinecone`; `vector store` where the name does not tell.
    pub technology: &'static str,
    /// Whose service that is, by its key.
    pub vendor: Option<&'static str>,
}

/// The store whose id or name a variable holds by convention: `PINECONE_INDEX_NAME`, `OPENAI_VECTOR_STORE_ID`.
#[must_use]
pub fn of_variable(name: &str) -> Option<Store> {
    // Without a product the words must say all.
    if matches!(
        name,
        "VECTOR_STORE_ID" | "VECTOR_STORE_IDS" | "VECTOR_STORE_NAME" | "VECTOR_INDEX_NAME"
    ) {
        return Some(Store {
            technology: "vector store",
            vendor: None,
        });
    }
    let (_, technology, vendor) = STORES
        .iter()
        .filter(|(begin, ..)| {
            name.strip_prefix(begin)
                .is_some_and(|rest| IDS.contains(&rest))
        })
        // What OpenAI calls an index or a collection is none of vectors.
        .find(|(_, technology, _)| {
            *technology != "openai" || name.contains("VECTOR_STORE") || name.contains("VECTORSTORE")
        })?;
    Some(Store {
        technology,
        vendor: Some(*vendor).filter(|vendor| crate::vendors::find(vendor).is_some()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_says_by_its_name_which_store_it_names() {
        let technology = |name: &str| of_variable(name).map(|it| it.technology);
        assert_eq!(technology("PINECONE_INDEX_NAME"), Some("pinecone"));
        assert_eq!(technology("OPENAI_VECTOR_STORE_ID"), Some("openai"));
        assert_eq!(technology("QDRANT_COLLECTION"), Some("qdrant"));
        assert_eq!(technology("VECTOR_STORE_ID"), Some("vector store"));
        assert_eq!(
            of_variable("PINECONE_INDEX").unwrap().vendor,
            Some("pinecone")
        );
        for other in [
            "PINECONE_API_KEY",
            "INDEX_NAME",
            "OPENAI_INDEX",
            "ES_INDEX",
            "TABLE_NAME",
        ] {
            assert_eq!(technology(other), None, "{other}");
        }
    }
}
