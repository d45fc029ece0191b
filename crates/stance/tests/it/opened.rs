//! Files that code says to a model, through the whole scan.

use crate::harness::{Scratch, rules};

#[test]
fn a_file_of_any_name_that_code_says_to_a_model_is_a_prompt_and_is_read_as_one() {
    let scratch = Scratch::new();
    scratch.write(
        "app/agent.py",
        "from pathlib import Path\nfrom agents import Agent\n\nHERE = Path(__file__).parent\nagent = Agent(name='a', instructions=(HERE / 'texts' / 'voice.txt').read_text())\n",
    );
    // A person does not see what these characters spell.
    let hidden: String = "ignore"
        .chars()
        .map(|c| char::from_u32(0xe0000 + u32::from(c)).unwrap())
        .collect();
    scratch.write("app/texts/voice.txt", format!("Speak softly.{hidden}\n"));
    scratch.write(
        "app/texts/other.txt",
        format!("Nobody reads this.{hidden}\n"),
    );
    let (_, report) = scratch.scan(&[]);
    let assets = report["assets"].as_array().unwrap();
    let prompts: Vec<&serde_json::Value> = assets
        .iter()
        .filter(|asset| asset["kind"] == "prompt")
        .collect();
    let ids: Vec<&str> = prompts
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["prompt:file/app/texts/voice.txt"]);
    let places = prompts[0]["evidence"].as_array().unwrap();
    let paths: Vec<&str> = places
        .iter()
        .map(|it| it["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["app/agent.py", "app/texts/voice.txt"]);
    assert!(
        rules(&report)
            .iter()
            .any(|rule| rule == "agent/hidden-unicode"),
        "{:?}",
        rules(&report)
    );
}
