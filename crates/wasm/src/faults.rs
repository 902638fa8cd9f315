//! Faults and operations by name: each is one line of the language that [`crate::Group::act`] takes.

use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::{Group, options};

/// How an application behaves; see `api.d.ts`.
#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Client {
    via: String,
    does: Vec<String>,
    every_ms: f64,
    retry: Option<String>,
    honours_ttl: bool,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            via: "configuration".into(),
            does: vec!["set".into()],
            every_ms: 50.0,
            retry: None,
            honours_ttl: true,
        }
    }
}

#[wasm_bindgen]
impl Group {
    /// `kill -9`: the process dies with its memory.
    ///
    /// # Errors
    /// As `do`.
    pub fn kill(&self, #[wasm_bindgen(unchecked_param_type = "Who")] node: &str) -> Result<(), JsError> {
        self.act(format!("kill {node}"))
    }

    /// Starts a process that is down, without waiting for the coordinator.
    ///
    /// # Errors
    /// As `do`.
    pub fn start(&self, #[wasm_bindgen(unchecked_param_type = "NodeId")] node: &str) -> Result<(), JsError> {
        self.act(format!("start {node}"))
    }

    /// `kill -STOP`: the process stands still, its connections stay open.
    ///
    /// # Errors
    /// As `do`.
    pub fn pause(&self, #[wasm_bindgen(unchecked_param_type = "Who")] node: &str) -> Result<(), JsError> {
        self.act(format!("pause {node}"))
    }

    /// `kill -CONT`.
    ///
    /// # Errors
    /// As `do`.
    pub fn resume(&self, #[wasm_bindgen(unchecked_param_type = "Who")] node: &str) -> Result<(), JsError> {
        self.act(format!("resume {node}"))
    }

    /// Links between two sides carry nothing, both ways.
    ///
    /// # Errors
    /// As `do`.
    pub fn cut(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Side")] a: &str,
        #[wasm_bindgen(unchecked_param_type = "Side")] b: &str,
    ) -> Result<(), JsError> {
        self.act(format!("cut {a} {b}"))
    }

    /// Ends a `cut` between the same sides.
    ///
    /// # Errors
    /// As `do`.
    pub fn mend(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Side")] a: &str,
        #[wasm_bindgen(unchecked_param_type = "Side")] b: &str,
    ) -> Result<(), JsError> {
        self.act(format!("mend {a} {b}"))
    }

    /// Adds whole milliseconds to the delay of the links between two sides, each way.
    ///
    /// # Errors
    /// As `do`.
    pub fn delay(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Side")] a: &str,
        #[wasm_bindgen(unchecked_param_type = "Side")] b: &str,
        ms: u32,
    ) -> Result<(), JsError> {
        self.act(format!("delay {a} {b} {ms}ms"))
    }

    /// Takes the power of a zone away.
    ///
    /// # Errors
    /// As `do`.
    #[wasm_bindgen(js_name = loseZone)]
    pub fn lose_zone(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Zone")] zone: &str,
    ) -> Result<(), JsError> {
        self.act(format!("lose {zone}"))
    }

    /// Gives it back.
    ///
    /// # Errors
    /// As `do`.
    #[wasm_bindgen(js_name = restoreZone)]
    pub fn restore_zone(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Zone")] zone: &str,
    ) -> Result<(), JsError> {
        self.act(format!("restore {zone}"))
    }

    /// AWS's `TestFailover`: the primary's process is ended.
    ///
    /// # Errors
    /// The coordinator refuses: the quota is used up, or no replica could take over.
    #[wasm_bindgen(js_name = testFailover)]
    pub fn test_failover(&self) -> Result<(), JsError> {
        self.act("test-failover".to_owned())
    }

    /// A planned failover without loss, to a member or to the best replica.
    ///
    /// # Errors
    /// The coordinator refuses.
    pub fn failover(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "NodeId")] to: Option<String>,
    ) -> Result<(), JsError> {
        self.act(format!("failover {}", to.unwrap_or_default()))
    }

    /// AWS's `RebootCacheCluster`: of the primary, it empties the group.
    ///
    /// # Errors
    /// The coordinator refuses.
    pub fn reboot(&self, #[wasm_bindgen(unchecked_param_type = "Who")] node: &str) -> Result<(), JsError> {
        self.act(format!("reboot {node}"))
    }

    /// AWS's `IncreaseReplicaCount` or `DecreaseReplicaCount`: members come or go one at a time while time passes.
    ///
    /// # Errors
    /// The coordinator refuses: more than 5, none with automatic failover on, or as many as there are.
    #[wasm_bindgen(js_name = setReplicas)]
    pub fn set_replicas(&self, count: u8) -> Result<(), JsError> {
        self.act(format!("replicas {count}"))
    }

    /// Ends every fault.
    ///
    /// # Errors
    /// As `do`.
    pub fn heal(&self) -> Result<(), JsError> {
        self.act("heal".to_owned())
    }

    /// Adds an application that uses the group while time passes, and returns its name.
    ///
    /// # Errors
    /// An unknown option, or a value out of its range.
    #[wasm_bindgen(js_name = addClient)]
    pub fn add_client(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "ClientOptions")] options: JsValue,
    ) -> Result<String, JsError> {
        let client: Client = options::read(options, &["via", "does", "everyMs", "retry", "honoursTtl"])?;
        let every = options::nanos(client.every_ms)? / 1000;
        let ttl = if client.honours_ttl { "honours" } else { "forever" };
        let retry = client.retry.map(|retry| format!(" retry={retry}")).unwrap_or_default();
        let (via, does) = (client.via, client.does.join("+"));
        self.act(format!("client via={via} does={does} every={every}us ttl={ttl}{retry}"))?;
        let clients = &self.inner.borrow().frame.view.clients;
        Ok(clients.last().map(|client| client.name.clone()).unwrap_or_default())
    }

    /// Stops an application.
    ///
    /// # Errors
    /// There is none of this name.
    #[wasm_bindgen(js_name = stopClient)]
    pub fn stop_client(&self, name: &str) -> Result<(), JsError> {
        self.act(format!("stop-client {name}"))
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// There is none of this name.
    #[wasm_bindgen(js_name = startClient)]
    pub fn start_client(&self, name: &str) -> Result<(), JsError> {
        self.act(format!("start-client {name}"))
    }
}
