//! What has come of a session.

use manifest::MediaTime;
use playback::Event;

use super::World;
use crate::setup::ms;

impl World {
    /// Asserts that every picture of the film was shown, but for gaps up to [`playback::Options::hole`]: not of a film in which
    /// a seek has passed over something.
    pub fn assert_all_shown(&self) {
        let shown = &self.element.shown;
        let (first, last) = (shown.first().expect("something was shown"), shown.last().expect("it was"));
        assert_eq!(first.0, self.truth.streams[0].start().or_zero(), "{shown:?}");
        assert!(last.1 >= self.truth.end() - ms(1), "{shown:?}");
        for pair in shown.windows(2) {
            let hole = pair[1].0 - pair[0].1;
            assert!(hole >= MediaTime::ZERO && hole <= self.options.hole, "a gap between what was shown: {shown:?}");
        }
    }

    /// How often the page was told something like that.
    pub fn told(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        self.trace.events.iter().filter(|(_, event)| is_it(event)).count()
    }

    pub fn fatal(&self) -> Option<&playback::Error> {
        self.trace.events.iter().rev().find_map(|(_, event)| match event {
            Event::Fatal(error) => Some(error),
            _ => None,
        })
    }

    pub fn is_requesting(&self) -> bool {
        !self.exchanges.is_empty()
    }
}
