//! Stores of vectors by the types that make them: libraries call them by what they are, with the product before it
//! (`QdrantVectorStore`, `PgVectorEmbeddingStore`, `LanceDbVectorIndex`).

use stance_core::{AssetKind, How, RelationKind};
use stance_read::vendors;

use super::scan::{ARGUMENTS, Scan};
use super::tokens::Dialect;
use crate::names::snake_case;

/// How the names of such types end, longest first.
const ENDS: [&str; 9] = [
    "VectorStoreCollection",
    "EmbeddingStore",
    "VectorDatabase",
    "VectorStore",
    "VectorIndex",
    "VectorSearch",
    "Vectorsearch",
    "VectorDB",
    "VectorDb",
];

/// Products whose stores of a model's memory hold vectors.
const MEMORIES: [&str; 12] = [
    "AzureAISearch",
    "Chroma",
    "DuckDB",
    "Milvus",
    "MongoDB",
    "Pinecone",
    "Postgres",
    "Qdrant",
    "Redis",
    "Sqlite",
    "Volatile",
    "Weaviate",
];

/// Arguments, options and methods that name the collection.
const NAMED: [&str; 22] = [
    "collection",
    "collectionname",
    "collection_name",
    "containername",
    "index",
    "indexname",
    "index_name",
    "keyspace",
    "namespace",
    "table",
    "tablename",
    "table_name",
    "vectortablename",
    "withclassname",
    "withcollection",
    "withcollectionname",
    "withindexname",
    "withnamespace",
    "withpreparedclassname",
    "withtablename",
    "withembeddertablename",
    "withcollectiontablename",
];

impl Scan<'_> {
    /// A store that is made here.
    pub(super) fn store(&mut self, word: &str, at: usize) {
        let technology = match self
            .module_of_store(word, at)
            .or_else(|| self.ruby_store(word, at))
        {
            Some(module) => module,
            None => match product_of(word).filter(|_| self.is_made(word, at)) {
                Some(product) => product,
                None => return,
            },
        };
        let technology = technology_of(&technology);
        let Some(span) = self.tokens.get(at).map(|it| it.at.clone()) else {
            return;
        };
        let named = self.collection(at).filter(|name| !name.is_empty());
        let key = match &named {
            Some(name) => format!("{technology}/{name}"),
            None => technology.clone(),
        };
        let name = named.as_deref().unwrap_or(&technology).to_owned();
        let mut draft = self.draft(AssetKind::VectorStore, key, &name, How::Literal);
        draft.relation = RelationKind::Reads;
        draft.aliases.push(word.to_owned());
        if name != technology {
            draft.aliases.push(technology.clone());
        }
        draft.vendor = hosted(&technology).map(str::to_owned);
        self.refer(draft, &[("technology", technology.into())], span);
    }

    /// `weaviate.New(…)`, where the module of that name is one of stores.
    fn module_of_store(&self, word: &str, at: usize) -> Option<String> {
        if self.dialect != Dialect::Go
            || !word.starts_with("New")
            || self.sign(at.saturating_add(1)) != Some(b'(')
            || self.sign(at.checked_sub(1)?) != Some(b'.')
        {
            return None;
        }
        let module = self.word(at.checked_sub(2)?)?;
        let known = self.store_modules.iter().any(|it| it == module);
        known.then(|| module.to_owned())
    }

    /// `Langchain::Vectorsearch::Qdrant.new`
    fn ruby_store(&self, word: &str, at: usize) -> Option<String> {
        let around = self.word(at.checked_sub(3)?)?;
        let joined = self.sign(at.checked_sub(1)?) == Some(b':');
        let made = self.word(at.saturating_add(2)) == Some("new");
        let store = self.dialect == Dialect::Ruby && joined && made && around == "Vectorsearch";
        store.then(|| word.to_owned())
    }

    /// Whether a type is made at a place, and not declared or asked for.
    fn is_made(&self, word: &str, at: usize) -> bool {
        let before = at.checked_sub(1);
        let declared = before.and_then(|it| self.word(it));
        if matches!(
            declared,
            Some(
                "class"
                    | "interface"
                    | "struct"
                    | "impl"
                    | "enum"
                    | "trait"
                    | "fun"
                    | "func"
                    | "fn"
                    | "def"
                    | "record"
                    | "extends"
                    | "implements"
                    | "for"
            )
        ) {
            return false;
        }
        let open = self.opening_of_call(at);
        if self.sign(open) == Some(b'(') {
            return match self.dialect {
                // Elsewhere a type with parentheses is a method that is declared.
                Dialect::Java | Dialect::Php => declared == Some("new"),
                Dialect::CSharp => declared == Some("new") || word.starts_with("Add"),
                Dialect::Kotlin => true,
                _ => open > at.saturating_add(1) || self.dialect == Dialect::Go,
            };
        }
        let next = at.saturating_add(1);
        let method = match (self.sign(next), self.sign(next.saturating_add(1))) {
            (Some(b'.'), _) => next.saturating_add(1),
            (Some(b':'), Some(b':')) => next.saturating_add(2),
            // `Langchain::Vectorsearch::Qdrant.new`
            _ => return false,
        };
        let Some(method) = self.word(method) else {
            return false;
        };
        let lower = method.to_ascii_lowercase();
        [
            "builder", "new", "from", "connect", "create", "load", "open", "with",
        ]
        .iter()
        .any(|begin| lower.starts_with(begin))
    }

    /// The text that names the collection among the arguments of the call and of those that follow in its chain.
    fn collection(&self, at: usize) -> Option<String> {
        let mut depth = 0_usize;
        for next in at.saturating_add(1)..at.saturating_add(ARGUMENTS).min(self.tokens.len()) {
            match self.sign(next) {
                Some(b'(' | b'{' | b'[') => depth = depth.saturating_add(1),
                Some(b')' | b'}' | b']') => {
                    if depth == 0 {
                        return None;
                    }
                    depth = depth.saturating_sub(1);
                }
                Some(b';') if depth == 0 => return None,
                _ => {}
            }
            let Some(word) = self.word(next).or_else(|| self.string(next).map(|it| it.0)) else {
                continue;
            };
            if !NAMED.contains(&&*word.to_ascii_lowercase()) {
                continue;
            }
            let value = (1..4_usize)
                .map(|ahead| next.saturating_add(ahead))
                .find(|it| !matches!(self.sign(*it), Some(b'(' | b':' | b'=' | b'>')))?;
            if let Some((text, true)) = self.string(value) {
                return Some(text.to_owned());
            }
            let constant = self.word(value).and_then(|it| self.constants.get(it));
            if let Some(constant) = constant.filter(|it| it.whole && it.text.len() < 120) {
                return Some(constant.text.clone().into_owned());
            }
        }
        None
    }
}

/// The product that the name of a type tells: `Qdrant` of `QdrantVectorStore`; nothing for a `VectorStore` alone.
fn product_of(word: &str) -> Option<String> {
    let word = word.strip_prefix("Add").unwrap_or(word);
    let product = ENDS.iter().find_map(|end| word.strip_suffix(end));
    let memory = || {
        let product = word.strip_suffix("MemoryStore")?;
        MEMORIES.contains(&product).then_some(product)
    };
    let product = product.or_else(memory)?;
    let begins = product.starts_with(|it: char| it.is_ascii_uppercase());
    let made_up = [
        "Mock", "Fake", "Stub", "Test", "Base", "Abstract", "My", "Custom",
    ]
    .iter()
    .any(|begin| product.starts_with(begin));
    (begins && !made_up && product.len() < 40).then(|| product.to_owned())
}

/// The vendor of a product that only its vendor runs; others may run anywhere.
fn hosted(technology: &str) -> Option<&'static str> {
    let vendor = match technology {
        "azure-ai-search" => "azure",
        "pinecone" | "upstash" | "vectara" => technology,
        _ => return None,
    };
    vendors::find(vendor).map(|vendor| vendor.key)
}

/// A product as other parsers call it.
fn technology_of(product: &str) -> String {
    let name = snake_case(product).replace('_', "-");
    let name = name.strip_suffix("-vector").unwrap_or(&name);
    let known = match name {
        "in-memory" | "simple" | "memory" | "volatile" => "in-memory",
        "pg" | "pgvector" | "postgres" | "postgre-sql" | "pgvector-store" => "pgvector",
        "lance-db" | "lance" => "lancedb",
        "azure-aisearch" | "azure-ai-search" | "azure" => "azure-ai-search",
        "mongo-db" | "mongo" | "mongo-dbatlas" | "mongodb-atlas" => "mongodb",
        "open-search" => "opensearch",
        "elastic-search" => "elasticsearch",
        "neo4-j" => "neo4j",
        "sqlite-vec" | "sqlite" | "sq-lite" => "sqlite",
        "chroma-db" => "chroma",
        other => other,
    };
    known.to_owned()
}
