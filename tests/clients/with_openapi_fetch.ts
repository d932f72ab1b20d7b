// Types by openapi-typescript, calls by openapi-fetch.
import {readFileSync} from "node:fs";
import createClient from "openapi-fetch";
import type {components, paths} from "./generated/paths.js";
import {readTask, tokenFor} from "./signed.js";

type ServiceId = components["schemas"]["ServiceId"];
type HookRequest = components["schemas"]["HookRequest"];

const task = readTask();
const client = createClient<paths>({baseUrl: task.base});
client.use({
  onRequest({request}) {
    request.headers.set("Authorization", `Bearer ${tokenFor(task, new URL(request.url).pathname)}`);
    return request;
  },
});

const discovery = await client.GET("/cds-services");
const services = discovery.data?.services.map((service) => service.id) ?? [];

const answers: Record<string, unknown> = {};
let shown: components["schemas"]["Card"] | undefined;
for (const [file, service] of Object.entries(task.calls)) {
  const body = JSON.parse(readFileSync(file, "utf8")) as HookRequest;
  const answer = await client.POST("/cds-services/{service}", {params: {path: {service: service as ServiceId}}, body});
  answers[file] = answer.data ?? answer.error;
  shown ??= answer.data?.cards.find((card) => card.overrideReasons !== undefined);
}

const reason = shown?.overrideReasons?.[0];
if (shown === undefined || reason === undefined) throw new Error("no card with a reason to override it");
const sent = await client.POST("/cds-services/{service}/feedback", {
  params: {path: {service: "itb-patient-view"}},
  body: {feedback: [{card: shown.uuid, outcome: "overridden", overrideReason: {reason}, outcomeTimestamp: new Date().toISOString()}]},
});
console.log(JSON.stringify({services, answers, received: sent.data?.received}));
