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
    assert_eq!(texts(&cut), [(Some("fr".to_owned()), expected.to_owned())]);
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

/// SubStation with tags, a drawing, a comment and a sign above.
const ASS: &str = "[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\nFormat: Name, Fontname, Alignment\nStyle: Default,Arial,2\n\
    [Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
    Dialogue: 0,0:00:00.50,0:00:02.00,Default,,0,0,0,,{\\i1}Hello{\\i0}\\NWorld <b> & Co\n\
    Dialogue: 0,0:00:01.00,0:00:03.00,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100 0 100{\\p0}\n\
    Dialogue: 0,0:00:02.50,0:00:03.00,Default,,0,0,0,,{\\an8\\pos(320,20)}Sign\n\
    Comment: 0,0:00:01.50,0:00:02.00,Default,,0,0,0,,not shown\n";
const ASS_AS_WEBVTT: &str = "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\n<i>Hello</i>\nWorld &lt;b&gt; &amp; Co\n\n\
    00:00:02.500 --> 00:00:03.000 line:0\nSign\n";

#[test]
fn words_of_every_kind_of_track_stay_what_they_are() {
    let film = Film::new("film.mp4", "PICTURES H264");
    let beside = |name: &str, text: &str| {
        let file = film.beside(name);
        fs::write(&file, text).expect("writable");
        file.display().to_string()
    };
    let ass = beside("text.ass", ASS);
    let srt = beside("text.srt", "1\n00:00:00,500 --> 00:00:01,234\nI <3 you & her\nthis --> that\n");
    let vtt = "WEBVTT\n\n00:00.500 --> 00:01.234 line:0 align:start\n<v Ann>Hi &amp; <c.x>you</c>\n";
    let recipe = format!("FILM -i {ass} -i {srt} -i {} -map 0 -map 1 -map 2 -map 3 -c copy", beside("text.vtt", vtt));
    let cut = Cut::new(&film.again("film.mkv", &recipe).path, "50kB");
    let texts: Vec<_> = texts(&cut).into_iter().map(|(_, text)| text).collect();
    let srt = "WEBVTT\n\n00:00:00.500 --> 00:00:01.234\nI &lt;3 you &amp; her\nthis --&gt; that\n";
    assert_eq!(texts, [ASS_AS_WEBVTT, srt, vtt]);
}

#[test]
fn timed_text_that_looks_like_tags_goes_through_ffmpeg_unchanged() {
    let film = Film::new("film.mp4", "PICTURES -c:v mpeg4 -g 24");
    let srt = film.beside("text.srt");
    fs::write(&srt, "1\n00:00:00,500 --> 00:00:01,250\n1 < 2 & <i>3</i>\n").expect("writable");
    let recipe = format!("FILM -i {} -map 0 -map 1 -c copy -c:s mov_text", srt.display());
    let film = film.again("film.mov", &recipe);
    let mut options = Options::new(&film.path, "");
    options.transcode = true;
    let expected = "WEBVTT\n\n00:00:00.500 --> 00:00:01.250\n1 &lt; 2 &amp; <i>3</i>\n";
    assert_eq!(texts(&Cut::with(options)), [(None, expected.to_owned())]);
}

#[test]
fn side_files_of_every_kind() {
    let film = Film::new("film.mp4", "PICTURES H264");
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let map = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\nHi\n";
    let srt =
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.250\n<i>Où</i> &amp; when\n\n00:00:02.000 --> 00:00:02.900\nTwo\nlines\n";
    let files = [
        ("map.vtt", map.as_bytes().to_vec(), "WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n"),
        ("text.ass", ASS.as_bytes().to_vec(), ASS_AS_WEBVTT),
        ("cr_cr_lf.srt", SRT.replace('\n', "\r\r\n").into_bytes(), srt),
        ("utf_16.srt", utf_16(SRT), srt),
    ];
    let mut options = Options::new(&film.path, "");
    for (name, bytes, _) in &files {
        let path = film.beside(name);
        fs::write(&path, bytes).expect("writable");
        options.subtitles.push(format!("en={}", path.display()).parse().expect("valid"));
    }
    let texts = texts(&Cut::with(options));
    for ((name, _, expected), (_, text)) in files.iter().zip(&texts) {
        assert_eq!(text, expected, "{name}");
    }
    assert_eq!(texts.len(), files.len());
}
