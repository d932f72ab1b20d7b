// A token as a CDS Client makes it, with nothing but Node: docs/integration.md, "The token".
import {randomUUID, sign} from "node:crypto";
import {readFileSync} from "node:fs";

export interface Task {
  base: string;
  audience: string;
  issuer: string;
  clientId: string;
  key: string;
  kid: string;
  calls: Record<string, string>;
}

export function readTask(): Task {
  const file = process.argv[2];
  if (file === undefined) throw new Error("the path of a task is missing");
  return JSON.parse(readFileSync(file, "utf8")) as Task;
}

export function tokenFor(task: Task, path: string): string {
  const now = Math.floor(Date.now() / 1000);
  const header = {alg: "ES384", typ: "JWT", kid: task.kid};
  const claims = {iss: task.issuer, sub: task.clientId, aud: task.audience + path, iat: now, nbf: now - 30, exp: now + 300, jti: randomUUID()};
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = sign("sha384", Buffer.from(text), {key: task.key, dsaEncoding: "ieee-p1363"});
  return `${text}.${signature.toString("base64url")}`;
}
