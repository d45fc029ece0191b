//! Names of repositories of the Hugging Face hub, told from paths on disk.

/// First parts of a path that name a directory rather than an organisation.
const DIRECTORIES: &[&str] = &[
    "model",
    "models",
    "checkpoint",
    "checkpoints",
    "ckpt",
    "ckpts",
    "data",
    "dataset",
    "datasets",
    "output",
    "outputs",
    "out",
    "results",
    "result",
    "runs",
    "run",
    "saved",
    "saved_model",
    "saved_models",
    "tmp",
    "temp",
    "weights",
    "dir",
    "path",
    "cache",
    "local",
    "artifacts",
    "logs",
    "pretrained",
    "pretrained_models",
    "src",
    "assets",
    "resources",
    "test",
    "tests",
    "fixtures",
    "home",
    "mnt",
    "opt",
    "usr",
    "var",
    "root",
    "workspace",
];

fn is_part(part: &str) -> bool {
    (1..=96).contains(&part.len())
        && part
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        && !part.contains("..")
        && !part.contains("--")
}

fn is_repository(text: &str) -> bool {
    let mut parts = text.split('/');
    let (Some(organisation), Some(name), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let file = [
        ".pt",
        ".pth",
        ".bin",
        ".gguf",
        ".json",
        ".csv",
        ".txt",
        ".py",
        ".safetensors",
        ".onnx",
        ".parquet",
        ".zip",
    ]
    .iter()
    .any(|extension| name.ends_with(extension));
    is_part(organisation)
        && is_part(name)
        && !file
        && !DIRECTORIES.contains(&organisation.to_ascii_lowercase().as_str())
}

/// The repository that a text names where a model of the hub or a directory may stand.
pub fn model_id(text: &str) -> Option<&str> {
    let text = text.strip_prefix("hf://").unwrap_or(text);
    if is_repository(text) {
        return Some(text);
    }
    // Names without an organisation are those of the first years: `bert-base-uncased`.
    let old = is_part(text)
        && text.contains('-')
        && OLD.iter().any(|family| {
            text.strip_prefix(family)
                .is_some_and(|rest| rest.starts_with('-'))
        });
    (old || OLD_EXACT.contains(&text)).then_some(text)
}

const OLD: &[&str] = &[
    "bert-base",
    "bert-large",
    "distilbert-base",
    "roberta",
    "xlm-roberta",
    "albert",
    "t5",
    "xlnet",
    "distilroberta",
    "distilgpt2",
    "gpt2",
    "openai-gpt",
    "camembert",
    "xlm-mlm",
    "xlm-clm",
    "all-MiniLM",
    "all-mpnet",
    "all-distilroberta",
    "paraphrase-multilingual",
    "paraphrase-MiniLM",
    "paraphrase-mpnet",
    "paraphrase-albert",
    "multi-qa",
    "msmarco",
    "distiluse-base",
    "facebook-bart",
    "ctrl",
    "transfo-xl",
    "clip-ViT",
];
const OLD_EXACT: &[&str] = &["gpt2", "distilgpt2", "ctrl", "camembert-base", "LaBSE"];

/// Organisations of the hub that publish many models; a name of theirs needs no further proof.
const PUBLISHERS: &[&str] = &[
    "01-ai",
    "ai21labs",
    "allenai",
    "amazon",
    "apple",
    "BAAI",
    "baichuan-inc",
    "baidu",
    "bigcode",
    "bigscience",
    "black-forest-labs",
    "cardiffnlp",
    "codellama",
    "CohereForAI",
    "CohereLabs",
    "cross-encoder",
    "databricks",
    "deepseek-ai",
    "distilbert",
    "dslim",
    "EleutherAI",
    "facebook",
    "FacebookAI",
    "google",
    "google-bert",
    "google-t5",
    "HuggingFaceH4",
    "HuggingFaceM4",
    "HuggingFaceTB",
    "ibm-granite",
    "intfloat",
    "internlm",
    "jinaai",
    "lmsys",
    "meta-llama",
    "microsoft",
    "MiniMaxAI",
    "mistralai",
    "mlx-community",
    "thenlper",
    "hkunlp",
    "mixedbread-ai",
    "moonshotai",
    "naver",
    "nomic-ai",
    "NousResearch",
    "nvidia",
    "openai",
    "openai-community",
    "openbmb",
    "ProsusAI",
    "pyannote",
    "Qwen",
    "runwayml",
    "Salesforce",
    "sentence-transformers",
    "Snowflake",
    "stabilityai",
    "suno",
    "teknium",
    "tencent",
    "THUDM",
    "TheBloke",
    "tiiuae",
    "togethercomputer",
    "unsloth",
    "upstage",
    "xai-org",
    "zai-org",
];

/// Whether a name belongs to one of the large publishers.
pub(crate) fn is_publisher(id: &str) -> bool {
    let organisation = id.split('/').next().unwrap_or_default();
    !id.contains('/') || PUBLISHERS.contains(&organisation)
}

/// Whether a module loads models of the hub by name.
pub(crate) fn loads_from_hub(module: &str) -> bool {
    const LOADERS: &[&str] = &[
        "transformers",
        "diffusers",
        "huggingface_hub",
        "sentence_transformers",
        "peft",
        "trl",
        "datasets",
        "vllm",
        "sglang",
        "llama_cpp",
        "unsloth",
        "mlx_lm",
        "faster_whisper",
        "langchain_huggingface",
        "optimum",
    ];
    LOADERS.contains(&module.split('.').next().unwrap_or_default())
}

/// The data set that a text names where a data set of the hub, a file format or a directory may stand.
pub(crate) fn dataset_id(text: &str) -> Option<&str> {
    const FORMATS: &[&str] = &[
        "csv",
        "json",
        "parquet",
        "text",
        "arrow",
        "imagefolder",
        "audiofolder",
        "videofolder",
        "pandas",
        "webdataset",
        "sql",
        "generator",
        "xml",
        "pdffolder",
        "hdf5",
    ];
    let text = text.strip_prefix("hf://datasets/").unwrap_or(text);
    let bare = is_part(text) && !text.contains('.') && !FORMATS.contains(&text);
    let directory = DIRECTORIES.contains(&text.to_ascii_lowercase().as_str());
    (is_repository(text) || (bare && !directory)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_on_disk_are_not_repositories() {
        for (text, want) in [
            ("meta-llama/Llama-3.1-8B", true),
            ("bert-base-uncased", true),
            ("gpt2", true),
            ("./model", false),
            ("/opt/model", false),
            ("models/llama", false),
            ("output/checkpoint-500", false),
            ("a/b/c", false),
            ("my-model", false),
            ("org/weights.bin", false),
            ("../x/y", false),
        ] {
            assert_eq!(model_id(text).is_some(), want, "{text}");
        }
        assert!(dataset_id("squad").is_some());
        assert!(dataset_id("csv").is_none());
        assert!(dataset_id("data/train.csv").is_none());
    }
}
