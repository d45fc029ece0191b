//! What every page has around its content: the menu, who is signed in, the message after an action, the health line.
//!
//! A handler fills one [`Frame`] for the request and each page says its title and section; `templates/layout.html`
//! reads nothing else.

mod section;
mod viewer;

pub use section::{Counts, MenuItem, Section};
pub use viewer::{Crumb, Flash, Health, Theme, Tone, Viewer};

use jiff::Timestamp;

/// The values of the layout.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The title of the page, without the name of the product.
    pub title: String,
    /// The entry of the menu that the page belongs to; nothing for pages beside the menu.
    pub section: Option<Section>,
    /// The way up from the page, the farthest first; the page itself is not in it.
    pub crumbs: Vec<Crumb>,
    /// Who is signed in. Without a viewer the page is a card in the middle: no menu, no search.
    pub viewer: Option<Viewer>,
    /// The entries of the menu that the viewer must not open.
    pub hidden: Vec<Section>,
    /// The figures beside the entries of the menu.
    pub counts: Counts,
    /// Light, dark, or what the system says: from the cookie [`Theme::COOKIE`].
    pub theme: Theme,
    /// What the last action did.
    pub flash: Option<Flash>,
    /// The token that forms of this session carry as `csrf`.
    pub csrf: String,
    /// How the sources are.
    pub health: Health,
    /// The clock of the page.
    pub now: Timestamp,
    /// Path and query of the page, to come back to it.
    pub path: String,
    /// Whether the page answers a form, so that nobody can come back to it: what is shown this once.
    pub answer: bool,
    /// What stands in the search box.
    pub query: String,
    /// How many live events were told before the page was made: its script hears of all after them.
    pub heard: u64,
}

/// The route of the search box; it sends `q`.
pub const SEARCH: &str = "/search";
/// The route of the live events.
pub const EVENTS: &str = "/events";
/// The route that keeps the theme: a form with `theme`, `back` and `csrf`.
pub const THEME: &str = "/theme";
/// The route of the viewer's own account.
pub const ACCOUNT: &str = "/account";
/// The route that ends the session: a form with `csrf`.
pub const SIGN_OUT: &str = "/sign-out";

impl Frame {
    /// The frame with the title of a page and its entry of the menu.
    #[must_use]
    pub fn page(mut self, title: impl Into<String>, section: Section) -> Self {
        self.title = title.into();
        self.section = Some(section);
        self
    }

    /// The frame with the title of a page beside the menu: an error, the account, signing in.
    #[must_use]
    pub fn beside(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self.section = None;
        self
    }

    /// The frame with one more step of the way up.
    #[must_use]
    pub fn under(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push(Crumb {
            label: label.into(),
            href: href.into(),
        });
        self
    }

    /// The page above this one.
    #[must_use]
    pub fn above(&self) -> &str {
        self.crumbs.last().map_or("/", |crumb| &crumb.href)
    }

    /// The entries of the menu that this viewer may open.
    #[must_use]
    pub fn menu(&self) -> Vec<MenuItem> {
        Section::ALL
            .into_iter()
            .filter(|section| !self.hidden.contains(section))
            .map(|section| MenuItem {
                section,
                on: self.section == Some(section),
                count: self.counts.of(section),
            })
            .collect()
    }

    /// The address of one of our files.
    #[must_use]
    pub fn asset(&self, name: &'static str) -> &'static str {
        crate::assets::url(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_menu_leaves_out_what_the_viewer_must_not_open() {
        let mut frame = Frame::default().page("Findings", Section::Findings);
        frame.hidden = vec![Section::Audit, Section::Settings];
        frame.counts.findings = Some(63);
        let menu = frame.menu();
        assert_eq!(menu.len(), Section::ALL.len() - 2);
        assert!(menu.iter().all(|item| item.section != Section::Audit));
        let on: Vec<_> = menu.iter().filter(|item| item.on).collect();
        assert_eq!(on.len(), 1);
        assert_eq!(on[0].section, Section::Findings);
        assert_eq!(on[0].count, Some(63));
    }
}
