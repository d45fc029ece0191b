//! A tensor: which elements of which bytes, in which order.

use super::dtype::Dtype;
use super::place::Place;

/// Most dimensions; PyTorch and NumPy stop at 64.
const DIMENSIONS: usize = 64;

/// What is known of a tensor whose bytes can be copied.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<u64>,
    /// Elements from one index to the next, for each dimension.
    pub(crate) strides: Vec<u64>,
    /// Where its first element is in `place`, in bytes.
    pub(crate) start: u64,
    pub(crate) place: Place,
    /// Whether the bytes of an element come in the other order.
    pub(crate) swapped: bool,
}

impl Tensor {
    /// Checks that all of its elements are there.
    pub(crate) fn new(
        dtype: Dtype,
        shape: Vec<u64>,
        strides: Vec<u64>,
        start: u64,
        place: Place,
        swapped: bool,
    ) -> Result<Self, String> {
        if shape.len() != strides.len() || shape.len() > DIMENSIONS {
            return Err("its shape and strides do not fit each other".to_owned());
        }
        let tensor = Self {
            dtype,
            shape,
            strides,
            start,
            place,
            swapped: swapped && dtype.word() > 1,
        };
        let length = tensor.bytes().ok_or("its shape is too large")?;
        if length > 0 {
            let end = tensor.end().ok_or("its strides are too large")?;
            match tensor.place.length() {
                Some(there) if end > there => {
                    return Err(format!(
                        "it reaches to byte {end} of a storage of {there} bytes"
                    ));
                }
                _ => {}
            }
        }
        Ok(tensor)
    }

    /// One whose elements follow each other in the order of its indices.
    pub(crate) fn contiguous(
        dtype: Dtype,
        shape: Vec<u64>,
        place: Place,
        swapped: bool,
    ) -> Result<Self, String> {
        let strides = row_major(&shape).ok_or("its shape is too large")?;
        Self::new(dtype, shape, strides, 0, place, swapped)
    }

    /// One whose first index runs fastest.
    pub(crate) fn column_major(
        dtype: Dtype,
        shape: Vec<u64>,
        place: Place,
        swapped: bool,
    ) -> Result<Self, String> {
        let reversed: Vec<u64> = shape.iter().rev().copied().collect();
        let mut strides = row_major(&reversed).ok_or("its shape is too large")?;
        strides.reverse();
        Self::new(dtype, shape, strides, 0, place, swapped)
    }

    pub(crate) fn elements(&self) -> Option<u64> {
        if self.shape.contains(&0) {
            return Some(0);
        }
        self.shape
            .iter()
            .try_fold(1_u64, |product, side| product.checked_mul(*side))
    }

    /// Bytes of all its elements.
    pub(crate) fn bytes(&self) -> Option<u64> {
        self.elements()?.checked_mul(self.dtype.size())
    }

    /// Where the byte behind its last element is in its place.
    fn end(&self) -> Option<u64> {
        let last = self
            .shape
            .iter()
            .zip(&self.strides)
            .try_fold(0_u64, |last, (side, stride)| {
                last.checked_add(side.checked_sub(1)?.checked_mul(*stride)?)
            })?;
        last.checked_add(1)?
            .checked_mul(self.dtype.size())?
            .checked_add(self.start)
    }

    /// Whether its elements follow each other.
    pub(crate) fn is_contiguous(&self) -> bool {
        let mut expected = 1_u64;
        for (side, stride) in self.shape.iter().zip(&self.strides).rev() {
            if *side == 1 {
                continue;
            }
            if *stride != expected {
                return false;
            }
            expected = expected.saturating_mul(*side);
        }
        true
    }
}

/// Strides of a tensor whose last index runs fastest.
fn row_major(shape: &[u64]) -> Option<Vec<u64>> {
    let mut strides = vec![0; shape.len()];
    let mut step = 1_u64;
    for (stride, side) in strides.iter_mut().zip(shape).rev() {
        *stride = step;
        step = step.checked_mul((*side).max(1))?;
    }
    Some(strides)
}
