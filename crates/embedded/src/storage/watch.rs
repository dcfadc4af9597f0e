//! A watch: a reader of a resource's log.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures::Stream;

use super::{Event, Storage};

/// The log does not reach back to the revision that was asked for (410 Gone, reason Expired).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too old resource version: {asked} ({oldest})")]
pub struct Expired {
    /// The revision that was asked for.
    pub asked: u64,
    /// The oldest revision that can be watched from.
    pub oldest: u64,
}

/// The events of a resource after a revision, in order, without holes. It ends only when it is dropped, or when it was read so
/// slowly that the log forgot what it has not seen: then [`Watch::expired`] says so.
#[derive(Debug)]
pub struct Watch {
    storage: Storage,
    resource: String,
    namespace: Option<String>,
    revision: u64,
    id: u64,
    initial: std::vec::IntoIter<Event>,
    expired: Option<Expired>,
}

impl Watch {
    pub(super) fn open(
        storage: &Storage,
        resource: &str,
        namespace: Option<&str>,
        revision: u64,
    ) -> Result<Self, Expired> {
        let mut tables = storage.lock();
        let table = tables.table_mut(resource);
        if revision < table.compacted() {
            return Err(Expired { asked: revision, oldest: table.compacted() });
        }
        let id = table.new_watch();
        Ok(Self {
            storage: storage.clone(),
            resource: resource.to_owned(),
            namespace: namespace.map(str::to_owned),
            revision,
            id,
            initial: Vec::new().into_iter(),
            expired: None,
        })
    }

    /// The same watch with events that come before those of the log.
    pub(crate) fn after(mut self, initial: Vec<Event>) -> Self {
        self.initial = initial.into_iter();
        self
    }

    /// The revision of the newest event that was handed out (or the one that the watch began after).
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// How many of the events to come tell what was there before the watch began.
    pub fn initial_len(&self) -> usize {
        self.initial.len()
    }

    /// Why the stream ended, when it did.
    pub fn expired(&self) -> Option<Expired> {
        self.expired
    }

    /// The next event if it happened already.
    pub fn try_next(&mut self) -> Option<Event> {
        self.read(None)
    }

    fn read(&mut self, context: Option<&mut Context<'_>>) -> Option<Event> {
        if let Some(event) = self.initial.next() {
            return Some(event);
        }
        let mut tables = self.storage.lock();
        let newest = tables.revision();
        let table = tables.table_mut(&self.resource);
        match table.next_after(self.revision, self.namespace.as_deref()) {
            Ok(Some(event)) => {
                self.revision = event.revision;
                Some(event.clone())
            }
            Ok(None) => {
                // What was read and did not concern this watch is behind it: an idle namespace does not let its watch expire.
                self.revision = newest.max(self.revision);
                if let Some(context) = context {
                    table.wait(self.id, context.waker().clone());
                }
                None
            }
            Err(oldest) => {
                self.expired = Some(Expired { asked: self.revision, oldest });
                None
            }
        }
    }
}

impl Stream for Watch {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        match self.read(Some(context)) {
            Some(event) => Poll::Ready(Some(event)),
            None if self.expired.is_some() => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.storage.lock().table_mut(&self.resource).stop_waiting(self.id);
    }
}
