//! The same S3 server with nothing before it, for measurements: bodies are streamed to where the bucket lies, and none is held in memory.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::bucket::service;

/// Serves a directory, whose own directories are buckets, to who signs; `ready` hears where.
///
/// # Errors
/// When there is no such directory, or no port.
pub fn serve_bare(directory: &Path, ready: impl FnOnce(SocketAddr) -> io::Result<()>) -> io::Result<Infallible> {
    if !directory.is_dir() {
        return Err(io::Error::other(format!("there is no directory {}", directory.display())));
    }
    let service = service(directory, true);
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        ready(listener.local_addr()?)?;
        loop {
            let (socket, _) = listener.accept().await?;
            let http = hyper::server::conn::http1::Builder::new();
            let connection = http.serve_connection(TokioIo::new(socket), service.clone());
            // That a client goes away is its own concern.
            tokio::spawn(async move { drop(connection.await) });
        }
    })
}
