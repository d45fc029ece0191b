pub(crate) const LONGEST_TEMPLATE: usize = 256 * 1024;
pub(crate) mod template;
