use stance_core::fact::CodeCall;
use stance_core::{Confidence, Severity};
use crate::calls::{last, severity_at};
use crate::flow::{Origin, trace};

use crate::{Cx, Rule};

rule! {
    /// # SQL that a model writes or completes
    ///
    /// ## What it finds
    /// `execute`, `executemany`, `executescript` of a database cursor or connection, `sqlalchemy.text` and
    /// `pandas.read_sql`, in JavaScript `query`, `$queryRawUnsafe`, `unsafe` and `raw`, whose statement is the answer of a model, or is put together from the argument of a tool that
    /// a model calls. Values that are bound as parameters are left alone, and so is a tool whose purpose is to take a
    /// whole statement.
    ///
    /// ## Why it matters
    /// Whoever can put a sentence into what the model reads can then change the statement: read other customers' rows,
    /// drop tables, or run commands where the database can.
    ///
    /// ## Example
    /// ```python
    /// @mcp.tool()
    /// def find(name: str):
    ///     return cursor.execute(f"SELECT * FROM users WHERE name = '{name}'")
    /// ```
    ///
    /// ## Fix
    /// Bind values as parameters. Where the model must write SQL, run it as a user who may only read the tables meant
    /// for it, with a limit on time and rows.
    ///
    /// ## References
    /// - CWE-89: Improper Neutralization of Special Elements used in an SQL Command
    /// - OWASP Top 10 for LLM Applications, Improper Output Handling
    SqlFromModel {
        id: "code/sql-from-model",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM05",
            "owasp-llm-2026:LLM10",
            "mitre-atlas:AML.T0050",
            "nist-ai-rmf-1.0:MEASURE 2.7",
            "eu-ai-act:Art. 15",
        ],
        bad: [
            crate::text!("a.ts", "import { Pool } from 'pg';\nimport { tool } from 'ai';\nimport { z } from 'zod';\nconst pool = new Pool();\nexport const find = tool({\n  inputSchema: z.object({ name: z.string() }),\n  execute: async ({ name }) => pool.query(`SELECT * FROM users WHERE name = '${name}'`),\n});\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport sqlite3\ncursor = sqlite3.connect('x').cursor()\ncursor.execute(text)\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef find(name: str):\n    import sqlite3\n    c = sqlite3.connect('x')\n    return c.execute(f\"SELECT * FROM users WHERE name = '{name}'\")\n"),
        ],
        good: [
            crate::text!("a.ts", "import { Pool } from 'pg';\nimport { tool } from 'ai';\nimport { z } from 'zod';\nconst pool = new Pool();\nexport const find = tool({\n  inputSchema: z.object({ name: z.string(), kind: z.enum(['a', 'b']) }),\n  execute: async ({ name, kind }) => pool.query(`SELECT * FROM ${kind} WHERE name = $1`, [name]),\n});\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef find(name: str):\n    import sqlite3\n    c = sqlite3.connect('x')\n    return c.execute('SELECT * FROM users WHERE name = ?', (name,))\n"),
            crate::text!("a.py", "from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool()\ndef find(limit: int):\n    import sqlite3\n    c = sqlite3.connect('x')\n    return c.execute(f'SELECT * FROM users LIMIT {limit}')\n"),
            crate::text!("a.py", "import openai\nclient = openai.OpenAI()\nanswer = client.chat.completions.create(model='gpt-4o')\ntext = answer.choices[0].message.content\nimport sqlite3\nc = sqlite3.connect('x')\nc.execute('INSERT INTO answers VALUES (?)', (text,))\n"),
            crate::text!("a.py", "class Runner:\n    def execute(self, text):\n        pass\ndef run(text):\n    Runner().execute(f'a {text}')\n"),
        ],
    }
}

impl Rule for SqlFromModel {
    fn calls(&self) -> &'static [&'static str] {
        &[
            "*.execute(sqlite3)",
            "*.execute(tool)",
            "*.execute(openai)",
            "*.execute(anthropic)",
            "*.executescript(tool)",
            "*.executemany(tool)",
            "sqlalchemy.text(tool)",
            "sqlalchemy.text(openai)",
            "pandas.read_sql",
            "pandas.read_sql_query",
            "*.query(registerTool)",
            "*.query(execute)",
            "*.query(openai)",
            "*.query(generateText)",
            "*.query(setRequestHandler)",
            "*.$queryRawUnsafe",
            "*.$executeRawUnsafe",
            "*.unsafe(execute)",
            "*.unsafe(registerTool)",
            "*.raw(execute)",
            "*.raw(registerTool)",
            "*.prepare(registerTool)",
            "*.prepare(execute)",
        ]
    }

    fn call(&self, call: &CodeCall, cx: &mut Cx<'_>) {
        let Some(value) = call.arguments.first().map(|argument| &argument.value) else {
            return;
        };
        let Some(found) = trace(value, &[Origin::Answer, Origin::Tool]) else {
            return;
        };
        // Other things than databases are asked as well.
        let of_database = !matches!(last(&call.callee), "query" | "unsafe" | "raw" | "prepare")
            || found.inside && is_statement(found.before)
            || DATABASES.iter().any(|package| call.callee.starts_with(package));
        if !of_database {
            return;
        }
        // A tool that takes a statement is what it says it is.
        if found.origin == Origin::Tool && !(found.inside && is_statement(found.before)) {
            return;
        }
        let severity = severity_at(&call.evidence, Severity::High);
        cx.report(&call.evidence, format!("an SQL statement is made from {}", found.origin.words()))
            .severity(severity)
            .confidence(if call.callee.starts_with('?') { Confidence::Medium } else { Confidence::High })
            .note(format!("it holds `{}`", crate::flow::shown(found.path)));
    }
}

/// Packages of Node whose objects speak SQL.
const DATABASES: [&str; 11] = [
    "pg.",
    "mysql.",
    "mysql2",
    "sqlite3.",
    "better-sqlite3",
    "postgres.",
    "@neondatabase/serverless",
    "@vercel/postgres",
    "knex",
    "sequelize",
    "mssql",
];

fn is_statement(text: &str) -> bool {
    let start = text.trim_start().to_ascii_lowercase();
    ["select", "insert", "update", "delete", "drop", "with", "create", "alter", "pragma", "describe", "show", "explain", "truncate", "match"]
        .iter()
        .any(|word| start.starts_with(word))
}
