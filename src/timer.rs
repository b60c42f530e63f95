//! One `setTimeout`, set anew as the engine says.

use playback::Now;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// The shell's clock: `performance.now()`.
pub(crate) fn now() -> Now {
    let performance = window().performance().expect("every browser with WebAssembly has performance.now");
    Now::from_millis(performance.now())
}

/// Milliseconds from now to then, as a timer wants them. Rounded up: one that rings early would only be set again.
pub(crate) fn millis_until(at: Now) -> i32 {
    // No division of 128 bits, which is 1 kB of code that nothing else needs.
    let micros = u64::try_from((at - now()).as_micros()).unwrap_or(u64::MAX);
    i32::try_from(micros.div_ceil(1_000)).unwrap_or(i32::MAX)
}

/// The page's window: the shell does not run in workers.
pub(crate) fn window() -> web_sys::Window {
    web_sys::window().expect("the player runs in a page")
}

/// Calls `ring` once at the time last set.
pub(crate) struct Timer {
    ring: Closure<dyn FnMut()>,
    pending: Option<(Now, i32)>,
}

impl Timer {
    pub(crate) fn new(ring: impl FnMut() + 'static) -> Self {
        Self { ring: Closure::new(ring), pending: None }
    }

    /// Rings at `at`, and no more at what was set before.
    pub(crate) fn set(&mut self, at: Option<Now>) {
        if self.pending.map(|(pending, _)| pending) == at {
            return;
        }
        if let Some((_, handle)) = self.pending.take() {
            window().clear_timeout_with_handle(handle);
        }
        let Some(at) = at else { return };
        let function = self.ring.as_ref().unchecked_ref();
        let handle = window().set_timeout_with_callback_and_timeout_and_arguments_0(function, millis_until(at));
        self.pending = handle.ok().map(|handle| (at, handle));
    }

    /// Whether it should have rung by now.
    pub(crate) fn is_late(&self) -> bool {
        self.pending.is_some_and(|(at, _)| at < now())
    }

    /// It has rung.
    pub(crate) fn rang(&mut self) {
        self.pending = None;
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.set(None);
    }
}
