/** podwire linked under the name of a plugin that it is not. */

import { expect, test } from "vitest";
import { refuseOther } from "../../../src/plugin/other-plugins.ts";
import { cniErrorOf, requestOf } from "../../support/fixtures/request.ts";

test.for(["ptp", "host-local", "portmap", "static", "vrf", "flannel"])(
  "refuseOther() says code 7 and what would be right when the type is %s",
  (type) => {
    expect(cniErrorOf(() => refuseOther(requestOf({ type })))).toMatchObject({
      code: 7,
      message: expect.stringContaining(`type: "${type}"`),
      details: expect.stringContaining("CNI_PATH"),
    });
  },
);

test.for(["podwire", "net-script", "bridge", "my-net", ""])(
  "refuseOther() accepts a configuration when its type is %j",
  (type) => {
    refuseOther(requestOf({ type }));
  },
);
