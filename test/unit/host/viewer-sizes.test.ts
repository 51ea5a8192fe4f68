import assert from "node:assert/strict";
import { test } from "node:test";
import { ViewerSizes } from "../../../daemon/host/viewer-sizes.ts";

const wide = { columns: 200, rows: 50 };
const small = { columns: 80, rows: 24 };
const tall = { columns: 60, rows: 90 };

function sizes(): ViewerSizes<string> {
  const viewers = new ViewerSizes<string>();
  viewers.resized("window", wide);
  viewers.resized("laptop", small);
  return viewers;
}

test("before a viewer told a size there is none", () => {
  assert.equal(new ViewerSizes<string>().current, undefined);
});

test("the size is that of the viewer who resized last", () => {
  const viewers = sizes();
  assert.equal(viewers.current, small);
  viewers.resized("window", tall);
  assert.equal(viewers.current, tall);
});

test("who types takes the terminal over with the size told before", () => {
  const viewers = sizes();
  viewers.typed("window");
  assert.equal(viewers.current, wide);
  assert.equal(viewers.active, "window");
});

test("when the active viewer leaves, the size of the one active before returns, however many left meanwhile", () => {
  const viewers = sizes();
  viewers.resized("phone", tall);
  viewers.left("laptop");
  assert.equal(viewers.current, tall, "one that isn't active leaves without notice");
  viewers.left("phone");
  assert.equal(viewers.current, wide);
});

test("a viewer that resized while another one typed is the one before", () => {
  const viewers = sizes();
  viewers.typed("window");
  viewers.resized("laptop", tall);
  viewers.typed("window");
  viewers.left("window");
  assert.equal(viewers.current, tall);
});

test("a viewer that never told a size changes nothing by typing and leaving", () => {
  const viewers = sizes();
  viewers.typed("agent");
  assert.equal(viewers.current, small);
  viewers.left("agent");
  assert.equal(viewers.current, small);
});
