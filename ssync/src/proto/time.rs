//! Time as an argument, and how long to wait before the next attempt.

use std::time::Duration;

/// A moment on the shell's monotonic clock: the time since some start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Duration);

impl std::ops::Add<Duration> for Moment {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}

/// Exponential backoff with full jitter: a wait is uniform between nothing and a bound that doubles, so that programs which
/// lost a relay together do not come back together. (Marc Brooker, "Exponential Backoff And Jitter".)
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    attempt: u32,
}

impl Backoff {
    /// Bounds of the waits: the first, and the longest.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, attempt: 0 }
    }

    /// How many attempts failed since the last success.
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// An attempt succeeded.
    pub const fn succeeded(&mut self) {
        self.attempt = 0;
    }

    /// An attempt failed: how long to wait before the next. `random` is any 64 random bits.
    pub fn failed(&mut self, random: u64) -> Duration {
        let bound = self.first.saturating_mul(1 << self.attempt.min(20)).min(self.longest);
        self.attempt = self.attempt.saturating_add(1);
        let nanos = u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(random % nanos.saturating_add(1).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_start_over() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(5));
        let mut backoff = Backoff::new(first, longest);
        let mut bound = first;
        for _ in 0..40 {
            // One less than the modulus: the longest wait there is.
            let wait = backoff.failed(bound.as_nanos() as u64);
            assert_eq!(wait, bound);
            bound = (bound * 2).min(longest);
        }
        backoff.succeeded();
        assert_eq!(backoff.failed(u64::MAX / 2).cmp(&first), std::cmp::Ordering::Less);
        assert_eq!(backoff.attempt(), 1);
    }
}
