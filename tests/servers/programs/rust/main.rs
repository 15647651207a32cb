// The standard library alone: a thread for each connection.
use std::env;
use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

static COUNT: AtomicU64 = AtomicU64::new(0);

fn page() -> String {
    (0..600).map(|line| format!("<p>Line {:04} of a page of some thirty kilobytes.</p>\n", line)).collect()
}

fn answer(path: &str) -> (u16, String) {
    let count = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
    match path {
        "/" => (200, "Hello from Rust\n".to_string()),
        "/page" => (200, page()),
        "/count" => (200, format!("{}\n", count)),
        _ => (404, "not found\n".to_string()),
    }
}

fn serve(mut stream: TcpStream) -> Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut path = String::new();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        if line == "\r\n" {
            let (status, body) = answer(&path);
            let head = format!("HTTP/1.1 {} -\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n", status, body.len());
            stream.write_all((head + &body).as_bytes())?;
            path.clear();
        } else if path.is_empty() {
            path = line.split(' ').nth(1).unwrap_or("").to_string();
        }
        line.clear();
    }
    Ok(())
}

fn main() -> Result<()> {
    let port = env::var("PORT").expect("PORT is set");
    for stream in TcpListener::bind(format!("127.0.0.1:{}", port))?.incoming() {
        let stream = stream?;
        thread::spawn(move || serve(stream));
    }
    Ok(())
}
