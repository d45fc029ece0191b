use crate::testing::{HARNESS, gaps, references, relations, told};

const TRAIN: &str = r#"#!/bin/bash
#SBATCH --gpus=8
# python train.py --model_name_or_path other/model
BASE="acme-labs/tiny-3b"
DATA=acme-labs/chat-pairs
accelerate launch --config_file configs/zero3.yaml scripts/sft.py \
    --model_name_or_path "$BASE" \
    --dataset_mixer_list $DATA 1.0 acme-labs/extra 0.5 \
    --dataset_name=imdb \
    --output_dir data/out \
    --hub_model_id tiny-3b-chat
echo "usage: --model acme-labs/never"
"#;

#[test]
fn arguments_of_training_name_what_goes_in_and_comes_out() {
    assert_eq!(
        told("slurm/train.slurm", TRAIN),
        [
            "model pkg:huggingface/acme-labs/tiny-3b base 7",
            "dataset pkg:huggingface/datasets/acme-labs/chat-pairs training 8",
            "dataset pkg:huggingface/datasets/acme-labs/extra training 8",
            "dataset pkg:huggingface/datasets/imdb training 9",
            "model pkg:huggingface/tiny-3b-chat output 11",
            "pipeline slurm/train.slurm training 6",
        ]
    );
    assert!(relations("slurm/train.slurm", TRAIN).contains(
        &"model:pkg:huggingface/tiny-3b-chat fine_tuned_from model:pkg:huggingface/acme-labs/tiny-3b"
            .to_owned()
    ));
}

#[test]
fn variables_and_serving_commands_name_models() {
    let serve = "MODEL_PATH=\"Qwen/Qwen3-4B\"\nwhile getopts m: o; do MODEL_PATH=\"$OPTARG\"; done\nsrun bash -c \"vllm serve '$MODEL_PATH' --port 8000\"\nollama pull ${LOCAL:-llama3.2}\nhuggingface-cli download acme/words --repo-type dataset\npython ask.py --model gpt-4o --dataset ./data/x.json\npython ask.py --model $FROM_OUTSIDE\npython ask.py --model $1\n";
    assert_eq!(
        told("serve.sh", serve),
        [
            "model pkg:huggingface/Qwen/Qwen3-4B base 1",
            "model pkg:huggingface/Qwen/Qwen3-4B inference 3",
            "model ollama/llama3.2 base 4",
            "dataset pkg:huggingface/datasets/acme/words training 5",
            "model openai/gpt-4o base 6",
            "model unresolved/serve.sh#FROM_OUTSIDE - 7",
        ]
    );
    assert_eq!(
        references("serve.sh", serve)[5].how,
        stance_core::How::Unresolved
    );
    assert_eq!(
        told("Makefile", "LLM_MODEL ?= gpt-4o-mini\nrun:\n\t@echo hi\n"),
        ["model openai/gpt-4o-mini base 1"]
    );
}

#[test]
fn hostile_scripts_end() {
    HARNESS.survives_truncation("a.sh", TRAIN.as_bytes());
    let many = "python x.py --model a-b/c\n".repeat(1000);
    assert!(!gaps(&HARNESS.report("a.sh", many.as_bytes())).is_empty());
    let doubling = format!("A=ab/cd\n{}x --model $A\n", "A=$A$A\n".repeat(60));
    assert!(gaps(&HARNESS.report("a.sh", doubling.as_bytes())).is_empty());
    let circle = "A=$B\nB=$A\npython x.py --model $A\n";
    assert!(gaps(&HARNESS.report("a.sh", circle.as_bytes())).is_empty());
}

#[test]
fn tasks_directories_and_containers_of_commands_are_told() {
    let script = "lm_eval --model hf --tasks gsm8k,acme_desks --batch_size 8\ntorchrun train.py --model_id org/base-7b --output_dir runs/base-7b-desks\npython convert.py --output_dir runs/other-thing\nollama pull llama3.2:1b\ndocker run -d --name tgi -p 8080:80 ghcr.io/huggingface/text-generation-inference:3.0.1 --model-id org/m\n";
    let all = told("run.sh", script);
    for want in [
        "evaluator run.sh#gsm8k - 1",
        "evaluator run.sh#acme_desks - 1",
        "model file/runs/base-7b-desks output 2",
        "model ollama/llama3.2:1b base 4",
        "model pkg:huggingface/org/m base 5",
    ] {
        assert!(all.contains(&want.to_owned()), "{want}: {all:?}");
    }
    assert!(!all.iter().any(|one| one.contains("other-thing")));
    let report = HARNESS.report("run.sh", script.as_bytes());
    let service = report.facts.iter().find_map(|(_, fact)| match fact {
        stance_core::fact::Fact::Service(service) => Some(service),
        _ => None,
    });
    let service = service.unwrap();
    assert_eq!(service.name, "tgi");
    assert_eq!(
        &*service.image.as_ref().unwrap().name,
        "ghcr.io/huggingface/text-generation-inference"
    );
    assert_eq!(service.ports[0].value, "8080:80");
}

#[test]
fn commands_of_pipelines_and_packages_name_models() {
    let pipeline = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          pip install x\n          python bench.py --model acme/own-7b --llm gpt-4o\n      - run: ollama pull phi3\n";
    let all = told(".github/workflows/a.yml", pipeline);
    for wanted in [
        "model pkg:huggingface/acme/own-7b base 8",
        "model openai/gpt-4o base 8",
        "model ollama/phi3 base 9",
    ] {
        assert!(all.contains(&wanted.to_owned()), "{wanted}: {all:?}");
    }
    let package = "{\"scripts\": {\n\"eval\": \"node run.js --model gpt-4o-mini\",\n\"test\": \"jest --config x\"}}";
    assert_eq!(
        told("package.json", package),
        ["model openai/gpt-4o-mini base 2"]
    );
    assert!(told("other.json", package).is_empty());
}
