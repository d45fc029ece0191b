//! Asia and Africa.

use stance_read::personal::numbers::{is_aadhaar, is_chinese_id};

use super::checks::{dated, digit, luhn, number, same, values, weighted};
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!(InAadhaar, ["0000 0000 0000", "0000-0000-0000"], is_indian, verified true, [India, Identity], 70, 97),
    rule!(InAadhaar, ["000000000000"], is_indian, verified true, [India, Identity], 35, 95),
    rule!(InPan, ["AAAAA0000A"], is_pan, verified false, [India, Tax], 75, 95),
    rule!(InGstin, ["00AAAAA0000A0A0", "00AAAAA0000A0AA", "00AAAAA0000AAA0", "00AAAAA0000AAAA"], is_gstin, verified true, [India, Tax], 90, 98),
    rule!(InVoter, ["AAA0000000"], |p| !same(p.get(3..).unwrap_or_default()), verified false, [India], 20, 80),
    rule!(CnIdentity, ["000000000000000000", "00000000000000000A"], |p| str::from_utf8(p).is_ok_and(is_chinese_id), verified true, [China, Identity], 90, 98),
    rule!(JpMyNumber, ["0000 0000 0000", "0000-0000-0000"], is_my_number, verified true, [Japan], 40, 95),
    rule!(JpMyNumber, ["000000000000"], is_my_number, verified true, [Japan], 30, 92),
    rule!(KrResident, ["000000-0000000"], is_korean, verified false, [Korea, Identity], 75, 95),
    rule!(KrResident, ["0000000000000"], |p| is_korean(p) && is_korean_checked(p), verified true, [Korea, Identity], 55, 92),
    rule!(TwIdentity, ["A000000000"], is_taiwanese, verified true, [Taiwan, Identity], 70, 95),
    rule!(HkIdentity, ["A0000000", "AA0000000", "A000000A", "AA000000A"], is_hong_kong, verified true, [HongKong, Identity], 40, 92),
    rule!(SgNric, ["A0000000A"], is_singaporean, verified true, [Singapore, Identity], 85, 97),
    rule!(SgUen, ["00000000A", "000000000A", "A00AA0000A"], is_singaporean_business, verified true, [Singapore], 52, 92),
    rule!(LicensePlate, ["AA00AA0000", "AA00A0000", "AA 00 AA 0000", "AA-00-AA-0000", "AA 00 A 0000"], is_indian_plate, verified false, [Plate, India], 60, 85),
    rule!(ThIdentity, ["0-0000-00000-00-0", "0 0000 00000 00 0"], is_thai, verified true, [Thailand, Identity], 90, 98),
    rule!(ThIdentity, ["0000000000000"], is_thai, verified true, [Thailand], 40, 93),
    rule!(IlIdentity, ["000000000", "00000000-0"], is_israeli, verified true, [Israel], 20, 90),
    rule!(TrIdentity, ["00000000000"], is_turkish, verified true, [Turkey, Identity], 55, 95),
    rule!(ZaIdentity, ["0000000000000"], is_south_african, verified true, [SouthAfrica, Identity], 55, 92),
    rule!(ZaIdentity, ["000000 0000 000", "000000 0000 00 0"], is_south_african, verified true, [SouthAfrica, Identity], 75, 95),
];

fn is_indian(p: &[u8]) -> bool {
    // A number that reads the same from both ends is never given.
    !p.iter().eq(p.iter().rev()) && is_aadhaar(&values(p))
}

/// The fourth letter is the sort of taxpayer.
fn is_pan(p: &[u8]) -> bool {
    p.get(3).is_some_and(|sort| b"ABCFGHJLPT".contains(sort)) && number(p, 5, 9) > 0
}

fn is_gstin(p: &[u8]) -> bool {
    const ORDER: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut sum = 0_usize;
    for (place, byte) in p.iter().take(14).enumerate() {
        let Some(value) = ORDER.iter().position(|known| known == byte) else {
            return false;
        };
        let product = value.saturating_mul(if place % 2 == 0 { 1 } else { 2 });
        sum = sum
            .saturating_add(product / 36)
            .saturating_add(product % 36);
    }
    let wanted = 36_usize.saturating_sub(sum % 36) % 36;
    p.get(13) == Some(&b'Z')
        && (1..=38).contains(&number(p, 0, 2))
        && p.get(14) == ORDER.get(wanted)
}

fn is_my_number(p: &[u8]) -> bool {
    let rest = weighted(p, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let wanted = if rest <= 1 {
        0
    } else {
        11_u32.saturating_sub(rest)
    };
    !same(p) && wanted == digit(p, 11)
}

/// The date of birth, and a digit of century and sex. Since 2020 the check digit is no more given.
fn is_korean(p: &[u8]) -> bool {
    dated(number(p, 2, 4), number(p, 4, 6)) && (1..=8).contains(&digit(p, 6))
}

fn is_korean_checked(p: &[u8]) -> bool {
    let sum = weighted(p, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11;
    11_u32.saturating_sub(sum) % 10 == digit(p, 12)
}

fn is_taiwanese(p: &[u8]) -> bool {
    // Letters stand for 10 to 35 in an order of their own.
    const ORDER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some(value) = p
        .first()
        .and_then(|first| ORDER.iter().position(|known| known == first))
    else {
        return false;
    };
    let code = u32::try_from(value).unwrap_or_default().saturating_add(10);
    let rest = p.get(1..).unwrap_or_default();
    let sum = (code / 10)
        .saturating_add((code % 10).saturating_mul(9))
        .saturating_add(weighted(rest, &[8, 7, 6, 5, 4, 3, 2, 1, 1]));
    matches!(digit(p, 1), 1 | 2 | 8 | 9) && sum.is_multiple_of(10)
}

fn is_hong_kong(p: &[u8]) -> bool {
    let letter = |byte: u8| u32::from(byte.wrapping_sub(b'A')).saturating_add(10);
    let (mut sum, rest) = match p.len() {
        8 => (36_u32.saturating_mul(9), p),
        _ => (
            p.first()
                .map_or(0, |first| letter(*first).saturating_mul(9)),
            p.get(1..).unwrap_or_default(),
        ),
    };
    for (place, byte) in rest.iter().enumerate() {
        let weight = 8_u32.saturating_sub(u32::try_from(place).unwrap_or_default());
        let value = match byte {
            b'0'..=b'9' => u32::from(byte.wrapping_sub(b'0')),
            b'A' if place == 7 => 10,
            _ if place == 0 => letter(*byte),
            _ => return false,
        };
        sum = sum.saturating_add(value.saturating_mul(weight));
    }
    sum.is_multiple_of(11)
}

fn is_singaporean(p: &[u8]) -> bool {
    let Some(first) = p.first() else { return false };
    let sum = weighted(p.get(1..).unwrap_or_default(), &[2, 7, 6, 5, 4, 3, 2]);
    let (letters, more): (&[u8; 11], u32) = match first {
        b'S' => (b"JZIHGFEDCBA", 0),
        b'T' => (b"JZIHGFEDCBA", 4),
        b'F' => (b"XWUTRQPNMLK", 0),
        b'G' => (b"XWUTRQPNMLK", 4),
        b'M' => (b"XWUTRQPNJLK", 3),
        _ => return false,
    };
    let mut rest = sum.saturating_add(more) % 11;
    if *first == b'M' {
        rest = 10_u32.saturating_sub(rest);
        return b"KLJNPQRTUWX".get(usize::try_from(rest).unwrap_or_default()) == p.last();
    }
    letters.get(usize::try_from(rest).unwrap_or_default()) == p.last()
}

fn is_singaporean_business(p: &[u8]) -> bool {
    let (sum, letters): (u32, &[u8; 11]) = match p.len() {
        9 => (weighted(p, &[10, 4, 9, 3, 8, 2, 7, 1]), b"XMKECAWLJDB"),
        _ if p.first().is_some_and(u8::is_ascii_digit) => {
            (weighted(p, &[10, 8, 6, 4, 9, 7, 5, 3, 1]), b"ZKCMDNERGWH")
        }
        _ => {
            const ORDER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWX0123456789";
            let mut sum = 6_u32;
            for (byte, weight) in p.iter().zip([4_u32, 3, 5, 3, 10, 2, 2, 5, 7]) {
                let Some(value) = ORDER.iter().position(|known| known == byte) else {
                    return false;
                };
                let value = u32::try_from(value).unwrap_or_default();
                sum = sum.saturating_add(value.saturating_mul(weight));
            }
            let started = matches!(p.first(), Some(b'R' | b'S' | b'T'));
            (
                sum,
                if started {
                    b"ABCDEFGHJKL"
                } else {
                    return false;
                },
            )
        }
    };
    letters.get(usize::try_from(sum % 11).unwrap_or_default()) == p.last()
}

/// Two letters of a state or territory.
fn is_indian_plate(p: &[u8]) -> bool {
    const STATES: &str =
        "ANAPARASBRCHCGDDDLDNGAGJHPHRJHJKKAKLLALDMHMLMNMPMZNLODORPBPYRJSKTNTRTSUKUPWB";
    let (states, _) = STATES.as_bytes().as_chunks::<2>();
    p.first_chunk::<2>()
        .is_some_and(|state| states.contains(state))
}

fn is_thai(p: &[u8]) -> bool {
    let sum = weighted(p, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    digit(p, 0) > 0 && 11_u32.saturating_sub(sum % 11) % 10 == digit(p, 12)
}

fn is_israeli(p: &[u8]) -> bool {
    !same(p) && luhn(p)
}

fn is_turkish(p: &[u8]) -> bool {
    let odd: u32 = (0..9).step_by(2).map(|at| digit(p, at)).sum();
    let even: u32 = (1..8).step_by(2).map(|at| digit(p, at)).sum();
    // Seven times the odd places less the even ones, modulo ten.
    let tenth = odd.saturating_mul(7).saturating_add(even.saturating_mul(9)) % 10;
    let all: u32 = (0..10).map(|at| digit(p, at)).sum();
    digit(p, 0) > 0 && tenth == digit(p, 9) && all % 10 == digit(p, 10)
}

fn is_south_african(p: &[u8]) -> bool {
    dated(number(p, 2, 4), number(p, 4, 6)) && digit(p, 10) <= 2 && luhn(p)
}
