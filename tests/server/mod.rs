//! A server on loopback that follows a script for each connection.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does next on a connection.
#[derive(Clone)]
pub enum Step {
    /// Reads a request, its body included, and sends bytes, so many at a time.
    Answer(Vec<u8>, usize),
    /// Reads a request's head only, and sends text.
    Head(&'static str),
    /// Reads so many bytes.
    Body(usize),
    /// Sends bytes.
    Send(Vec<u8>),
    /// Waits so many milliseconds.
    Pause(u64),
    /// Reads a request if one is there, and closes the connection.
    Close,
    /// Reads a request and resets the connection.
    Reset,
}

impl Step {
    pub fn answer(text: &str) -> Step {
        Step::pieces(text, usize::MAX)
    }

    pub fn pieces(text: &str, size: usize) -> Step {
        Step::Answer(text.as_bytes().to_vec(), size.max(1))
    }
}

type Seen = Arc<Mutex<Vec<(usize, String)>>>;

pub struct Server {
    port: u16,
    seen: Seen,
}

impl Server {
    /// Starts a server whose connections follow one script each.
    pub async fn start(scripts: Vec<Vec<Step>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Seen::default();
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            for (number, script) in scripts.into_iter().enumerate() {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(follow(stream, script, number, Arc::clone(&log)));
            }
        });
        Server { port, seen }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, file: &str) -> String {
        format!("http://127.0.0.1:{}{file}", self.port)
    }

    /// The requests that came, each with the number of its connection.
    pub fn seen(&self) -> Vec<(usize, String)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn follow(mut stream: TcpStream, script: Vec<Step>, number: usize, seen: Seen) {
    let mut buffer = Vec::new();
    let mut served = false;
    for step in script {
        match step {
            Step::Answer(bytes, size) => {
                read_head(&mut stream, &mut buffer).await;
                let text = take_head(&mut buffer);
                let length = text
                    .lines()
                    .find_map(|line| line.strip_prefix("Content-Length: "))
                    .map_or(0, |value| value.parse::<usize>().unwrap());
                while buffer.len() < length && stream.read_buf(&mut buffer).await.unwrap() > 0 {}
                let body: Vec<u8> = buffer.drain(..length.min(buffer.len())).collect();
                seen.lock().unwrap().push((number, text + std::str::from_utf8(&body).unwrap()));
                for piece in bytes.chunks(size) {
                    stream.write_all(piece).await.unwrap();
                    if size < bytes.len() {
                        tokio::task::yield_now().await;
                    }
                }
                served = true;
            }
            Step::Head(answer) => {
                read_head(&mut stream, &mut buffer).await;
                seen.lock().unwrap().push((number, take_head(&mut buffer)));
                stream.write_all(answer.as_bytes()).await.unwrap();
                served = true;
            }
            Step::Body(length) => {
                while buffer.len() < length && stream.read_buf(&mut buffer).await.unwrap() > 0 {}
                let body: Vec<u8> = buffer.drain(..length).collect();
                seen.lock().unwrap().last_mut().unwrap().1.push_str(std::str::from_utf8(&body).unwrap());
            }
            Step::Send(bytes) => {
                // The client may have gone.
                let _ = stream.write_all(&bytes).await;
            }
            Step::Pause(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Step::Close | Step::Reset => {
                if !served {
                    read_head(&mut stream, &mut buffer).await;
                    seen.lock().unwrap().push((number, take_head(&mut buffer)));
                }
                if matches!(step, Step::Reset) {
                    stream.set_zero_linger().unwrap();
                }
                return;
            }
        }
    }
    // The script is over: the connection stays open until the client closes it.
    while stream.read_buf(&mut buffer).await.is_ok_and(|n| n > 0) {}
}

async fn read_head(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    while !buffer.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(buffer).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

fn take_head(buffer: &mut Vec<u8>) -> String {
    let end = buffer.windows(4).position(|window| window == b"\r\n\r\n").map_or(buffer.len(), |at| at + 4);
    String::from_utf8(buffer.drain(..end).collect()).unwrap()
}
