//! A small blocking client: one request, one reply, every wait bounded.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One connection.
pub(crate) struct Client {
    reader: BufReader<TcpStream>,
}

/// A reply, as far as the benchmark looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A simple string or a bulk string.
    Text(String),
    /// An error's text.
    Error(String),
    /// An integer.
    Int(i64),
    /// Nil.
    Nil,
    /// An array.
    Array(Vec<Self>),
}

impl Client {
    /// Connects; every later read and write waits for `limit` at most.
    pub(crate) fn connect(addr: SocketAddr, limit: Duration) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&addr, limit)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        Ok(Self { reader: BufReader::new(stream) })
    }

    /// Sends without waiting for the reply.
    pub(crate) fn send(&mut self, args: &[&str]) -> Result<()> {
        let mut out = format!("*{}\r\n", args.len());
        for a in args {
            out.push_str(&format!("${}\r\n{a}\r\n", a.len()));
        }
        self.reader.get_mut().write_all(out.as_bytes())
    }

    /// Reads one reply.
    pub(crate) fn receive(&mut self) -> Result<Reply> {
        let mut line = String::new();
        if self.reader.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let odd = || Error::new(ErrorKind::InvalidData, "not RESP");
        let line = line.trim_end();
        let (kind, rest) = line.split_at_checked(1).ok_or_else(odd)?;
        let number = || rest.parse::<i64>().map_err(|_| odd());
        match kind {
            "+" => Ok(Reply::Text(rest.to_owned())),
            "-" => Ok(Reply::Error(rest.to_owned())),
            ":" => Ok(Reply::Int(number()?)),
            "$" => {
                let Ok(len) = usize::try_from(number()?) else { return Ok(Reply::Nil) };
                let mut body = vec![0; len + 2];
                self.reader.read_exact(&mut body)?;
                body.truncate(len);
                Ok(Reply::Text(String::from_utf8_lossy(&body).into_owned()))
            }
            "*" => {
                let Ok(len) = usize::try_from(number()?) else { return Ok(Reply::Nil) };
                (0..len).map(|_| self.receive()).collect::<Result<_>>().map(Reply::Array)
            }
            _ => Err(odd()),
        }
    }

    /// Sends and waits for the reply.
    pub(crate) fn call(&mut self, args: &[&str]) -> Result<Reply> {
        self.send(args)?;
        self.receive()
    }
}

/// One field of `INFO`, asked on a connection of its own.
pub(crate) fn info(addr: SocketAddr, section: &str, field: &str) -> Option<String> {
    let mut client = Client::connect(addr, Duration::from_millis(500)).ok()?;
    let Ok(Reply::Text(text)) = client.call(&["INFO", section]) else { return None };
    text.lines().find_map(|l| l.strip_prefix(field)?.strip_prefix(':').map(|v| v.trim().to_owned()))
}
