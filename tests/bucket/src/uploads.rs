//! Uploads in parts that were begun and not ended, which the server of the tests cannot list.

use std::fmt::Write;
use std::sync::Mutex;

use http::{Method, Response};
use http_body_util::BodyExt;

use crate::seen::Seen;

/// Key and id of each, in the order in which they were begun.
#[derive(Default)]
pub(crate) struct Uploads(Mutex<Vec<(String, String)>>);

impl Uploads {
    /// Takes note of what the server has answered; the answer to whom asks for the list of them, which the server has not.
    pub(crate) async fn note(&self, seen: &Seen, answer: Response<s3s::Body>) -> Response<s3s::Body> {
        let is_well = answer.status().is_success();
        match (&seen.method, seen.query.get("uploadId")) {
            // Who signs wrongly is refused before that is said.
            (&Method::GET, None) if seen.query.contains_key("uploads") && answer.status() == 501 => {
                Response::new(self.list(seen.query.get("prefix").map_or("", String::as_str)).into())
            }
            (&Method::POST, None) if is_well && seen.query.contains_key("uploads") => {
                let (head, body) = answer.into_parts();
                let text = body.collect().await.expect("it is at hand").to_bytes();
                let id = String::from_utf8_lossy(&text);
                let id = id.split_once("<UploadId>").and_then(|(_, rest)| rest.split_once("</UploadId>"));
                let id = id.expect("its id").0.to_owned();
                self.0.lock().expect("whole").push((seen.key.clone(), id));
                Response::from_parts(head, text.into())
            }
            (&Method::POST | &Method::DELETE, Some(ended)) if is_well => {
                self.0.lock().expect("whole").retain(|(_, id)| id != ended);
                answer
            }
            _ => answer,
        }
    }

    fn list(&self, prefix: &str) -> String {
        let mut text = format!("<?xml version=\"1.0\"?><ListMultipartUploadsResult><Prefix>{prefix}</Prefix>");
        let uploads = self.0.lock().expect("whole");
        for (key, id) in uploads.iter().filter(|(key, _)| key.starts_with(prefix)) {
            let _ = write!(text, "<Upload><Key>{key}</Key><UploadId>{id}</UploadId></Upload>");
        }
        text + "<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"
    }
}
