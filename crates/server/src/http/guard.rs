//! A browser must not drive the local server for a foreign page (`failover.md` S14): a name that was rebound to
//! 127.0.0.1 shows in Host, another site's page in Origin or Sec-Fetch-Site.

use hyper::header::{HOST, ORIGIN};
use hyper::{HeaderMap, Response, StatusCode, Uri};

use crate::http::reply::{Body, text};

/// Refuses a request that names another host, or comes from another origin.
pub(crate) fn check(headers: &HeaderMap, uri: &Uri) -> Result<(), Box<Response<Body>>> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    let target_is_local = uri.host().is_none_or(is_local);
    if hosts.next().is_some() || !is_local(without_port(host)) || !target_is_local {
        return refuse(
            StatusCode::MISDIRECTED_REQUEST,
            "This server answers to localhost, 127.0.0.1 and [::1] only.\n",
        );
    }
    let foreign = headers.get_all(ORIGIN).iter().any(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        origin.strip_prefix("http://").is_none_or(|origin| !origin.eq_ignore_ascii_case(host))
    });
    let cross =
        headers.get_all("sec-fetch-site").iter().any(|site| site == "cross-site" || site == "same-site");
    let navigates = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    if foreign || (cross && !navigates) {
        return refuse(StatusCode::FORBIDDEN, "Pages of other origins may not use this server.\n");
    }
    Ok(())
}

fn refuse(status: StatusCode, why: &str) -> Result<(), Box<Response<Body>>> {
    Err(Box::new(text(status, why)))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_local(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|local| host.eq_ignore_ascii_case(local))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(headers: &[(&'static str, &str)]) -> Option<u16> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a header"));
        }
        check(&map, &Uri::from_static("/")).err().map(|response| response.status().as_u16())
    }

    #[test]
    fn local_names_with_any_port_pass() {
        for host in ["localhost", "127.0.0.1:8379", "[::1]:80", "LOCALHOST:1"] {
            assert_eq!(status(&[("host", host)]), None, "{host}");
        }
        assert_eq!(status(&[("host", "localhost:1"), ("origin", "http://localhost:1")]), None);
    }

    #[test]
    fn foreign_hosts_and_origins_are_refused() {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "",
            "localhost:80@evil",
            "[::1",
        ] {
            assert_eq!(status(&[("host", host)]), Some(421), "{host}");
        }
        assert_eq!(status(&[]), Some(421));
        assert_eq!(status(&[("host", "localhost"), ("host", "localhost")]), Some(421));
        for origin in [
            "http://evil.example",
            "null",
            "https://localhost:1",
            "http://localhost:2",
            "http://localhost:1.evil",
        ] {
            assert_eq!(status(&[("host", "localhost:1"), ("origin", origin)]), Some(403), "{origin}");
        }
    }

    #[test]
    fn other_sites_may_link_but_not_fetch() {
        let cross = [("host", "localhost"), ("sec-fetch-site", "cross-site")];
        assert_eq!(status(&cross), Some(403));
        assert_eq!(status(&[cross[0], cross[1], ("sec-fetch-mode", "navigate")]), None);
        assert_eq!(status(&[("host", "localhost"), ("sec-fetch-site", "same-origin")]), None);
    }
}
