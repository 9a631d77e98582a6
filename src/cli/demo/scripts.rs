//! What the demo's API answers: call scripts that agents read and change. Knows neither sockets nor the clock.

use http::{Method, StatusCode};
use serde_json::{Value, json};

/// Where the scripts are; the limit covers everything from here on.
pub(super) const PATH: &str = "/api/v2/scripts";

/// One script.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Script {
    name: String,
    version: u64,
    status: &'static str,
    text: String,
}

/// All scripts; they live as long as the server.
#[derive(Debug)]
pub(super) struct Scripts(Vec<Script>);

/// A status and a JSON document.
pub(super) type Answer = (StatusCode, Value);

/// Whether requests for `path` count against the limit.
pub(super) fn is_limited(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An error as this API words it.
pub(super) fn error(status: StatusCode, code: &str, message: impl Into<String>) -> Answer {
    (status, json!({ "error": { "code": code, "message": message.into() } }))
}

impl Scripts {
    /// `count` scripts, `agent-1` and so on, each in version 1.
    pub fn new(count: usize) -> Self {
        let script = |number| Script {
            name: format!("Greeting of agent {number}"),
            version: 1,
            status: "published",
            text: "Thank you for calling.".to_owned(),
        };
        Scripts((1..=count).map(script).collect())
    }

    /// Answers a request.
    pub fn answer(&mut self, method: &Method, path: &str, body: &[u8]) -> Answer {
        let Some(rest) = path.strip_prefix(PATH).filter(|_| is_limited(path)) else {
            return error(StatusCode::NOT_FOUND, "not.found", format!("There is nothing at {path}; try {PATH}."));
        };
        match rest.strip_prefix('/').filter(|id| !id.is_empty()) {
            None if method == Method::GET => (StatusCode::OK, self.list()),
            None => not_allowed(method),
            Some(id) => {
                let number = id.strip_prefix("agent-").and_then(|number| number.parse::<usize>().ok());
                let script = number.and_then(|number| self.0.get_mut(number.checked_sub(1)?));
                match script {
                    None => error(StatusCode::NOT_FOUND, "script.not.found", format!("There is no script {id}.")),
                    Some(script) if method == Method::GET => (StatusCode::OK, script.json(id)),
                    Some(script) if method == Method::POST || method == Method::PUT => script.change(id, body),
                    Some(_) => not_allowed(method),
                }
            }
        }
    }

    fn list(&self) -> Value {
        let entries = self.0.iter().enumerate().map(|(index, script)| {
            let id = format!("agent-{}", index + 1);
            json!({ "id": id, "name": script.name, "version": script.version, "status": script.status })
        });
        json!({ "total": self.0.len(), "entities": entries.collect::<Vec<_>>() })
    }
}

impl Script {
    fn json(&self, id: &str) -> Value {
        json!({
            "id": id,
            "name": self.name,
            "version": self.version,
            "status": self.status,
            "text": self.text,
        })
    }

    /// Takes a new text that is based on the present version, and on no other.
    fn change(&mut self, id: &str, body: &[u8]) -> Answer {
        let change: Value = match serde_json::from_slice(body) {
            Ok(change) => change,
            Err(problem) => return bad_request(format!("The body is not JSON: {problem}.")),
        };
        let (Some(version), Some(text)) = (change["version"].as_u64(), change["text"].as_str()) else {
            return bad_request("The body needs a \"version\" (a whole number) and a \"text\".");
        };
        if version != self.version {
            let message = format!("Version {version} of {id} is not the present one, which is {}.", self.version);
            return error(StatusCode::CONFLICT, "version.stale", message);
        }
        self.version += 1;
        text.clone_into(&mut self.text);
        (StatusCode::OK, self.json(id))
    }
}

fn bad_request(message: impl Into<String>) -> Answer {
    error(StatusCode::BAD_REQUEST, "bad.request", message)
}

fn not_allowed(method: &Method) -> Answer {
    error(StatusCode::METHOD_NOT_ALLOWED, "method.not.allowed", format!("{method} has no meaning here."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_read_and_changed() {
        let mut scripts = Scripts::new(2);
        let mut ask = |request: &str| {
            let mut words = request.splitn(3, ' ');
            let method: Method = words.next().unwrap().parse().unwrap();
            let (status, json) = scripts.answer(&method, words.next().unwrap(), words.next().unwrap_or("").as_bytes());
            let what = if json["error"].is_null() { &json["version"] } else { &json["error"]["code"] };
            format!("{} {what}", status.as_u16())
        };
        for (request, expected) in [
            ("GET /api/v2/scripts", "200 null"),
            ("GET /api/v2/scripts/agent-1", "200 1"),
            ("PUT /api/v2/scripts/agent-1 {\"version\":1,\"text\":\"a\"}", "200 2"),
            ("POST /api/v2/scripts/agent-1 {\"version\":2,\"text\":\"b\"}", "200 3"),
            ("POST /api/v2/scripts/agent-1 {\"version\":2,\"text\":\"c\"}", "409 \"version.stale\""),
            ("GET /api/v2/scripts/agent-2", "200 1"),
            ("GET /api/v2/scripts/agent-0", "404 \"script.not.found\""),
            ("GET /api/v2/scripts/agent-3", "404 \"script.not.found\""),
            ("GET /api/v2/scripts/../x", "404 \"script.not.found\""),
            ("GET /api/v2/scriptsandmore", "404 \"not.found\""),
            ("GET /", "404 \"not.found\""),
            ("POST /api/v2/scripts/agent-1", "400 \"bad.request\""),
            ("POST /api/v2/scripts/agent-1 [1]", "400 \"bad.request\""),
            ("POST /api/v2/scripts/agent-1 {\"version\":\"3\",\"text\":\"d\"}", "400 \"bad.request\""),
            ("DELETE /api/v2/scripts/agent-1", "405 \"method.not.allowed\""),
            ("POST /api/v2/scripts {}", "405 \"method.not.allowed\""),
        ] {
            assert_eq!(ask(request), expected, "{request}");
        }
    }

    #[test]
    fn the_limit_covers_the_scripts() {
        for (path, limited) in
            [("/api/v2/scripts", true), ("/api/v2/scripts/agent-1", true), ("/api/v2/scriptsx", false), ("/", false)]
        {
            assert_eq!(is_limited(path), limited, "{path}");
        }
    }
}
