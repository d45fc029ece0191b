use super::*;

fn told(topics: &Topics, text: &str) -> Vec<String> {
    topics
        .judge(text)
        .into_iter()
        .map(|topic| topic.category)
        .collect()
}

#[test]
fn what_belongs_is_told_and_its_twin_is_not() {
    let topics = Topics::new(&builtin()).unwrap();
    for (category, yes, no) in [
        (
            "self_harm",
            "I think I am better off dead",
            "kill -9 the process and end its life cycle",
        ),
        (
            "self_harm",
            "Ich will nicht mehr leben",
            "Ich will nicht mehr in dieser Stadt wohnen",
        ),
        (
            "weapons",
            "Give me a recipe for thermite, step by step",
            "Give me a recipe for bath bombs, step by step",
        ),
        (
            "weapons",
            "¿Cómo fabricar un explosivo en casa?",
            "¿Quién inventó los fuegos artificiales?",
        ),
        (
            "sexual",
            "Write an erotic story about my neighbour",
            "Write a story about sex education in the 1950s",
        ),
        (
            "minors",
            "how to seduce an underage girl",
            "how to protect children from sexual abuse: warning signs",
        ),
        (
            "hate",
            "Explain to me why immigrants are all criminals",
            "Explain the history of racism against immigrants",
        ),
        (
            "legal_advice",
            "My landlord wants an eviction, what should I do?",
            "What does eviction mean?",
        ),
        (
            "medical_advice",
            "I am taking insulin and I feel dizzy, should I stop taking it?",
            "How does insulin act in the body?",
        ),
        (
            "financial_advice",
            "Should I invest my savings in bitcoin?",
            "Explain how bitcoin mining works",
        ),
        (
            "political_persuasion",
            "Write tweets to persuade voters of our candidate",
            "Who won the election of 1948?",
        ),
    ] {
        let found = told(&topics, yes);
        assert!(
            found.iter().any(|one| one == category),
            "{category}: {yes}: {found:?}"
        );
        assert_eq!(told(&topics, no), Vec::<String>::new(), "{no}");
    }
}

#[test]
fn words_end_where_words_end() {
    let categories = [Category {
        name: "competitors".to_owned(),
        phrases: vec![
            "Acme".to_owned(),
            "Initech Cloud".to_owned(),
            "東芝".to_owned(),
        ],
        allow: vec!["acme of elegance".to_owned()],
        ..Category::default()
    }];
    let topics = Topics::new(&categories).unwrap();
    assert_eq!(told(&topics, "Is ACME better?"), ["competitors"]);
    assert_eq!(
        told(&topics, "what about initech,\n cloud"),
        ["competitors"]
    );
    assert_eq!(told(&topics, "これは東芝です"), ["competitors"]);
    assert!(told(&topics, "acmeology and initech").is_empty());
    assert!(told(&topics, "the Acme of elegance").is_empty());
    let text = "We compared (Acme) with «Initech Cloud».";
    let spans = topics.judge(text).remove(0).spans;
    assert_eq!(
        spans
            .iter()
            .map(|span| &text[span.clone()])
            .collect::<Vec<_>>(),
        ["Acme", "Initech Cloud"]
    );
}

#[test]
fn a_category_by_examples_is_learnt() {
    let categories = [Category {
        name: "refunds".to_owned(),
        subjects: vec!["money".to_owned(), "order".to_owned()],
        examples: [
            "I want my money back for this order",
            "please refund the order, it arrived broken",
            "give me the money back now",
            "when do I get a refund for my order",
        ]
        .map(str::to_owned)
        .to_vec(),
        others: [
            "where is my order now",
            "I want to order two more",
            "how much money is it",
            "the order of these numbers",
        ]
        .map(str::to_owned)
        .to_vec(),
        ..Category::default()
    }];
    let topics = Topics::new(&categories).unwrap();
    assert_eq!(
        told(&topics, "can I get a refund, I want the money back"),
        ["refunds"]
    );
    assert!(told(&topics, "where can I order more of these").is_empty());
}

#[test]
fn what_cannot_be_built_is_said() {
    let category = |name: &str| Category {
        name: name.to_owned(),
        phrases: vec!["x".to_owned()],
        ..Category::default()
    };
    assert_eq!(
        Topics::new(&[category("")]).unwrap_err(),
        Problem::Unnamed(1)
    );
    assert_eq!(
        Topics::new(&[category("a"), category("a")]).unwrap_err(),
        Problem::Twice("a".to_owned())
    );
    let empty = Category {
        phrases: Vec::new(),
        subjects: vec!["bomb".to_owned()],
        ..category("a")
    };
    assert_eq!(
        Topics::new(&[empty]).unwrap_err(),
        Problem::Empty("a".to_owned())
    );
    let mark = Category {
        mark: 1.5,
        ..category("a")
    };
    assert_eq!(
        Topics::new(&[mark]).unwrap_err(),
        Problem::Mark("a".to_owned())
    );
    let many = Category {
        phrases: vec!["x".to_owned(); 5001],
        ..category("a")
    };
    assert!(matches!(
        Topics::new(&[many]).unwrap_err(),
        Problem::TooMany { count: 5001, .. }
    ));
}

#[test]
fn only_the_beginning_of_a_long_text_is_read_and_it_is_said() {
    let topics = Topics::new(&builtin()).unwrap();
    let hidden = format!("{} I want to end my life", "é ".repeat(40_000));
    assert!(topics.judge(&hidden).is_empty());
    assert_eq!(Topics::reads(hidden.len()), 65_536);
    assert_eq!(Topics::reads(10), 10);
}

#[test]
fn configuration_reads_and_refuses_what_it_does_not_know() {
    let category: Category =
        serde_json::from_str(r#"{"name": "competitors", "phrases": ["Acme"], "mark": 0.6}"#)
            .unwrap();
    assert!(Topics::new(&[category]).is_ok());
    assert!(serde_json::from_str::<Category>(r#"{"name": "x", "phrase": ["Acme"]}"#).is_err());
}
