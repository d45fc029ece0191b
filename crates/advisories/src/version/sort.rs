//! Sorting by an order that may not be one.

use std::cmp::Ordering;

/// Sorts without changing the order of equals. The order of Maven, as it is defined, goes in a circle for some
/// versions that a record can be made of, and the sort of the standard library may panic on such an order.
pub(crate) fn sorted<T>(items: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let mut runs: Vec<Vec<T>> = items.into_iter().map(|item| vec![item]).collect();
    while runs.len() > 1 {
        let mut pairs = runs.into_iter();
        runs = Vec::new();
        while let Some(first) = pairs.next() {
            runs.push(match pairs.next() {
                Some(second) => merged(first, second, &order),
                None => first,
            });
        }
    }
    runs.pop().unwrap_or_default()
}

fn merged<T>(first: Vec<T>, second: Vec<T>, order: &impl Fn(&T, &T) -> Ordering) -> Vec<T> {
    let mut out = Vec::with_capacity(first.len().saturating_add(second.len()));
    let (mut first, mut second) = (first.into_iter().peekable(), second.into_iter().peekable());
    while let (Some(a), Some(b)) = (first.peek(), second.peek()) {
        match order(a, b) {
            Ordering::Greater => out.extend(second.next()),
            _ => out.extend(first.next()),
        }
    }
    out.extend(first);
    out.extend(second);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_keep_their_order_and_a_circle_ends() {
        let items = vec![(3, 'a'), (1, 'b'), (3, 'c'), (2, 'd'), (1, 'e')];
        let sorted_items = sorted(items, |a, b| a.0.cmp(&b.0));
        assert_eq!(
            sorted_items,
            [(1, 'b'), (1, 'e'), (2, 'd'), (3, 'a'), (3, 'c')]
        );
        // Rock, paper, scissors, often enough for the sort of the standard library to notice.
        let circle: Vec<u8> = (0..200).map(|at| at % 3).collect();
        let beats = |a: &u8, b: &u8| match (3 + a - b) % 3 {
            0 => Ordering::Equal,
            1 => Ordering::Greater,
            _ => Ordering::Less,
        };
        assert_eq!(sorted(circle, beats).len(), 200);
    }
}
