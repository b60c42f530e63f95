use std::io::{BufReader, Read};

use flate2::read::GzDecoder;

use super::*;

fn answer() -> Answer {
    let text = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 10-19/100\r\nContent-Length: 10\r\n\
        Accept-Ranges: bytes\r\nETag: \"a\"\r\n\r\n0123456789";
    Answer::read(&mut BufReader::new(&text[..])).expect("an answer")
}

/// The head in small letters, and all bytes that are sent.
fn struck(fault: &Fault) -> (String, Vec<u8>, Vec<Step>) {
    let delivery = fault.strike(answer(), 4, "http://elsewhere/");
    let sent = delivery.steps.iter().flat_map(|step| match step {
        Step::Send(bytes) | Step::Slowly(bytes, _) => bytes.clone(),
        Step::Wait(_) | Step::Reset => Vec::new(),
    });
    let bytes = sent.collect();
    (delivery.head.to_ascii_lowercase(), bytes, delivery.steps)
}

#[test]
fn an_answer_is_read_as_it_came() {
    assert_eq!((answer().status, answer().first_byte(), answer().body.len()), (206, 10, 10));
    assert_eq!(answer().field("etag"), Some("\"a\""));
}

#[test]
fn a_body_is_struck_where_it_is_said() {
    assert_eq!(struck(&Fault::Reset).2, [Step::Send(b"0123".to_vec()), Step::Reset]);
    assert_eq!(struck(&Fault::Truncate).2, [Step::Send(b"0123".to_vec())]);
    assert_eq!(struck(&Fault::Flip).1, b"0123$56789");
    let (head, bytes, steps) = struck(&Fault::Stall { seconds: 3 });
    assert!(head.contains("content-length: 10") && bytes == b"0123456789", "{head}");
    assert_eq!(steps[1], Step::Wait(Duration::from_secs(3)));
    assert_eq!(struck(&Fault::Trickle { rate: 5 }).2[1], Step::Slowly(b"456789".to_vec(), 5));
}

#[test]
fn a_head_lies_as_it_is_told_to() {
    assert!(struck(&Fault::TooShort).0.contains("content-length: 4\r\n"));
    assert!(struck(&Fault::TooLong).0.contains("content-length: 1010\r\n"));
    assert!(struck(&Fault::OtherTotal).0.contains("content-range: bytes 10-19/1100\r\n"));
    let (head, bytes, _) = struck(&Fault::OtherRange);
    assert!(head.contains("content-range: bytes 11-19/100\r\n") && head.contains("content-length: 9\r\n"), "{head}");
    assert_eq!(bytes, b"123456789");
    assert!(!struck(&Fault::WithoutAcceptRanges).0.contains("accept-ranges"));
    assert!(struck(&Fault::Redirect).0.contains("location: http://elsewhere/\r\n"));
    let (head, bytes, _) = struck(&Fault::Status { status: 503, retry_after: Some(2) });
    assert!(head.starts_with("http/1.1 503 ") && head.contains("retry-after: 2\r\n") && bytes.is_empty(), "{head}");
    let (head, bytes, _) = struck(&Fault::Compressed);
    let mut plain = Vec::new();
    GzDecoder::new(&bytes[..]).read_to_end(&mut plain).expect("gzip");
    assert!(head.contains("content-encoding: gzip\r\n") && plain == b"0123456789", "{head}");
}
