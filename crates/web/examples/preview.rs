#[path = "../tests/support/mod.rs"]
mod support;
#[tokio::main]
async fn main() {
    let site = support::site(true).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8099").await.unwrap();
    println!("ready");
    axum::serve(listener, site.app.clone()).await.unwrap();
}
