//! Pictures for a seek bar: a WebVTT file whose cues name regions of larger pictures, `sprite.jpg#xywh=0,0,160,90`.

use js_sys::Promise;
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::border::to_js;
use crate::player::{Player, time as checked};
use crate::task::promise;

/// A picture of the film, or a region of one.
#[derive(Clone, Debug, PartialEq, Serialize, Tsify)]
#[tsify(missing_as_null)]
pub(crate) struct Thumbnail {
    /// Of the whole picture, absolute.
    pub(crate) url: String,
    /// From which moment of the film on it stands for the film, in seconds.
    pub(crate) start: f64,
    /// Up to which.
    pub(crate) end: f64,
    /// Left edge of the region, in pixels.
    pub(crate) x: u32,
    /// Its upper edge.
    pub(crate) y: u32,
    /// `null` is all of the picture.
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
}

#[wasm_bindgen]
impl Player {
    /// The picture of the film for a time in seconds, for a seek bar; `null` where there is none. What names the pictures is
    /// fetched with the first.
    #[wasm_bindgen(js_name = thumbnailAt, unchecked_return_type = "Promise<Thumbnail | null>")]
    pub fn thumbnail_at(&self, time: f64) -> Promise {
        let film = self.needed();
        promise(async move {
            let seconds = checked(time)?.as_seconds();
            let film = film?;
            Ok(to_js(&film.thumbnail_at(seconds).await))
        })
    }
}

/// The pictures that a file names; `address` resolves what they are called.
pub(crate) fn read(text: &str, address: impl Fn(&str) -> String) -> Vec<Thumbnail> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((start, end)) = times(line) else { continue };
        let Some(name) = lines.next().map(str::trim).filter(|name| !name.is_empty()) else { continue };
        let (name, region) = name.split_once('#').unwrap_or((name, ""));
        let region = region_of(region);
        let [x, y, width, height] = region.map_or([Some(0), Some(0), None, None], |region| region.map(Some));
        let (x, y) = (x.unwrap_or_default(), y.unwrap_or_default());
        found.push(Thumbnail { url: address(name), start, end, x, y, width, height });
    }
    found
}

/// The picture for that moment.
pub(crate) fn at(thumbnails: &[Thumbnail], time: f64) -> Option<&Thumbnail> {
    thumbnails.iter().find(|thumbnail| thumbnail.start <= time && time < thumbnail.end)
}

/// `00:10.000 --> 00:20.000`, in seconds.
fn times(line: &str) -> Option<(f64, f64)> {
    // Searching for a text is code that nothing else here needs.
    let mut words = line.trim().split([' ', '\t']).filter(|word| !word.is_empty());
    let start = seconds(words.next()?)?;
    let end = words.next().filter(|arrow| *arrow == "-->").and(words.next())?;
    Some((start, seconds(end)?))
}

fn seconds(text: &str) -> Option<f64> {
    let mut parts = text.split(':').rev();
    let (whole, thousandth) = parts.next()?.split_once('.')?;
    let number = |text: &str| text.parse::<u32>().ok().map(f64::from);
    let mut total = number(whole)? + number(thousandth)? / 1e3;
    for (part, unit) in parts.zip([60.0, 3_600.0]) {
        total += number(part)? * unit;
    }
    Some(total)
}

/// `xywh=0,0,160,90` or `xywh=pixel:…` (Media Fragments URI 1.0 section 4.2.2).
fn region_of(fragment: &str) -> Option<[u32; 4]> {
    let region = fragment.strip_prefix("xywh=")?;
    let region = region.strip_prefix("pixel:").unwrap_or(region);
    let numbers: Option<Vec<u32>> = region.split(',').map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn cues_name_regions_of_pictures_or_whole_ones() {
        let text = "WEBVTT\r\n\r\n1\r\n00:00.000 --> 00:02.000\r\na.jpg#xywh=160,90,160,90\r\n\r\n\
            00:00:02.000 --> 01:00:04.500 align:left\r\nb.jpg\r\n\r\n00:05.000 --> nonsense\r\nc.jpg\r\n";
        let found = read(text, |name| format!("/{name}"));
        let of = |url: &str, start, end, x, y, size: Option<(u32, u32)>| Thumbnail {
            url: url.to_owned(),
            start,
            end,
            x,
            y,
            width: size.map(|size| size.0),
            height: size.map(|size| size.1),
        };
        let expected = [of("/a.jpg", 0.0, 2.0, 160, 90, Some((160, 90))), of("/b.jpg", 2.0, 3_604.5, 0, 0, None)];
        assert_eq!(found, expected);
        assert_eq!(at(&found, 2.0), Some(&expected[1]));
        assert_eq!(at(&found, 4_000.0), None);
    }
}
