// The client of openapi-generator's typescript-fetch.
import {readFileSync} from "node:fs";
import {Configuration, HookRequestFromJSON, HookResponseToJSON, HooksApi, ResponseError, ServiceId} from "./generated/fetch/index.js";
import type {Card} from "./generated/fetch/index.js";
import {readTask, tokenFor} from "./signed.js";

const task = readTask();
const client = new HooksApi(
  new Configuration({
    basePath: task.base,
    middleware: [
      {
        async pre({url, init}) {
          const headers = {...init.headers, Authorization: `Bearer ${tokenFor(task, new URL(url).pathname)}`};
          return {url, init: {...init, headers}};
        },
      },
    ],
  }),
);

const discovery = await client.discover();
const services = discovery.services.map((service) => service.id);

const answers: Record<string, unknown> = {};
let shown: Card | undefined;
for (const [file, service] of Object.entries(task.calls)) {
  const hookRequest = HookRequestFromJSON(JSON.parse(readFileSync(file, "utf8")));
  try {
    const answer = await client.callService({service: service as ServiceId, hookRequest});
    answers[file] = HookResponseToJSON(answer);
    shown ??= answer.cards.find((card) => card.overrideReasons !== undefined);
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    answers[file] = await error.response.json();
  }
}

const reason = shown?.overrideReasons?.[0];
if (shown === undefined || reason === undefined) throw new Error("no card with a reason to override it");
const sent = await client.sendFeedback({
  service: ServiceId.ItbPatientView,
  feedback: {feedback: [{card: shown.uuid, outcome: "overridden", overrideReason: {reason}, outcomeTimestamp: new Date()}]},
});
console.log(JSON.stringify({services, answers, received: sent.received}));
