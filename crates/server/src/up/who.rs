//! Which process listens on a port: for the error text only.

use std::fs;

/// `name (pid N)` of a process that listens on TCP or UDP `port`, when /proc tells.
pub(crate) fn listens_on(port: u16) -> Option<String> {
    let inodes: Vec<String> =
        ["tcp", "tcp6", "udp", "udp6"].iter().flat_map(|table| inodes(table, port)).collect();
    fs::read_dir("/proc").ok()?.filter_map(Result::ok).find_map(|entry| {
        let pid = entry.file_name().to_str()?.parse::<u32>().ok()?;
        let holds = fs::read_dir(entry.path().join("fd")).ok()?.filter_map(Result::ok).any(|fd| {
            fs::read_link(fd.path()).is_ok_and(|link| {
                inodes.iter().any(|inode| link.as_os_str() == format!("socket:[{inode}]").as_str())
            })
        });
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        holds.then(|| format!("{} (pid {pid})", name.trim()))
    })
}

/// Inodes of the listening sockets on `port` in /proc/net/`table`.
fn inodes(table: &str, port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    const UDP_BOUND: &str = "07";
    let text = fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
    let wanted = format!(":{port:04X}");
    text.lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (local, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
            let listens = *state == LISTEN || (*state == UDP_BOUND && table.starts_with("udp"));
            (listens && local.ends_with(&wanted)).then(|| (*inode).to_owned())
        })
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn the_holder_of_a_port_is_named() {
        let held = TcpListener::bind("127.0.0.1:0").expect("any port");
        let port = held.local_addr().expect("bound").port();
        let who = listens_on(port).expect("this process listens");
        assert!(who.ends_with(&format!("(pid {})", std::process::id())), "{who}");
    }
}
