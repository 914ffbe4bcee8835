//! `wss://`: a relay behind something that speaks TLS, under a name of its own.

use std::sync::Arc;

use ssync::relay::{MemoryLog, Relay};
use ssync::{JoinError, Secret, Shared};
use ssync_tests::until;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

#[tokio::test]
async fn a_member_joins_through_tls() {
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let server = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.clone()], key).unwrap();

    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let name = format!("localhost:{}", proxy.local_addr().unwrap().port());
    let relay = Relay::with_origins(MemoryLog::default(), [name.clone()]);
    let behind = relay.listen("127.0.0.1:0").await.unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    tokio::spawn(async move {
        while let Ok((stream, _)) = proxy.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // A member that does not trust the certificate hangs up.
                let Ok(mut outside) = acceptor.accept(stream).await else { return };
                let mut inside = TcpStream::connect(behind).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });

    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let trusting = Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth());
    let (url, secret) = (format!("wss://{name}"), Secret::generate());
    let join = || Shared::builder(&secret).relay(&url).initial(vec![0_u32]);
    let here = join().tls(trusting.clone()).join().await.unwrap();
    let there = join().tls(trusting).join().await.unwrap();
    here.write().push(1);
    until("the change", || there.read().len() == 2).await;

    let distrusting = join().join_timeout(std::time::Duration::from_millis(500)).join().await.unwrap_err();
    assert!(matches!(&distrusting, JoinError::Timeout { why, .. } if why.contains("certificate")), "{distrusting}");
}
