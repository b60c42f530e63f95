//! What a relay is told to do, by flags or by the environment.

use std::path::PathBuf;

/// Where rooms are kept, who may enter, and how much to put up with.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Watching together")]
#[group(id = "party-config")]
pub struct Config {
    /// Carry the messages of people who watch together: WebSocket at /party/ROOM
    #[arg(long, env = "ORIGIN_PARTY")]
    pub party: bool,

    /// Site whose pages may connect, such as <https://example.org>; may be repeated. Without it, pages of this host only
    #[arg(long, value_name = "ORIGIN", value_delimiter = ',', requires = "party", env = "ORIGIN_PARTY_ORIGIN")]
    pub party_origin: Vec<String>,

    /// File with the secret that tokens are signed with, one of at least 16 bytes a line; with it nobody enters without a token.
    /// Read again on SIGHUP
    #[arg(long, value_name = "FILE", requires = "party", env = "ORIGIN_PARTY_SECRET")]
    pub party_secret: Option<PathBuf>,

    /// Redis to keep the rooms in, such as redis://127.0.0.1/, or rediss://redis.example.org/ over TLS; any number of relays on it
    /// serve the same rooms
    #[arg(long, value_name = "URL", requires = "party", env = "ORIGIN_PARTY_REDIS")]
    pub party_redis: Option<String>,

    /// Seconds for which the Redis keeps a room that nobody is in any more, for people who come back
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 3_600,
        requires = "party_redis",
        env = "ORIGIN_PARTY_REDIS_KEEP"
    )]
    pub party_redis_keep: u32,

    /// Rooms that are kept here at once
    #[arg(long, value_name = "COUNT", default_value_t = 10_000, requires = "party", env = "ORIGIN_PARTY_MAX_ROOMS")]
    pub party_max_rooms: usize,

    /// Members of one room, 100 at most
    #[arg(long, value_name = "COUNT", default_value_t = 50, requires = "party", env = "ORIGIN_PARTY_MAX_MEMBERS")]
    pub party_max_members: usize,

    /// Clients that are connected at once
    #[arg(long, value_name = "COUNT", default_value_t = 12_000, requires = "party", env = "ORIGIN_PARTY_MAX_CLIENTS")]
    pub party_max_clients: usize,

    /// Messages of one client in a second, for long, a fifth of them commands; it may be ahead by two seconds' worth, and is not
    /// read beyond that
    #[arg(long, value_name = "COUNT", default_value_t = 50, requires = "party", env = "ORIGIN_PARTY_MAX_RATE")]
    pub party_max_rate: u32,
}

impl Default for Config {
    /// The defaults of the flags.
    fn default() -> Self {
        Self {
            party: false,
            party_origin: Vec::new(),
            party_secret: None,
            party_redis: None,
            party_redis_keep: 3_600,
            party_max_rooms: 10_000,
            party_max_members: 50,
            party_max_clients: 12_000,
            party_max_rate: 50,
        }
    }
}
