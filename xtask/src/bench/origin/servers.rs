//! The servers that are held against one another, each on a port of its own.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{command, setup, workspace};

/// A server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Server {
    Origin,
    Nginx,
    /// static-web-server.
    Sws,
}

/// A server that listens; ends when dropped.
pub(super) struct Running {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Server {
    /// Ours first.
    pub(super) const ALL: [Self; 3] = [Self::Origin, Self::Nginx, Self::Sws];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Nginx => "nginx (sendfile)",
            Self::Sws => "static-web-server",
        }
    }

    /// Starts it over the files of a directory, with no access log.
    pub(super) fn start(self, files: &Path) -> Result<Running> {
        let address = free_address()?;
        let mut command = match self {
            Self::Origin => {
                let mut origin = command::program(workspace::program("origin"));
                origin.arg("--media").arg(files).args(["--media-path", "/", "--listen", &address.to_string()]);
                origin.env("RUST_LOG", "warn");
                origin
            }
            Self::Nginx => nginx(files, address)?,
            Self::Sws => {
                let mut server = command::program("static-web-server");
                server.arg("--root").arg(files).args(["--host", "127.0.0.1", "--port", &address.port().to_string()]);
                server.args(["--log-level", "error", "--compression", "false"]);
                server
            }
        };
        Running::start(&mut command, address)
    }
}

/// Where nobody listens at the moment.
pub(super) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn nginx(files: &Path, address: SocketAddr) -> Result<Command> {
    nginx_with(address, "sendfile on; tcp_nopush on;", &format!("root {};", files.display()))
}

/// An nginx with further directives for all of HTTP and for its one server.
pub(super) fn nginx_with(address: SocketAddr, http: &str, server: &str) -> Result<Command> {
    let place = workspace::target().join("bench/nginx");
    fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
    let place = place.display().to_string();
    let temp =
        ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {place}/{kind};"));
    let text = format!(
        "daemon off; worker_processes auto; pid {place}/pid; error_log stderr;\n\
         events {{ worker_connections 4096; }}\n\
         http {{ {} access_log off; {http} keepalive_requests 1000000;\n\
         server {{ listen {address} backlog=4096; {server} }} }}\n",
        temp.concat(),
    );
    let file = format!("{place}/nginx.conf");
    fs::write(&file, text).with_context(|| format!("cannot write {file}"))?;
    let mut nginx = command::program(setup::nginx().context("nginx is missing after the set-up")?);
    // Where the master is root its workers would be another user, who may not read the files.
    nginx.args(["-c", &file, "-g", "user root;"]);
    Ok(nginx)
}

impl Running {
    /// Starts a server, and waits until it listens.
    pub(super) fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().with_context(|| format!("cannot start {}", command::describe(command)))?;
        let mut running = Self { child, address };
        let end = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(address).is_err() {
            if Instant::now() > end || running.child.try_wait()?.is_some() {
                bail!("{} does not listen", command::describe(command));
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(running)
    }

    /// Memory that it and its workers hold now, in bytes.
    pub(super) fn resident(&self) -> u64 {
        self.processes().map(|id| of_status(id, "VmRSS:") * 1024).sum()
    }

    /// Processor time that it and its workers have spent so far.
    pub(super) fn processor_seconds(&self) -> f64 {
        self.processes().map(processor_seconds).sum()
    }

    fn processes(&self) -> impl Iterator<Item = u32> + use<> {
        let master = self.child.id();
        let children = fs::read_to_string(format!("/proc/{master}/task/{master}/children")).unwrap_or_default();
        let workers: Vec<u32> = children.split_whitespace().filter_map(|id| id.parse().ok()).collect();
        [master].into_iter().chain(workers)
    }
}

fn of_status(process: u32, line: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let value = status.lines().find_map(|text| text.strip_prefix(line)).unwrap_or_default();
    value.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(0)
}

/// User and system time, which the kernel counts in hundredths (`man 5 proc`, fields 14 and 15).
fn processor_seconds(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The second field is a name in brackets, which may hold anything.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u32 = fields.skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
    f64::from(ticks) / 100.0
}

impl Drop for Running {
    fn drop(&mut self) {
        // nginx's master ends its workers only when asked, not when killed.
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let end = Instant::now() + Duration::from_secs(2);
        while asked.as_ref().is_ok_and(std::process::ExitStatus::success) && Instant::now() < end {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        command::stop(&mut self.child);
    }
}
