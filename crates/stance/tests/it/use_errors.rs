//! Errors of use and configuration: exit code 2, and words that help.

use crate::harness::Scratch;

#[test]
fn a_path_that_does_not_exist_is_an_error_that_names_it() {
    let run = Scratch::new().run(&["scan", "nowhere"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("nowhere"), "{}", run.stderr);
}

#[test]
fn an_unknown_key_names_its_place_and_the_nearest_known_one() {
    let scratch = Scratch::new();
    scratch.write("stance.toml", "[scan]\n\nexlude = [\"x\"]\n");
    let run = scratch.run(&["scan"]);
    assert_eq!(run.code, 2);
    for part in ["stance.toml:3:1", "`scan.exlude`", "`exclude`"] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
}

#[test]
fn a_configuration_that_makes_no_sense_is_an_error_at_its_place() {
    for (text, part) in [
        ("[scan\n", "stance.toml:1"),
        ("[report]\nfail-on = \"hgih\"\n", "stance.toml:2"),
        (
            "[rules]\ndisable = [\"model/pickle-exce\"]\n",
            "`model/pickle-exec`",
        ),
        (
            "[[waiver]]\nrule = \"model/*\"\npath = \"**\"\nreason = \"\"\nowner = \"o\"\nexpires = 2999-01-01\n",
            "`reason` is empty",
        ),
        (
            "[[waiver]]\nrule = \"model/*\"\npath = \"**\"\nreason = \"r\"\nexpires = 2999-01-01\n",
            "owner",
        ),
        (
            "[[waiver]]\nrule = \"model/*\"\nreason = \"r\"\nowner = \"o\"\nexpires = 2999-01-01\n",
            "`path` or `asset`",
        ),
        (
            "[[waiver]]\nrule = \"model/*\"\npath = \"**\"\nreason = \"r\"\nowner = \"o\"\nexpires = \"soon\"\n",
            "soon",
        ),
        ("[models]\npublishers = \"mistralai\"\n", "stance.toml:2"),
        ("[models]\npublishers = [7]\n", "stance.toml:2"),
        (
            "[models]\n\npublishers = [\"mistralai\", \"meta-llama/Llama-3\"]\n",
            "stance.toml:3",
        ),
        (
            "[models]\npublishers = [\"https://huggingface.co/mistralai\"]\n",
            "before the slash",
        ),
        ("[models]\npublishers = [\" \"]\n", "is no publisher"),
        ("[policy]\nuse = \"profit\"\n", "stance.toml:2"),
        ("[policy]\nsanctioned = \"openai\"\n", "stance.toml:2"),
        (
            "[policy]\nsanctioned = [\"Opn AI\"]\n",
            "no vendor or service `Opn AI`",
        ),
        ("[[policy.path]]\npath = \"a/**\"\n", "missing field `use`"),
        ("[scan]\nthreads = -1\n", "stance.toml:2"),
        ("[scan]\nmax-depth = 4000\n", "stance.toml:2"),
        ("[scan]\nhash = \"yes\"\n", "stance.toml:2"),
        ("[scan]\nexclude = [\"a[\"]\n", "`a[` is no glob pattern"),
        (
            "[rules.severity]\n\"model/*\" = \"awful\"\n",
            "stance.toml:2",
        ),
        ("[provenance]\nrequired = 1\n", "stance.toml:2"),
        ("[provenance]\nidentities = [\"somebody\"]\n", "somebody"),
        (
            "[provenance]\npublic-keys = [\"absent.pub\"]\n",
            "absent.pub",
        ),
        (
            "[[catalogue.allow]]\nname = \"our.codecs\"\nreason = \" \"\n",
            "has no reason",
        ),
        (
            "[[catalogue.allow]]\nname = \"os.system\"\nreason = \"r\"\n",
            "cannot allow `os.system`",
        ),
        (
            "[[catalogue.deny]]\nname = \"*\"\nreason = \"r\"\n",
            "cannot deny `*`",
        ),
    ] {
        let scratch = Scratch::new();
        scratch.write("stance.toml", text);
        let run = scratch.run(&["scan"]);
        assert_eq!(run.code, 2, "{text}: {}", run.stderr);
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
}

#[test]
fn a_configuration_is_found_upwards_and_origins_are_told() {
    let scratch = Scratch::new();
    scratch.write(
        "stance.toml",
        "[report]\nfail-on = \"low\"\n[scan]\nhash = true\n",
    );
    scratch.write("a/b/x.txt", "x");
    let output = scratch
        .command()
        .current_dir(scratch.tree().join("a/b"))
        .args(["config", "show", "--threads", "3"])
        .env("STANCE_FAIL_ON", "medium")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |key: &str| {
        text.lines()
            .find(|line| line.starts_with(key))
            .unwrap()
            .to_owned()
    };
    assert!(
        line("report.fail-on").contains("medium")
            && line("report.fail-on").contains("environment STANCE_FAIL_ON")
    );
    assert!(line("scan.threads").contains('3') && line("scan.threads").contains("flag --threads"));
    assert!(line("scan.hash").contains("true") && line("scan.hash").contains("stance.toml:4"));
    assert!(line("scan.ignored").contains("# default"));
}

#[test]
fn what_init_writes_is_read_back_and_never_overwritten() {
    let scratch = Scratch::new();
    assert_eq!(scratch.run(&["init"]).code, 0);
    assert_eq!(scratch.run(&["scan"]).code, 0);
    let again = scratch.run(&["init"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("already there"));
    // Every commented key is a real one: uncommented, the file still reads.
    let path = scratch.tree().join("stance.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let keys: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") && !rest.contains("`") => format!("{rest}\n"),
            _ if line == "# [[waiver]]" => "[[waiver]]\n".to_owned(),
            _ => format!("{line}\n"),
        })
        .filter(|line| !line.starts_with("baseline") && !line.starts_with("data-dir"))
        .collect();
    std::fs::write(&path, keys).unwrap();
    let shown = scratch.run(&["config", "show"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("scan.threads = 0") && shown.stdout.contains("stance.toml:"));
}

#[test]
fn a_mistyped_rule_is_answered_with_the_nearest_one() {
    let run = Scratch::new().run(&["explain", "pickle-exce"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`model/pickle-exec`"), "{}", run.stderr);
    assert_eq!(Scratch::new().run(&["scan", "--fail-on", "hgih"]).code, 2);
    assert_eq!(Scratch::new().run(&["scan", "--output", "sarif"]).code, 2);
}

#[test]
fn the_limits_of_parsers_are_configuration() {
    let scratch = Scratch::new();
    let text = format!(
        "import pickle\npickle.load(x)\n{}",
        "# padding\n".repeat(200_000)
    );
    scratch.write("a.py", text);
    let found = |rule: &str| {
        let report = scratch.scan(&[]).1;
        crate::harness::of_rule(&report, rule).len()
    };
    assert_eq!(
        (found("code/pickle-load"), found("coverage/too-large")),
        (1, 0)
    );
    scratch.write("stance.toml", "[scan]\nmax-text = 1\n");
    assert_eq!(
        (found("code/pickle-load"), found("coverage/too-large")),
        (0, 1)
    );
}

#[test]
fn a_list_of_publishers_holds_for_what_code_names() {
    let scratch = Scratch::new();
    scratch.write(
        "app.py",
        "from transformers import AutoModel\n\
         a = AutoModel.from_pretrained(\"MistralAI/one\")\n\
         b = AutoModel.from_pretrained(\"somebody/two\")\n",
    );
    let named = |scratch: &Scratch| {
        let (_, report) = scratch.scan(&["--no-store"]);
        let findings = crate::harness::of_rule(&report, "supply-chain/unlisted-publisher");
        findings.len()
    };
    assert_eq!(named(&scratch), 0, "without a list nobody is kept out");
    scratch.write("stance.toml", "[models]\npublishers = [\"mistralai\"]\n");
    assert_eq!(named(&scratch), 1);
    let shown = scratch.run(&["config", "show"]);
    let line = shown
        .stdout
        .lines()
        .find(|line| line.starts_with("models.publishers"));
    let line = line.unwrap_or_default();
    assert!(
        line.contains("mistralai") && line.contains("stance.toml:2"),
        "{line}"
    );
}

#[test]
fn a_policy_says_whose_services_and_which_licences_may_be_used() {
    let scratch = Scratch::new();
    scratch.write(
        "app.py",
        "import openai\n\
         openai.OpenAI().chat.completions.create(model=\"gpt-5.5\", messages=[])\n",
    );
    let model = "from transformers import AutoModel\n\
                 m = AutoModel.from_pretrained(\"CohereLabs/c4ai-command-r-plus\")\n";
    scratch.write("serve.py", model);
    scratch.write("lab/try.py", model);
    let found = |rule: &str| {
        let (_, report) = scratch.scan(&["--no-store"]);
        crate::harness::of_rule(&report, rule).len()
    };
    let counts = || {
        (
            found("governance/unsanctioned-vendor"),
            found("supply-chain/licence-forbids-use"),
        )
    };
    assert_eq!(counts(), (0, 0), "nothing was decided");
    scratch.write(
        "stance.toml",
        "[policy]\nuse = \"commercial\"\nsanctioned = [\"azure\"]\n",
    );
    assert_eq!(counts(), (1, 2));
    scratch.write(
        "stance.toml",
        "[policy]\nuse = \"commercial\"\nsanctioned = [\"openai\"]\n\
         [[policy.path]]\npath = \"lab/**\"\nuse = \"research\"\n",
    );
    assert_eq!(counts(), (0, 1));
    let shown = scratch.run(&["config", "show"]).stdout;
    for (key, value) in [
        ("policy.use", "commercial"),
        ("policy.sanctioned", "openai"),
    ] {
        let line = shown.lines().find(|line| line.starts_with(key));
        assert!(line.unwrap_or_default().contains(value), "{shown}");
    }
}
