//! The origin over real sockets, and the program as it is shipped.

mod attacks;
mod bucket;
mod clock;
mod ground;
mod http2;
mod http2_attacks;
mod operations;
mod party;
mod party_attacks;
mod party_client;
mod party_redis;
mod serving;
mod shared;
mod stage;
