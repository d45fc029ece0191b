//! From the product that a record names to the package that it is published as (`data/products.tsv`).

use std::collections::HashMap;
use std::sync::LazyLock;

use stance_core::fact::Ecosystem;

use crate::name;

/// A word, and the package that it names.
#[derive(Debug)]
struct Part {
    word: String,
    package: (Ecosystem, String),
}

/// What a product is published as.
#[derive(Debug)]
struct Product {
    /// Where nothing else is said.
    main: Part,
    /// Parts of it that are packages of their own: they are meant where a text names them.
    parts: Vec<Part>,
}

/// By name in lower case.
static PRODUCTS: LazyLock<HashMap<&'static str, Product>> = LazyLock::new(|| {
    include_str!("../../data/products.tsv")
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let product = fields.next()?;
            let main = part(fields.next()?)?;
            let parts = fields.next().unwrap_or_default().split(' ');
            let parts = parts.filter_map(part).collect();
            Some((product, Product { main, parts }))
        })
        .collect()
});

/// A purl; the word that names it stands before it where it is not the name itself: `langchainjs=pkg:npm/langchain`.
fn part(text: &str) -> Option<Part> {
    let (word, purl) = match text.split_once('=') {
        Some((word, purl)) => (Some(word), purl),
        None => (None, text),
    };
    let package = name::of_purl(purl)?;
    Some(Part {
        word: word.unwrap_or(&package.1).to_lowercase(),
        package,
    })
}

/// The package that a record about a product means; `said` is what it says about the flaw, `advice` what it says
/// to do. None where it names several, whose versions are not the same, or another product.
pub(super) fn package(
    product: &str,
    said: &str,
    advice: &str,
) -> Option<&'static (Ecosystem, String)> {
    let key = product.trim().to_lowercase();
    let product = PRODUCTS.get(key.as_str())?;
    let (said, advice) = (plain(said), plain(advice));
    let named: Vec<&Part> = std::iter::once(&product.main)
        .chain(&product.parts)
        .filter(|part| names(&advice, &part.word))
        .collect();
    // What to move to says it best.
    match named.as_slice() {
        [one] => return Some(&one.package),
        [] => {}
        _ => return None,
    }
    let foreign = PRODUCTS.iter().any(|(other, known)| {
        known.main.package != product.main.package
            && (names(&advice, other) || names(&advice, &known.main.word))
    });
    if foreign {
        return None;
    }
    let parts = product.parts.iter();
    let parts: Vec<&Part> = parts.filter(|part| names(&said, &part.word)).collect();
    match parts.as_slice() {
        [one] => Some(&one.package),
        [] => {
            let squeezed = |text: &str| text.replace(['-', '_', ' ', '.'], "");
            let text = squeezed(&said);
            let mentioned = if product.parts.is_empty() {
                // Spelled as anybody likes.
                text.contains(&squeezed(&key)) || text.contains(&squeezed(&product.main.word))
            } else {
                names(&said, &product.main.word)
            };
            mentioned.then_some(&product.main.package)
        }
        _ => None,
    }
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace('_', "-")
}

/// Whether a text holds a name as a word of its own.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '/' | '@');
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let end = at.saturating_add(name.len());
        let behind = text.get(end..).and_then(|text| text.chars().next());
        !before.is_some_and(inside) && !behind.is_some_and(inside)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_means_the_package_that_it_names() {
        for (product, said, advice, want) in [
            ("Open-WebUI", "Open WebUI breaks", "", Some("open-webui")),
            ("langchain", "LangChain before 0.1", "", Some("langchain")),
            (
                "langchain",
                "LangChain in `langchain_community`",
                "",
                Some("langchain-community"),
            ),
            (
                "langchain",
                "LangChain breaks",
                "Upgrade to langchain-core>=1.0",
                Some("langchain-core"),
            ),
            (
                "langchain",
                "LangChain breaks",
                "Upgrade to langchainjs version 0.2",
                Some("langchain"),
            ),
            // Several, another product, or one that only begins with the same word.
            (
                "langchain",
                "LangChain",
                "Upgrade `@langchain/core` to 1 or `langchain` to 2",
                None,
            ),
            (
                "langchain",
                "The LangChain node of n8n",
                "Upgrade to n8n version 1.107.0",
                None,
            ),
            ("langchain", "Langchain-Chatchat up to 0.3", "", None),
            ("a product nobody knows", "", "", None),
        ] {
            let got = package(product, said, advice).map(|(_, name)| name.as_str());
            assert_eq!(got, want, "{said} {advice}");
        }
    }
}
