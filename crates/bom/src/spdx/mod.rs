//! SPDX in JSON: 3.0.1 is written (profiles core, software, AI, dataset, simple licensing, extension); 2.2, 2.3 and
//! 3.0 are read and validated.

mod read2;
mod read3;
mod rules2;
mod rules3;
mod words;
mod write;

pub(crate) use read2::read as read2;
pub(crate) use read3::read as read3;
pub(crate) use rules2::validate as validate2;
pub(crate) use rules3::validate as validate3;
pub use write::write;
