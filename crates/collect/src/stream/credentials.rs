//! Credentials and settings for S3, from where the tools of AWS look for them.

use std::path::PathBuf;

/// An access key of AWS or of a compatible store.
pub(super) struct Credentials {
    pub(super) access_key: String,
    pub(super) secret_key: String,
    pub(super) session_token: Option<String>,
}

/// What the environment and the files of the profile say.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) credentials: Option<Credentials>,
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
}

/// Reads the environment, and for what it leaves open the files of the profile.
pub(super) fn environment() -> Settings {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let home = variable("HOME").or_else(|| variable("USERPROFILE"));
    let file = |name: &str, usual: &str| {
        let path = match (variable(name), &home) {
            (Some(path), _) => PathBuf::from(path),
            (None, Some(home)) => PathBuf::from(home).join(usual),
            (None, None) => return String::new(),
        };
        std::fs::read_to_string(path).unwrap_or_default()
    };
    let profile = variable("AWS_PROFILE");
    resolve(
        &variable,
        profile.as_deref().unwrap_or("default"),
        &file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials"),
        &file("AWS_CONFIG_FILE", ".aws/config"),
    )
}

fn resolve(
    variable: &dyn Fn(&str) -> Option<String>,
    profile: &str,
    credentials: &str,
    config: &str,
) -> Settings {
    let section = if profile == "default" {
        profile.to_owned()
    } else {
        format!("profile {profile}")
    };
    let in_files = |key: &str| {
        value(credentials, profile, key)
            .or_else(|| value(config, &section, key))
            .map(str::to_owned)
    };
    let pair = |access: Option<String>, secret: Option<String>, session_token| {
        Some(Credentials {
            access_key: access?,
            secret_key: secret?,
            session_token,
        })
    };
    let from_environment = pair(
        variable("AWS_ACCESS_KEY_ID"),
        variable("AWS_SECRET_ACCESS_KEY"),
        variable("AWS_SESSION_TOKEN"),
    );
    let from_files = || {
        pair(
            in_files("aws_access_key_id"),
            in_files("aws_secret_access_key"),
            in_files("aws_session_token"),
        )
    };
    Settings {
        credentials: from_environment.or_else(from_files),
        region: variable("AWS_REGION")
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .or_else(|| in_files("region")),
        endpoint: variable("AWS_ENDPOINT_URL_S3")
            .or_else(|| variable("AWS_ENDPOINT_URL"))
            .or_else(|| in_files("endpoint_url")),
    }
}

/// The value of a key in a section of an INI file.
fn value<'t>(text: &'t str, section: &str, key: &str) -> Option<&'t str> {
    let mut inside = false;
    let mut found = None;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            inside = name.trim() == section;
        } else if inside
            && let Some((name, value)) = line.split_once('=')
            && name.trim() == key
        {
            found = Some(value.trim()).filter(|value| !value.is_empty());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "[default]\naws_access_key_id = A\naws_secret_access_key=B\n[work]\naws_access_key_id=C\naws_secret_access_key = D\naws_session_token = E\n";
    const CONFIG: &str = "[default]\nregion = eu-central-1\n[profile work]\nregion=eu-west-3\n";

    #[test]
    fn the_environment_comes_before_the_files_of_the_profile() {
        let none = |_: &str| None;
        let keys = |settings: &Settings| {
            let credentials = settings.credentials.as_ref().unwrap();
            format!("{}{}", credentials.access_key, credentials.secret_key)
        };
        let default = resolve(&none, "default", CREDENTIALS, CONFIG);
        assert_eq!(keys(&default), "AB");
        assert_eq!(default.region.as_deref(), Some("eu-central-1"));
        let work = resolve(&none, "work", CREDENTIALS, CONFIG);
        assert_eq!(keys(&work), "CD");
        assert_eq!(work.region.as_deref(), Some("eu-west-3"));
        assert!(work.credentials.unwrap().session_token.is_some());
        let set = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("X".to_owned()),
            _ => None,
        };
        let mixed = resolve(&set, "work", CREDENTIALS, CONFIG);
        assert_eq!(keys(&mixed), "XX");
        // A token of another key would make the pair worthless.
        assert!(mixed.credentials.unwrap().session_token.is_none());
        assert!(resolve(&none, "default", "", "").credentials.is_none());
    }
}
