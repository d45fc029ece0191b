//! The two macros behind "a rule is one file and one line".

/// Declares a rule: its doc comment is kept as text, and becomes its help page,
/// its `explain` text, its SARIF rule and its page in the docs.
///
/// The headings are fixed: `# Title`, `## What it finds`, `## Why it matters`,
/// `## Example`, `## Fix`, `## References`; a test checks them.
macro_rules! rule {
    (
        $(#[doc = $doc:literal])+
        $name:ident {
            id: $id:literal,
            severity: $severity:ident,
            stage: $stage:ident,
            controls: [$($control:literal),* $(,)?],
            bad: [$($bad:expr),* $(,)?],
            good: [$($good:expr),* $(,)?] $(,)?
        }
    ) => {
        struct $name;

        pub(crate) static ENTRY: $crate::Entry = $crate::Entry {
            meta: $crate::RuleMeta {
                id: $id,
                severity: stance_core::Severity::$severity,
                stage: $crate::Stage::$stage,
                controls: &[$($control),*],
                text: concat!($($doc, "\n"),+),
                file: file!(),
                bad: &[$($bad),*],
                good: &[$($good),*],
            },
            rule: &$name,
        };
    };
}

/// Lists the rules of an area: the files beside this one, in order of name.
macro_rules! rules {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// The rules of this area.
        pub static RULES: &[&$crate::Entry] = &[$(&$module::ENTRY),*];
    };
}
