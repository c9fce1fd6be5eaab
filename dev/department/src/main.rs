//! `department --listen 127.0.0.1:9021 slow:30000 fail:500 half answer`: a department to try a connector against.

use clap::Parser;
use department::{Behaviour, Department};
use std::net::SocketAddr;

#[derive(Parser)]
#[command(about)]
struct Args {
    #[arg(long, default_value = "127.0.0.1:9021")]
    listen: SocketAddr,
    /// The bearer token that it wants.
    #[arg(long)]
    key: Option<String>,
    /// What it does with the first, second, … try of each question; the last one stays.
    behaviours: Vec<Behaviour>,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    let department = Department::new(args.behaviours, args.key);
    let listener = tokio::net::TcpListener::bind(args.listen).await?;
    eprintln!("http://{}/ask; a whole list: /export; what was asked: /log", listener.local_addr()?);
    axum::serve(listener, department.router()).await
}
