//! How figures, times and names are written for people. Templates call these by their paths.
//!
//! Every function takes its argument by value or behind any number of references, because a template has both.

mod figure;
mod moment;
mod name;

pub use figure::{bytes, compact, count, delta, duration, interval, percent, plural, score, trend};
pub use moment::{age, ago, date, due, is_overdue, rfc3339, short_date, spoken, time};
pub use name::{class, initials, shorten, title, visible};

use jiff::Timestamp;

/// A whole number.
pub trait Whole {
    /// Its value; what is beyond 64 bits is the largest there is.
    fn whole(&self) -> i64;
}

/// A number with a fraction.
pub trait Real {
    /// Its value.
    fn real(&self) -> f64;
}

/// A moment.
pub trait At {
    /// Its value.
    fn at(&self) -> Timestamp;
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a figure on a page has few digits"
)]
fn fraction(whole: i64) -> f64 {
    whole as f64
}

macro_rules! whole {
    ($($number:ty),*) => { $(
        impl Whole for $number {
            fn whole(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
        impl Real for $number {
            fn real(&self) -> f64 {
                fraction(self.whole())
            }
        }
    )* };
}
whole!(i16, i32, i64, u8, u16, u32, u64, usize);

impl Real for f32 {
    fn real(&self) -> f64 {
        f64::from(*self)
    }
}

impl Real for f64 {
    fn real(&self) -> f64 {
        *self
    }
}

impl At for Timestamp {
    fn at(&self) -> Timestamp {
        *self
    }
}

impl<T: Whole + ?Sized> Whole for &T {
    fn whole(&self) -> i64 {
        (**self).whole()
    }
}

impl<T: Real + ?Sized> Real for &T {
    fn real(&self) -> f64 {
        (**self).real()
    }
}

impl<T: At + ?Sized> At for &T {
    fn at(&self) -> Timestamp {
        (**self).at()
    }
}
