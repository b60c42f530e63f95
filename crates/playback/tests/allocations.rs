//! A byte that arrives costs no memory: the engine runs on the page's main thread beside the picture.
#![cfg(not(target_arch = "wasm32"))]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use manifest::MediaTime;
use playback::{
    Answer, BufferId, ContentRange, Fetch, Input, Now, Object, Options, Output, Player, Playhead, Ranges, ReadyState,
    RequestId, ResponseHead,
};
use virtual_world::Truth;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[expect(unsafe_code, reason = "an allocator is unsafe by nature; this one hands everything on")]
// SAFETY: every call is handed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A shell that answers everything at once, and what it still owes.
struct Shell {
    player: Player,
    now: Now,
    reads: Vec<RequestId>,
    fetches: Vec<Fetch>,
    operations: Vec<BufferId>,
    /// How much of each body is still to come.
    bodies: Vec<(RequestId, u64)>,
}

impl Shell {
    /// Tells the engine, and gives how many allocations that took.
    fn tell(&mut self, input: Input) -> usize {
        let before = ALLOCATIONS.with(Cell::get);
        self.player.handle_input(self.now, input);
        let mut outputs = Vec::new();
        let mut own = 0;
        loop {
            let output = self.player.poll_output();
            if matches!(output, Output::Wait(_)) {
                break;
            }
            let mark = ALLOCATIONS.with(Cell::get);
            outputs.push(output);
            own += ALLOCATIONS.with(Cell::get) - mark;
        }
        let count = ALLOCATIONS.with(Cell::get) - before - own;
        outputs.into_iter().for_each(|output| self.perform(output));
        count
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Fetch(fetch) => self.fetches.push(fetch),
            Output::Read { request, .. } => self.reads.push(request),
            Output::AppendInit { buffer, .. } | Output::Append { buffer, .. } => self.operations.push(buffer),
            _ => {}
        }
    }
}

#[test]
fn a_piece_that_arrives_allocates_nothing() {
    let film = std::rc::Rc::new(Truth::film(120).film);
    let totals: Vec<Vec<u64>> =
        film.streams.iter().map(|stream| stream.chunks.iter().map(|chunk| chunk.bytes).collect()).collect();
    let mut shell = Shell {
        player: Player::new(Options::default()),
        now: Now::default(),
        reads: Vec::new(),
        fetches: Vec::new(),
        operations: Vec::new(),
        bodies: Vec::new(),
    };
    shell.tell(Input::Load { film, supported: vec![true; 2], start: MediaTime::ZERO, can_hash: false });
    shell.tell(Input::Opened);
    let (mut pieces, mut counted) = (0, 0);
    for step in 0..20_000_u64 {
        shell.now = Now::since_zero(Duration::from_millis(step));
        if let Some(fetch) = shell.fetches.pop() {
            let Object::Chunk { stream, chunk } = fetch.object else { panic!("{fetch:?}") };
            let total = totals[stream.0][chunk.0];
            let range = ContentRange { start: fetch.start, end: fetch.end.unwrap_or(total), total: Some(total) };
            shell.bodies.push((fetch.request, range.end - range.start));
            let head = ResponseHead { status: 206, content_range: Some(range), ..ResponseHead::default() };
            shell.tell(Input::Answer { request: fetch.request, answer: Answer::Head(head) });
        } else if let Some(buffer) = shell.operations.pop() {
            let end = MediaTime::from_millis(i64::try_from(step / 4).expect("small"));
            shell.tell(Input::Done { buffer, buffered: Ranges::new([(MediaTime::ZERO, end)]) });
        } else if step % 50 == 0 {
            let time = MediaTime::from_millis(i64::try_from(step / 8).expect("small"));
            shell.tell(Input::Playhead(Playhead { time, ready: ReadyState::EnoughData, ..Playhead::default() }));
        } else if let Some(request) = shell.reads.pop() {
            let body = shell.bodies.iter_mut().find(|(known, _)| *known == request).expect("it has been answered");
            let piece = body.1.min(1_000);
            body.1 -= piece;
            if piece == 0 {
                shell.tell(Input::Answer { request, answer: Answer::End });
                continue;
            }
            let count = shell.tell(Input::Answer { request, answer: Answer::Bytes(piece) });
            pieces += 1;
            // The queue of outputs grows to its size once.
            if pieces > 500 {
                counted += count;
            }
        }
    }
    assert!(pieces > 2_000, "{pieces} pieces");
    assert_eq!(counted, 0, "allocations in {} pieces", pieces - 500);
}
