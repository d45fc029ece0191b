//! What people see: colours, drawings, components.

mod components;
mod contrast;
mod drawings;
mod files;
