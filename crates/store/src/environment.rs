//! Who asks, by what the environment says: the variables of each store's own tools, and for S3 the profiles of the AWS tools.
//!
//! Keys come from nowhere else, and nothing here writes them into a text.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The variables of a process. Its `Debug` shows no values.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// A variable that is set and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// All of them, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn home(&self) -> Option<PathBuf> {
        self.get("HOME").or_else(|| self.get("USERPROFILE")).map(PathBuf::from)
    }

    /// What the profile in use (`AWS_PROFILE`, else `default`) says in the files of the AWS tools.
    pub(crate) fn aws_profile(&self) -> BTreeMap<String, String> {
        let profile = self.get("AWS_PROFILE").unwrap_or("default");
        let file = |variable: &str, name: &str| {
            self.get(variable).map(PathBuf::from).or_else(|| Some(self.home()?.join(".aws").join(name)))
        };
        let read = |path: Option<PathBuf>| path.and_then(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        // Both files may say both; that of the keys is asked first, as the AWS tools do.
        let mut said = section(&read(file("AWS_CONFIG_FILE", "config")), &[&format!("profile {profile}"), profile]);
        said.extend(section(&read(file("AWS_SHARED_CREDENTIALS_FILE", "credentials")), &[profile]));
        said
    }

    /// Whether the Google tools have left keys where they are looked for without being told.
    pub(crate) fn has_google_default(&self) -> bool {
        self.home().is_some_and(|home| home.join(".config/gcloud/application_default_credentials.json").is_file())
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// The keys of one section of an INI file, lower case. Keys that are nested (indented) are left out.
fn section(text: &str, names: &[&str]) -> BTreeMap<String, String> {
    let mut is_wanted = false;
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let line_text = line.trim_end();
        if let Some(name) = line_text.trim_start().strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            is_wanted = names.contains(&name.trim());
        } else if is_wanted
            && !line_text.starts_with([' ', '\t', '#', ';'])
            && let Some((key, value)) = line_text.split_once('=')
        {
            found.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_and_no_other() {
        let text = "[default]\naws_access_key_id = ONE\n\n[profile film]\nregion=eu-central-1\ns3 =\n  region = no\n# region = no\n";
        assert_eq!(section(text, &["profile film", "film"]).get("region").map(String::as_str), Some("eu-central-1"));
        assert_eq!(section(text, &["default"]).get("aws_access_key_id").map(String::as_str), Some("ONE"));
        assert!(section(text, &["other"]).is_empty());
    }

    #[test]
    fn what_is_shown_has_no_values() {
        let environment: Environment = [("AWS_SECRET_ACCESS_KEY", "hush")].into_iter().collect();
        assert!(!format!("{environment:?}").contains("hush"));
        assert_eq!(environment.get("AWS_SECRET_ACCESS_KEY"), Some("hush"));
    }
}
