//! Flags and commands whose arguments name models and data sets, by the documentation of the programs.

/// What an argument is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A model that a program starts from or asks.
    Model,
    /// A model that a program serves.
    Serving,
    /// The model that training makes.
    Output,
    /// The directory that a program writes to.
    Directory,
    /// A data set to learn from.
    Dataset,
    /// Several, perhaps with weights between them.
    Datasets,
    /// A data set to measure with.
    Evaluation,
}

/// What a flag is for; `-` and `_` are one.
pub(super) fn purpose_of(flag: &str) -> Option<Purpose> {
    let name = flag.strip_prefix("--")?.replace('-', "_");
    Some(match name.as_str() {
        "model_name_or_path"
        | "model_name"
        | "model"
        | "model_id"
        | "model_path"
        | "base_model"
        | "base_model_name_or_path"
        | "pretrained_model_name_or_path"
        | "ref_model"
        | "ref_model_name_or_path"
        | "teacher_model_name_or_path"
        | "teacher_model"
        | "reward_model"
        | "reward_model_path"
        | "reward_model_name_or_path"
        | "reward_model_multiplier_path"
        | "value_model_name_or_path"
        | "judge_model"
        | "draft_model"
        | "speculative_model"
        | "embedding_model"
        | "hf_model"
        | "llm_judge_model"
        | "llm"
        | "llm_name"
        | "llm_model"
        | "llm_id"
        | "chat_model"
        | "agent_model"
        | "embed_model"
        | "embeddings_model"
        | "embedding_model_name"
        | "embedding_model_id"
        | "eval_model"
        | "evaluator_model"
        | "generator_model"
        | "grader_model"
        | "judge"
        | "reranker_model"
        | "rerank_model"
        | "summary_model"
        | "target_model"
        | "tokenizer"
        | "tokenizer_name"
        | "tokenizer_name_or_path"
        | "vision_model"
        | "whisper_model" => Purpose::Model,
        "hub_model_id" | "push_to_hub_model_id" => Purpose::Output,
        "output_dir" => Purpose::Directory,
        "dataset_name" | "dataset_id" | "train_dataset_name" | "hf_dataset" => Purpose::Dataset,
        "dataset" | "datasets" | "dataset_mixer" | "dataset_mixer_list" | "mixer_list"
        | "dataset_mixture" | "train_dataset" | "train_datasets" | "dataset_path"
        | "dataset_repo" => Purpose::Datasets,
        "eval_dataset"
        | "eval_dataset_name"
        | "eval_datasets"
        | "dataset_mixer_eval_list"
        | "test_dataset" => Purpose::Evaluation,
        _ => return None,
    })
}

/// Commands that take the name of a model as a plain argument.
const POSITIONAL: &[(&[&str], Purpose)] = &[
    (&["vllm", "serve"], Purpose::Serving),
    (&["ollama", "pull"], Purpose::Model),
    (&["ollama", "run"], Purpose::Model),
    (&["huggingface-cli", "download"], Purpose::Model),
    (&["hf", "download"], Purpose::Model),
    (&["mlx_lm.server", "--model"], Purpose::Serving),
];

/// The plain argument of a command that names a model or data set: what it is, and its position.
pub(super) fn positional(words: &[&str]) -> Option<(Purpose, usize)> {
    let (purpose, start) = POSITIONAL.iter().find_map(|(command, purpose)| {
        let at = words
            .windows(command.len())
            .position(|window| window == *command)?;
        Some((*purpose, at.saturating_add(command.len())))
    })?;
    let argument = words.get(start)?;
    if argument.starts_with('-') {
        return None;
    }
    let dataset = words
        .windows(2)
        .any(|pair| matches!(pair, ["--repo-type", "dataset"]))
        || words.contains(&"--repo-type=dataset");
    Some((if dataset { Purpose::Dataset } else { purpose }, start))
}

/// Programs that measure models by tasks, and the flags under which they take them.
const MEASURING: &[(&[&str], &str)] = &[
    (&["lm_eval", "lm-eval"], "--tasks"),
    (&["lighteval"], "--tasks"),
    (&["helm-run"], "--run-entries"),
];

/// The program of a command that measures models, and the position of the tasks it measures by.
pub(super) fn measures<'w>(words: &[&'w str]) -> Option<(&'w str, usize)> {
    let (program, flag) = MEASURING.iter().find_map(|(programs, flag)| {
        let found = words.iter().find(|word| programs.contains(*word))?;
        Some((*found, *flag))
    })?;
    let at = words
        .iter()
        .position(|word| *word == flag)?
        .saturating_add(1);
    words.get(at).map(|_| (program, at))
}

/// Whether a command trains.
pub(super) fn trains(words: &[&str]) -> bool {
    const PROGRAMS: &[&str] = &[
        "accelerate",
        "axolotl",
        "deepspeed",
        "llamafactory-cli",
        "torchrun",
        "trl",
        "tune",
        "swift",
    ];
    let program = |word: &&str| PROGRAMS.contains(&word.rsplit('/').next().unwrap_or_default());
    let script = |word: &&str| {
        let file = word.rsplit('/').next().unwrap_or_default();
        file.strip_suffix(".py").is_some_and(|name| {
            [
                "train",
                "sft",
                "dpo",
                "grpo",
                "ppo",
                "orpo",
                "kto",
                "finetune",
                "fine_tune",
                "reward",
            ]
            .iter()
            .any(|part| name.contains(part))
        })
    };
    words.iter().any(|word| program(word) || script(word))
}
