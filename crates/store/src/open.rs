//! From an address and an environment to a store.

use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::azure::{MicrosoftAzure, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder};
use object_store::local::LocalFileSystem;
use object_store::{BackoffConfig, RetryConfig};
use url::Url;

use crate::connection::Connection;
use crate::environment::Environment;
use crate::error::Error;
use crate::{Address, Scheme};

/// What is read for S3 and R2, in this order of precedence: the variables of the AWS tools.
const S3_KEYS: &str =
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE for a profile of ~/.aws that has them";
const R2_KEYS: &str = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to those of an R2 API token, and AWS_ENDPOINT_URL or \
                       CLOUDFLARE_ACCOUNT_ID";
const GOOGLE_KEYS: &str = "GOOGLE_APPLICATION_CREDENTIALS to the file of a service account, or log in with `gcloud auth \
                           application-default login`";
const AZURE_KEYS: &str = "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY (or AZURE_STORAGE_SAS_KEY)";

/// Where Google's interface for XML is, unless told otherwise.
const GOOGLE: &str = "https://storage.googleapis.com";

/// Settings of S3 that are taken as they are: none of them changes what is stored or which headers are sent.
const S3_SETTINGS: &[&str] = &[
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
    "AWS_METADATA_ENDPOINT",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ENDPOINT_URL_STS",
];

/// Those of them that lead to keys.
const S3_ROLES: &[&str] = &[
    "AWS_METADATA_ENDPOINT",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// An S3 store, and the region that its requests are signed for.
#[derive(Clone, Debug)]
pub(crate) struct S3 {
    pub(crate) objects: Arc<AmazonS3>,
    pub(crate) region: String,
}

/// Each attempt is one here: what is tried again is decided in one place, for all stores.
fn once() -> RetryConfig {
    RetryConfig { backoff: BackoffConfig::default(), max_retries: 0, retry_timeout: Duration::from_secs(1) }
}

pub(crate) fn s3(address: &Address, environment: &Environment, connection: Connection) -> Result<S3, Error> {
    let place = address.to_string();
    let settings = |why: String| Error::Settings { place: place.clone(), why };
    let is_r2 = address.scheme == Scheme::R2;
    let names = if is_r2 { R2_KEYS } else { S3_KEYS };
    let no_keys = || Error::NoKeys { place: place.clone(), names };
    let profile = environment.aws_profile();
    let from_profile = |key: &str| profile.get(key).cloned().filter(|value| !value.is_empty());
    let variable = |name: &str| environment.get(name).map(str::to_owned);

    let account = || environment.get("CLOUDFLARE_ACCOUNT_ID").filter(|_| is_r2);
    let endpoint = variable("AWS_ENDPOINT_URL_S3")
        .or_else(|| variable("AWS_ENDPOINT_URL"))
        .or_else(|| variable("AWS_ENDPOINT"))
        .or_else(|| account().map(|account| format!("https://{account}.r2.cloudflarestorage.com")))
        .or_else(|| from_profile("endpoint_url"));
    if is_r2 && endpoint.is_none() {
        return Err(no_keys());
    }
    if let Some(endpoint) = &endpoint {
        check_endpoint("AWS_ENDPOINT_URL", endpoint, environment).map_err(settings)?;
    }
    let region = variable("AWS_REGION")
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .or_else(|| from_profile("region"))
        .unwrap_or_else(|| if is_r2 { "auto" } else { "us-east-1" }.to_owned());

    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&address.bucket)
        .with_region(&region)
        .with_retry(once())
        // That request needs checksums, which R2 has refused.
        .with_disable_bulk_delete(true)
        .with_http_connector(connection);
    if let Some(endpoint) = endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
    }
    for name in S3_SETTINGS {
        if let (Some(value), Ok(key)) = (environment.get(name), name.to_ascii_lowercase().parse()) {
            builder = builder.with_config(key, value);
        }
    }
    if let Some(id) = variable("AWS_ACCESS_KEY_ID") {
        let secret = variable("AWS_SECRET_ACCESS_KEY").ok_or_else(no_keys)?;
        builder = keys(builder, &id, &secret, variable("AWS_SESSION_TOKEN").as_deref());
    } else if let Some((id, secret)) = from_profile("aws_access_key_id").zip(from_profile("aws_secret_access_key")) {
        builder = keys(builder, &id, &secret, from_profile("aws_session_token").as_deref());
    } else if !S3_ROLES.iter().any(|name| environment.get(name).is_some()) {
        // Otherwise the library asks a machine of Amazon's for keys, which is not there at most people's homes.
        return Err(no_keys());
    }
    let objects = builder.build().map_err(|error| settings(error.to_string()))?;
    Ok(S3 { objects: Arc::new(objects), region })
}

fn keys(builder: AmazonS3Builder, id: &str, secret: &str, token: Option<&str>) -> AmazonS3Builder {
    let builder = builder.with_access_key_id(id).with_secret_access_key(secret);
    token.into_iter().fold(builder, AmazonS3Builder::with_token)
}

/// Tokens are sent, and so is what is published; answers are believed: only this machine is asked without encryption, unless somebody
/// insists by the variable that is named as `name` is, such as `AWS_ALLOW_HTTP`.
fn check_endpoint(name: &str, text: &str, environment: &Environment) -> Result<(), String> {
    let url = Url::parse(text).map_err(|_| format!("{name} is no URL"))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
        return Err(format!("{name} has more in it than a server: keys do not belong there"));
    }
    let is_here = url.host_str().is_some_and(|host| matches!(host, "localhost" | "[::1]") || host.starts_with("127."));
    let family = name.split('_').next().unwrap_or_default();
    let allows = format!("{}_ALLOW_HTTP", if family == "AZURITE" { "AZURE" } else { family });
    let is_allowed = is_here || environment.get(&allows).is_some_and(|value| value == "true");
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_allowed => Ok(()),
        "http" => Err(format!("{name} is not encrypted; write https://, or set {allows}=true")),
        _ => Err(format!("{name} begins neither with https:// nor with http://")),
    }
}

pub(crate) fn google(
    address: &Address,
    environment: &Environment,
    connection: Connection,
) -> Result<(GoogleCloudStorage, Url), Error> {
    let place = address.to_string();
    let names = ["GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH"];
    let more = ["GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_BEARER_TOKEN", "GOOGLE_SKIP_SIGNATURE"];
    let has_keys = names.iter().chain(&more).any(|name| environment.get(name).is_some());
    if !has_keys && !environment.has_google_default() {
        return Err(Error::NoKeys { place, names: GOOGLE_KEYS });
    }
    let settings = |why| Error::Settings { place: place.clone(), why };
    let server = environment.get("GOOGLE_BASE_URL").unwrap_or(GOOGLE);
    check_endpoint("GOOGLE_BASE_URL", server, environment).map_err(settings)?;
    let bucket = format!("{}/{}", server.trim_end_matches('/'), address.bucket);
    let bucket = bucket.parse().map_err(|_| settings("GOOGLE_BASE_URL is no URL".to_owned()))?;
    let mut builder = GoogleCloudStorageBuilder::new();
    for (name, value) in environment.iter().filter(|(name, _)| name.starts_with("GOOGLE_")) {
        if let Ok(key) = name.to_ascii_lowercase().parse() {
            builder = builder.with_config(key, value);
        }
    }
    builder = builder.with_bucket_name(&address.bucket).with_retry(once()).with_http_connector(connection);
    // What the library says of a file of keys may repeat it.
    let why = "the file of keys cannot be read, or is none".to_owned();
    let objects = builder.build().map_err(|_| settings(why))?;
    Ok((objects, bucket))
}

pub(crate) fn azure(
    address: &Address,
    environment: &Environment,
    connection: Connection,
) -> Result<MicrosoftAzure, Error> {
    let place = address.to_string();
    let no_keys = || Error::NoKeys { place: place.clone(), names: AZURE_KEYS };
    let has = |suffix: &str| environment.iter().any(|(name, _)| name.starts_with("AZURE_") && name.ends_with(suffix));
    let is_known = has("ACCOUNT_NAME") || has("USE_EMULATOR");
    if !is_known || !["_KEY", "_SECRET", "_TOKEN", "_TOKEN_FILE", "USE_EMULATOR"].into_iter().any(has) {
        return Err(no_keys());
    }
    // The last is where the library looks for the emulator.
    for name in ["AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT", "AZURITE_BLOB_STORAGE_URL"] {
        if let Some(server) = environment.get(name) {
            check_endpoint(name, server, environment).map_err(|why| Error::Settings { place: place.clone(), why })?;
        }
    }
    let mut builder = MicrosoftAzureBuilder::new();
    for (name, value) in environment.iter().filter(|(name, _)| name.starts_with("AZURE_")) {
        if let Ok(key) = name.to_ascii_lowercase().parse() {
            builder = builder.with_config(key, value);
        }
    }
    builder = builder.with_container_name(&address.bucket).with_retry(once()).with_http_connector(connection);
    let why = "the variables that begin with AZURE_ do not fit together, or a key is none".to_owned();
    builder.build().map_err(|_| Error::Settings { place, why })
}

pub(crate) fn directory(address: &Address) -> Result<LocalFileSystem, Error> {
    let path = FilePath::new(&address.prefix);
    std::fs::create_dir_all(path).map_err(|cause| Error::Io { path: path.to_owned(), cause })?;
    LocalFileSystem::new_with_prefix(path)
        // What is told to be there outlasts a power cut, and of what is removed no empty directories stay.
        .map(|files| files.with_fsync(true).with_automatic_cleanup(true))
        .map_err(|error| Error::Settings { place: address.to_string(), why: error.to_string() })
}
