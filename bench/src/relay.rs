//! A link between two TUN devices: in each direction a rate, a queue that drops what does not fit, a delay that may vary, and
//! losses. Packets keep their order, as they do on a path of queues.
//!
//! What is sent are real packets between two kernels' network stacks, so that handshakes, slow start and losses are real.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use tun_rs::SyncDevice;

use crate::course::Course;

/// What does not change of one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    /// What waits for its turn, in bytes; what comes on top of that is dropped.
    pub(crate) queue: u64,
    /// On top of the delay: anything up to that, for each packet.
    pub(crate) jitter: Duration,
    /// Packets of a thousand that are lost on the way.
    pub(crate) lost: u32,
}

/// When a packet leaves the queue: one after the other, as the link's course has it.
#[derive(Debug)]
struct Queue {
    shape: Shape,
    course: Arc<Course>,
    /// Those that wait: when each has left, and its bytes.
    waiting: VecDeque<(Instant, usize)>,
    /// When the last one arrives at the other end.
    last: Instant,
    random: Random,
}

/// Numbers that look like chance and are the same each time (xorshift).
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

impl Queue {
    fn new(shape: Shape, course: Arc<Course>, seed: u64, now: Instant) -> Self {
        Self { shape, course, waiting: VecDeque::new(), last: now, random: Random(seed) }
    }

    /// When a packet that comes now arrives at the other end; `None` when it is dropped.
    fn admit(&mut self, bytes: usize, now: Instant) -> Option<Instant> {
        while self.waiting.pop_front_if(|(leaves, _)| *leaves <= now).is_some() {}
        let waiting: usize = self.waiting.iter().map(|(_, bytes)| bytes).sum();
        if (waiting + bytes) as u64 > self.shape.queue {
            return None;
        }
        let begins = self.waiting.back().map_or(now, |(leaves, _)| *leaves);
        let leaves = self.course.sent(bytes, begins);
        self.waiting.push_back((leaves, bytes));
        if self.random.next() % 1_000 < u64::from(self.shape.lost) {
            return None;
        }
        let late = self.shape.jitter.mul_f64((self.random.next() % 1_000) as f64 / 1e3);
        self.last = self.last.max(leaves + self.course.delay(leaves) + late);
        Some(self.last)
    }
}

/// Carries packets from one device to the other until `ended`.
pub(crate) fn carry(
    (from, to): (Arc<SyncDevice>, Arc<SyncDevice>),
    shape: Shape,
    seed: u64,
    course: Arc<Course>,
    ended: Arc<AtomicBool>,
) {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || deliver(&to, &receiver));
    thread::spawn(move || {
        let mut queue = Queue::new(shape, course, seed, Instant::now());
        let mut packet = vec![0; 65_536];
        // A device that is gone ends the relay.
        while let Ok(length) = from.recv(&mut packet) {
            if ended.load(Ordering::Relaxed) {
                break;
            }
            let due = queue.admit(length, Instant::now());
            if due.is_some_and(|due| sender.send((due, packet[..length].to_vec())).is_err()) {
                break;
            }
        }
    });
}

fn deliver(to: &SyncDevice, packets: &Receiver<(Instant, Vec<u8>)>) {
    for (due, packet) in packets {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        // What the other end does not take is lost, as on any link.
        let _ = to.send(&packet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { queue: 4_000, jitter: Duration::ZERO, lost: 0 };

    fn queue(shape: Shape, now: Instant) -> Queue {
        Queue::new(shape, Arc::new(Course::steady(8_000_000, Duration::from_millis(15))), 1, now)
    }

    #[test]
    fn packets_leave_one_after_the_other() {
        let now = Instant::now();
        let mut queue = queue(SHAPE, now);
        let arrivals = [0, 1].map(|_| queue.admit(1_000, now).expect("there is room") - now);
        assert_eq!(arrivals, [16, 17].map(Duration::from_millis), "a millisecond each, and the delay");
        let later = now + Duration::from_millis(50);
        assert_eq!(queue.admit(1_000, later).expect("it is empty") - later, Duration::from_millis(16));
    }

    #[test]
    fn what_does_not_fit_is_dropped() {
        let now = Instant::now();
        let mut queue = queue(SHAPE, now);
        let admitted = (0..10).filter(|_| queue.admit(1_000, now).is_some()).count();
        assert_eq!(admitted, 4);
        assert!(queue.admit(1_000, now + Duration::from_millis(1)).is_some(), "one has left");
    }

    #[test]
    fn jitter_and_losses_are_as_great_as_told_and_order_stays() {
        let began = Instant::now();
        let shape = Shape { jitter: Duration::from_millis(50), lost: 10, ..SHAPE };
        let mut queue = queue(shape, began);
        let sent = |n: u32| began + Duration::from_millis(100) * n;
        let late: Vec<_> = (0..10_000).filter_map(|n| Some(queue.admit(100, sent(n))? - sent(n))).collect();
        assert!((9_850..=9_950).contains(&late.len()), "{} of 10,000 arrive", late.len());
        let least = Duration::from_micros(15_100);
        assert!(late.iter().all(|late| (least..least + shape.jitter).contains(late)), "{late:?}");
        let mean = late.iter().sum::<Duration>() / late.len() as u32 - least;
        assert!((Duration::from_millis(24)..Duration::from_millis(26)).contains(&mean), "{mean:?}");
        let dense: Vec<_> =
            (0..1_000).filter_map(|n| queue.admit(100, sent(10_000) + Duration::from_millis(1) * n)).collect();
        assert!(dense.is_sorted(), "none overtakes another");
    }
}
