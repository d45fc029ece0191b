//! Ten megabytes that were made to be dear, for every parser: how much of it is read, how much
//! memory it takes, how many facts come out.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use peak_alloc::PeakAlloc;
use stance_inspect::pickle::assemble::Pickle;
use stance_inspect::protobuf::assemble::Builder;
use stance_inspect::{Bytes, Interests, Limits, Options, Source, fuzzing, registry};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Bytes of a file, about.
const SIZE: usize = 10 << 20;
/// Bytes of a file that costs much, where the parsers are not optimised: there these files alone
/// would take minutes.
const LESS: usize = 1 << 20;
/// The parsers of which that holds.
const SLOW: &[&str] = &[
    "agent-configuration",
    "card-front-matter",
    "ci-pipeline",
    "compose-file",
    "configuration",
    "configured-objects",
    "dependencies",
    "dockerfile",
    "dvc",
    "gguf",
    "infrastructure",
    "javascript",
    "mlflow",
    "model-cache",
    "mxnet",
    "model-code",
    "msgpack",
    "onnx",
    "openvino",
    "pickle",
    "prompty",
    "python",
    "savedmodel",
    "secrets",
    "source",
    "tokenizer",
];
/// What `size` says.
static NOW: AtomicUsize = AtomicUsize::new(SIZE);

/// How long the file at hand has to be.
fn size() -> usize {
    NOW.load(Ordering::Relaxed)
}

/// Memory that a scan may take beyond the bytes of the file.
const BEYOND: usize = 64 << 20;

/// A file that counts how much is read of it.
struct Counting<'a> {
    bytes: &'a [u8],
    read: Cell<u64>,
    asked: Cell<u64>,
}

impl Source for Counting<'_> {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.asked.set(self.asked.get() + 1);
        let count = Bytes(self.bytes).read_at(offset, buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

/// `start`, then `unit` as often as there is room for, then `end`.
fn repeated(start: impl AsRef<[u8]>, unit: impl AsRef<[u8]>, end: impl AsRef<[u8]>) -> Vec<u8> {
    let (start, unit) = (start.as_ref(), unit.as_ref());
    let mut bytes = start.to_vec();
    bytes.extend(unit.repeat(size().saturating_sub(start.len()) / unit.len()));
    bytes.extend(end.as_ref());
    bytes
}

/// The same with a number in each unit, in place of `#`.
fn numbered(start: &str, unit: &str, end: &str) -> Vec<u8> {
    let (before, after) = unit.split_once('#').unwrap();
    let mut text = start.to_owned();
    let mut number = 0;
    while text.len() < size() {
        text.push_str(before);
        text.push_str(&number.to_string());
        text.push_str(after);
        number += 1;
    }
    text.push_str(end);
    text.into_bytes()
}

/// A message whose field `number` is `unit` many times, at the end of the path `outer`.
fn message(head: Builder, outer: &[u32], number: u32, unit: &[u8]) -> Vec<u8> {
    let one = Builder::default().bytes(number, unit).build();
    let mut bytes = one.repeat(size() / one.len());
    for field in outer.iter().rev() {
        bytes = Builder::default().bytes(*field, bytes).build();
    }
    [head.build(), bytes].concat()
}

/// Pushes a code object of 20,000 calls, as cloudpickle writes it.
fn byte_code(pickle: Pickle) -> Pickle {
    let mut pickle = pickle
        .stack_global("cloudpickle.cloudpickle", "_builtin_type")
        .text("CodeType")
        .tuple_of(1)
        .reduce()
        .raw(b"(");
    for number in [1, 0, 0, 1, 2, 67] {
        pickle = pickle.int(number);
    }
    let mut instructions = [116, 0, 160, 1, 100, 1, 161, 1, 1, 0].repeat(20_000);
    instructions.extend([100, 0, 83, 0]);
    pickle
        .bytes(&instructions)
        .raw(b"N")
        .text("id")
        .tuple_of(2)
        .text("os")
        .text("system")
        .tuple_of(2)
        .raw(b")")
        .text("notebook")
        .text("f")
        .int(1)
        .bytes(b"")
        .raw(b"))tR")
}

type Make = fn() -> Vec<u8>;

/// Parser, name of the file, what makes it.
const CASES: &[(&str, &str, Make)] = &[
    ("allow", "a.txt", || {
        numbered("", "# stance: allow[model/a#] because of a reason\n", "")
    }),
    ("agent-configuration", ".mcp.json", || {
        numbered(
            "{\"mcpServers\":{",
            "\"s#\":{\"command\":\"npx\"},",
            "\"z\":{}}}",
        )
    }),
    ("catboost", "a.cbm", || {
        let mut bytes = b"CBM1".to_vec();
        bytes.extend(u32::try_from(size()).unwrap().to_le_bytes());
        repeated(bytes, [4, 0, 0, 0], [])
    }),
    ("cntk", "a.model", || {
        let entry = Builder::default().bytes(1, b"primitive_functions");
        message(Builder::default().number(1, 1), &[2], 1, &entry.build())
    }),
    ("compose-file", "compose.yaml", || {
        numbered("services:\n", "  s#:\n    image: vllm/vllm-openai\n", "")
    }),
    ("compressed", "a.pkl.gz", || {
        repeated(
            [],
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0",
            [],
        )
    }),
    ("configured-objects", "a.yaml", || {
        numbered("", "a#:\n  class_path: os.system\n", "")
    }),
    ("coreml", "a.mlmodel", || {
        let head = Builder::default().number(1, 4).bytes(2, b"");
        // Layers of a network, each of them empty.
        message(head, &[500], 1, b"")
    }),
    ("dependencies", "requirements.txt", || {
        numbered("", "a#==1\n", "")
    }),
    ("dependencies", "package-lock.json", || {
        numbered(
            "{\"lockfileVersion\":3,\"packages\":{",
            "\"node_modules/a#\":{\"version\":\"1.0.0\"},",
            "\"z\":{}}}",
        )
    }),
    ("dependencies", "uv.lock", || {
        numbered(
            "version = 1\n",
            "[[package]]\nname = \"a#\"\nversion = \"1\"\n",
            "",
        )
    }),
    ("disguise", "model.safetensors", || {
        repeated(
            b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0",
            [0],
            [],
        )
    }),
    ("dockerfile", "Dockerfile", || numbered("", "FROM a#\n", "")),
    ("dvc", "a.dvc", || numbered("outs:\n", "- path: a#\n", "")),
    ("executorch", "a.pte", || {
        repeated(b"\x10\0\0\0ET12", [4, 0, 0, 0], [])
    }),
    ("ggml", "a.ggml", || {
        let mut bytes = b"lmgg".to_vec();
        bytes.extend([255, 255, 255, 0]);
        bytes.extend([1, 0, 0, 0].repeat(6));
        repeated(bytes, [0, 0, 0, 0], [])
    }),
    ("gguf", "a.gguf", || {
        // Entries of metadata, each a key of one letter and one byte.
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(0_u64.to_le_bytes());
        bytes.extend(1_000_000_u64.to_le_bytes());
        repeated(bytes, b"\x01\0\0\0\0\0\0\0a\0\0\0\0\x07", [])
    }),
    ("gguf", "b.gguf", || {
        // One array of empty texts.
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(0_u64.to_le_bytes());
        bytes.extend(1_u64.to_le_bytes());
        bytes.extend(b"\x01\0\0\0\0\0\0\0a\x09\0\0\0\x08\0\0\0");
        bytes.extend(1_200_000_u64.to_le_bytes());
        repeated(bytes, [0; 8], [])
    }),
    ("gguf", "c.gguf", || {
        // Tensors without dimensions.
        let mut bytes = b"GGUF\x03\0\0\0".to_vec();
        bytes.extend(400_000_u64.to_le_bytes());
        bytes.extend(0_u64.to_le_bytes());
        repeated(
            bytes,
            b"\x01\0\0\0\0\0\0\0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            [],
        )
    }),
    ("hidden", "a.bin", || {
        repeated([], b"\x01PK\x03\x04\x14\0", [])
    }),
    ("git-lfs", "a.bin", || {
        // Longer ones are none.
        let start = "version https://git-lfs.github.com/spec/v1\n";
        let lines = "size 1\n".repeat(100);
        [start, &lines].concat().into_bytes()
    }),
    ("hdf5", "a.h5", || {
        let mut file = stance_inspect::hdf5::assemble::Builder::default();
        for number in 0..60_000 {
            file = file.dataset(&format!("d{number}"), &[1, 1]);
        }
        file.build()
    }),
    ("huggingface", "config.json", || {
        numbered(
            "{\"model_type\":\"bert\",\"id2label\":{",
            "\"#\":\"a\",",
            "\"z\":\"\"}}",
        )
    }),
    ("huggingface", "chat_template.jinja", || {
        repeated("{{ messages }}", "{% if a %}", "role")
    }),
    ("instructions", "CLAUDE.md", || {
        repeated("", "- [a](http://b.example)\n", "")
    }),
    ("keras", "a.json", || {
        numbered(
            "{\"class_name\":\"Sequential\",\"config\":{\"layers\":[",
            "{\"class_name\":\"Lambda\",\"config\":{\"name\":\"a#\"}},",
            "{}]}}",
        )
    }),
    ("lightgbm", "a.txt", || {
        numbered(
            "tree\nversion=v4\nnum_class=1\n",
            "\nTree=#\nnum_leaves=1\nleaf_value=0\n",
            "",
        )
    }),
    ("mlflow", "MLmodel", || {
        numbered("flavors:\n", "  f#:\n    loader_module: a\n", "")
    }),
    ("model-code", "modeling_a.py", || {
        numbered("import os\n", "os.system('a#')\n", "")
    }),
    ("model-code", "modeling_b.py", || {
        repeated("import os\nx = [", "1,", "]\n")
    }),
    ("model-code", "modeling_c.py", || {
        numbered("import os\n", "def f#(self): return os.popen\n", "")
    }),
    ("modelfile", "Modelfile", || {
        numbered("FROM llama3\n", "PARAMETER stop a#\n", "")
    }),
    ("msgpack", "a.msgpack", || {
        repeated([0xdf, 0, 0x30, 0, 0], b"\xa1a\x90", [])
    }),
    ("msgpack", "b.msgpack", || {
        repeated([0x81, 0xa1, b'a'], [0x91], [])
    }),
    ("mxnet", "a-symbol.json", || {
        numbered(
            "{\"nodes\":[",
            "{\"op\":\"null\",\"name\":\"a#\",\"inputs\":[]},",
            "{}],\"arg_nodes\":[]}",
        )
    }),
    ("notebook", "a.ipynb", || {
        numbered(
            "{\"nbformat\":4,\"cells\":[",
            "{\"cell_type\":\"code\",\"source\":[\"import torch as t#\\n\"]},",
            "{}]}",
        )
    }),
    ("numpy", "a.npy", || {
        let mut bytes = b"\x93NUMPY\x02\0".to_vec();
        bytes.extend(u32::try_from(size()).unwrap().to_le_bytes());
        repeated(bytes, "{'a':(", "")
    }),
    ("oci", "manifest.json", || {
        numbered(
            "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"layers\":[",
            "{\"digest\":\"sha256:#\",\"size\":1},",
            "{}]}",
        )
    }),
    ("onnx", "a.onnx", || {
        let head = Builder::default().number(1, 8).bytes(2, b"pytorch");
        let node = Builder::default().bytes(4, b"Relu").build();
        message(head, &[7], 1, &node)
    }),
    ("onnx", "b.onnx", || {
        // Graphs inside attributes of nodes of graphs.
        let mut graph = Vec::new();
        for _ in 0..4000 {
            let attribute = Builder::default().bytes(6, graph).build();
            let node = Builder::default()
                .bytes(4, b"If")
                .bytes(5, attribute)
                .build();
            graph = Builder::default().bytes(1, node).build();
        }
        Builder::default()
            .number(1, 8)
            .bytes(7, graph)
            .bytes(6, vec![0; size() / 2])
            .build()
    }),
    ("paddle", "a.pdmodel", || {
        let head = Builder::default();
        let mut block = Builder::default().number(1, 0).number(2, 0).build();
        let unit = Builder::default()
            .bytes(4, Builder::default().bytes(3, b"relu"))
            .build();
        block.extend(unit.repeat(size() / unit.len()));
        head.bytes(1, block).build()
    }),
    ("openvino", "a.xml", || {
        numbered(
            "<net><layers>",
            "<layer id=\"#\" type=\"a\"/>",
            "</layers></net>",
        )
    }),
    ("openvino", "b.xml", || {
        repeated("<net><layers>", "<layer>", "")
    }),
    ("pickle", "a.pkl", || repeated(b"\x80\x04", "(", ".")),
    ("pickle", "b.pkl", || repeated(b"\x80\x04", b"]\x94", ".")),
    ("pickle", "c.pkl", || {
        repeated(b"\x80\x02", b"cos\nsystem\nX\x01\0\0\0a\x85R0", "N.")
    }),
    ("pickle", "e.pkl", || repeated(b"", "N.", "")),
    // Functions that share one long code object.
    ("pickle", "f.pkl", || {
        let start = Pickle::protocol(4)
            .stack_global("cloudpickle.cloudpickle", "_make_function")
            .raw(b"q\x020");
        repeated(
            byte_code(start).raw(b"q\x010").unfinished(),
            b"h\x02h\x01}\x86R0",
            "N.",
        )
    }),
    // Members given to one class again and again, and looked for in it.
    ("pickle", "g.pkl", || {
        let mut start = Pickle::protocol(4).raw(b"}(");
        for number in 0..250 {
            start = start.text(&format!("m{number}")).raw(b"N");
        }
        let start = start
            .raw(b"uq\x000")
            .stack_global("cloudpickle.cloudpickle", "_class_setstate")
            .raw(b"q\x010")
            .stack_global("cloudpickle.cloudpickle", "_make_skeleton_class")
            .raw(b"(")
            .stack_global("builtins", "type")
            .text("C")
            .raw(b")h\x00tRq\x020h\x02)\x81q\x030");
        repeated(
            start.unfinished(),
            b"h\x01h\x02h\x00N\x86\x86R0h\x03Nb0",
            "N.",
        )
    }),
    // The same marshalled code, which holds much, read again and again.
    ("pickle", "h.pkl", || {
        let mut code = vec![0xe3];
        code.extend([0; 20]);
        code.extend(b"s\x02\0\0\0d\0(\xe8\x03\0\0");
        code.extend([b'N'; 1000]);
        code.extend(b")\0)\0)\0)\0\xda\x01a\xda\x01a\0\0\0\0s\0\0\0\0");
        let start = Pickle::protocol(4)
            .stack_global("marshal", "loads")
            .raw(b"q\x000")
            .bytes(&code)
            .raw(b"q\x010");
        repeated(start.unfinished(), b"h\x00h\x01\x85R0", "N.")
    }),
    ("pickle", "i.pkl", || {
        // Lists of a thousand each.
        let list = [&b"]("[..], &[b'N'; 1000], b"e0"].concat();
        repeated(b"\x80\x04", list, b"N.")
    }),
    ("pickle", "j.pkl", || {
        // Texts that are all different lengths of one letter.
        let text = [&b"\x8c\xff"[..], &[b'a'; 255], b"0"].concat();
        repeated(b"\x80\x04", text, b"N.")
    }),
    ("pickle", "k.pkl", || {
        // Objects that are called.
        repeated(b"\x80\x04(((", b"\x88R\x88\x88RRRR\x88\x88", b".")
    }),
    ("pmml", "a.pmml", || {
        repeated("<PMML>", "<Extension name='a'/>", "</PMML>")
    }),
    ("provenance", "SHA256SUMS", || {
        numbered("", &format!("{}  a#\n", "0".repeat(64)), "")
    }),
    ("javascript", "a.ts", || {
        numbered(
            "import 'openai';\n",
            "const x# = new OpenAI({ model: 'gpt-4' });\n",
            "",
        )
    }),
    ("javascript", "b.js", || {
        repeated("import 'openai';\nx = [\n", "1,\n", "]\n")
    }),
    ("javascript", "c.tsx", || {
        // Every value is made of the one before.
        numbered(
            "import 'openai';\nconst a = [1];\n",
            "var a# = [a, a]; a = { b: [a, a, `${a}`] };\n",
            "",
        )
    }),
    ("javascript", "d.ts", || {
        repeated("import 'openai';\n", "f(\n", "")
    }),
    ("javascript", "e.ts", || {
        numbered(
            "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\n",
            "export function f#(s: McpServer) { s.tool('t', x => x); f1(s); }\n",
            "",
        )
    }),
    ("python", "a.py", || {
        numbered("import openai\n", "x# = openai.OpenAI(model='gpt-4')\n", "")
    }),
    ("python", "b.py", || {
        repeated("import openai\nx = [", "1,", "]\n")
    }),
    ("python", "c.py", || {
        numbered(
            "import openai\n",
            "class A#:\n    def __init__(self): self.a = openai\n",
            "",
        )
    }),
    ("python", "d.py", || repeated("import openai\n", "f(", "")),
    ("r-data", "a.rds", || {
        // Lists of one element in each other.
        repeated(
            b"X\n\0\0\0\x03\0\x04\x03\0\0\x03\x05\0\0\0\0\x05UTF-8",
            b"\0\0\0\x13\0\0\0\x01",
            [],
        )
    }),
    ("r-data", "b.rds", || {
        // A list of nothing.
        repeated(
            b"X\n\0\0\0\x03\0\x04\x03\0\0\x03\x05\0\0\0\0\x05UTF-8\0\0\0\x13\0\x20\0\0",
            b"\0\0\0\xfe",
            [],
        )
    }),
    ("safetensors", "a.safetensors", || {
        let mut header = String::from("{");
        for tensor in 0..150_000 {
            header.push_str(&format!(
                "\"{tensor}\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{tensor},{}]}},",
                tensor + 1
            ));
        }
        header.push_str("\"__metadata__\":{}}");
        stance_inspect::safetensors::assemble::file(&header, &vec![0; 150_000])
    }),
    ("savedmodel", "saved_model.pb", || {
        let node = Builder::default().bytes(1, b"a").bytes(2, b"NoOp").build();
        message(Builder::default().number(1, 1), &[2, 2], 1, &node)
    }),
    ("sealed-archive", "a.rar", || {
        repeated(b"Rar!\x1a\x07\x01\0", [0], [])
    }),
    ("sentencepiece", "a.model", || {
        repeated([], b"\x0a\x0c\x0a\x03abc\x15\0\0\0\0\x18\x01", [])
    }),
    ("secrets", "a.txt", || {
        numbered("", "api_key = \"q8Zk2Lm#Vx71RtPw\"\n", "")
    }),
    ("secrets", "b.txt", || repeated("", "password=", "")),
    ("7z-archive", "a.7z", || {
        let directory = repeated([1, 4, 6, 0, 1, 9], [0x80], []);
        stance_inspect::sevenzip::assemble::archive(&[], &directory)
    }),
    ("tar", "a.tar", || {
        let member = stance_inspect::tar::assemble::member("a", b'0', "", b"");
        repeated([], member, [0; 1024])
    }),
    ("tensorrt", "a.engine", || {
        repeated(b"ftrt", "/usr/lib/lib.so\0", [])
    }),
    ("tflite", "a.tflite", || {
        let mut bytes = stance_inspect::tflite::assemble::model("a");
        bytes.resize(size(), 4);
        bytes
    }),
    ("source", "a.go", || {
        numbered(
            "import \"github.com/mark3labs/mcp-go\"\n",
            "NewTool(t#)\n",
            "const u = \"x\"\n",
        )
    }),
    ("source", "b.rs", || {
        repeated("use rmcp::tool;\n", "#[tool(\n", "")
    }),
    ("tokenizer", "tokenizer.json", || {
        numbered(
            "{\"model\":{\"type\":\"BPE\",\"vocab\":{",
            "\"t#\":1,",
            "\"z\":0}},\"added_tokens\":[],\"decoder\":null}",
        )
    }),
    ("tokenizer", "b/tokenizer.json", || {
        numbered(
            "{\"model\":{\"type\":\"BPE\",\"vocab\":{}},\"decoder\":null,\"added_tokens\":[",
            "{\"id\":#,\"content\":\"a\",\"special\":true},",
            "{}]}",
        )
    }),
    ("torch7", "a.t7", || {
        // Tables in each other, each with one key, a number.
        repeated(
            [],
            b"\x03\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\xf0\x3f",
            [],
        )
    }),
    ("template-of-a-helm-chart", "chart/templates/a.yaml", || {
        numbered(
            "",
            "- name: OPENAI_API_KEY_#\n  value: {{ .Values.a | quote }}\n",
            "",
        )
    }),
    ("variables", ".env", || {
        numbered("", "OPENAI_API_KEY_#=a\n", "")
    }),
    ("ci-pipeline", ".github/workflows/a.yml", || {
        numbered(
            "jobs:\n  a:\n    steps:\n",
            "    - uses: anthropics/claude-code-action@v#\n",
            "",
        )
    }),
    ("ci-pipeline", "Jenkinsfile", || {
        numbered("", "sh 'codex exec #'\n", "")
    }),
    ("configuration", "a.yaml", || {
        numbered(
            "base_model: a/b\nlora_r: 8\nlora_alpha: 8\ndatasets:\n",
            "  - path: a/b#\n",
            "",
        )
    }),
    ("configuration", "values.yaml", || {
        numbered("modelSpec:\n", "  - modelURL: a/b#\n", "")
    }),
    ("configuration", "a.json", || {
        numbered(
            "{\"nodes\":[",
            "{\"type\":\"@n8n/n8n-nodes-langchain.agent\",\"name\":\"a#\"},",
            "{}]}",
        )
    }),
    ("configuration", "b.json", || {
        repeated(
            "{\"provider\":1,\"skills\":",
            "[{\"model\":\"gpt-4o\",\"a\":",
            "",
        )
    }),
    ("infrastructure", "a.tf", || {
        numbered(
            "",
            "resource aws_bedrockagent_agent a# { foundation_model = var.a }\n",
            "",
        )
    }),
    ("infrastructure", "a.bicep", || {
        repeated("var a = ", "[{a: 'b${c}'", "")
    }),
    ("prompty", "a.prompty", || {
        numbered("---\ntools:\n", "  - name: a#\n", "---\n")
    }),
    ("card-front-matter", "README.md", || {
        numbered("---\nlibrary_name: a\nbase_model:\n", "- a/b#\n", "---\n")
    }),
    ("model-cache", "wandb/a/files/wandb-metadata.json", || {
        repeated("{\"a\":", "[{\"a\":", "")
    }),
    ("dotnet-settings", "appsettings.json", || {
        numbered(
            "{\"OpenAI\":{",
            "\"ApiKey#\":\"a\",\"Model#\":\"b#\",",
            "\"a\":1}}",
        )
    }),
    ("package-scripts", "package.json", || {
        numbered(
            "{\"scripts\":{",
            "\"a#\":\"b --model a/b#\",",
            "\"a\":\"\"}}",
        )
    }),
    ("environment-file", ".env", || {
        numbered("", "A_MODEL=a/b#\n", "")
    }),
    ("installed-packages", "a.sh", || {
        numbered("", "pip install openai_#==1.#\n", "")
    }),
    (
        "properties-of-an-application",
        "application.properties",
        || numbered("", "spring.ai.openai.chat.options.model=a#\n", ""),
    ),
    (
        "properties-of-an-application",
        "application-b.properties",
        || {
            numbered(
                "",
                "spring.ai.mcp.client.sse.connections.a#.url=http://a\n",
                "",
            )
        },
    ),
    ("records", "a.csv", || {
        numbered("email\n", "a#@b#.io,+49301234#\n", "")
    }),
    ("records", "a.jsonl", || {
        numbered("", "{\"a#\":{\"b\":1}}\n", "")
    }),
    ("sql", "a.sql", || {
        numbered("", "create table a# (b vector(3));\n", "")
    }),
    ("sql", "a.prisma", || {
        numbered("", "model A# {\n b Unsupported(\"vector(3)\")\n}\n", "")
    }),
    ("shell-script", "a.sh", || {
        numbered("", "A=$A$A; run 'x --model $A' --model a/b#\n", "")
    }),
    ("xgboost", "a.json", || {
        numbered(
            "{\"version\":[2,0,0],\"learner\":{\"learner_model_param\":{},\"gradient_booster\":{\"model\":{\"trees\":[",
            "{\"id\":#},",
            "{}]}}}}",
        )
    }),
    ("xgboost", "a.ubj", || {
        repeated(
            b"{L\0\0\0\0\0\0\0\x07learner{L\0\0\0\0\0\0\0\x10gradient_booster{L\0\0\0\0\0\0\0\x05model[",
            "{}",
            [],
        )
    }),
    ("xgboost", "b.ubj", || {
        repeated(
            b"{L\0\0\0\0\0\0\0\x07learner{L\0\0\0\0\0\0\0\x10gradient_booster",
            "[",
            [],
        )
    }),
    ("zip", "a.zip", || {
        let parts: Vec<_> = (0..60_000)
            .map(|number| stance_inspect::zip::assemble::part(&format!("m/{number}"), ""))
            .collect();
        stance_inspect::zip::assemble::zip(&parts)
    }),
    ("zip", "b.zip", || {
        repeated(
            [],
            b"PK\x03\x04",
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        )
    }),
];

#[test]
fn ten_megabytes_made_to_be_dear_stay_within_bounds() {
    let interests = Interests::new(["*.load", "openai.*", "os.*"]);
    let all: BTreeSet<String> = registry::ALL
        .iter()
        .map(|inspector| inspector.name().to_lowercase().replace(' ', "-"))
        .collect();
    let mut left = all.clone();
    let limits = Limits::default();
    for (parser, name, make) in CASES {
        if !all.contains(*parser) {
            continue;
        }
        let less = cfg!(debug_assertions) && SLOW.contains(parser);
        NOW.store(if less { LESS } else { SIZE }, Ordering::Relaxed);
        let bytes = make();
        assert!(
            bytes.len() < size() + size() / 4,
            "{parser} {name}: {}",
            bytes.len()
        );
        let claimants = fuzzing::claimants(name, &bytes);
        assert!(
            claimants.iter().any(|claimant| claimant == parser),
            "{parser} does not look at {name}, but {claimants:?}"
        );
        let source = Counting {
            bytes: &bytes,
            read: Cell::new(0),
            asked: Cell::new(0),
        };
        let options = Options {
            limits,
            hash: false,
            interests: &interests,
            parsers: &registry::ALL,
        };
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        let report = stance_inspect::scan(*name, &source, &options);
        let most = HEAP.peak_usage().saturating_sub(before);
        assert!(
            most < bytes.len() + BEYOND,
            "{parser} {name}: {} MB at most",
            most >> 20
        );
        assert!(
            source.read.get() < 16 * bytes.len() as u64 && source.asked.get() < 200_000,
            "{parser} {name}: {} bytes read in {} parts",
            source.read.get(),
            source.asked.get()
        );
        assert!(report.facts.len() <= limits.facts + 1, "{parser} {name}");
        left.remove(*parser);
    }
    assert!(left.is_empty(), "no worst case for {left:?}");
}
