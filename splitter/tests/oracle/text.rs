//! Subtitles, in the film and beside it.

use std::fs;

use splitter::Options;

use crate::cut::Cut;
use crate::film::Film;

const SRT: &str =
    "1\n00:00:00,500 --> 00:00:01,250\n<i>Où</i> & when\n\n2\n00:00:02,000 --> 00:00:02,900\nTwo\nlines\n";

fn texts(cut: &Cut) -> Vec<(Option<String>, String)> {
    let read = |url: &str| fs::read_to_string(cut.directory.path().join(url)).expect("it is where the manifest says");
    cut.document().subtitles.iter().map(|entry| (entry.language.clone(), read(&entry.url))).collect()
}

#[test]
fn timed_text_in_the_film() {
    let film = Film::new("film.mp4", "PICTURES H264");
    let srt = film.beside("text.srt");
    fs::write(&srt, SRT).expect("writable");
    let with_text = format!("FILM -i {} -map 0 -map 1 -c copy -c:s mov_text -metadata:s:s language=fra", srt.display());
    let cut = Cut::new(&film.again("with_text.mp4", &with_text).path, "50kB");
    let expected =
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.250\nOù &amp; when\n\n00:00:02.000 --> 00:00:02.900\nTwo\nlines\n";
    assert_eq!(texts(&cut), [(Some("fra".to_owned()), expected.to_owned())]);
    assert_eq!(cut.document().streams.len(), 1, "text is no stream");
}

#[test]
fn files_beside_the_film() {
    let film = Film::new("film.mp4", "PICTURES H264");
    let (srt, vtt) = (film.beside("text.srt"), film.beside("text.vtt"));
    // ISO 8859-1, as old files are, in a sentence long enough to tell.
    let text = SRT.replace("when", "quand. Voilà la fenêtre où l'été est passé, et voici la forêt enchantée.");
    fs::write(&srt, text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin")).collect::<Vec<_>>())
        .expect("writable");
    fs::write(&vtt, "WEBVTT\n\n00:01.000 --> 00:02.000 align:start\nHallo\n").expect("writable");
    let mut options = Options::new(&film.path, "");
    for (language, path) in [("fr", &srt), ("de", &vtt)] {
        options.subtitles.push(format!("{language}={}", path.display()).parse().expect("valid"));
    }
    let cut = Cut::with(options);
    let [(french, first), (german, second)] = &texts(&cut)[..] else { panic!("two files") };
    assert_eq!((french.as_deref(), german.as_deref()), (Some("fr"), Some("de")));
    assert!(first.contains("<i>Où</i> &amp; quand. Voilà la fenêtre où l'été est passé"), "{first}");
    assert_eq!(second, "WEBVTT\n\n00:01.000 --> 00:02.000 align:start\nHallo\n");
}

#[test]
fn other_subtitles_are_another_cut() {
    let film = Film::new("film.mp4", "PICTURES H264");
    let id = |text: &str| {
        let path = film.beside("text.srt");
        fs::write(&path, text).expect("writable");
        let mut options = Options::new(&film.path, "");
        options.subtitles.push(format!("en={}", path.display()).parse().expect("valid"));
        Cut::with(options).document().id.clone()
    };
    assert_ne!(id(SRT), id(&SRT.replace("Two", "Three")));
    assert_eq!(id(SRT), id(SRT));
}
