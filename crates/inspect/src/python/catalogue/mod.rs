//! What the analysis knows about the world: modules, calls, model names,
//! variables, addresses. Tables only; a line more is all that a new SDK needs.

mod apis;
mod hosts;
mod hub;
mod names;
mod roots;
mod variables;

pub(crate) use apis::{APIS, Api, Role};
pub(crate) use hosts::vendor_at;
pub(crate) use hub::{dataset_id, model_id};
pub(crate) use names::{beginnings as model_beginnings, recognise, with_provider};
pub(crate) use roots::{ROOTS, Root, is_common, root_of};
pub(crate) use variables::{Opens, opens, unusual};
