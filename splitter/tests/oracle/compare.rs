//! Holds a cut against its film.

use std::path::Path;

use manifest::StreamEntry;

use crate::cut::Cut;
use crate::film::Film;
use crate::packets::{self, Packet, Packets, Seconds};

/// Chunks of this size give a small film several of them, as far as its groups are small enough.
const CHUNK_SIZE: &str = "50kB";

/// Cuts a film and holds every packet of every stream against it: bytes, presentation and decode time, duration,
/// keyframe. `mimes` are what the manifest says of its streams, in order.
pub(crate) fn same_packets(film: &Film, mimes: &[&str]) -> Cut {
    let cut = Cut::new(&film.path, CHUNK_SIZE);
    same_packets_as(&cut, &original(&film.path), mimes);
    cut
}

/// A film's packets by its own tables: with every sample that the edit list hides, at its place before zero.
pub(crate) fn original(film: &Path) -> Vec<Packets> {
    let mut streams = packets::read(film, &["-advanced_editlist", "0"]);
    // Read so, ffprobe gets the duration of the last packet wrong where there is an edit list.
    for (stream, edited) in streams.iter_mut().zip(packets::read(film, &[])) {
        if let (Some(last), Some(edited)) = (stream.packets.last_mut(), edited.packets.last())
            && last.hash == edited.hash
        {
            last.duration = edited.duration;
        }
    }
    streams
}

pub(crate) fn same_packets_as(cut: &Cut, film: &[Packets], mimes: &[&str]) {
    let streams = &cut.document().streams;
    assert_eq!(streams.iter().map(|stream| stream.mime.as_str()).collect::<Vec<_>>(), mimes);
    for (entry, stream) in streams.iter().zip(cut.packets()) {
        equal(&stream.packets, &counterpart(&stream, film).packets, entry);
    }
}

/// Says where the first difference is.
pub(crate) fn equal(packets: &[Packet], film: &[Packet], stream: &StreamEntry) {
    assert_eq!(packets.len(), film.len(), "packets of {}", stream.mime);
    // For the last packet of a fragmented file ffprobe makes up a duration, so that one is held against the manifest.
    let known = |packet: &Packet, at| if at + 1 < film.len() { packet.duration } else { None };
    for (at, (packet, film)) in packets.iter().zip(film).enumerate() {
        let packet = Packet { duration: known(packet, at), ..packet.clone() };
        let film = Packet { duration: known(film, at), ..film.clone() };
        assert_eq!(packet, film, "packet {at} of {}", stream.mime);
    }
    let last = stream.chunks.last().expect("a stream has chunks");
    let end = Seconds::new(last.start.saturating_add_unsigned(last.duration), stream.timescale.get());
    assert_eq!(end, film.iter().map(Packet::end).max().expect("packets"), "end of {}", stream.mime);
}

/// The film's stream that has the same packets, whatever their times.
pub(crate) fn counterpart<'a>(stream: &Packets, film: &'a [Packets]) -> &'a Packets {
    let hashes = |packets: &'a [Packet]| packets.iter().map(|packet| &packet.hash);
    let found = film.iter().find(|original| {
        original.codec == stream.codec
            && original.packets.len() == stream.packets.len()
            && hashes(&original.packets).zip(&stream.packets).all(|(hash, packet)| *hash == packet.hash)
    });
    found.unwrap_or_else(|| {
        let counts: Vec<_> = film.iter().map(|original| (&original.codec, original.packets.len())).collect();
        panic!("no stream of the film has the {} packets of {}: it has {counts:?}", stream.packets.len(), stream.codec)
    })
}
