//! bashkit looks every 10 ms whether it was cancelled, and has deadlines of its own. On virtual time, which jumps from
//! timer to timer, that would cut a wait of an hour into a million pieces. A command is cancelled by dropping it, so
//! these timers are never needed: the interpreter is polled where no clock ticks, programs run where one does.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use tokio::runtime::{Builder, Runtime};

/// A runtime that nobody drives: timers can be made in it, and never fire.
static STILL: LazyLock<Runtime> = LazyLock::new(|| {
    // Without an event queue there is nothing that the operating system could refuse.
    Builder::new_current_thread().enable_time().build().expect("a runtime without a driver")
});

/// How often the interpreter was polled: all that runs inside of it takes its turn in each round.
#[derive(Clone, Default)]
pub(super) struct Rounds(Arc<AtomicU64>);

impl Rounds {
    /// Lets this many rounds begin.
    pub async fn pass(&self, count: u64) {
        let until = self.0.load(Ordering::Relaxed) + count;
        std::future::poll_fn(|context| {
            if self.0.load(Ordering::Relaxed) >= until {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}

/// A future whose timers never fire.
pub(super) struct Timeless<F> {
    future: Pin<Box<F>>,
    rounds: Rounds,
}

impl<F: Future> Timeless<F> {
    /// Wraps it, and counts its polls; it must not have been polled yet.
    pub fn new(future: F, rounds: Rounds) -> Self {
        Timeless { future: Box::pin(future), rounds }
    }
}

impl<F: Future> Future for Timeless<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _still = STILL.enter();
        self.rounds.0.fetch_add(1, Ordering::Relaxed);
        self.future.as_mut().poll(context)
    }
}
