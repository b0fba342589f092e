// The documents of the API, made of its description.
import { make, table } from "/page/dom.js";

const spec = await (await fetch("/openapi.json")).json();
document.getElementById("about").textContent = spec.info.description;
const main = document.getElementById("main");
const groups = Map.groupBy(
  Object.entries(spec.paths).flatMap(([path, item]) => Object.entries(item).map(([method, op]) => ({ path, method, op }))),
  ({ op }) => op.tags?.[0] ?? "",
);
for (const [group, all] of groups) {
  main.append(make("h2", { textContent: group }));
  for (const { path, method, op } of all) {
    const card = make("section", { className: "card" }, make("h3", {}, make("code", { textContent: `${method.toUpperCase()} ${path}` })), make("p", { textContent: `${op.summary}. ${op.description ?? ""}` }));
    if (op.requestBody) card.append(make("p", { className: "quiet", textContent: `Body: ${op.requestBody.description ?? Object.keys(op.requestBody.content).join(", ")}` }));
    const parameters = (op.parameters ?? []).filter((p) => p.in !== "path");
    if (parameters.length) {
      card.append(make("details", {}, make("summary", { textContent: `${parameters.length} parameters` }),
        table([["name", "in", "type", "meaning"], ...parameters.map((p) => [p.name, p.in, p.schema?.type ?? "", p.description ?? ""])], "Parameters")));
    }
    const good = Object.entries(op.responses).find(([status]) => status < "3");
    if (good) card.append(make("p", { className: "quiet", textContent: `Answer: ${good[0]}, ${Object.keys(good[1].content ?? {}).join(", ") || "nothing"}` }));
    main.append(card);
  }
}
