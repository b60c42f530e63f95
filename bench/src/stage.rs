//! A server for one link: nginx, with what edges do to text (compression) done beforehand. It favours nobody.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::contender::{Contender, LIBRARIES, SCRIPTS, before_script};
use crate::film::{Built, Film};
use crate::network::Network;

const PORT: u16 = 8077;

/// Puts all pages and libraries where the server looks.
pub(crate) fn furnish(root: &Path, built: &Built, films: &[Film], contenders: &[Contender]) -> Result<()> {
    let packages = [("watchparty-player", Some(&built.package)), ("before", built.before.as_ref())];
    for (name, package) in packages.into_iter().filter_map(|(name, package)| Some((root.join(name), package?))) {
        fs::create_dir_all(&name).with_context(|| format!("cannot make {}", name.display()))?;
        for file in ["index.js", "engine_bg.wasm"] {
            copy(&package.join(file), &name.join(file))?;
        }
    }
    fs::write(root.join("before.js"), before_script())?;
    for file in LIBRARIES {
        copy(&built.npm.join(file), &root.join(Path::new(file).file_name().expect("a file has a name")))?;
    }
    for (name, text) in SCRIPTS {
        fs::write(root.join(name), text)?;
    }
    for film in films {
        for contender in contenders {
            fs::write(root.join(contender.page(film)), contender.html(film))?;
        }
    }
    compress(root)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display())).map(drop)
}

/// Puts every text and every program below `directory` beside itself, compressed.
///
/// # Errors
/// When gzip is missing or fails.
pub fn compress(directory: &Path) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            compress(&path)?;
        } else if path
            .extension()
            .is_some_and(|ending| ["html", "js", "wasm", "json", "m3u8", "mpd"].iter().any(|known| ending == *known))
        {
            let status =
                Command::new("gzip").args(["-9", "-k", "-f"]).arg(&path).status().context("cannot start gzip")?;
            ensure!(status.success(), "gzip failed on {}", path.display());
        }
    }
    Ok(())
}

/// What a server with TLS shows, and the key to it.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The certificates.
    pub chain: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A server that listens; ends when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Such as `http://127.0.0.1:8077`.
    pub origin: String,
}

impl Server {
    /// Serves what lies in `root`, with its own files in `scratch`.
    ///
    /// # Errors
    /// When nginx is missing, or does not listen.
    pub fn start(network: &Network, nginx: &Path, root: &Path, scratch: &Path) -> Result<Self> {
        Self::start_with(network, nginx, root, scratch, None)
    }

    /// The same with TLS, HTTP/2 and a certificate, which the client is told to take.
    ///
    /// # Errors
    /// When nginx is missing, does not listen, or does not take the certificate.
    pub fn start_secure(
        network: &Network,
        nginx: &Path,
        root: &Path,
        scratch: &Path,
        certificate: &Certificate,
    ) -> Result<Self> {
        Self::start_with(network, nginx, root, scratch, Some(certificate))
    }

    fn start_with(
        network: &Network,
        nginx: &Path,
        root: &Path,
        scratch: &Path,
        certificate: Option<&Certificate>,
    ) -> Result<Self> {
        fs::create_dir_all(scratch).with_context(|| format!("cannot make {}", scratch.display()))?;
        let address = format!("{}:{}", network.server_address(), free_port(network));
        let config = configure(root, scratch, &address, certificate)?;
        let mut command = network.server(nginx);
        command.arg("-e").arg("stderr").arg("-c").arg(config).arg("-p").arg(scratch);
        let log = fs::File::create(scratch.join("log"))?;
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let child = child.with_context(|| format!("cannot start {command:?}"))?;
        let scheme = if certificate.is_some() { "https" } else { "http" };
        let mut server = Self { child, origin: format!("{scheme}://{address}") };
        let end = Instant::now() + Duration::from_secs(20);
        // The file with its number is written once it listens.
        while !scratch.join("pid").exists() {
            if Instant::now() > end || server.child.try_wait()?.is_some() {
                bail!("nginx does not listen: see {}", scratch.join("log").display());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }
}

/// In a namespace of its own every port is free.
fn free_port(network: &Network) -> u16 {
    let listener = std::net::TcpListener::bind((network.server_address(), 0));
    listener.and_then(|listener| listener.local_addr()).map_or(PORT, |address| address.port())
}

fn configure(root: &Path, scratch: &Path, address: &str, certificate: Option<&Certificate>) -> Result<PathBuf> {
    let place = scratch.display();
    let security = certificate.map_or_else(String::new, |Certificate { chain, key }| {
        format!(" ssl http2; ssl_certificate {}; ssl_certificate_key {}", chain.display(), key.display())
    });
    let _ = fs::remove_file(scratch.join("pid"));
    let temp =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {place}/{kind};"));
    let text = format!(
        "daemon off; worker_processes 1; pid {place}/pid; error_log stderr; user root;\n\
         events {{ worker_connections 512; }}\n\
         http {{ access_log off; sendfile on; keepalive_timeout 300; keepalive_requests 100000; {}\n\
         types {{ text/html html; text/javascript js; application/wasm wasm; application/json json;\n\
         application/vnd.apple.mpegurl m3u8; application/dash+xml mpd; video/mp4 mp4 m4s; application/octet-stream bin; }}\n\
         server {{ listen {address}{security}; root {}; gzip_static on; add_header Cache-Control \"public, max-age=60\"; }} }}\n",
        temp.join(" "),
        root.display()
    );
    let file = scratch.join("nginx.conf");
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked to end, nginx takes its workers with it.
        if Command::new("kill").arg(self.child.id().to_string()).status().is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
