//! Labels for menus, from the names of tracks.

/// The name of a track, where it is one that an author gave and not the one that a muxer gives to every track.
pub(crate) fn label(name: &str) -> Option<String> {
    /// Programs whose names begin those that they give to their tracks.
    const MUXERS: [&str; 12] = [
        "core media",
        "iso media file",
        "gpac iso",
        "bento4",
        "mainconcept",
        "apple video media",
        "apple sound media",
        "l-smash",
        "mp4 video media",
        "mp4 sound media",
        "shaka",
        "gopro ",
    ];
    /// Words that such a name is made of otherwise, with or without blanks between.
    const WORDS: [&str; 13] = [
        "video",
        "sound",
        "audio",
        "subtitle",
        "subtitles",
        "text",
        "data",
        "time",
        "code",
        "timecode",
        "media",
        "handler",
        "handle",
    ];
    let shown = name.trim_matches(|c: char| c.is_control() || c.is_whitespace());
    let lower = shown.to_lowercase();
    let mut rest = lower.as_str();
    // The longest word first, for some begin others.
    let next = |rest: &str| WORDS.iter().filter(|&&word| rest.starts_with(word)).map(|word| word.len()).max();
    while let Some(length) = next(rest) {
        rest = rest[length..].trim_start();
    }
    let is_made_of_words = rest.is_empty() && ["handler", "handle"].iter().any(|ending| lower.ends_with(ending));
    let is_given = !lower.is_empty() && !is_made_of_words && !MUXERS.iter().any(|&muxer| lower.starts_with(muxer));
    is_given.then(|| shown.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_muxers_are_no_labels() {
        for name in [
            "VideoHandler",
            "SoundHandler",
            "\u{c}VideoHandler",
            "VideoHandle",
            "Time Code Media Handler",
            "Core Media Video",
            "GPAC ISO Audio Handler",
            "Apple Sound Media Handler",
            "ISO Media file produced by Google Inc.",
            "handler",
            " ",
            "",
        ] {
            assert_eq!(label(name), None, "{name}");
        }
        for name in
            ["The Handler's Commentary", "Dog handlers", "Panhandler", "English", "Director's commentary", "Video"]
        {
            assert_eq!(label(name).as_deref(), Some(name));
        }
        assert_eq!(label(" English \n").as_deref(), Some("English"));
    }
}
