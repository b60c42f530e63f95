//! The way to the server: it is cut and mended, and the server is found elsewhere.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::runtime::Handle;

use crate::bucket::Proxy;

/// The way to the server.
pub struct Line {
    pub(crate) proxy: Arc<Proxy>,
    pub(crate) port: u16,
    pub(crate) runtime: Handle,
}

impl Line {
    /// From now on nothing comes through.
    pub fn cut(&self) {
        self.proxy.state.is_cut.send_replace(true);
    }

    /// Everything comes through again.
    pub fn mend(&self) {
        self.proxy.state.is_cut.send_replace(false);
    }

    /// Connections so far that did not come through.
    pub fn refused(&self) -> usize {
        self.proxy.state.refused.load(Ordering::SeqCst)
    }

    /// From now on the server listens at this address, at the port that it had. Where it was nobody listens, and connections that
    /// led there have ended.
    ///
    /// # Panics
    /// Where the port is taken there.
    pub fn move_to(&self, address: Ipv4Addr) {
        let listener = TcpListener::bind(SocketAddr::from((address, self.port))).expect("the port is free there");
        self.proxy.state.moves.send_modify(|moves| *moves += 1);
        self.runtime.spawn(serve(self.proxy.clone(), listener));
    }
}

/// Serves whoever connects until the server moves.
pub(crate) fn serve(proxy: Arc<Proxy>, listener: TcpListener) -> impl Future<Output = ()> {
    listener.set_nonblocking(true).expect("a socket");
    // A move that comes before this begins to run counts, too.
    let mut moves = proxy.state.moves.subscribe();
    async move {
        let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
        loop {
            let socket = tokio::select! {
                Ok((socket, _)) = listener.accept() => socket,
                _ = moves.changed() => return,
            };
            let (proxy, mut is_cut, mut moves) = (proxy.clone(), proxy.state.is_cut.subscribe(), moves.clone());
            if *is_cut.borrow_and_update() {
                proxy.state.refused.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            let service = service_fn(move |request| proxy.clone().answer(request));
            tokio::spawn(async move {
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service);
                tokio::select! {
                    _ = connection => {}
                    _ = is_cut.changed() => {}
                    _ = moves.changed() => {}
                }
            });
        }
    }
}
