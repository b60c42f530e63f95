//! Labels for menus, from the names of tracks.

/// The name of a track, where it is one that an author gave and not the one that a muxer gives to every track.
pub(crate) fn label(name: &str) -> Option<String> {
    const OF_MUXERS: [&str; 12] = [
        "handler",
        "core media",
        "iso media",
        "gpac",
        "bento4",
        "mainconcept",
        "apple video",
        "apple sound",
        "l-smash",
        "mp4 video",
        "mp4 sound",
        "shaka",
    ];
    let lower = name.to_lowercase();
    let is_given = !lower.trim().is_empty() && !OF_MUXERS.iter().any(|&part| lower.contains(part));
    is_given.then(|| name.trim().to_owned())
}
