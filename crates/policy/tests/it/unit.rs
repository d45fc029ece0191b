//! Unit tests in Rego.

use serde_json::json;
use stance_policy::rego::Rego;
use stance_policy::tests::{Verdict, run};
use stance_policy::{Asked, Bundle, Limits, Source, Version};

#[test]
fn tests_pass_fail_and_say_where() {
    let policy = "package a\n\ndeny contains \"big\" if input.size > 10\n\nnever if {\n\tinput.other == 1\n\tinput.more == 2\n}\n";
    let tests = "package a_test\n\nimport data.a\n\ntest_big if count(a.deny) == 1 with input as {\"size\": 11}\n\ntest_small if {\n\tx := a.deny with input as {\"size\": 1}\n\tcount(x) == 1\n\tx == x\n}\n\ntodo_test_later if false\n\ntest_broken if http.send({})\n";
    let sources = [
        Source::new("a.rego", policy),
        Source::new("a_test.rego", tests),
    ];
    let bundle =
        Bundle::compile(&Rego, &sources, json!({}), Version::V1, &Limits::default()).unwrap();
    let report = run(&bundle, &Asked::new(&[], None), &|_| true);
    let verdicts: Vec<Verdict> = report.tests.iter().map(|it| it.verdict).collect();
    assert_eq!(
        verdicts,
        [Verdict::Pass, Verdict::Fail, Verdict::Skip, Verdict::Error]
    );
    assert_eq!(report.tests[1].expression.as_deref(), Some("count(x) == 1"));
    assert_eq!(report.tests[1].failed_at, Some(9));
    let lines = &report.coverage[0];
    assert_eq!((report.coverage.len(), lines.file.as_str()), (1, "a.rego"));
    assert!(
        lines.covered.contains(&3) && lines.missed.contains(&7),
        "{lines:?}"
    );
    let report = run(&bundle, &Asked::new(&[], None), &|name| {
        name.ends_with("test_big")
    });
    assert_eq!(report.tests.len(), 1);
}
