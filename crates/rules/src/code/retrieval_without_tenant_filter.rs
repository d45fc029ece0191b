use std::collections::BTreeSet;

use stance_core::fact::{CodeCall, Fact, Value};
use stance_core::{Confidence, Severity, Snapshot};

use crate::calls::{last, severity_at, shown};
use crate::{Content, Cx, Example, Rule};

rule! {
    /// # Retrieval that reads the documents of every tenant
    ///
    /// ## What it finds
    /// A search in a vector store (LangChain, LlamaIndex, Chroma, Pinecone, Qdrant and their like, in Python and JavaScript)
    /// without filter or namespace, in a directory whose code stores documents with the user or tenant they belong to, or
    /// filters by it in another search. Programs that keep no such mark, or a collection or namespace for each tenant, are
    /// left alone.
    ///
    /// ## Why it matters
    /// Nearest neighbours know nothing of permissions. Without a filter a question of one customer brings the documents of
    /// another into the prompt, and the model tells them: no attack is needed, only a question that is similar enough.
    ///
    /// ## Example
    /// ```python
    /// store.add_texts([text], metadatas=[{"user_id": user.id}])
    /// hits = store.similarity_search(question)
    /// ```
    ///
    /// ## Fix
    /// Filter by the tenant of the signed-in user in every search, on the side of the store:
    /// `similarity_search(question, filter={"user_id": user.id})`. Better still is a collection, namespace or partition for
    /// each tenant, so that a filter that is forgotten finds nothing.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM Applications, Vector and Embedding Weaknesses
    /// - CWE-639: Authorization Bypass Through User-Controlled Key
    RetrievalWithoutTenantFilter {
        id: "code/retrieval-without-tenant-filter",
        severity: Medium,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM08",
            "owasp-llm-2026:LLM09",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("a.py", "from langchain_chroma import Chroma\nstore = Chroma(collection_name='notes')\ndef keep(user, text):\n    store.add_texts([text], metadatas=[{'user_id': user}])\ndef ask(question):\n    return store.similarity_search(question, k=4)\n"),
            Example {
                files: &[
                    ("app/ingest.py", Content::Text("import chromadb\nnotes = chromadb.Client().get_or_create_collection('notes')\ndef keep(tenant, text):\n    notes.add(documents=[text], metadatas=[{'tenant_id': tenant}], ids=['1'])\n")),
                    ("app/ask.py", Content::Text("import chromadb\nnotes = chromadb.Client().get_or_create_collection('notes')\ndef ask(question):\n    return notes.query(query_texts=[question], n_results=3)\n")),
                ],
                policy: None,
            },
            crate::text!("a.ts", "import { Pinecone } from '@pinecone-database/pinecone';\nconst index = new Pinecone().index('notes');\nexport async function keep(userId: string, values: number[]) {\n  await index.upsert([{ id: '1', values, metadata: { userId } }]);\n}\nexport const ask = (vector: number[]) => index.query({ vector, topK: 3 });\n"),
        ],
        good: [
            crate::text!("a.py", "from langchain_chroma import Chroma\nstore = Chroma(collection_name='notes')\ndef keep(user, text):\n    store.add_texts([text], metadatas=[{'user_id': user}])\ndef ask(user, question):\n    return store.similarity_search(question, k=4, filter={'user_id': user})\n"),
            crate::text!("a.py", "from langchain_chroma import Chroma\nstore = Chroma(collection_name='manual')\ndef keep(page, text):\n    store.add_texts([text], metadatas=[{'page': page}])\ndef ask(question):\n    return store.similarity_search(question, k=4)\n"),
            crate::text!("a.py", "import chromadb\nclient = chromadb.Client()\ndef keep(user, text):\n    notes = client.get_or_create_collection(f'notes-{user}')\n    notes.add(documents=[text], metadatas=[{'user_id': user}], ids=['1'])\ndef ask(user, question):\n    return client.get_or_create_collection(f'notes-{user}').query(query_texts=[question])\n"),
            crate::text!("a.ts", "import { Pinecone } from '@pinecone-database/pinecone';\nconst index = new Pinecone().index('notes');\nexport async function keep(userId: string, values: number[]) {\n  await index.namespace(userId).upsert([{ id: '1', values, metadata: { userId } }]);\n}\nexport const ask = (userId: string, vector: number[]) => index.namespace(userId).query({ vector, topK: 3 });\n"),
        ],
    }
}

/// What metadata and filters call whom a document belongs to.
const TENANTS: [&str; 20] = [
    "user_id", "userId", "user", "tenant_id", "tenantId", "tenant", "org_id", "orgId", "organization_id", "organizationId",
    "customer_id", "customerId", "account_id", "accountId", "workspace_id", "workspaceId", "owner_id", "ownerId", "team_id",
    "teamId",
];
/// Options that narrow a search down.
const FILTERS: [&str; 18] = [
    "filter", "filters", "where", "where_document", "query_filter", "namespace", "expr", "pre_filter", "partition_names",
    "tenant", "metadata_filters", "search_filter", "search_params", "scroll_filter", "search_kwargs", "vector_store_kwargs",
    "post_filter", "sql_filter",
];
/// Ways to give each tenant a place of its own.
const PLACES: [&str; 12] = [
    "get_collection", "get_or_create_collection", "getCollection", "getOrCreateCollection", "create_collection",
    "createCollection", "namespace", "Chroma", "Qdrant", "QdrantVectorStore", "PineconeVectorStore", "with_tenant",
];
const READS: [&str; 8] = [
    "similarity_search", "similarity_search_with_score", "asimilarity_search", "similaritySearch", "similaritySearchWithScore",
    "max_marginal_relevance_search", "query", "query_points",
];
const WRITES: [&str; 8] =
    ["add_texts", "add_documents", "addDocuments", "from_texts", "from_documents", "add", "upsert", "Document"];

impl Rule for RetrievalWithoutTenantFilter {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.similarity_search",
            "*.similarity_search_with_score",
            "*.asimilarity_search",
            "*.similaritySearch",
            "*.similaritySearchWithScore",
            "*.max_marginal_relevance_search",
            "*.query(query_texts)",
            "*.query(query_embeddings)",
            "*.query(pinecone)",
            "*.query(chromadb)",
            "*.query_points",
            "*.add_texts",
            "*.add_documents",
            "*.addDocuments",
            "*.from_texts",
            "*.from_documents",
            "*.add(chromadb)",
            "*.upsert(pinecone)",
            "*.upsert(chromadb)",
            "*.upsert(qdrant_client)",
            "langchain_core.documents.Document",
            "*.get_collection",
            "*.get_or_create_collection",
            "*.getCollection",
            "*.getOrCreateCollection",
            "*.namespace(pinecone)",
            "*.Chroma",
            "*.QdrantVectorStore",
            "*.PineconeVectorStore",
        ]
    }

    fn graph(&self, snapshot: &Snapshot, cx: &mut Cx<'_>) {
        let mut marked: BTreeSet<&str> = BTreeSet::new();
        let mut apart: BTreeSet<&str> = BTreeSet::new();
        let mut reads: Vec<(&str, &CodeCall)> = Vec::new();
        for seen in &snapshot.observations {
            let Fact::Code(code) = &seen.fact else { continue };
            for call in &code.calls {
                let directory = call.evidence.path.rsplit_once('/').map_or("", |(directory, _)| directory);
                let name = last(&call.callee);
                if PLACES.contains(&name) && is_of_one(call) || call.callee.contains(".namespace()") {
                    apart.insert(directory);
                }
                if READS.contains(&name) && is_search(call, name) {
                    cx.judges(1);
                    match has_filter(call) {
                        false => reads.push((directory, call)),
                        true if names_tenant(call, &FILTERS) => {
                            marked.insert(directory);
                        }
                        true => {}
                    }
                } else if WRITES.contains(&name) && names_tenant(call, &[]) {
                    marked.insert(directory);
                }
            }
        }
        for (directory, call) in reads {
            if !marked.contains(directory) || apart.contains(directory) {
                continue;
            }
            let severity = severity_at(&call.evidence, Severity::Medium);
            cx.report(
                &call.evidence,
                format!("`{}` searches the documents of all tenants", shown(&call.callee)),
            )
            .severity(severity)
            .confidence(Confidence::Medium)
            .note("code beside it stores or filters documents by whom they belong to");
        }
    }
}

/// Whether a `query` is one of vectors.
fn is_search(call: &CodeCall, name: &str) -> bool {
    let vectors = ["query_texts", "query_embeddings", "vector", "query_vector", "top_k", "n_results"];
    name != "query" || vectors.iter().any(|option| call.keyword(option).is_some())
}

fn has_filter(call: &CodeCall) -> bool {
    let positional = call.arguments.iter().filter(|argument| argument.name.is_none()).count();
    call.open_ended || positional > 2 || FILTERS.iter().any(|option| call.keyword(option).is_some())
}

/// Whether the arguments name whom a document belongs to; only those of `options`, where there are any.
fn names_tenant(call: &CodeCall, options: &[&str]) -> bool {
    let mut arguments = call.arguments.iter();
    arguments.any(|argument| {
        let fits = options.is_empty() || argument.name.as_deref().is_some_and(|name| options.contains(&name));
        fits && holds_tenant(&argument.value, 6)
    })
}

fn holds_tenant(value: &Value, depth: u8) -> bool {
    let Some(depth) = depth.checked_sub(1) else {
        return false;
    };
    match value {
        Value::Map(map) => map
            .iter()
            .any(|(key, inner)| TENANTS.contains(&key.as_str()) || holds_tenant(inner, depth)),
        Value::List(all) => all.iter().any(|one| holds_tenant(one, depth)),
        _ => false,
    }
}

/// Whether the name of a collection or namespace is not the same for everybody.
fn is_of_one(call: &CodeCall) -> bool {
    let names = ["collection_name", "name", "namespace"];
    let named = names.iter().find_map(|name| call.keyword(name)).or_else(|| call.positional(0));
    let by_position = !matches!(last(&call.callee), "Chroma" | "QdrantVectorStore" | "PineconeVectorStore");
    match named {
        Some(Value::Text { .. } | Value::Environment { .. }) => false,
        Some(_) => by_position || names.iter().any(|name| call.keyword(name).is_some()),
        None => false,
    }
}
