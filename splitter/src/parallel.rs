//! Doing many things at once.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does the jobs with as many threads as there are processors; stops at the first error. Results are in the jobs' order.
pub(crate) fn run<J: Sync, T: Send, E: Send>(jobs: &[J], job: impl Fn(&J) -> Result<T, E> + Sync) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Result<Vec<(usize, T)>, E>> = Mutex::new(Ok(Vec::new()));
    let work = || {
        while let Some((at, task)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            jobs.get(at).map(|task| (at, task))
        } {
            let result = job(task);
            let mut done = done.lock().expect("no thread panics while it holds this");
            match (&mut *done, result) {
                (Ok(done), Ok(result)) => done.push((at, result)),
                (Err(_), _) => return,
                (slot, Err(error)) => {
                    *slot = Err(error);
                    next.store(jobs.len(), Ordering::Relaxed);
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(jobs.len());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().expect("no thread panics while it holds this")?;
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_jobs() {
        let jobs: Vec<u32> = (0..100).collect();
        assert_eq!(run(&jobs, |job| Ok::<_, ()>(job * 2)), Ok(jobs.iter().map(|job| job * 2).collect()));
        assert_eq!(run(&[] as &[u32], |_| Ok::<_, ()>(0)), Ok(Vec::new()));
    }

    #[test]
    fn an_error_ends_it() {
        let jobs: Vec<u32> = (0..100).collect();
        assert_eq!(run(&jobs, |&job| if job == 50 { Err(job) } else { Ok(job) }), Err(50));
    }
}
