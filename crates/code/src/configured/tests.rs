use stance_core::fact::{Artifact, EmbeddedKind, Fact};

use crate::testing::{report, survives_truncation};

fn names(name: &str, text: &str) -> Vec<String> {
    report(name, text.as_bytes())
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::Artifact(artifact) => Some(&**artifact),
            _ => None,
        })
        .flat_map(|artifact: &Artifact| &artifact.embedded)
        .filter(|found| found.kind == EmbeddedKind::ObjectTarget)
        .map(|found| found.name.clone())
        .collect()
}

#[test]
fn tags_count_however_they_are_spelled() {
    for text in [
        "a: !!python/object/apply:os.system [id]\n",
        "a: !<tag:yaml.org,2002:python/object/apply:os.system> [id]\n",
        "%TAG ! tag:yaml.org,2002:python/\n---\na: !object/apply:os.system [id]\n",
        "%TAG !x! tag:yaml.org,2002:py\n---\n- !x!thon/object/new:os.system [id]\n",
        "a: !!python/object/apply:os%2Esystem [id]\n",
        "? !!python/object/apply:os.system [id]\n: 1\n",
        "a: &x !!python/object/apply:os.system\n  args: [id]\nb: *x\n",
        "a: !!python/name:os.system ''\n",
        "a: !apply:os.system [id]\n",
        // Our reader stops before it, another one may not.
        "a: 'x\nb\n  c: !!python/object/apply:os.system [id]\n",
    ] {
        assert_eq!(names("x.yaml", text), ["os.system"], "{text}");
    }
    for text in [
        "a: '!!python/object/apply:os.system [id]'\n",
        "# !!python/object/apply:os.system\na: !!python/tuple [1]\n",
        "a: !ref <x>\nb: !!set {a}\n",
    ] {
        assert_eq!(names("x.yaml", text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn entries_are_told_with_what_they_refer_to() {
    for text in [
        "m:\n  _target_: os.system\n",
        "evil: os.system\nm:\n  _target_: ${evil}\n",
        "a:\n  b: [system]\nm:\n  _target_: os.${a.b[0]}\n",
        "m:\n  s: system\n  _target_: os.${.s}\n",
        "m:\n  _component_: os:system\n",
        "- class_path: os.system\n  init_args: {command: id}\n",
        "hook:\n  callable: os.system\n  args: [id]\n",
        "x:\n  target: os.system\n  params: {command: id}\n",
    ] {
        assert_eq!(names("x.yaml", text), ["os.system"], "{text}");
    }
    let lookup = "m:\n  _target_: hydra.utils.get_method\n  path: os.system\n";
    assert!(names("x.yaml", lookup).contains(&"os.system".to_owned()));
    for text in [
        r#"{"__kind__": "instance", "class": "os.system", "args": ["id"]}"#,
        r#"{"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["id"]}]}"#,
    ] {
        assert_eq!(names("x.json", text), ["os.system"], "{text}");
    }
    // Lists of what others may not do, and loops of references.
    for text in [
        "deny:\n- function: os.system\n",
        "function: run\nargs: [os.system]\n",
    ] {
        assert_eq!(names("x.yaml", text), Vec::<String>::new(), "{text}");
    }
    assert_eq!(
        names("x.yaml", "a: ${b}\nb: ${a}\nm:\n  _target_: ${a}\n").len(),
        1
    );
}

#[test]
fn files_that_end_anywhere_are_read_to_there() {
    let text = "%TAG !x! tag:yaml.org,2002:python/\n---\na: !x!object/apply:os.system [id]\nm:\n  _target_: ${a}.b\n";
    survives_truncation("x.yaml", text.as_bytes());
    // Many references, each of which grows what it stands in.
    let mut long = String::from("a0: os\n");
    for number in 1..2000 {
        long.push_str(&format!(
            "a{number}: {{_target_: '${{a0}}${{a0}}${{a0}}'}}\n"
        ));
    }
    assert_eq!(names("x.yaml", &long).len(), 1);
}
