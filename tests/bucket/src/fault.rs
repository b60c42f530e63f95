//! What goes wrong with a request and with its answer.

use http::{Response, header};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;

use crate::bucket::SECRET;

/// What happens to a request instead of what should.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// It is answered so, with a body that repeats what was signed, as stores do.
    Answer(u16, &'static str),
    /// The connection breaks once this many bytes of the body have come.
    Reset(usize),
    /// A byte of the body is another on its way.
    Altered,
    /// It is stored, but a byte of it is another on the disk.
    Rotten,
    /// The answer says that it has another digest.
    WrongDigest,
    /// No answer comes.
    Silence,
    /// The connection breaks once this many bytes of the answer's body have gone.
    Break(usize),
    /// The answer has this many bytes fewer than it should, and says so in its length.
    Shorter(usize),
    /// The answer's body falls silent after this many bytes.
    Stall(usize),
}

/// The answer with what is wrong with its body.
pub(crate) fn spoil(answer: Response<s3s::Body>, fault: Fault) -> Response<s3s::Body> {
    let (mut parts, body) = answer.into_parts();
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let most = match fault {
        Fault::Break(bytes) | Fault::Stall(bytes) => bytes,
        Fault::Shorter(bytes) => length.unwrap_or_default().saturating_sub(bytes),
        _ => return Response::from_parts(parts, body),
    };
    if matches!(fault, Fault::Shorter(_)) {
        parts.headers.insert(header::CONTENT_LENGTH, most.into());
    }
    let pieces = futures_util::stream::unfold((body, most), move |(mut body, left)| async move {
        if left == 0 {
            match fault {
                Fault::Break(_) => return Some((Err(std::io::ErrorKind::ConnectionReset.into()), (body, left))),
                Fault::Stall(_) => std::future::pending::<()>().await,
                _ => {}
            }
            return None;
        }
        let mut data = loop {
            match body.frame().await? {
                Ok(frame) => match frame.into_data() {
                    Ok(data) => break data,
                    Err(_) => continue,
                },
                Err(error) => return Some((Err(std::io::Error::other(error)), (body, 0))),
            }
        };
        data.truncate(left);
        let left = left - data.len();
        Some((Ok(Frame::data(data)), (body, left)))
    });
    Response::from_parts(parts, s3s::Body::http_body_unsync(StreamBody::new(pieces)))
}

/// An error of the store, which repeats what was signed, as stores do.
pub(crate) fn refusal(status: u16, code: &str, signed: &str) -> Response<s3s::Body> {
    let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{signed} {SECRET}</Message></Error>");
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/xml")
        .body(text.into())
        .expect("an answer")
}
