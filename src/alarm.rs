//! Waiting until a moment, or until something is said to have happened.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use playback::Now;
use wasm_bindgen::JsValue;

use crate::timer::{millis_until, window};

/// Those who wait, by the timers that end that.
type Waiting = Rc<RefCell<Vec<(i32, Function)>>>;

/// Wakes whoever waits for it.
#[derive(Default)]
pub(crate) struct Alarm {
    waiting: Waiting,
}

impl Alarm {
    /// Wakes all who wait.
    pub(crate) fn ring(&self) {
        // Taken first: who is woken may wait again.
        for (_, wake) in self.waiting.take() {
            // A promise's own function does not throw.
            let _ = wake.call1(&JsValue::NULL, &JsValue::TRUE);
        }
    }

    /// A promise of `true` where it is rung before that moment, and then of `undefined`.
    pub(crate) fn until(&self, moment: Now) -> Bell {
        let millis = millis_until(moment);
        let mut handle = 0;
        let promise = Promise::new(&mut |wake, _| {
            // The browser has as many timers as anybody wants.
            handle = window().set_timeout_with_callback_and_timeout_and_arguments_0(&wake, millis).unwrap_or_default();
            self.waiting.borrow_mut().push((handle, wake));
        });
        Bell { promise, handle, waiting: self.waiting.clone() }
    }
}

/// Who waits for an alarm, as long as it lives.
pub(crate) struct Bell {
    pub(crate) promise: Promise,
    handle: i32,
    waiting: Waiting,
}

impl Drop for Bell {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.handle);
        self.waiting.borrow_mut().retain(|(handle, _)| *handle != self.handle);
    }
}
