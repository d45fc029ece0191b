use super::*;

fn read(notation: Notation, text: &str) -> Tree {
    Tree::parse(notation, text, &Limits::default())
}

fn clean(notation: Notation, text: &str) -> Node {
    let tree = read(notation, text);
    assert_eq!(tree.errors, [], "{text}");
    tree.documents.into_iter().next().unwrap()
}

/// What stands in the text at the value of a path.
fn seen<'t>(text: &'t str, root: &Node, path: &[&str]) -> &'t str {
    &text[root.path(path).unwrap().span.clone()]
}

fn keys(node: &Node) -> Vec<&str> {
    node.entries().iter().map(|entry| &*entry.key).collect()
}

#[test]
fn the_same_configuration_reads_alike_in_three_notations() {
    for (notation, text) in [
        (
            Notation::Json,
            "{\"é\": {\"b\": [\"x ü\", 1, true, \"end\"]}, \"c\": \"d\"}",
        ),
        (
            Notation::Yaml,
            "é:\n  b: [\"x ü\", 1, true, \"end\"]\nc: \"d\"\n",
        ),
        (
            Notation::Toml,
            "c = \"d\"\n[\"é\"]\nb = [\"x ü\", 1, true, \"end\"]\n",
        ),
    ] {
        let root = clean(notation, text);
        let items = root.path(&["é", "b"]).unwrap().items();
        assert_eq!(items[0].as_str(), Some("x ü"));
        assert_eq!(items[1].scalar(), Some("1"));
        assert_eq!(items[2].as_bool(), Some(true));
        assert_eq!(&text[items[3].span.clone()], "\"end\"", "{notation:?}");
        assert_eq!(seen(text, &root, &["c"]), "\"d\"");
        assert_eq!(
            &text[root.entry("é").unwrap().key_span.clone()].trim_matches('"'),
            &"é"
        );
    }
}

#[test]
fn json_as_people_write_it_is_read_without_complaint() {
    let text = "\u{feff}// first\r\n{\r\n  /* b */ \"a\": 1, // c\r\n  'q': 'it\"s',\r\n  bare: [1, 2,],\r\n  \
                \"u\": \"\\u00e9\\ud83d\\ude00\\/\",\r\n  \"url\": \"http://x//y\",\r\n}\r\n";
    let root = clean(Notation::Json, text);
    assert_eq!(keys(&root), ["a", "q", "bare", "u", "url"]);
    assert_eq!(root.get("q").unwrap().as_str(), Some("it\"s"));
    assert_eq!(root.get("bare").unwrap().items().len(), 2);
    assert_eq!(root.get("u").unwrap().as_str(), Some("é😀/"));
    assert_eq!(seen(text, &root, &["url"]), "\"http://x//y\"");
}

#[test]
fn a_mistake_in_json_costs_its_own_entry_only() {
    for text in [
        // A forgotten comma, quote, bracket, value, colon; a stray word; the end cut off.
        r#"{"a": {"x": 1 "y": 2} "b": {"z": 1}}"#,
        "{\"a\": {\"x\": \"1,\n \"y\": 2}, \"b\": {\"z\": 1}}",
        r#"{"a": {"x": [1, "y": 2}, "b": {"z": 1}}"#,
        r#"{"a": , "b": {"z": 1}}"#,
        r#"{"a" {"x": 1}, "b": {"z": 1}}"#,
        r#"{"a": oops, "b": {"z": 1}}"#,
        r#"{"a": [{"x": }], "b": {"z": 1, "half"#,
    ] {
        let tree = read(Notation::Json, text);
        let root = tree.root().unwrap();
        assert_eq!(
            root.path(&["b", "z"]).and_then(Node::scalar),
            Some("1"),
            "{text}"
        );
    }
}

#[test]
fn of_equal_keys_the_last_one_wins_and_all_stay() {
    for (notation, text) in [
        (Notation::Json, r#"{"a": 1, "b": 2, "a": 3}"#),
        (Notation::Yaml, "a: 1\nb: 2\na: 3\n"),
    ] {
        let root = clean(notation, text);
        assert_eq!(root.get("a").unwrap().scalar(), Some("3"));
        let shadowed: Vec<bool> = root.entries().iter().map(|entry| entry.shadowed).collect();
        assert_eq!(shadowed, [true, false, false]);
    }
}

#[test]
fn nesting_past_the_limit_is_an_error_and_siblings_stay() {
    let deep = "[".repeat(1_000_000);
    let tree = read(Notation::Json, &format!("{{\"a\": 1, \"b\": {deep}"));
    assert!(
        tree.errors
            .iter()
            .any(|error| error.reason == GapReason::Limit)
    );
    assert_eq!(tree.root().unwrap().get("a").unwrap().scalar(), Some("1"));

    let closed = format!(
        "{{\"b\": {}{}, \"c\": 2}}",
        "[".repeat(500),
        "]".repeat(500)
    );
    let tree = read(Notation::Json, &closed);
    assert_eq!(tree.errors.len(), 1);
    assert_eq!(tree.root().unwrap().get("c").unwrap().scalar(), Some("2"));

    for deep in [
        "[".repeat(1_000_000),
        "- ".repeat(200_000),
        "{a: ".repeat(100_000),
    ] {
        let tree = read(Notation::Yaml, &format!("a: 1\nb:\n  {deep}"));
        assert!(!tree.errors.is_empty());
        assert_eq!(tree.root().unwrap().get("a").unwrap().scalar(), Some("1"));
    }

    for deep in [
        format!("b = {}", "[".repeat(1_000_000)),
        format!("{}x = 1", "k.".repeat(1_000_000)),
        format!("[{}x]", "k.".repeat(1_000_000)),
        format!(
            "b = {}",
            "{a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = ".repeat(10_000)
        ),
    ] {
        let tree = read(Notation::Toml, &format!("a = 1\n{deep}"));
        assert!(!tree.errors.is_empty());
        assert_eq!(tree.root().unwrap().get("a").unwrap().scalar(), Some("1"));
    }
}

#[test]
fn aliases_are_expanded_until_the_limit() {
    let root = clean(
        Notation::Yaml,
        "base: &base\n  image: x\n  tag: old\nuse:\n  <<: *base\n  tag: new\nagain: *base\n",
    );
    assert_eq!(root.path(&["use", "image"]).unwrap().as_str(), Some("x"));
    assert_eq!(root.path(&["use", "tag"]).unwrap().as_str(), Some("new"));
    assert_eq!(root.path(&["again", "tag"]).unwrap().as_str(), Some("old"));

    let mut laughs = String::from("first: 1\na0: &a0 [x, x]\n");
    for level in 1..100 {
        let before = level - 1;
        laughs += &format!(
            "a{level}: &a{level} [{}]\n",
            format!("*a{before},").repeat(10)
        );
    }
    let tree = read(Notation::Yaml, &laughs);
    assert_eq!(tree.errors[0].reason, GapReason::Limit);
    assert_eq!(
        tree.root().unwrap().get("first").unwrap().scalar(),
        Some("1")
    );

    // One long string, repeated often: the copies share it.
    let long = "x".repeat(1 << 20);
    let text = format!("a: &a {long}\nb: [{}]\n", "*a,".repeat(100_000));
    let root = clean(Notation::Yaml, &text);
    assert_eq!(root.get("b").unwrap().items().len(), 100_000);

    let tree = read(Notation::Yaml, "a: &a [*a]\nb: 1\n");
    assert_eq!(tree.root().unwrap().get("b").unwrap().scalar(), Some("1"));
}

#[test]
fn too_many_values_are_an_error_and_what_came_before_stays() {
    let limits = Limits {
        tree_nodes: 10,
        ..Limits::default()
    };
    for (notation, text) in [
        (
            Notation::Json,
            format!("{{\"a\": 1, \"b\": [{}]}}", "1,".repeat(99)),
        ),
        (Notation::Yaml, format!("a: 1\nb: [{}]\n", "1,".repeat(99))),
        (
            Notation::Toml,
            format!("a = 1\nb = [{}]\n", "1,".repeat(99)),
        ),
    ] {
        let tree = Tree::parse(notation, &text, &limits);
        assert_eq!(tree.errors[0].reason, GapReason::Limit, "{notation:?}");
        assert_eq!(tree.root().unwrap().get("a").unwrap().scalar(), Some("1"));
    }
}

#[test]
fn a_broken_tail_does_not_hide_what_came_before_it() {
    for (notation, text) in [
        (Notation::Yaml, "a: 1\nb: [1, 2\nc: }\n"),
        (Notation::Yaml, "a: 1\nb: \"open\n"),
        (Notation::Toml, "a = 1\nb = = 2\n"),
        (Notation::Toml, "a = 1\na = 2\n"),
    ] {
        let tree = read(notation, text);
        assert_eq!(tree.errors[0].reason, GapReason::Malformed, "{text}");
        let root = tree.root().unwrap();
        assert!(root.get("a").is_some(), "{text}");
    }
    let tree = read(Notation::Toml, "a = 1\nb = = 2\n[c]\nd = 3\n");
    assert_eq!(
        tree.root().unwrap().path(&["c", "d"]).unwrap().scalar(),
        Some("3")
    );
}

#[test]
fn yaml_places_hold_behind_line_ends_and_wide_characters() {
    let text =
        "# ünïcödé\r\na: 😀\r\nb:\r\n  - x: plain value # c\r\n  - |\r\n    block\r\nc: 'last'\r\n";
    let root = clean(Notation::Yaml, text);
    assert_eq!(seen(text, &root, &["c"]), "'last'");
    assert_eq!(seen(text, &root, &["a"]), "😀");
    let items = root.get("b").unwrap().items();
    assert_eq!(
        &text[items[0].get("x").unwrap().span.clone()],
        "plain value"
    );
}

#[test]
fn yaml_streams_give_every_document() {
    let tree = read(Notation::Yaml, "a: 1\n---\nb: 2\n...\n---\n- c\n");
    assert_eq!(tree.errors, []);
    assert_eq!(tree.documents.len(), 3);
    assert_eq!(tree.documents[1].get("b").unwrap().scalar(), Some("2"));
}

#[test]
fn yaml_scalars_follow_the_core_schema() {
    let root = clean(
        Notation::Yaml,
        "a: yes\nb: '1'\nc: ~\nd:\ne: !!str 5\nf: 1e3\ng: 8000:8000\nh: True\ni: 1.2.3\n",
    );
    assert_eq!(root.get("a").unwrap().as_str(), Some("yes"));
    assert_eq!(root.get("b").unwrap().as_str(), Some("1"));
    assert!(root.get("c").unwrap().is_null() && root.get("d").unwrap().is_null());
    assert_eq!(root.get("e").unwrap().as_str(), Some("5"));
    assert!(matches!(root.get("f").unwrap().value, Value::Number(_)));
    assert_eq!(root.get("g").unwrap().as_str(), Some("8000:8000"));
    assert_eq!(root.get("h").unwrap().as_bool(), Some(true));
    assert_eq!(root.get("i").unwrap().as_str(), Some("1.2.3"));
}

#[test]
fn strings_are_visited_in_order_with_their_key() {
    let root = clean(Notation::Json, r#"{"a": "1", "b": ["2", {"c": "3"}]}"#);
    let mut all = Vec::new();
    root.strings(&mut |entry, _, text| {
        all.push((entry.map(|e| e.key.to_string()), text.to_owned()));
    });
    let expected = [("a", "1"), ("b", "2"), ("c", "3")];
    assert_eq!(
        all,
        expected.map(|(k, v)| (Some(k.to_owned()), v.to_owned()))
    );
}

/// Every range of a tree.
fn ranges(node: &Node) -> Vec<std::ops::Range<usize>> {
    let mut all = vec![node.span.clone()];
    for entry in node.entries() {
        all.push(entry.key_span.clone());
        all.extend(ranges(&entry.value));
    }
    for item in node.items() {
        all.extend(ranges(item));
    }
    all
}

proptest::proptest! {
    #[test]
    fn places_lie_in_the_text_whatever_it_is(text in "[{}\\[\\]\"':,#&*<>|?!\\\\ a-c1é\u{1f600}=.\r\n\t-]{0,60}") {
        for notation in [Notation::Json, Notation::Yaml, Notation::Toml] {
            let tree = read(notation, &text);
            for range in tree.documents.iter().flat_map(ranges) {
                proptest::prop_assert!(text.get(range.clone()).is_some(), "{notation:?} {range:?}");
            }
            for error in &tree.errors {
                proptest::prop_assert!(error.offset <= text.len());
            }
        }
    }
}

#[test]
fn short_tags_are_kept_where_they_mean_something() {
    let text = "a: !Sub 'x'\nb: !If [c, !Ref d, e]\n";
    let tree = Tree::parse_with_tags(text, &Limits::default());
    let root = tree.root().expect("a document");
    assert_eq!(root.path(&["a", "!Sub"]).and_then(Node::as_str), Some("x"));
    let items = root
        .path(&["b", "!If"])
        .map(Node::items)
        .unwrap_or_default();
    assert_eq!(items.len(), 3);
    assert_eq!(items[1].get("!Ref").and_then(Node::as_str), Some("d"));
    let plain = Tree::parse(Notation::Yaml, text, &Limits::default());
    let plain = plain.root().and_then(|root| root.get("a"));
    assert_eq!(plain.and_then(Node::as_str), Some("x"));
}
