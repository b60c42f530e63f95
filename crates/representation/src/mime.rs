//! From a file name to its `Content-Type`.

/// The media type of a file, by the extension of its name (ASCII case ignored).
///
/// `application/octet-stream` where the extension is unknown; together with `X-Content-Type-Options: nosniff` a browser
/// then runs nothing that was not meant to run.
#[must_use]
pub fn of(name: &str) -> &'static str {
    let extension = extension(name).to_ascii_lowercase();
    match extension.as_str() {
        // ISO BMFF and its relatives.
        "mp4" | "m4v" | "cmfv" => "video/mp4",
        "m4a" | "cmfa" => "audio/mp4",
        "m4s" => "video/iso.segment",
        "mp3" => "audio/mpeg",
        "aac" => "audio/aac",
        "flac" => "audio/flac",
        "ogg" | "opus" => "audio/ogg",
        "webm" => "video/webm",
        "ts" => "video/mp2t",
        // Manifests: RFC 8216 section 10, ISO/IEC 23009-1 annex C.
        "json" | "map" => "application/json",
        "m3u8" => "application/vnd.apple.mpegurl",
        "mpd" => "application/dash+xml",
        // Subtitles and pictures.
        "vtt" => "text/vtt; charset=utf-8",
        "srt" => "application/x-subrip; charset=utf-8",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "ico" => "image/vnd.microsoft.icon",
        // The page.
        "html" | "htm" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        _ => "application/octet-stream",
    }
}

/// What stands behind the last dot of a file name; empty where there is none.
pub(crate) fn extension(name: &str) -> &str {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_extension_of_the_cache_rule_has_its_type() {
        let rule = "mp4 m4s mp3 webm vtt srt js css png jpg jpeg webp svg ico json";
        for extension in rule.split(' ') {
            assert_ne!(of(&format!("a.{extension}")), "application/octet-stream", "{extension}");
        }
    }

    #[test]
    fn types_that_browsers_insist_on() {
        assert_eq!(of("video-1/0001.mp4"), "video/mp4");
        assert_eq!(of("player_bg.wasm"), "application/wasm");
        assert_eq!(of("player.JS"), "text/javascript; charset=utf-8");
        assert_eq!(of("master.m3u8"), "application/vnd.apple.mpegurl");
        assert_eq!(of("manifest.mpd"), "application/dash+xml");
        assert_eq!(of("0001.bin"), "application/octet-stream");
        assert_eq!(of("no-extension"), "application/octet-stream");
        assert_eq!(of("dir.mp4/file"), "application/octet-stream");
    }
}
