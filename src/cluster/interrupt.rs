//! Ctrl-C and SIGTERM: the work stops, and what it made is removed.

/// Ends when the process is asked to end: SIGINT, SIGTERM or SIGHUP. The first call takes these signals away from the
/// system's own handling.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let waits = signals
            .into_iter()
            .filter_map(|kind| signal(kind).ok())
            .map(|mut signal| {
                Box::pin(async move {
                    signal.recv().await;
                })
            });
        let waits: Vec<_> = waits.collect();
        if waits.is_empty() {
            // No signal can be heard: the system ends the process itself.
            std::future::pending::<()>().await;
        }
        futures::future::select_all(waits).await;
    }
    #[cfg(not(unix))]
    {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
