//! Drawings: values in, SVG out; the same values always give the same bytes.
//!
//! Charts have no `viewBox`: what is on their axis stands at percentages, what is on paper in pixels, so text keeps its size
//! from a phone to a wall. Curves live in a nested `<svg>` that stretches. Colours are classes of the stylesheet. Every
//! drawing says in words what it shows, and charts carry their figures as a table.

pub mod ages;
pub mod bars;
pub mod columns;
pub mod graph;
pub mod runs;
pub mod spark;
pub mod stack;
pub mod svg;
pub mod timeline;
pub mod trend;
