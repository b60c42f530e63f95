//! From the text of a manifest to its document, member by member. Members that are not known are skipped.

use crate::json::{Fault, Reader, read};
use crate::{
    Cause, ChapterEntry, ChunkEntry, Digest, Document, Error, FileEntry, FragmentTableEntry, GroupIndex, InitEntry,
    Kind, StreamEntry, SubtitlesEntry, ThumbnailsEntry, Timescale, VERSION,
};

impl Document {
    /// Reads the JSON, and refuses a version that it does not know before anything else.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let version = read(bytes, |json| {
            let mut version = None;
            json.object(&mut |name, json| match name {
                "version" => json.unsigned().map(|found| version = Some(found)),
                _ => json.skip(),
            })?;
            json.need(version, "version")
        })?;
        if version != u64::from(VERSION) {
            return Err(Cause::Version { found: version, known: VERSION }.into());
        }
        read(bytes, document)
    }
}

fn document(json: &mut Reader<'_>) -> Result<Document, Fault> {
    let (mut id, mut name, mut duration, mut streams) = (None, None, None, None);
    let (mut subtitles, mut thumbnails, mut chapters) = (Vec::new(), None, Vec::new());
    json.object(&mut |member, json| {
        match member {
            "id" => id = Some(json.text()?),
            "name" => name = text(json)?,
            "duration" => duration = Some(json.seconds()?),
            "streams" => {
                let mut all = Vec::new();
                json.array(&mut |json| stream(json).map(|entry| all.push(entry)))?;
                streams = Some(all);
            }
            "subtitles" => json.array(&mut |json| subtitle(json).map(|entry| subtitles.push(entry)))?,
            "chapters" => json.array(&mut |json| chapter(json).map(|entry| chapters.push(entry)))?,
            "thumbnails" => thumbnails = if json.null() { None } else { Some(pictures(json)?) },
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(Document {
        version: VERSION,
        id: json.need(id, "id")?,
        name,
        duration: json.need(duration, "duration")?,
        streams: json.need(streams, "streams")?,
        subtitles,
        thumbnails,
        chapters,
    })
}

fn stream(json: &mut Reader<'_>) -> Result<StreamEntry, Fault> {
    let (mut kind, mut mime, mut timescale, mut bandwidth, mut init, mut chunks) = (None, None, None, None, None, None);
    let (mut width, mut height, mut frame_rate, mut channels, mut sample_rate) = (None, None, None, None, None);
    let (mut language, mut label, mut default, mut open_gop) = (None, None, false, false);
    json.object(&mut |member, json| {
        match member {
            "kind" => kind = Some(read_kind(json)?),
            "mime" => mime = Some(json.text()?),
            "timescale" => match Timescale::new(json.small()?) {
                None => return json.fault("a timescale of 0"),
                some => timescale = some,
            },
            "bandwidth" => bandwidth = Some(json.unsigned()?),
            "width" => width = optional(json)?,
            "height" => height = optional(json)?,
            "frame_rate" => frame_rate = text(json)?,
            "channels" => channels = optional(json)?,
            "sample_rate" => sample_rate = optional(json)?,
            "language" => language = text(json)?,
            "label" => label = text(json)?,
            "default" => default = json.bool()?,
            "open_gop" => open_gop = json.bool()?,
            "init" => {
                let (url, bytes, sha256, data) = file(json)?;
                let (bytes, sha256) = (json.need(bytes, "bytes")?, json.need(sha256, "sha256")?);
                init = Some(InitEntry { url, bytes, sha256, data });
            }
            "chunks" => {
                let mut all = Vec::new();
                json.array(&mut |json| chunk(json).map(|entry| all.push(entry)))?;
                chunks = Some(all);
            }
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(StreamEntry {
        kind: json.need(kind, "kind")?,
        mime: json.need(mime, "mime")?,
        timescale: json.need(timescale, "timescale")?,
        bandwidth: json.need(bandwidth, "bandwidth")?,
        width,
        height,
        frame_rate,
        channels,
        sample_rate,
        language,
        label,
        default,
        open_gop,
        init: json.need(init, "init")?,
        chunks: json.need(chunks, "chunks")?,
    })
}

fn read_kind(json: &mut Reader<'_>) -> Result<Kind, Fault> {
    match &*json.text()? {
        "video" => Ok(Kind::Video),
        "audio" => Ok(Kind::Audio),
        "muxed" => Ok(Kind::Muxed),
        _ => json.fault("a kind of stream that this player does not know"),
    }
}

fn chunk(json: &mut Reader<'_>) -> Result<ChunkEntry, Fault> {
    let (mut url, mut bytes, mut sha256, mut start, mut duration) = (None, None, None, None, None);
    let (mut groups, mut fragments) = (None, None);
    json.object(&mut |member, json| {
        match member {
            "url" => url = Some(json.text()?),
            "bytes" => bytes = Some(json.unsigned()?),
            "sha256" => sha256 = Some(digest(json)?),
            "start" => start = Some(json.signed()?),
            "duration" => duration = Some(json.unsigned()?),
            "groups" => groups = Some(index(json)?),
            "fragments" if !json.null() => {
                let (url, bytes, sha256, _) = file(json)?;
                let (bytes, sha256) = (json.need(bytes, "bytes")?, json.need(sha256, "sha256")?);
                fragments = Some(FragmentTableEntry { url, bytes, sha256 });
            }
            "fragments" => {}
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(ChunkEntry {
        url: json.need(url, "url")?,
        bytes: json.need(bytes, "bytes")?,
        sha256: json.need(sha256, "sha256")?,
        start: json.need(start, "start")?,
        duration: json.need(duration, "duration")?,
        groups: json.need(groups, "groups")?,
        fragments,
    })
}

fn index(json: &mut Reader<'_>) -> Result<GroupIndex, Fault> {
    let (mut bytes, mut ticks) = (None, None);
    json.object(&mut |member, json| {
        match member {
            "bytes" => {
                let mut all = Vec::new();
                json.array(&mut |json| json.unsigned().map(|number| all.push(number)))?;
                bytes = Some(all);
            }
            "ticks" => {
                let mut all = Vec::new();
                json.array(&mut |json| run(json).map(|entry| all.push(entry)))?;
                ticks = Some(all);
            }
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(GroupIndex { bytes: json.need(bytes, "bytes")?, ticks: json.need(ticks, "ticks")? })
}

/// `[ticks, how many groups in a row]`.
fn run(json: &mut Reader<'_>) -> Result<(u64, u32), Fault> {
    let mut pair = [None; 2];
    let mut count = 0;
    json.array(&mut |json| {
        let number = json.unsigned()?;
        if let Some(place) = pair.get_mut(count) {
            *place = Some(number);
        }
        count += 1;
        Ok(())
    })?;
    match pair {
        [Some(ticks), Some(groups)] if count == 2 => match u32::try_from(groups) {
            Ok(groups) => Ok((ticks, groups)),
            Err(_) => json.fault("the number is too large"),
        },
        _ => json.fault("expected two numbers"),
    }
}

fn pictures(json: &mut Reader<'_>) -> Result<ThumbnailsEntry, Fault> {
    let (mut url, mut bytes, mut sha256, mut pictures) = (None, None, None, Vec::new());
    json.object(&mut |member, json| {
        match member {
            "url" => url = Some(json.text()?),
            "bytes" => bytes = length(json)?,
            "sha256" => sha256 = if json.null() { None } else { Some(digest(json)?) },
            "pictures" => json.array(&mut |json| picture(json).map(|entry| pictures.push(entry)))?,
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(ThumbnailsEntry { url: json.need(url, "url")?, bytes, sha256, pictures })
}

fn picture(json: &mut Reader<'_>) -> Result<FileEntry, Fault> {
    let (url, bytes, sha256, _) = file(json)?;
    Ok(FileEntry { url, bytes: json.need(bytes, "bytes")?, sha256: json.need(sha256, "sha256")? })
}

fn subtitle(json: &mut Reader<'_>) -> Result<SubtitlesEntry, Fault> {
    let (mut url, mut language, mut label, mut default) = (None, None, None, false);
    let (mut bytes, mut sha256) = (None, None);
    json.object(&mut |member, json| {
        match member {
            "url" => url = Some(json.text()?),
            "bytes" => bytes = length(json)?,
            "sha256" => sha256 = if json.null() { None } else { Some(digest(json)?) },
            "language" => language = text(json)?,
            "label" => label = text(json)?,
            "default" => default = json.bool()?,
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(SubtitlesEntry { url: json.need(url, "url")?, bytes, sha256, language, label, default })
}

fn chapter(json: &mut Reader<'_>) -> Result<ChapterEntry, Fault> {
    let (mut start, mut title) = (None, None);
    json.object(&mut |member, json| {
        match member {
            "start" => start = Some(json.seconds()?),
            "title" => title = Some(json.text()?),
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok(ChapterEntry { start: json.need(start, "start")?, title: json.need(title, "title")? })
}

/// URL, length, digest and data of a file.
pub(crate) type File = (String, Option<u64>, Option<Digest>, Option<String>);

/// A file that something names. Its URL is there.
pub(crate) fn file(json: &mut Reader<'_>) -> Result<File, Fault> {
    let (mut url, mut bytes, mut sha256, mut data) = (None, None, None, None);
    json.object(&mut |member, json| {
        match member {
            "url" => url = Some(json.text()?),
            "bytes" => bytes = Some(json.unsigned()?),
            "sha256" => sha256 = Some(digest(json)?),
            "data" => data = text(json)?,
            _ => json.skip()?,
        }
        Ok(())
    })?;
    Ok((json.need(url, "url")?, bytes, sha256, data))
}

fn digest(json: &mut Reader<'_>) -> Result<Digest, Fault> {
    json.text()?.parse().or_else(|wrong: &'static str| json.fault(wrong))
}

fn text(json: &mut Reader<'_>) -> Result<Option<String>, Fault> {
    if json.null() { Ok(None) } else { json.text().map(Some) }
}

fn length(json: &mut Reader<'_>) -> Result<Option<u64>, Fault> {
    if json.null() { Ok(None) } else { json.unsigned().map(Some) }
}

fn optional<T: TryFrom<u64>>(json: &mut Reader<'_>) -> Result<Option<T>, Fault> {
    if json.null() { Ok(None) } else { json.small().map(Some) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const CUT: &str = include_str!("../../../fuzz/corpus/manifest/cut.json");

    fn assert_as_serde_reads_it(value: &Value) {
        let text = serde_json::to_vec(value).expect("a text");
        let theirs = serde_json::from_slice::<Document>(&text).ok();
        assert_eq!(read(&text, document).ok(), theirs, "{value}");
    }

    /// Calls `then` with a copy of `whole` for each of its values, in which that value is another, or gone.
    fn changed(whole: &Value, place: &str, then: &mut dyn FnMut(&Value)) {
        let others = [Value::Null, Value::from(1.5), Value::from(-1), Value::from("text"), Value::from([1, 2])];
        for other in others {
            let mut copy = whole.clone();
            *copy.pointer_mut(place).expect("it is there") = other;
            then(&copy);
        }
        match whole.pointer(place).expect("it is there") {
            Value::Object(members) => {
                for name in members.keys() {
                    let mut copy = whole.clone();
                    copy.pointer_mut(place).and_then(Value::as_object_mut).expect("an object").remove(name);
                    then(&copy);
                    changed(whole, &format!("{place}/{name}"), then);
                }
            }
            // One of them stands for all.
            Value::Array(items) if !items.is_empty() => changed(whole, &format!("{place}/0"), then),
            _ => {}
        }
    }

    #[test]
    fn a_document_and_every_change_of_it_are_read_as_serde_reads_them() {
        let mut whole: Value = serde_json::from_str(CUT).expect("JSON");
        let sha256 = "0a".repeat(32);
        whole["subtitles"] = serde_json::json!([{ "url": "a.vtt", "bytes": 7, "sha256": sha256, "language": "en",
            "label": "English", "default": true }]);
        whole["chapters"] = serde_json::json!([{ "start": 0, "title": "One" }, { "start": 2.5, "title": "Two" }]);
        whole["thumbnails"] = serde_json::json!({ "url": "b.vtt", "bytes": 7, "sha256": sha256, "unknown": [{}],
            "pictures": [{ "url": "c.jpg", "bytes": 9, "sha256": sha256 }] });
        assert_as_serde_reads_it(&whole);
        assert!(read(whole.to_string().as_bytes(), document).is_ok());
        let mut count = 0;
        changed(&whole, "", &mut |value| {
            // Another version has been refused before.
            if value.get("version") == whole.get("version") {
                assert_as_serde_reads_it(value);
                count += 1;
            }
        });
        assert!(count > 200, "{count} documents");
    }
}
