// What a visitor does first, and with his tools.
import assert from "node:assert/strict";
import { test } from "node:test";
import { site } from "./visitor.mjs";

const here = site();

test("in the first half minute c1 recovers and c2 stays red", () =>
  here.visit({}, async (visitor) => {
    await visitor.has("client-c1", "data-state", "good");
    await visitor.has("client-c2", "data-state", "good");
    await visitor.find("kill").click();
    await visitor.has("node-001", "data-up", "false");
    await visitor.has("client-c2", "data-state", "failing");
    for (let milestone = 0; milestone < 6; milestone += 1) await visitor.page.keyboard.press("n");
    await visitor.slide("speed", await visitor.find("speed").getAttribute("max"));
    await visitor.page.keyboard.press("Space");
    await visitor.has("client-c1", "data-state", "good");
    await visitor.has("client-c2", "data-state", "failing");
    // A second failover makes c1 fail too, for a while: what the page says of c2 stays true.
    await visitor.pause();
    await visitor.press("k");
    await visitor.press("n");
    await visitor.has("client-c1", "data-state", "retrying", "failing");
    assert.match(await visitor.find("intro").innerText(), /^c2 will never recover/);
  }));

test("a command on the terminal is answered by the group", () =>
  here.visit({}, async (visitor) => {
    await visitor.page.keyboard.press("t");
    const prompt = visitor.find("terminal-input");
    await visitor.until(() => document.activeElement?.dataset.testid === "terminal-input");
    for (const [line, answer] of [
      ["SET greeting hello", "OK"],
      ["GET greeting", '"hello"'],
      ["SET", "ERR wrong number of arguments"],
      ["dig configuration", "ANSWER"],
      ["connect 007", "There is no 007 here"],
      ["kill 003", "An action on the group"],
    ]) {
      await prompt.fill(line);
      await prompt.press("Enter");
      await visitor.find("terminal-log").getByText(answer).last().waitFor();
    }
    await visitor.has("node-003", "data-up", "false");
  }));

test("a mistake in the template is shown where it is, and a good one is applied", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.page.keyboard.press("e");
    const text = visitor.find("template-text").first();
    // What is put into the plain field in the moment in which the editor takes its place is lost with the field.
    await text.locator(".cm-content").waitFor();
    const editable = text.locator("xpath=descendant-or-self::*[self::textarea or @contenteditable='true']").first();
    const template = (replicas) => `Resources:
  MyReplicationGroup:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupDescription: "My witty cache cluster"
      AutomaticFailoverEnabled: true
      NumNodeGroups: 1
      ReplicasPerNodeGroup: ${replicas}
`;
    await editable.fill(template(6));
    // What was there before has findings of its own, so it is this one that must come.
    await visitor.find("template-diagnostic").filter({ hasText: "ReplicasPerNodeGroup" }).first().waitFor();
    await editable.fill(template(4));
    await visitor.find("template-diagnostic").first().waitFor({ state: "detached" });
    await visitor.find("template-plan").click();
    await visitor.find("template-apply").click();
    await visitor.find("node-005").first().waitFor();
  }));

test("a replica is added by a button, and another one removed by the terminal and the command menu", () =>
  here.visit({}, async (visitor) => {
    await visitor.find("mode-sandbox").click();
    await visitor.page.getByRole("button", { name: "Add replica", exact: true }).click();
    await visitor.find("node-004").first().waitFor();
    await visitor.slide("speed", await visitor.find("speed").getAttribute("max"));
    await visitor.has("node-004", "data-up", "true");
    await visitor.page.keyboard.press("t");
    const prompt = visitor.find("terminal-input");
    await prompt.fill(
      "aws elasticache decrease-replica-count --replication-group-id my-replication-group --replicas-to-remove my-replication-group-002 --apply-immediately",
    );
    await prompt.press("Enter");
    await visitor.find("terminal-log").getByText('"Status": "modifying"').first().waitFor();
    await visitor.find("node-002").first().waitFor({ state: "detached" });
    await visitor.pause();
    await visitor.page.keyboard.press("Control+k");
    await visitor.find("palette-input").fill("remove-replica primary");
    await visitor.page.keyboard.press("Enter");
    await visitor.page.getByText("only replicas can be removed").waitFor();
    const log = visitor.find("action-log").getByRole("listitem");
    assert.match(await log.last().innerText(), /add-replica/);
  }));

test("the command menu finds an action by a part of its name", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.page.keyboard.press("Control+k");
    await visitor.find("palette-input").fill("test-f");
    await visitor.page.keyboard.press("Enter");
    await visitor.find("palette-input").waitFor({ state: "hidden" });
    await visitor.settled();
    await visitor.find("mode-sandbox").click();
    await visitor.find("action-log").getByText("test-failover").first().waitFor({ state: "attached" });
  }));

test("an action that the command menu shows as an example is done as it was typed, and one about nobody is refused", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    for (const line of ["set ttl 60s", "kill 009"]) {
      await visitor.page.keyboard.press("Control+k");
      await visitor.find("palette-input").fill(line);
      await visitor.page.keyboard.press("Enter");
      await visitor.find("palette-input").waitFor({ state: "hidden" });
      await visitor.settled();
    }
    await visitor.page.getByText("There is no 009 here").waitFor();
    await visitor.find("mode-sandbox").click();
    const log = visitor.find("action-log").getByRole("listitem");
    await log.getByText("set ttl 60s").waitFor();
    assert.equal(await log.count(), 1);
  }));

test("why? leads from a failure back to the kill", () =>
  here.visit({}, async (visitor) => {
    await visitor.page.keyboard.press("k");
    await visitor.has("client-c2", "data-state", "failing");
    await visitor.find("client-c2").getByRole("button", { name: "Why?" }).click();
    await visitor.find("why").getByText(/kill/i).first().waitFor();
  }));

test("two runs side by side differ in one thing, and a table says in what it ended", () =>
  here.visit({}, async (visitor) => {
    await visitor.pause();
    await visitor.page.keyboard.press("a");
    await visitor.page.getByRole("button", { name: /^B: c2 uses the configuration endpoint/ }).click();
    await visitor.find("delta").waitFor();
    await visitor.press("k");
    for (let milestone = 0; milestone < 6; milestone += 1) await visitor.press("n");
    const failed = visitor.find("delta").getByRole("row").filter({ hasText: "operations that failed" });
    await failed.getByText("better").waitFor();
  }));
