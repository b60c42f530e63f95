//! Why figures are not to be believed.

use crate::results::Part;

/// Runs from which on quartiles say something.
const ENOUGH: usize = 7;

/// Load average above which something else ran: two cores that the benchmark has to itself come to about 4.
const BUSY: f64 = 4.0;

/// Whether it should be measured again before it is believed.
pub(crate) fn is_provisional(part: &Part) -> bool {
    !doubts(part).is_empty()
}

/// Why not to believe a part.
pub(crate) fn doubts(part: &Part) -> String {
    let few = (part.runs() < ENOUGH).then(|| format!("fewer than {ENOUGH} runs"));
    let load = part.load.filter(|load| *load > BUSY);
    let busy = load.map(|load| format!("the machine had much else to do (load average {load:.1} on two cores)"));
    let doubts: Vec<String> = few.into_iter().chain(busy).collect();
    if doubts.is_empty() { String::new() } else { format!("**Provisional**: {}.\n\n", doubts.join("; ")) }
}
