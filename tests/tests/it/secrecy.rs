//! Nothing ever leaves in the clear: everything between a member and a relay is recorded and searched.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use ssync::relay::{MemoryLog, Relay};
use ssync::transport::websocket::WebSocketDialer;
use ssync::transport::{Connection, Dial, DialError};
use ssync::{Secret, Shared, Syncable};
use ssync_tests::until;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Syncable)]
struct Diary {
    salary_of_the_boss: u64,
    confession: String,
    entries: Vec<String>,
}

struct Recorder {
    dialer: WebSocketDialer,
    record: Arc<Mutex<Vec<Bytes>>>,
}

impl Dial for Recorder {
    fn dial(&self) -> Pin<Box<dyn Future<Output = Result<Connection, DialError>> + Send + '_>> {
        Box::pin(async {
            let Connection { origin, sink, stream } = self.dialer.dial().await?;
            let (sent, received) = (self.record.clone(), self.record.clone());
            let sink = sink.with(move |message: Bytes| {
                sent.lock().unwrap().push(message.clone());
                std::future::ready(Ok(message))
            });
            let stream = stream.inspect(move |message| received.lock().unwrap().extend(message.iter().cloned()));
            Ok(Connection { origin, sink: Box::pin(sink), stream: Box::pin(stream) })
        })
    }
}

#[tokio::test]
async fn no_field_name_and_no_value_is_on_the_wire() {
    let relay = Relay::new(MemoryLog::default());
    let url = format!("ws://{}", relay.listen("127.0.0.1:0").await.unwrap());
    let secret = Secret::generate();
    let record = Arc::new(Mutex::new(Vec::new()));
    let recorder = Recorder { dialer: WebSocketDialer::new(&url, None).unwrap(), record: record.clone() };
    let here = Shared::builder(&secret).dialer(recorder).initial(Diary::default()).join().await.unwrap();
    let there: Shared<Diary> = Shared::join(&url, &secret).await.unwrap();
    here.write().confession = "it was me all along".into();
    here.write().salary_of_the_boss = 0x1122_3344_5566_7788;
    there.write().entries.push("dear diary".into());
    until("both", || *here.read() == *there.read() && !here.read().entries.is_empty() && there.read().salary_of_the_boss > 0).await;
    here.leave().await.unwrap();

    let wire: Vec<u8> = record.lock().unwrap().concat();
    let contains = |needle: &[u8]| wire.windows(needle.len()).any(|window| window == needle);
    let room = ssync::crypto::keys::Keys::derive(&secret).room();
    assert!(contains(&room.0), "the record is that of this room");
    let words = ["salary", "boss", "confession", "entries", "it was me", "all along", "dear", "diary"];
    words.iter().for_each(|word| assert!(!contains(word.as_bytes()), "`{word}` is on the wire"));
    let number = 0x1122_3344_5566_7788_u64;
    assert!(!contains(&number.to_le_bytes()) && !contains(&number.to_be_bytes()));
    assert!(!contains(secret.to_string().as_bytes()));
    println!("{} bytes recorded", wire.len());
}
