//! What is about people is told, and what only looks so is not.

use std::fmt::Write as _;

use stance_core::fact::Fact;

use crate::testing::Harness;

const HARNESS: Harness = Harness(crate::PARSERS);

/// `class count` of what a file holds about people.
fn found(path: &str, text: &str) -> Vec<String> {
    let report = HARNESS.report(path, text.as_bytes());
    let facts = report.facts.into_iter();
    let all = facts.filter_map(|(_, fact)| match fact {
        Fact::Sensitive(it) => Some(it.found),
        _ => None,
    });
    all.flatten()
        .map(|(class, count)| format!("{class} {count}"))
        .collect()
}

const NONE: [&str; 0] = [];

#[test]
fn values_of_people_are_counted() {
    let mut text = String::from("id,contact,note\n");
    for (number, name) in ["ann", "bob", "eve", "joe"].iter().enumerate() {
        let _ = writeln!(
            text,
            "{number},{name}.smith@acme-mail.com,call +49 30 1234{number}67 or (212) 867-53{number}9"
        );
    }
    assert_eq!(
        found("data/a.csv", &text),
        ["email addresses 4", "phone numbers 8"]
    );
    let cards = "card\n4539 1488 0343 6467\n5425-2334-3010-9903\n4539148803436467\n";
    assert_eq!(found("data/b.csv", cards), ["payment card numbers 3"]);
    let ids = "a\n529.982.247-25\n111.444.777-35\nDE89370400440532013000\nGB82WEST12345698765432\n";
    assert_eq!(
        found("data/c.csv", ids),
        ["bank account numbers 2", "personal identity numbers (BR) 2"]
    );
}

#[test]
fn columns_say_what_they_hold() {
    let table = "Patient ID;First Name;Date of Birth;Diagnosis;Salary\n1;x;x;x;1\n2;x;x;x;2\n";
    assert_eq!(
        found("a.csv", table),
        [
            "dates of birth 2",
            "financial data 2",
            "health data 2",
            "names of people 2"
        ]
    );
    let lines = "{\"user\": {\"ssn\": \"x\"}, \"text\": \"a\"}\n{\"text\": \"b\"}\n";
    assert_eq!(found("a.jsonl", lines), ["government identifiers 2"]);
    assert_eq!(
        found("a.csv", "race,sex,label\nx,y,1\n"),
        ["special categories 1"]
    );
}

#[test]
fn what_only_looks_like_people_is_left_out() {
    // Examples, roles, packages, images; two addresses alone.
    let mail = "a\nann@example.com\ninfo@acme.io\nnoreply@acme.io\nicon@2x.png\nlodash@4.17.21\nx@acme.io\ny@acme.io\ngit@github.com:a/b\n";
    assert_eq!(found("a.csv", mail), NONE);
    // Ids of sixteen digits: some pass the check by chance, most do not.
    let mut ids = String::from("id,text\n");
    for number in 0_u64..400 {
        let _ = writeln!(
            ids,
            "{},x",
            4_000_000_000_000_000_u64 + number * 7_777_777_777
        );
    }
    assert_eq!(found("a.csv", &ids), NONE);
    // Dates, versions, prices, coordinates, hashes, times.
    let numbers = "x\n2024-01-02\n10.0.0.1\n+40.712800\n-74.006000\n1.234.567-89\n1700000000000\n20240102123456\n555-555-0199\n212-555-0123\n+1.5\n+1.50000000\n";
    assert_eq!(found("a.csv", numbers), NONE);
    let text = "{\"prompt\": \"What is a diagnosis?\", \"name\": \"x\", \"race\": \"Derby\"}\n";
    assert_eq!(found("a.jsonl", text), NONE);
    // Eleven digits that are dates and hours, and order numbers.
    let mut orders = String::from("order\n");
    for number in 0_u64..200 {
        let _ = writeln!(orders, "{}", 24_010_100_000_u64 + number * 13);
    }
    assert_eq!(found("a.csv", &orders), NONE);
    assert_eq!(found("a.json", "{\"ssn\": 1}"), NONE);
    assert_eq!(found("notes.txt", "a@b.co c@d.co e@f.co"), NONE);
    assert_eq!(found("empty.csv", ""), NONE);
}

#[test]
fn of_a_large_file_a_sample_is_read() {
    let mut text = String::from("id,text\n");
    while text.len() < 3 << 20 {
        text.push_str("1,nothing to see here at all\n");
    }
    for name in ["ann", "bob", "eve"] {
        let _ = writeln!(text, "1,{name}@acme-mail.com");
    }
    let report = HARNESS.report("a.csv", text.as_bytes());
    let sampled = report.facts.iter().find_map(|(_, fact)| match fact {
        Fact::Sensitive(it) => Some(it.sampled),
        _ => None,
    });
    assert_eq!(sampled, Some(3 * super::SAMPLE));
}
