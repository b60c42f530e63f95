//! Sites that embed the package: the project's own examples, as a web server would have them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::place;

/// A directory to be served at `/`, removed when dropped.
#[derive(Debug)]
pub struct Site {
    directory: TempDir,
    root: PathBuf,
}

impl Site {
    /// An example that expects the unpacked package beside it.
    ///
    /// # Errors
    /// When the package is not built.
    pub fn example(name: &str) -> Result<Self> {
        Self::example_with(name, &place::package()?)
    }

    /// The same with another build of the package, which lies unpacked at `package`.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub fn example_with(name: &str, package: &Path) -> Result<Self> {
        let directory = TempDir::new_in(place::scratch()?)?;
        copy(&place::example(name), directory.path())?;
        copy(package, &directory.path().join("watchparty-player"))?;
        Ok(Self { root: directory.path().to_owned(), directory })
    }

    /// The Vite example: the tarball installed by npm, the app checked by TypeScript and bundled. Beside it, the types are held
    /// against the strictest settings.
    ///
    /// # Errors
    /// With what npm, tsc or vite have to say.
    pub fn bundled() -> Result<Self> {
        let directory = TempDir::new_in(place::scratch()?)?;
        let app = directory.path();
        copy(&place::example("vite"), app)?;
        fs::write(app.join("package.json"), r#"{ "private": true, "type": "module" }"#)?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--offline", "--no-audit", "--no-fund", "--silent"]).arg(place::tarball()?);
        run(npm.current_dir(app))?;
        copy(&place::strict(), &app.join("strict"))?;
        for (program, arguments) in [
            ("typescript/bin/tsc", &[][..]),
            ("typescript/bin/tsc", &["--project", "strict"]),
            ("vite/bin/vite.js", &["build", "--logLevel", "error"]),
        ] {
            let mut node = Command::new("node");
            node.arg(place::npm().join("node_modules").join(program)).args(arguments);
            run(node.current_dir(app))?;
        }
        Ok(Self { root: app.join("dist"), directory })
    }

    /// The page as it is built, below a path of the site.
    ///
    /// # Errors
    /// When it is not built.
    pub fn page(below: &str) -> Result<Self> {
        let directory = TempDir::new_in(place::scratch()?)?;
        let site = Self { root: directory.path().to_owned(), directory };
        site.add(&place::site(), below)?;
        Ok(site)
    }

    /// Copies a directory to a path of the site.
    ///
    /// # Errors
    /// When it cannot be read, or there is no room.
    pub fn add(&self, from: &Path, to: &str) -> Result<()> {
        copy(from, &self.root.join(to))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        debug_assert!(self.root.starts_with(self.directory.path()));
        &self.root
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let said = || [output.stdout.as_slice(), output.stderr.as_slice()].map(String::from_utf8_lossy).concat();
    ensure!(output.status.success(), "{command:?} failed ({}):\n{}", output.status, said());
    Ok(())
}

/// Copies a directory.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let path = entry?.path();
        let name = path.file_name().context("a file has a name")?;
        // What somebody has installed there is none of the example.
        if name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name)).with_context(|| format!("cannot copy {}", path.display()))?;
        }
    }
    Ok(())
}
