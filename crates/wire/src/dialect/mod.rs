//! The dialects of model providers: what of a request, an answer or an event is a text, whose it is, and what it means.
//!
//! A dialect types only what it touches. Its places are fields by name; what has a name that it does not know and has
//! texts is said to be not judged.

mod anthropic;
mod chat;
mod cohere;
mod completions;
mod content;
mod converse;
mod embeddings;
mod gemini;
mod invoke;
mod items;
mod ollama;
mod responses;
mod route;
mod shape;
mod tools;
pub(crate) mod usage;

pub use route::{Operation, Route, recognise};
pub(crate) use shape::{Bare, Refusal, Shape, Template, of, openai_error as error, quoted};
