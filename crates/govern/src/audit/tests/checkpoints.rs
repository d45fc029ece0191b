//! Signed notes.

use super::*;
use crate::signature::PublicKey;

/// A key from its 32 bytes.
fn public(bytes: &[u8]) -> PublicKey {
    let der = [
        &[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0][..],
        bytes,
    ]
    .concat();
    let body = crate::signature::encoding::base64(&der);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
    PublicKey::from_pem(pem.as_bytes()).unwrap()
}

#[test]
fn the_verifier_key_of_the_specification_has_its_form() {
    let key = "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    let bytes = crate::signature::encoding::from_base64(key).unwrap();
    assert_eq!(
        verifier_key("example.com/foo", &public(&bytes[1..])).unwrap(),
        format!("example.com/foo+530d903a+{key}")
    );
}

#[test]
fn a_checkpoint_is_read_as_it_was_signed() {
    let entries = log(5);
    let signed = checkpoint(&entries);
    let note = signed.sign(&key(1)).unwrap();
    assert_eq!(
        note,
        signed.sign(&key(1)).unwrap(),
        "equal input, equal bytes"
    );
    let lines: Vec<&str> = note.split('\n').collect();
    assert_eq!(lines[..2], ["stance/audit/test", "5"]);
    assert!(lines[3].is_empty() && lines[4].starts_with("\u{2014} stance/audit/test "));
    let keys = [key(2).public().clone(), key(1).public().clone()];
    assert_eq!(Checkpoint::verify(&note, &keys), Ok(signed.clone()));
    assert_eq!(Checkpoint::unverified(&note), Ok(signed));
    assert_eq!(Checkpoint::verify(&note, &keys[..1]), Err(BadNote::Unknown));
    assert_eq!(Checkpoint::verify(&note, &[]), Err(BadNote::Unknown));
}

#[test]
fn any_changed_character_of_a_note_is_refused() {
    let note = checkpoint(&log(12)).sign(&key(1)).unwrap();
    let keys = [key(1).public().clone()];
    for at in 0..note.chars().count() {
        for new in ['0', 'A', '\n', ' ', '+', '\u{2014}'] {
            let mut characters: Vec<char> = note.chars().collect();
            if characters[at] == new {
                continue;
            }
            characters[at] = new;
            let changed: String = characters.into_iter().collect();
            assert!(Checkpoint::verify(&changed, &keys).is_err(), "{changed}");
        }
    }
    for end in 0..note.len() {
        let Some(cut) = note.get(..end) else { continue };
        assert!(Checkpoint::verify(cut, &keys).is_err(), "{cut}");
    }
}

#[test]
fn signatures_of_others_say_nothing_and_a_false_one_spoils_the_note() {
    let signed = checkpoint(&log(3));
    let note = signed.sign(&key(1)).unwrap();
    let keys = [key(1).public().clone()];
    let other = signed.sign(&key(2)).unwrap();
    let line = |note: &str| note.split_once("\n\n").unwrap().1.to_owned();
    let witnessed = format!(
        "{note}{}\u{2014} witness.example AAAAAAAAAAA=\n",
        line(&other)
    );
    assert_eq!(Checkpoint::verify(&witnessed, &keys), Ok(signed.clone()));

    let older = line(&checkpoint(&log(2)).sign(&key(1)).unwrap());
    assert_eq!(
        Checkpoint::verify(&format!("{note}{older}"), &keys),
        Err(BadNote::Invalid)
    );
}

#[test]
fn lines_behind_the_root_are_covered_and_control_characters_refused() {
    let private = key(1);
    let signed = checkpoint(&log(3));
    let sign = |text: &str| {
        let own = private.sign(text.as_bytes()).unwrap();
        let note = signed.sign(&private).unwrap();
        let id =
            crate::signature::encoding::from_base64(note.trim_end().rsplit(' ').next().unwrap())
                .unwrap();
        let signature = crate::signature::encoding::base64(&[&id[..4], &own].concat());
        format!("{text}\n\u{2014} stance/audit/test {signature}\n")
    };
    let keys = [private.public().clone()];
    let text = signed.text();
    assert_eq!(Checkpoint::verify(&sign(&text), &keys), Ok(signed.clone()));
    assert_eq!(
        Checkpoint::verify(&sign(&format!("{text}more\n")), &keys),
        Ok(signed.clone())
    );
    for bad in [
        text.replace("\n3\n", "\n03\n"),
        text.replace("\n3\n", "\n+3\n"),
        text.replace("\n3\n", "\n\n"),
        text.replace("\n3\n", "\n99999999999999999999\n"),
        text.replace("=\n", "\n"),
        format!("{text}\t\n"),
        format!("{text}\n\n"),
        "stance/audit/test\n3\n".to_owned(),
    ] {
        assert!(Checkpoint::verify(&sign(&bad), &keys).is_err(), "{bad:?}");
    }
    assert!(Checkpoint::unverified(&"x".repeat(LARGEST_NOTE + 1)).is_err());
}

#[test]
fn only_ed25519_signs_and_only_for_a_proper_origin() {
    let curve = PrivateKey::p256(&[3; 32]).unwrap();
    assert_eq!(checkpoint(&log(1)).sign(&curve), Err(BadNote::Key));
    for origin in ["", "two words", "a+b", "a\nb"] {
        let named = Checkpoint {
            origin: origin.to_owned(),
            ..checkpoint(&log(1))
        };
        assert!(named.sign(&key(1)).is_err(), "{origin}");
    }
}
