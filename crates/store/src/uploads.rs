//! Uploads in parts that nobody has ended, as S3 lists them. Google's interface for XML does the same, for who has a token.

use std::sync::Arc;
use std::time::Duration;

use http::header::{AUTHORIZATION, HeaderValue};
use http::{Method, Request};
use http_body_util::{BodyExt, Limited};
use object_store::aws::AwsAuthorizer;
use object_store::client::HttpRequestBody;
use object_store::gcp::GoogleCloudStorage;
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::signer::Signer;
use url::Url;

use crate::connection::Connection;
use crate::open::S3;

/// The most of a listing that is read, in bytes: a thousand uploads, and stores list no more at once.
const LARGEST_LISTING: usize = 4 << 20;

/// Where such uploads are.
#[derive(Clone, Debug)]
pub(crate) enum Uploads {
    S3(S3),
    /// With the address of the bucket.
    Google(Arc<GoogleCloudStorage>, Url),
}

impl Uploads {
    /// Has the store forget parts of earlier uploads under exactly this name. Where it cannot say which there are, they stay:
    /// that is no reason not to publish.
    pub(crate) async fn forget_all(&self, connection: &Connection, key: &Path) {
        let Some(listing) = self.list(connection, key.as_ref()).await else { return };
        for (_, id) in uploads(&listing).filter(|(name, _)| *name == key.as_ref()) {
            let _ = self.forget(key, id).await;
        }
    }

    pub(crate) async fn forget(&self, key: &Path, id: &str) -> object_store::Result<()> {
        match self {
            Self::S3(s3) => s3.objects.abort_multipart(key, &id.to_owned()).await,
            Self::Google(objects, _) => objects.abort_multipart(key, &id.to_owned()).await,
        }
    }

    /// The answer that lists those whose names begin so, to be read by [`uploads`].
    pub(crate) async fn list(&self, connection: &Connection, prefix: &str) -> Option<String> {
        let mut url = self.bucket().await?;
        url.query_pairs_mut().append_pair("prefix", prefix).append_pair("uploads", "");
        let mut request = Request::new(HttpRequestBody::empty());
        *request.uri_mut() = url.as_str().parse().ok()?;
        self.authorize(&mut request).await?;
        let answer = connection.send(request.map(BodyExt::boxed_unsync), None).await.ok()?;
        let said = Limited::new(answer.into_body(), LARGEST_LISTING).collect().await.ok()?;
        String::from_utf8(said.to_bytes().into()).ok()
    }

    async fn bucket(&self) -> Option<Url> {
        match self {
            // The library says where the bucket is in a signed URL alone.
            Self::S3(s3) => {
                let mut url =
                    s3.objects.signed_url(Method::GET, &Path::default(), Duration::from_secs(1)).await.ok()?;
                url.set_query(None);
                let bucket = url.path().trim_end_matches('/').to_owned();
                url.set_path(&bucket);
                Some(url)
            }
            Self::Google(_, bucket) => Some(bucket.clone()),
        }
    }

    async fn authorize(&self, request: &mut Request<HttpRequestBody>) -> Option<()> {
        match self {
            Self::S3(s3) => {
                let credential = s3.objects.credentials().get_credential().await.ok()?;
                AwsAuthorizer::new(&credential, "s3", &s3.region).try_authorize(request, None).ok()
            }
            Self::Google(objects, _) => {
                let credential = objects.credentials().get_credential().await.ok()?;
                let mut token = HeaderValue::try_from(format!("Bearer {}", credential.bearer)).ok()?;
                token.set_sensitive(true);
                request.headers_mut().insert(AUTHORIZATION, token);
                Some(())
            }
        }
    }
}

/// Name and id of each upload in a `ListMultipartUploads` answer. Names of this project need no escapes.
pub(crate) fn uploads(listing: &str) -> impl Iterator<Item = (&str, &str)> {
    fn of<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
        let (_, rest) = text.split_once(&format!("<{tag}>"))?;
        Some(rest.split_once(&format!("</{tag}>"))?.0)
    }
    listing.split("<Upload>").skip(1).filter_map(|upload| of(upload, "Key").zip(of(upload, "UploadId")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_are_listed_by_name_and_id() {
        let upload = |key: &str, id: &str| format!("<Upload><Key>{key}</Key><UploadId>{id}</UploadId></Upload>");
        let listing = format!(
            "<ListMultipartUploadsResult><Prefix>a/1.mp4</Prefix>{}{}{}</ListMultipartUploadsResult>",
            upload("a/1.mp4", "one"),
            upload("a/1.mp4.old", "two"),
            upload("a/1.mp4", "three")
        );
        let all: Vec<_> = uploads(&listing).collect();
        assert_eq!(all, [("a/1.mp4", "one"), ("a/1.mp4.old", "two"), ("a/1.mp4", "three")]);
        assert_eq!(uploads("<Upload><Key>a").count(), 0);
    }
}
