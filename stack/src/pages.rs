//! The shop on the demo tenants' origins, and the dashboard. `make web` builds them; without it
//! there is nothing to serve.

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
    sync::Arc,
};

use anyhow::Context;
use http_body_util::Full;
use hyper::{Method, Request, Response, StatusCode, body::Bytes, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use stack::workspace_root;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{say, seed::Demo};

/// The dashboard's origin. The functions must list it in `ADMIN_ORIGINS`.
pub const ADMIN_ORIGIN: &str = "http://localhost:5180";

/// A site's files by path, with their types. They are read once, so no path of a client's
/// ever reaches the disk.
type Files = HashMap<String, (&'static str, Bytes)>;

/// What is served on one origin.
struct Site {
    files: Files,
    policy: String,
}

/// The sites that are being served. They end when this is dropped.
pub struct Pages {
    /// Whether the shop and the dashboard are among them.
    pub shop: bool,
    pub admin: bool,
    _listeners: JoinSet<()>,
}

/// Whether `make web` has built the dashboard.
pub fn dashboard_is_built() -> bool {
    dist("admin").join("index.html").is_file()
}

impl Pages {
    /// Serves what is built. A port that is taken is a warning: another stack may use it.
    pub async fn serve(
        api: &str,
        demos: &[Demo],
        keys: &BTreeMap<&'static str, String>,
    ) -> anyhow::Result<Self> {
        let mut listeners = JoinSet::new();
        let mut shop = false;
        if dist("shop").join("index.html").is_file() {
            for demo in demos {
                let config = shop_config(demo, api, &keys[demo.prefix]);
                let site = Site::read("shop", api, &config)?;
                shop |= listen(&mut listeners, demo.origin, site).await;
            }
        }
        let admin = dashboard_is_built() && {
            let site = Site::read("admin", api, &json!({ "baseUrl": api }))?;
            listen(&mut listeners, ADMIN_ORIGIN, site).await
        };
        Ok(Self { shop, admin, _listeners: listeners })
    }
}

fn dist(name: &str) -> std::path::PathBuf {
    workspace_root().join("web").join(name).join("dist")
}

/// The shop's `/config.json`: the API's address and the demo tenant's key.
fn shop_config(demo: &Demo, api: &str, api_key: &str) -> Value {
    json!({
        "baseUrl": api,
        "appId": demo.app_id,
        "apiKey": api_key,
        "domain": demo.domain,
        "locale": "en-IN",
        "name": demo.shop.name,
        "tagline": demo.shop.tagline,
        "accent": demo.shop.accent,
    })
}

impl Site {
    fn read(name: &str, api: &str, config: &Value) -> anyhow::Result<Self> {
        let mut files = Files::new();
        let root = dist(name);
        read_folder(&root, &root, &mut files)?;
        let config = config.to_string().into();
        files.insert("/config.json".to_owned(), ("application/json", config));
        let live = api.replacen("http", "ws", 1);
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; connect-src 'self' {api} {live}; base-uri 'none'; form-action 'self'; \
             frame-ancestors 'none'"
        );
        Ok(Self { files, policy })
    }

    fn respond<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let page = file_of(request.uri().path());
        let mut response = Response::new(Full::default());
        let found =
            self.files.get(page).filter(|_| [Method::GET, Method::HEAD].contains(request.method()));
        let Some((content_type, body)) = found else {
            *response.status_mut() = StatusCode::NOT_FOUND;
            return response;
        };
        // Names in assets/ have a hash of their content.
        let cache =
            if page.starts_with("/assets/") { "max-age=31536000, immutable" } else { "no-cache" };
        let headers = [
            ("content-type", *content_type),
            ("cache-control", cache),
            ("content-security-policy", &self.policy),
            ("x-content-type-options", "nosniff"),
        ];
        for (name, value) in headers {
            if let Ok(value) = value.parse() {
                response.headers_mut().insert(name, value);
            }
        }
        if request.method() == Method::GET {
            *response.body_mut() = Full::new(body.clone());
        }
        response
    }
}

/// The file that is sent for a path, as behind CloudFront (`PagesRouting` in template.yaml). A path
/// without a file is one of the page's own, even with a dot in it: `/e/concert.2026`.
fn file_of(path: &str) -> &str {
    let name = path.trim_start_matches('/');
    let is_at_the_top = !name.contains('/') && name.contains('.');
    if is_at_the_top || path.starts_with("/assets/") { path } else { "/index.html" }
}

fn read_folder(root: &Path, folder: &Path, files: &mut Files) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            read_folder(root, &path, files)?;
            continue;
        }
        let name = format!("/{}", path.strip_prefix(root)?.display());
        files.insert(name, (content_type(&path), fs::read(&path)?.into()));
    }
    Ok(())
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

/// Whether the origin's port could be taken.
async fn listen(listeners: &mut JoinSet<()>, origin: &'static str, site: Site) -> bool {
    let port = origin.rsplit(':').next().and_then(|port| port.parse::<u16>().ok()).unwrap_or(0);
    let site = Arc::new(site);
    let mut listening = false;
    // `localhost` may mean either.
    for address in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
        if let Ok(listener) = TcpListener::bind((address, port)).await {
            listeners.spawn(accept(listener, site.clone()));
            listening = true;
        }
    }
    if !listening {
        say::problem!("warning: {origin} is not served, because another program has its port");
    }
    listening
}

async fn accept(listener: TcpListener, site: Arc<Site>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, site.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, site: Arc<Site>) {
    let service = service_fn(move |request| {
        let site = site.clone();
        async move { Ok::<_, Infallible>(site.respond(&request)) }
    });
    let server = hyper::server::conn::http1::Builder::new();
    // A browser that goes away is no error of ours.
    let _ = server.serve_connection(TokioIo::new(stream), service).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        let page =
            |text: &'static str| ("text/html; charset=utf-8", Bytes::from_static(text.as_bytes()));
        let files = [("/index.html", "the page"), ("/assets/a.js", "script")];
        let files = files.map(|(path, text)| (path.to_owned(), page(text))).into();
        Site { files, policy: "default-src 'none'".to_owned() }
    }

    fn get(path: &str) -> Response<Full<Bytes>> {
        site().respond(&Request::get(path).body(()).unwrap())
    }

    #[test]
    fn a_path_of_the_page_is_the_page_and_a_missing_file_is_missing() {
        for path in ["/", "/bookings", "/e/concert-2026", "/e/concert.2026", "/../Cargo.toml"] {
            let response = get(path);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()["cache-control"], "no-cache", "{path}");
        }
        assert_eq!(get("/assets/a.js").status(), StatusCode::OK);
        assert_eq!(get("/assets/b.js").status(), StatusCode::NOT_FOUND);
        assert_eq!(get("/Cargo.toml").status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn only_files_with_a_hash_in_their_names_are_kept_by_browsers() {
        let cache = |path| get(path).headers()["cache-control"].to_str().unwrap().to_owned();
        assert_eq!(cache("/"), "no-cache");
        assert!(cache("/assets/a.js").contains("immutable"));
        assert_eq!(get("/").headers()["content-security-policy"], "default-src 'none'");
    }
}
