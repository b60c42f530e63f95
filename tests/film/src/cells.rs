//! The row of square cells at the top left of every frame, from left to right: one white, one black (so that an empty
//! picture is no number), the frame's number in binary, highest bit first, and one that is white where the number has
//! an odd count of ones.

/// Cells that carry the number.
pub const BITS: u32 = 13;

/// All cells: the two guards, the number, the parity.
pub const COUNT: u32 = 2 + BITS + 1;

/// Edge of a cell as a share of the picture's width: one part in this many.
pub const WIDTH_SHARE: u32 = 32;

/// Reads a row of cells, `true` for white; `None` when the guards or the parity say that it is not one.
#[must_use]
pub fn read(row: [bool; COUNT as usize]) -> Option<u32> {
    let [true, false, bits @ .., parity] = row else { return None };
    let odd = bits.iter().filter(|bit| **bit).count() % 2 == 1;
    (odd == parity).then(|| bits.iter().fold(0, |number, bit| number << 1 | u32::from(*bit)))
}

/// ffmpeg filters that draw the row on pictures of `width` pixels.
pub(crate) fn filters(width: u32) -> String {
    let edge = width / WIDTH_SHARE;
    let cell = |place: u32, condition: &str| {
        let left = place * edge;
        format!(",drawbox=x={left}:y=0:w={edge}:h={edge}:color=white:t=fill:enable='{condition}'")
    };
    let bits: Vec<String> = (0..BITS).rev().map(|bit| format!("gt(bitand(n,{}),0)", 1_u32 << bit)).collect();
    let mut filters = format!("drawbox=x=0:y=0:w={}:h={edge}:color=black:t=fill", edge * COUNT);
    filters += &cell(0, "1");
    for (place, bit) in (2..).zip(&bits) {
        filters += &cell(place, bit);
    }
    filters += &cell(COUNT - 1, &format!("mod({},2)", bits.join("+")));
    filters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_reads_back_as_its_number() {
        let row = |text: &str| -> [bool; COUNT as usize] {
            text.bytes().map(|cell| cell == b'#').collect::<Vec<_>>().try_into().expect("sixteen cells")
        };
        assert_eq!(read(row("#...............")), Some(0));
        assert_eq!(read(row("#............#.#")), Some(2));
        assert_eq!(read(row("#.#............#")), Some(4096));
        assert_eq!(read(row("#..........#.#..")), Some(10));
        assert_eq!(read(row("#..........#.#.#")), None, "wrong parity");
        assert_eq!(read(row("................")), None, "a black picture");
        assert_eq!(read(row("################")), None, "a white picture");
    }
}
