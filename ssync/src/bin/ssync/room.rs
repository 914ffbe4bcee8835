//! `ssync get`, `set`, `patch` and `watch`: a member without a struct.

use std::error::Error;
use std::io::Read;

use serde_json::{Value, json};
use ssync::{Event, Origin, Outcome, Shared, WriteGuard};

use super::Room;

impl Room {
    async fn join(&self, initial: Option<Value>) -> Result<Shared<Value>, Box<dyn Error>> {
        let mut builder = Shared::builder(&self.secret.parse()?).relay(&self.relay);
        if let Some(initial) = initial {
            builder = builder.initial(initial);
        }
        Ok(builder.join().await?)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<(), Box<dyn Error>> {
        let shared = self.join(None).await?;
        let state = shared.to_json();
        let part =
            state.pointer(path).ok_or_else(|| format!("there is nothing at `{path}`; a path is a JSON pointer such as /players/3/name"))?;
        println!("{}", serde_json::to_string_pretty(part)?);
        Ok(())
    }

    pub(crate) async fn set(&self, path: &str, value: &str) -> Result<(), Box<dyn Error>> {
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        let shared = self.join(Some(json!({}))).await?;
        let op = if shared.read().pointer(path).is_some() { "replace" } else { "add" };
        self.commit(&shared, &serde_json::from_value(json!([{ "op": op, "path": path, "value": value }]))?).await
    }

    pub(crate) async fn patch(&self, file: &str) -> Result<(), Box<dyn Error>> {
        let mut text = String::new();
        if file == "-" {
            std::io::stdin().read_to_string(&mut text)?;
        } else {
            text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
        }
        let patch = serde_json::from_str(&text).map_err(|error| format!("this is not a JSON Patch (RFC 6902): {error}"))?;
        let shared = self.join(Some(json!({}))).await?;
        self.commit(&shared, &patch).await
    }

    async fn commit(&self, shared: &Shared<Value>, patch: &json_patch::Patch) -> Result<(), Box<dyn Error>> {
        let commit = {
            let mut guard = shared.write();
            if let Err(error) = json_patch::patch(&mut guard, patch) {
                WriteGuard::discard(guard);
                return Err(format!("the change does not fit the room's state: {error}").into());
            }
            WriteGuard::commit(guard)?
        };
        println!("{}", commit.patch());
        match commit.accepted().await {
            Outcome::Accepted(seq) => eprintln!("accepted as frame {seq}"),
            Outcome::Unchanged => eprintln!("nothing changed"),
            other => return Err(format!("the change was not accepted: {other:?}").into()),
        }
        shared.leave().await?;
        Ok(())
    }

    pub(crate) async fn watch(&self, count: Option<u64>) -> Result<(), Box<dyn Error>> {
        let shared = self.join(None).await?;
        let mut changes = shared.changes();
        eprintln!("watching from frame {} on", shared.status().received);
        let mut seen = 0;
        while count.is_none_or(|count| seen < count) {
            let Some(event) = changes.next().await else { break };
            match event {
                Event::Changed(change) => {
                    seen += 1;
                    let who = match change.origin {
                        Origin::Remote(author) => author.to_string(),
                        _ => "self".to_owned(),
                    };
                    println!("{who} {} {}", change.seq.unwrap_or_default(), change.patch);
                }
                Event::Lagged(missed) => println!("{missed} changes were missed"),
                _ => {}
            }
        }
        Ok(())
    }
}
