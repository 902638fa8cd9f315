//! The browser's WebSocket with one ear; closed when dropped.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// What a socket says.
pub(super) enum Heard {
    Message(Vec<u8>),
    /// It is closed, or never opened: why.
    Closed(String),
}

pub(super) struct Socket {
    socket: WebSocket,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

impl Socket {
    /// Begins to connect; `None` when the browser refuses the address at once.
    pub(super) fn open(url: &str, ear: impl Fn(Heard) + Clone + 'static) -> Option<Self> {
        let socket = WebSocket::new(url).ok()?;
        socket.set_binary_type(BinaryType::Arraybuffer);
        let hear = ear.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Ok(buffer) = event.data().dyn_into::<ArrayBuffer>() {
                hear(Heard::Message(Uint8Array::new(&buffer).to_vec()));
            }
        });
        let close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            ear(Heard::Closed(reason(event.code(), event.reason())));
        });
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        Some(Self { socket, _message: message, _close: close })
    }

    /// False: it is not open.
    pub(super) fn send(&self, bytes: &[u8]) -> bool {
        self.socket.ready_state() == WebSocket::OPEN && self.socket.send_with_u8_array(bytes).is_ok()
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // One that is closed already stays closed.
        let _closed = self.socket.close();
    }
}

/// The server's word, or what its silence means.
fn reason(code: u16, said: String) -> String {
    const NO_WORD: u16 = 1006;
    match (said.is_empty(), code) {
        (false, _) => said,
        (true, NO_WORD) => "the server does not answer".to_owned(),
        (true, code) => format!("the server closed the line (code {code})"),
    }
}
