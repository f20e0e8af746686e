//! Bare connections, for protocols that are not HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpStream;

use super::client::Client;
use super::failure::Failure;
use super::policy::Reach;
use super::resolve::checked;

/// A connection to a host that the policy allows.
#[derive(Debug)]
pub struct Connected {
    /// The connection.
    pub stream: TcpStream,
    /// The address that was checked and connected to.
    pub address: SocketAddr,
}

impl Client {
    /// Connects to the first address of a host that answers.
    ///
    /// # Errors
    /// A name or an address that is not allowed, no connection.
    pub async fn connect(&self, host: &str, port: u16, reach: Reach) -> Result<Connected, Failure> {
        let options = self.options();
        let connecting = async {
            let lookup = Arc::clone(&options.lookup);
            let addresses = checked(&*lookup, &options.policy, reach, host).await;
            let addresses = addresses.map_err(super::client::refused)?;
            for address in addresses {
                let address = SocketAddr::new(address, port);
                if let Ok(stream) = TcpStream::connect(address).await {
                    return Ok(Connected { stream, address });
                }
            }
            Err(Failure::Connection)
        };
        match tokio::time::timeout(options.timeout, connecting).await {
            Ok(connected) => connected,
            Err(_) => Err(Failure::Timeout),
        }
    }
}
