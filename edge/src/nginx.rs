//! An nginx of one's own: on a free port of the loopback interface, with a configuration of one's own, gone when dropped.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::clock::Clock;

const TEMPLATE: &str = include_str!("../nginx.conf.template");
/// Starting takes some ten milliseconds; a busy machine takes longer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Another program may take the free port before nginx does.
const ATTEMPTS: usize = 5;

/// nginx: `NGINX`, or on the path, or where distributions put it.
#[must_use]
pub fn program() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("NGINX") {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"].map(PathBuf::from))
        .map(|directory| directory.join("nginx"))
        .find(|candidate| candidate.is_file())
}

/// How the edge in front of an origin is set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Of the origin.
    pub origin: SocketAddr,
    /// What is fetched from the origin at once, in nginx's notation; `0` fetches whole files.
    pub slice: String,
    /// Whether [`Nginx::advance`] works, which needs libfaketime.
    pub clock: bool,
}

/// A running nginx.
#[derive(Debug)]
pub struct Nginx {
    child: Child,
    address: SocketAddr,
    directory: TempDir,
    clock: Option<Clock>,
}

impl Nginx {
    /// The edge of `nginx.conf.template`, with an empty cache.
    ///
    /// # Errors
    /// When nginx is not installed or does not start.
    pub fn edge(settings: &Settings) -> Result<Self> {
        let Settings { origin, slice, clock } = settings;
        Self::start(*clock, |listen, directory| {
            TEMPLATE
                .replace("${EDGE_LISTEN}", &listen.to_string())
                .replace("${EDGE_ORIGIN}", &origin.to_string())
                .replace("${EDGE_CACHE}", &directory.display().to_string())
                .replace("${EDGE_SLICE}", slice)
        })
    }

    /// An nginx whose `http` block holds `http`, in which `LISTEN` stands for where to listen and `DIRECTORY` for a
    /// directory to write in.
    ///
    /// # Errors
    /// When nginx is not installed or does not start.
    pub fn with_http(http: &str) -> Result<Self> {
        Self::start(false, |listen, directory| {
            let directory = directory.display().to_string();
            let temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                .map(|kind| format!("{kind}_temp_path {directory}/{kind};\n"))
                .concat();
            let http = http.replace("LISTEN", &listen.to_string()).replace("DIRECTORY", &directory);
            format!(
                "worker_processes auto;\npid {directory}/nginx.pid;\nerror_log stderr warn;\n\
                 events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{temp}{http}\n}}\n"
            )
        })
    }

    fn start(clock: bool, configuration: impl Fn(SocketAddr, &Path) -> String) -> Result<Self> {
        let program = program().context("nginx is not installed; `cargo xtask setup` installs it")?;
        for _ in 0..ATTEMPTS {
            let directory = TempDir::with_prefix("edge-")?;
            let address = free_address()?;
            let file = directory.path().join("nginx.conf");
            std::fs::write(&file, configuration(address, directory.path()))?;
            let journal = std::fs::File::create(directory.path().join("error.log"))?;
            let mut command = Command::new(&program);
            command.arg("-p").arg(directory.path()).arg("-c").arg(&file);
            // Where the master is root its workers would be another user, who may not read the directory.
            let mut directives = "daemon off;".to_owned();
            if is_root() {
                directives += " user root;";
            }
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(journal);
            let own = if clock { Some(Clock::new(directory.path())?) } else { None };
            if let Some(own) = &own {
                own.tell(&mut command)?;
                // nginx drops from its environment whatever it is not told to keep.
                for variable in Clock::VARIABLES {
                    directives += &format!(" env {variable};");
                }
            }
            command.args(["-g", &directives]);
            let child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
            let mut nginx = Self { child, address, directory, clock: own };
            if nginx.wait()? {
                return Ok(nginx);
            }
            let errors = nginx.errors();
            if !errors.contains("Address already in use") {
                bail!("nginx does not start:\n{errors}");
            }
        }
        bail!("no port stayed free for long enough")
    }

    /// Whether it listens; `false` once it has ended.
    fn wait(&mut self) -> Result<bool> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            if TcpStream::connect(self.address).is_ok() {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        bail!("nginx does not listen after {} s:\n{}", PATIENCE.as_secs(), self.errors())
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The absolute URL of a path that begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Of the master process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Lets `seconds` of wall-clock time go by for this nginx, from its start on; needs [`Settings::clock`].
    ///
    /// # Errors
    /// When it has no such clock, or the file that the clock is read from cannot be written.
    pub fn advance(&self, seconds: u32) -> Result<()> {
        let clock = self.clock.as_ref().context("it has the clock of this machine")?;
        Ok(clock.set(seconds.into())?)
    }

    /// What the edge was asked, a line for each request that it has answered.
    ///
    /// # Errors
    /// Where it writes none.
    pub fn journal(&self) -> Result<String> {
        std::fs::read_to_string(self.directory.path().join("access.log")).context("it has no access log")
    }

    /// What it has complained of.
    #[must_use]
    pub fn errors(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("error.log")).unwrap_or_default()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master ends its workers only if it may: SIGKILL would leave them behind.
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
