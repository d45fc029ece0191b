//! The laws: nothing can be changed, removed, moved, added or cut without being found.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Reads lines as an export, with checkpoints from elsewhere.
fn verify(lines: &[String], checkpoints: &[Checkpoint]) -> Report {
    let mut verifier = Verifier::default();
    for checkpoint in checkpoints {
        let note = checkpoint.sign(&key(1)).unwrap();
        verifier.checkpoint(Source::Outside, "it", &note, &[key(1).public().clone()]);
    }
    for (number, line) in lines.iter().enumerate() {
        verifier.line(number as u64 + 1, line);
    }
    verifier.finish()
}

fn lines(entries: &[Entry]) -> Vec<String> {
    entries.iter().map(Entry::line).collect()
}

#[test]
fn a_log_that_nobody_touched_holds() {
    let entries = log(40);
    let report = verify(
        &lines(&entries),
        &[checkpoint(&entries[..7]), checkpoint(&entries)],
    );
    assert!(report.holds(), "{:?}", report.faults);
    assert_eq!((report.entries, report.first), (40, Some(1)));
    assert_eq!(report.root, Some(checkpoint(&entries).root));
    assert_eq!(report.outside, (2, Some(40)));
    assert_eq!(
        report.last.map(|(seq, _, hash)| (seq, hash)),
        Some((40, entries[39].hash))
    );

    let nothing = verify(&[], &[checkpoint(&[])]);
    assert!(nothing.holds());
    assert_eq!(nothing.root, Some(crate::merkle::empty_root()));
}

#[test]
fn a_chain_that_was_computed_anew_does_not_lead_to_the_checkpoint() {
    let entries = log(20);
    let mut forged: Vec<Entry> = entries[..11].to_vec();
    for entry in &entries[11..] {
        let mut new = new_entry(entry.seq);
        if entry.seq == 12 {
            new.actor.name = "nobody".to_owned();
        }
        let previous = forged.last().unwrap().hash;
        forged.push(new.seal(entry.seq, previous).unwrap());
    }
    assert!(
        verify(&lines(&forged), &[]).holds(),
        "the chain alone cannot tell"
    );
    let report = verify(
        &lines(&forged),
        &[
            checkpoint(&entries[..10]),
            checkpoint(&entries[..15]),
            checkpoint(&entries),
        ],
    );
    assert_eq!(report.faults[0].kind, FaultKind::Rewritten);
    assert!(
        report.faults[0].what.contains("entries 11 to 15"),
        "{}",
        report.faults[0]
    );
}

#[test]
fn what_is_wrong_is_named() {
    let entries = log(9);
    let whole = lines(&entries);
    let of = |lines: &[String]| verify(lines, &[checkpoint(&entries)]);

    let mut edited = whole.clone();
    edited[3] = edited[3].replace("2027-01-01", "2037-01-01");
    let report = of(&edited);
    assert_eq!(kinds(&report), [FaultKind::Edited]);
    assert_eq!(report.faults[0].seq, Some(4));

    let mut removed = whole.clone();
    removed.remove(3);
    let report = of(&removed);
    assert_eq!(kinds(&report), [FaultKind::Missing]);
    assert_eq!(report.faults[0].to_string(), "entry 4 is missing");
    assert_eq!(report.not_compared, 1);

    let mut swapped = whole.clone();
    swapped.swap(3, 4);
    let report = of(&swapped);
    assert_eq!(kinds(&report), [FaultKind::Missing, FaultKind::Misplaced]);

    let mut renumbered = whole.clone();
    renumbered.remove(3);
    for (at, line) in renumbered.iter_mut().enumerate().skip(3) {
        *line = line.replace(
            &format!("\"seq\":{}", at + 2),
            &format!("\"seq\":{}", at + 1),
        );
    }
    assert_eq!(of(&renumbered).faults[0].kind, FaultKind::Edited);

    let report = of(&whole[..6]);
    assert_eq!(kinds(&report), [FaultKind::Truncated]);
    assert!(
        report.faults[0].what.contains("the last 3 were removed"),
        "{}",
        report.faults[0]
    );

    let mut spaced = whole.clone();
    spaced[2].insert(1, ' ');
    assert_eq!(kinds(&of(&spaced)), [FaultKind::Malformed]);
}

#[test]
fn a_part_of_a_log_is_a_part() {
    let entries = log(9);
    let mut verifier = Verifier::of_a_part();
    for (at, line) in lines(&entries[4..]).iter().enumerate() {
        verifier.line(at as u64 + 1, line);
    }
    let report = verifier.finish();
    assert!(report.holds(), "{:?}", report.faults);
    assert_eq!((report.first, report.root), (Some(5), None));
    // The whole log may not begin later.
    let report = verify(&lines(&entries[4..]), &[]);
    assert_eq!(report.faults[0].to_string(), "entries 1 to 4 are missing");
}

#[test]
fn what_stands_beside_the_log_must_fit_it() {
    let entries = log(300);
    let mut nodes = Vec::new();
    let mut frontier = Frontier::default();
    for entry in &entries {
        frontier.push(leaf(&entry.hash), |node, hash| {
            if node.level == 8 {
                nodes.push((node, hash));
            }
        });
    }
    assert_eq!(nodes.len(), 1);
    let head = Head {
        size: 300,
        last: entries[299].hash,
        frontier,
    };
    let report = |head: &Head, nodes: &[(crate::merkle::Node, Hash)]| {
        let mut verifier = Verifier::default();
        verifier.head(head.clone());
        for (node, hash) in nodes {
            verifier.node(*node, *hash);
        }
        for entry in &entries {
            verifier.entry(&entry.stored());
        }
        kinds(&verifier.finish())
    };
    assert_eq!(report(&head, &nodes), []);
    assert_eq!(report(&head, &[(nodes[0].0, [1; 32])]), [FaultKind::Tree]);
    let mut beyond = nodes.clone();
    beyond[0].0.index = 7;
    assert_eq!(report(&head, &beyond), [FaultKind::Tree]);
    let other = Head {
        last: [1; 32],
        ..head.clone()
    };
    assert_eq!(report(&other, &nodes), [FaultKind::Tree]);
    let longer = Head {
        size: 301,
        ..head.clone()
    };
    assert_eq!(report(&longer, &nodes), [FaultKind::Truncated]);
    let shorter = Head { size: 299, ..head };
    assert_eq!(report(&shorter, &nodes), [FaultKind::Tree]);
}

#[test]
fn many_faults_are_counted() {
    let mut lines = lines(&log(300));
    for line in &mut lines {
        *line = line.replace("known", "knows");
    }
    let report = verify(&lines, &[]);
    assert_eq!((report.faults.len(), report.more_faults), (100, 200));
}

#[test]
fn a_clock_that_was_set_back_is_told_and_no_fault() {
    let first = new_entry(9).seal(1, GENESIS).unwrap();
    let second = new_entry(3).seal(2, first.hash).unwrap();
    let report = verify(&lines(&[first, second]), &[]);
    assert!(report.holds());
    assert_eq!(report.set_back, 1);
}

#[test]
fn no_two_splits_of_a_line_are_entries() {
    // Members within members that look like those around them.
    let mut new = new_entry(1);
    new.detail =
        json!({"hash": "0".repeat(64), "object": {"id": "\",\"kind\":\"", "kind": "\\"}, "seq": 7});
    new.object.id = "\"},\"previous\":\"".to_owned();
    let entry = new.seal(1, GENESIS).unwrap();
    assert_eq!(Entry::from_line(&entry.line()), Ok(entry));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn any_changed_character_is_found(size in 1_u64..12, line in any::<Index>(), at in any::<Index>(), new in any::<char>()) {
        let mut lines = lines(&log(size));
        let line = line.index(lines.len());
        let mut characters: Vec<char> = lines[line].chars().collect();
        let at = at.index(characters.len());
        prop_assume!(characters[at] != new);
        characters[at] = new;
        lines[line] = characters.into_iter().collect();
        // The last entry has nothing behind it, and its own hash speaks for it.
        prop_assert!(!verify(&lines, &[]).holds());
    }

    #[test]
    fn any_removal_move_or_repetition_is_found(
        size in 2_u64..20, at in any::<Index>(), to in any::<Index>(), kind in 0..3,
    ) {
        let entries = log(size);
        let mut lines = lines(&entries);
        let (at, to) = (at.index(lines.len()), to.index(lines.len()));
        match kind {
            0 => drop(lines.remove(at)),
            1 => {
                prop_assume!(at != to);
                lines.swap(at, to);
            }
            _ => lines.insert(to, lines[at].clone()),
        }
        prop_assert!(!verify(&lines, &[checkpoint(&entries)]).holds());
        // Without the checkpoint, all but the removal of the last is found.
        if (kind, at) != (0, entries.len() - 1) {
            prop_assert!(!verify(&lines, &[]).holds());
        }
    }

    #[test]
    fn any_truncation_is_found_by_any_later_checkpoint(size in 1_u64..40, cut in any::<Index>(), signed in any::<Index>()) {
        let entries = log(size);
        let kept = cut.index(entries.len());
        let signed = kept + 1 + signed.index(entries.len() - kept);
        let report = verify(&lines(&entries[..kept]), &[checkpoint(&entries[..signed])]);
        prop_assert_eq!(kinds(&report), [FaultKind::Truncated]);
    }

    #[test]
    fn any_rewriting_is_found_by_any_later_checkpoint(size in 1_u64..24, at in any::<Index>(), signed in any::<Index>()) {
        let entries = log(size);
        let at = at.index(entries.len());
        let signed = at + 1 + signed.index(entries.len() - at);
        let mut forged = entries[..at].to_vec();
        for entry in &entries[at..] {
            let mut new = new_entry(entry.seq);
            if entry.seq == at as u64 + 1 {
                new.detail = json!({"reason": "forged"});
            }
            let previous = forged.last().map_or(GENESIS, |entry| entry.hash);
            forged.push(new.seal(entry.seq, previous).unwrap());
        }
        let report = verify(&lines(&forged), &[checkpoint(&entries[..signed])]);
        prop_assert_eq!(kinds(&report), [FaultKind::Rewritten]);
    }

    #[test]
    fn any_stored_field_that_changes_is_found(size in 1_u64..6, at in any::<Index>(), field in 0..10, text in any::<String>()) {
        let entries = log(size);
        let at = at.index(entries.len());
        let mut verifier = Verifier::default();
        for (number, entry) in entries.iter().enumerate() {
            let mut stored = entry.stored();
            if number == at {
                let place = match field {
                    0 => &mut stored.actor_kind,
                    1 => &mut stored.actor_id,
                    2 => &mut stored.actor_name,
                    3 => &mut stored.action,
                    4 => &mut stored.object_kind,
                    5 => &mut stored.object_id,
                    6 => &mut stored.detail,
                    7 => {
                        stored.at += 1;
                        &mut ""
                    }
                    8 => {
                        stored.previous = &[3; 32];
                        &mut ""
                    }
                    _ => {
                        stored.hash = text.as_bytes();
                        &mut ""
                    }
                };
                prop_assume!(*place != text);
                *place = &text;
            }
            verifier.entry(&stored);
        }
        let report = verifier.finish();
        prop_assert_eq!(report.faults[0].kind, FaultKind::Edited);
        prop_assert_eq!(report.faults[0].seq, Some(at as u64 + 1));
    }
}
