// What people do with the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { bytesOf, cuts, FILE, messages, onPage, start, stop, texts, wire } from "./open.mjs";

before(start);
after(stop);

const HELLO = ["hello", "how are you?", "bye"];
const verdict = (page) => page.locator("#verdict").innerText();

/** The point between byte `at` and the one before it. */
async function boundary(page, at) {
  const cell = await page.locator(`[data-byte="${at}"]`).boundingBox();
  return { x: cell.x, y: cell.y + cell.height / 2 };
}

async function drag(page, from, to) {
  const [start, end] = [await boundary(page, from), await boundary(page, to)];
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 4 });
  await page.mouse.move(end.x + 1, end.y, { steps: 4 });
  await page.mouse.up();
}

test("first screen shows a stream that is cut, and its messages", () =>
  onPage({}, async (page) => {
    assert.equal(await wire(page), Buffer.from("5:hello,12:how are you?,3:bye,").toString("hex"));
    assert.deepEqual(await cuts(page), [5, 14]);
    assert.deepEqual(await messages(page), HELLO);
    assert.deepEqual(await texts(page, "#gets li"), HELLO);
    assert.deepEqual(await bytesOf(page, "header"), [0, 1, 8, 9, 10, 24, 25]);
    assert.deepEqual(await bytesOf(page, "trailer"), [7, 23, 29]);
    assert.match(await verdict(page), /^✓ The cuts changed nothing\. 3 chunks, 3 messages: the same as without cuts, and the same byte by byte\.$/);
    // All of the stream, and what it says about framing, can be seen at once.
    const box = await page.locator("#verdict").boundingBox();
    assert.ok(box.y + box.height < 900, `the verdict ends at ${box.y + box.height}`);
  }));

test("typed messages are framed as they are typed", () =>
  onPage({}, async (page) => {
    await page.fill("#typed", "a\\n\\xff\n\n¡hola!");
    assert.equal(await wire(page), Buffer.from("333a610aff2c" + "303a2c" + "373a" + "c2a1686f6c6121" + "2c", "hex").toString("hex"));
    assert.deepEqual(await messages(page), ["a\\n\\xff", "(empty message)", "¡hola!"]);
    await page.click('[data-spec="u32be"]');
    assert.equal((await wire(page)).slice(0, 14), "00000003610aff");
    await page.click('[data-spec="line"]');
    assert.match(await page.locator("#typed-errors").innerText(), /Message 1 cannot be sent: a delimiter begins at byte 1/);
    assert.deepEqual(await messages(page), ["(empty message)", "¡hola!"]);
  }));

test("pasted bytes are decoded, those of hexdump and xxd too", () =>
  onPage({}, async (page) => {
    await page.check('input[name=mode][value="hex"]');
    // At first, the bytes that were there.
    assert.deepEqual(await messages(page), HELLO);
    await page.fill("#spec", "u16be");
    for (const pasted of [
      "00 02 68 69 00 01 21",
      "0x00,0x02,0x68,0x69,0x00,0x01,0x21",
      "00000000: 0002 6869 0001 21                        ..hi..!",
      "00000000  00 02 68 69 00 01  21                             |..hi..!|\n00000007",
    ]) {
      await page.fill("#hex", pasted);
      assert.deepEqual(await messages(page), ["hi", "!"], pasted);
    }
    await page.fill("#hex", "00 0g");
    assert.match(await page.locator("#hex-error").innerText(), /“g” is not a hexadecimal digit/);
    await page.fill("#hex", "00 0");
    assert.match(await page.locator("#hex-error").innerText(), /one digit/);
  }));

test("dragging a cut moves it and changes nothing else", () =>
  onPage({}, async (page) => {
    await drag(page, 5, 20);
    assert.deepEqual(await cuts(page), [14, 20]);
    assert.deepEqual(await messages(page), HELLO);
    // From a place without a cut, it makes one.
    await drag(page, 2, 3);
    assert.deepEqual(await cuts(page), [3, 14, 20]);
    assert.match(await verdict(page), /✓ The cuts changed nothing\. 4 chunks, 3 messages/);
    // Onto another one: the two are one.
    await drag(page, 14, 20);
    assert.deepEqual(await cuts(page), [3, 20]);
    // Past either end of the stream: it stays inside.
    const cut = await boundary(page, 3);
    await page.mouse.move(cut.x, cut.y);
    await page.mouse.down();
    await page.mouse.move(2, cut.y, { steps: 3 });
    await page.mouse.up();
    assert.deepEqual(await cuts(page), [1, 20]);
  }));

test("a click between two bytes makes a cut, and a click on it removes it", () =>
  onPage({}, async (page) => {
    const place = await boundary(page, 8);
    await page.mouse.click(place.x + 2, place.y);
    assert.deepEqual(await cuts(page), [5, 8, 14]);
    await page.mouse.click(place.x, place.y);
    assert.deepEqual(await cuts(page), [5, 14]);
    // In the middle of a byte, it chooses the byte.
    await page.mouse.click(place.x + 15, place.y);
    assert.deepEqual(await cuts(page), [5, 14]);
    assert.match(await page.locator("#byte-name").innerText(), /^Byte 8: 1, header of message 2$/);
  }));

test("shuffle, every byte and no cuts give the same messages", () =>
  onPage({}, async (page) => {
    const seen = new Set();
    for (let time = 0; time < 8; time++) {
      await page.click("#shuffle");
      seen.add((await cuts(page)).join());
      assert.deepEqual(await messages(page), HELLO);
      assert.match(await verdict(page), /^✓/);
    }
    assert.ok(seen.size > 1);
    await page.click("#singly");
    assert.equal((await cuts(page)).length, 29);
    assert.match(await verdict(page), /✓ The cuts changed nothing\. 30 chunks, 3 messages/);
    await page.click("#uncut");
    assert.deepEqual(await cuts(page), []);
    await page.click("#thousand");
    assert.match(await verdict(page), /1,000 random ways of cutting it gave the same, too/);
  }));

test("the verdict is computed, not written", () =>
  onPage({}, async (page) => {
    // A decoder that shows the cuts: it loses the last event whenever there is a cut.
    await page.evaluate(() => {
      const decode = window.anysplit.decode.bind(window.anysplit);
      window.anysplit.decode = (...args) => {
        const answer = decode(...args);
        if (args[3].length > 0) answer.events.pop();
        return answer;
      };
    });
    await page.click("#shuffle");
    assert.match(await verdict(page), /✗ The outcome depends on the cuts/);
    await page.click("#uncut");
    assert.match(await verdict(page), /^✓/);
  }));

test("chunks arrive one by one, with what is buffered and what is needed", () =>
  onPage({}, async (page) => {
    await page.click("#first");
    assert.deepEqual(await messages(page), ["none yet"]);
    assert.equal(await page.locator(".byte.later").count(), 30);
    await page.click("#forward");
    assert.equal(await page.locator("#buffer").innerText(), "35 3a 68 65 6c");
    assert.equal(await page.locator("#need").innerText(), "5 bytes buffered, at least 3 more needed (inside a payload, 3 of 5 bytes).");
    await page.click("#forward");
    assert.deepEqual(await messages(page), ["hello"]);
    assert.equal(await page.locator("#buffer").innerText(), "31 32 3a 68 6f 77");
    assert.equal(await page.locator("#need").innerText(), "6 bytes buffered, at least 10 more needed (inside a payload, 3 of 12 bytes).");
    await page.click("#forward");
    assert.deepEqual(await messages(page), HELLO);
    assert.equal(await page.locator("#forward").isDisabled(), true);
    assert.equal(await page.locator("#buffer").innerText(), "empty");

    await page.click("#play");
    assert.deepEqual(await messages(page), ["none yet"]);
    await page.waitForFunction(() => document.querySelectorAll("#messages li.got").length === 3, null, { timeout: 30_000 });
    assert.equal(await page.locator("#play").innerText(), "Play");
    assert.deepEqual(
      (await texts(page, "#log li")).map((row) => row.replace(/\s+/g, " ")),
      [
        "1. 35 3a 68 65 6c 5 bytes buffered, at least 3 more needed (inside a payload, 3 of 5 bytes).",
        "2. 6c 6f 2c 31 32 3a 68 6f 77 hello 6 bytes buffered, at least 10 more needed (inside a payload, 3 of 12 bytes).",
        "3. 20 61 72 65 20 79 6f 75 3f 2c 33 3a 62 79 65 2c how are you? bye Nothing is buffered.",
      ],
    );
  }));

test("an error in the text form stands under its column", () =>
  onPage({}, async (page) => {
    await page.fill("#spec", "u32be,mx=1M");
    assert.equal(await page.locator("#spec-error pre").textContent(), "      ^");
    assert.match(await page.locator("#spec-error p").innerText(), /^Column 7: expected an option of a length prefix/);
    assert.equal(await page.getAttribute("#spec", "aria-invalid"), "true");
    // The caret is below the seventh character.
    const [field, caret] = await page.evaluate(() => {
      const [input, pre] = [document.getElementById("spec"), document.querySelector("#spec-error pre")];
      const left = (element) => element.getBoundingClientRect().left + parseFloat(getComputedStyle(element).paddingLeft) + parseFloat(getComputedStyle(element).borderLeftWidth);
      const font = (element) => [getComputedStyle(element).fontFamily, getComputedStyle(element).fontSize].join();
      return [[left(input), font(input)], [left(pre), font(pre)]];
    });
    assert.ok(Math.abs(field[0] - caret[0]) < 1.5, `${field[0]} and ${caret[0]}`);
    assert.equal(field[1], caret[1]);
    assert.match(await page.locator("#wire-note").innerText(), /cannot be read/);
    await page.fill("#spec", "u32be,max=1M");
    assert.equal(await page.locator("#spec-error").innerText(), "");
    assert.equal(await page.getAttribute("#spec", "aria-invalid"), null);
    assert.deepEqual(await messages(page), HELLO);
    // One that is longer than the field is shown with its caret.
    await page.fill("#spec", "(delim:*,start=$),sum=xor,form=HEX,from=payload,to=trailer,after=\\r\\n,nothing=1");
    assert.match(await page.locator("#spec-error pre").textContent(), /nothing=1\n {70}\^$/);
    await page.fill("#spec", "@dnss");
    assert.match(await page.locator("#spec-error p").innerText(), /^Column 2: /);
    await page.fill("#spec", "@http1-responses");
    assert.match(await page.locator("#spec-error p").innerText(), /several frames, and their frames are those of @http1/);
  }));

test("a damaged byte gives the error with its offset, or is skipped, or is searched past", () =>
  onPage({ hash: "#f=(u16be)%2Csum%3DCRC-16%2FXMODEM&c=5" }, async (page) => {
    await page.click('[data-byte="3"]');
    await page.click("#byte-damage");
    assert.deepEqual(await page.locator(".byte.damaged").evaluateAll((all) => all.map((cell) => cell.dataset.byte)), ["3"]);
    assert.deepEqual(await texts(page, "#gets li"), ["error at byte 7"]);
    assert.match(await verdict(page), /✓ The cuts changed nothing\. 2 chunks, 0 messages and the error at byte 7: the same as without cuts/);
    assert.match(await verdict(page), /Error at byte 7: checksum 0x\w+ does not match the computed 0x\w+\. The frame begins at byte 0/);
    assert.match(await verdict(page), /1 byte damaged\. 0 of 3 messages arrived as sent\./);
    assert.deepEqual(await page.locator(".byte.error").evaluateAll((all) => all.map((cell) => cell.dataset.byte)), ["7"]);
    assert.equal(await messages(page).then((all) => all.length), 1);

    await page.check('input[value="skip-frame"]');
    assert.match(await verdict(page), /2 messages and 1 skipped stretch: the same/);
    assert.deepEqual((await messages(page)).slice(1), HELLO.slice(1));

    // The length of the second message announces more than there is.
    await page.click("#repair");
    assert.deepEqual(await messages(page), HELLO);
    await page.click('[data-byte="9"]');
    await page.fill("#byte-value", "ff");
    await page.press("#byte-value", "Enter");
    assert.match(await verdict(page), /the stream ended inside a payload/);
    await page.check('input[value="resync"]');
    assert.match(await verdict(page), /2 messages and 1 skipped stretch: the same/);
    assert.deepEqual((await messages(page)).filter((text) => HELLO.includes(text)), ["hello", "bye"]);
    assert.match(await verdict(page), /2 of 3 messages arrived as sent/);

    // The end of the stream confirms the last message, as a frame after it would.
    await page.check('input[value="resync-confirmed"]');
    assert.match(await verdict(page), /: the same as without cuts/);
    assert.match(await verdict(page), /2 of 3 messages arrived as sent/);

    await page.click("#repair");
    await page.click("#lose");
    assert.match(await verdict(page), /1 byte lost\. \d of 3 messages arrived as sent\./);
  }));

test("without a checksum, damage to a payload is not noticed, and the page says so", () =>
  onPage({}, async (page) => {
    await page.click('[data-byte="3"]');
    await page.click("#byte-damage");
    assert.deepEqual(await messages(page), ["changed: hallo", ...HELLO.slice(1)]);
    assert.deepEqual(await texts(page, "#gets li.changed"), ["changed: hallo"]);
    assert.match(await verdict(page), /2 of 3 messages arrived as sent\. Message 1 arrived changed\. The reader noticed nothing: this framing has no checksum\./);
  }));

test("the chosen byte is cut by its button, and the cut removed", () =>
  onPage({}, async (page) => {
    assert.equal(await page.locator("#byte-cut").isDisabled(), true);
    await page.click('[data-byte="3"]');
    await page.click("#byte-cut");
    assert.deepEqual(await cuts(page), [3, 5, 14]);
    assert.equal(await page.locator("#byte-cut").innerText(), "Remove the cut");
    await page.click("#byte-cut");
    assert.deepEqual(await cuts(page), [5, 14]);
    await page.click('[data-byte="0"]');
    assert.equal(await page.locator("#byte-cut").isDisabled(), true);
  }));

test("a line shows where a click would cut", () =>
  onPage({}, async (page) => {
    const edge = () => page.locator(".hint").evaluateAll((all) => all.map((hint) => hint.getBoundingClientRect()).map(({ left, width }) => left + width / 2));
    const near = async (at, shift) => {
      const place = await boundary(page, at);
      await page.mouse.move(place.x + shift, place.y);
      return place.x;
    };
    for (const shift of [3, -3]) {
      const line = await near(8, shift);
      const found = await edge();
      assert.equal(found.length, 1);
      assert.ok(Math.abs(found[0] - line) <= 1, `${found} and ${line}`);
    }
    // In the middle, and at either end of the stream, a click cuts nothing.
    for (const [at, shift] of [[8, 15], [0, 2], [29, 29]]) {
      await near(at, shift);
      assert.deepEqual(await edge(), []);
      const border = await page.locator(`[data-byte="${at}"]`).evaluate((cell) => [getComputedStyle(cell).borderRightColor, getComputedStyle(cell.closest(".card")).backgroundColor]);
      assert.equal(border[0], border[1]);
      const place = await boundary(page, at);
      await page.mouse.click(place.x + shift, place.y);
      assert.deepEqual(await cuts(page), [5, 14]);
    }
  }));

test("without the damage, the cuts are where they were", () =>
  onPage({ hash: "#c=1.5.14" }, async (page) => {
    assert.equal(await page.locator("#repair").innerText(), "Undo all damage");
    await page.click('[data-byte="0"]');
    await page.click("#byte-remove");
    await page.click("#byte-remove");
    assert.deepEqual(await cuts(page), [3, 12]);
    const link = await page.inputValue("#share");
    await page.click("#repair");
    assert.deepEqual(await cuts(page), [1, 5, 14]);
    assert.deepEqual(await messages(page), HELLO);
    // Another framing undoes it, too.
    await page.click('[data-byte="0"]');
    await page.click("#byte-remove");
    await page.fill("#spec", "netstring,max=99");
    assert.deepEqual(await cuts(page), [1, 5, 14]);
    // Cuts that were changed since then, and those of a link, stay at their bytes.
    await onPage({ hash: new URL(link).hash }, async (other) => {
      await other.focus('[data-cut="12"]');
      await other.keyboard.press("ArrowRight");
      await other.click("#repair");
      assert.deepEqual(await cuts(other), [5, 15]);
    });
  }));

test("a recording of another protocol is not taken for one of the named protocol", () =>
  onPage({}, async (page) => {
    await page.click('[data-protocol="redis"]');
    assert.match(await verdict(page), /^✓/);
    assert.equal(await page.locator("#foreign").isVisible(), false);
    await page.fill("#spec", "@mqtt");
    assert.match(await page.locator("#foreign").innerText(), /^These bytes are a recording of @redis, not of @mqtt\./);
    assert.doesNotMatch(await verdict(page), /✓/);
    assert.equal(await page.locator("#verdict .same").count(), 0);
    await page.click("#thousand");
    assert.equal(await page.locator("#verdict .same").count(), 0);
    await page.click("#foreign-load");
    assert.equal(await page.locator("#foreign").isVisible(), false);
    assert.match(await page.locator("#what").innerText(), /a recording of @mqtt$/);
    assert.match(await verdict(page), /^✓/);
  }));

test("the link is copied as it is now", () =>
  onPage({}, async (page) => {
    const copied = await page.evaluate(() => {
      const copied = [];
      Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => copied.push(text) } });
      for (const press of ['[data-spec="u32be"]', '[data-protocol="dns"]', 'input[name=mode][value="hex"]']) {
        document.querySelector(press).click();
        document.getElementById("copy").click();
        copied.push(location.href);
      }
      return copied.map((link) => new URL(link).hash);
    });
    assert.match(copied[0], /f=u32be/);
    assert.match(copied[2], /p=dns/);
    assert.match(copied[4], /x=/);
    for (const at of [0, 2, 4]) assert.equal(copied[at + 1], copied[at]);
    assert.equal(await page.locator("#copied").innerText(), "Copied.");
    await page.click("#shuffle");
    assert.equal(await page.locator("#copied").innerText(), "");
  }));

test("the keys are explained while a byte or a cut has the keyboard", () =>
  onPage({}, async (page) => {
    const shown = () => page.locator(".ways p").evaluateAll((all) => all.filter((line) => getComputedStyle(line).opacity === "1").map(({ id }) => id));
    await page.click('[data-byte="3"]');
    assert.deepEqual(await shown(), ["wire-help"]);
    const before = await page.locator("#wire").boundingBox();
    for (const key of ["ArrowRight", "Tab", "ArrowRight", "Delete"]) {
      await page.keyboard.press(key);
      assert.deepEqual(await shown(), ["wire-keys"], key);
    }
    // Nothing moves, so a press on something else arrives there.
    assert.equal((await page.locator("#wire").boundingBox()).y, before.y);
    await page.click("#damage");
    assert.deepEqual(await shown(), ["wire-help"]);
    assert.equal(await page.locator(".byte.damaged").count(), 1);
  }));

test("messages that were changed, lost or never sent are named", () =>
  onPage({ hash: "#e=11=66.27=67&c=" }, async (page) => {
    assert.match(await verdict(page), /^✓ Cuts would change nothing\. 1 chunk, 3 messages/);
    assert.match(await verdict(page), /2 bytes damaged\. 1 of 3 messages arrived as sent\. Messages 2 and 3 arrived changed\./);
    assert.deepEqual(await texts(page, "#gets li"), ["hello", "changed: fow are you?", "changed: bge"]);
    assert.deepEqual(await page.locator("#log .changed").allInnerTexts(), ["changed: fow are you?", "changed: bge"]);
    // Two flips of the same bit are no damage.
    await page.click("#repair");
    await page.click('[data-byte="3"]');
    await page.click("#byte-damage");
    await page.click("#byte-damage");
    assert.doesNotMatch(await verdict(page), /damage/);
    // A message that is read where none was.
    await page.goto(`${FILE}#f=u8&x=0568656c6c6f&e=0=02&c=`);
    await page.waitForFunction(() => document.getElementById("gets").innerText.includes("he"));
    assert.match((await texts(page, "#gets li"))[0], /^changed: he/);
  }));

test("the legend explains every mark that is there", () =>
  onPage({}, async (page) => {
    const shown = () => page.locator(".legend li[id]:visible").evaluateAll((all) => all.map(({ id }) => id.replace("legend-", "")));
    assert.deepEqual(await shown(), []);
    await page.click('[data-byte="4"]');
    await page.click("#byte-damage");
    assert.deepEqual(await shown(), ["damaged"]);
    await page.click("#repair");
    await page.click("#byte-remove");
    assert.deepEqual(await shown(), ["other", "error", "lost"]);
    assert.match(await verdict(page), /1 byte lost\. 0 of 3 messages arrived as sent\./);
    assert.match(await page.getAttribute(".byte.lost", "aria-label"), /^byte 4: 6c l, .*, 1 byte lost before it/);
    await page.click("#repair");
    await page.click('[data-byte="29"]');
    await page.click("#byte-remove");
    assert.deepEqual(await shown(), ["unfinished", "lost"]);
    assert.match(await page.getAttribute(".byte.lost-after", "aria-label"), /^byte 28: .*, 1 byte lost after it/);
    await page.click("#repair");
    await page.click("#back");
    assert.deepEqual(await shown(), ["later"]);
  }));

test("an error points to the choices, and each choice says what it does", () =>
  onPage({ hash: "#e=0=66&c=5.14" }, async (page) => {
    assert.match(await verdict(page), /the reader stops\. Below, under “On an error”, you choose how it goes on\./);
    for (const radio of await page.locator("input[name=recovery]").all()) {
      const about = page.locator(`#${await radio.getAttribute("aria-describedby")}`);
      assert.match(await about.innerText(), /^[A-Z].*\.$/);
    }
    await page.check('input[value="resync"]');
    assert.doesNotMatch(await verdict(page), /On an error/);
    // A damaged length that announces too much.
    await page.goto(`${FILE}#f=u8&e=0=fe&c=`);
    await page.waitForFunction(() => document.getElementById("verdict").innerText.includes("On an error"));
    assert.match(await verdict(page), /A damaged length can be the cause/);
  }));

test("the checksum inside a rewritten payload is not called payload", () =>
  onPage({}, async (page) => {
    await page.click('[data-spec^="escape"]');
    assert.equal(await page.locator("#legend-checksum").isVisible(), true);
    assert.match(await page.locator("#legend-between").innerText(), /between frames \(B\)/);
    assert.equal(await page.locator(".part.payload").first().innerText(), "payload 1 and checksum");
    assert.match(await page.getAttribute('[data-byte="7"]', "aria-label"), /payload and checksum of message 1/);
    // It is in the trailer, or there is none.
    for (const spec of ["(cobs),sum=CRC-16/XMODEM", "cobs"]) {
      await page.fill("#spec", spec);
      assert.equal(await page.locator("#legend-checksum").isVisible(), false);
      assert.equal(await page.locator("#legend-between").isVisible(), false);
    }
  }));

test("a wrong word is corrected by a click, and nothing moves", () =>
  onPage({}, async (page) => {
    const top = async () => (await page.locator("#spec").boundingBox()).y;
    const before = await top();
    for (const [wrong, right] of [
      ["netstrng", "netstring"],
      ["lines", "line"],
      ["Line", "line"],
      ["@mqt", "@mqtt"],
      ["u16eb,max=9", "u16be,max=9"],
      ["line,crfl", "line,crlf"],
    ]) {
      await page.fill("#spec", wrong);
      assert.equal(await top(), before, wrong);
      assert.match(await page.locator("#spec-error").innerText(), /Did you mean/, wrong);
      await page.click("#spec-error button");
      assert.equal(await page.inputValue("#spec"), right);
      assert.equal(await page.locator("#spec-error").innerText(), "");
      assert.equal(await top(), before, right);
    }
    for (const preset of await page.locator("#presets button").all()) {
      await preset.click();
      assert.equal(await top(), before, await preset.innerText());
    }
    await page.fill("#spec", "xyzzyxyzzy");
    assert.equal(await page.locator("#spec-error button").count(), 0);
    // The ring of the focus is 4 pixels around the field.
    const [field, caret] = [await page.locator("#spec").boundingBox(), await page.locator("#spec-error pre").boundingBox()];
    assert.ok(caret.y >= field.y + field.height + 4, `${caret.y}`);
  }));

test("messages that are no text are all in one notation, which can be typed", () =>
  onPage({}, async (page) => {
    await page.click('[data-protocol="mqtt"]');
    const all = await texts(page, "#messages li");
    assert.ok(all.some((text) => /\\x00/.test(text)), all.join("\n"));
    for (const text of all) assert.doesNotMatch(text, /\b[0-9a-f]{2}( [0-9a-f]{2}){2}/);
    await page.click('[data-protocol="dns"]');
    for (const text of await texts(page, "#messages li")) assert.match(text, /\\x/);
  }));

test("a cut can be seen in a stream that is longer than its box", () =>
  onPage({ width: 390, height: 844 }, async (page) => {
    const seen = () =>
      page.evaluate(() => {
        const box = document.getElementById("wire").getBoundingClientRect();
        return [...document.querySelectorAll(".cut")].some((cut) => cut.getBoundingClientRect().top >= box.top && cut.getBoundingClientRect().bottom <= box.bottom);
      });
    await page.click('[data-protocol="redis"]');
    assert.equal(await seen(), true);
    assert.equal(await page.locator("#wire").evaluate((box) => box.scrollTop), 0);
    await page.goto(`${FILE}#p=redis&c=160`);
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    assert.equal(await seen(), true);
    assert.equal(await page.evaluate(() => scrollY), 0);
    await page.goto(`${FILE}#p=redis&c=3`);
    await page.waitForFunction(() => document.querySelector('[data-cut="3"]'));
    assert.equal(await seen(), true);
  }));

test("every recording is complete frames, in every cut", () =>
  onPage({}, async (page) => {
    const names = await page.locator("[data-protocol]").evaluateAll((all) => all.map((button) => button.dataset.protocol));
    assert.ok(names.length >= 130, `${names.length} recordings`);
    const wrong = await page.evaluate((names) => {
      const samples = JSON.parse(document.getElementById("samples").textContent);
      return names.filter((name) => {
        const bytes = Uint8Array.from(samples[name].hex.match(/../g), (digits) => parseInt(digits, 16));
        const everywhere = Array.from({ length: bytes.length - 1 }, (_, at) => at + 1);
        const whole = window.anysplit.outcome(`@${name}`, "fail", bytes, []);
        const { events, end } = JSON.parse(whole);
        return end.end !== "clean" || events.length === 0 || whole !== window.anysplit.outcome(`@${name}`, "fail", bytes, everywhere);
      });
    }, names);
    assert.deepEqual(wrong, []);
  }));

test("a protocol is found and shown with its recording", () =>
  onPage({}, async (page) => {
    await page.fill("#search", "dns");
    assert.equal(await page.locator("[data-protocol]:visible").count(), 1);
    assert.equal(await page.locator("#found").innerText(), "1 protocol");
    await page.click('[data-protocol="dns"]');
    assert.equal(await page.inputValue("#spec"), "@dns");
    assert.match(await page.locator("#spec-note").innerText(), /^DNS over TCP \(RFC 7766, section 8\)\. Without its name: u16be/);
    assert.match(await page.locator("#sample-about").innerText(), /captured from dig and Unbound/);
    assert.match(await verdict(page), /✓ The cuts changed nothing\. 3 chunks, \d+ messages: the same/);
    // Typed messages again, as before.
    await page.click('[data-spec="netstring"]');
    assert.deepEqual(await messages(page), HELLO);
    // A message of a protocol has a form of its own.
    await page.fill("#spec", "@http2");
    assert.match(await page.locator("#typed-errors").innerText(), /Message 1 cannot be sent: .*recording below/s);
  }));

test("a shared link gives the same state", () =>
  onPage({}, async (page) => {
    await page.fill("#typed", "one\ntwo & three\n4=+.");
    await page.fill("#spec", "(u8),sum=CRC-16/XMODEM");
    await page.check('input[value="resync"]');
    await page.click("#uncut");
    await drag(page, 2, 4);
    await page.click('[data-byte="1"]');
    await page.click("#byte-damage");
    await page.click('[data-byte="9"]');
    await page.click("#byte-remove");
    await page.click("#back");
    const link = await page.inputValue("#share");
    const state = async (page) => ({
      wire: await wire(page),
      cuts: await cuts(page),
      messages: await messages(page),
      verdict: await verdict(page),
      spec: await page.inputValue("#spec"),
      typed: await page.inputValue("#typed"),
      now: await page.locator("#now").innerText(),
    });
    const here = await state(page);
    await onPage({ hash: new URL(link).hash }, async (other) => assert.deepEqual(await state(other), here));
    // The address of the page is that link.
    await page.waitForFunction((link) => location.href === link, link);
    // In a page that is open, too.
    await page.goto(`${FILE}#p=dns&c=3.40`);
    await page.waitForFunction(() => document.getElementById("spec").value === "@dns");
    assert.deepEqual(await cuts(page), [3, 40]);
    await page.goto(link);
    await page.waitForFunction(() => document.getElementById("spec").value !== "@dns");
    assert.deepEqual(await state(page), here);
  }));

test("links that make no sense still open", async () => {
  for (const hash of ["#c=99999.0.7.7.x", "#f=nonsense&c=1", "#p=nothing", "#x=zz", "#e=-1.+2=00.99999=ff.4=zz&c=", "#r=never&n=777", "#%%%"]) {
    await onPage({ hash }, async (page) => assert.equal(await page.locator("#page").isVisible(), true, hash));
  }
});

test("everything works by keyboard alone", () =>
  onPage({}, async (page) => {
    const active = () => page.evaluate(() => document.activeElement.id || document.activeElement.dataset.byte || `cut ${document.activeElement.dataset.cut}`);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    assert.equal(await active(), "wire-title");
    const reached = [];
    for (let time = 0; time < 7; time++) {
      await page.keyboard.press("Tab");
      reached.push(await active());
    }
    assert.deepEqual(reached, ["shuffle", "singly", "uncut", "thousand", "0", "cut 5", "cut 14"]);
    // A cut moves by arrow keys, and keeps the focus.
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    assert.deepEqual(await cuts(page), [5, 12]);
    assert.equal(await active(), "cut 12");
    await page.keyboard.press("Delete");
    assert.deepEqual(await cuts(page), [5]);
    assert.equal(await active(), "cut 5");
    await page.keyboard.press("End");
    assert.deepEqual(await cuts(page), [29]);
    // Bytes: the arrow keys move, a blank cuts, D damages.
    await page.keyboard.press("Shift+Tab");
    assert.equal(await active(), "0");
    for (let time = 0; time < 3; time++) await page.keyboard.press("ArrowRight");
    assert.equal(await active(), "3");
    await page.keyboard.press(" ");
    assert.deepEqual(await cuts(page), [3, 29]);
    assert.equal(await active(), "3");
    await page.keyboard.press("d");
    assert.deepEqual(await messages(page), ["changed: hallo", "how are you?", "bye"]);
    assert.equal(await active(), "3");
    // Every other control can be reached.
    const all = new Set();
    for (let time = 0; time < 190; time++) {
      await page.keyboard.press("Tab");
      all.add(await active());
    }
    for (const id of ["damage", "lose", "repair", "byte-value", "play", "first", "arrived", "spec", "typed", "copy", "search"]) {
      assert.ok(all.has(id), `${id} is reached by Tab`);
    }
  }));

test("a screen reader is told what there is and what changes", () =>
  onPage({}, async (page) => {
    // Every control has a name.
    const nameless = await page.locator("button, input, textarea, [role=slider]").evaluateAll((all) =>
      all
        .filter((control) => {
          const label = control.getAttribute("aria-label") ?? [...(control.labels ?? [])].map((label) => label.textContent).join("");
          return label.trim() === "" && control.textContent.trim() === "";
        })
        .map((control) => control.outerHTML.slice(0, 80)),
    );
    assert.deepEqual(nameless, []);
    assert.equal(await page.getAttribute('[data-byte="0"]', "aria-label"), "byte 0: 35 5, header of message 1");
    assert.equal(await page.getAttribute('[data-cut="5"]', "aria-valuetext"), "after 5 bytes");
    for (const id of ["verdict", "now", "spec-error", "typed-errors", "hex-error", "found"]) {
      assert.equal(await page.getAttribute(`#${id}`, "role"), "status", id);
    }
    // Headings go down one step at a time.
    const levels = await page.locator("h1, h2, h3").evaluateAll((all) => all.map((heading) => Number(heading.tagName[1])));
    assert.ok(levels.every((level, at) => level <= (levels[at - 1] ?? 0) + 1), levels.join());
    // What does not change is not spoken again.
    const kept = await page.evaluate(() => {
      const before = document.querySelector("#verdict p");
      document.getElementById("back").click();
      return before === document.querySelector("#verdict p");
    });
    assert.equal(kept, true);
  }));

for (const dark of [false, true]) {
  test(`text can be read, ${dark ? "dark" : "light"}`, () =>
    onPage({ dark, hash: "#e=8=3e&r=skip-frame&c=5.14" }, async (page) => {
      await page.click("#byte-damage");
      // WCAG's ratio of contrast, for all text that can be seen.
      const faint = await page.evaluate(() => {
        const numbers = (color) => color.match(/[\d.]+/g).map(Number);
        const light = (color) => {
          const [r, g, b] = numbers(color).map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const behind = (element) => {
          for (let at = element; at; at = at.parentElement) {
            const color = getComputedStyle(at).backgroundColor;
            if ((numbers(color)[3] ?? 1) > 0) return color;
          }
          return "rgb(255, 255, 255)";
        };
        const found = [];
        for (const element of document.querySelectorAll("body *")) {
          const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
          const disabled = element.closest(":disabled, .later, .hidden, .skip, script, style, noscript, option");
          if (!own || disabled || element.getClientRects().length === 0) continue;
          const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (ratio < 4.5) found.push(`${element.className || element.tagName}: ${ratio.toFixed(2)}`);
        }
        return [...new Set(found)];
      });
      assert.deepEqual(faint, []);
      const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(back === "rgb(245, 246, 248)", !dark);
    }));
}

test("a phone's width needs no scrolling sideways, and cuts are dragged by touch", () =>
  onPage({ width: 360, height: 740, touch: true }, async (page) => {
    for (const hash of ["", "#p=mqtt&c=9.30", "#f=(delim%3A*%2Cstart%3D%24)%2Csum%3Dxor%2Cform%3DHEX%2Cfrom%3Dpayload%2Cto%3Dtrailer%2Cafter%3D%5Cr%5Cn%2Cno%3D1&c=5"]) {
      await page.goto(`${FILE}${hash}`);
      await page.waitForSelector("html[data-ready]");
      const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= inner, `${wide} > ${inner} ${hash}`);
      assert.equal(await page.evaluate(() => scrollY), 0);
    }
    await page.goto(FILE);
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    // The stream begins on the first screen.
    const first = await page.locator('[data-byte="0"]').boundingBox();
    assert.ok(first.y + first.height < 740, `the first byte ends at ${first.y + first.height}`);
    const small = await page.locator("button:not(.byte):visible, .cut").evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).filter((box) => box.width < 24 || box.height < 24).length);
    assert.equal(small, 0);
    const [from, to] = [await boundary(page, 5), await boundary(page, 3)];
    const touch = await page.context().newCDPSession(page);
    const send = (type, point) => touch.send("Input.dispatchTouchEvent", { type, touchPoints: point ? [point] : [] });
    await send("touchStart", from);
    for (let step = 1; step <= 5; step++) await send("touchMove", { x: from.x + ((to.x - from.x) * step) / 5, y: from.y });
    await send("touchEnd", null);
    assert.deepEqual(await cuts(page), [3, 14]);
    assert.deepEqual(await messages(page), HELLO);
  }));

test("a plain static server serves it", async () => {
  const server = createServer((request, response) => {
    if (request.url !== "/") return response.writeHead(404).end();
    return response.writeHead(200, { "content-type": "text/html" }).end(readFileSync(new URL(FILE)));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${server.address().port}/`;
    await onPage({ url }, async (page) => assert.deepEqual(await messages(page), HELLO));
  } finally {
    server.close();
  }
});

test("long streams are cut off at 2,048 bytes, and stay quick", () =>
  onPage({}, async (page) => {
    await page.fill("#typed", "x".repeat(9000));
    assert.match(await page.locator("#wire-note").innerText(), /Only the first 2,048 bytes are shown/);
    const before = Date.now();
    await page.click("#singly");
    await page.waitForFunction(() => document.querySelectorAll(".cut").length === 2047);
    assert.ok(Date.now() - before < 15_000, `${Date.now() - before} ms`);
    assert.match(await verdict(page), /✓ The cuts changed nothing\. 2,048 chunks, 0 messages and an unfinished frame/);
  }));

test("everything together is at most 300 KB compressed", () => {
  const page = readFileSync(new URL(FILE));
  const len = gzipSync(page, { level: 9 }).length;
  console.log(`# ${len} bytes compressed`);
  assert.ok(len <= 300_000, `${len} bytes`);
  assert.doesNotMatch(page.toString(), /(src|href)="(https?:)?\/\//);
});
