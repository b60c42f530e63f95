//! A handler over a few files, in a directory or in a bucket.

use http_body_util::BodyExt;
use test_bucket::Bucket;

use super::*;

/// What is asked.
pub(super) struct World {
    pub(super) dir: tempfile::TempDir,
    pub(super) handler: Handler,
    /// What the media lies in, if not in a directory.
    pub(super) bucket: Option<Bucket>,
}

impl World {
    pub(super) fn new() -> Self {
        Self::configured(None, |_, config| config)
    }

    /// A directory, and a bucket with the same files in it.
    pub(super) fn both() -> [Self; 2] {
        [Self::new(), Self::of_bucket(|config| config)]
    }

    pub(super) fn of_bucket(configure: impl FnOnce(Config) -> Config) -> Self {
        Self::configured(Some(Bucket::new()), |_, config| configure(config))
    }

    /// One that answers for manifests only to links of these keys.
    pub(super) fn shared(keys: &str) -> Self {
        Self::configured(None, |dir, config| {
            std::fs::write(dir.join("keys"), keys).expect("room");
            Config { share_key: Some(dir.join("keys")), ..config }
        })
    }

    pub(super) fn configured(
        bucket: Option<Bucket>,
        configure: impl FnOnce(&std::path::Path, Config) -> Config,
    ) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let place = bucket.as_ref().map_or_else(|| dir.path().to_owned(), Bucket::films);
        let write = |name: &str, content: &[u8]| {
            let path = if name.starts_with("media/") { place.join(name) } else { dir.path().join(name) };
            std::fs::create_dir_all(path.parent().expect("below the directory")).expect("room");
            std::fs::write(path, content).expect("room");
        };
        write("media/manifest.json", b"{}");
        write("media/.env", b"secret");
        write("media/0a1b2c3d4e5f/video-1/0001.mp4", &content());
        write("media/0a1b2c3d4e5f/empty.mp4", b"");
        write("site/index.html", b"<!doctype html>");
        write("site/player-8a7f0c1d2e3f4a5b_bg.wasm", b"\0asm");
        write("secret", b"secret");
        let mut config = Config { site: Some(dir.path().join("site")), ..Config::loopback(dir.path().join("media")) };
        if let Some(bucket) = &bucket {
            config.media = Media::parse("s3://films/media".into()).expect("an address");
            config.environment = bucket.environment().into_iter().collect();
        }
        let handler = Handler::new(&configure(dir.path(), config)).expect("both directories are there");
        Self { dir, handler, bucket }
    }

    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        fields: &[(&str, &str)],
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let request = request.body(()).expect("a request");
        // Far enough ahead for the dates of files just written to be strong.
        let now = SystemTime::now() + std::time::Duration::from_secs(10);
        let (head, body) = self.handler.respond(&request, now).await.into_parts();
        let body = body.collect().await.expect("the file is not touched").to_bytes().to_vec();
        (head.status, head.headers, body)
    }

    pub(super) async fn get(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
        self.ask(Method::GET, path, fields).await
    }
}

/// Larger than one read, and no byte pattern that a piece too early or late would match.
pub(super) fn content() -> Vec<u8> {
    (0_u32..200_000).flat_map(|i| (i.wrapping_mul(2_654_435_761)).to_be_bytes()).collect()
}
