//! Memory for received bytes, used again and again: to touch memory that is new to the page costs several times what
//! copying costs, and what is left behind waits for the garbage collector.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};

/// The length of a block in bytes: what a browser holds ready of a body on a fast link, and more than most fragments.
pub(crate) const BLOCK: u32 = 1 << 20;

/// The most blocks that are kept to be used again, 8 MiB.
const KEPT: usize = 8;

/// Where blocks come from and go back to.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    free: Rc<RefCell<Vec<ArrayBuffer>>>,
}

/// Some memory, given back when dropped. What has been taken from it by then (an append, a hash) was copied.
pub(crate) struct Block {
    memory: Memory,
    buffer: ArrayBuffer,
}

impl Memory {
    /// A block's memory, whatever is in it.
    fn take(&self) -> ArrayBuffer {
        self.free.borrow_mut().pop().unwrap_or_else(|| ArrayBuffer::new(BLOCK))
    }

    /// Memory for one read of at most `bytes`. What is read into it should be copied, and its memory given back.
    pub(crate) fn landing(&self, bytes: u64) -> Uint8Array {
        let length = u32::try_from(bytes).unwrap_or(BLOCK).min(BLOCK);
        Uint8Array::new_with_byte_offset_and_length(&self.take(), 0, length)
    }

    /// Memory that is no longer needed. What is of another length, or has been given away to the browser, is let go.
    pub(crate) fn give(&self, buffer: ArrayBuffer) {
        let mut free = self.free.borrow_mut();
        if buffer.byte_length() == BLOCK && free.len() < KEPT {
            free.push(buffer);
        }
    }

    #[cfg(test)]
    pub(crate) fn blocks(&self) -> usize {
        self.free.borrow().len()
    }

    /// Room for at least `bytes`.
    pub(crate) fn room(&self, bytes: u32) -> Rc<Block> {
        let buffer = if bytes <= BLOCK { self.take() } else { ArrayBuffer::new(bytes) };
        Rc::new(Block { memory: self.clone(), buffer })
    }
}

impl Block {
    /// Its length in bytes.
    pub(crate) fn length(&self) -> u32 {
        self.buffer.byte_length()
    }

    /// `length` bytes of it from `start` on.
    pub(crate) fn view(&self, start: u32, length: u32) -> Uint8Array {
        Uint8Array::new_with_byte_offset_and_length(&self.buffer, start, length)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.memory.give(self.buffer.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn memory_is_used_again() {
        let memory = Memory::default();
        let first = memory.take();
        memory.give(first.clone());
        assert!(js_sys::Object::is(&memory.take(), &first));
        drop(memory.room(10));
        assert_eq!(memory.blocks(), 1);
    }

    #[wasm_bindgen_test]
    fn of_other_lengths_and_of_much_nothing_is_kept() {
        let memory = Memory::default();
        let large = memory.room(BLOCK + 1);
        assert_eq!(large.length(), BLOCK + 1);
        drop(large);
        assert!(memory.blocks() == 0);
        for block in [(); 2 * KEPT].map(|()| ArrayBuffer::new(BLOCK)) {
            memory.give(block);
        }
        assert_eq!(memory.blocks(), KEPT);
    }
}
