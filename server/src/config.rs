//! What an origin is told to do, by flags or by the environment.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::num::ParseIntError;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::TypedValueParser;
use ipnet::IpNet;
use store::{Address, Environment, NoAddress, Scheme};

use crate::listen::Listen;
use crate::trusted::{ClientFrom, network};

/// Where the files are, where to listen, and how much to put up with.
#[derive(Clone, Debug, clap::Args)]
pub struct Config {
    /// Directory that the splitter publishes into, or the bucket that `splitter publish` does: s3://bucket/prefix, or r2://, gs://,
    /// az://
    #[arg(long, value_name = "WHERE", value_parser = MediaParser, env = "ORIGIN_MEDIA")]
    pub media: Media,

    /// Where the keys of a bucket are read, and nowhere else.
    #[arg(skip = Environment::of_process())]
    pub environment: Environment,

    /// URL path under which the media directory appears
    #[arg(long, value_name = "PATH", default_value = "/media/current/", env = "ORIGIN_MEDIA_PATH")]
    pub media_path: String,

    /// Directory of the built page, served at `/`
    #[arg(long, value_name = "DIR", env = "ORIGIN_SITE")]
    pub site: Option<PathBuf>,

    /// File of the keys, one a line, that links are signed with; with it manifests and playlists are answered only to links that
    /// `splitter share` has made, until they expire. Read again on SIGHUP
    #[arg(long, value_name = "FILE", env = "ORIGIN_SHARE_KEY")]
    pub share_key: Option<PathBuf>,

    /// Where to listen: an address or a host name with a port, a bare port (of every interface; 0 takes a free one), or
    /// unix:/run/origin.sock
    #[arg(long, value_name = "WHERE", default_value = "127.0.0.1:8080", env = "ORIGIN_LISTEN")]
    pub listen: Listen,

    /// Where /healthz and /metrics alone are, written the same way; without it they are on the public port
    #[arg(long, value_name = "WHERE", env = "ORIGIN_ADMIN")]
    pub admin: Option<Listen>,

    /// Network of proxies in front that are believed when they name their client, such as 10.0.0.0/8; may be repeated.
    /// Limits and log are then those of the client. Connections through a Unix socket are believed without
    #[arg(long, value_name = "CIDR", value_parser = network, value_delimiter = ',', env = "ORIGIN_TRUSTED_PROXY")]
    pub trusted_proxy: Vec<IpNet>,

    /// How a trusted proxy names its client. Choose what your proxy writes itself: the others pass as clients write them
    #[arg(long, value_name = "WHAT", value_enum, default_value_t, env = "ORIGIN_CLIENT_FROM")]
    pub client_from: ClientFrom,

    /// Certificate chain (PEM); with it the public port speaks TLS. Read again on SIGHUP
    #[arg(long, value_name = "FILE", requires = "tls_key", env = "ORIGIN_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,

    /// Private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert", env = "ORIGIN_TLS_KEY")]
    pub tls_key: Option<PathBuf>,

    /// How much to put up with.
    #[command(flatten)]
    pub limits: Limits,

    /// Whether people watch together, and where their rooms are kept.
    #[command(flatten)]
    pub party: relay::Config,
}

/// Where the media lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Media {
    /// On a disk.
    Directory(PathBuf),
    /// In a bucket of object storage.
    Bucket(Address),
}

impl Media {
    /// Reads what people write: the address of a bucket where it looks like one, and otherwise the path of a directory.
    ///
    /// # Errors
    /// An address that is none.
    pub fn parse(text: OsString) -> Result<Self, NoAddress> {
        let Some(address) = text.to_str().filter(|text| Address::is_meant_by(text)) else {
            return Ok(Self::Directory(text.into()));
        };
        let address: Address = address.parse()?;
        Ok(match address.scheme {
            Scheme::File => Self::Directory(address.prefix.into()),
            _ => Self::Bucket(address),
        })
    }
}

/// Reads [`Media`] and, unlike clap itself, does not repeat what it refuses: people put secrets into addresses.
#[derive(Clone, Debug)]
struct MediaParser;

impl TypedValueParser for MediaParser {
    type Value = Media;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<Media, clap::Error> {
        Media::parse(value.to_owned()).map_err(|error| {
            clap::Error::raw(clap::error::ErrorKind::ValueValidation, format!("--media: {error}\n")).with_cmd(command)
        })
    }
}

/// What clients may take. Each default suits an edge in front: few addresses, many long-lived connections.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Time for a TLS handshake, and for the head of a request from its first byte
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds, env = "ORIGIN_HEADER_TIME")]
    pub header_time: Duration,

    /// Time without a byte in either direction; more than what an edge keeps its connections open for
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds, env = "ORIGIN_IDLE_TIME")]
    pub idle_time: Duration,

    /// Time that a shutdown gives to bodies that are being sent
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds, env = "ORIGIN_DRAIN_TIME")]
    pub drain_time: Duration,

    /// Open connections
    #[arg(long, value_name = "COUNT", default_value_t = 16_384, env = "ORIGIN_MAX_CONNECTIONS")]
    pub max_connections: usize,

    /// Open connections of one IPv4 address or one IPv6 /64 network
    #[arg(long, value_name = "COUNT", default_value_t = 4_096, env = "ORIGIN_MAX_CLIENT_CONNECTIONS")]
    pub max_client_connections: usize,

    /// Time for a bucket to begin an answer, and without a byte of it
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = seconds, env = "ORIGIN_STORE_TIME")]
    pub store_time: Duration,

    /// Responses being sent; each holds at most 64 KiB of its file in memory, or 128 KiB of its object
    #[arg(long, value_name = "COUNT", default_value_t = 4_096, env = "ORIGIN_MAX_RESPONSES")]
    pub max_responses: usize,

    /// Responses being sent to one IPv4 address or one IPv6 /64 network
    #[arg(long, value_name = "COUNT", default_value_t = 1_024, env = "ORIGIN_MAX_CLIENT_RESPONSES")]
    pub max_client_responses: usize,
}

impl Default for Limits {
    /// The defaults of the flags.
    fn default() -> Self {
        Self {
            header_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(300),
            drain_time: Duration::from_secs(30),
            store_time: Duration::from_secs(15),
            max_connections: 16_384,
            max_client_connections: 4_096,
            max_responses: 4_096,
            max_client_responses: 1_024,
        }
    }
}

impl Config {
    /// Media of a directory at `/media/current/`, no page, a free port of the loopback interface: what tests want.
    #[must_use]
    pub fn loopback(media: impl Into<PathBuf>) -> Self {
        Self {
            media: Media::Directory(media.into()),
            environment: Environment::of_process(),
            media_path: "/media/current/".to_owned(),
            site: None,
            share_key: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)).into(),
            admin: None,
            trusted_proxy: Vec::new(),
            client_from: ClientFrom::default(),
            tls_cert: None,
            tls_key: None,
            limits: Limits::default(),
            party: relay::Config::default(),
        }
    }
}

fn seconds(text: &str) -> Result<Duration, ParseIntError> {
    text.parse().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Arguments {
        #[command(flatten)]
        config: Config,
    }

    #[test]
    fn the_flags_and_the_lib_have_the_same_defaults() {
        let Arguments { config } = Arguments::parse_from(["origin", "--media", "film"]);
        let expected = Config { listen: config.listen.clone(), ..Config::loopback("film") };
        assert_eq!(format!("{config:?}"), format!("{expected:?}"));
    }

    #[test]
    fn media_is_a_directory_unless_it_looks_like_a_bucket() {
        let parse = |text: &str| Media::parse(text.into());
        for (text, path) in
            [("media/current", "media/current"), ("file:///srv/a", "/srv/a"), ("https://a/b", "https://a/b")]
        {
            assert_eq!(parse(text), Ok(Media::Directory(path.into())), "{text}");
        }
        assert!(matches!(parse("s3://films/one"), Ok(Media::Bucket(_))));
        assert!(parse("s3://KEY:hush@films").is_err_and(|error| !error.to_string().contains("hush")));
    }

    #[test]
    fn a_certificate_needs_its_key() {
        assert!(Arguments::try_parse_from(["origin", "--media", "film", "--tls-cert", "a.pem"]).is_err());
    }
}
