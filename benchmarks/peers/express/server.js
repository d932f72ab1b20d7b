// Express on Node: reads the body with its own parser and answers without cards.
const express = require("express");

const app = express();
app.post("/cds-services/:service", express.json({ limit: "32mb" }), (request, response) => response.json({ cards: [] }));
app.listen(Number(process.argv[2]), "127.0.0.1");
