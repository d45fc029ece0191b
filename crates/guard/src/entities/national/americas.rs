//! The Americas.

use stance_read::personal::numbers::{is_cpf, is_ssn};

use super::checks::{dated, digit, luhn, modulus_11, number, same, values, weighted};
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!(UsSsn, ["000-00-0000", "000 00 0000"], |p| is_ssn(&values(p)), verified false, [Ssn, Tax, Identity], 70, 95),
    rule!(UsSsn, ["000000000", "000.00.0000"], |p| is_ssn(&values(p)), verified false, [Ssn], 10, 85),
    rule!(UsItin, ["000-00-0000", "000 00 0000"], is_itin, verified false, [Itin, Tax, Ssn], 70, 95),
    rule!(UsItin, ["000000000"], is_itin, verified false, [Itin], 10, 85),
    rule!(UsEin, ["00-0000000"], is_ein, verified false, [Ein, Tax], 30, 85),
    rule!(UsNpi, ["0000000000", "0000-000-000"], is_npi, verified true, [Npi], 25, 90),
    rule!(UsDea, ["AA0000000"], is_dea, verified true, [Dea], 65, 90),
    rule!(UsMbi, ["0AA0AA0AA00", "0A00A00AA00", "0AA0A00AA00", "0A00AA0AA00"], is_mbi, verified false, [Medicare, Insurance], 65, 90),
    rule!(UsMbi, ["0AA0-AA0-AA00", "0A00-A00-AA00", "0AA0-A00-AA00", "0A00-AA0-AA00"], is_mbi, verified false, [Medicare, Insurance], 70, 95),
    rule!(CaSin, ["000-000-000", "000 000 000"], is_sin, verified true, [Canada, Ssn, Insurance], 55, 95),
    rule!(CaSin, ["000000000"], is_sin, verified true, [Canada], 25, 90),
    rule!(BrCpf, ["000.000.000-00"], |p| is_cpf(&values(p)), verified true, [Brazil, Tax], 95, 99),
    rule!(BrCpf, ["00000000000", "000000000-00"], |p| is_cpf(&values(p)), verified true, [Brazil, Tax], 55, 95),
    rule!(BrCnpj, ["00.000.000/0000-00"], is_cnpj, verified true, [Brazil, Tax], 95, 99),
    rule!(BrCnpj, ["00000000000000"], is_cnpj, verified true, [Brazil, Tax], 50, 95),
    rule!(MxCurp, ["AAAA000000AAAAAA00", "AAAA000000AAAAAAA0"], is_curp, verified true, [Mexico], 95, 99),
    rule!(ArCuit, ["00-00000000-0"], is_cuit, verified true, [Argentina, Tax], 80, 97),
    rule!(ArCuit, ["00000000000"], is_cuit, verified true, [Argentina], 35, 92),
    rule!(ClRut, ["00.000.000-0", "00.000.000-A", "0.000.000-0", "0.000.000-A"], is_rut, verified true, [Chile, Identity], 80, 97),
    rule!(ClRut, ["00000000-0", "00000000-A", "0000000-0", "0000000-A"], is_rut, verified true, [Chile], 35, 92),
];

/// Nine hundreds, and groups of the ranges that are handed out.
fn is_itin(p: &[u8]) -> bool {
    digit(p, 0) == 9 && matches!(number(p, 3, 5), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

fn is_ein(p: &[u8]) -> bool {
    !same(p)
        && !matches!(number(p, 0, 2), 0 | 7..=9 | 17..=19 | 28..=29 | 49 | 69..=70 | 78..=79 | 89 | 96..=97)
}

/// Luhn behind the prefix of health identifiers of the United States.
fn is_npi(p: &[u8]) -> bool {
    let mut whole = b"80840".to_vec();
    whole.extend_from_slice(p);
    matches!(digit(p, 0), 1 | 2) && !same(p) && luhn(&whole)
}

fn is_dea(p: &[u8]) -> bool {
    let odd = digit(p, 2)
        .saturating_add(digit(p, 4))
        .saturating_add(digit(p, 6));
    let even = digit(p, 3)
        .saturating_add(digit(p, 5))
        .saturating_add(digit(p, 7));
    p.first()
        .is_some_and(|first| b"ABCDEFGHJKLMPRSTUX".contains(first))
        && odd.saturating_add(even.saturating_mul(2)) % 10 == digit(p, 8)
        && !same(p.get(2..).unwrap_or_default())
}

/// Letters without S, L, O, I, B, Z; the first digit is none.
fn is_mbi(p: &[u8]) -> bool {
    digit(p, 0) > 0 && p.iter().all(|byte| !b"SLOIBZ".contains(byte))
}

fn is_sin(p: &[u8]) -> bool {
    !matches!(digit(p, 0), 0 | 8) && !same(p) && luhn(p)
}

fn is_cnpj(p: &[u8]) -> bool {
    let first = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let second = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];
    let check = |weights: &[u32]| match weighted(p, weights) % 11 {
        0 | 1 => 0,
        rest => 11_u32.saturating_sub(rest),
    };
    !same(p) && check(&first) == digit(p, 12) && check(&second) == digit(p, 13)
}

fn is_curp(p: &[u8]) -> bool {
    const ORDER: &[u8] = b"0123456789ABCDEFGHIJKLMN.OPQRSTUVWXYZ";
    let mut sum = 0_usize;
    for (place, byte) in p.iter().take(17).enumerate() {
        let Some(value) = ORDER.iter().position(|known| known == byte) else {
            return false;
        };
        sum = sum.saturating_add(value.saturating_mul(18_usize.saturating_sub(place)));
    }
    let wanted = 10_usize.saturating_sub(sum % 10) % 10;
    dated(number(p, 6, 8), number(p, 8, 10))
        && p.get(10).is_some_and(|sex| b"HMX".contains(sex))
        && usize::try_from(digit(p, 17)) == Ok(wanted)
}

fn is_cuit(p: &[u8]) -> bool {
    matches!(number(p, 0, 2), 20 | 23..=27 | 30 | 33 | 34)
        && modulus_11(p, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 10)
}

fn is_rut(p: &[u8]) -> bool {
    let Some((last, body)) = p.split_last() else {
        return false;
    };
    let sum: u32 = body
        .iter()
        .rev()
        .zip([2_u32, 3, 4, 5, 6, 7].iter().cycle())
        .map(|(byte, weight)| u32::from(byte.wrapping_sub(b'0')).saturating_mul(*weight))
        .sum();
    let wanted = match 11_u32.saturating_sub(sum % 11) {
        11 => b'0',
        10 => b'K',
        rest => b'0'.saturating_add(u8::try_from(rest).unwrap_or_default()),
    };
    !same(body) && *last == wanted
}
