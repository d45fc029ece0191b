//! Australia and New Zealand.

use super::checks::{digit, number, same, weighted};
use super::{Rule, rule};

pub(super) const RULES: &[Rule] = &[
    rule!(AuTfn, ["000 000 000", "000-000-000"], is_tfn, verified true, [Australia, Tax], 52, 96),
    rule!(AuTfn, ["000000000"], is_tfn, verified true, [Australia], 25, 94),
    rule!(AuAbn, ["00 000 000 000"], is_abn, verified true, [Australia, Tax], 85, 98),
    rule!(AuAbn, ["00000000000"], is_abn, verified true, [Australia], 60, 96),
    rule!(AuAcn, ["000 000 000"], is_acn, verified true, [Australia], 52, 94),
    rule!(AuAcn, ["000000000"], is_acn, verified true, [Australia], 20, 92),
    rule!(AuMedicare, ["0000 00000 0", "0000-00000-0"], is_medicare, verified true, [Australia, Medicare], 80, 97),
    rule!(AuMedicare, ["0000000000"], is_medicare, verified true, [Australia, Medicare], 30, 95),
    rule!(NzIrd, ["00-000-000", "000-000-000"], is_ird, verified true, [NewZealand], 45, 94),
    rule!(NzIrd, ["00000000", "000000000"], is_ird, verified true, [NewZealand], 0, 92),
];

fn is_tfn(p: &[u8]) -> bool {
    !same(p) && weighted(p, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11)
}

/// The first digit counts one less.
fn is_abn(p: &[u8]) -> bool {
    let sum = weighted(p, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    digit(p, 0) > 0 && sum.saturating_sub(10).is_multiple_of(89)
}

fn is_acn(p: &[u8]) -> bool {
    let rest = weighted(p, &[8, 7, 6, 5, 4, 3, 2, 1]) % 10;
    !same(p) && 10_u32.saturating_sub(rest) % 10 == digit(p, 8)
}

fn is_medicare(p: &[u8]) -> bool {
    (2..=6).contains(&digit(p, 0))
        && weighted(p, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10 == digit(p, 8)
        && digit(p, 9) > 0
}

fn is_ird(p: &[u8]) -> bool {
    let mut padded = p.to_vec();
    if padded.len() == 8 {
        padded.insert(0, b'0');
    }
    let check = |weights: &[u32]| 11_u32.saturating_sub(weighted(&padded, weights) % 11) % 11;
    let mut wanted = check(&[3, 2, 7, 6, 5, 4, 3, 2]);
    if wanted == 10 {
        wanted = check(&[7, 4, 3, 2, 5, 2, 7, 6]);
    }
    (10_000_000..150_000_000).contains(&number(&padded, 0, 9)) && wanted == digit(&padded, 8)
}
