//! Simulated traffic: how much is found, after how many queries, and how often honest work is called theft.

mod attacks;
mod figures;
mod habits;
mod state;
mod world;
