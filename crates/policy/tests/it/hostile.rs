//! Whatever a policy does, it ends with a clear error within its limits.

use std::time::{Duration, Instant};

use serde_json::json;
use stance_policy::{Asked, Fault, Limits, What};

use crate::{compile, within};

fn limits() -> Limits {
    Limits {
        time: Duration::from_millis(500),
        produced: 8 << 20,
        nodes: 100_000,
        ..Limits::default()
    }
}

/// The fault that a policy ends with, and soon.
fn ends(text: &str) -> Fault {
    let start = Instant::now();
    let fault = match within(text, &limits()) {
        Err(faults) => faults.into_iter().next().unwrap(),
        Ok(bundle) => {
            let rules = ["data.t.p".to_owned()];
            let input = json!({});
            let asked = Asked::new(&rules, Some(&input));
            bundle.policy.evaluate(&asked).unwrap_err()
        }
    };
    let took = start.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}: {fault}");
    assert_ne!(fault.what, What::Panic, "{fault}");
    fault
}

#[test]
fn loops_end_with_their_time() {
    let nested = "package t\np contains x if {\n\tsome a in numbers.range(1, 5000)\n\tsome b in numbers.range(1, 5000)\n\tsome c in numbers.range(1, 5000)\n\tx := a + b + c\n}\n";
    assert_eq!(ends(nested).what, What::Time);
    let walked = "package t\nd := [[i | some i in numbers.range(1, 50)] | some j in numbers.range(1, 50)]\np if {\n\twalk(d, [a, _])\n\twalk(d, [b, _])\n\twalk(d, [c, _])\n\tcount(a) + count(b) + count(c) < 0\n}\n";
    assert_eq!(ends(walked).what, What::Time);
}

#[test]
fn ranges_and_texts_are_no_larger_than_they_may_be() {
    assert_eq!(
        ends("package t\np := numbers.range(1, 1000000000)\n").what,
        What::Memory
    );
    let mut doubling = String::from("package t\nx0 := \"aaaaaaaaaaaaaaaa\"\n");
    for number in 1..60 {
        let before = number - 1;
        doubling.push_str(&format!(
            "x{number} := concat(\"\", [x{before}, x{before}])\n"
        ));
    }
    doubling.push_str("p := x59\n");
    assert_eq!(ends(&doubling).what, What::Memory);
    assert_eq!(
        ends("package t\np := sprintf(\"%1000000000d\", [1])\n").what,
        What::Memory
    );
    assert_eq!(
        ends("package t\np := bits.lsh(1, 1000000000000)\n").what,
        What::Memory
    );
    let text = "a".repeat(4000);
    let replaced = format!("package t\np := replace(\"{text}\", \"a\", \"{text}\")\n");
    assert_eq!(ends(&replaced).what, What::Memory);
}

#[test]
fn values_that_share_their_parts_are_not_unfolded() {
    let mut shared = String::from("package t\nx0 := [1, 2]\n");
    for number in 1..60 {
        let before = number - 1;
        shared.push_str(&format!("x{number} := [x{before}, x{before}]\n"));
    }
    let result = format!("{shared}p := x59\n");
    assert_eq!(ends(&result).what, What::Memory);
    let marshalled = format!("{shared}p := json.marshal(x59)\n");
    assert_eq!(ends(&marshalled).what, What::Memory);
}

#[test]
fn paths_through_a_graph_are_no_more_than_they_may_be() {
    let graph = "package t\nnodes := numbers.range(1, 40)\ng[a] := [b | some b in nodes; b > a] if some a in nodes\np := graph.reachable_paths(g, [1])\n";
    assert!(matches!(ends(graph).what, What::Memory | What::Time));
}

#[test]
fn depth_is_bounded_before_anything_recurses() {
    let nested = format!(
        "package t\np := {}1{}\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert_eq!(ends(&nested).what, What::Size);
    let sum = format!("package t\np := 1{}\n", " + 1".repeat(100_000));
    assert_eq!(ends(&sum).what, What::Size);
    let dots = format!("package t\np := input{}\n", ".a".repeat(100_000));
    assert_eq!(ends(&dots).what, What::Size);
    let lines = format!("package t\np := 1{}\n", " +\n1".repeat(100_000));
    assert_eq!(ends(&lines).what, What::Size);
    let mut row = String::from("package t\nx0 := 1\n");
    for number in 1..2000 {
        row.push_str(&format!("x{number} := x{} + 1\n", number - 1));
    }
    row.push_str("p := x1999\n");
    assert_eq!(ends(&row).what, What::Size);
    assert_eq!(
        ends(&format!("package t\n# {}\n", "x".repeat(2 << 20))).what,
        What::Size
    );
}

#[test]
fn the_deepest_policy_that_is_allowed_is_evaluated() {
    let deepest = format!("package t\nx0 := {}1{}\n", "[".repeat(17), "]".repeat(17));
    let mut row = deepest;
    for number in 1..250 {
        row.push_str(&format!("x{number} := [y | y := x{}][0]\n", number - 1));
    }
    row.push_str("p := x249\n");
    assert!(crate::value(&row).unwrap().is_some());
}

#[test]
fn rules_that_need_themselves_are_told() {
    let fault = ends("package t\np := q\nq := p\n");
    assert_eq!(fault.what, What::Recursion, "{fault}");
    let fault = ends("package t\nf(x) := g(x)\ng(x) := data.t.f(x)\np := f(1)\n");
    assert_eq!(fault.what, What::Recursion, "{fault}");
}

#[test]
fn what_breaks_the_engine_is_counted_instead() {
    assert_eq!(
        crate::value("package t\np := strings.count(\"abc\", \"\")\n").unwrap(),
        Some(json!(4))
    );
}

#[test]
fn nothing_dials_and_nothing_reads_the_environment() {
    for call in [
        "http.send({\"url\": \"http://127.0.0.1:1\", \"method\": \"get\"})",
        "opa.runtime()",
    ] {
        let fault = ends(&format!("package t\np := {call}\n"));
        assert_eq!(fault.what, What::Function, "{fault}");
        assert!(fault.message.contains("or input"), "{fault}");
    }
    let mocked = "package t\nq := http.send({\"url\": \"x\"}).status\np := x if x := q with http.send as {\"status\": 200}\n";
    assert_eq!(crate::value(mocked).unwrap(), Some(json!(200)));
}

#[test]
fn broken_text_is_told_with_its_place() {
    for text in [
        "",
        "package",
        "package t\np := \n",
        "package t\np := \"",
        "package t\np := $\"{",
        "\0",
        "package t\np := }",
    ] {
        let faults = compile(text).unwrap_err();
        assert!(
            faults.iter().all(|it| it.place.is_some()),
            "{text:?}: {faults:?}"
        );
    }
}

#[test]
fn numbers_beyond_all_bounds_are_refused() {
    for text in [
        "p := 1e999999999",
        "p := to_number(\"1e999999999\")",
        "p := 2 * 1e308 * 1e308",
    ] {
        let text = format!("package t\n{text}\n");
        let start = Instant::now();
        if let Ok(bundle) = within(&text, &limits()) {
            let rules = ["data.t.p".to_owned()];
            let _: Result<_, Fault> = bundle.policy.evaluate(&Asked::new(&rules, None));
        }
        assert!(start.elapsed() < Duration::from_secs(10));
    }
}
