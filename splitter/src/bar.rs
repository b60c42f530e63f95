//! A bar with the rate and the time left.

use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use splitter::Progress;

/// Draws on standard error.
pub(crate) struct Bar {
    bar: ProgressBar,
    /// How it is drawn while nothing is waited for.
    template: Mutex<&'static str>,
}

impl Bar {
    pub(crate) fn new(is_silent: bool) -> Self {
        Self::on(if is_silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() })
    }

    fn on(target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(None, target).with_style(style(CUTTING));
        Self { bar, template: Mutex::new(CUTTING) }
    }

    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn draw_as(&self, template: &'static str) {
        *self.template.lock().unwrap_or_else(PoisonError::into_inner) = template;
        self.bar.set_style(style(template));
    }

    fn template(&self) -> &'static str {
        *self.template.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Bar {
    fn converted(&self, seconds: f64, of: Option<f64>) {
        let milliseconds = |seconds: f64| (seconds * 1e3) as u64;
        if let Some(of) = of.filter(|_| self.bar.length().is_none()) {
            self.draw_as(CONVERTING);
            self.bar.set_length(milliseconds(of));
        }
        self.bar.set_position(milliseconds(seconds));
    }

    fn encoded(&self, rung: &str, seconds: f64, of: f64) {
        if self.bar.message() != rung {
            self.draw_as(ENCODING);
            self.bar.reset();
            self.bar.set_message(rung.to_owned());
            self.bar.set_length((of * 1e3) as u64);
        }
        self.bar.set_position((seconds * 1e3) as u64);
    }

    fn pictured(&self, made: usize, of: usize) {
        if made == 1 {
            self.draw_as(PICTURING);
            self.bar.reset();
            self.bar.set_length(of as u64);
        }
        self.bar.set_position(made as u64);
    }

    fn planned(&self, bytes: u64) {
        self.draw_as(CUTTING);
        self.bar.reset();
        self.bar.set_length(bytes);
    }

    fn sending(&self, bytes: u64) {
        self.draw_as(SENDING);
        self.bar.reset();
        self.bar.set_length(bytes);
    }

    fn written(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    fn unwritten(&self, bytes: u64) {
        self.bar.dec(bytes);
    }

    fn waiting(&self, why: &str, seconds: u64) {
        // A line of its own: beside the bar a terminal has no room for it.
        self.bar.set_style(style(&format!("{}\n{{msg}}", self.template())));
        self.bar.set_message(format!("trying again in {seconds} s: {why}"));
    }

    fn going_on(&self) {
        self.bar.set_style(style(self.template()));
        self.bar.set_message("");
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
    use std::io;
    use std::sync::Arc;

    use indicatif::TermLike;

    use super::*;

    /// Keeps what was drawn last, line by line.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<Vec<String>>>);

    impl Screen {
        fn lines(&self) -> Vec<String> {
            let lines = self.0.lock().expect("whole");
            lines.iter().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            100
        }

        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }

        fn write_line(&self, line: &str) -> io::Result<()> {
            self.write_str(line)
        }

        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().expect("whole").push(text.to_owned());
            Ok(())
        }

        /// Every picture begins with it.
        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().expect("whole").clear();
            Ok(())
        }

        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn below_a_bar_that_stands_still_it_says_why() {
        let screen = Screen::default();
        let bar = Bar::on(ProgressDrawTarget::term_like(Box::new(screen.clone())));
        bar.sending(8_000_000);
        bar.written(2_000_000);
        bar.waiting("the store says SlowDown (status 503)", 41);
        bar.waiting("the store says SlowDown (status 503)", 40);
        let said = screen.lines();
        assert!(said.concat().contains("25 % sent"), "{said:?}");
        assert_eq!(said.last().map(String::as_str), Some("trying again in 40 s: the store says SlowDown (status 503)"));
        bar.going_on();
        let said = screen.lines();
        assert!(said.concat().contains("25 % sent") && !said.concat().contains("again"), "{said:?}");
    }

    #[test]
    fn a_bar_is_drawn() {
        let bar = Bar::new(true);
        bar.converted(1.5, Some(3.0));
        assert_eq!((bar.bar.position(), bar.bar.length()), (1_500, Some(3_000)));
        bar.encoded("720p", 2.0, 8.0);
        assert_eq!((bar.bar.position(), bar.bar.length()), (2_000, Some(8_000)));
        bar.encoded("480p", 1.0, 8.0);
        assert_eq!((bar.bar.position(), bar.bar.message().as_str()), (1_000, "480p"));
        bar.planned(10);
        bar.written(5);
        assert_eq!((bar.bar.position(), bar.bar.length()), (5, Some(10)));
        bar.unwritten(2);
        assert_eq!(bar.bar.position(), 3);
        bar.sending(7);
        assert_eq!((bar.bar.position(), bar.bar.length()), (0, Some(7)));
        bar.pictured(1, 4);
        bar.pictured(3, 4);
        assert_eq!((bar.bar.position(), bar.bar.length()), (3, Some(4)));
        bar.clear();
    }
}
