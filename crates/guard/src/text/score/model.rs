//! A model: weights of one byte, two thresholds, and a sum over all of it.
//!
//! The file is ours: `STGM`, the version, the number of weights (each 4 bytes, little endian), scale, bias, log and block
//! threshold (32-bit floats, little endian), the weights, and the SHA-256 of everything before it.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::features::SIZE;

const MAGIC: &[u8; 4] = b"STGM";
const VERSION: u32 = 1;
const HEAD: usize = 28;
const SUM: usize = 32;

/// Which of the two models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// For what a user says to a model.
    Direct,
    /// For what a tool, a document or the description of a tool says.
    Untrusted,
}

impl Kind {
    /// Its name, in files and figures.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Untrusted => "untrusted",
        }
    }
}

/// Why a model cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// It is not a model of this version and size.
    #[error("not a model of version {VERSION} with {SIZE} weights ({0} bytes)")]
    Form(usize),
    /// Its sum is not that of its bytes.
    #[error("the sum of the model does not fit its bytes")]
    Sum,
    /// A number in its head is none, or the thresholds are not in order.
    #[error("the numbers in the head of the model make no sense")]
    Numbers,
}

/// A linear model over [`SIZE`] features.
#[derive(Clone, Debug)]
pub struct Model {
    weights: Box<[i8; SIZE]>,
    scale: f32,
    bias: f32,
    log: f32,
    block: f32,
}

impl Model {
    /// The model that comes with this crate.
    ///
    /// # Errors
    ///
    /// If the file that was compiled in is damaged; a test sees to it that it is not.
    pub fn own(kind: Kind) -> Result<&'static Self, ModelError> {
        static DIRECT: LazyLock<Result<Model, ModelError>> =
            LazyLock::new(|| Model::read(include_bytes!("../../../models/direct.bin")));
        static UNTRUSTED: LazyLock<Result<Model, ModelError>> =
            LazyLock::new(|| Model::read(include_bytes!("../../../models/untrusted.bin")));
        match kind {
            Kind::Direct => DIRECT.as_ref(),
            Kind::Untrusted => UNTRUSTED.as_ref(),
        }
        .map_err(Clone::clone)
    }

    /// A model of these numbers: each weight is a step of `scale`; `log` and `block` are margins.
    ///
    /// # Errors
    ///
    /// [`ModelError::Numbers`] if a number is not finite or the thresholds are not in order, [`ModelError::Form`] if there
    /// are not [`SIZE`] weights.
    pub fn new(
        weights: Vec<i8>,
        scale: f32,
        bias: f32,
        log: f32,
        block: f32,
    ) -> Result<Self, ModelError> {
        let count = weights.len();
        let weights = Box::try_from(weights).map_err(|_| ModelError::Form(count))?;
        if ![scale, bias, log, block].iter().all(|n| n.is_finite()) || scale <= 0.0 || block <= log
        {
            return Err(ModelError::Numbers);
        }
        Ok(Self {
            weights,
            scale,
            bias,
            log,
            block,
        })
    }

    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    ///
    /// If it is not such a file, or not all of one, or was changed.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let form = || ModelError::Form(bytes.len());
        if bytes.len() != HEAD.saturating_add(SIZE).saturating_add(SUM) {
            return Err(form());
        }
        let (body, sum) = bytes
            .split_at_checked(bytes.len().saturating_sub(SUM))
            .ok_or_else(form)?;
        let (head, weights) = body.split_at_checked(HEAD).ok_or_else(form)?;
        let size = u32::try_from(SIZE).unwrap_or(u32::MAX).to_le_bytes();
        if head.get(..4) != Some(MAGIC)
            || head.get(4..8) != Some(&VERSION.to_le_bytes())
            || head.get(8..12) != Some(&size)
        {
            return Err(form());
        }
        if Sha256::digest(body).as_slice() != sum {
            return Err(ModelError::Sum);
        }
        let number = |at: usize| {
            head.get(at..at.saturating_add(4))
                .and_then(|four| <[u8; 4]>::try_from(four).ok())
                .map(f32::from_le_bytes)
                .ok_or(ModelError::Numbers)
        };
        Self::new(
            weights
                .iter()
                .map(|byte| i8::from_le_bytes([*byte]))
                .collect(),
            number(12)?,
            number(16)?,
            number(20)?,
            number(24)?,
        )
    }

    /// The file of this model.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD.saturating_add(SIZE).saturating_add(SUM));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(SIZE).unwrap_or(u32::MAX).to_le_bytes());
        for number in [self.scale, self.bias, self.log, self.block] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend(self.weights.iter().flat_map(|weight| weight.to_le_bytes()));
        let sum = Sha256::digest(&bytes);
        bytes.extend_from_slice(&sum);
        bytes
    }

    /// The weight of a feature, in steps.
    #[inline]
    #[must_use]
    pub(crate) fn weight(&self, index: u32) -> i32 {
        let index = index as usize & (SIZE - 1);
        self.weights
            .get(index)
            .map_or(0, |weight| i32::from(*weight))
    }

    /// The margin of a window: the sum of its weights in steps, over the square root of the sum of squares of its values.
    #[inline]
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "sums of a window are far below what a float holds"
    )]
    pub(crate) fn margin(&self, sum: i64, squares: u64) -> f32 {
        self.scale * sum as f32 / (squares.max(1) as f32).sqrt() + self.bias
    }

    /// A margin as a score between 0 and 1: 0.5 at the log threshold, 0.9 at the block threshold.
    #[must_use]
    pub fn score(&self, margin: f32) -> f32 {
        // The logistic function has the value 0.9 at the logarithm of 9.
        let steepness = 9.0_f32.ln() / (self.block - self.log);
        1.0 / (1.0 + (-(margin - self.log) * steepness).exp())
    }

    /// The margin from which a text is logged.
    #[must_use]
    pub fn log_threshold(&self) -> f32 {
        self.log
    }

    /// The margin from which a text is blocked.
    #[must_use]
    pub fn block_threshold(&self) -> f32 {
        self.block
    }
}
