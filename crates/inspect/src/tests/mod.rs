//! Formats as they come in containers: what a parser and the readers around it promise together.

mod numpy;
mod pickles;
mod rdata;
mod weights;
