//! What says how urgent a flaw is: the catalogue of exploited ones (KEV of CISA), the likelihood of use (EPSS).

use serde::Deserialize;

/// A catalogue of flaws that are known to be used by attackers.
#[derive(Debug, PartialEq, Eq)]
pub struct Kev {
    /// The day of the catalogue, as it names itself.
    pub version: String,
    /// CVE numbers.
    pub ids: Vec<String>,
}

#[derive(Deserialize)]
struct Catalogue {
    #[serde(default, rename = "catalogVersion")]
    version: String,
    vulnerabilities: Vec<Exploited>,
}

#[derive(Deserialize)]
struct Exploited {
    #[serde(rename = "cveID")]
    id: String,
}

/// Reads the catalogue, JSON.
///
/// # Errors
/// In words, when it is none.
pub fn kev(bytes: &[u8]) -> Result<Kev, String> {
    let catalogue: Catalogue = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    Ok(Kev {
        version: catalogue.version,
        ids: catalogue
            .vulnerabilities
            .into_iter()
            .map(|one| one.id.trim().to_owned())
            .collect(),
    })
}

/// One line of an EPSS table: `CVE-2024-1,0.00043,0.1`; `None` for heads and remarks.
#[must_use]
pub fn epss(line: &str) -> Option<(&str, f64)> {
    let mut fields = line.trim().split(',');
    let id = fields.next()?.trim();
    let score: f64 = fields.next()?.trim().parse().ok()?;
    (id.starts_with("CVE-") && (0.0..=1.0).contains(&score)).then_some((id, score))
}

/// The day of an EPSS table, from its first line: `#model_version:v2023.03.01,score_date:2024-05-01T00:00:00+0000`.
#[must_use]
pub fn epss_day(line: &str) -> Option<&str> {
    let (_, day) = line.strip_prefix('#')?.split_once("score_date:")?;
    day.get(..10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_are_read() {
        let kev = kev(br#"{"catalogVersion": "2025.08.25", "count": 1, "vulnerabilities": [{"cveID": "CVE-2025-3248"}]}"#);
        assert_eq!(kev.unwrap().ids, ["CVE-2025-3248"]);
        assert_eq!(epss("CVE-2024-1,0.5,0.9\n"), Some(("CVE-2024-1", 0.5)));
        assert_eq!(epss("cve,epss,percentile"), None);
        assert_eq!(epss("CVE-2024-1,NaN,0"), None);
        assert_eq!(
            epss_day("#model_version:v1,score_date:2024-05-01T00:00:00+0000"),
            Some("2024-05-01")
        );
    }
}
