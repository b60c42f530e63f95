//! The origin over real sockets, and the program as it is shipped.

mod attacks;
mod http2;
mod http2_attacks;
mod operations;
mod serving;
mod stage;
