//! Ctrl-C and SIGTERM: the work stops, and what it made is removed.

use std::future::poll_fn;
use std::task::Poll;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears the signals that ask the process to end. From [`Interrupt::listen`] on they end it no more: listen before
/// something is made that has to be removed, then do the work in [`Interrupt::until`], then remove it.
pub struct Interrupt {
    signals: Vec<Signal>,
}

impl Interrupt {
    /// Begins to listen, on the runtime that this is called in. A signal that comes from now on is not lost.
    pub fn listen() -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        // A signal that cannot be heard ends the process, as without this.
        Interrupt { signals: kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect() }
    }

    /// Does the work, up to the first signal since [`Interrupt::listen`]; `None`: there was one.
    pub async fn until<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.heard() => None,
            done = work => Some(done),
        }
    }

    async fn heard(&mut self) {
        poll_fn(|context| {
            let heard = self.signals.iter_mut().any(|signal| signal.poll_recv(context) == Poll::Ready(Some(())));
            if heard { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
