//! Port-forward over WebSockets with the protocol `v4.channel.k8s.io`: two channels a port, data and errors, which begin with
//! the port's number.

use std::{collections::BTreeMap, sync::Arc};

use apimachinery::status::Status;
use http::Response;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf},
    sync::mpsc,
    task::JoinSet,
};

use super::{
    super::{Exchange, body::Body, request::ResourcePath},
    websocket::{self, Receiver, Sender},
};
use crate::apiserver::NodeAgent;

/// The pod that ports are forwarded to.
struct Forward {
    agent: Arc<dyn NodeAgent>,
    namespace: String,
    pod: String,
    ports: Vec<u16>,
}

impl Exchange {
    pub(super) fn port_forward(&mut self, path: &ResourcePath) -> Result<Response<Body>, Status> {
        let pod = self.api.get("pods", &path.namespace, &path.name)?;
        let agent = self.agent(&pod)?;
        let values = self.query.pairs.iter().filter(|(key, _)| key == "ports").flat_map(|(_, value)| value.split(','));
        let ports: Result<Vec<u16>, _> = values.map(str::parse).collect();
        let ports = ports.map_err(|error| Status::bad_request(format!("unable to parse ports: {error}")))?;
        let handshake = websocket::accept(&mut self.parts, &["v4.channel.k8s.io"])?;
        if ports.is_empty() {
            return Err(Status::bad_request("query parameter \"ports\" is required"));
        }
        let forward = Forward { agent, namespace: path.namespace.clone(), pod: path.name.clone(), ports };
        let (response, upgrade) = handshake.split();
        tokio::spawn(async move {
            if let Some((sender, receiver)) = websocket::open(upgrade).await {
                forward.run(sender, receiver).await;
            }
        });
        Ok(response)
    }
}

impl Forward {
    async fn run(self, mut sender: Sender, mut receiver: Receiver) {
        let (answers, mut to_client) = mpsc::channel::<(u8, Vec<u8>)>(16);
        let mut writers: BTreeMap<u8, WriteHalf<tokio::io::DuplexStream>> = BTreeMap::new();
        let mut readers = JoinSet::new();
        for (index, port) in self.ports.iter().enumerate() {
            let Ok(data) = u8::try_from(index * 2) else { break };
            let number = port.to_le_bytes();
            if !sender.send(data, &number).await || !sender.send(data + 1, &number).await {
                return;
            }
            match self.agent.port_forward(&self.namespace, &self.pod, *port).await {
                Ok(connection) => {
                    let (reader, writer) = tokio::io::split(connection);
                    writers.insert(data, writer);
                    readers.spawn(read(reader, data, answers.clone()));
                }
                Err(status) => {
                    sender.send(data + 1, status.message.as_bytes()).await;
                }
            }
        }
        drop(answers);
        loop {
            tokio::select! {
                biased;
                answer = to_client.recv() => match answer {
                    Some((channel, bytes)) => if !sender.send(channel, &bytes).await { return },
                    None => break,
                },
                message = receiver.next() => match message {
                    Some((channel, bytes)) => {
                        if let Some(writer) = writers.get_mut(&channel)
                            && writer.write_all(&bytes).await.is_err()
                        {
                            writers.remove(&channel);
                        }
                    }
                    None => return,
                },
            }
        }
        sender.close().await;
    }
}

async fn read(mut reader: ReadHalf<tokio::io::DuplexStream>, channel: u8, answers: mpsc::Sender<(u8, Vec<u8>)>) {
    let mut buffer = vec![0; 32 * 1024];
    while let Ok(count) = reader.read(&mut buffer).await {
        if count == 0 || answers.send((channel, buffer[..count].to_vec())).await.is_err() {
            return;
        }
    }
}
