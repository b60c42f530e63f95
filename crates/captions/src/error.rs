/// Why a file is no captions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing in it has a time and words.
    #[error("it has no captions that can be read: SubRip (.srt), SubStation Alpha (.ass, .ssa) and WebVTT (.vtt) are")]
    NoCue,
    /// It is larger than what is read.
    #[error("it is larger than the 32 MiB of captions that are read")]
    TooLarge,
}
