//! The body that the Rulesets API takes for the phase `http_request_cache_settings`, as far as it is used here.
//!
//! The types are the schema: a field that the API does not know, of another type or misspelt, is no [`Ruleset`]. Names and
//! values are those of the API's description (`rulesets_SetCacheSettingsRule`) and of the provider
//! `cloudflare/cloudflare` 5.27 for Terraform, which are the same.

use serde::Deserialize;

use crate::expression::{Expression, Malformed};

/// All rules of the phase.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruleset {
    /// For people.
    pub description: String,
    /// Evaluated in order; of two that match and say different things, the later counts.
    pub rules: Vec<Rule>,
}

/// Settings for the requests that match.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// A name of the user's own that stays over updates, unlike the rule's id.
    #[serde(rename = "ref")]
    pub reference: String,
    /// For people.
    pub description: String,
    /// Which requests; see [`Expression`].
    pub expression: String,
    /// What is done with them.
    pub action: Action,
    /// How.
    pub action_parameters: CacheSettings,
    /// Whether the rule counts.
    pub enabled: bool,
}

/// The one action of this phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Decides what is kept and for how long.
    SetCacheSettings,
}

/// What a rule sets; what it leaves out stays as earlier rules have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheSettings {
    /// Whether responses may be kept.
    #[serde(default)]
    pub cache: Option<bool>,
    /// How long the edge keeps them.
    #[serde(default)]
    pub edge_ttl: Option<EdgeTtl>,
    /// How long browsers are told to keep them.
    #[serde(default)]
    pub browser_ttl: Option<BrowserTtl>,
    /// Whether a strong tag stays strong: otherwise re-compression weakens it, and `If-Range` never holds again.
    #[serde(default)]
    pub respect_strong_etags: Option<bool>,
    /// Whether a part of a file is fetched as a part.
    #[serde(default)]
    pub origin_range_requests: Option<OriginRangeRequests>,
}

/// How long the edge keeps a response.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeTtl {
    /// Who decides.
    pub mode: Mode,
    /// Seconds; only with [`Mode::OverrideOrigin`].
    #[serde(default)]
    pub default: Option<u64>,
    /// Exceptions by status.
    #[serde(default)]
    pub status_code_ttl: Vec<StatusCodeTtl>,
}

/// How long browsers are told to keep a response.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserTtl {
    /// Who decides.
    pub mode: Mode,
    /// Seconds; only with [`Mode::OverrideOrigin`].
    #[serde(default)]
    pub default: Option<u64>,
}

/// Who decides how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The origin's fields, or else the edge's defaults.
    RespectOrigin,
    /// The origin's fields, or else nothing is kept.
    BypassByDefault,
    /// The rule, whatever the origin says.
    OverrideOrigin,
}

/// A time for some statuses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusCodeTtl {
    /// Which.
    pub status_code_range: StatusCodeRange,
    /// Seconds; 0 stands for `no-cache`, -1 for `no-store`.
    pub value: i64,
}

/// Both ends belong to it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusCodeRange {
    /// The lowest.
    pub from: u16,
    /// The highest.
    pub to: u16,
}

/// Whether the edge asks the origin for aligned parts of 1 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OriginRangeRequests {
    /// Whether.
    pub mode: RangeMode,
}

/// As named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RangeMode {
    /// Aligned parts.
    On,
    /// As the client asks, or whole.
    Off,
    /// What the zone would do without the rule.
    Default,
}

impl Ruleset {
    /// The rules of this project.
    ///
    /// # Panics
    /// Never in a build whose tests pass.
    #[must_use]
    pub fn watchparty() -> Self {
        serde_json::from_str(include_str!("../cache-rules.json")).expect("a test reads the same file")
    }

    /// What the rules come to for a path, which begins with a slash and has no query.
    ///
    /// # Errors
    /// The first expression that is none.
    pub fn settings(&self, path: &str) -> Result<CacheSettings, Malformed> {
        let mut settings = CacheSettings::default();
        for rule in self.rules.iter().filter(|rule| rule.enabled) {
            if Expression::parse(&rule.expression)?.matches(path) {
                settings = rule.action_parameters.clone().over(settings);
            }
        }
        Ok(settings)
    }
}

impl CacheSettings {
    fn over(self, earlier: Self) -> Self {
        Self {
            cache: self.cache.or(earlier.cache),
            edge_ttl: self.edge_ttl.or(earlier.edge_ttl),
            browser_ttl: self.browser_ttl.or(earlier.browser_ttl),
            respect_strong_etags: self.respect_strong_etags.or(earlier.respect_strong_etags),
            origin_range_requests: self.origin_range_requests.or(earlier.origin_range_requests),
        }
    }
}
