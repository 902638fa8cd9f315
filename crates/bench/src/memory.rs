//! Resident memory per key.

use std::io::{BufWriter, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::Options;
use crate::peer::{Peer, Primacy, Redis};
use crate::process::rss_bytes;
use crate::report::Report;

const KEYS: u64 = 1_000_000;

/// Prints the table and keeps the raw figures.
pub(crate) fn run(options: &Options, report: &mut Report) -> Result<(), String> {
    let keys = KEYS / options.commands_divisor;
    println!("\nmemory: resident bytes per key, {keys} keys of 16 bytes");
    println!("| value | redis B | primacy B | ratio |");
    println!("|---|---|---|---|");
    for (name, size, ttl) in [("16 B", 16, false), ("64 B", 64, false), ("16 B with TTL", 16, true)] {
        let redis = Redis::start(0, false)?;
        let primacy = Primacy::start(&options.binary, 0, false)?;
        let mut per_key = [0.0; 2];
        for (figure, peer) in per_key.iter_mut().zip([&redis as &dyn Peer, &primacy]) {
            let pid = peer.primary_pid()?;
            let before = rss_bytes(pid)?;
            fill(peer.primary_addr()?, keys, size, ttl).map_err(|e| format!("{}: {e}", peer.name()))?;
            *figure = (rss_bytes(pid)?.saturating_sub(before)) as f64 / keys as f64;
            report.add("memory", name, peer.name(), "bytes per key", &[*figure]);
        }
        println!("| {name} | {:.0} | {:.0} | **{:.2}** |", per_key[0], per_key[1], per_key[1] / per_key[0]);
    }
    Ok(())
}

fn fill(addr: SocketAddr, keys: u64, size: usize, ttl: bool) -> std::io::Result<()> {
    let stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut replies = stream.try_clone()?;
    let value = "v".repeat(size);
    let writer = std::thread::spawn(move || -> std::io::Result<()> {
        let mut out = BufWriter::with_capacity(1 << 16, stream);
        for i in 0..keys {
            match ttl {
                false => write!(out, "*3\r\n$3\r\nSET\r\n$16\r\nkey:{i:012}\r\n${size}\r\n{value}\r\n")?,
                true => write!(
                    out,
                    "*5\r\n$3\r\nSET\r\n$16\r\nkey:{i:012}\r\n${size}\r\n{value}\r\n$2\r\nEX\r\n$6\r\n100000\r\n"
                )?,
            }
        }
        out.flush()
    });
    let mut buffer = vec![0; 1 << 16];
    let mut left = keys * 5;
    while left > 0 {
        let n = replies.read(&mut buffer)?;
        if n == 0 || buffer[0] == b'-' {
            return Err(std::io::Error::other("refused"));
        }
        left = left.saturating_sub(n as u64);
    }
    writer.join().map_err(|_| std::io::Error::other("writer"))?
}
