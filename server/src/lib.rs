//! A static origin for one film, made to stand behind an edge cache: ranges, strong validators, the plan's cache
//! fields, and nothing outside its directories.
//!
//! It knows no media: it never looks into the files it sends. [`Handler`] is the whole of HTTP, without a socket;
//! [`Server`] puts sockets in front of it.

mod access;
mod answer;
mod body;
mod bucket;
mod config;
mod connection;
mod cors;
mod digests;
mod direct;
mod error;
mod fault;
mod file;
mod forwarded;
mod gate;
mod handler;
mod identity;
mod listen;
mod listener;
mod methods;
mod metrics;
mod multipart;
pub mod path;
mod peer;
mod piece;
pub mod precondition;
mod proxy_protocol;
pub mod range;
mod root;
mod server;
mod service;
mod shared;
mod storage;
mod stream;
pub mod tls;
mod trusted;
#[cfg(unix)]
mod unix_socket;
pub mod validator;
mod watchdog;

pub use representation::{cache_policy, mime};

pub use body::Body;
pub use config::{Config, Limits, Media};
pub use error::Error;
#[doc(hidden)]
pub use forwarded::{by_forwarded, by_x_forwarded_for};
pub use handler::Handler;
pub use listen::{Listen, NoListen};
#[doc(hidden)]
pub use proxy_protocol::read as read_proxy_header;
pub use server::{Reloader, Running, Server};
pub use trusted::ClientFrom;
