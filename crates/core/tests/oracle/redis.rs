//! A redis-server of the test's own, and a connection to it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A running server; killed when dropped, its directory removed.
pub(crate) struct Redis {
    child: Child,
    port: u16,
    pub(crate) dir: PathBuf,
}

impl Redis {
    pub(crate) fn start() -> Self {
        Self::start_with(None)
    }

    /// Starts with a data file. Another process may take the port meanwhile; then it tries another.
    pub(crate) fn start_with(rdb: Option<&[u8]>) -> Self {
        for _ in 0..10 {
            let redis = Self::spawn(rdb);
            if redis.is_up() {
                return redis;
            }
        }
        panic!("redis-server does not start");
    }

    fn spawn(rdb: Option<&[u8]>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("primacy-oracle-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a directory");
        if let Some(rdb) = rdb {
            std::fs::write(dir.join("dump.rdb"), rdb).expect("a data file");
        }
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--enable-debug-command", "yes", "--logfile", "log", "--dir"])
            .arg(&dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is not installed: run `cargo xtask setup`");
        Self { child, port, dir }
    }

    /// Waits until the server answers on its port; false if it is another one that does.
    fn is_up(&self) -> bool {
        let own = self.dir.to_string_lossy().into_owned();
        for _ in 0..500 {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let mut link = Link::new(stream);
                if link.ask(&[b"PING"]) == b"+PONG\r\n" {
                    let dir = link.ask(&[b"CONFIG", b"GET", b"dir"]);
                    return String::from_utf8_lossy(&dir).contains(&own);
                }
            }
            sleep(Duration::from_millis(20));
        }
        false
    }

    pub(crate) fn connect(&self) -> Link {
        Link::new(TcpStream::connect(("127.0.0.1", self.port)).expect("a connection"))
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
        let _removed = std::fs::remove_dir_all(&self.dir);
    }
}

/// A connection that reads whole replies as bytes.
pub(crate) struct Link {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Link {
    fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).expect("nodelay");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("timeout");
        Self { stream, buffer: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("send");
    }

    pub(crate) fn receive(&mut self) -> Vec<u8> {
        loop {
            if let Some(len) = reply_len(&self.buffer) {
                return self.buffer.drain(..len).collect();
            }
            let mut chunk = [0; 16384];
            let n = self.stream.read(&mut chunk).expect("a reply in time");
            assert!(n > 0, "closed; read so far: {}", self.buffer.escape_ascii());
            self.buffer.extend_from_slice(&chunk[..n]);
        }
    }

    /// Everything until the server closes.
    pub(crate) fn receive_all(mut self) -> Vec<u8> {
        let _end = self.stream.read_to_end(&mut self.buffer);
        self.buffer
    }

    pub(crate) fn ask(&mut self, args: &[&[u8]]) -> Vec<u8> {
        self.send(&frame(args));
        self.receive()
    }
}

pub(crate) fn frame(args: &[&[u8]]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", args.len()).into_bytes();
    for arg in args {
        out.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
        out.extend_from_slice(arg);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// Length of the whole reply at the start of `bytes`.
pub(crate) fn reply_len(bytes: &[u8]) -> Option<usize> {
    let line = bytes.windows(2).position(|w| w == b"\r\n")?;
    let number = || std::str::from_utf8(&bytes[1..line]).ok()?.parse::<i64>().ok();
    match bytes[0] {
        b'$' => {
            let n = usize::try_from(number()?).map_or(0, |n| n + 2);
            (bytes.len() >= line + 2 + n).then_some(line + 2 + n)
        }
        b'*' => {
            let mut at = line + 2;
            for _ in 0..number()?.max(0) {
                at += reply_len(&bytes[at..])?;
            }
            Some(at)
        }
        _ => Some(line + 2),
    }
}

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_millis()).expect("fits")
}
