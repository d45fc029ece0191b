//! Files that are read for what they say to a model.

use stance_core::fact::Fact;

use super::scan;

/// `from path line` of the files that source reads for a model, in order.
fn opened(content: &str) -> Vec<String> {
    let facts = scan("app/agents/run.py", content, &[]);
    let opened = facts.into_iter().filter_map(|fact| match fact {
        Fact::Opened(opened) => Some(format!(
            "{:?} {} {}",
            opened.from,
            opened.path,
            opened.evidence.locus.line().unwrap_or_default()
        )),
        _ => None,
    });
    opened.collect()
}

#[test]
fn a_prompt_is_known_by_its_path_by_who_gets_it_and_by_who_reads_it() {
    let source = r#"
import os
from pathlib import Path
from importlib import resources
from agents import Agent

HERE = Path(__file__).resolve().parent
SYSTEM_PROMPT = (HERE / "texts" / "role.md").read_text(encoding="utf-8").strip()
PLAN = open("prompts/plan.txt").read()
NOTES = open("notes/plan.txt").read()
JUDGE_PROMPT = open(os.path.join(os.path.dirname(__file__), "..", "texts", "judge.md")).read()

def load_system_prompt():
    with open(HERE.parent / "words.txt", "r") as file:
        return file.read()

def helper():
    text = resources.files("app.texts").joinpath("helper.md").read_text()
    return Agent(name="helper", instructions=text)

ROOT = Path(__file__).parents[2]
prompt = (ROOT / "ask.md").read_text()
more_prompt = open(f"{HERE.parent}/more.md").read()

def _read(name):
    return name
ROUTER_PROMPT = _read("router.txt")
"#;
    assert_eq!(
        opened(source),
        [
            "Here texts/role.md 8",
            "Start prompts/plan.txt 9",
            "Here ../texts/judge.md 11",
            "Here ../../ask.md 22",
            "Here ../more.md 23",
            "Start router.txt 27",
            "Here ../words.txt 15",
            "Start app/texts/helper.md 19",
        ]
    );
}

#[test]
fn what_stands_behind_an_unknown_directory_is_known_by_its_end() {
    let source = r#"
from .settings import PROMPT_DIR
from jinja2 import Environment, FileSystemLoader
import openai

env = Environment(loader=FileSystemLoader(PROMPT_DIR))

def ask(topic):
    system_prompt = (PROMPT_DIR / "ask.md").read_text()
    user_prompt = env.get_template("user.j2").render(topic=topic)
    load_prompt("summary")
    load_prompt("summary of a page that is long")
    return openai.OpenAI().chat.completions.create(model="gpt-4o", messages=[{"role": "system", "content": system_prompt}])
"#;
    assert_eq!(
        opened(source),
        [
            "Elsewhere ask.md 9",
            "Elsewhere user.j2 10",
            "Stem summary 11"
        ]
    );
}

#[test]
fn what_no_model_is_told_and_what_is_no_file_of_the_tree_is_left_out() {
    let source = r#"
import os
from pathlib import Path
prompt_id = 1
README = Path("README.md").read_text()
page = env.get_template("index.j2").render()
SYSTEM_PROMPT = open("/etc/motd.txt").read()
OTHER_PROMPT = open(f"prompts/{name}.md").read()
ratio = 4 / 2
instructions_url = open("https://acme.dev/prompt.md").read()
"#;
    assert_eq!(opened(source), [] as [&str; 0]);
}
