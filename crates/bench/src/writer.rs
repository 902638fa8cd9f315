//! A steady writer: one write after the other, each with a value of its own, with retry and back-off.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::resp::{Client, Reply};

/// A client gives up on an answer after this long and connects anew.
const PATIENCE: Duration = Duration::from_millis(100);
/// Pause before a retry.
const BACK_OFF: Duration = Duration::from_millis(2);
/// Pause between two writes: about a thousand a second.
const PACE: Duration = Duration::from_millis(1);
/// Every so many writes the writer asks for one replica's copy.
const WAIT_EVERY: u64 = 10;

/// One acknowledged write.
#[derive(Clone, Copy)]
pub(crate) struct Ack {
    pub(crate) number: u64,
    pub(crate) at: Instant,
    /// `WAIT 1` answered at least 1 for it.
    pub(crate) waited: bool,
}

/// A writer at work.
pub(crate) struct Writer {
    stop: Arc<AtomicBool>,
    acks: Arc<Mutex<Vec<Ack>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Begins to write `w:<number>`; `target` is asked before every connection.
    pub(crate) fn start(target: impl Fn() -> Option<SocketAddr> + Send + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let acks = Arc::new(Mutex::new(Vec::new()));
        let thread = {
            let (stop, acks) = (Arc::clone(&stop), Arc::clone(&acks));
            std::thread::spawn(move || write_until(&stop, &acks, &target))
        };
        Self { stop, acks, thread: Some(thread) }
    }

    /// How many writes have been acknowledged.
    pub(crate) fn count(&self) -> usize {
        self.acks.lock().map_or(0, |a| a.len())
    }

    /// Ends and gives all acknowledged writes, oldest first.
    pub(crate) fn finish(mut self) -> Vec<Ack> {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.acks.lock().map(|a| a.clone()).unwrap_or_default()
    }
}

fn write_until(stop: &AtomicBool, acks: &Mutex<Vec<Ack>>, target: &dyn Fn() -> Option<SocketAddr>) {
    let mut client: Option<Client> = None;
    let mut number = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        if client.is_none() {
            client = target().and_then(|a| Client::connect(a, PATIENCE).ok());
        }
        let key = format!("w:{number}");
        let answer = client.as_mut().map(|c| c.call(&["SET", &key, &number.to_string()]));
        match answer {
            Some(Ok(Reply::Text(_))) => {
                let at = Instant::now();
                let waited = number.is_multiple_of(WAIT_EVERY)
                    && client
                        .as_mut()
                        .is_some_and(|c| matches!(c.call(&["WAIT", "1", "50"]), Ok(Reply::Int(n)) if n >= 1));
                if let Ok(mut acks) = acks.lock() {
                    acks.push(Ack { number, at, waited });
                }
                number += 1;
                std::thread::sleep(PACE);
            }
            _ => {
                client = None;
                std::thread::sleep(BACK_OFF);
            }
        }
    }
}

/// Longest time between two acknowledged writes that follow each other.
pub(crate) fn longest_gap(acks: &[Ack]) -> Duration {
    acks.windows(2).map(|w| w[1].at - w[0].at).max().unwrap_or_default()
}

/// Acknowledged writes that `addr` does not have: all, and those that `WAIT 1` had confirmed.
pub(crate) fn lost(addr: SocketAddr, acks: &[Ack]) -> Result<(usize, usize), String> {
    let say = |e: std::io::Error| format!("reading back from {addr}: {e}");
    let mut client = Client::connect(addr, Duration::from_secs(5)).map_err(say)?;
    let (mut all, mut waited) = (0, 0);
    for ack in acks {
        let reply = client.call(&["GET", &format!("w:{}", ack.number)]).map_err(say)?;
        if reply != Reply::Text(ack.number.to_string()) {
            all += 1;
            waited += usize::from(ack.waited);
        }
    }
    Ok((all, waited))
}
