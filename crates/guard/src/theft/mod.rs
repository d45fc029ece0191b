//! Patterns over many requests: extraction, membership inference, probing, unbounded consumption, change of habits.
//!
//! [`Watch::observe`] takes one [`Event`] per request, with its time, and gives the signals that it completes. An identity is held against
//! its own past ([`Rule::Rate`] and its like) once that is known, and against what is strange for anybody at all times. Young identities
//! that behave alike are also looked at together, since a thief changes keys.
//!
//! Nothing is kept of a prompt but a [`Print`], from which it cannot be read. State is bounded: [`MOST_BYTES`] per identity and the caps of
//! [`Settings`] over all; when they are reached, the identity that was least suspicious and longest silent is forgotten first, and
//! [`Watch::forgotten`] counts it.
//!
//! What it cannot know:
//! - Whether a batch job, an evaluation or a front end of many people is allowed to be one: [`Expected`] says so, and until it does they look
//!   like enumeration, harvest and distillation.
//! - What a patient thief does who stays within the habits of a busy key, or who mixes in the small talk that tells people from programs.
//! - Whether texts that are embedded or classified are read out of a model: whoever fills an index asks about something new each time.
//!   [`Rule::Coverage`] is about conversations, [`Rule::Prada`] about rows of numbers.
//! - Anything that a single request shows; other parts of the guard judge that.

mod baseline;
mod boundary;
mod consumption;
mod coverage;
mod event;
mod fading;
mod group;
mod harvest;
mod hour;
mod identity;
mod loops;
mod marks;
mod neighbours;
mod patterns;
mod point;
mod prada;
mod print;
mod settings;
mod shapiro;
mod signal;
mod simhash;
mod sketch;
mod table;
mod template;
mod voice;
mod watch;
mod words;

pub use event::{Asks, Event, Operation, Outcome, identity, name};
pub use identity::{MOST_BYTES, Standing};
pub use point::Point;
pub use print::{Marks, Print};
pub use settings::{Expected, Settings};
pub use shapiro::{LARGEST_SAMPLE, Normality, shapiro_wilk};
pub use signal::{ALERT, Figure, NOTICE, Rule, Signal, Subject};
pub use watch::Watch;
