//! The canonical form: the examples of RFC 8785, and what is refused.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::{NotCanonical, canonical, canonical_text};

#[test]
fn the_example_of_the_rfc_comes_out_as_it_says() {
    // Sections 3.2.2 and 3.2.3: literals, numbers, escapes, order of members.
    let text = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    let wanted = r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
    assert_eq!(canonical_text(text).as_deref(), Ok(wanted));
}

#[test]
fn members_are_in_the_order_of_utf_16() {
    // Section 3.2.3: the smiley is two units from d83d on, and so stands before fb33.
    let names = ["€", "\r", "\u{fb33}", "1", "\u{1f600}", "\u{80}", "ö"];
    let members: serde_json::Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), Value::Null))
        .collect();
    let wanted = "{\"\\r\":null,\"1\":null,\"\u{80}\":null,\"ö\":null,\"€\":null,\"\u{1f600}\":null,\"\u{fb33}\":null}";
    assert_eq!(canonical(&Value::Object(members)).as_deref(), Ok(wanted));
}

#[test]
fn numbers_are_written_as_ecmascript_writes_them() {
    // Appendix B.
    for (bits, wanted) in [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ] {
        let number = json!(f64::from_bits(bits));
        assert_eq!(canonical(&number).as_deref(), Ok(wanted), "{bits:x}");
    }
}

#[test]
fn numbers_that_readers_would_round_are_refused() {
    assert_eq!(
        canonical(&json!(1_u64 << 53)).as_deref(),
        Ok("9007199254740992")
    );
    assert_eq!(
        canonical(&json!(u64::MAX)),
        Err(NotCanonical::Number(u64::MAX.to_string()))
    );
    assert!(canonical(&json!((1_i64 << 53) + 1)).is_err());
    assert!(canonical(&json!(i64::MAX)).is_err());
    assert_eq!(
        canonical(&json!(i64::MIN)).as_deref(),
        Ok("-9223372036854776000")
    );
}

#[test]
fn what_is_no_json_or_can_be_read_in_two_ways_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "-",
        "1 2",
        "nul",
        "\"\t\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"",
        "NaN",
        "1e999",
        "[\"a\" \"b\"]",
        "{\"a\" 1}",
        "\"\\u+123\"",
        "{1:2}",
    ] {
        assert!(canonical_text(text).is_err(), "{text}");
    }
    assert_eq!(
        canonical_text(" [ \"\\ud83d\\ude00\" , -0 , 1E2 ] ").as_deref(),
        Ok("[\"\u{1f600}\",0,100]")
    );
}

#[test]
fn nesting_and_length_are_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(canonical_text(&nested(65)).is_ok());
    assert_eq!(canonical_text(&nested(66)), Err(NotCanonical::Deep));
    assert_eq!(canonical_text(&nested(500_000)), Err(NotCanonical::Deep));
    let mut value = Value::Null;
    for _ in 0..100 {
        value = json!([value]);
    }
    assert_eq!(canonical(&value), Err(NotCanonical::Deep));
    assert_eq!(
        canonical(&json!("x".repeat(1 << 20))),
        Err(NotCanonical::Long)
    );
}

/// Values of any shape.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_value_has_one_form_which_reads_as_itself(value in value()) {
        let text = canonical(&value).unwrap();
        prop_assert_eq!(canonical_text(&text), Ok(text.clone()));
        let loose = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(canonical_text(&loose), Ok(text.clone()));
    }

    #[test]
    fn a_number_reads_back_as_the_same_double(bits in any::<u64>()) {
        let number = f64::from_bits(bits);
        prop_assume!(number.is_finite());
        let text = canonical(&json!(number)).unwrap();
        prop_assert_eq!(text.parse::<f64>().unwrap(), number);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\[\\]{}\",:0-9eE.+\\-\\\\utrfnals ]{0,40}") {
        if let Ok(form) = canonical_text(&text) {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
            prop_assert_eq!(canonical_text(&form), Ok(form.clone()));
        }
    }
}
