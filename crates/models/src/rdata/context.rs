//! When code inside an object runs.

use super::functions::HOOKS;

/// When a call runs that stands in an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    /// When a model function evaluates the expression: a formula, the call of a model.
    Expression,
    /// When the value is looked at for the first time.
    Promise,
    /// Whenever the variable is looked at.
    Active,
    /// When R loads the workspace at its start, or ends.
    StartUp,
    /// When somebody calls the function.
    Function,
    /// Not again: the value is there already.
    Evaluated,
}

impl Context {
    const ALL: [Self; 6] = [
        Self::Expression,
        Self::Promise,
        Self::Active,
        Self::StartUp,
        Self::Function,
        Self::Evaluated,
    ];

    /// Its name, with which the detail of a fact begins.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Expression => "expression",
            Self::Promise => "promise",
            Self::Active => "active binding",
            Self::StartUp => "start-up hook",
            Self::Function => "function",
            Self::Evaluated => "evaluated promise",
        }
    }

    /// The context that the detail of a fact begins with, and what follows it.
    #[must_use]
    pub fn of_detail(detail: &str) -> Option<(Self, &str)> {
        let (title, rest) = detail.split_once(": ")?;
        let context = Self::ALL
            .into_iter()
            .find(|context| context.title() == title)?;
        Some((context, rest))
    }

    /// Whether it runs without anybody calling it.
    #[must_use]
    pub const fn runs_by_itself(self) -> bool {
        matches!(self, Self::Promise | Self::Active | Self::StartUp)
    }

    /// What holds inside of a function that stands here.
    pub(super) const fn inside_function(self) -> Self {
        if self.runs_by_itself() {
            self
        } else {
            Self::Function
        }
    }

    /// What holds for a named object of a workspace.
    pub(super) fn of_object(name: Option<&str>) -> Self {
        if name.is_some_and(|name| HOOKS.contains(&name)) {
            Self::StartUp
        } else {
            Self::Expression
        }
    }
}
