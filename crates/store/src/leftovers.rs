//! What killed runs have left of files that went in parts: it is seen by nobody, and costs room until it is forgotten.

use http::{Method, Request};
use object_store::aws::AwsAuthorizer;
use object_store::client::HttpRequestBody;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::signer::Signer;
use std::time::Duration;

use crate::connection::Connection;
use crate::open::S3;

/// The most of a listing that is read: a thousand uploads, which no run leaves of one file.
const LARGEST_LISTING: u64 = 4 << 20;

impl S3 {
    /// Has the store forget parts of earlier uploads under exactly this name. Where it cannot say which there are, they stay:
    /// that is no reason not to publish.
    pub(crate) async fn forget_parts(&self, connection: &Connection, key: &Path) {
        let Some(listing) = self.list_uploads(connection, key).await else { return };
        for id in upload_ids(&listing, key.as_ref()) {
            let _ = self.objects.abort_multipart(key, &id.to_owned()).await;
        }
    }

    async fn list_uploads(&self, connection: &Connection, key: &Path) -> Option<String> {
        let mut url = self.objects.signed_url(Method::GET, &Path::default(), Duration::from_secs(1)).await.ok()?;
        url.set_query(None);
        let bucket = url.path().trim_end_matches('/').to_owned();
        url.set_path(&bucket);
        url.query_pairs_mut().append_pair("prefix", key.as_ref()).append_pair("uploads", "");
        let mut request = Request::new(HttpRequestBody::empty());
        *request.uri_mut() = url.as_str().parse().ok()?;
        let credential = self.objects.credentials().get_credential().await.ok()?;
        AwsAuthorizer::new(&credential, "s3", &self.region).try_authorize(&mut request, None).ok()?;
        let answer = connection.send(request.map(http_body_util::BodyExt::boxed_unsync), None).await.ok()?;
        let body = answer.into_body();
        let body = http_body_util::Limited::new(body, usize::try_from(LARGEST_LISTING).ok()?);
        let bytes = http_body_util::BodyExt::collect(body).await.ok()?.to_bytes();
        String::from_utf8(bytes.into()).ok()
    }
}

/// The ids of uploads under exactly this name in a `ListMultipartUploads` answer. Names of this project need no escapes.
fn upload_ids<'a>(listing: &'a str, key: &str) -> Vec<&'a str> {
    let of = |text: &'a str, tag: &str| {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        Some(rest.split_once(&format!("</{tag}>"))?.0)
    };
    let uploads = listing.split("<Upload>").skip(1);
    uploads.filter(|upload| of(upload, "Key") == Some(key)).filter_map(|upload| of(upload, "UploadId")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_uploads_under_the_same_name_are_meant() {
        let upload = |key: &str, id: &str| format!("<Upload><Key>{key}</Key><UploadId>{id}</UploadId></Upload>");
        let listing = format!(
            "<ListMultipartUploadsResult><Prefix>a/1.mp4</Prefix>{}{}{}</ListMultipartUploadsResult>",
            upload("a/1.mp4", "one"),
            upload("a/1.mp4.old", "two"),
            upload("a/1.mp4", "three")
        );
        assert_eq!(upload_ids(&listing, "a/1.mp4"), ["one", "three"]);
        assert_eq!(upload_ids("<Upload><Key>a", "a"), [] as [&str; 0]);
    }
}
