//! A bar with the rate and the time left.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use splitter::Progress;

/// Draws on standard error.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(is_silent: bool) -> Self {
        let target = if is_silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style = ProgressStyle::with_template(
            "{bar:30} {percent:>3} %  {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left",
        );
        let style = style.expect("the template is a literal that a test has drawn");
        Self(ProgressBar::with_draw_target(None, target).with_style(style))
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn planned(&self, bytes: u64) {
        self.0.set_length(bytes);
    }

    fn written(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_drawn() {
        let bar = Bar::new(true);
        bar.planned(10);
        bar.written(5);
        assert_eq!((bar.0.position(), bar.0.length()), (5, Some(10)));
        bar.clear();
    }
}
