use super::*;

#[test]
fn an_import_alone_is_no_reason_to_parse() {
    let patterns = [
        "torch.load",
        "eval",
        "*.from_pretrained",
        "os.environ.__setitem__",
    ];
    let filter = Prefilter::new(&Interests::new(patterns));
    for (text, want) in [
        ("import torch\nx = model.state\n", false),
        ("import torch\nmodel.load_state()\n", false),
        ("import torch as t\nt.load('x')\n", true),
        ("import os, torch\ntorch.load('x')\n", true),
        ("from torch import load as l\nl('x')\n", true),
        ("from torch import load\nload('x')\n", true),
        ("# torch.load\nx.load(1)\n", false),
        ("model.eval()\n", false),
        ("y = eval(x)\n", true),
        ("\"\"\"\n>>> m = X.from_pretrained('a/b')\n\"\"\"\n", false),
        ("m = X.from_pretrained('a/b')\n", true),
        ("import os\nos.environ['X'] = '1'\n", true),
        ("import os\nos.path.join('X')\n", false),
        ("m = 'gpt-4o'\n", true),
        ("k = 'OPENAI_API_KEY'\n", true),
        ("SYSTEM_PROMPT = \"\"\"You are\"\"\"\n", true),
        ("prompt(SYSTEM)\n", false),
        ("MODEL_ID = 'a/b'\n", true),
        ("model_type = 'bert'\n", false),
        ("from langchain_openai import ChatOpenAI\n", false),
        (
            "from langchain_openai import ChatOpenAI\nChatOpenAI()\n",
            true,
        ),
        (
            "from langchain.tools import (\n    tool,\n)\n@tool\ndef f(): pass\n",
            true,
        ),
        ("def f(client):\n  client.chat.completions.create()\n", true),
        ("@mcp.tool()\ndef f(): pass\n", true),
    ] {
        assert_eq!(filter.look(text).parse, want, "{text}");
    }
}
