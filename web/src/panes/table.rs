//! The same group as tables: for narrow screens, and for whoever reads rather than looks.

use leptos::prelude::*;
use primacy_port::Subject;
use primacy_view::view;

use super::menu::Menu;
use super::stage::fate_of;
use super::stage_words::{fate, role};
use super::why::Why;
use crate::format::{count, tenths};
use crate::model::{ClientRow, NameRow, NodeRow};
use crate::session::{Pick, Session, Tab, lane, session};
use crate::store::Row;

/// Applications, nodes, names: on a narrow screen the first of them is in the first view.
#[component]
pub(crate) fn Tables() -> impl IntoView {
    let session = session();
    let rows = session.rows(lane());
    view! {
        <div class="tables" data-testid="stage-table">
            <Show when=move || !session.is_live()>
                <table>
                    <caption>"Applications"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"name"</th>
                            <th scope="col">"finds its node by"</th>
                            <th scope="col">"DNS answer"</th>
                            <th scope="col" class="n">"ok"</th>
                            <th scope="col" class="n">"failed"</th>
                            <th scope="col" class="n">"stale"</th>
                            <th scope="col">"state"</th>
                            <th scope="col"><span class="sr-only">"actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <For
                            each=move || rows.clients.get()
                            key=|client| client.index().get_untracked()
                            children=|client| view! { <Client client /> }
                        />
                    </tbody>
                </table>
            </Show>
            <table>
                <caption>"Nodes"</caption>
                <thead>
                    <tr>
                        <th scope="col">"node"</th>
                        <th scope="col">"role"</th>
                        <th scope="col">"zone"</th>
                        <th scope="col" class="n">"offset"</th>
                        <th scope="col" class="n">"behind"</th>
                        <th scope="col" class="n">"keys"</th>
                        <th scope="col">"state"</th>
                        <th scope="col"><span class="sr-only">"actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || rows.nodes.get()
                        key=|node| node.id().get_untracked()
                        children=|node| view! { <Node node /> }
                    />
                </tbody>
            </table>
            <table>
                <caption>"Endpoints"</caption>
                <thead>
                    <tr>
                        <th scope="col">"endpoint"</th>
                        <th scope="col">"answers"</th>
                        <th scope="col">"name"</th>
                        <th scope="col"><span class="sr-only">"actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || rows.names.get()
                        key=|name| name.index().get_untracked()
                        children=|name| view! { <Name name /> }
                    />
                </tbody>
            </table>
        </div>
    }
}

fn look_at(session: Session, pick: Pick) {
    session.selected.set(Some(pick));
    session.tab.set(Tab::Inspect);
}

#[component]
fn Node(node: Row<NodeRow>) -> impl IntoView {
    let session = session();
    let rows = session.rows(lane());
    let id = node.id().get_untracked();
    let zone = move || {
        let index = usize::from(node.zone().get());
        rows.zones.get().into_iter().nth(index).map(|zone| zone.name().get()).unwrap_or_default()
    };
    view! {
        <tr
            data-look=move || node.look().get()
            data-testid=format!("node-{id:03}")
            data-role=move || role(&node.role().get())
            data-up=move || if node.alive().get() { "true" } else { "false" }
        >
            <th scope="row">
                <button type="button" class="plain mono" on:click=move |_| look_at(session, Pick::Node(id))>
                    {format!("{id:03}")}
                </button>
            </th>
            <td class="role">{move || node.role().get()}</td>
            <td class="mono quiet" data-label="zone">{zone}</td>
            <td class="n" data-label="offset">{move || node.offset().get()}</td>
            <td class="n" data-label="behind">{move || node.behind().get()}</td>
            <td class="n" data-label="keys">{move || node.keys().get()}</td>
            <td data-label="state">{move || node.detail().get()}</td>
            <td class="act"><Menu of=Pick::Node(id) name=format!("node {id:03}") /></td>
        </tr>
    }
}

#[component]
fn Name(name: Row<NameRow>) -> impl IntoView {
    let of = Pick::Endpoint(name.index().get_untracked());
    view! {
        <tr>
            <th scope="row">{move || name.label().get()}</th>
            <td class="role">"→ " {move || name.target().get()}</td>
            <td class="mono quiet wide" data-label="name">{move || name.name().get()}</td>
            <td class="act"><Menu of name=format!("the {} endpoint", name.label().get_untracked()) /></td>
        </tr>
    }
}

#[component]
fn Client(client: Row<ClientRow>) -> impl IntoView {
    let session = session();
    let facts = session.rows(lane()).facts;
    let index = client.index().get_untracked();
    let ask =
        Callback::new(move |()| Subject::Client { client: index, at_ns: facts.now_ns().get_untracked() });
    let holds = move || match (client.cached().get(), client.ttl_ms().get()) {
        (0, _) => "–".to_owned(),
        (node, Some(0)) => format!("{node:03}, expired"),
        (node, None) => format!("{node:03}, kept for ever"),
        (node, Some(ms)) => format!("{node:03}, {} left", tenths(ms)),
    };
    let state = fate_of(index);
    let red = Memo::new(move |_| client.look().get() == "bad" || client.stale().get() > 0);
    view! {
        <tr
            data-look=move || client.look().get()
            data-state=move || fate(state.get())
            data-testid=move || format!("client-{}", client.name().get())
        >
            <th scope="row">
                <button type="button" class="plain mono" on:click=move |_| look_at(session, Pick::Client(index))>
                    {move || client.name().get()}
                </button>
            </th>
            <td class="role">{move || client.via().get()}</td>
            <td data-label="DNS answer">
                {holds}
                <Show when=move || client.outdated().get()>
                    <span class="flag" title="The name server answers something else now">"≠ DNS"</span>
                </Show>
            </td>
            <td class="n" data-label="ok">{move || count(client.ok().get())}</td>
            <td class="n" data-label="failed" class:bad=move || { client.failed().get() > 0 }>
                {move || count(client.failed().get())}
            </td>
            <td class="n" data-label="stale" class:stale=move || { client.stale().get() > 0 }>
                {move || count(client.stale().get())}
            </td>
            <td data-label="state" class="state">
                {move || client.state().get()}
                <Show when=move || red.get()>
                    <Why ask />
                </Show>
            </td>
            <td class="act"><Menu of=Pick::Client(index) name=client.name().get_untracked() /></td>
        </tr>
    }
}
