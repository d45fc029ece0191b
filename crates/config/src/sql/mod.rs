//! Tables of vectors in SQL: schemas, migrations, and SQL inside of migrations that are written as code; the schema
//! language of Prisma as well.
//!
//! Sources: the documentation of pgvector (types `vector`, `halfvec`, `sparsevec`, index methods `hnsw`, `ivfflat`),
//! pgvecto.rs and `VectorChord` (`vectors`, `vchord`), sqlite-vec (`vec0`), libSQL (`F32_BLOB`), Cassandra (`vector<float, n>`), and
//! the SQL type `VECTOR(n)` of MariaDB, MySQL, Oracle and SQL Server.

mod prisma;
mod statements;
mod tokens;

use std::ops::Range;

use stance_core::asset::AssetKind;
use stance_core::fact::GapReason;
use stance_core::relation::RelationKind;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;

use crate::draft::Draft;

/// The parser of SQL.
pub(crate) static INSPECTOR: Sql = Sql;

pub(crate) struct Sql;

/// Most tables of one file that are told.
const MOST: usize = 200;
/// How much of a file is read: a dump of data has its schema at the top.
const LARGEST: usize = 1 << 20;

impl Inspector for Sql {
    fn name(&self) -> &'static str {
        "sql"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        matches!(input.extension(), "sql" | "prisma" | "cql") || is_migration(input)
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let whole = text.as_str();
        if !mentions(whole) {
            return;
        }
        // A dump is data below its schema.
        let read = whole
            .get(..whole.floor_char_boundary(LARGEST.min(whole.len())))
            .unwrap_or_default();
        if read.len() < whole.len() {
            let detail = format!("SQL: only the first {LARGEST} bytes were looked at for vectors");
            facts.gap(GapReason::TooLarge, detail, input.evidence());
        }
        let page = Page::new(input.path(), &text, Vec::new());
        let found = match input.extension() {
            "prisma" => prisma::read(read),
            "sql" | "cql" => statements::read(read, false),
            _ => statements::read(read, true),
        };
        tell(&found, text.as_str(), &page, facts);
    }
}

/// Whether a file of code changes a schema, by where it lies.
fn is_migration(input: &Input<'_>) -> bool {
    matches!(
        input.extension(),
        "py" | "ts" | "js" | "mjs" | "rb" | "php" | "java" | "kt" | "go" | "cs" | "rs"
    ) && ["migration", "alembic/"]
        .iter()
        .any(|part| input.path().contains(part))
}

fn mentions(text: &str) -> bool {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    [
        "vector", "VECTOR", "Vector", "halfvec", "vec0", "VEC0", "F32_BLOB",
    ]
    .iter()
    .any(|word| has(word))
}

/// What a file says of vectors.
#[derive(Debug, Default)]
struct Found {
    /// Where an extension for vectors is switched on.
    extension: Option<(&'static str, Range<usize>)>,
    columns: Vec<Column>,
}

/// A column of vectors.
#[derive(Debug)]
struct Column {
    table: String,
    table_span: Range<usize>,
    name: String,
    dimensions: Option<u32>,
    technology: Option<&'static str>,
}

fn tell(found: &Found, text: &str, page: &Page<'_>, facts: &mut Facts<'_>) {
    let usual = found
        .extension
        .as_ref()
        .map_or_else(|| technology_of(text), |(technology, _)| technology);
    let mut first = None;
    for column in found.columns.iter().take(MOST) {
        let technology = column.technology.unwrap_or(usual);
        let draft = Draft::new(
            AssetKind::VectorStore,
            format!("{technology}/{}", column.table),
            column.table.as_str(),
        )
        .relation(RelationKind::Reads)
        .with("technology", technology)
        .with("column", column.name.as_str())
        .with_some("dimensions", column.dimensions);
        first.get_or_insert_with(|| draft.clone());
        draft.add(column.table_span.clone(), page, facts);
    }
    if let Some((technology, span)) = &found.extension {
        // Beside its tables the extension is no store of its own.
        let alone = || {
            Draft::new(AssetKind::VectorStore, *technology, *technology)
                .relation(RelationKind::Reads)
                .with("technology", *technology)
        };
        let draft = first.map_or_else(alone, |table| table.alias(technology));
        draft.add(span.clone(), page, facts);
    }
}

/// What keeps the vectors of a file that does not say so.
fn technology_of(text: &str) -> &'static str {
    let has = |word: &str| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    if has("ENGINE=") || has("AUTO_INCREMENT") || has("VECTOR INDEX") {
        "mysql"
    } else if has("NVARCHAR") || has("nvarchar") {
        "sqlserver"
    } else if has("VARCHAR2") {
        "oracle"
    } else {
        "pgvector"
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{references, told};

    #[test]
    fn a_table_with_a_column_of_vectors_is_a_store() {
        let text = "-- create table old (v vector(3));\nCREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA extensions;\nCREATE TABLE IF NOT EXISTS public.\"Documents\" (\n  id bigserial primary key,\n  content text default 'a vector(2)',\n  embedding extensions.vector(1536)\n);\nalter table notes add column if not exists embedding halfvec(768);\ncreate function match_documents(query_embedding vector(1536)) returns setof \"Documents\" as $$ select 1 $$;\ncreate table people (id int, vector_id text, name varchar(20));\n";
        assert_eq!(
            told("supabase/migrations/1.sql", text),
            [
                "vector_store pgvector/Documents - 3",
                "vector_store pgvector/notes - 8",
                "vector_store pgvector/Documents - 2",
            ]
        );
        let first = &references("a.sql", text)[0];
        assert_eq!(first.attributes["dimensions"], 1536);
        assert_eq!(first.attributes["column"], "embedding");
    }

    #[test]
    fn the_extension_alone_is_a_store_and_other_words_are_none() {
        assert_eq!(
            told("a.sql", "create extension vector;"),
            ["vector_store pgvector - 1"]
        );
        assert_eq!(
            told(
                "a.sql",
                "create extension \"uuid-ossp\"; create table a (support_vector int, b text); select vector(1) from a;"
            ),
            [] as [&str; 0]
        );
        assert_eq!(
            told(
                "a.sql",
                "create virtual table vec_items using vec0(embedding float[384]);"
            ),
            ["vector_store sqlite-vec/vec_items - 1"]
        );
        assert_eq!(
            told(
                "a.cql",
                "CREATE TABLE ks.items (id int PRIMARY KEY, v vector<float, 8>);"
            ),
            ["vector_store cassandra/items - 1"]
        );
        assert_eq!(
            told(
                "a.sql",
                "CREATE TABLE m (id INT AUTO_INCREMENT, e VECTOR(12)) ENGINE=InnoDB;"
            ),
            ["vector_store mysql/m - 1"]
        );
    }

    #[test]
    fn sql_inside_of_migrations_and_the_schema_of_prisma_tell_as_well() {
        let python = "def upgrade():\n    op.execute(\"CREATE EXTENSION IF NOT EXISTS vector\")\n    op.execute('''CREATE TABLE chunks (id int, embedding vector(384))''')\n";
        assert_eq!(
            told("alembic/versions/1.py", python),
            [
                "vector_store pgvector/chunks - 3",
                "vector_store pgvector/chunks - 2"
            ]
        );
        let prisma = "datasource db {\n  extensions = [vector]\n}\nmodel Document {\n  id Int @id\n  embedding Unsupported(\"vector(1536)\")?\n}\n";
        assert_eq!(
            told("prisma/schema.prisma", prisma),
            [
                "vector_store pgvector/Document - 4",
                "vector_store pgvector/Document - 2"
            ]
        );
    }
}
