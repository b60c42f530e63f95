//! A bar with the rate and the time left.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use splitter::Progress;

/// Draws on standard error.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(is_silent: bool) -> Self {
        let target = if is_silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        Self(ProgressBar::with_draw_target(None, target).with_style(style(CUTTING)))
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn converted(&self, seconds: f64, of: Option<f64>) {
        let milliseconds = |seconds: f64| (seconds * 1e3) as u64;
        if let Some(of) = of.filter(|_| self.0.length().is_none()) {
            self.0.set_style(style(CONVERTING));
            self.0.set_length(milliseconds(of));
        }
        self.0.set_position(milliseconds(seconds));
    }

    fn encoded(&self, rung: &str, seconds: f64, of: f64) {
        if self.0.message() != rung {
            self.0.set_style(style(ENCODING));
            self.0.reset();
            self.0.set_message(rung.to_owned());
            self.0.set_length((of * 1e3) as u64);
        }
        self.0.set_position((seconds * 1e3) as u64);
    }

    fn pictured(&self, made: usize, of: usize) {
        if made == 1 {
            self.0.set_style(style(PICTURING));
            self.0.reset();
            self.0.set_length(of as u64);
        }
        self.0.set_position(made as u64);
    }

    fn planned(&self, bytes: u64) {
        self.0.set_style(style(CUTTING));
        self.0.reset();
        self.0.set_length(bytes);
    }

    fn sending(&self, bytes: u64) {
        self.0.set_style(style(SENDING));
        self.0.reset();
        self.0.set_length(bytes);
    }

    fn written(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    fn unwritten(&self, bytes: u64) {
        self.0.dec(bytes);
    }
}

const CUTTING: &str = "{bar:30} {percent:>3} %  {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left";
const SENDING: &str = "{bar:30} {percent:>3} % sent  {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left";
const CONVERTING: &str = "{bar:30} {percent:>3} % converted by ffmpeg  {eta} left";
const ENCODING: &str = "{bar:30} {percent:>3} % of {msg} made by ffmpeg  {eta} left";
const PICTURING: &str = "{bar:30} {pos} of {len} thumbnails made by ffmpeg  {eta} left";

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates are literals that a test has drawn")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_drawn() {
        let bar = Bar::new(true);
        bar.converted(1.5, Some(3.0));
        assert_eq!((bar.0.position(), bar.0.length()), (1_500, Some(3_000)));
        bar.encoded("720p", 2.0, 8.0);
        assert_eq!((bar.0.position(), bar.0.length()), (2_000, Some(8_000)));
        bar.encoded("480p", 1.0, 8.0);
        assert_eq!((bar.0.position(), bar.0.message().as_str()), (1_000, "480p"));
        bar.planned(10);
        bar.written(5);
        assert_eq!((bar.0.position(), bar.0.length()), (5, Some(10)));
        bar.unwritten(2);
        assert_eq!(bar.0.position(), 3);
        bar.sending(7);
        assert_eq!((bar.0.position(), bar.0.length()), (0, Some(7)));
        bar.pictured(1, 4);
        bar.pictured(3, 4);
        assert_eq!((bar.0.position(), bar.0.length()), (3, Some(4)));
        bar.clear();
    }
}
