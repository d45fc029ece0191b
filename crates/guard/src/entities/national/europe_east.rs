//! The east of Europe.

use stance_read::personal::numbers::is_pesel;

use super::checks::{dated, digit, number, same, values, weighted};
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!(PlPesel, ["00000000000"], |p| is_pesel(&values(p)), verified true, [Poland, Identity], 55, 97),
    rule!(PlNip, ["000-000-00-00", "000-00-00-000"], is_nip, verified true, [Poland, Tax], 85, 96),
    rule!(PlNip, ["0000000000", "AA0000000000"], is_nip, verified true, [Poland], 25, 94),
    rule!(PlRegon, ["000000000"], is_regon, verified true, [Poland], 20, 88),
    rule!(CzBirthNumber, ["000000/0000"], is_czech, verified true, [Czechia, Identity], 90, 98),
    rule!(CzBirthNumber, ["0000000000"], is_czech, verified true, [Czechia], 50, 94),
    rule!(RoCnp, ["0000000000000"], is_romanian, verified true, [Romania, Identity], 60, 97),
    rule!(BgEgn, ["0000000000"], is_bulgarian, verified true, [Bulgaria], 50, 95),
    rule!(YuJmbg, ["0000000000000"], is_jmbg, verified true, [Yugoslavia, Identity], 50, 96),
];

fn is_nip(p: &[u8]) -> bool {
    let p = p.strip_prefix(b"PL").unwrap_or(p);
    let rest = weighted(p, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11;
    p.len() == 10
        && p.iter().all(u8::is_ascii_digit)
        && !same(p)
        && digit(p, 0) > 0
        && rest == digit(p, 9)
}

fn is_regon(p: &[u8]) -> bool {
    let rest = weighted(p, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10;
    !same(p) && rest == digit(p, 8)
}

/// Of women the month is raised by 50; of those for whom numbers ran out, by 20.
fn is_czech(p: &[u8]) -> bool {
    let month = number(p, 2, 4) % 50;
    let month = if month > 20 {
        month.saturating_sub(20)
    } else {
        month
    };
    let whole = number(p, 0, 10);
    let older = number(p, 0, 9) % 11 == 10 && digit(p, 9) == 0;
    dated(month, number(p, 4, 6)) && (whole.is_multiple_of(11) || older)
}

fn is_romanian(p: &[u8]) -> bool {
    let rest = weighted(p, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let wanted = if rest == 10 { 1 } else { rest };
    (1..=9).contains(&digit(p, 0))
        && dated(number(p, 3, 5), number(p, 5, 7))
        && matches!(number(p, 7, 9), 1..=52 | 70)
        && wanted == digit(p, 12)
}

/// The month is raised by 20 before 1900 and by 40 since 2000.
fn is_bulgarian(p: &[u8]) -> bool {
    let rest = weighted(p, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
    let month = number(p, 2, 4);
    dated(month % 20, number(p, 4, 6)) && month < 53 && rest == digit(p, 9)
}

fn is_jmbg(p: &[u8]) -> bool {
    let sum = weighted(p, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let wanted = match 11_u32.saturating_sub(sum % 11) {
        10 | 11 => 0,
        rest => rest,
    };
    dated(number(p, 2, 4), number(p, 0, 2)) && wanted == digit(p, 12)
}
