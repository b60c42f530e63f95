//! What single boxes say.

use isobmff::{BoxRef, EditList, Error, FourCc, SampleEntry, Track, TrackDefaults, TrackKind};
use serde_json::{Map, Value, json};

/// The fields of a box that are worth a look; none where it is unknown or damaged.
pub(super) fn of(parsed: &BoxRef<'_>, track: Option<TrackKind>) -> Map<String, Value> {
    let found = if parsed.path.levels().iter().rev().nth(1).is_some_and(|&parent| parent == b"stsd") {
        track.map(|kind| sample_entry(parsed, kind))
    } else {
        by_type(parsed)
    };
    match found {
        Some(Ok(Value::Object(fields))) => fields,
        _ => Map::new(),
    }
}

/// What kind of track a `trak` is.
pub(super) fn handler(trak: &BoxRef<'_>) -> Option<TrackKind> {
    Track::parse(trak).ok().map(|track| track.kind)
}

fn by_type(parsed: &BoxRef<'_>) -> Option<Result<Value, Error>> {
    Some(match &parsed.kind.0 {
        b"ftyp" | b"styp" => brands(parsed),
        b"mvhd" | b"mdhd" => times(parsed),
        b"mehd" => {
            parsed.full().and_then(|(version, _, mut fields)| Ok(json!({ "duration": fields.u32_or_u64(version)? })))
        }
        b"tkhd" => track_header(parsed),
        b"hdlr" => parsed.full().and_then(|(_, _, mut fields)| {
            fields.skip(4)?;
            Ok(json!({ "handler": FourCc(fields.array()?).to_string() }))
        }),
        b"elst" => EditList::parse(parsed)
            .map(|edits| json!({ "delay": edits.delay, "media_time": edits.media_time, "complex": edits.complex })),
        b"trex" => TrackDefaults::parse(parsed)
            .map(|defaults| json!({ "track": defaults.track, "duration": defaults.duration, "size": defaults.size })),
        b"stts" | b"ctts" | b"stsc" | b"stco" | b"co64" | b"stss" | b"dref" | b"stsd" => {
            parsed.full().and_then(|(_, _, mut fields)| Ok(json!({ "entries": fields.u32()? })))
        }
        b"stsz" => {
            parsed.full().and_then(|(_, _, mut fields)| Ok(json!({ "size": fields.u32()?, "samples": fields.u32()? })))
        }
        b"mfhd" => parsed.full().and_then(|(_, _, mut fields)| Ok(json!({ "sequence": fields.u32()? }))),
        b"tfhd" => parsed
            .full()
            .and_then(|(_, flags, mut fields)| Ok(json!({ "track": fields.u32()?, "flags": format!("{flags:#x}") }))),
        b"tfdt" => {
            parsed.full().and_then(|(version, _, mut fields)| Ok(json!({ "decode_time": fields.u32_or_u64(version)? })))
        }
        b"trun" => parsed.full().and_then(|(version, flags, mut fields)| {
            Ok(json!({ "version": version, "flags": format!("{flags:#x}"), "samples": fields.u32()? }))
        }),
        b"sidx" => segment_index(parsed),
        _ => return None,
    })
}

fn brands(parsed: &BoxRef<'_>) -> Result<Value, Error> {
    let mut fields = parsed.fields();
    let major = FourCc(fields.array()?).to_string();
    fields.skip(4)?;
    let (compatible, _) = fields.rest().as_chunks::<4>();
    let compatible: Vec<_> = compatible.iter().map(|&brand| FourCc(brand).to_string()).collect();
    Ok(json!({ "brand": major, "compatible": compatible.join(" ") }))
}

/// Sections 8.2.2 and 8.4.2.
fn times(parsed: &BoxRef<'_>) -> Result<Value, Error> {
    let (version, _, mut fields) = parsed.full()?;
    fields.skip(if version == 0 { 8 } else { 16 })?;
    Ok(json!({ "timescale": fields.u32()?, "duration": fields.u32_or_u64(version)? }))
}

/// Section 8.3.2.
fn track_header(parsed: &BoxRef<'_>) -> Result<Value, Error> {
    let (version, flags, mut fields) = parsed.full()?;
    fields.skip(if version == 0 { 8 } else { 16 })?;
    let track = fields.u32()?;
    fields.skip(4)?;
    let duration = fields.u32_or_u64(version)?;
    fields.skip(16 + 36)?;
    let [width, height] = [fields.u32()?, fields.u32()?].map(|size| f64::from(size) / 65_536.0);
    let mut shown = json!({ "track": track, "duration": duration, "enabled": flags & 1 != 0 });
    if width > 0.0 {
        shown["width"] = json!(width);
        shown["height"] = json!(height);
    }
    Ok(shown)
}

/// Section 8.16.3.
fn segment_index(parsed: &BoxRef<'_>) -> Result<Value, Error> {
    let (version, _, mut fields) = parsed.full()?;
    let (track, timescale) = (fields.u32()?, fields.u32()?);
    let (start, _offset) = (fields.u32_or_u64(version)?, fields.u32_or_u64(version)?);
    fields.skip(2)?;
    Ok(json!({ "track": track, "timescale": timescale, "start": start, "references": fields.u16()? }))
}

fn sample_entry(parsed: &BoxRef<'_>, kind: TrackKind) -> Result<Value, Error> {
    let entry = SampleEntry::parse(parsed, kind)?;
    let mut shown = json!({ "codec": entry.codec });
    if entry.width > 0 {
        shown["width"] = json!(entry.width);
        shown["height"] = json!(entry.height);
    }
    if entry.channels > 0 {
        shown["channels"] = json!(entry.channels);
        shown["sample_rate"] = json!(entry.sample_rate);
    }
    Ok(shown)
}
