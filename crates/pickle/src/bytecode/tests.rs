use super::*;

/// `def f(x): os.system("id")` as each version compiles it: layout and instructions.
const SYSTEM: &[(Layout, &str)] = &[
    // 3.6
    (Layout::Seven, "74006a0164018301010064005300"),
    // 3.7
    (Layout::Seven, "7400a0016401a101010064005300"),
    // 3.8 to 3.10
    (Layout::Ten, "7400a0016401a101010064005300"),
    // 3.11
    (
        Layout::Eleven,
        "97007401000000000000000000006a0100000000000000006401a6010000ab010000000000000000010064005300",
    ),
    // 3.12
    (
        Layout::Eleven,
        "9700740100000000000000006a020000000000000000000000000000000000006401ab0100000000000001007900",
    ),
    // 3.13
    (
        Layout::Eleven,
        "95005b000000000000000000520200000000000000000000000000000000000022005301350100000000000020006700",
    ),
    // 3.14
    (
        Layout::Eleven,
        "80005c00000000000000000050020000000000000000000000000000000000002100520134010000000000001f0052002300",
    ),
];

/// A file that is written, an attribute by its name, a module under another name, arguments with names.
const MORE: &[(Layout, &str)] = &[
    // 3.8
    (
        Layout::Ten,
        "74007c00640183028f1e7d017c01a001740274036402830264038301a004a100a101010057003500510052005800640464006c057d02\
         7c00724c7c026a0664037c006702640564068d0253006407640884007c00440083015300",
    ),
    // 3.11
    (
        Layout::Eleven,
        "97007401000000000000000000007c006401a6020000ab02000000000000000035007d017c01a0010000000000000000000000000000\
         00000000000002007405000000000000000000007406000000000000000000006402a6020000ab0200000000000000006403a6010000\
         ab010000000000000000a0040000000000000000000000000000000000000000a6000000ab000000000000000000a6010000ab010000\
         0000000000000100640064006400a6020000ab02000000000000000001006e0b23003100730477027803590077010100590001000100\
         640464006c057d027c0072197c02a006000000000000000000000000000000000000000064037c0067026405ac06a6020000ab020000\
         0000000000006e0b640784007c004400a6000000ab0000000000000000005300",
    ),
    // 3.13
    (
        Layout::Eleven,
        "95005b01000000000000000055005301350200000000000002006e01550152030000000000000000000000000000000000005b050000\
         0000000000005b0600000000000000005302350200000000000022005303350100000000000052090000000000000000000000000000\
         0000000035000000000000003501000000000000200053005300530035020000000000002000530453004b056e025500280000000000\
         0000611200005502520d000000000000000000000000000000000000530355002f02530553063902240055001300560373022f007302\
         480e00006e035b0f00000000000000005503350100000000000050024d1000000b00200073026e03240021002c002800000000000000\
         64010000660220001f00200020004e463d031f0066017302200073026e036600",
    ),
];

fn names(names: &[&str]) -> Vec<Rc<str>> {
    names.iter().map(|name| (*name).into()).collect()
}

fn bytes(hex: &str) -> Rc<[u8]> {
    let digits: Vec<u8> = hex
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| u8::try_from(digit).unwrap())
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn system(layout: Layout, hex: &str) -> Code {
    Code {
        name: "f".to_owned(),
        instructions: bytes(hex),
        constants: Rc::from([Constant::Plain("None".into()), Constant::Text("id".into())]),
        names: names(&["os", "system"]),
        locals: names(&["x"]),
        layout,
        ..Code::default()
    }
}

fn walk(code: Code) -> Outcome {
    calls(&Rc::new(code), &(), &mut 100_000)
}

#[test]
fn the_byte_code_of_every_version_is_read() {
    for (layout, hex) in SYSTEM {
        let outcome = walk(system(*layout, hex));
        assert_eq!(outcome.calls, ["os.system(\"id\")"], "{hex}");
        assert!(!outcome.strange && !outcome.cut, "{hex}");
    }
}

#[test]
fn names_are_followed_through_getattr_imports_and_variables() {
    for (layout, hex) in MORE {
        let outcome = walk(Code {
            constants: [
                Constant::Plain("None".into()),
                Constant::Text("w".into()),
                Constant::Text("popen".into()),
                Constant::Text("id".into()),
                Constant::Plain("0".into()),
                Constant::Plain("True".into()),
                Constant::Tuple(Rc::from([Constant::Text("shell".into())])),
                Constant::Other,
                Constant::Other,
            ]
            .into(),
            names: names(&[
                "open",
                "write",
                "getattr",
                "os",
                "read",
                "subprocess",
                "run",
                "exec",
            ]),
            locals: names(&["x", "file", "s", "y"]),
            ..system(*layout, hex)
        });
        let all = outcome.calls.join("\n");
        for call in [
            "open(?, \"w\")",
            "getattr(os, \"popen\")",
            "os.popen(\"id\")",
            "os.popen().read()",
            "subprocess.run([\"id\", ?], shell=True)",
        ] {
            assert!(all.contains(call), "{call} in\n{all}");
        }
        assert!(!outcome.strange, "{hex}");
    }
}

#[test]
fn code_of_no_known_version_is_strange_and_keeps_its_names() {
    let code = Code {
        instructions: Rc::from([255, 255, 255, 0]),
        ..system(Layout::Eleven, "")
    };
    assert_eq!(code.names(9), ["os", "system"]);
    let outcome = walk(code);
    assert!(outcome.strange && outcome.calls.is_empty());
    assert!(walk(system(Layout::Two, SYSTEM[0].1)).strange);
}

#[test]
fn no_cut_and_no_other_byte_makes_it_panic() {
    for (layout, hex) in SYSTEM.iter().chain(MORE) {
        let whole = bytes(hex);
        for end in 0..whole.len() {
            walk(Code {
                instructions: whole[..end].into(),
                ..system(*layout, hex)
            });
        }
        let mut other = whole.to_vec();
        for at in 0..whole.len() {
            for byte in [0, 1, 20, 53, 99, 144, 171, 255] {
                other[at] = byte;
                walk(Code {
                    instructions: other.as_slice().into(),
                    ..system(*layout, hex)
                });
            }
            other[at] = whole[at];
        }
    }
}

#[test]
fn long_and_deep_code_ends_with_the_steps() {
    // Ten megabytes of calls, each with a result that the next is called on.
    let turn = bytes("a0016401a101");
    let mut long = bytes("7400").to_vec();
    while long.len() < 10 << 20 {
        long.extend_from_slice(&turn);
    }
    long.extend(bytes("5300").iter());
    let mut steps = 100_000;
    let code = Code {
        instructions: long.into(),
        ..system(Layout::Ten, "")
    };
    let outcome = calls(&Rc::new(code), &(), &mut steps);
    assert!(outcome.cut);
    // Code in code, each level twice.
    let mut inner = Rc::new(system(Layout::Ten, SYSTEM[2].1));
    for _ in 0..40 {
        inner = Rc::new(Code {
            constants: Rc::from([Constant::Code(Rc::clone(&inner)), Constant::Code(inner)]),
            ..system(Layout::Ten, "64005300")
        });
    }
    let mut steps = 100_000;
    let outcome = calls(&inner, &(), &mut steps);
    assert!(outcome.cut);
    assert!(inner.names(100).len() < 100);
}
