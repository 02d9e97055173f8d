// Counting again from the published data, with whole numbers only: the arithmetic of linli/core/decisions/counting.
// Areas are hundredths of a square metre; a share a/b is compared by multiplying, so that nothing is ever rounded.

const cents = text => { const [whole, part = ""] = String(text).split("."); return BigInt(whole + part.padEnd(2, "0").slice(0, 2)); };
const none = () => ({ heads: 0n, area: 0n });
const plus = (a, b) => ({ heads: a.heads + b.heads, area: a.area + b.area });
const weight = row => ({ heads: BigInt(row.heads), area: cents(row.area_m2) });

function valid(method, choice, codes) {
  const list = Array.isArray(choice) && choice.every(c => codes.includes(c)) && new Set(choice).size === choice.length;
  if (method === "choice" || method === "consent") return typeof choice === "string" && codes.includes(choice);
  if (method === "ranking") return list && choice.length > 0;
  if (method !== "score") return list;
  return choice !== null && typeof choice === "object" && !Array.isArray(choice)
    && Object.entries(choice).every(([c, n]) => codes.includes(c) && Number.isInteger(n) && n >= 0 && n <= 5);
}

function sum(pairs, codes) {
  const sums = Object.fromEntries(codes.map(c => [c, none()]));
  for (const [code, w] of pairs) sums[code] = plus(sums[code], w);
  return sums;
}

// The first so many; where the last seat is shared, none of those who share it sits.
function seated(sums, codes, seats, size) {
  const liked = codes.filter(c => size(sums[c]) > 0n).sort((a, b) => (size(sums[b]) > size(sums[a]) ? 1 : size(sums[b]) < size(sums[a]) ? -1 : 0));
  if (liked.length <= seats) return { winners: liked, tied: [] };
  const last = size(sums[liked[seats - 1]]);
  if (last !== size(sums[liked[seats]])) return { winners: liked.slice(0, seats), tied: [] };
  return { winners: liked.filter(c => size(sums[c]) > last), tied: liked.filter(c => size(sums[c]) === last) };
}

function budgeted(sums, codes, more, size) {
  let left = BigInt(more.budget_fen);
  const winners = [], rest = new Set(codes);
  for (;;) {
    let most = 0n;
    for (const c of rest) if (size(sums[c]) > most) most = size(sums[c]);
    if (most === 0n) return { winners, tied: [] };
    const level = codes.filter(c => rest.has(c) && size(sums[c]) === most);
    for (const c of level) rest.delete(c);
    const fitting = level.filter(c => BigInt(more.costs[c]) <= left);
    const cost = fitting.reduce((total, c) => total + BigInt(more.costs[c]), 0n);
    if (cost > left) return { winners, tied: fitting };
    winners.push(...fitting);
    left -= cost;
  }
}

function runoff(ballots, codes, size) {
  let left = new Set(codes);
  while (left.size) {
    const sums = new Map(codes.filter(c => left.has(c)).map(c => [c, 0n]));
    for (const b of ballots) {
      const first = b.choice.find(c => left.has(c));
      if (first !== undefined) sums.set(first, sums.get(first) + size(b));
    }
    const values = [...sums.values()], total = values.reduce((a, b) => a + b, 0n);
    const most = values.reduce((a, b) => (b > a ? b : a)), least = values.reduce((a, b) => (b < a ? b : a));
    if (total === 0n) return { winners: [], tied: [] };
    if (most * 2n > total) return { winners: codes.filter(c => left.has(c) && sums.get(c) === most), tied: [] };
    const last = [...left].filter(c => sums.get(c) === least);
    if (last.length === left.size) return { winners: [], tied: codes.filter(c => left.has(c)) };
    left = new Set([...left].filter(c => !last.includes(c)));
  }
  return { winners: [], tied: [] };
}

function tally(data, ballots, codes, size) {
  const seats = Number(data.more.seats ?? 1);
  if (data.method === "score") {
    const sums = sum(ballots.flatMap(b => Object.entries(b.choice).map(([c, n]) => [c, { heads: b.heads * BigInt(n), area: b.area * BigInt(n) }])), codes);
    return { sums, ...seated(sums, codes, seats, size) };
  }
  if (data.method === "ranking") return { sums: sum(ballots.map(b => [b.choice[0], b]), codes), ...runoff(ballots, codes, size) };
  if (data.method === "approval" || data.method === "budget") {
    const sums = sum(ballots.flatMap(b => b.choice.map(c => [c, b])), codes);
    return { sums, ...(data.method === "budget" ? budgeted(sums, codes, data.more, size) : seated(sums, codes, seats, size)) };
  }
  const sums = sum(ballots.map(b => [b.choice, b]), codes), against = codes.filter(c => c !== "abstain");
  const most = against.reduce((m, c) => (size(sums[c]) > m ? size(sums[c]) : m), 0n);
  const front = against.filter(c => most > 0n && size(sums[c]) === most);
  return { sums, winners: front.length === 1 ? front : [], tied: front.length === 1 ? [] : front };
}

function parts(data, found) {
  const { sums } = found, of = c => sums[c] ?? none();
  if (data.method === "consent") return { yes: of("consent"), no: of("objection"), objection: of("objection") };
  if ("yes" in sums && "no" in sums) return { yes: sums.yes, no: sums.no, objection: none() };
  const first = [...found.winners, ...found.tied][0];
  const no = Object.entries(sums).filter(([c]) => c !== first && c !== "abstain").reduce((t, [, w]) => plus(t, w), none());
  return { yes: of(first), no, objection: none() };
}

function judged(data, found, roll, present, silent) {
  const said = parts(data, found);
  if (silent.heads || silent.area) {
    const lead = said.yes.heads > said.no.heads && said.yes.area >= said.no.area ? "yes" : said.no.heads > said.yes.heads ? "no" : "";
    if (lead && !(said.yes.heads === said.no.heads && said.yes.area === said.no.area)) said[lead] = plus(said[lead], silent);
  }
  const conditions = data.rule.conditions.map(c => {
    const counted = c.part === "present" ? present : plus(present, silent);
    const have = (c.part === "present" ? present : said[c.part])[c.of];
    const whole = { roll, present: counted, decided: plus(said.yes, said.no) }[c.over][c.of];
    const sign = ["at_least", "more_than", "at_most"].find(s => s in c);
    const [a, b = "1"] = String(c[sign]).split("/"), left = have * BigInt(b), right = BigInt(a) * whole;
    const met = sign === "at_most" ? left <= right : whole > 0n && (sign === "at_least" ? left >= right : left > right);
    return { ...c, have, whole, met };
  });
  if (conditions.some(c => c.part === "present" && !c.met)) return { outcome: "no_quorum", conditions };
  const yesNo = "yes" in found.sums && "no" in found.sums;
  if (found.tied.length && !found.winners.length && !yesNo && !data.rule.consent) return { outcome: "tie", conditions };
  return { outcome: conditions.every(c => c.met) ? "adopted" : "rejected", conditions };
}

export function recount(data) {
  const codes = data.options.map(o => o.code);
  const ballots = data.ballots.filter(b => valid(data.method, b.choice, codes)).map(b => ({ choice: b.choice, ...weight(b) }));
  const roll = data.roll.lines.filter(l => l.state === "voting").map(weight).reduce(plus, none());
  const present = ballots.reduce(plus, none()), size = w => (data.rule.weighted ? w.area : w.heads);
  const found = tally(data, ballots, codes, size);
  let told = judged(data, found, roll, present, none());
  if (data.rule.silence && told.outcome !== "no_quorum") {
    told = judged(data, found, roll, present, { heads: roll.heads - present.heads, area: roll.area - present.area });
  }
  return { ...told, winners: found.winners, tied: found.tied, ballots: ballots.length, lines: data.roll.lines.length };
}

// The roll's fingerprint; null where this browser cannot work it out (a page without TLS).
export async function rollHash(data) {
  if (!globalThis.crypto?.subtle) return null;
  const text = data.roll.lines.map(l => `${l.seq}\t${l.salt}\t${l.heads}\t${l.area_m2}\t${l.state}\n`).join("");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map(b => b.toString(16).padStart(2, "0")).join("");
}
