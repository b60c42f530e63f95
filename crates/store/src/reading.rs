//! Reading ranges of an object: of the version that was looked at, and of no other.

use std::ops::Range;

use futures_util::{StreamExt, TryStreamExt};
use object_store::{GetOptions, GetRange, ObjectStore};

use crate::error::Failure;
use crate::{Body, Error, Object, Store, failure};

impl Store {
    /// Some bytes of an object, and nothing beyond them, as they come. The range is not empty and lies within the object.
    ///
    /// # Errors
    /// Those of [`Self::head`], and [`Error::Missing`]; [`Error::Changed`] where it is not the object any more that was looked
    /// at. A connection that breaks, or falls silent, is an error of the body.
    pub async fn range(&self, name: &str, object: &Object, range: Range<u64>) -> Result<Body, Error> {
        let key = self.key(name);
        let changed = || Failure::Own(Error::Changed { place: self.address().to_string(), name: name.to_owned() });
        let found = self
            .patiently("read", name, || async {
                let options = GetOptions {
                    range: Some(GetRange::Bounded(range.clone())),
                    if_match: object.etag.clone(),
                    ..GetOptions::default()
                };
                let found = self.objects.get_opts(&key, options).await.map_err(|error| match failure(&error) {
                    // The latter where it is shorter by now.
                    Failure::Refused(refusal) if matches!(refusal.status, 412 | 416) => changed(),
                    failure => failure,
                })?;
                // Not every store looks at the condition.
                let is_same = (found.meta.size, &found.meta.e_tag) == (object.bytes, &object.etag);
                let modified = Some(found.meta.last_modified.into());
                if !is_same || (object.etag.is_none() && modified != object.modified) {
                    return Err(changed());
                }
                Ok(found)
            })
            .await?;
        Ok(found.into_stream().map_err(self.broken(name)).boxed())
    }
}
