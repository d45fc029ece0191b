use crate::testing::{HARNESS, gaps, references, relations, told};

const MIXER: &str = "model_name_or_path: org/base-7b\nmodel_revision: v2\ntorch_dtype: bfloat16\ndataset_mixer:\n  lab/chat_200k: 0.5\n  lab/code: 1.0\ndataset_splits: [train_sft, test_sft]\nlearning_rate: 1e-4\nbf16: true\nhub_model_id: base-7b-sft\n";

#[test]
fn a_recipe_names_base_data_and_output_with_lineage() {
    assert_eq!(
        told("recipes/a.yaml", MIXER),
        [
            "pipeline recipes/a.yaml training 1",
            "model pkg:huggingface/org/base-7b base 1",
            "model pkg:huggingface/base-7b-sft output 10",
            "dataset pkg:huggingface/datasets/lab/chat_200k training 5",
            "dataset pkg:huggingface/datasets/lab/code training 6",
        ]
    );
    let all = references("a.yaml", MIXER);
    assert_eq!(all[1].attributes["revision"], "v2");
    assert_eq!(all[3].attributes["weight"], 0.5);
    assert_eq!(all[3].attributes["split"], "train_sft, test_sft");
    let relations = relations("a.yaml", MIXER);
    for wanted in [
        "model:pkg:huggingface/base-7b-sft fine_tuned_from model:pkg:huggingface/org/base-7b",
        "model:pkg:huggingface/base-7b-sft trained_on dataset:pkg:huggingface/datasets/lab/code",
        "pipeline:a.yaml writes model:pkg:huggingface/base-7b-sft",
    ] {
        assert!(relations.iter().any(|it| it == wanted), "{wanted}");
    }
}

#[test]
fn a_mixture_gives_each_data_set_its_configuration_split_and_weight() {
    let text = "model_name_or_path: org/m\ndataset_mixture:\n  datasets:\n    - id: lab/talk\n      config: SFT\n      split: train[:1%]\n      weight: 0.25\nlearning_rate: 1\noutput_dir: data/m-dpo\npush_to_hub: true\n";
    let all = references("x.yml", text);
    let talk = all.iter().find(|it| it.name == "lab/talk").unwrap();
    assert_eq!(talk.attributes["config"], "SFT");
    assert_eq!(talk.attributes["split"], "train[:1%]");
    assert_eq!(talk.attributes["weight"], 0.25);
    assert!(
        all.iter()
            .any(|it| it.key == "pkg:huggingface/m-dpo" && it.how == stance_core::How::Default)
    );
    // What is only written to a disk goes by its directory, when that says anything.
    let local = text.replace("push_to_hub: true", "push_to_hub: false");
    let kept = |text: &str| {
        let all = references("x.yml", text);
        let made = all.into_iter().find(|it| {
            it.attributes
                .get("role")
                .is_some_and(|role| role == "output")
        });
        made.map(|it| it.key)
    };
    assert_eq!(kept(&local).as_deref(), Some("file/data/m-dpo"));
    assert_eq!(kept(&local.replace("data/m-dpo", "./outputs")), None);
}

#[test]
fn recipes_of_other_libraries_are_known_by_their_keys() {
    let axolotl = "base_model: org/m-7b\nadapter: qlora\nlora_r: 8\ndatasets:\n  - path: lab/alpaca\n    type: alpaca\n  - path: json\n    data_files: x.json\n    ds_type: json\n  - path: data/local.jsonl\nmicro_batch_size: 1\n";
    assert_eq!(
        told("config.yaml", axolotl),
        [
            "pipeline config.yaml training 1",
            "model pkg:huggingface/org/m-7b base 1",
            "dataset pkg:huggingface/datasets/lab/alpaca training 5",
        ]
    );
    let json = r#"{"model_name": "org/m", "dataset_name": "lab/d", "dataset_config": "en", "use_peft": true, "learning_rate": 0.1}"#;
    let all = references("a.json", json);
    assert_eq!(all[2].attributes["config"], "en");
    assert_eq!(all[0].attributes["adapter"], "lora");
    let toml = "[model]\nmodel_name_or_path = \"org/m\"\n[data]\ndatasets = [\"lab/d\"]\n[training]\nlearning_rate = 1.0\nmax_steps = 3\n";
    assert_eq!(told("a.toml", toml).len(), 3);
    let tune = "model:\n  _component_: torchtune.models.llama3_1.lora_llama3_1_8b\ndataset:\n  _component_: torchtune.datasets.instruct_dataset\n  source: lab/d\n  split: train\n";
    assert_eq!(
        told("a.yaml", tune)[1],
        "model torchtune/llama3_1_8b base 2"
    );
    assert_eq!(
        told("a.yaml", tune)[2],
        "dataset pkg:huggingface/datasets/lab/d training 4"
    );
}

#[test]
fn what_only_looks_like_a_recipe_is_none() {
    for text in [
        // A serving configuration, a model card's settings, a questionnaire.
        "model: org/m\nport: 80\ngradient_accumulation_steps: 3\n",
        "base_model: org/m\nlibrary_name: peft\n",
        "model_name_or_path: org/m\n",
        "- model_name_or_path\n",
    ] {
        // The model that it names is told all the same.
        let all = told("a.yaml", text);
        assert!(
            all.iter().all(|it| it == "model pkg:huggingface/org/m - 1"),
            "{all:?}"
        );
    }
    let local = "model_name_or_path: /data/m\nbf16: true\nlearning_rate: 1\n";
    let all = references("a.yaml", local);
    assert_eq!(all[1].how, stance_core::How::Unresolved);
    assert_eq!(all[1].attributes["unresolved"], "a directory: /data/m");
}

#[test]
fn hostile_recipes_end_in_a_gap() {
    let deep = format!("hub_model_id: x\na: {}", "[".repeat(100_000));
    assert!(!gaps(&HARNESS.report("a.yaml", deep.as_bytes())).is_empty());
    let mut bomb = "base_model: x\nl0: &l0 [a, a, a, a, a, a, a, a, a]\n".to_owned();
    for level in 1..12 {
        let above = level - 1;
        bomb.push_str(&format!(
            "l{level}: &l{level} [{}]\n",
            format!("*l{above}, ").repeat(9)
        ));
    }
    assert!(!gaps(&HARNESS.report("a.yaml", bomb.as_bytes())).is_empty());
    HARNESS.survives_truncation("a.yaml", MIXER.as_bytes());
}

#[test]
fn what_uses_a_model_without_training_it_is_a_recipe_as_well() {
    let predict = "model_name_or_path: org/m-7b\nstage: sft\ndo_predict: true\nfinetuning_type: lora\neval_dataset: local_one\ntemplate: x\n";
    assert_eq!(
        told("predict.yaml", predict),
        [
            "pipeline predict.yaml evaluation 1",
            "model pkg:huggingface/org/m-7b base 1",
            "dataset local_one evaluation 5",
        ]
    );
    let export = "model: org/m-7b\npeft_config:\n  name: lora\n  export_dir: ./out\n";
    assert_eq!(
        told("export.yaml", export),
        [
            "pipeline export.yaml export 1",
            "model pkg:huggingface/org/m-7b base 1",
        ]
    );
    let filter = "model_name_or_path: org/m-7b\ndataset_name: lab/problems\nnum_generations: 8\noutput_dataset_name: lab/problems-filtered\n";
    assert_eq!(
        told("filter.yaml", filter),
        [
            "pipeline filter.yaml inference 1",
            "model pkg:huggingface/org/m-7b base 1",
            "dataset pkg:huggingface/datasets/lab/problems training 2",
            "dataset pkg:huggingface/datasets/lab/problems-filtered output 4",
        ]
    );
}

#[test]
fn what_a_recipe_tells_the_model_is_a_prompt() {
    let text = format!(
        "{MIXER}system_prompt: You answer questions about desks.\nprompt_template: chatml\n"
    );
    let told = told("recipes/a.yaml", &text);
    let prompts: Vec<&String> = told.iter().filter(|it| it.starts_with("prompt ")).collect();
    assert_eq!(prompts, ["prompt recipes/a.yaml#system_prompt system 11"]);
}
