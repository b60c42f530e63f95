//! The least that a server over the relay's WebSocket library does: each message goes back to who sent it. Buffers are as small as
//! the relay's.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::accept_async_with_config;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// What a server's sockets are allowed for memory, as the relay has it.
fn config() -> WebSocketConfig {
    WebSocketConfig::default().read_buffer_size(2 * 1024).write_buffer_size(0).max_write_buffer_size(256 * 1024)
}

/// Serves for ever; `ready` is told where.
pub(crate) async fn serve(ready: impl FnOnce(SocketAddr)) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port")?;
    ready(listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        // Whose connection breaks is gone.
        tokio::spawn(async move { drop(echo(stream).await) });
    }
}

async fn echo(stream: TcpStream) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let mut socket = accept_async_with_config(stream, Some(config())).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
