//! Values with holes: what an expression is, where other files may say more.

use std::collections::BTreeMap;

use stance_core::fact::Value;

/// Most parts of a container, alternatives or arguments that are kept.
const PARTS: usize = 256;
/// Deepest nesting that is kept.
const DEPTH: u32 = 12;

/// What is known about an expression, with names of other files left open.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// Known as it is.
    Value(Value),
    /// Something this file defines at its top.
    Local(String),
    /// Something of another module, as this file writes it: the module and names inside it. Where a language does
    /// not tell one from the other (`a.b.c` of Python), all of it stands in the module.
    Import {
        /// `..config`, `a.b`, `./config`, `@scope/package`.
        module: String,
        /// Names inside of it, outermost first.
        names: Vec<String>,
    },
    /// An attribute, property or entry.
    Member(Box<Self>, String),
    /// Some element or entry, it is not known which.
    Element(Box<Self>),
    /// Texts one behind the other.
    Joined(Vec<Self>),
    /// One of several.
    OneOf(Vec<Self>),
    /// A list, tuple or set.
    List(Vec<Self>),
    /// A dictionary or object.
    Map(BTreeMap<String, Self>),
    /// The result of a call.
    Made {
        /// What is called.
        callee: Box<Self>,
        /// With what, by keyword where there is one.
        arguments: Vec<(Option<String>, Self)>,
    },
    /// A parameter of a function of this file.
    Parameter {
        /// The function: `f`, `Class.method`; a constructor has the name of its class.
        function: String,
        /// The parameter.
        name: String,
        /// What it is when nothing is passed.
        default: Option<Box<Self>>,
    },
    /// A function of this file.
    Function(Box<Function>),
    /// A class of this file.
    Class(Box<Class>),
    /// Anything else.
    Unknown,
}

/// A function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// `f`, `Class.method`.
    pub name: String,
    /// Parameters in order, without the object that a method belongs to.
    pub parameters: Vec<String>,
    /// What it gives back, in terms of its parameters.
    pub returns: Term,
}

/// A class, enumeration or record.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// What it inherits from.
    pub bases: Vec<Term>,
    /// Parameters of its constructor in order.
    pub parameters: Vec<String>,
    /// Its members, and what its constructor sets, in terms of the parameters.
    pub members: BTreeMap<String, Term>,
}

impl Term {
    /// A term for a value that is known.
    #[must_use]
    pub fn text(text: &str, how: stance_core::How) -> Self {
        Self::Value(Value::Text {
            text: text.to_owned(),
            how,
        })
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Value(value) => value.text(),
            _ => None,
        }
    }

    /// Whether another file, or a caller, may say more about it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open_within(DEPTH)
    }

    fn open_within(&self, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else {
            return false;
        };
        let any = |all: &[Self]| all.iter().any(|one| one.open_within(depth));
        match self {
            Self::Local(_) | Self::Import { .. } | Self::Parameter { .. } => true,
            Self::Member(of, _) | Self::Element(of) => of.open_within(depth),
            Self::Joined(all) | Self::OneOf(all) | Self::List(all) => any(all),
            Self::Map(map) => map.values().any(|one| one.open_within(depth)),
            Self::Made { callee, arguments } => {
                callee.open_within(depth) || arguments.iter().any(|(_, it)| it.open_within(depth))
            }
            Self::Value(_) | Self::Function(_) | Self::Class(_) | Self::Unknown => false,
        }
    }

    /// The same within the bounds of what is kept: what is nested deeper or is too much is unknown.
    #[must_use]
    pub fn bounded(self) -> Self {
        self.bounded_within(DEPTH)
    }

    fn bounded_within(self, depth: u32) -> Self {
        let Some(depth) = depth.checked_sub(1) else {
            return Self::Unknown;
        };
        let all = |all: Vec<Self>| {
            let all = all.into_iter().take(PARTS);
            all.map(|one| one.bounded_within(depth)).collect()
        };
        match self {
            Self::Member(of, name) => Self::Member(Box::new(of.bounded_within(depth)), name),
            Self::Element(of) => Self::Element(Box::new(of.bounded_within(depth))),
            Self::Joined(parts) => Self::Joined(all(parts)),
            Self::OneOf(parts) => Self::OneOf(all(parts)),
            Self::List(parts) => Self::List(all(parts)),
            Self::Map(map) => {
                let map = map.into_iter().take(PARTS);
                Self::Map(map.map(|(key, one)| (key, one.bounded_within(depth))).collect())
            }
            Self::Made { callee, arguments } => Self::Made {
                callee: Box::new(callee.bounded_within(depth)),
                arguments: arguments
                    .into_iter()
                    .take(PARTS)
                    .map(|(name, one)| (name, one.bounded_within(depth)))
                    .collect(),
            },
            other => other,
        }
    }
}

/// The dotted name of what cannot be followed further: `openai.OpenAI().chat`; what a file defines begins with
/// `.`, what comes from nowhere with `?`.
#[must_use]
pub fn dotted(term: &Term) -> String {
    dotted_within(term, DEPTH)
}

fn dotted_within(term: &Term, depth: u32) -> String {
    let Some(depth) = depth.checked_sub(1) else {
        return "?".to_owned();
    };
    match term {
        Term::Value(Value::Name(name)) => name.clone(),
        Term::Value(Value::Call(name)) => format!("{name}()"),
        Term::Local(name) => format!(".{name}"),
        Term::Import { module, names } => {
            let mut path = module.clone();
            for name in names {
                if !path.ends_with('.') {
                    path.push('.');
                }
                path.push_str(name);
            }
            path
        }
        Term::Member(of, name) => format!("{}.{name}", dotted_within(of, depth)),
        Term::Element(of) => format!("{}.[]", dotted_within(of, depth)),
        Term::Made { callee, .. } => format!("{}()", dotted_within(callee, depth)),
        Term::OneOf(all) => all
            .first()
            .map_or_else(|| "?".to_owned(), |one| dotted_within(one, depth)),
        Term::Function(function) => format!(".{}", function.name),
        Term::Class(class) => format!(".{}", class.name),
        Term::Parameter { name, .. } => format!("?.{name}"),
        _ => "?".to_owned(),
    }
}
