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
    let is_fragmented = std::fs::read(film).expect("readable").windows(4).any(|word| word == b"moof");
    streams.iter_mut().for_each(|stream| stream.settle_end(is_fragmented));
    streams
}

pub(crate) fn same_packets_as(cut: &Cut, film: &[Packets], mimes: &[&str]) {
    let streams = &cut.document().streams;
    assert_eq!(streams.iter().map(|stream| stream.mime.as_str()).collect::<Vec<_>>(), mimes);
    for (entry, stream) in streams.iter().zip(cut.packets()) {
        equal(&stream.packets, &counterpart(&stream, film).packets, entry);
    }
}

/// As [`same_packets`], for a film whose pictures begin later than its sound.
pub(crate) fn same_packets_held(film: &Film, mimes: &[&str]) -> Cut {
    let cut = Cut::new(&film.path, CHUNK_SIZE);
    same_packets_as(&cut, &held(original(&film.path)), mimes);
    cut
}

/// What becomes of pictures that begin late.
pub(crate) fn held(film: Vec<Packets>) -> Vec<Packets> {
    film.into_iter().map(|stream| if stream.kind == "video" { stream.held() } else { stream }).collect()
}

/// Says where the first difference is.
pub(crate) fn equal(packets: &[Packet], film: &[Packet], stream: &StreamEntry) {
    assert_eq!(packets.len(), film.len(), "packets of {}", stream.mime);
    for (at, (packet, film)) in packets.iter().zip(film).enumerate() {
        // ffprobe knows no duration for some of the first packets of a fragmented file, and makes one up for the last,
        // which is held against the manifest instead. Decode times say the same.
        let is_known = packet.duration.is_some() && film.duration.is_some() && at + 1 < packets.len();
        let known = |packet: &Packet| Packet {
            duration: packet.duration.filter(|_| is_known),
            decode: packet.decode.filter(|_| film.decode.is_some()),
            ..packet.clone()
        };
        assert_eq!(known(packet), known(film), "packet {at} of {}", stream.mime);
    }
    let last = stream.chunks.last().expect("a stream has chunks");
    let end = Seconds::new(last.start.saturating_add_unsigned(last.duration), stream.timescale.get());
    if film.last().is_some_and(|last| last.duration.is_some()) {
        assert_eq!(Some(end), film.iter().filter_map(Packet::end).max(), "end of {}", stream.mime);
    }
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
