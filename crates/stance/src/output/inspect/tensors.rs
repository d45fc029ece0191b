//! The table of tensors.

use stance_core::fact::{Artifact, Tensor};

use crate::output::printable::{printable, width};
use crate::output::tally::grouped;
use crate::output::text::Paint;

/// Writes one line a tensor: name, data type, shape, where its data lies and how long it is.
pub(super) fn write(out: &mut String, artifact: &Artifact, columns: usize, paint: Paint) {
    let tensors = &artifact.tensor_list;
    if tensors.is_empty() {
        out.push_str("  the header of this format tells no tensors one by one\n\n");
        return;
    }
    let rows: Vec<[String; 5]> = tensors.iter().map(row).collect();
    let head = ["tensor", "type", "shape", "offset", "bytes"].map(str::to_owned);
    let mut widths = head.clone().map(|cell| width(&cell));
    for row in &rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    let [_, fixed @ ..] = &widths;
    // A long name takes what the others leave; cut in its middle, where names are alike.
    let taken: usize = fixed.iter().map(|wide| wide + 2).sum();
    widths[0] = widths[0].min(columns.saturating_sub(taken + 2).max(16));
    out.push_str(&format!("  {}\n", paint.dim(line(&head, &widths))));
    for row in &rows {
        out.push_str(&format!("  {}\n", line(row, &widths)));
    }
    let left = artifact
        .tensors
        .unwrap_or_default()
        .saturating_sub(tensors.len() as u64);
    if left > 0 {
        out.push_str(&format!("  and {} more\n", grouped(left)));
    }
    out.push('\n');
}

fn row(tensor: &Tensor) -> [String; 5] {
    let number = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), grouped);
    [
        printable(&tensor.name).into_owned(),
        printable(&tensor.dtype).into_owned(),
        shape(&tensor.shape),
        tensor
            .offset
            .map_or_else(|| "-".to_owned(), |offset| format!("{offset:#x}")),
        number(tensor.bytes),
    ]
}

/// `[4096, 32000]`; a single number is `[]`.
pub(super) fn shape(shape: &[u64]) -> String {
    let sizes: Vec<String> = shape.iter().map(u64::to_string).collect();
    format!("[{}]", sizes.join(", "))
}

fn line(cells: &[String; 5], widths: &[usize; 5]) -> String {
    let [name, dtype, shape, offset, bytes] = cells;
    let name = middle(name, widths[0]);
    let pad = " ".repeat(widths[0].saturating_sub(width(&name)));
    format!(
        "{name}{pad}  {dtype:dtypes$}  {shape:shapes$}  {offset:>offsets$}  {bytes:>sizes$}",
        dtypes = widths[1],
        shapes = widths[2],
        offsets = widths[3],
        sizes = widths[4],
    )
}

/// A name cut to `columns` in its middle.
pub(super) fn middle(name: &str, columns: usize) -> String {
    if width(name) <= columns {
        return name.to_owned();
    }
    let characters: Vec<char> = name.chars().collect();
    let keep = columns.saturating_sub(1);
    let front = keep / 2;
    let back = keep - front;
    let head: String = characters.iter().take(front).collect();
    let tail: String = characters.iter().skip(characters.len() - back).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_in_its_middle() {
        assert_eq!(middle("model.layers.17.weight", 11), "model…eight");
        assert_eq!(middle("short", 11), "short");
        assert_eq!(shape(&[]), "[]");
        assert_eq!(shape(&[3, 4]), "[3, 4]");
    }
}
